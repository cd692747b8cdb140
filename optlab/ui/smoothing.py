"""Running means of growing series, and ranges that outliers cannot spoil."""

from collections.abc import Iterable
from math import log
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Weights fall by at most 10**100 within a block, far from the end of float64.
_BLOCK_LOG: Final = 230.0
_BLOCK_MAX: Final = 4096
_ABSURD: Final = 1e250


def _filter(values: Floats, weight: float, last: float) -> Floats:
    """Return y with ``y[k] = weight * y[k-1] + (1 - weight) * values[k]``."""
    size = min(_BLOCK_MAX, max(1, int(_BLOCK_LOG / -log(weight))))
    powers = weight ** np.arange(size + 1, dtype=np.float64)
    out = np.empty_like(values)
    for first in range(0, len(values), size):
        part = values[first : first + size]
        n = len(part)
        sums = np.cumsum(part / powers[:n]) * powers[:n]
        out[first : first + n] = (1.0 - weight) * sums + powers[1 : n + 1] * last
        last = float(out[first + n - 1])
    return out


class Smoothed:
    """Debiased exponential moving average of one series, computed as it grows.

    The formula is TensorBoard's. Values that are not finite have no weight, so that
    one of them does not spoil all that follow; the average is NaN where they are.

    Args:
        weight: Weight of the past, from 0 (the values themselves) to below 1.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._values: Floats = np.empty(0)
        self._count = 0
        self._sum = 0.0
        self._mass = 0.0

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
        good = np.isfinite(new) & (np.abs(new) < _ABSURD)
        sums = _filter(np.where(good, new, 0.0), self.weight, self._sum)
        mass = _filter(good.astype(np.float64), self.weight, self._mass)
        self._sum, self._mass = float(sums[-1]), float(mass[-1])
        average = np.full_like(sums, np.nan)
        np.divide(sums, mass, out=average, where=good & (mass > 0.0))
        return average


def _pooled(arrays: Iterable[Floats], *, log_scale: bool) -> Floats:
    parts = []
    for values in arrays:
        good = values[np.isfinite(values) & (np.abs(values) < _ABSURD)]
        parts.append(np.log10(good[good > 1e-300]) if log_scale else good)
    return np.concatenate(parts) if parts else np.empty(0)


def robust_range(
    arrays: Iterable[Floats], failed: Iterable[Floats] = (), *, log_scale: bool = False
) -> tuple[float, float] | None:
    """Return a range that shows all curves and is not spoilt by outliers.

    Everything is shown that lies no further out than the middle 98 % are wide. What
    belongs to diverged trials may add a quarter of that on either side, not more.

    Args:
        arrays: Values of the curves.
        failed: Values of diverged trials.
        log_scale: Return (and reckon with) decimal logarithms.

    Returns:
        Lowest and highest value; None where nothing is finite.
    """
    values = _pooled(arrays, log_scale=log_scale)
    others = _pooled(failed, log_scale=log_scale)
    if not values.size:
        if not others.size:
            return None
        values, others = others, np.empty(0)
    low, middle_low, middle_high, high = np.percentile(values, (0, 1, 99, 100))
    width = middle_high - middle_low
    lo = float(max(low, middle_low - width)) if width > 0 else float(low)
    hi = float(min(high, middle_high + width)) if width > 0 else float(high)
    if others.size:
        slack = 0.25 * (hi - lo) or (0.3 if log_scale else 0.25 * abs(hi) or 1.0)
        lo = max(min(lo, float(others.min())), lo - slack)
        hi = min(max(hi, float(others.max())), hi + slack)
    return lo, hi
