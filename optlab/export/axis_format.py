"""Numbers on the axes of figures as people read them."""

import math
from typing import Final

from optlab.export.number_text import MINUS, grouped, power

ROUND: Final = (1, 2, 5, 10)
"""Ticks lie at multiples of these; matplotlib's own have threes and sixes, too."""


def tick_text(value: float) -> str:
    """Return ``value`` for a linear axis: ``12 000``, ``−0.5``, ``3·10⁻⁷``."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else ""
    size = abs(value)
    if 1e-4 <= size < 1e7:
        text = grouped(f"{size:.10g}")
    else:
        mantissa, exponent = f"{size:.6e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        text = power(int(exponent))
        text = text if mantissa == "1" else f"{mantissa}·{text}"
    return (MINUS if value < 0 else "") + text


def log_tick_text(value: float) -> str:
    """Return ``value`` for a logarithmic axis: plain near 1, a power of ten beyond."""
    if value <= 0:
        return ""
    exponent = math.log10(value)
    whole = round(exponent)
    if -3 <= whole <= 4 or abs(exponent - whole) > 1e-9:
        return tick_text(value)
    return power(whole)


def symlog_tick_text(value: float) -> str:
    """Return ``value`` for a logarithmic axis of both signs: ``−100``, ``0``, ``1``."""
    sign = MINUS if value < 0 else ""
    return sign + log_tick_text(abs(value)) if value else "0"
