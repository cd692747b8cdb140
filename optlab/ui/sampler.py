"""Reads a run at the resolution of a plot, along the x axis that is set."""

from math import log10
from typing import TYPE_CHECKING, Final

import numpy as np

from optlab.export.curves import envelope_by_decades
from optlab.export.style import X_METRICS
from optlab.records import Floats, Ints
from optlab.ui.arrangement import XAxis

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_PER_BLOCK: Final = 8


class Sampler:
    """Reads a run at the resolution of a plot, along the x axis that is set.

    Attributes:
        data: The run.
        x_axis: What the x axis counts.
        log_x: Whether it is logarithmic.
    """

    def __init__(self, data: "RunData", x_axis: XAxis = "step") -> None:
        self.data = data
        self.x_axis = x_axis
        self.log_x = False

    def axis(self, trial: int) -> Floats | None:
        """Return x of every step of a trial; None where x is the step itself.

        That is so too where a run has no epochs or samples to count. It is no copy: at
        the first steps it may be NaN, which counts as 0.
        """
        metric = X_METRICS[self.x_axis]
        if not metric:
            return None
        values: Floats = self.data.series(trial, metric).values
        if not len(values) or not values[-1] > 0:
            return None
        return values

    def to_x(self, trial: int, steps: Floats | Ints) -> Floats:
        """Return x at steps of a trial."""
        axis = self.axis(trial)
        if axis is None:
            return np.asarray(steps, dtype=np.float64)
        found = axis[np.clip(steps.astype(np.int64), 0, len(axis) - 1)]
        return np.nan_to_num(found, nan=0.0)

    def to_step(self, trial: int, x: float) -> int:
        """Return the last step of a trial at or before ``x``."""
        axis = self.axis(trial)
        if axis is None:
            return int(np.floor(min(max(x, -1.0), 2.0**52) + 1e-9))
        if x < 0.0:
            return -1
        unknown = int(np.isnan(axis[:1]).sum())
        return unknown + int(np.searchsorted(axis[unknown:], x, side="right")) - 1

    def end(self, trial: int) -> float:
        """Return x of the last step that is recorded."""
        step = max(self.data.status(trial).step, 0)
        return float(self.to_x(trial, np.array([step]))[0])

    def points(
        self, trial: int, metric: str, *, lo: float, hi: float, columns: int
    ) -> tuple[Floats, Floats]:
        """Return what draws a metric of a trial from x ``lo`` to ``hi``."""
        series = self.data.series(trial, metric)
        first, last = self.to_step(trial, lo), self.to_step(trial, hi) + 1
        ends = float(max(first, 0)), float(last)
        if self.log_x:
            each = 2 * columns // max(int(_decades(*ends)), 1)
            end = min(ends[1], float(series.last_step))
            steps, values = envelope_by_decades(series, ends[0], end, each)
        else:
            steps, values = series.envelope(*ends, columns)
        return self.to_x(trial, steps), values

    def spaced(self, first: int, stop: int, columns: int) -> Ints:
        """Return at most about ``columns`` steps, as far apart for the eye."""
        if not self.log_x:
            return spaced(first, stop, columns)
        each = columns / max(_decades(first, stop) / log10(2.0), 1.0)
        pieces, at = [], first
        while at < stop:
            # As many for each doubling of x, evenly among themselves.
            stride = max(1, int(max(at, 1) / each))
            piece = np.arange(at, min(2 * max(at, 1), stop), stride)
            pieces.append(piece)
            at = int(piece[-1]) + stride
        return np.unique(np.append(np.concatenate(pieces), stop - 1))


def _decades(first: float, last: float) -> float:
    return log10(max(last, 10.0) / max(first, 1.0))


def evenly(steps: Ints) -> list[Ints]:
    """Return pieces of ``steps`` that are evenly spaced, each among themselves."""
    return np.split(steps, np.flatnonzero(np.diff(np.diff(steps))) + 2)


def spaced(first: int, stop: int, columns: int) -> Ints:
    """Return at most about ``columns`` steps, evenly spaced, the last one included."""
    stride = max(1, (stop - first) // max(columns, 1))
    return np.arange(stop - 1, first - 1, -stride)[::-1]


def pen_places(steps: Ints) -> Ints:
    """Return some steps between each of ``steps`` and the one before it, row by row.

    A smoothed line over more steps than pixels is smoothed on to the width of its
    pen: drawn otherwise it is noise again, and bold noise takes seconds to paint. Some
    values of each block will do, so that the cost is that of the pixels.
    """
    stride = int(steps[1] - steps[0]) if len(steps) > 1 else 1
    count = min(stride, _PER_BLOCK)
    back: Ints = np.arange(count) * stride // count
    places: Ints = np.maximum(steps[:, np.newaxis] - back, 0)
    return places


def finite_means(rows: Floats) -> Floats:
    """Return the mean of what is finite in each row; NaN where nothing is."""
    good = np.isfinite(rows)
    counts = good.sum(axis=1)
    means = np.full(len(rows), np.nan)
    sums = np.where(good, rows, 0.0).sum(axis=1)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means
