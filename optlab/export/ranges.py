"""The range that an axis shows: all curves, and no outlier that spoils it."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from optlab.records import Floats

_ABSURD: Final = 1e250


def robust_range(
    curves: Iterable[Floats],
    diverged: Iterable[Floats] = (),
    *,
    log: bool = False,
    outliers: bool = False,
    trimmed: bool = False,
) -> tuple[float, float] | None:
    """Return a range that shows all curves and is not spoilt by outliers.

    Everything is shown that lies no further out than the middle 98 % are wide; trimmed,
    no further than a quarter of the middle 90 %. Trials that diverged count up to their
    lowest value, and may add 4 % on either side and not more: 1e300 would make a
    straight line of all the others.

    Args:
        curves: Values of the trials that did not diverge.
        diverged: Values of those that did, in order.
        log: Return (and reckon with) decimal logarithms.
        outliers: Whether to show single points however far out they lie.
        trimmed: Whether to leave out more.

    Returns:
        Lowest and highest value, without a margin; None where nothing can be shown.
    """
    values, wild = _pooled(curves, log), tuple(diverged)
    others = _pooled(map(_calm, wild), log)
    if not len(values):
        values, others = _pooled(wild, log), values[:0]
    if not len(values):
        return None
    cut, reach = (5, 0.25) if trimmed else (1, 1.0)
    found = percentiles(values, 0, cut, 100 - cut, 100)
    low, low_middle, high_middle, high = found.tolist()
    width = reach * (high_middle - low_middle)
    if width > 0 and not outliers:
        low, high = max(low, low_middle - width), min(high, high_middle + width)
    if len(others):
        slack = 0.04 * (high - low) or (0.3 if log else 0.25 * abs(high) or 1.0)
        low = max(min(low, float(others.min())), low - slack)
        high = min(max(high, float(others.max())), high + slack)
    return low, high


def percentiles(values: Floats, *shares: float) -> Floats:
    """Return what ``np.percentile`` does.

    That would import ``numpy.ma``, which takes longer than all that is done here.
    """
    ranks = np.arange(values.size)
    at = np.array(shares) / 100 * ranks[-1]
    found: Floats = np.interp(at, ranks, np.sort(values))
    return found


def shown_range(
    curves: Iterable[Floats],
    diverged: Iterable[Floats],
    *,
    log: bool,
    outliers: bool = False,
    trimmed: bool = False,
) -> tuple[float, float] | None:
    """Return the ends of an axis: `robust_range` with a margin, never in logarithms.

    Args:
        curves: Values of the trials that did not diverge.
        diverged: Values of those that did.
        log: Whether the axis is logarithmic.
        outliers: Whether to show single points however far out they lie.
        trimmed: Whether to leave out more.
    """
    found = robust_range(curves, diverged, log=log, outliers=outliers, trimmed=trimmed)
    if found is None:
        return None
    low, high = found
    margin = 0.05 * (high - low) or (0.3 if log else 0.1 * abs(high) or 1.0)
    low, high = low - margin, high + margin
    if not log:
        return low, high
    return 10.0 ** max(low, -307.0), 10.0 ** min(high, 307.0)


def suits_log(curves: Iterable[Floats]) -> bool:
    """Return whether values are positive and differ by more than a factor of ten."""
    values = _pooled(curves, log=False)
    positive = values[values > 0]
    if not len(positive) or (values < 0).any():
        return False
    return bool(positive.max() > 10 * positive.min())


def _calm(values: Floats) -> Floats:
    """Return what comes before a curve left for good, in whichever direction."""
    usable = np.isfinite(values) & (np.abs(values) < _ABSURD)
    if not usable.any():
        return values
    return values[: int(np.where(usable, values, np.inf).argmin()) + 1]


def _pooled(arrays: Iterable[Floats], log: bool) -> Floats:
    parts = [np.empty(0)]
    for values in arrays:
        good = values[np.isfinite(values) & (np.abs(values) < _ABSURD)]
        parts.append(np.log10(good[good > 1e-300]) if log else good)
    return np.concatenate(parts)
