"""The curves of one optimizer in one plot: a trace for each seed, one strong line.

With one seed and no smoothing the trace itself is strong. Otherwise the traces stay
faint behind the strong line, which is the smoothed trace, and with several seeds the
median of the smoothed traces at the steps that all of them have reached.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import Final

import numpy as np
from PySide6.QtGui import QColor

from optlab.export.smoothing import Smoothed, across_decades
from optlab.records import Floats, Ints
from optlab.ui.canvas import Canvas
from optlab.ui.sampler import Sampler, block_means, spaced
from optlab.ui.theme import SeriesStyle
from optlab.ui.traces import MANY, NOTHING, Bundle, Line, Look, Trace

STRONG: Final = 2.0
FAINT_OPACITY: Final = 0.26
SEED_OPACITY: Final = 0.4
# A line that goes up and down more than this many plot widths is noise: antialiasing
# it at width 2 takes seconds, at width 1 milliseconds.
_ROUGH: Final = 3.0
_ROUGH_BUT_EXACT: Final = 9.0
_MARKERS: Final = 40
# Of all traces of an optimizer together, and columns for each one at least.
_POINTS: Final = 48_000
_FEWEST: Final = 60


def roughness(y: Floats, *, height: float) -> float:
    """Return how far a line goes up and down, in multiples of ``height``."""
    travel = np.abs(np.diff(y))
    return float(np.nansum(travel[np.isfinite(travel)])) / max(height, 1e-300)


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
        self.traces: dict[int, Line] = {}
        self._bundle = Bundle(canvas, z=z) if len(trials) > MANY else None
        for trial in trials:
            alone = self._bundle is None
            self.traces[trial] = Trace(canvas, z=z) if alone else Line()
        self.strong = Trace(canvas, z=z + 4.0)
        self._smoothed: dict[int, Smoothed] = {}
        self._weight = 0.0
        self._log = False

    def update(
        self, *, lo: float, hi: float, columns: int, weight: float, log: bool
    ) -> None:
        """Read what is new.

        Args:
            lo: Left end of the plot.
            hi: Right end of the plot.
            columns: Its width in pixels.
            weight: Weight of the past in the smoothed line; 0 for none.
            log: Whether the y axis is logarithmic.
        """
        self._weight, self._log = weight, log
        columns = min(columns, max(_FEWEST, _POINTS // len(self.trials)))
        for trial, trace in self.traces.items():
            trace.set_data(
                *self._sampler.points(trial, self.metric, lo=lo, hi=hi, columns=columns)
            )
        if self._bundle is not None:
            self._bundle.take(self.traces.values())
        if self.has_strong:
            self.strong.set_data(*self._strong_points(lo, hi, columns))
        else:
            self.strong.set_data(NOTHING, NOTHING)

    @property
    def sparse(self) -> bool:
        """Whether the metric has values at some steps only."""
        return not self._sampler.data.series(self.trials[0], self.metric).dense

    @property
    def has_strong(self) -> bool:
        """Whether there is a strong line besides the traces."""
        smooth = self._weight > 0 and not self.sparse
        return smooth or len(self.trials) > 1

    def line(self) -> Line:
        """Return what speaks for the optimizer: the strong line or the only trace."""
        return self.strong if self.has_strong else self.traces[self.trials[0]]

    def show(self, on: bool) -> None:
        """Show or hide all of it."""
        for item in (*self._items(), self.strong):
            item.show(on)

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
            faint /= sqrt(min(len(self.trials), MANY))
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
        for item in self._items():
            item.set_look(style, trace, ground)

    def smoothed_at(self, trial: int, step: int) -> float | None:
        """Return the smoothed value of a trial at a step, if there is smoothing."""
        smoothed = self._smoothed.get(trial)
        if self._weight <= 0 or smoothed is None or not 0 <= step < len(smoothed):
            return None
        return float(smoothed.values[step])

    def remove(self) -> None:
        """Take everything out of the plot."""
        for item in (*self._items(), self.strong):
            item.remove()

    def _items(self) -> tuple[Trace, ...]:
        """Return what draws the traces."""
        if self._bundle is not None:
            return (self._bundle,)
        return tuple(t for t in self.traces.values() if isinstance(t, Trace))

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
            return NOTHING, NOTHING
        steps = spaced(first, last, columns // 2 if self._weight > 0 else columns)
        values = [part[steps] for part in parts]
        if self._weight > 0:
            values = [self._block_means(part, steps) for part in parts]
        middle = values[0] if len(values) == 1 else np.median(values, axis=0)
        return self._sampler.to_x(self.trials[0], steps), middle

    def _block_means(self, part: Floats, steps: Ints) -> Floats:
        if not self._log or len(steps) < 2 or steps[1] - steps[0] == 1:
            return block_means(part, steps)
        return across_decades(lambda logs: block_means(logs, steps), part)

    def _sparse_median(self) -> tuple[Floats, Floats]:
        pairs = [
            self._sampler.data.series(trial, self.metric).arrays()
            for trial in self.trials
        ]
        count = min(len(steps) for steps, _ in pairs)
        if not count:
            return NOTHING, NOTHING
        steps = pairs[0][0][:count]
        values = np.median([values[:count] for _, values in pairs], axis=0)
        return self._sampler.to_x(self.trials[0], steps), values

    def _extend(self, trial: int) -> Smoothed:
        values: Floats = self._sampler.data.series(trial, self.metric).values
        smoothed = self._smoothed.get(trial)
        stale = smoothed is None or len(smoothed) > len(values)
        if smoothed is not None and smoothed.log != self._log:
            stale = True
        if smoothed is None or stale or smoothed.weight != self._weight:
            smoothed = Smoothed(self._weight, log=self._log)
            self._smoothed[trial] = smoothed
        smoothed.extend(values[len(smoothed) :])
        return smoothed
