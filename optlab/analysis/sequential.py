"""Intervals that hold however often one looks, and whenever one stops.

The question is that of the sign-flip test: are the differences symmetric about a
centre c? If they are, the sign of each is a fair coin whatever its size and whatever
came before. Somebody who bets on the signs, never more than there is at stake, cannot
expect to win; so the capital exceeds 1/α at any time with probability α at most (J.
Ville, Étude critique de la notion de collectif, 1939). Nothing is asked of the noise
but symmetry, so tails may be as heavy as they like. The centres at which the capital
has stayed below 1/α form a confidence sequence.

The bet: at the difference x (less c) capital is multiplied by

    2 q(x)/(q(x) + q(-x)) = 2/(1 + exp(-2 μ x/σ²)) = 1 + tanh(μ x/σ²),

the likelihood ratio of a normal distribution q of mean μ and deviation σ to the even
mixture of it and its mirror image, which is symmetric (e-tests of symmetry of Fisher's
type: V. Vovk, R. Wang, Nonparametric e-tests of symmetry, 2022, arXiv:2208.08925; A.
Ramdas, J. Ruf, M. Larsson, W. Koolen, Admissible anytime-valid sequential inference
must rely on nonnegative martingales, 2020, arXiv:2009.03167). σ is put from the sizes
seen so far: with δ = μ/σ the mean square is σ²(1 + δ²), hence

    μ x/σ² = δ √(1 + δ²) x / rms(x₁ … x_i).

Half of the capital bets on each sign of δ, spread evenly over log|δ| from 0.2 to 2.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from optlab.analysis.paired import LEVEL, effect_size
from optlab.records import Floats, Ints

SIZES: Final = (0.2, 2.0)
"""Effects, in standard deviations, between which the capital is spread."""

# Capital spread over the nodes of a quadrature is capital spread, too: the level holds
# exactly, whatever the quadrature is worth as an integral.
_NODES: Final = 24
_HALVINGS: Final = 60
# Ends of intervals are found to this share of themselves.
_NEAR: Final = 1e-12
_MOST_POINTS: Final = 200
_FARTHEST: Final = 2.0 ** np.arange(-6.0, 31.0, 2.0)
# By simulation with normal noise: four of five sequences tell within so many times the
# seeds that the rate of growth of the t test's e-process asks for.
_SLACK: Final = 1.8


def log_capital(
    differences: Sequence[float] | Floats, centres: Sequence[float] | Floats
) -> Floats:
    """Return the logarithm of the capital after each difference.

    Args:
        differences: In the order in which they came. An infinite one is bet on as the
            largest one so far; one of NaN, where nothing was learnt, is passed over.
        centres: Centres of symmetry that are doubted.

    Returns:
        Shape (centres, differences).
    """
    values = np.asarray(differences, dtype=np.float64)
    return _log_capital(values, np.asarray(centres, dtype=np.float64), _bets())


def _log_capital(
    values: Floats, centres: Floats, bets: tuple[Floats, Floats]
) -> Floats:
    from scipy.special import expit

    tested = centres[:, None]
    away = np.where(np.isnan(values), 0.0, values) - tested
    away = np.where(np.isnan(values), 0.0, away)
    stakes, weights = bets
    # 1 + tanh u is 2/(1 + exp(-2 u)), which loses no digit where u is far below zero.
    doubled = 2 * _scaled(away)[..., None] * stakes
    up = np.cumprod(2 * expit(doubled), axis=1)
    down = np.cumprod(2 * expit(-doubled), axis=1)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log((up + down) @ (weights / 2)))


def anytime_p(differences: Sequence[float]) -> float:
    """Return a p against symmetry about zero that may be read at any time.

    It is 1 over the largest capital so far, 1 at most (V. Vovk, R. Wang, E-values:
    Calibration, combination and applications, Ann. Statist. 49, 2021).
    """
    if not len(differences):
        return 1.0
    most = float(np.max(log_capital(differences, (0.0,))))
    return math.exp(-max(0.0, most))


def confidence_sequence(
    differences: Sequence[float], level: float = LEVEL
) -> list[tuple[float, float]]:
    """Return an interval of the centre after each difference.

    All of them hold the centre at once with probability 1 - level at least. Each lies
    inside the one before; an end is infinite while there are too few differences.

    Args:
        differences: In the order in which they came; see `log_capital` for those that
            are not finite.
        level: How often any of the intervals may miss.
    """
    values = np.asarray(differences, dtype=np.float64)
    points = _candidates(values)
    if not len(points):
        return [(-math.inf, math.inf)] * len(values)
    limit = -math.log(level)
    bets = _bets()
    capital = _log_capital(values, points, bets)
    inside = capital < limit
    # Where no candidate is left, the one that is doubted least.
    inside[np.argmin(capital, axis=0), np.arange(len(values))] = True
    first = np.argmax(inside, axis=0)
    last = len(points) - 1 - np.argmax(inside[::-1], axis=0)
    finite = first > 0, last < len(points) - 1
    low = np.where(finite[0], points[first], -np.inf)
    high = np.where(finite[1], points[last], np.inf)
    known = np.flatnonzero(finite[0] | finite[1])
    if len(known):
        left, right = first[known], last[known]
        beyond = np.maximum(left - 1, 0), np.minimum(right + 1, len(points) - 1)
        edges = _edges(
            values[: known[-1] + 1],
            limit,
            inside=np.stack([points[left], points[right]]),
            outside=np.stack([points[beyond[0]], points[beyond[1]]]),
            after=known,
            bets=bets,
        )
        low[known] = np.where(finite[0][known], edges[0], -np.inf)
        high[known] = np.where(finite[1][known], edges[1], np.inf)
    return _nested(low, high)


def anytime_seeds_needed(
    differences: Sequence[float], *, level: float = LEVEL
) -> int | None:
    """Return about how many seeds a confidence sequence takes to leave zero out.

    The logarithm of the capital grows by about log(1 + d²)/2 with each seed, where d is
    the effect in standard deviations: as that of the e-process of the t test does (H.
    Wang, A. Ramdas, Anytime-valid t-tests and confidence sequences for Gaussian means
    with unknown variance, 2024, arXiv:2310.03722).

    Args:
        differences: One for each seed; infinite ones count by rank.
        level: Level of one comparison: 0.05 over the number of comparisons.

    Returns:
        How many in all; None where there is nothing to go by, or it would take more
        than a thousand.
    """
    size = effect_size(differences)
    if size is None:
        return None
    growth = math.log1p(size**2) / 2
    needed = math.ceil(_SLACK * math.log(2 / level) / growth)
    fewest = math.ceil(math.log2(2 / level)) + 2
    return max(fewest, needed) if needed <= 1000 else None


def _bets() -> tuple[Floats, Floats]:
    """Return the stakes δ √(1 + δ²) and their weights, over log δ."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    low, high = np.log(SIZES)
    sizes = np.exp(low + (high - low) * (nodes + 1) / 2)
    return sizes * np.sqrt(1 + sizes**2), weights / 2


def _scaled(away: Floats) -> Floats:
    """Return differences in units of the root mean square so far, themselves included.

    Args:
        away: Shape (centres, differences); 0 where nothing was learnt.
    """
    finite = np.isfinite(away)
    sizes = np.where(finite, np.abs(away), 0.0)
    # Squares of very large or very small differences would leave the range of floats.
    unit = np.max(sizes, axis=1, keepdims=True)
    sizes = sizes / np.where(unit > 0, unit, 1.0)
    counted = np.cumsum(finite & (away != 0.0), axis=1)
    squares = np.cumsum(sizes**2, axis=1)
    rms = np.sqrt(squares / np.maximum(counted, 1))
    scale = np.where(rms > 0, rms, 1.0)
    largest = np.maximum(np.maximum.accumulate(sizes, axis=1) / scale, 1.0)
    return np.asarray(np.sign(away) * np.where(finite, sizes / scale, largest))


def _candidates(values: Floats) -> Floats:
    """Return centres to begin with: means of two, and points ever farther outside."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return finite
    i, j = np.triu_indices(len(finite))
    means = np.sort(finite[i] / 2 + finite[j] / 2)
    if len(means) > _MOST_POINTS:
        means = np.quantile(means, np.linspace(0, 1, _MOST_POINTS))
    scale = max(float(np.ptp(finite)), float(np.max(np.abs(finite)))) or 1.0
    below, above = means[0] - scale * _FARTHEST, means[-1] + scale * _FARTHEST
    return np.unique(np.concatenate([below, means, above]))


def _edges(
    values: Floats,
    limit: float,
    *,
    inside: Floats,
    outside: Floats,
    after: Ints,
    bets: tuple[Floats, Floats],
) -> Floats:
    """Return where the capital reaches the limit.

    Args:
        values: The differences.
        limit: Logarithm of the capital that is looked for.
        inside: Centres with less, shape (2, k): on the left and on the right.
        outside: Centres with more, as many.
        after: Indices of the differences after which it is asked for, shape (k,).
        bets: Stakes and weights.

    Returns:
        Shape (2, k).
    """
    each = np.arange(inside.size)
    places = np.concatenate([after, after])
    for _ in range(_HALVINGS):
        if np.all(np.abs(outside - inside) <= _NEAR * np.abs(inside)):
            break
        middle = inside / 2 + outside / 2
        capital = _log_capital(values, middle.ravel(), bets)[each, places]
        below = capital.reshape(middle.shape) < limit
        inside = np.where(below, middle, inside)
        outside = np.where(below, outside, middle)
    return inside


def _nested(low: Floats, high: Floats) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for i in range(len(low)):
        ends = float(low[i]), float(high[i])
        if found:
            inner = max(ends[0], found[-1][0]), min(ends[1], found[-1][1])
            # None in common: differences that are not alike. The new one alone stands.
            ends = inner if inner[0] <= inner[1] else ends
        found.append(ends)
    return found
