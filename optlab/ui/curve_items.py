"""The curves of one optimizer in one plot: a trace for each seed, one strong line.

With one seed and no smoothing the trace itself is strong. Otherwise the traces stay
faint behind the strong line, which is the smoothed trace, and with several seeds the
median of the smoothed traces at the steps that all of them have reached.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from optlab.export.smoothing import Smoothed
from optlab.export.style import X_METRICS
from optlab.ui.canvas import Canvas
from optlab.ui.theme import SeriesStyle
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STRONG: Final = 2.0
FAINT_OPACITY: Final = 0.26
SEED_OPACITY: Final = 0.4
_NOTHING: Final[Floats] = np.empty(0)
# A line that goes up and down more than this many plot widths is noise: antialiasing
# it at width 2 takes seconds, at width 1 milliseconds.
_ROUGH: Final = 3.0
_ROUGH_BUT_EXACT: Final = 9.0
_MARKERS: Final = 40
_PER_BLOCK: Final = 8


class Sampler:
    """Reads a run at the resolution of a plot, along the x axis that is set."""

    def __init__(self, data: "RunData", state: ViewState) -> None:
        self.data = data
        self._state = state

    def axis(self, trial: int) -> Floats | None:
        """Return x of every step of a trial; None where x is the step itself.

        That is so too where a run has no epochs or samples to count.
        """
        metric = X_METRICS[self._state.x_axis]
        if not metric:
            return None
        values: Floats = self.data.series(trial, metric).values
        if not len(values) or not values[-1] > 0:
            return None
        return np.nan_to_num(values, nan=0.0)

    def to_x(self, trial: int, steps: Floats | Ints) -> Floats:
        """Return x at steps of a trial."""
        axis = self.axis(trial)
        if axis is None:
            return np.asarray(steps, dtype=np.float64)
        found: Floats = axis[np.clip(steps.astype(np.int64), 0, len(axis) - 1)]
        return found

    def to_step(self, trial: int, x: float) -> int:
        """Return the last step of a trial at or before ``x``."""
        axis = self.axis(trial)
        if axis is None:
            return int(np.floor(min(max(x, -1.0), 2.0**52) + 1e-9))
        return int(np.searchsorted(axis, x, side="right")) - 1

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
        steps, values = series.envelope(float(max(first, 0)), float(last), columns)
        return self.to_x(trial, steps), values


def roughness(y: Floats, *, height: float) -> float:
    """Return how far a line goes up and down, in multiples of ``height``."""
    travel = np.abs(np.diff(y))
    return float(np.nansum(travel[np.isfinite(travel)])) / max(height, 1e-300)


def spaced(first: int, stop: int, columns: int) -> Ints:
    """Return at most about ``columns`` steps, evenly spaced, the last one included."""
    stride = max(1, (stop - first) // max(columns, 1))
    return np.arange(stop - 1, first - 1, -stride)[::-1]


def block_means(values: Floats, steps: Ints) -> Floats:
    """Return means of some values between each of ``steps`` and the one before it.

    A smoothed line over more steps than pixels is smoothed on to the width of its
    pen: drawn otherwise it is noise again, and bold noise takes seconds to paint. Some
    values of each block will do, so that the cost is that of the pixels.
    """
    stride = int(steps[1] - steps[0]) if len(steps) > 1 else 1
    if stride == 1:
        return values[steps]
    back = np.unique(np.arange(_PER_BLOCK) * stride // _PER_BLOCK)
    found = values[np.maximum(steps[:, np.newaxis] - back, 0)]
    good = np.isfinite(found)
    counts = good.sum(axis=1)
    means = np.full(len(steps), np.nan)
    sums = np.where(good, found, 0.0).sum(axis=1)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a trace is to be drawn.

    Attributes:
        width: In pixels.
        opacity: From 0 to 1.
        smooth: Whether to antialias.
        dashed: Whether to use the dash of the optimizer.
        markers: Whether every point gets a dot.
    """

    width: float = 1.0
    opacity: float = 1.0
    smooth: bool = False
    dashed: bool = False
    markers: bool = False


class Trace:
    """One line in a plot and the arrays that it was given."""

    def __init__(self, canvas: Canvas, *, z: float) -> None:
        self._canvas = canvas
        self.item: Any = pg.PlotDataItem(skipFiniteCheck=False)
        canvas.add(self.item, z=z)
        self.x: Floats = _NOTHING
        self.y: Floats = _NOTHING
        self._key: object = None

    def set_data(self, x: Floats, y: Floats) -> None:
        """Hand arrays to pyqtgraph."""
        self.x, self.y = x, y
        self.item.setData(x, y, connect="finite")

    def set_look(self, style: SeriesStyle, look: Look, ground: QColor) -> None:
        """Draw it like this from now on."""
        # Qt counts the width of a cosmetic pen in pixels of the device.
        fine = self._canvas.devicePixelRatioF()
        key = style.color.name(), style.dash, look, ground.name(), fine
        if key == self._key:
            return
        self._key = key
        width = look.width * fine if look.smooth else look.width
        pen: QPen = style.pen(width, opacity=look.opacity, dashed=look.dashed)
        # Bold and smooth, one path costs 6 to 80 ms, the same in pieces 2.5. Only a
        # path can have dashes.
        pieces = look.smooth and not (look.dashed and style.dash)
        self.item.curve.setSegmentedLineMode("on" if pieces else "auto")
        self.item.opts["antialias"] = look.smooth
        self.item.curve.opts["antialias"] = look.smooth
        self.item.setPen(pen)
        if look.markers:
            self.item.setSymbolBrush(style.color)
            self.item.setSymbolPen(pg.mkPen(ground, width=1))
            self.item.setSymbolSize(6)
        self.item.setSymbol("o" if look.markers else None)

    def show(self, on: bool) -> None:
        """Show or hide it."""
        self.item.setVisible(on)

    def remove(self) -> None:
        """Take it out of the plot."""
        self._canvas.remove(self.item)


class EntryCurve:
    """All curves of one metric of one optimizer.

    Args:
        canvas: The plot.
        sampler: Reads the run.
        metric: What is drawn.
        trials: Numbers of its trials, one for each seed.
        quiet: Whether it accompanies another metric and keeps behind it.
        exact: Whether training is free of noise, so that what goes up and down is no
            noise and worth a bold line as long as that can be paid.
    """

    def __init__(
        self,
        canvas: Canvas,
        sampler: Sampler,
        *,
        metric: str,
        trials: Sequence[int],
        quiet: bool = False,
        exact: bool = False,
    ) -> None:
        self._canvas = canvas
        self._sampler = sampler
        self.metric = metric
        self.trials = tuple(trials)
        self._quiet = quiet
        self._rough_at = _ROUGH_BUT_EXACT if exact else _ROUGH
        z = 1.0 if quiet else 2.0
        self.traces = {trial: Trace(canvas, z=z) for trial in trials}
        self.strong = Trace(canvas, z=z + 4.0)
        self._smoothed: dict[int, Smoothed] = {}
        self._weight = 0.0

    def update(self, *, lo: float, hi: float, columns: int, weight: float) -> None:
        """Read what is new.

        Args:
            lo: Left end of the plot.
            hi: Right end of the plot.
            columns: Its width in pixels.
            weight: Weight of the past in the smoothed line; 0 for none.
        """
        self._weight = weight
        for trial, trace in self.traces.items():
            trace.set_data(
                *self._sampler.points(trial, self.metric, lo=lo, hi=hi, columns=columns)
            )
        if self.has_strong:
            self.strong.set_data(*self._strong_points(lo, hi, columns))
        else:
            self.strong.set_data(_NOTHING, _NOTHING)

    @property
    def sparse(self) -> bool:
        """Whether the metric has values at some steps only."""
        return not self._sampler.data.series(self.trials[0], self.metric).dense

    @property
    def has_strong(self) -> bool:
        """Whether there is a strong line besides the traces."""
        smooth = self._weight > 0 and not self.sparse
        return smooth or len(self.trials) > 1

    def line(self) -> Trace:
        """Return what speaks for the optimizer: the strong line or the only trace."""
        return self.strong if self.has_strong else self.traces[self.trials[0]]

    def show(self, on: bool) -> None:
        """Show or hide all of it."""
        for trace in self.traces.values():
            trace.show(on)
        self.strong.show(on)

    def restyle(self, style: SeriesStyle, *, ground: QColor, hovered: bool) -> None:
        """Take colour and dash.

        Args:
            style: Of the optimizer.
            ground: Behind the curves.
            hovered: Whether the mouse is on the optimizer, here or elsewhere.
        """
        wide = STRONG + (1.0 if hovered else 0.0)
        if self._quiet and not self.sparse:
            wide -= 0.8
        opacity = 0.55 if self._quiet and not self.sparse else 1.0
        strong = Look(width=wide, opacity=opacity, smooth=True, dashed=True)
        if self.sparse:
            few = len(self.line().x) <= _MARKERS
            width = wide - 0.5 if not self._quiet else 1.0
            strong = Look(
                width=width,
                opacity=0.6 if self._quiet else 1.0,
                smooth=True,
                dashed=True,
                markers=few,
            )
        if self.has_strong:
            faint = SEED_OPACITY if self._weight <= 0 else FAINT_OPACITY
            faint /= sqrt(len(self.trials))
            trace = Look(opacity=0.0 if self._quiet else faint)
            if self._rough():
                # The average is over less than a pixel: it is as noisy as the trace.
                strong = Look(width=2.0 if hovered else 1.0, opacity=opacity)
            self.strong.set_look(style, strong, ground)
        elif self._rough():
            trace = Look(opacity=FAINT_OPACITY if self._quiet else 1.0)
            if hovered:
                trace = replace(trace, width=2.0)
        else:
            trace = strong
        for item in self.traces.values():
            item.set_look(style, trace, ground)

    def smoothed_at(self, trial: int, step: int) -> float | None:
        """Return the smoothed value of a trial at a step, if there is smoothing."""
        smoothed = self._smoothed.get(trial)
        if self._weight <= 0 or smoothed is None or not 0 <= step < len(smoothed):
            return None
        return float(smoothed.values[step])

    def remove(self) -> None:
        """Take everything out of the plot."""
        for trace in self.traces.values():
            trace.remove()
        self.strong.remove()

    def _rough(self) -> bool:
        y = self.line().y
        (_, _), (y0, y1) = self._canvas.view()
        if self._canvas.log[1]:
            y = np.log10(np.where(y > 0, y, np.nan))
        rect = self._canvas.plot_rect()
        width = (y1 - y0) * rect.width() / max(rect.height(), 1.0)
        return roughness(y, height=width) > self._rough_at

    def _strong_points(
        self, lo: float, hi: float, columns: int
    ) -> tuple[Floats, Floats]:
        if self.sparse:
            return self._sparse_median()
        parts = [self._extend(trial).values for trial in self.trials]
        count = min(len(part) for part in parts)
        first = min(max(self._sampler.to_step(self.trials[0], lo), 0), count)
        last = min(self._sampler.to_step(self.trials[0], hi) + 2, count)
        if last <= first:
            return _NOTHING, _NOTHING
        steps = spaced(first, last, columns // 2 if self._weight > 0 else columns)
        values = [part[steps] for part in parts]
        if self._weight > 0:
            values = [block_means(part, steps) for part in parts]
        middle = values[0] if len(values) == 1 else np.median(values, axis=0)
        return self._sampler.to_x(self.trials[0], steps), middle

    def _sparse_median(self) -> tuple[Floats, Floats]:
        pairs = [
            self._sampler.data.series(trial, self.metric).arrays()
            for trial in self.trials
        ]
        count = min(len(steps) for steps, _ in pairs)
        if not count:
            return _NOTHING, _NOTHING
        steps = pairs[0][0][:count]
        values = np.median([values[:count] for _, values in pairs], axis=0)
        return self._sampler.to_x(self.trials[0], steps), values

    def _extend(self, trial: int) -> Smoothed:
        values: Floats = self._sampler.data.series(trial, self.metric).values
        smoothed = self._smoothed.get(trial)
        stale = smoothed is None or len(smoothed) > len(values)
        if smoothed is None or stale or smoothed.weight != self._weight:
            smoothed = self._smoothed[trial] = Smoothed(self._weight)
        smoothed.extend(values[len(smoothed) :])
        return smoothed
