"""Figures of comparisons show what was found, the lost and the unbounded too."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from optlab.analysis.profiles import Profile, Profiles
from optlab.analysis.ranking import Ranking, rank_table
from optlab.analysis.speedup import SpeedUp, speedup
from optlab.export.comparison_figures import heat_map
from optlab.export.report.figures_across import write_profiles, write_ranks
from optlab.export.report.figures_speed import write_speedups
from optlab.params import InputError
from tests.core.analysis.recorded import findings, recorded

CLASSES = ("good", "slow", "stuck", "diverged")
FAST = [8.0, 4.0, 2.0, 1.0, 0.5]
HALF = [8.0, 8.0, 4.0, 4.0, 2.0, 2.0, 1.0, 1.0, 0.5]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Catch the figures that are saved."""
    caught: list[Figure] = []
    save = Figure.savefig

    def catch(figure: Figure, *args: Any, **rest: Any) -> None:
        caught.append(figure)
        save(figure, *args, **rest)

    monkeypatch.setattr(Figure, "savefig", catch)
    return caught


def cells(figure: Figure) -> Any:
    (mesh,) = (c for c in figure.axes[0].collections if isinstance(c, QuadMesh))
    return np.asarray(mesh.get_array())


def test_that_each_cell_has_the_colour_and_the_mark_of_its_class(
    drawn: list[Figure], tmp_path: Path
) -> None:
    grades = [["good", "slow"], ["stuck", "diverged"], ["good", "good"]]
    path = tmp_path / "map.svg"
    heat_map(
        ["SGD", "Adam", "Lion"], ["bowl", "cliff"], grades, classes=CLASSES, path=path
    )
    np.testing.assert_array_equal(cells(drawn[0]), [[0, 1], [2, 3], [0, 0]])
    axes = drawn[0].axes[0]
    marks = {
        line.get_marker(): [tuple(xy) for xy in np.asarray(line.get_xydata())]
        for line in axes.get_lines()
    }
    assert marks == {"o": [(1, 0)], "_": [(0, 1)], "x": [(1, 1)]}
    # Text is text, and the legend counts.
    text = path.read_text("utf-8")
    for word in ("SGD", "cliff", "good (3)", "diverged (1)"):
        assert f">{word}</text>" in text


def test_that_the_longer_side_runs_down_the_page(
    drawn: list[Figure], tmp_path: Path
) -> None:
    tests = [f"test {k}" for k in range(60)]
    grades = [["good"] * 60, ["slow"] * 30 + ["diverged"] * 30]
    heat_map(["SGD", "Adam"], tests, grades, classes=CLASSES, path=tmp_path / "map.pdf")
    axes = drawn[0].axes[0]
    assert cells(drawn[0]).shape == (60, 2)
    assert [label.get_text() for label in axes.get_yticklabels()] == tests
    assert list(cells(drawn[0])[:, 1]) == [1] * 30 + [3] * 30
    # Nor is it larger than a page of A4 with its margins.
    width, height = drawn[0].get_size_inches() * 2.54
    assert width < 19
    assert height < 28


def test_that_no_cell_makes_no_figure_and_no_file_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    with pytest.raises(InputError, match="nothing to draw"):
        heat_map([], [], [], classes=CLASSES, path=path)
    path.write_text("kept")
    with pytest.raises(InputError, match="is there already"):
        heat_map(["A"], ["t"], [["good"]], classes=CLASSES, path=path)
    assert path.read_text() == "kept"


def curve(a: dict[int, list[float]], b: dict[int, list[float]]) -> SpeedUp:
    return speedup(findings(recorded({"B": b, "A": a}, target=2.0)), "A")


def write(found: list[SpeedUp], path: Path) -> None:
    write_speedups(
        found, ["B", "A"], path, x="Validation loss", title="Speed-up", falling=True
    )


def test_that_a_speed_up_is_drawn_with_its_band_target_and_seeds(
    drawn: list[Figure], tmp_path: Path
) -> None:
    found = curve(dict.fromkeys(range(6), FAST), dict.fromkeys(range(6), HALF))
    write([found], tmp_path / "speed.svg")
    (axes,) = drawn[0].axes
    left, right = axes.get_xlim()
    assert left > right
    low, high = axes.get_ylim()
    assert 0.5 < low < 1 < 2 < high < 4
    middle = max(axes.get_lines(), key=lambda line: len(np.asarray(line.get_xdata())))
    np.testing.assert_allclose(np.asarray(middle.get_ydata(), dtype=float), 2.0)
    ends = [list(np.asarray(line.get_xdata())) for line in axes.get_lines()]
    assert [2.0, 2.0] in ends
    text = (tmp_path / "speed.svg").read_text("utf-8")
    assert ">6 seeds</text>" in text
    assert ">A</text>" in text


def test_that_a_band_without_a_bound_leaves_the_panel_as_it_is(
    drawn: list[Figure], tmp_path: Path
) -> None:
    slow = {s: HALF if s < 5 else [8.0, 8.0] for s in range(6)}
    found = curve(dict.fromkeys(range(6), FAST), slow)
    assert np.isinf(found.ratios.high).any()
    write([found], tmp_path / "speed.svg")
    assert drawn[0].axes[0].get_ylim()[1] < 10
    assert ">6 seeds, 5 at the end</text>" in (tmp_path / "speed.svg").read_text(
        "utf-8"
    )


def test_that_each_optimizer_has_a_panel_and_empty_curves_have_none(
    drawn: list[Figure], tmp_path: Path
) -> None:
    seeds = range(6)
    curves = {
        "B": dict.fromkeys(seeds, HALF),
        **{label: dict.fromkeys(seeds, FAST) for label in "ACDE"},
        "lost": {seed: [8.0, 9.0] for seed in seeds},
    }
    run = findings(recorded(curves))
    found = [speedup(run, label) for label in ("A", "C", "D", "E", "lost")]
    assert len(found[-1].levels) == 0
    write_speedups(
        found, list(curves), tmp_path / "s.png", x="x", title="y", falling=True
    )
    titles = [axes.get_title(loc="left") for axes in drawn[0].axes if axes.axison]
    assert titles == ["A", "C", "D", "E"]


def test_that_a_profile_ends_where_the_score_does(
    drawn: list[Figure], tmp_path: Path
) -> None:
    own = Profile(
        label="A", tau=(1.0, 2.0, 9.0), rho=(0.25, 0.75, 1.0), score=0.5, speedup=1.0
    )
    found = Profiles(
        axis="step",
        baseline="A",
        problems=("p", "q"),
        labels=("A",),
        times=np.ones((2, 1)),
        profiles=(own,),
        sentences=(),
    )
    write_profiles(found, tmp_path / "profiles.svg")
    (axes,) = drawn[0].axes
    (line,) = axes.get_lines()
    assert list(np.asarray(line.get_xdata())) == [1, 2, 4]
    assert list(np.asarray(line.get_ydata())) == [0.25, 0.75, 0.75]


def test_that_bars_join_what_cannot_be_told_apart(
    drawn: list[Figure], tmp_path: Path
) -> None:
    costs = np.array([[1, 2, 3], [1, 2, 3], [2, 1, 3], [1, 3, 2], [1, 2, 3.0]])
    found = rank_table(costs, ("A", "B", "a label of more than thirty letters"))
    assert isinstance(found, Ranking)
    assert found.groups == ((0, 1), (1, 2))
    write_ranks(found, tmp_path / "ranks.svg")
    (axes,) = drawn[0].axes
    bars = [line for line in axes.get_lines() if line.get_linewidth() > 3]
    spans = [tuple(np.asarray(bar.get_xdata(), dtype=float)) for bar in bars]
    for (low, high), (first, last) in zip(spans, found.groups, strict=True):
        assert low <= found.mean_ranks[first] < found.mean_ranks[last] <= high
    text = (tmp_path / "ranks.svg").read_text("utf-8")
    assert "critical difference 1.48" in text
    assert "A (1.20)" in text
    assert "a label of more than thirty l… (2.80)" in text
