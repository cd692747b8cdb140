"""Numbers and intervals as the cells of a report's tables have them."""

import math
from collections.abc import Sequence
from typing import Final

from optlab.export.number_text import count, number
from optlab.translate import tr

NONE: Final = "–"
_SHORT: Final = 20


def value_text(value: float | None, digits: int = 4) -> str:
    """Return a number; a dash where there is none."""
    if value is None or math.isnan(value):
        return NONE
    return number(value, digits)


def count_text(value: int | None) -> str:
    """Return a whole number; a dash where there is none."""
    return NONE if value is None else count(value)


def span_text(ends: tuple[float, float] | None, digits: int = 3) -> str:
    """Return an interval: ``0.64 to 0.79``; a dash where there is none."""
    if ends is None or any(math.isnan(end) for end in ends):
        return NONE
    low, high = (number(end, digits) for end in ends)
    return range_text(low, high)


def range_text(low: str, high: str) -> str:
    """Return two ends as a range, in one line unless that is a long one."""
    text = tr("{low} to {high}", low=low, high=high)
    return together(text) if len(text) <= _SHORT else text


def sentence_of(parts: Sequence[str]) -> str:
    """Return several statements as one sentence."""
    whole = parts[0]
    for more in parts[1:]:
        whole = tr("{text}; {more}", text=whole, more=more)
    return tr("{text}.", text=whole)


def capital(text: str) -> str:
    """Return a sentence with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def together(text: str) -> str:
    """Return a text that is not broken between two lines."""
    return text.replace(" ", "\u00a0")


def p_text(value: float | None) -> str:
    """Return a p-value with two digits; a dash where nothing was tested."""
    return NONE if value is None else number(value, 2)


def share_text(value: float | None) -> str:
    """Return a share in per cent, with its sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    sign = "+" if value > 0 else ""
    return tr("{share} %", share=f"{sign}{number(100 * value, 2)}")
