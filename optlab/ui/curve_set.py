"""What a card of curves draws: the curves of one metric of one run, by optimizer."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from optlab.export.curves import of_seed, provisional
from optlab.export.number_text import number
from optlab.records import State, TrialStart
from optlab.translate import tr
from optlab.ui.canvas import Canvas
from optlab.ui.card_look import CardLook
from optlab.ui.crosshair import Reading
from optlab.ui.curve_band import BandCurve, MeanCurve
from optlab.ui.curve_items import EntryCurve, TraceCurve
from optlab.ui.curve_specs import CurveSpec
from optlab.ui.sampler import Sampler
from optlab.ui.theme import series_style
from optlab.ui.traces import Line
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

_KINDS: Final[Mapping[str, type[EntryCurve]]] = MappingProxyType(
    {"band": BandCurve, "mean": MeanCurve, "trials": TraceCurve, "seed": TraceCurve}
)
"""What draws several seeds of one optimizer."""


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
        look: How the card is looked at; spread and seed stay as they are here.
        exact: Whether training is free of noise.

    Attributes:
        data: The run.
        sampler: Reads it.
        entries: Trials of each optimizer, those that are drawn.
        seeds: Seeds of the run.
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
        look: CardLook,
        exact: bool = False,
    ) -> None:
        self._canvas = canvas
        self.spec = spec
        self.data = data
        self._state = state
        self.spread, self.seed = look.spread, look.seed
        self.sampler = Sampler(data, look.x_axis)
        self.entries = entries_of(data.trials)
        self.seeds = tuple(dict.fromkeys(start.seed for start in data.trials))
        if look.spread == "seed":
            self.entries = {
                entry: of_seed(starts, look.seed)
                for entry, starts in self.entries.items()
            }
        self.curves: dict[int, EntryCurve] = {}
        self.companions: dict[int, EntryCurve] = {}
        for entry, starts in self.entries.items():
            trials = [start.trial for start in starts]
            kind = _KINDS[look.spread] if len(trials) > 1 else TraceCurve
            self.curves[entry] = kind(
                canvas, self.sampler, metric=spec.metric, trials=trials, exact=exact
            )
            if spec.companion in data.metrics:
                self.companions[entry] = kind(
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
            if isinstance(curve, TraceCurve) and trial in curve.traces:
                return curve.traces[trial]
        raise KeyError(trial)

    def most_seeds(self) -> int:
        """Return how many trials the optimizer has that has most."""
        return max((len(starts) for starts in self.entries.values()), default=0)

    def shown_entries(self) -> tuple[int, ...]:
        """Return the indices of the optimizers that are not hidden."""
        return tuple(e for e in self.entries if e not in self._state.hidden)

    def shown_trials(self) -> tuple[int, ...]:
        """Return the numbers of the trials that are not hidden."""
        return tuple(
            start.trial for e in self.shown_entries() for start in self.entries[e]
        )

    def trials(self) -> tuple[TrialStart, ...]:
        """Return the trials that are drawn or hidden, not those of other seeds."""
        return tuple(start for starts in self.entries.values() for start in starts)

    def news(self, pixel: float) -> Hashable:
        """Return what tells whether there is more to be seen than there was.

        Args:
            pixel: Width of a pixel, as the x axis has it.
        """
        data, trials = self.data, [start.trial for start in self.trials()]
        ends = self._canvas.x_on_axis(np.array([self.sampler.end(t) for t in trials]))
        own = set(data.sparse).intersection((self.spec.metric, self.spec.companion))
        return (
            data.state,
            len(data.events()),
            *np.nan_to_num(ends // pixel).tolist(),
            *(data.status(trial).state for trial in trials),
            *(len(data.series(trial, metric)) for trial in trials for metric in own),
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

    def provisional(self) -> bool:
        """Return whether what is shown has not come to its end."""
        shown = [t for e in self.shown_entries() for t in self.entries[e]]
        return provisional(self.data, shown)

    def any_mean_ended(self) -> bool:
        """Return whether an optimizer that is shown lost one of several seeds."""
        groups = [self.entries[e] for e in self.shown_entries()]
        return any(self.diverged(t.trial) for g in groups if len(g) > 1 for t in g)

    def any_negative(self) -> bool:
        """Return whether a log axis would hide something of what was recorded."""
        for start in self.trials():
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
        found = (
            self._reading(entry, x, smoothed=smoothed) for entry in self.shown_entries()
        )
        return [reading for reading in found if reading is not None]

    def _reading(self, entry: int, x: float, *, smoothed: bool) -> Reading | None:
        """Return what an optimizer says: median and edges, or smooth and raw value."""
        curve = self.curves[entry]
        if isinstance(curve, BandCurve):
            at = curve.at(self.sampler.to_step(curve.clock, x))
            if at is None:
                return None
            low, main, high = at
            edges = tr("{low} to {high}", low=number(low), high=number(high))
            texts: tuple[str, ...] = (number(main), edges)
        else:
            raw, smooth = self._values_at(entry, x)
            if not raw:
                return None
            main = float(np.median(smooth))
            texts = (number(main),)
            if smoothed:
                texts = (number(main), number(float(np.median(raw))))
        style = series_style(entry, self._state.theme)
        label = self.entries[entry][0].label
        return Reading(
            label=label, color=style.color, dash=style.dash, texts=texts, value=main
        )

    def remove(self) -> None:
        """Take all curves out of the plot."""
        for _, curve in self.each():
            curve.remove()

    def _values_at(self, entry: int, x: float) -> tuple[list[float], list[float]]:
        curve = self.curves[entry]
        averaged = curve.averages.weight > 0 and not curve.sparse
        raw, smooth = [], []
        for trial in curve.trials:
            step = self.sampler.to_step(trial, x)
            value = self.data.series(trial, self.spec.metric).at(step)
            ended = step > self.data.status(trial).step
            if value is None or ended or not isfinite(value):
                continue
            raw.append(value)
            at = np.array([step])
            smooth.append(curve.averages.at(trial, at).item() if averaged else value)
        return raw, smooth
