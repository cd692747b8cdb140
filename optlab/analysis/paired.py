"""Differences by seed: intervals and tests that need no bell curve.

All tests ask one thing: are the differences symmetric about zero, as they are if an
optimizer is compared with itself? A difference may be infinite: one of the two trials
of a seed did not last. Its mean is then undefined, and everything works by ranks: an
infinite difference outranks every finite one, and infinite ones share their rank. A
difference of NaN, where both did not last, tells nothing and counts as zero.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from optlab.records import Floats

LEVEL: Final = 0.05
"""How often an optimizer may be told from itself."""

RESAMPLES: Final = 10_000
EXACT: Final = 12
"""Up to so many seeds all 2ⁿ changes of signs are gone through."""

_FEWEST_FOR_BCA: Final = 10
_SEED: Final = 20260
_MOST_SEEDS: Final = 1000
# Sums that differ by less than this share of the largest are equal but for rounding;
# SciPy's permutation tests allow for it in the same way.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a few values say together, one for each seed.

    Attributes:
        n: How many there are.
        lasted: How many of them are finite.
        median: Their median; infinite where half did not last.
        quartiles: Lower and upper quartile, values that were measured.
        mean: Their mean; None where one is infinite, as then there is none.
        interval: 95 % bootstrap interval of the mean; None where there is no mean,
            or one value only.
    """

    n: int
    lasted: int
    median: float
    quartiles: tuple[float, float]
    mean: float | None
    interval: tuple[float, float] | None


def summary(values: Sequence[float]) -> Summary:
    """Return median with quartiles and mean with interval; nothing is left out.

    Args:
        values: One for each seed, at least one; infinite where a trial did not last.
    """
    ordered = sorted(values)
    n = len(ordered)
    lasted = sum(math.isfinite(v) for v in ordered)
    # Values that were measured: between a finite and an infinite one is no third.
    low, high = (ordered[round(q * (n - 1))] for q in (0.25, 0.75))
    return Summary(
        n=n,
        lasted=lasted,
        median=median(ordered),
        quartiles=(low, high),
        mean=float(np.mean(ordered)) if lasted == n else None,
        # Sorted: in which order seeds came makes no difference.
        interval=bootstrap_interval(ordered) if lasted == n else None,
    )


def median(values: Sequence[float]) -> float:
    """Return the median; infinite ones take part, NaN counts as zero.

    Zero where the two in the middle are infinite on either side.
    """
    ordered = sorted(0.0 if math.isnan(v) else v for v in values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low == high:
        return low
    return 0.0 if math.isinf(low) and math.isinf(high) else low / 2 + high / 2


def bootstrap_interval(
    values: Sequence[float], *, level: float = LEVEL
) -> tuple[float, float] | None:
    """Return a bootstrap interval of the mean, by resampling seeds.

    Percentile below ten values; from ten on BCa (B. Efron, Better Bootstrap Confidence
    Intervals, JASA 82, 1987). The resamples are the same on every call.

    Args:
        values: One for each seed.
        level: How often the interval may miss, 0.05 for 95 %.

    Returns:
        Both ends; None for fewer than two values or where one is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2 or not np.isfinite(array).all():
        return None
    if np.ptp(array) == 0.0:
        return float(array[0]), float(array[0])
    found = _bootstrap(array, level, bca=len(array) >= _FEWEST_FOR_BCA)
    # Where all but one are equal, BCa's correction can be 0/0.
    return found if all(map(math.isfinite, found)) else _bootstrap(array, level)


def _bootstrap(
    array: Floats, level: float, *, bca: bool = False
) -> tuple[float, float]:
    from scipy.stats import bootstrap

    with np.errstate(all="ignore"):
        interval = bootstrap(
            (array.tolist(),),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=1.0 - level,
            method="BCa" if bca else "percentile",
            rng=np.random.default_rng(_SEED),
        ).confidence_interval
    return float(interval.low), float(interval.high)


def by_rank(differences: Sequence[float]) -> Floats:
    """Return differences as numbers that can be added up.

    They are themselves where all are finite, with 0 for NaN. With an infinite one
    among them each is its sign times the rank of its size, as in Wilcoxon's test; zeros
    have rank 0, infinite ones share the highest.
    """
    from scipy.stats import rankdata

    array = np.nan_to_num(
        np.asarray(differences, dtype=np.float64),
        nan=0.0,
        posinf=np.inf,
        neginf=-np.inf,
    )
    if np.isfinite(array).all():
        return array
    ranks = np.zeros_like(array)
    some = array != 0.0
    ranks[some] = rankdata(np.abs(array[some]))
    return np.asarray(np.sign(array) * ranks)


def sign_flip_p(differences: Sequence[float]) -> float:
    """Return the exact two-sided p of the sign-flip test of the mean.

    The share of all 2ⁿ changes of signs that move the sum at least as far from zero
    (R. A. Fisher, The Design of Experiments, 1935, chapter 3).

    Args:
        differences: One for each seed, `EXACT` at most; infinite ones: `by_rank`.

    Raises:
        ValueError: There are more than can be gone through.
    """
    values = by_rank(differences)
    if len(values) > EXACT:
        raise ValueError(f"{len(values)} differences; at most {EXACT} are gone through")
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    seen = abs(float(np.sum(values)))
    slack = _ROUNDING * float(np.sum(np.abs(values)))
    return float(np.mean(np.abs(sums) >= seen - slack))


def wilcoxon_p(differences: Sequence[float]) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test, as SciPy has it.

    Args:
        differences: One for each seed; infinite ones have the highest ranks, zeros
            are left out.
    """
    from scipy.stats import wilcoxon

    values = by_rank(differences)
    if not np.any(values):
        return 1.0
    return float(wilcoxon(values[values != 0.0]).pvalue)


def paired_p(differences: Sequence[float]) -> float:
    """Return the p of the test for so many seeds: sign-flip up to `EXACT`, Wilcoxon."""
    small = len(differences) <= EXACT
    return sign_flip_p(differences) if small else wilcoxon_p(differences)


def smallest_p(n: int) -> float:
    """Return the smallest p that so many differences can give: 2/2ⁿ, at most 1."""
    return min(1.0, 2.0 / 2.0**n)


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Return p values adjusted for how many there are, in the order given.

    S. Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scand. J.
    Statist. 6, 1979: the k-th smallest of m is multiplied by m - k + 1, and none is
    less than a smaller one became.
    """
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted = [1.0] * len(ps)
    least = 0.0
    for place, i in enumerate(order):
        least = max(least, min(1.0, (len(ps) - place) * ps[i]))
        adjusted[i] = least
    return tuple(adjusted)


def exact_interval(
    differences: Sequence[float], *, level: float = LEVEL
) -> tuple[float, float] | None:
    """Return the interval of the centre that belongs to the sign-flip test.

    The means of all 2ⁿ - 1 subsets cut the line into 2ⁿ pieces, each of which holds
    the centre of a symmetric distribution equally often (J. A. Hartigan, Using
    Subsample Values as Typical Values, JASA 64, 1969). So many are cut off on both
    sides as may be missed. It leaves zero out exactly where the test rejects.

    Args:
        differences: One for each seed, all finite, `EXACT` at most.
        level: How often the interval may miss, 0.05 for 95 %.

    Returns:
        Both ends; None where there are too few for any, below six for 95 %.
    """
    values = np.asarray(differences, dtype=np.float64)
    cut = math.floor(level * 2 ** len(values) / 2 * (1 + _ROUNDING))
    if cut < 1 or len(values) > EXACT or not np.isfinite(values).all():
        return None
    means = np.sort(_subset_means(values))
    return float(means[cut - 1]), float(means[-cut])


def median_interval(
    differences: Sequence[float], *, level: float = LEVEL
) -> tuple[float, float] | None:
    """Return the interval of the median that belongs to the sign test.

    It takes infinite differences as they come; NaN counts as zero. Both ends are
    differences that were seen: the k-th from either side, with the largest k for which
    n tosses of a coin show fewer than k heads no more often than level/2.

    Returns:
        Both ends; None where there are too few for any, below six for 95 %.
    """
    from scipy.stats import binom

    values = sorted(0.0 if math.isnan(d) else d for d in differences)
    n = len(values)
    cut = 0
    while 2 * (cut + 1) <= n and binom.cdf(cut, n, 0.5) <= level / 2:
        cut += 1
    return (values[cut - 1], values[-cut]) if cut else None


def seeds_needed(
    differences: Sequence[float], *, level: float = LEVEL, power: float = 0.8
) -> int | None:
    """Return about how many seeds would tell, if the rest looks like these.

    The fewest for which a two-sided t test rejects with the wanted power (by the
    noncentral t distribution), and for which 2/2ⁿ can be as small as the level.

    Args:
        differences: One for each seed; infinite ones count by rank.
        level: Level of one comparison: 0.05 over the number of comparisons.
        power: How often it should tell.

    Returns:
        How many in all; None where there is no variance or no effect to go by, or it
        would take more than a thousand.
    """
    size = effect_size(differences)
    if size is None:
        return None
    low = math.ceil(math.log2(2.0 / level) - _ROUNDING) - 1
    high = low + 1
    # Power grows with n: double until it is enough, then halve the gap.
    while _t_power(high, size, level) < power:
        if high >= _MOST_SEEDS:
            return None
        low, high = high, min(2 * high, _MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        if _t_power(middle, size, level) >= power:
            high = middle
        else:
            low = middle
    return high


def effect_size(differences: Sequence[float]) -> float | None:
    """Return the mean difference in standard deviations, without its sign.

    Infinite differences count by rank. None where there is no mean or no spread to go
    by: fewer than two differences, all equal, or a mean of zero.
    """
    values = by_rank(differences)
    if len(values) < 2:
        return None
    spread = float(np.std(values, ddof=1))
    mean = abs(float(np.mean(values)))
    if mean == 0.0 or spread <= _ROUNDING * mean:
        return None
    return mean / spread


def _t_power(n: int, size: float, level: float) -> float:
    from scipy.stats import nct, t

    edge = t.ppf(1.0 - level / 2, n - 1)
    shift = size * math.sqrt(n)
    # So far away the noncentral t loses its digits, and there is no doubt left.
    if shift > edge + 8:
        return 1.0
    return float(nct.sf(edge, n - 1, shift) + nct.cdf(-edge, n - 1, shift))


def _subset_means(values: Floats) -> Floats:
    sums, sizes = np.zeros(1), np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + value])
        sizes = np.concatenate([sizes, sizes + 1])
    return np.asarray(sums[1:] / sizes[1:])
