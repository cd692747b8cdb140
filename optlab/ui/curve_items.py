"""The curves of one optimizer in one plot: a trace for each trial, and strong lines.

Without smoothing the traces themselves speak. Otherwise they stay faint behind the
smoothed ones. (Median and band of several seeds are in `optlab.ui.curve_band`.)
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import Final

import numpy as np
from PySide6.QtGui import QColor

from optlab.records import Floats
from optlab.ui.averages import Averages
from optlab.ui.canvas import Canvas
from optlab.ui.sampler import Sampler
from optlab.ui.theme import SeriesStyle
from optlab.ui.traces import MANY, NOTHING, Bundle, Line, Look, Trace

STRONG: Final = 2.0
FAINT_OPACITY: Final = 0.26
# Of each of several trials: many bold ones would hide each other.
_OF_MANY: Final = 1.3
_OF_MANY_OPACITY: Final = 0.75
# A line that goes up and down more than this many plot widths is noise: antialiasing
# it at width 2 takes seconds, at width 1 milliseconds.
_ROUGH: Final = 3.0
_ROUGH_BUT_EXACT: Final = 9.0
_MARKERS: Final = 40
# Of all traces of an optimizer together, and columns for each one at least.
_POINTS: Final = 48_000
_FEWEST: Final = 60
_OVERVIEW: Final = 500


def roughness(y: Floats, *, height: float) -> float:
    """Return how far a line goes up and down, in multiples of ``height``."""
    travel = np.abs(np.diff(y))
    return float(np.nansum(travel[np.isfinite(travel)])) / max(height, 1e-300)


class EntryCurve(ABC):
    """What is drawn of one metric of one optimizer.

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
        self._z = 1.0 if quiet else 2.0
        self.averages = Averages(sampler, metric)
        self.strong: Trace
        self._make(canvas)

    @abstractmethod
    def _make(self, canvas: Canvas) -> None:
        """Make what is drawn."""

    @property
    def sparse(self) -> bool:
        """Whether the metric has values at some steps only."""
        return not self._sampler.data.series(self.trials[0], self.metric).dense

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
        self.averages.weight, self.averages.log = weight, log
        columns = min(columns, max(_FEWEST, _POINTS // len(self.trials)))
        self._read(lo, hi, columns)

    @abstractmethod
    def _read(self, lo: float, hi: float, columns: int) -> None:
        """Read what lies between ``lo`` and ``hi``."""

    @abstractmethod
    def line(self) -> Line:
        """Return what speaks for the optimizer, and where its label stands."""

    @abstractmethod
    def heights(self, *, end: float | None) -> list[tuple[tuple[int, ...], Floats]]:
        """Return the y of what is drawn, with the trials for which it stands.

        Args:
            end: Last x, to take all from 0 to there; None for what is in view.
        """

    @abstractmethod
    def show(self, on: bool) -> None:
        """Show or hide all of it."""

    @abstractmethod
    def restyle(self, style: SeriesStyle, *, ground: QColor, hovered: bool) -> None:
        """Take colour and dash.

        Args:
            style: Of the optimizer.
            ground: Behind the curves.
            hovered: Whether the mouse is on the optimizer, here or elsewhere.
        """

    @abstractmethod
    def remove(self) -> None:
        """Take everything out of the plot."""

    def strong_look(self, *, hovered: bool, points: int) -> Look:
        """Return the look of what speaks for the optimizer, if it is calm.

        Args:
            hovered: Whether the mouse is on the optimizer.
            points: How many there are.
        """
        wide = STRONG + (1.0 if hovered else 0.0)
        if self.sparse:
            return Look(
                width=1.0 if self._quiet else wide - 0.5,
                opacity=0.6 if self._quiet else 1.0,
                smooth=True,
                dashed=True,
                markers=points <= _MARKERS,
            )
        if self._quiet:
            return Look(width=wide - 0.8, opacity=0.55, smooth=True, dashed=True)
        return Look(width=wide, smooth=True, dashed=True)

    def rough(self, y: Floats) -> bool:
        """Return whether a line goes up and down so much that it has to be thin."""
        y = self._canvas.y_on_axis(y)
        (_, _), (y0, y1) = self._canvas.view()
        rect = self._canvas.plot_rect()
        width = (y1 - y0) * rect.width() / max(rect.height(), 1.0)
        return roughness(y, height=width) > self._rough_at


class TraceCurve(EntryCurve):
    """A line for each trial."""

    def _make(self, canvas: Canvas) -> None:
        many = len(self.trials) > MANY
        self._bundle = Bundle(canvas, z=self._z) if many else None
        self.traces: dict[int, Line] = {
            trial: Line() if many else Trace(canvas, z=self._z, rising=True)
            for trial in self.trials
        }
        one, z = len(self.trials) == 1, self._z + 4.0
        self.strong = Trace(canvas, z=z, rising=True) if one else Bundle(canvas, z=z)
        self._smooth: dict[int, Line] = {trial: Line() for trial in self.trials}

    @property
    def has_strong(self) -> bool:
        """Whether there are smoothed lines besides the traces."""
        return self.averages.weight > 0 and not self.sparse

    def line(self) -> Line:
        """Return the smoothed line or the trace; of several trials, the middle one."""
        lines = self._smooth if self.has_strong else self.traces
        if len(lines) == 1:
            return self.strong if self.has_strong else lines[self.trials[0]]
        ended = {t: _last(line.y) for t, line in lines.items() if len(line.y)}
        if not ended:
            return lines[self.trials[0]]
        order = sorted(ended, key=lambda trial: ended[trial])
        return lines[order[len(order) // 2]]

    def heights(self, *, end: float | None) -> list[tuple[tuple[int, ...], Floats]]:
        """Return the traces."""
        if end is None:
            return [((trial,), trace.y) for trial, trace in self.traces.items()]
        found: list[tuple[tuple[int, ...], Floats]] = []
        for trial in self.traces:
            _, y = self._sampler.points(
                trial, self.metric, lo=0.0, hi=max(end, 1.0), columns=_OVERVIEW
            )
            found.append(((trial,), y))
        return found

    def show(self, on: bool) -> None:
        """Show or hide all of it."""
        for item in (*self._items(), self.strong):
            item.show(on)

    def restyle(self, style: SeriesStyle, *, ground: QColor, hovered: bool) -> None:
        """Take colour and dash."""
        spoken = self.line()
        strong = self.strong_look(hovered=hovered, points=len(spoken.x))
        if len(self.trials) > 1:
            width, opacity = strong.width - STRONG + _OF_MANY, _OF_MANY_OPACITY
            strong = replace(strong, width=width, opacity=strong.opacity * opacity)
        rough = self.rough(spoken.y)
        if self.has_strong:
            faint = FAINT_OPACITY / sqrt(min(len(self.trials), MANY))
            trace = Look(opacity=0.0 if self._quiet else faint)
            if rough:
                # The average is over less than a pixel: it is as noisy as the trace.
                strong = Look(width=2.0 if hovered else 1.0, opacity=strong.opacity)
            self.strong.set_look(style, strong, ground)
        elif rough:
            trace = Look(
                width=2.0 if hovered else 1.0,
                opacity=FAINT_OPACITY if self._quiet else strong.opacity,
            )
        else:
            trace = strong
        for item in self._items():
            item.set_look(style, trace, ground)

    def remove(self) -> None:
        """Take everything out of the plot."""
        for item in (*self._items(), self.strong):
            item.remove()

    def _items(self) -> tuple[Trace, ...]:
        """Return what draws the traces."""
        if self._bundle is not None:
            return (self._bundle,)
        return tuple(t for t in self.traces.values() if isinstance(t, Trace))

    def _read(self, lo: float, hi: float, columns: int) -> None:
        for trial, trace in self.traces.items():
            trace.set_data(
                *self._sampler.points(trial, self.metric, lo=lo, hi=hi, columns=columns)
            )
            if self.has_strong:
                points = self._smooth_points(trial, lo=lo, hi=hi, columns=columns // 2)
                self._smooth[trial].set_data(*points)
        if self._bundle is not None:
            self._bundle.take(self.traces.values())
        if not self.has_strong:
            self.strong.set_data(NOTHING, NOTHING)
        elif isinstance(self.strong, Bundle):
            self.strong.take(self._smooth.values())
        else:
            line = self._smooth[self.trials[0]]
            self.strong.set_data(line.x, line.y)

    def _smooth_points(
        self, trial: int, *, lo: float, hi: float, columns: int
    ) -> tuple[Floats, Floats]:
        count = len(self._sampler.data.series(trial, self.metric))
        first = min(max(self._sampler.to_step(trial, lo), 0), count)
        last = min(self._sampler.to_step(trial, hi) + 2, count)
        if last <= first:
            return NOTHING, NOTHING
        steps = self._sampler.spaced(first, last, columns)
        return self._sampler.to_x(trial, steps), self.averages.sampled(trial, steps)


def _last(y: Floats) -> float:
    finite = y[np.isfinite(y)]
    return float(finite[-1]) if len(finite) else float("inf")
