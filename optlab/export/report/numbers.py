"""Numbers and intervals as the cells of a report's tables have them."""

import math
from collections.abc import Sequence
from typing import Final

from optlab.export.number_text import count, grouped, number, power
from optlab.translate import tr

NONE: Final = "–"
_SHORT: Final = 20
# Powers of ten between which numbers beside each other can be plain decimals.
_LEAST_PLAIN: Final = -6
_MOST_PLAIN: Final = 9
_MANY: Final = 10.0


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
    return range_text(*alike(ends, digits))


def alike(values: Sequence[float], digits: int = 3) -> list[str]:
    """Return numbers that stand beside each other in one form.

    All are plain decimals or all have powers of ten: ``−0.000643`` and ``0.150``,
    not ``−6.43×10⁻⁴``.
    """
    texts = [number(value, digits) for value in values]
    sizes = [
        int(f"{value:.{digits - 1}e}".partition("e")[2])
        for value in values
        if value and math.isfinite(value)
    ]
    raised = sum("×" in text for text in texts)
    if not sizes or raised in (0, len(sizes)):
        return texts
    if min(sizes) >= _LEAST_PLAIN and max(sizes) < _MOST_PLAIN:
        return [_plain(value, digits) for value in values]
    return [_raised(value, digits) for value in values]


def _plain(value: float, digits: int) -> str:
    if not value or not math.isfinite(value):
        return number(value)
    size = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return grouped(f"{value:.{max(digits - 1 - size, 0)}f}")


def _raised(value: float, digits: int) -> str:
    if not value or not math.isfinite(value):
        return number(value)
    mantissa, _, size = f"{value:.{digits - 1}e}".partition("e")
    return f"{grouped(mantissa)}×{power(int(size))}"


def short_text(value: float, digits: int = 4) -> str:
    """Return a number that somebody chose without zeros at its end: ``10⁻⁹``, ``0.4``.

    Args:
        value: The number.
        digits: How many significant digits it has at most.
    """
    mantissa, times, raised = number(value, digits).partition("×")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return raised if times and mantissa == "1" else mantissa + times + raised


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
    """Return a share in per cent, with its sign; a dash where there is none.

    A large one is told as a ratio: ``69 times`` for 6788 % more.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value >= _MANY:
        return tr("{ratio} times", ratio=number(1 + value, 2))
    sign = "+" if value > 0 else ""
    return tr("{share} %", share=f"{sign}{number(100 * value, 2)}")
