"""Figures of sweeps and basins draw what they are given, the deep and the lost too."""

from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from optlab.analysis.sweeps import Sweep, SweepPoint
from optlab.export.overview import (
    SweepFigure,
    floor_of,
    shown_sweeps,
    suits_log,
    values_of,
)
from optlab.export.overview_figures import write_sweeps
from optlab.params import InputError


def sweep(finals: Sequence[float], *, first: int = 0, label: str = "SGD") -> Sweep:
    points = tuple(
        SweepPoint(
            value=10.0 ** (k - 3),
            entry=first + k,
            final=final,
            noise=None,
            samples_per_s=100.0 * (k + 1),
            accuracy=None,
            zone="good" if np.isfinite(final) else "diverged",
        )
        for k, final in enumerate(finals)
    )
    return Sweep(
        optimizer="SGD",
        label=label,
        parameter="lr",
        points=points,
        width=1.0,
        tolerance="10 %",
        default=None,
    )


def figure(*sweeps: Sweep, log_y: bool = True, **rest: Any) -> SweepFigure:
    given = {"quantity": "final", "parameter": "lr"} | rest
    return SweepFigure(sweeps=sweeps, log_y=log_y, **given)


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


def test_that_hidden_points_and_empty_sweeps_are_left_out() -> None:
    both = (sweep([1.0, 2.0]), sweep([3.0, 4.0], first=2))
    assert shown_sweeps(both, frozenset()) == both
    (left,) = shown_sweeps(both, frozenset({0, 1, 3}))
    assert [p.entry for p in left.points] == [2]


@pytest.mark.parametrize(
    ("values", "suits"),
    [([1.0, 2.0], True), ([0.0, 2.0], True), ([0.0], False), ([-1.0, 2.0], False),
     ([], False)],
)  # fmt: skip
def test_that_a_log_axis_is_for_values_that_it_can_show(
    values: list[float], suits: bool
) -> None:
    assert suits_log(values) is suits


def test_that_the_floor_is_the_lowest_value_unless_that_is_far_below() -> None:
    assert floor_of([3.0, 0.0, 1e-20, 2.0]) == 1e-20
    assert floor_of([100.0, 1e-116, 0.0]) == pytest.approx(1e-22)
    assert values_of([sweep([1.0, inf, 2.0])], "final") == [1.0, 2.0]
    assert values_of([sweep([1.0])], "noise") == []


def test_that_a_sweep_is_drawn_with_what_is_deep_and_what_is_lost(
    drawn: list[Figure], tmp_path: Path
) -> None:
    what = figure(sweep([50.0, 0.0, 1e-3, inf]), title="A test")
    write_sweeps(what, tmp_path / "sweep.svg")
    (axes,) = drawn[0].axes
    line, deep, lost = axes.get_lines()
    np.testing.assert_allclose(
        np.asarray(line.get_xdata(), dtype=float), [1e-3, 1e-2, 1e-1]
    )
    # The floor is the smallest value above zero: that is where the zero is marked.
    np.testing.assert_allclose(
        np.asarray(line.get_ydata(), dtype=float), [50.0, 1e-3, 1e-3]
    )
    np.testing.assert_allclose(np.asarray(deep.get_xdata(), dtype=float), [1e-2])
    assert deep.get_marker() == "v"
    np.testing.assert_allclose(np.asarray(lost.get_xdata(), dtype=float), [1.0])
    assert lost.get_marker() == "x"
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert len(axes.patches) == 4
    assert "A test" in (tmp_path / "sweep.svg").read_text("utf-8")


def test_that_two_sweeps_are_named_and_have_no_zones(
    drawn: list[Figure], tmp_path: Path
) -> None:
    both = (sweep([1.0, 2.0, 3.0]), sweep([3.0, 4.0, inf], first=3, label="Adam"))
    write_sweeps(figure(*both, log_y=False), tmp_path / "sweep.pdf")
    (axes,) = drawn[0].axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["SGD", "Adam"]
    assert len(axes.patches) == 0
    assert axes.get_yscale() == "linear"
    assert (tmp_path / "sweep.pdf").read_bytes()[:5] == b"%PDF-"


def test_that_a_quantity_that_was_not_measured_leaves_an_empty_plot(
    drawn: list[Figure], tmp_path: Path
) -> None:
    write_sweeps(
        figure(sweep([1.0, 2.0]), log_y=False, quantity="noise"), tmp_path / "s.png"
    )
    assert all(
        len(np.asarray(line.get_xdata(), dtype=float)) == 0
        for line in drawn[0].axes[0].get_lines()
    )


def test_that_nothing_to_draw_and_a_file_that_is_there_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="no values to draw yet"):
        write_sweeps(figure(), tmp_path / "none.png")
    path = tmp_path / "there.png"
    write_sweeps(figure(sweep([1.0, 2.0])), path)
    with pytest.raises(InputError):
        write_sweeps(figure(sweep([1.0, 2.0])), path)
    write_sweeps(figure(sweep([1.0, 2.0])), path, overwrite=True)
