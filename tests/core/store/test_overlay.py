"""Several runs read as one."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from optlab.export.csv_files import write_metrics_csv, write_summary_csv
from optlab.params import InputError
from optlab.records import Event, Record, State
from optlab.store.overlay import OverlaidRun, Overlay
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter
from tests.core.store.synthetic import rows, start, whole_run

ROSENBROCK = 'title = "A test"\n[problem]\nname = "rosenbrock"\n'


def live(records: Iterable[Record], *, spec_text: str = ROSENBROCK) -> RunData:
    data = RunData(spec_text=spec_text)
    for record in records:
        data.append(record)
    return data


def overlaid(*datas: RunData, whens: tuple[str, ...] = ()) -> Overlay:
    words = whens or ("",) * len(datas)
    return Overlay([OverlaidRun(d, w) for d, w in zip(datas, words, strict=True)])


def test_that_every_curve_is_the_one_of_its_run() -> None:
    first, second = live(whole_run()), live(whole_run(("Lion",), seeds=(3, 4)))
    both = overlaid(first, second)
    assert [t.trial for t in both.trials] == [0, 1, 2, 3]
    assert [t.entry for t in both.trials] == [0, 1, 2, 2]
    assert [t.seed for t in both.trials] == [0, 0, 3, 4]
    assert both.entries == (0, 2)
    for metric in both.metrics:
        assert both.series(1, metric) is first.series(1, metric)
        assert both.series(3, metric) is second.series(1, metric)
    assert both.status(3) == second.status(1)
    assert both.title == "Overlay of 2 runs"
    assert both.state is State.FINISHED


def test_that_labels_are_only_as_long_as_they_must_be() -> None:
    both = overlaid(
        live(whole_run(("SGD", "Adam"))),
        live(whole_run(("Adam", "Lion"))),
        whens=("14:03", "15:20"),
    )
    assert [t.label for t in both.trials] == [
        "SGD",
        "Adam · 14:03",
        "Adam · 15:20",
        "Lion",
    ]


def test_that_titles_tell_runs_apart_where_they_differ() -> None:
    first, second = live(whole_run(("Adam",))), live(whole_run(("Adam",)))
    second.title = "Another"
    both = overlaid(first, second, whens=("14:03", "15:20"))
    assert [t.label for t in both.trials] == ["Adam · A test", "Adam · Another"]


def test_that_numbers_tell_apart_what_nothing_else_does() -> None:
    both = overlaid(live(whole_run(("Adam",))), live(whole_run(("Adam",))))
    assert [t.label for t in both.trials] == ["Adam · #1", "Adam · #2"]


def test_that_no_made_up_label_meets_one_that_was_typed() -> None:
    both = overlaid(live(whole_run(("Adam", "Adam · #1"))), live(whole_run(("Adam",))))
    labels = [t.label for t in both.trials]
    assert len(set(labels)) == 3
    assert "Adam · #1" in labels


def test_that_runs_may_measure_different_things() -> None:
    metrics = ("train_loss", "sharpness")
    begin = start(("Lion",), metrics=metrics, sparse=("sharpness",), steps=5)
    other = live([begin, rows(0, 0, 6, metrics=metrics, sparse=("sharpness",))])
    both = overlaid(live(whole_run()), other)
    assert both.metrics[-1] == "sharpness"
    assert both.metrics.count("train_loss") == 1
    assert len(both.series(0, "sharpness")) == 0
    assert len(both.series(2, "val_loss")) == 0
    assert len(both.series(2, "train_loss")) == 6
    assert both.summary()[2].final_val_loss is None


def test_that_a_live_run_among_them_goes_on_growing() -> None:
    done, going = live(whole_run()), live([start(("Lion",)), rows(0, 0, 3)])
    both = overlaid(done, going)
    assert both.state is State.RUNNING
    seen = both.revision
    going.append(rows(0, 3, 4))
    assert both.revision > seen
    assert len(both.series(2, "train_loss")) == 7
    assert both.status(2).step == 6


def test_that_what_befell_one_run_is_told_of_its_trials_only() -> None:
    first, second = live(whole_run()), live([start(("Lion",))])
    second.append(Event(trial=0, step=4, name="stop-trial"))
    events = overlaid(first, second).events()
    assert {e.trial for e in events if e.name == "pause"} == {0, 1}
    assert [e.trial for e in events if e.name == "stop-trial"] == [2]


def test_that_the_problem_is_known_only_where_it_is_the_same() -> None:
    first, second = live(whole_run()), live(whole_run())
    assert "rosenbrock" in overlaid(first, second).spec_text
    second.spec_text = ROSENBROCK.replace("rosenbrock", "beale")
    assert overlaid(first, second).spec_text == ""
    second.spec_text = "no [ TOML"
    assert overlaid(first, second).spec_text == ""


def test_that_an_overlay_is_read_only() -> None:
    both = overlaid(live(whole_run()), live(whole_run()))
    with pytest.raises(TypeError):
        both.append(rows(0, 0, 1))


def test_that_one_run_is_no_overlay_nor_one_that_has_not_begun() -> None:
    data = live(whole_run())
    with pytest.raises(InputError, match="at least two"):
        overlaid(data, data)
    with pytest.raises(InputError, match="not started"):
        overlaid(data, RunData())


def test_that_files_are_overlaid_and_exported(tmp_path: Path) -> None:
    paths = []
    for name, labels in (("a", ("SGD", "Adam")), ("b", ("Adam",))):
        path = tmp_path / name / "run.optlab"
        path.parent.mkdir()
        with RunWriter(path, ROSENBROCK, resolved_text=ROSENBROCK) as writer:
            for record in whole_run(labels):
                writer.append(record)
        paths.append(path)
    datas = [RunData.open(path) for path in paths]
    both = overlaid(*datas)
    assert [t.label for t in both.trials] == ["SGD", "Adam · a", "Adam · b"]
    write_metrics_csv(both, tmp_path / "metrics.csv")
    write_summary_csv(both, tmp_path / "summary.csv")
    with (tmp_path / "metrics.csv").open(encoding="utf-8") as file:
        table = [row for row in csv.DictReader(file) if row["trial"] == "2"]
    known = datas[1].series(0, "train_loss").values
    written = np.array([float(row["train_loss"] or "nan") for row in table])
    np.testing.assert_array_equal(written, known)
    text = (tmp_path / "summary.csv").read_text(encoding="utf-8")
    assert text.count("\n") == 4
