"""The smoothed traces of the trials of one optimizer, kept as they grow."""

from math import nan

import numpy as np

from optlab.export.smoothing import Smoothed, across_decades
from optlab.records import Floats, Ints
from optlab.ui.sampler import Sampler, block_means, evenly


class Averages:
    """Smooths one metric of some trials.

    Args:
        sampler: Reads the run.
        metric: What is smoothed.

    Attributes:
        weight: Weight of the past; 0 for none.
        log: Whether it is for a logarithmic axis.
    """

    def __init__(self, sampler: Sampler, metric: str) -> None:
        self._sampler = sampler
        self._metric = metric
        self.weight = 0.0
        self.log = False
        self._smoothed: dict[int, Smoothed] = {}

    def of(self, trial: int) -> Floats:
        """Return the smoothed trace of a trial; without smoothing, the trace."""
        values: Floats = self._sampler.data.series(trial, self._metric).values
        if self.weight <= 0:
            return values
        kind = self.weight, self.log
        kept = self._smoothed.get(trial)
        if kept is None or len(kept) > len(values) or (kept.weight, kept.log) != kind:
            kept = Smoothed(self.weight, log=self.log)
            self._smoothed[trial] = kept
        kept.extend(values[len(kept) :])
        return kept.values

    def at(self, trial: int, step: int) -> float | None:
        """Return the smoothed value at a step, if there is smoothing."""
        kept = self._smoothed.get(trial)
        if self.weight <= 0 or kept is None or not 0 <= step < len(kept):
            return None
        return float(kept.values[step])

    def sampled(self, trial: int, steps: Ints) -> Floats:
        """Return what is drawn of a trial at ``steps``; NaN behind its end.

        A smoothed trace is smoothed on to the distance of the steps; without smoothing
        these are values as they were recorded.
        """
        part = self.of(trial)
        found = np.full(len(steps), nan)
        known = int(np.searchsorted(steps, len(part)))
        if self.weight > 0:
            pieces = [self._means(part, piece) for piece in evenly(steps[:known])]
            found[:known] = np.concatenate(pieces)
        else:
            found[:known] = part[steps[:known]]
        return found

    def _means(self, part: Floats, steps: Ints) -> Floats:
        if not self.log or len(steps) < 2 or steps[1] - steps[0] == 1:
            return block_means(part, steps)
        return across_decades(lambda logs: block_means(logs, steps), part)
