"""Median or mean and band over the seeds of one optimizer, for window and figures.

A seed that diverged never disappears from a median: from the step behind its last
finite value on it counts as infinitely bad, so that a band opens to the edge of the
plot where more than a quarter of the seeds are gone, and the median ends where half
of them are. Where neither direction is bad it is left out.

A mean has no such answer: it ends where the first seed diverged. Its band is the 95 %
bootstrap interval of the mean over seeds (Efron and Tibshirani, *An Introduction to
the Bootstrap*, 1993: percentile interval, chapter 13; bias-corrected and accelerated
from ten seeds on, chapter 14), from 2000 resamples that are the same at every step, so
that the edges are as smooth as the curves.
"""

from functools import lru_cache
from math import inf, nan
from typing import Final

import numpy as np

from optlab.records import Floats, Ints

RESAMPLES: Final = 2000
BCA_FROM: Final = 10
"""So many seeds it takes for an interval that is corrected for bias and skew."""
_LEVEL: Final = 0.95
_COLUMNS: Final = 240


def bad_value(higher_is_better: bool | None) -> float:
    """Return what a seed that diverged counts as from there on."""
    return {None: nan, True: -inf, False: inf}[higher_is_better]


def band(table: Floats) -> tuple[Floats, Floats, Floats]:
    """Return lower edge, median and upper edge over the rows of ``table``.

    The edges are the quartiles; with two seeds, of which there are none, the lower and
    the higher one.

    Args:
        table: One row for each seed, one column for each step; NaN where a seed has no
            value.
    """
    rows = np.sort(table, axis=0)
    count = (~np.isnan(rows)).sum(axis=0)
    edge = 0.25 if len(table) > 2 else 0.0
    low, middle, high = (_quantile(rows, count, q) for q in (edge, 0.5, 1 - edge))
    return low, middle, high


def _quantile(table: Floats, count: Ints, q: float) -> Floats:
    """Return a quantile of each sorted column, whose first ``count`` are numbers.

    Linear between neighbours, but never an infinity times nothing.
    """
    place = q * np.maximum(count - 1, 0)
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    share = place - below
    columns = np.arange(table.shape[1])
    lower, upper = table[below, columns], table[above, columns]
    with np.errstate(invalid="ignore"):
        between = lower * (1 - share) + upper * share
    result: Floats = np.where(share == 0, lower, between)
    return np.where(count > 0, result, np.nan)


def mean_band(table: Floats) -> tuple[Floats, Floats, Floats]:
    """Return lower edge, mean and upper edge over the rows of ``table``.

    Edges are worked out at no more columns than a print can show, and run straight
    between them, as distances from the mean.

    Args:
        table: One row for each seed, one column for each step.
    """
    middle = mean_of(table)
    finite = np.flatnonzero(np.isfinite(middle))
    if not len(finite):
        return middle, middle, middle
    at = finite[:: max(1, len(finite) // _COLUMNS)]
    at = np.union1d(at, finite[-1:])
    edges = mean_interval(table[:, at])
    places = np.arange(len(middle))
    low, high = (middle + np.interp(places, at, edge - middle[at]) for edge in edges)
    return low, middle, high


def mean_of(table: Floats) -> Floats:
    """Return the mean of every column; NaN where one of its values is no number."""
    with np.errstate(invalid="ignore"):
        middle: Floats = table.mean(axis=0)
    return np.where(np.isfinite(middle), middle, np.nan)


def mean_interval(table: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 95 % bootstrap interval of the mean of every column.

    NaN where a value of the column is no number. Corrected for bias and skew from ten
    rows on.

    Args:
        table: One row for each seed, one column for each step.
    """
    low, high = np.full((2, table.shape[1]), np.nan)
    good = np.isfinite(table).all(axis=0)
    rows = table[:, good]
    if not len(table) or not rows.shape[1]:
        return low, high
    # One row of resampled means for each column, sorted.
    means = np.sort(rows.T @ _weights(len(table)).T, axis=1)
    tail = (1.0 - _LEVEL) / 2.0
    for edge, level in ((low, tail), (high, 1.0 - tail)):
        levels = np.full(len(means), level)
        if len(table) >= BCA_FROM:
            levels = _corrected(rows, means, level)
        edge[good] = _at_level(means, levels)
    return low, high


@lru_cache(maxsize=32)
def _weights(n: int) -> Floats:
    """Return by how much each of ``n`` values counts in each resample."""
    found = np.random.default_rng(n).multinomial(n, [1.0 / n] * n, size=RESAMPLES)
    return found / n


def _corrected(rows: Floats, means: Floats, level: float) -> Floats:
    """Return the quantiles that a BCa interval takes; equation 14.10 of the book."""
    # Takes a tenth of a second to import.
    from scipy.special import ndtr, ndtri

    middle = rows.mean(axis=0)[:, np.newaxis]
    # Of equal values half count as below, as in SciPy.
    slack = 1e-12 * np.abs(middle)
    below = (means < middle - slack).mean(axis=1)
    upto = (means <= middle + slack).mean(axis=1)
    bias = ndtri(np.clip((below + upto) / 2.0, 0.5 / RESAMPLES, 1 - 0.5 / RESAMPLES))
    # A mean without one of its values lies off by that value's share.
    gaps = rows - rows.mean(axis=0)
    sizes = 6.0 * np.sum(gaps**2, axis=0) ** 1.5
    skew = np.zeros(len(means))
    np.divide(np.sum(gaps**3, axis=0), sizes, out=skew, where=sizes > 0)
    z = bias + ndtri(level)
    found: Floats = ndtr(bias + z / (1.0 - skew * z))
    return found


def _at_level(rows: Floats, levels: Floats) -> Floats:
    """Return a quantile of each sorted row, linear between neighbours."""
    place = levels * (rows.shape[1] - 1)
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    share = place - below
    at = np.arange(len(rows))
    found: Floats = rows[at, below] * (1.0 - share) + rows[at, above] * share
    return found
