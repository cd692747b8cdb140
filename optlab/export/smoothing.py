"""The smoothing of curves, one for window and figures."""

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.records import Floats, Ints
from optlab.store.growing import Growing

Mask = npt.NDArray[np.bool_]

EVERY: Final = 64
"""Of the averages one in so many is kept; what lies between is worked out from it."""

# Weights fall by at most 10**100 within a block, far from the end of float64.
_BLOCK_LOG: Final = 230.0
_AT_ONCE: Final = 1 << 10
"""Blocks that are taken in one go, so that they stay in the cache of a core."""
# Larger values would overflow inside a block; nobody smooths what is so far out.
_ABSURD: Final = 1e200


class Smoothed:
    """Debiased exponential moving average of one series, computed as it grows.

    The average at k is Σ β^(k−j)·x_j / Σ β^(k−j) over the finite x_j with j ≤ k, which
    is TensorBoard's formula where all are finite. Where a value is not finite the
    average is NaN, and it goes on behind it. It has the same bits however the values
    come: live, from a file, or all at once.

    On a logarithmic axis the logarithms are averaged: the plain mean of a loss that
    falls by decades stays decades above it. Values that are not positive, which such an
    axis cannot show, are gaps there.

    Args:
        weight: β, from 0 (the values themselves) to below 1.
        log: Whether the line is for a logarithmic axis.
    """

    def __init__(self, weight: float, *, log: bool = False) -> None:
        self.weight = weight
        self.log = log
        size = EVERY
        if 0 < weight < 1:
            size = min(EVERY, max(1, int(_BLOCK_LOG / -math.log(weight))))
        self._size = size
        self._powers = weight ** np.arange(size + 1, dtype=np.float64)
        self._values: Floats = np.empty(0)
        self._sums: Growing[np.float64] = Growing(np.float64)
        self._masses: Growing[np.float64] = Growing(np.float64)
        for kept in (self._sums, self._masses):
            kept.extend(np.zeros(1))

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)

    def follow(self, values: Floats) -> None:
        """Take in what was appended to ``values``, the whole series, since last time.

        It is kept, without a copy: what is between two kept averages is found in it.
        """
        self._values = values
        if self.weight <= 0.0:
            return
        done, blocks = len(self._sums) - 1, len(values) // self._size
        for first in range(done, blocks, _AT_ONCE):
            stop = min(first + _AT_ONCE, blocks)
            part = values[first * self._size : stop * self._size]
            x, good = self._readied(part.reshape(-1, self._size))
            self._keep(self._sums, x)
            self._keep(self._masses, good)

    def _keep(self, kept: Growing[np.float64], terms: Floats | Mask) -> None:
        """Keep the sums at the ends of rows of terms."""
        decay, last = float(self._powers[-1]), float(kept.view()[-1])
        ends = np.einsum("ij,j->i", terms, self._powers[-2::-1])
        if last * decay + ends[0] == last and (ends == ends[0]).all():
            # So it is with the weights of a long series without gaps.
            kept.extend(np.full(len(ends), last))
            return
        sums = accumulate(
            ends.tolist(), lambda before, end: before * decay + end, initial=last
        )
        kept.extend(np.fromiter(sums, np.float64, len(ends) + 1)[1:])

    def at(self, steps: Ints) -> Floats:
        """Return the averages at some steps."""
        if self.weight <= 0.0 or not len(steps):
            return self._values[steps]
        blocks, rows = np.unique(steps // self._size, return_inverse=True)
        places = blocks[:, np.newaxis] * self._size + np.arange(self._size)
        x, good = self._readied(self._values[np.minimum(places, len(self) - 1)])
        sums = self._running(x, self._sums.view()[blocks])
        masses = self._running(good, self._masses.view()[blocks])
        return self._average(sums, masses, good)[rows, steps % self._size]

    def kept_at(self, steps: Ints) -> Floats:
        """Return the last averages before some steps that are kept: at no cost."""
        if self.weight <= 0.0:
            return self._values[steps]
        blocks = np.maximum(steps // self._size, 1)
        _, good = self._readied(self._values[blocks * self._size - 1])
        sums, masses = self._sums.view()[blocks], self._masses.view()[blocks]
        return self._average(sums, masses, good)

    def _readied(self, values: Floats) -> tuple[Floats, Mask]:
        """Return what is summed, 0 where there is a gap, and where there is none."""
        if self.log:
            values = np.log10(np.where(values > 0, values, np.nan))
        good = np.abs(values) < _ABSURD
        return np.where(good, values, 0.0), good

    def _running(self, terms: Floats | Mask, before: Floats) -> Floats:
        """Return y_k = β·y_(k−1) + x_k along each row, from what was before it."""
        scaled = np.cumsum(terms / self._powers[:-1], axis=1) * self._powers[:-1]
        sums: Floats = scaled + before[:, np.newaxis] * self._powers[1:]
        return sums

    def _average(self, sums: Floats, masses: Floats, good: Mask) -> Floats:
        average = np.full_like(sums, np.nan)
        np.divide(sums, masses, out=average, where=good & (masses > 0.0))
        return np.power(10.0, average) if self.log else average


def across_decades(mean: Callable[[Floats], Floats], values: Floats) -> Floats:
    """Return what ``mean`` makes of the logarithms of ``values``, as values again."""
    positive = np.where(values > 0, values, np.nan)
    return np.power(10.0, mean(np.log10(positive)))


def smooth(values: Floats, weight: float, *, log: bool = False) -> Floats:
    """Return the average of `Smoothed` over all of ``values``.

    Args:
        values: The raw trace.
        weight: β, at least 0 and less than 1; 0 returns the trace where it is finite.
        log: Whether the line is for a logarithmic axis.
    """
    if weight <= 0:
        return np.where(np.isfinite(values), values, np.nan)
    smoothed = Smoothed(weight, log=log)
    smoothed.follow(values)
    return smoothed.at(np.arange(len(values)))
