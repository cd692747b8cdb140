"""The door to all exports refuses what cannot be done, in one line."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from optlab.export.exporter import export
from optlab.export.figures import write_figure
from optlab.export.style import FigureStyle
from optlab.params import InputError
from optlab.records import Record
from optlab.store.run_data import RunData
from tests.core.store.synthetic import rows, start, whole_run


def live(records: Iterable[Record]) -> RunData:
    data = RunData()
    for record in records:
        data.append(record)
    return data


@pytest.fixture(scope="module")
def run() -> RunData:
    return live(whole_run(steps=20))


@pytest.mark.parametrize("name", ["run.jpeg", "run", "run.csv.gz", "run.optlab"])
def test_that_an_unknown_suffix_names_those_there_are(
    run: RunData, tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.png, \.svg, \.pdf, \.pgf"):
        export(run, tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "summary.csv", "a.svg", "a.png", "a.pdf"])
def test_that_an_existing_file_is_replaced_only_when_told(
    run: RunData, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        export(run, path)
    assert path.read_text() == "mine"
    export(run, path, overwrite=True)
    assert path.read_bytes() != b"mine"
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.csv", "a.svg", "a.png", "a.pdf"])
def test_that_a_folder_in_the_way_is_named(
    run: RunData, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="a folder"):
        export(run, tmp_path / name, overwrite=True)
    with pytest.raises(InputError, match="nowhere: no such folder"):
        export(run, tmp_path / "nowhere" / name)


def test_that_the_name_summary_means_the_summary(run: RunData, tmp_path: Path) -> None:
    export(run, tmp_path / "summary.csv")
    export(run, tmp_path / "metrics.csv")
    export(run, tmp_path / "other.csv", what="summary")
    summary = (tmp_path / "summary.csv").read_text()
    assert "final_train_loss" in summary
    assert (tmp_path / "other.csv").read_text() == summary
    assert "param_norm" in (tmp_path / "metrics.csv").read_text()


def test_that_a_table_cannot_be_a_figure(run: RunData, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one of metrics, summary"):
        export(run, tmp_path / "a.csv", what="curves")
    with pytest.raises(InputError, match="one of curves, surface"):
        export(run, tmp_path / "a.svg", what="summary")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"x": "hours"}, "x = 'hours': one of step, epoch"),
        ({"smoothing": 1.0}, "smoothing = 1"),
        ({"smoothing": float("nan")}, "smoothing = nan"),
        ({"size_cm": (0.0, 5.0)}, "size_cm"),
    ],
)
def test_that_a_bad_setting_of_a_figure_is_refused(
    settings: dict[str, object], expected: str
) -> None:
    with pytest.raises(InputError, match=expected):
        FigureStyle(**settings)  # type: ignore[arg-type]


def test_that_an_unknown_metric_names_those_there_are(
    run: RunData, tmp_path: Path
) -> None:
    style = FigureStyle(metrics=("colour",))
    with pytest.raises(InputError, match="one of epoch, samples"):
        write_figure(run, tmp_path / "a.svg", style)


def test_that_an_axis_that_the_run_lacks_is_refused(tmp_path: Path) -> None:
    metrics = ("train_loss", "grad_evals")
    data = live(
        [start(metrics=metrics, sparse=()), rows(0, 0, 9, metrics=metrics, sparse=())]
    )
    style = FigureStyle(metrics=("train_loss",), x="epoch")
    with pytest.raises(InputError, match="one of step, evaluations in this run"):
        write_figure(data, tmp_path / "a.svg", style)


def test_that_a_run_without_values_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no values to draw"):
        export(live([start()]), tmp_path / "a.svg")
    assert list(tmp_path.iterdir()) == []


def test_that_pgf_without_tex_says_what_it_needs(run: RunData, tmp_path: Path) -> None:
    path = tmp_path / "a.pgf"
    if shutil.which("xelatex"):
        export(run, path)
        assert "pgfpicture" in path.read_text()
        return
    with pytest.raises(InputError, match="needs a TeX system"):
        export(run, path)
    assert list(tmp_path.iterdir()) == []


def test_that_a_single_point_and_odd_values_can_be_drawn(tmp_path: Path) -> None:
    odd = rows(0, 0, 6)
    odd.values["param_norm"][:] = [0.0, 1e300, float("nan"), float("inf"), -1.0, 1e-320]
    odd.values["grad_norm"][:] = 0.0
    data = live([start(("A",)), odd, rows_of_one := rows(0, 6, 1)])
    assert rows_of_one.first == 6
    for scale in (None, "log", "linear", "symlog"):
        style = FigureStyle(
            metrics=("param_norm", "grad_norm", "train_loss"),
            y_scale=scale,
            log_x=scale == "log",
        )
        export(data, tmp_path / "a.png", style=style, overwrite=True)
    export(live([start(("A",)), rows(0, 0, 1)]), tmp_path / "b.png")
    assert (tmp_path / "b.png").stat().st_size > 1000
