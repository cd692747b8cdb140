"""Ratios of cost, one for each seed, and what they say together.

Ratios may be infinite or zero, where one of two trials never arrives, and unknown,
where neither does. Medians and their intervals bear both.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Final, Self

import numpy as np

from optlab.records import Floats, Ints

LEVEL: Final = 0.95


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """Cost of the baseline over that of the other, at several levels.

    Attributes:
        middle: Median over seeds, halfway between two on a logarithmic scale; above 1
            where the other is faster, NaN where too few seeds carry it.
        low: Lower end of its interval; NaN where there is none.
        high: Upper end; infinite where the seeds set no bound.
        both: In how many seeds both arrive.
        only: In how many only the other one does.
        only_baseline: In how many only the baseline does.
    """

    middle: Floats
    low: Floats
    high: Floats
    both: Ints
    only: Ints
    only_baseline: Ints

    def first(self, count: int) -> Self:
        """Return what is said at the first so many levels."""
        cut = {f.name: getattr(self, f.name)[:count] for f in fields(self)}
        return replace(self, **cut)


def share_of(ratios: Ratios) -> tuple[float, float, float] | None:
    """Return the part of the baseline's cost at the first level, with its interval.

    None where too few seeds carry it; ends are NaN without an interval.
    """
    if not math.isfinite(ratios.middle[0]):
        return None
    with np.errstate(divide="ignore"):
        ends = (1 / ratios.middle[0], 1 / ratios.high[0], 1 / ratios.low[0])
    return float(ends[0]), float(ends[1]), float(ends[2])


def fewest_for_interval(confidence: float = LEVEL) -> int:
    """Return how many seeds an interval takes: 6 for 95 %.

    With n seeds even the whole range of the ratios covers their median with a
    probability of only 1 − 2/2ⁿ.
    """
    return math.ceil(1 - math.log2(1 - confidence) - 1e-9)


def log_ratios(own: Floats, baseline: Floats) -> Floats:
    """Return the logarithm of the baseline's cost over the other's.

    Args:
        own: Cost of the one, infinite where it never arrived.
        baseline: Cost of the other likewise.

    Returns:
        +∞ where only the one arrived, −∞ where only the baseline did, NaN where neither
        did. Where both had arrived before they began the costs are equal.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(baseline) - np.log(own)
    found: Floats = np.where((own == 0) & (baseline == 0), 0.0, logs)
    return found


def medians(values: Floats) -> Floats:
    """Return medians over the last axis, without NaN.

    NaN where nothing is left, or the middle lies between −∞ and +∞.
    """
    ordered = np.sort(values, axis=-1)
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    last = np.maximum(count - 1, 0)
    low = np.take_along_axis(ordered, last // 2, axis=-1)[..., 0]
    high = np.take_along_axis(ordered, (last + 1) // 2, axis=-1)[..., 0]
    with np.errstate(invalid="ignore"):
        between = (low + high) / 2
    found: Floats = np.where(low == high, low, between)
    return found


def median_interval(values: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of a median, between two of the values.

    The k-th smallest and the k-th largest, with the largest k that a fair coin falls
    short of in n tosses with a probability of at most (1 − level)/2 (Conover 1999,
    section 3.2). It covers the median at least as often as it says, however the values
    are spread and with as few as six of them; the bootstrap's covers it in 88 to 94 %.

    Args:
        values: One for each seed; NaN for what says nothing.
        level: Confidence of the interval.

    Returns:
        The ends; NaN where there are too few values.
    """
    from scipy.stats import binom

    ordered = np.sort(values[~np.isnan(values)])
    k = int(binom.ppf((1 - level) / 2, len(ordered), 0.5)) if len(ordered) else 0
    if k < 1:
        return math.nan, math.nan
    return float(ordered[k - 1]), float(ordered[-k])


def percentile_interval(found: Floats, level: float = LEVEL) -> tuple[float, float]:
    """Return the bootstrap's percentile interval.

    Args:
        found: The statistic of each resample; one that says nothing, NaN, bounds
            nothing.
        level: Confidence of the interval.
    """
    tail = (1 - level) / 2
    place = math.floor(tail * len(found) + 1e-9)
    unknown = np.isnan(found)
    low = np.sort(np.where(unknown, -np.inf, found))[place]
    high = np.sort(np.where(unknown, np.inf, found))[len(found) - 1 - place]
    return float(low), float(high)
