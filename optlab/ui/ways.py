"""Ways over a surface: how much of them is drawn, and the marks on them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from optlab.records import State
from optlab.ui.canvas import Canvas
from optlab.ui.paint_marks import mark_brush, mark_pen
from optlab.ui.theme import Theme, series_style
from optlab.ui.traces import Line
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_POINTS: Final = 3000
_TAIL: Final = 400
_HEAD: Final = 11
# Of all ways over a surface together, and of each one at least.
_ALL_POINTS: Final = 60_000
_FEWEST: Final = 100
# Heads of so many ways would hide them.
_CROWD: Final = 60
FADING: Final = 24
"""So many ways fade at most; more would be too many parts to draw."""

Point = tuple[float, float]


def thinned(count: int, *, ways: int = 1) -> slice | npt.NDArray[np.int64]:
    """Return which points of a way to draw: all if few, else every n-th and the end.

    Args:
        count: Its points.
        ways: How many ways there are to draw.
    """
    points = min(_POINTS, max(_ALL_POINTS // max(ways, 1), _FEWEST))
    tail = min(_TAIL, points // 4)
    if count <= points:
        return slice(None)
    stride = -(-count // (points - tail))
    return np.unique(
        np.concatenate((np.arange(0, count, stride), np.arange(count - tail, count)))
    )


def heads_of(ways: Mapping[int, Line]) -> dict[int, Point]:
    """Return the last finite point of each way that has one, by trial."""
    found = {}
    for trial, way in ways.items():
        finite = np.flatnonzero(np.isfinite(way.x) & np.isfinite(way.y))
        if len(finite):
            last = finite[-1]
            found[trial] = (float(way.x[last]), float(way.y[last]))
    return found


def has_failed(data: "RunData", trial: int, state: ViewState) -> bool:
    """Return whether a trial has diverged by the moment looked at."""
    status = data.status(trial)
    over = state.moment is None or state.moment >= status.step
    return over and status.state is State.DIVERGED


def head_spots(
    canvas: Canvas, data: "RunData", ways: Mapping[int, Line], *, state: ViewState
) -> list[dict[str, Any]]:
    """Return the marks of where optimizers stand: a cross for one that diverged.

    Args:
        canvas: The plot; what is beyond its edge is marked there.
        data: The run.
        ways: What is drawn of each trial.
        state: Settings of all views.
    """
    heads, spots = heads_of(ways), []
    usual = _HEAD if len(heads) <= _CROWD else _HEAD // 2
    for start in data.trials:
        if start.entry in state.hidden or start.trial not in heads:
            continue
        failed = has_failed(data, start.trial, state)
        large = failed or start.entry == state.hovered
        color = series_style(start.entry, state.theme).color
        spots.append(
            {
                "pos": canvas.nearest(*heads[start.trial]),
                "symbol": "x" if failed else "o",
                "size": usual + (3 if large else 0),
                "brush": mark_brush(color.name()),
                "pen": mark_pen(state.theme.card, 1.5),
            }
        )
    return spots


def minimum_spots(points: Iterable[Point], theme: Theme) -> list[dict[str, Any]]:
    """Return the marks of minima."""
    brush, pen = mark_brush(theme.cross), mark_pen(theme.card, 1.2)
    return [{"pos": point, "brush": brush, "pen": pen} for point in points]


def start_ring(theme: Theme) -> dict[str, Any]:
    """Return the look of the mark of a start."""
    return {"brush": mark_brush(None), "pen": mark_pen(theme.cross, 1.6)}
