"""Which range a card of curves shows: all data, room for labels, room to grow.

Ranges are taken rarely and with some room, because each change of range is a frame of
its own; in between the curves grow into that room.
"""

from collections.abc import Iterable
from math import log10
from typing import Final

import numpy as np

from optlab.export.ranges import robust_range
from optlab.records import Floats
from optlab.ui.canvas import Canvas, Range
from optlab.ui.card_look import CardLook
from optlab.ui.curve_set import CurveSet

_GROWTH: Final = 1.12
_FIRST_STEPS: Final = 20.0


def outside(
    canvas: Canvas,
    curves: CurveSet,
    *,
    label_room: float,
    trimmed: bool = False,
    zoomed: bool = False,
) -> bool:
    """Return whether drawn data lie outside the range that is shown, or use little.

    Args:
        canvas: The plot.
        curves: Its curves.
        label_room: Pixels that labels need at the right.
        trimmed: Whether outliers may lie outside.
        zoomed: Whether the range of x is given, and only that of y follows.
    """
    wanted = _limits(canvas, curves, everything=False, trimmed=trimmed)
    if wanted is None:
        return False
    end, (lo, hi) = wanted
    (x0, x1), (y0, y1) = canvas.view()
    room = (x1 - x0) * label_room / max(canvas.plot_rect().width(), 1.0)
    slack = (y1 - y0) * 1e-6
    if not zoomed and end > x1 - room + (x1 - x0) * 1e-6:
        return True
    if lo < y0 - slack or hi > y1 + slack:
        return True
    return (hi - lo) * 3.0 < y1 - y0 and hi - lo > 1e-9 * max(abs(hi), abs(lo))


def fitting(
    canvas: Canvas,
    curves: CurveSet,
    *,
    look: CardLook,
    label_room: float,
    levels: Iterable[float] = (),
    zoom: Range | None = None,
) -> tuple[Range, Range]:
    """Return a range of x and of y that holds all data; logarithms on log axes.

    Args:
        canvas: The plot.
        curves: Its curves.
        look: How the card is looked at.
        label_room: Pixels that labels need at the right.
        levels: Heights, as the axis has them, to be seen if they are not far away.
        zoom: The range of x, where it is given.
    """
    trimmed = look.ignore_outliers
    wanted = _limits(canvas, curves, everything=zoom is None, trimmed=trimmed)
    if wanted is None:
        return zoom or (0.0, 1.0), (0.0, 1.0)
    end, (lo, hi) = wanted
    near = [y for y in levels if 2 * lo - hi <= y <= 2 * hi - lo]
    lo, hi = min((lo, *near)), max((hi, *near))
    start, growing = 0.0, not curves.data.state.ended
    y = _padded(lo, hi, log_scale=canvas.y_scale != "linear", growing=growing)
    if zoom is not None:
        return zoom, y
    if canvas.log[0]:
        start = _first_x_log(curves)
        end = max(end + (log10(_GROWTH) if growing else 0.0), start + 0.3)
    elif growing:
        end = _grown(curves, end, steps=look.x_axis == "step")
    if end <= start:
        end = start + 1.0
    width = max(canvas.plot_rect().width(), 60.0)
    share = min(label_room / width, 0.5)
    right = start + (end - start) / (1.0 - share)
    return (start, right), y


def _padded(lo: float, hi: float, *, log_scale: bool, growing: bool) -> Range:
    span = hi - lo
    if span <= 1e-12 * max(abs(hi), abs(lo)):
        span = 0.3 if log_scale else max(abs(hi) * 0.1, 1e-12)
        return lo - span, hi + span
    bottom = lo - (0.12 if growing else 0.06) * span
    # A quantity that is never negative does not need an axis that says so.
    if lo >= 0 > bottom and not log_scale:
        bottom = -0.02 * span
    return bottom, hi + 0.06 * span


def _grown(curves: CurveSet, end: float, *, steps: bool) -> float:
    """Return ``end`` with room for what comes, up to the steps that are planned."""
    trials = curves.data.trials
    planned = float(max((t.steps for t in trials), default=0))
    step = max((curves.data.status(t.trial).step for t in trials), default=0)
    if step < 1 or planned <= 0:
        first = min(planned, _FIRST_STEPS) if steps else 1.0
        return max(end, first)
    grown = min(planned, max(step * _GROWTH, min(_FIRST_STEPS, planned)))
    return end * max(grown / step, 1.0)


def _first_x_log(curves: CurveSet) -> float:
    """Return the logarithm of the smallest x that is not zero."""
    firsts = []
    for trial in curves.shown_trials():
        x = float(curves.sampler.to_x(trial, np.array([1]))[0])
        if x > 0:
            firsts.append(log10(x))
    return min(firsts, default=0.0)


def _limits(
    canvas: Canvas, curves: CurveSet, *, everything: bool, trimmed: bool
) -> tuple[float, Range] | None:
    """Return the last x and the range of y, both in logarithms on log axes."""
    end = max((curves.sampler.end(t) for t in curves.shown_trials()), default=0.0)
    shown = curves.shown_entries()
    good: list[Floats] = []
    failed: list[Floats] = []
    for entry, curve in curves.each():
        if entry not in shown:
            continue
        for trials, y in curve.heights(end=end if everything else None):
            (failed if all(map(curves.diverged, trials)) else good).append(y)
    log = canvas.log[1]
    if canvas.y_scale == "symlog":
        good, failed = (list(map(canvas.y_on_axis, ys)) for ys in (good, failed))
    y_range = robust_range(good, failed, log=log, trimmed=trimmed)
    if y_range is None:
        return None
    if canvas.log[0]:
        end = log10(end) if end > 0 else 0.0
    return end, y_range
