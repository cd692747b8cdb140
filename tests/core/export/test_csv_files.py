"""CSV files hold what was recorded, to the bit."""

import csv
import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from optlab.export.csv_files import write_metrics_csv, write_summary_csv
from optlab.export.csv_format import format_rows, text_cell
from optlab.export.exporter import export
from optlab.params import InputError
from optlab.records import Columns, Evaluation, RunStart
from optlab.store.run_data import RunData
from tests.core.store.synthetic import evaluation, rows, start, whole_run
from tests.promises import Times

LABELS = ("plain", "a, b", 'say "x"', "two\nlines", "中文 标签", " space ", "=1+1")
FORMULAS = (
    "=1+1",
    "+SUM(A1)",
    "-2+3|cmd",
    "@here",
    "\tx",
    "\rx",
    "\n=x",
    "＝1",
    "'quoted'",
    '=HYPERLINK("http://x","y"), 中文',
)
HARMLESS = ("-5", "+1e3", "-inf", "1=1", "a'b", "")


def live(*records: object) -> RunData:
    data = RunData()
    for record in records:
        data.append(record)  # type: ignore[arg-type]
    return data


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table; the apostrophe before a name is dropped."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {key: cell.removeprefix("'") for key, cell in row.items()}
            for row in csv.DictReader(file)
        ]


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def test_that_the_columns_stand_in_the_order_of_the_design(tmp_path: Path) -> None:
    data = live(*whole_run(steps=3))
    write_metrics_csv(data, tmp_path / "m.csv")
    header = (tmp_path / "m.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == (
        "trial,label,optimizer,seed,step,epoch,samples,grad_evals,wall_time_s,"
        "train_loss,param_norm,grad_norm,update_norm,lr,val_loss,val_accuracy,"
        "optimizer_time_s"
    )
    write_summary_csv(data, tmp_path / "s.csv")
    header = (tmp_path / "s.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == (
        "trial,label,optimizer,seed,status,steps,grad_evals,final_train_loss,"
        "best_train_loss,best_step,final_val_loss,final_val_accuracy,wall_time_s,"
        "optimizer_time_s,state_floats_per_param,init_hash,batch_hash,certificate"
    )


def test_that_every_cell_reads_back_to_the_same_bits(tmp_path: Path) -> None:
    data = live(*whole_run(LABELS, seeds=(0, 7), steps=50, diverged={2: 33}))
    write_metrics_csv(data, tmp_path / "m.csv")
    table = read(tmp_path / "m.csv")
    at = 0
    for trial in data.trials:
        for step in range(data.status(trial.trial).step + 1):
            row = table[at]
            at += 1
            assert (row["trial"], row["step"]) == (str(trial.trial), str(step))
            assert (row["label"], row["seed"]) == (trial.label, str(trial.seed))
            for metric in data.metrics:
                series = data.series(trial.trial, metric)
                steps, values = series.arrays()
                found = values[steps == step]
                if not len(found) or (step == 0 and np.isnan(found[0])):
                    assert row[metric] == ""
                else:
                    assert bits(float(row[metric])) == bits(float(found[0]))
    assert at == len(table)


def test_that_numbers_hard_to_print_read_back_to_the_same_bits(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    hard = rng.integers(0, 2**64, 50_000, dtype=np.uint64).view(np.float64)
    special = [0.0, -0.0, 5e-324, -5e-324, 1.7976931348623157e308, 0.1, 1e16, 1e22]
    special += [2**53 + 2.0, 1 / 3, np.inf, -np.inf, np.nan, -(2.0**-1000), 1e-7]
    values = np.concatenate(([1.0], special, hard))
    values[np.isnan(values)] = np.nan
    metrics = ("train_loss", "value", "samples")
    columns = {"train_loss": values, "value": values[::-1], "samples": values}
    data = live(
        start(("A",), metrics=metrics, sparse=()),
        Columns(trial=0, first=0, values=columns),
    )
    write_metrics_csv(data, tmp_path / "m.csv")
    table = read(tmp_path / "m.csv")
    for metric in metrics:
        text = [row[metric] for row in table]
        if metric == "value" and np.isnan(columns[metric][0]):
            text[0] = "nan"
        mine = np.array([float(cell) for cell in text])
        assert mine.tobytes() == columns[metric].tobytes()
    spelled = {row["train_loss"] for row in table[1:16]}
    assert {"inf", "-inf", "nan"} <= spelled


def test_that_whole_counts_have_no_decimal_point(tmp_path: Path) -> None:
    data = live(*whole_run(("A",), steps=12))
    write_metrics_csv(data, tmp_path / "m.csv")
    last = read(tmp_path / "m.csv")[-1]
    assert (last["step"], last["samples"], last["grad_evals"]) == ("12", "768", "12")


def test_that_an_empty_cell_was_not_measured_and_nan_was(tmp_path: Path) -> None:
    block = rows(0, 0, 6)
    block.values["train_loss"][3] = np.nan
    nan = Evaluation(trial=0, step=4, values={"val_loss": np.nan, "val_accuracy": 0.5})
    data = live(start(("A",)), block, evaluation(0, 0), nan)
    write_metrics_csv(data, tmp_path / "m.csv")
    table = read(tmp_path / "m.csv")
    losses = [row["train_loss"] for row in table]
    assert losses[0] == ""
    assert losses[3] == "nan"
    assert [row["val_loss"] for row in table] == ["1.0", "", "", "", "nan", ""]
    assert [row["val_accuracy"] for row in table] == ["0.5", "", "", "", "0.5", ""]


def test_that_metrics_a_problem_lacks_are_empty_columns(tmp_path: Path) -> None:
    metrics = ("grad_evals", "train_loss", "x0")
    begin = start(("A",), metrics=metrics, sparse=())
    data = live(begin, rows(0, 0, 3, metrics=metrics, sparse=()))
    write_metrics_csv(data, tmp_path / "m.csv")
    row = read(tmp_path / "m.csv")[2]
    assert row["epoch"] == row["samples"] == row["lr"] == ""
    assert row["x0"] != ""
    assert row["grad_evals"] == "2"


def test_that_an_evaluation_ahead_of_its_row_is_not_lost(tmp_path: Path) -> None:
    data = live(start(("A",)), rows(0, 0, 3), evaluation(0, 5))
    write_metrics_csv(data, tmp_path / "m.csv")
    table = read(tmp_path / "m.csv")
    assert [row["param_norm"] == "" for row in table] == [False] * 3 + [True] * 3
    assert table[5]["val_loss"] != ""


def test_that_a_diverged_trial_keeps_its_place_in_the_summary(tmp_path: Path) -> None:
    data = live(*whole_run(LABELS, steps=50, diverged={2: 33}))
    write_summary_csv(data, tmp_path / "s.csv")
    table = read(tmp_path / "s.csv")
    assert [row["label"] for row in table] == list(LABELS)
    assert [row["status"] for row in table] == ["finished"] * 2 + ["diverged"] + [
        "finished"
    ] * 4
    assert (table[2]["steps"], table[2]["final_train_loss"]) == ("33", "inf")
    for row, expected in zip(table, data.summary(), strict=True):
        assert float(row["best_train_loss"]) == expected.best_train_loss
        assert int(row["best_step"]) == expected.best_step
        assert row["batch_hash"] == expected.batch_hash
        assert row["certificate"] == "amber: one-seed, no-tuning"


def test_that_a_run_without_rows_gives_a_header(tmp_path: Path) -> None:
    data = live(start(("A",)))
    write_metrics_csv(data, tmp_path / "m.csv")
    write_summary_csv(data, tmp_path / "s.csv")
    assert read(tmp_path / "m.csv") == []
    summary = read(tmp_path / "s.csv")
    assert (summary[0]["status"], summary[0]["best_step"]) == ("queued", "")


def test_that_progress_is_told_and_ends_with_everything(tmp_path: Path) -> None:
    data = live(start(), rows(0, 0, 4_500), rows(1, 0, 10))
    told: list[tuple[int, int]] = []
    write_metrics_csv(
        data,
        tmp_path / "m.csv",
        progress=lambda done, total: told.append((done, total)),
    )
    assert [done for done, _ in told] == [2_000, 4_000, 4_500, 4_510]
    assert {total for _, total in told} == {4_510}


def test_that_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    class CancelledError(Exception):
        pass

    def cancel(done: int, total: int) -> None:
        raise CancelledError

    data = live(start(), rows(0, 0, 10))
    with pytest.raises(CancelledError):
        write_metrics_csv(data, tmp_path / "m.csv", progress=cancel)
    assert list(tmp_path.iterdir()) == []


def test_that_nothing_is_overwritten_unless_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("mine")
    data = live(start(), rows(0, 0, 10))
    for write in (write_metrics_csv, write_summary_csv):
        with pytest.raises(InputError, match="is there already"):
            write(data, path)
    assert path.read_text() == "mine"
    write_summary_csv(data, path, overwrite=True)
    assert path.read_text().startswith("trial,")


def test_that_a_number_that_stands_for_nan_never_hides_a_true_one() -> None:
    first_stand_in = -(2.0**-1000)
    values = np.array([[first_stand_in, np.nan, np.inf, -np.inf, 1.5]])
    text = format_rows(values, np.zeros(values.shape, dtype=bool))[0]
    cells = text.decode().split(",")
    assert float(cells[0]) == first_stand_in
    assert cells[1:] == ["nan", "inf", "-inf", "1.5"]


def test_that_the_start_record_alone_names_the_columns(tmp_path: Path) -> None:
    begin = start(("A",), metrics=("lr", "own", "x0"), sparse=())
    assert isinstance(begin, RunStart)
    write_metrics_csv(live(begin), tmp_path / "m.csv")
    header = (tmp_path / "m.csv").read_text().strip()
    assert header.endswith("lr,own,x0")


@pytest.mark.parametrize("what", ["metrics", "summary"])
def test_that_a_byte_order_mark_is_written_only_where_asked_for(
    tmp_path: Path, what: str
) -> None:
    data = live(*whole_run(("Adam",), steps=5))
    export(data, tmp_path / "plain.csv", what=what)
    export(data, tmp_path / "marked.csv", what=what, mark=True)
    plain = (tmp_path / "plain.csv").read_bytes()
    assert (tmp_path / "marked.csv").read_bytes() == b"\xef\xbb\xbf" + plain
    assert not plain.startswith(b"\xef\xbb\xbf")


@pytest.mark.promise(18, "no name in a CSV is a formula, and every one reads back")
@pytest.mark.parametrize("write", [write_metrics_csv, write_summary_csv])
def test_that_no_label_is_a_formula(
    tmp_path: Path, write: Callable[..., None], times: Times
) -> None:
    odd = random.Random(0)
    marks = "=+-@\t\r\n＝＋－＠',;\"|中é \\"
    made = ["".join(odd.choices(marks, k=3)) for _ in range(times(50, 2000))]
    labels = tuple(dict.fromkeys((*FORMULAS, *made)))
    data = live(*whole_run(labels, steps=2))
    write(data, tmp_path / "t.csv")
    assert list(dict.fromkeys(row["label"] for row in read(tmp_path / "t.csv"))) == [
        *labels
    ]
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            for cell in row:
                assert not cell.startswith(tuple("=@\t\r\n＝＋－＠")), cell
                if cell.startswith(("+", "-")):
                    float(cell)  # a number is no formula
    write(data, tmp_path / "as-it-is.csv", as_is=True)
    with (tmp_path / "as-it-is.csv").open(encoding="utf-8", newline="") as file:
        found = [row["label"] for row in csv.DictReader(file)]
    assert list(dict.fromkeys(found)) == list(labels)


@pytest.mark.parametrize("text", HARMLESS)
def test_that_what_is_no_formula_is_left_alone(text: str) -> None:
    assert text_cell(text) == text_cell(text, as_is=True) == text.encode()


@pytest.mark.promise(18, "every float64 in a CSV reads back to the same bits")
def test_that_any_float_reads_back_to_the_same_bits(
    tmp_path: Path, times: Times
) -> None:
    count = times(20_000, 100_000)
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2**64, count, dtype=np.uint64).view(np.float64)
    values[np.isnan(values)] = np.nan
    values[0] = 0.0
    data = live(
        start(("A",), metrics=("value",), sparse=()),
        Columns(trial=0, first=0, values={"value": values}),
    )
    write_metrics_csv(data, tmp_path / "m.csv")
    found = np.array([float(row["value"]) for row in read(tmp_path / "m.csv")])
    assert found.tobytes() == values.tobytes()
