"""The smoothed traces of the trials of one optimizer, kept as they grow."""

from math import nan

import numpy as np

from optlab.export.smoothing import EVERY, Smoothed, across_decades
from optlab.records import Floats, Ints
from optlab.ui.sampler import Sampler, evenly, finite_means, pen_places


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

    def at(self, trial: int, steps: Ints) -> Floats:
        """Return the smoothed values at steps that there are; else the values."""
        return self._of(trial).at(steps)

    def sampled(self, trial: int, steps: Ints) -> Floats:
        """Return what is drawn of a trial at ``steps``; NaN behind its end.

        A smoothed trace is smoothed on to the distance of the steps; without smoothing
        these are values as they were recorded.
        """
        smoothed = self._of(trial)
        found = np.full(len(steps), nan)
        known = int(np.searchsorted(steps, len(smoothed)))
        if self.weight > 0:
            pieces = [self._means(smoothed, piece) for piece in evenly(steps[:known])]
            found[:known] = np.concatenate(pieces)
        else:
            found[:known] = smoothed.at(steps[:known])
        return found

    def _of(self, trial: int) -> Smoothed:
        values: Floats = self._sampler.data.series(trial, self._metric).values
        kept = self._smoothed.get(trial)
        kind = self.weight, self.log
        if kept is None or len(kept) > len(values) or (kept.weight, kept.log) != kind:
            kept = self._smoothed[trial] = Smoothed(self.weight, log=self.log)
        kept.follow(values)
        return kept

    def _means(self, smoothed: Smoothed, steps: Ints) -> Floats:
        stride = int(steps[1] - steps[0]) if len(steps) > 1 else 1
        if stride == 1:
            return smoothed.at(steps)
        places = pen_places(steps)
        # So far apart it does not matter where exactly: what is kept costs nothing.
        read = smoothed.at if stride < 2 * EVERY else smoothed.kept_at
        rows = read(places.ravel()).reshape(places.shape)
        return across_decades(finite_means, rows) if self.log else finite_means(rows)
