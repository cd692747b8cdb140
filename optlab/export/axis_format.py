"""Numbers on axes as people read them, and the range that an axis shows."""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from optlab.records import Floats

_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_THIN: Final = "\u2009"
_MINUS: Final = "\u2212"
_ABSURD: Final = 1e250

ROUND: Final = (1, 2, 5, 10)
"""Ticks lie at multiples of these; matplotlib's own have threes and sixes, too."""


def tick_text(value: float) -> str:
    """Return ``value`` for a linear axis: ``12 000``, ``−0.5``, ``3·10⁻⁷``."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else ""
    size = abs(value)
    if 1e-4 <= size < 1e7:
        text = f"{size:.10g}"
        whole, point, rest = text.partition(".")
        if len(whole) > 4:
            whole = f"{int(whole):,}".replace(",", _THIN)
        text = whole + point + rest
    else:
        mantissa, exponent = f"{size:.6e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        text = power_text(int(exponent))
        text = text if mantissa == "1" else f"{mantissa}·{text}"
    return (_MINUS if value < 0 else "") + text


def log_tick_text(value: float) -> str:
    """Return ``value`` for a logarithmic axis: plain near 1, a power of ten beyond."""
    if value <= 0:
        return ""
    exponent = math.log10(value)
    whole = round(exponent)
    if -3 <= whole <= 4 or abs(exponent - whole) > 1e-9:
        return tick_text(value)
    return power_text(whole)


def power_text(exponent: int) -> str:
    """Return a power of ten: ``10⁻⁷``."""
    return "10" + str(exponent).translate(_RAISED)


def shown_range(
    curves: Iterable[Floats],
    diverged: Iterable[Floats],
    *,
    log: bool,
    outliers: bool = False,
) -> tuple[float, float] | None:
    """Return the range that shows all curves and is not spoilt by outliers.

    Everything is shown that lies no further out than the middle 98 % are wide. Trials
    that diverged may add a quarter of that on either side and not more: 1e300 would
    make a straight line of all the others.

    Args:
        curves: Values of the trials that did not diverge.
        diverged: Values of those that did.
        log: Whether the axis is logarithmic.
        outliers: Whether to show single points however far out they lie.

    Returns:
        The ends, with a margin; None where nothing can be shown.
    """
    values, others = _pooled(curves, log), _pooled(diverged, log)
    if not len(values):
        values, others = others, values[:0]
    if not len(values):
        return None
    low, low_middle, high_middle, high = np.percentile(values, (0, 1, 99, 100))
    width = high_middle - low_middle
    if width > 0 and not outliers:
        low, high = max(low, low_middle - width), min(high, high_middle + width)
    if len(others):
        slack = 0.25 * (high - low) or (0.3 if log else 0.25 * abs(high) or 1.0)
        low = max(min(low, float(others.min())), low - slack)
        high = min(max(high, float(others.max())), high + slack)
    margin = 0.05 * (high - low) or (0.3 if log else 0.1 * abs(high) or 1.0)
    low, high = float(low - margin), float(high + margin)
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


def _pooled(arrays: Iterable[Floats], log: bool) -> Floats:
    parts = [np.empty(0)]
    for values in arrays:
        good = values[np.isfinite(values) & (np.abs(values) < _ABSURD)]
        parts.append(np.log10(good[good > 1e-300]) if log else good)
    return np.concatenate(parts)
