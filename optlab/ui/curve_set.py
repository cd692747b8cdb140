"""What a card of curves draws: the curves of one metric of one run, by optimizer."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from optlab.export.number_text import number
from optlab.records import State, TrialStart
from optlab.ui.canvas import Canvas
from optlab.ui.crosshair import Reading
from optlab.ui.curve_items import EntryCurve
from optlab.ui.curve_specs import CurveSpec
from optlab.ui.sampler import Sampler
from optlab.ui.theme import series_style
from optlab.ui.traces import Line
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData


def entries_of(trials: Sequence[TrialStart]) -> dict[int, tuple[TrialStart, ...]]:
    """Return the trials of each optimizer, by its index in the spec."""
    groups: dict[int, list[TrialStart]] = {}
    for trial in trials:
        groups.setdefault(trial.entry, []).append(trial)
    return {entry: tuple(found) for entry, found in groups.items()}


class CurveSet:
    """The curves of one run in one plot.

    Args:
        canvas: The plot.
        spec: What is drawn.
        data: The run.
        state: Settings of all views.
        exact: Whether training is free of noise.

    Attributes:
        data: The run.
        sampler: Reads it.
        entries: Trials of each optimizer.
        curves: Curves of the metric, by index of the optimizer.
        companions: Curves of the second metric.
    """

    def __init__(
        self,
        canvas: Canvas,
        spec: CurveSpec,
        *,
        data: "RunData",
        state: ViewState,
        exact: bool = False,
    ) -> None:
        self.spec = spec
        self.data = data
        self._state = state
        self.sampler = Sampler(data, state)
        self.entries = entries_of(data.trials)
        self.curves: dict[int, EntryCurve] = {}
        self.companions: dict[int, EntryCurve] = {}
        for entry, starts in self.entries.items():
            trials = [start.trial for start in starts]
            self.curves[entry] = EntryCurve(
                canvas, self.sampler, metric=spec.metric, trials=trials, exact=exact
            )
            if spec.companion in data.metrics:
                self.companions[entry] = EntryCurve(
                    canvas,
                    self.sampler,
                    metric=spec.companion,
                    trials=trials,
                    quiet=True,
                )

    def each(self) -> Iterator[tuple[int, EntryCurve]]:
        """Iterate over all curves, with the index of their optimizer."""
        yield from self.curves.items()
        yield from self.companions.items()

    def trace(self, trial: int, *, companion: bool = False) -> Line:
        """Return the trace of one trial."""
        group = self.companions if companion else self.curves
        for curve in group.values():
            if trial in curve.traces:
                return curve.traces[trial]
        raise KeyError(trial)

    def shown_entries(self) -> tuple[int, ...]:
        """Return the indices of the optimizers that are not hidden."""
        return tuple(e for e in self.entries if e not in self._state.hidden)

    def shown_trials(self) -> tuple[int, ...]:
        """Return the numbers of the trials that are not hidden."""
        return tuple(
            start.trial for e in self.shown_entries() for start in self.entries[e]
        )

    def diverged(self, trial: int) -> bool:
        """Return whether a trial diverged."""
        return self.data.status(trial).state is State.DIVERGED

    def last_finite(self, trial: int) -> tuple[float, float] | None:
        """Return step and value of the last finite value of a trial."""
        steps, values = self.data.series(trial, self.spec.metric).arrays()
        finite = np.flatnonzero(np.isfinite(values))
        if not len(finite):
            return None
        return float(steps[finite[-1]]), float(values[finite[-1]])

    def any_negative(self) -> bool:
        """Return whether a log axis would hide something of what was recorded."""
        for start in self.data.trials:
            lowest = self.data.series(start.trial, self.spec.metric).lowest()
            if lowest is not None and lowest[1] < 0:
                return True
        return False

    def read(self, x: float, *, smoothed: bool) -> list[Reading]:
        """Return what every curve that is shown says at ``x``, median over seeds.

        Args:
            x: Where, along the axis that is set.
            smoothed: Whether there is a smoothed value to be told first.
        """
        readings = []
        for entry in self.shown_entries():
            raw, smooth = self._values_at(entry, x)
            if not raw:
                continue
            main = float(np.median(smooth))
            texts: tuple[str, ...] = (number(main),)
            if smoothed:
                texts = (number(main), number(float(np.median(raw))))
            readings.append(
                Reading(
                    label=self.entries[entry][0].label,
                    color=series_style(entry, self._state.theme).color,
                    texts=texts,
                    value=main,
                )
            )
        return readings

    def remove(self) -> None:
        """Take all curves out of the plot."""
        for _, curve in self.each():
            curve.remove()

    def _values_at(self, entry: int, x: float) -> tuple[list[float], list[float]]:
        curve = self.curves[entry]
        raw, smooth = [], []
        for trial in curve.trials:
            step = self.sampler.to_step(trial, x)
            value = self.data.series(trial, self.spec.metric).at(step)
            ended = step > self.data.status(trial).step
            if value is None or ended or not isfinite(value):
                continue
            raw.append(value)
            averaged = curve.smoothed_at(trial, step)
            smooth.append(value if averaged is None else averaged)
        return raw, smooth
