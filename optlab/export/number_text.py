"""Numbers as people read them: sensible digits, thin spaces, a true minus sign."""

from math import isfinite, isnan
from typing import Final

THIN: Final = "\u2009"
MINUS: Final = "\u2212"
_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def grouped(text: str) -> str:
    """Put thin spaces into the whole part of a plain decimal and a true minus."""
    sign = MINUS if text.startswith("-") else ""
    whole, point, rest = text.lstrip("-").partition(".")
    if len(whole) > 4:
        head = len(whole) % 3 or 3
        groups = [whole[:head]]
        groups += [whole[i : i + 3] for i in range(head, len(whole), 3)]
        whole = THIN.join(groups)
    return sign + whole + point + rest


def power(exponent: int) -> str:
    """Return a power of ten, ``10⁻⁷``."""
    return "10" + str(exponent).translate(_RAISED)


def count(value: int) -> str:
    """Return a whole number with thin spaces in its thousands."""
    return grouped(str(value))


def number(value: float, digits: int = 4) -> str:
    """Return ``value`` with ``digits`` significant digits.

    Very small and very large values come as ``1.234×10⁻⁷``, what is not finite as
    ``nan``, ``∞``, ``−∞``.
    """
    if not isfinite(value):
        if isnan(value):
            return "nan"
        return "∞" if value > 0 else MINUS + "∞"
    if value == 0:
        return "0"
    mantissa, _, tail = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(tail)
    if -3 <= exponent < 6:
        return grouped(f"{value:.{max(digits - 1 - exponent, 0)}f}")
    return f"{grouped(mantissa)}×{power(exponent)}"
