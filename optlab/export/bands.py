"""Median and band over the seeds of one optimizer, for window and figures.

A seed that diverged never disappears from a median: from the step behind its last
finite value on it counts as infinitely bad, so that a band opens to the edge of the
plot where more than a quarter of the seeds are gone, and the median ends where half
of them are. Where neither direction is bad it is left out.
"""

from math import inf, nan

import numpy as np

from optlab.records import Floats, Ints


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
