"""The smoothing of curves, one for window and figures."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from optlab.records import Floats

# Weights fall by at most 10**100 within a block, far from the end of float64.
_BLOCK_LOG: Final = 230.0
_BLOCK_MAX: Final = 4096
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
        self._values: Floats = np.empty(0)
        self._count = 0
        self._sum = _Decayed(weight)
        self._mass = _Decayed(weight)

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._count

    @property
    def values(self) -> Floats:
        """The average at every value given so far; not to be written to."""
        return self._values[: self._count]

    def extend(self, new: Floats) -> None:
        """Append values of the series."""
        if not len(new):
            return
        if self._count + len(new) > len(self._values):
            grown = np.empty(max(2 * (self._count + len(new)), 1024))
            grown[: self._count] = self.values
            self._values = grown
        self._values[self._count : self._count + len(new)] = self._average(new)
        self._count += len(new)

    def _average(self, new: Floats) -> Floats:
        if self.weight <= 0.0:
            return new
        return across_decades(self._mean, new) if self.log else self._mean(new)

    def _mean(self, new: Floats) -> Floats:
        good = np.isfinite(new) & (np.abs(new) < _ABSURD)
        sums = self._sum.extend(np.where(good, new, 0.0))
        mass = self._mass.extend(good.astype(np.float64))
        average = np.full_like(sums, np.nan)
        np.divide(sums, mass, out=average, where=good & (mass > 0.0))
        return average


class _Decayed:
    """The running sum y_k = β·y_(k−1) + (1 − β)·x_k, in blocks of one product each.

    Blocks begin at the same values however these come, and additions keep their order:
    so do the bits of the result.
    """

    def __init__(self, weight: float) -> None:
        size = _BLOCK_MAX
        if 0 < weight < 1:
            size = min(_BLOCK_MAX, max(1, int(_BLOCK_LOG / -math.log(weight))))
        self._size, self._share = size, 1.0 - weight
        self._powers = weight ** np.arange(size + 1, dtype=np.float64)
        self._before = 0.0
        self._scaled = 0.0
        self._place = 0

    def extend(self, values: Floats) -> Floats:
        """Return the sums at the values that come next."""
        sums = np.empty_like(values)
        first = 0
        while first < len(values):
            room = self._size - self._place
            part = values[first : first + room]
            sums[first : first + room] = self._within_block(part)
            first += room
        return sums

    def _within_block(self, part: Floats) -> Floats:
        place, stop = self._place, self._place + len(part)
        scaled = part / self._powers[place:stop]
        scaled[0] += self._scaled
        scaled = np.cumsum(scaled)
        before = self._powers[place + 1 : stop + 1] * self._before
        sums: Floats = self._share * (scaled * self._powers[place:stop]) + before
        self._scaled, self._place = float(scaled[-1]), stop
        if stop == self._size:
            self._before, self._scaled, self._place = float(sums[-1]), 0.0, 0
        return sums


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
    smoothed.extend(values)
    return smoothed.values
