"""Median or mean and band over the seeds of one optimizer in one plot.

The median and the quartiles (with two seeds, the lower and the higher one) are taken
over the smoothed traces, at the steps that all seeds that are alive have reached. What
a seed that diverged counts as is said in `optlab.export.bands`: infinitely bad, so that
the band opens to the edge of the plot and no failure makes a median better.
"""

from typing import Final

import numpy as np
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from optlab.export.bands import bad_value, band, mean_interval, mean_of
from optlab.export.curves import metric_info
from optlab.records import Floats, Ints, State
from optlab.ui.canvas import Canvas
from optlab.ui.curve_items import EntryCurve
from optlab.ui.layer import Layer
from optlab.ui.theme import SeriesStyle
from optlab.ui.traces import NOTHING, Line, Look, Trace

OPACITY: Final = 0.18
_HOVERED_OPACITY: Final = 0.3
_OVERVIEW: Final = 250
# An interval is worked out at so many steps of what is in view, and kept.
_PLACES: Final = 48
_KEPT: Final = 20_000
# On a logarithmic x axis, so many for each doubling of the steps.
_PER_DOUBLING: Final = 6
_NO_STEPS: Final[Ints] = np.empty(0, np.int64)


class BandItem(Layer):
    """A filled area between two lines, in pixels, so that infinite edges are clipped.

    Args:
        canvas: The plot.
    """

    def __init__(self, canvas: Canvas) -> None:
        # Above the grid, below all curves.
        super().__init__(canvas.box, z=-1e4)
        self._canvas = canvas
        self.across = self.low = self.high = NOTHING
        self.color = QColor()

    def set_data(self, x: Floats, low: Floats, high: Floats) -> None:
        """Take both edges, as values."""
        self.across, self.low, self.high = x, low, high
        self.update()

    def paint_in(self, rect: QRectF, painter: QPainter) -> None:
        """Fill it, piece by piece where there are gaps."""
        painter.setClipRect(rect)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.color)
        for piece in self._pieces(rect):
            painter.drawPolygon(piece)

    def _pieces(self, rect: QRectF) -> list[QPolygonF]:
        (left, right), (bottom, top) = self._canvas.view()
        if not (len(self.across) and right > left and top > bottom):
            return []
        x = self._canvas.x_on_axis(self.across)
        x = rect.left() + (x - left) / (right - left) * rect.width()
        edges = []
        for values in (self.low, self.high):
            with np.errstate(invalid="ignore"):
                y = self._canvas.y_on_axis(values)
            # A value that a log axis cannot show lies below it.
            y = np.where(np.isnan(y) & ~np.isnan(values), -np.inf, y)
            y = rect.bottom() - (y - bottom) / (top - bottom) * rect.height()
            edges.append(np.clip(y, rect.top() - 2.0, rect.bottom() + 2.0))
        good = np.isfinite(x) & np.isfinite(edges[0]) & np.isfinite(edges[1])
        found = []
        for piece in np.split(np.arange(len(x)), np.flatnonzero(np.diff(good)) + 1):
            if good[piece[0]] and len(piece) > 1:
                around = np.concatenate((piece, piece[::-1]))
                y = np.concatenate((edges[0][piece], edges[1][piece[::-1]]))
                polygon: QPolygonF = create_qpolygonf(len(around))
                ndarray_from_qpolygonf(polygon)[:] = np.column_stack((x[around], y))
                found.append(polygon)
        return found


class BandCurve(EntryCurve):
    """Median and band of one optimizer."""

    def _make(self, canvas: Canvas) -> None:
        self.item = BandItem(canvas)
        self.strong = Trace(canvas, z=self._z + 4.0, rising=True)
        self._bad = bad_value(metric_info(self.metric).higher_is_better)
        self._ends: dict[int, int] = {}

    def line(self) -> Line:
        """Return the median."""
        return self.strong

    def heights(self, *, end: float | None) -> list[tuple[tuple[int, ...], Floats]]:
        """Return median and edges."""
        if end is None:
            parts = [self.item.low, self.strong.y, self.item.high]
        else:
            parts = list(self.table(self._steps(0.0, max(end, 1.0), _OVERVIEW)))
        return [(self.trials, np.concatenate(parts))]

    def at(self, step: int) -> tuple[float, float, float] | None:
        """Return lower edge, median and upper edge at a step, if it was reached."""
        steps = np.array([step])
        if self.sparse:
            own = self._sparse_steps()
            found = int(np.searchsorted(own, step, side="right"))
            steps = own[max(found - 1, 0) : found]
        if not len(steps) or step < 0:
            return None
        low, middle, high = (float(part[0]) for part in self.table(steps))
        return None if np.isnan(middle) else (low, middle, high)

    def show(self, on: bool) -> None:
        """Show or hide all of it."""
        self.strong.show(on)
        self.item.setVisible(on)

    def restyle(self, style: SeriesStyle, *, ground: QColor, hovered: bool) -> None:
        """Take colour and dash."""
        color = QColor(style.color)
        opacity = _HOVERED_OPACITY if hovered else OPACITY
        color.setAlphaF(opacity / 2 if self._quiet else opacity)
        self.item.color = color
        look = self.strong_look(hovered=hovered, points=len(self.strong.x))
        if self.rough(self.strong.y):
            look = Look(width=2.0 if hovered else 1.0, opacity=look.opacity)
        self.strong.set_look(style, look, ground)

    def remove(self) -> None:
        """Take everything out of the plot."""
        self.strong.remove()
        scene = self.item.scene()
        # First: PySide would go on to count it among what the box deletes.
        self.item.setParentItem(None)  # type: ignore[arg-type]
        scene.removeItem(self.item)

    def table(self, steps: Ints) -> tuple[Floats, Floats, Floats]:
        """Return lower edge, median and upper edge at steps."""
        return band(self._table(steps))

    def steps(self) -> Ints:
        """Return the steps that all seeds that are alive have reached."""
        if self.sparse:
            return self._sparse_steps()
        return np.arange(self._reached(), dtype=np.int64)

    @property
    def clock(self) -> int:
        """The trial whose x counts: the one that came furthest."""
        series = self._sampler.data.series
        return max(self.trials, key=lambda trial: series(trial, self.metric).last_step)

    def _read(self, lo: float, hi: float, columns: int) -> None:
        steps = self._steps(lo, hi, columns // 2)
        low, middle, high = self.table(steps) if len(steps) else (NOTHING,) * 3
        x = self._sampler.to_x(self.clock, steps) if len(steps) else NOTHING
        # Half of the seeds gone, the median is gone.
        self.strong.set_data(x, np.where(np.isfinite(middle), middle, np.nan))
        self.item.set_data(x, low, high)

    def _steps(self, lo: float, hi: float, columns: int) -> Ints:
        """Return where the band is drawn between two x."""
        if self.sparse:
            found = self._sparse_steps()
            x = self._sampler.to_x(self.clock, found)
            # One neighbour on either side, so that a line runs off the edge.
            first = max(int(np.searchsorted(x, lo)) - 1, 0)
            return found[first : int(np.searchsorted(x, hi, "right")) + 1]
        count, clock = self._reached(), self.clock
        first = min(max(self._sampler.to_step(clock, lo), 0), count)
        last = min(self._sampler.to_step(clock, hi) + 2, count)
        if last <= first:
            return _NO_STEPS
        return self._sampler.spaced(first, last, columns)

    def _reached(self) -> int:
        """Return how many steps all seeds have that are alive."""
        series = self._sampler.data.series
        counts = {t: len(series(t, self.metric)) for t in self.trials}
        alive = [count for t, count in counts.items() if not self._diverged(t)]
        return min(alive) if alive else max(counts.values())

    def _sparse_steps(self) -> Ints:
        series = self._sampler.data.series
        alive = [t for t in self.trials if not self._diverged(t)] or list(self.trials)
        found: Ints = series(alive[0], self.metric).arrays()[0]
        for trial in alive[1:]:
            other = series(trial, self.metric).arrays()[0]
            found = np.intersect1d(found, other, assume_unique=True)
        return found

    def _table(self, steps: Ints) -> Floats:
        """Return one row of values for each seed."""
        rows = np.full((len(self.trials), len(steps)), np.nan)
        for row, trial in zip(rows, self.trials, strict=True):
            if self.sparse:
                own, values = self._sampler.data.series(trial, self.metric).arrays()
                _, mine, theirs = np.intersect1d(steps, own, return_indices=True)
                row[mine] = values[theirs]
            else:
                row[:] = self.averages.sampled(trial, steps)
            self._mark_bad(row, steps, trial)
        return rows

    def _mark_bad(self, row: Floats, steps: Ints, trial: int) -> None:
        """Count a seed that diverged as infinitely bad from there on."""
        if self._diverged(trial):
            row[steps > self._last_finite(trial)] = self._bad

    def _diverged(self, trial: int) -> bool:
        return self._sampler.data.status(trial).state is State.DIVERGED

    def _last_finite(self, trial: int) -> int:
        """Return the last step of a trial that diverged at which it was finite."""
        if trial not in self._ends:
            steps, values = self._sampler.data.series(trial, self.metric).arrays()
            finite = np.flatnonzero(np.isfinite(values))
            self._ends[trial] = int(steps[finite[-1]]) if len(finite) else -1
        return self._ends[trial]


class MeanCurve(BandCurve):
    """Mean of one optimizer, with its bootstrap interval over seeds.

    The mean ends where the first seed diverged. What is past changes no more: the
    interval of a step is worked out once, at steps that stay where they are as the
    run grows, and runs straight between them, as a distance from the mean.
    """

    def _make(self, canvas: Canvas) -> None:
        super()._make(canvas)
        self._gaps: dict[int, tuple[float, float]] = {}
        self._gaps_of: object = None

    def table(self, steps: Ints) -> tuple[Floats, Floats, Floats]:
        """Return lower edge, mean and upper edge at steps."""
        middle = mean_of(self._table(steps))
        if not len(steps):
            return middle, middle, middle
        places = self._places(steps)
        below, above = self._interval(places)
        return (
            middle + np.interp(steps, places, below),
            middle,
            middle + np.interp(steps, places, above),
        )

    def _places(self, steps: Ints) -> Ints:
        """Return where the interval is worked out: both ends, and what stays put."""
        first, last = int(steps[0]), int(steps[-1])
        if self.sparse:
            own = self._sparse_steps()
            lattice = own[:: _doubled(len(own) / _PLACES)]
        elif self._sampler.log_x:
            most = _PER_DOUBLING * np.log2(max(last, 2))
            lattice = np.unique(2.0 ** (np.arange(most) / _PER_DOUBLING))
        else:
            stride = _doubled((last - first) / _PLACES)
            lattice = np.arange(first // stride, last // stride + 1) * stride
        lattice = lattice.astype(np.int64)
        inside = lattice[(lattice > first) & (lattice < last)]
        return np.unique(np.concatenate((steps[:1], inside, steps[-1:])))

    def _interval(self, places: Ints) -> tuple[Floats, Floats]:
        """Return how far below and above the mean the interval ends, at steps."""
        kind = self.averages.weight, self.averages.log
        if self._gaps_of != kind or len(self._gaps) > _KEPT:
            self._gaps, self._gaps_of = {}, kind
        new = np.array([p for p in places if int(p) not in self._gaps], np.int64)
        if len(new):
            rows = self._values(new)
            middle = mean_of(rows)
            low, high = mean_interval(rows)
            found = zip(new, low - middle, high - middle, strict=True)
            for step, below, above in found:
                if np.isfinite(below) and np.isfinite(above):
                    self._gaps[int(step)] = (float(below), float(above))
        nothing = (np.nan, np.nan)
        gaps = np.array([self._gaps.get(int(p), nothing) for p in places])
        known = np.isfinite(gaps[:, 0])
        if not known.any():
            return gaps[:, 0], gaps[:, 1]
        # Behind the end of the mean nothing is drawn, whatever stands here.
        below, above = (np.interp(places, places[known], g[known]) for g in gaps.T)
        return below, above

    def _values(self, steps: Ints) -> Floats:
        """Return one row for each seed of what is averaged, not over pixels too."""
        if self.sparse:
            return self._table(steps)
        rows = np.full((len(self.trials), len(steps)), np.nan)
        for row, trial in zip(rows, self.trials, strict=True):
            known = steps < len(self._sampler.data.series(trial, self.metric))
            row[known] = self.averages.at(trial, steps[known])
            self._mark_bad(row, steps, trial)
        return rows


def _doubled(least: float) -> int:
    """Return the smallest power of two that is not below ``least``."""
    return 1 << max(0, int(np.ceil(np.log2(max(least, 1.0)))))
