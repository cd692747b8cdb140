"""What is typed into a number's field of the window: a number, or what comes to one.

``1e-3*2``, ``1/64``, ``2**-7`` and ``sqrt(2)`` stand for their values, in lists each
element by itself. Files and the command line take plain values only: what is computed
here is written there as a number. Pure functions; knows nothing of Qt.
"""

import re
from typing import Final

from optlab.expressions import parse_expression
from optlab.params import (
    InputError,
    Kind,
    ParamSpec,
    ParamValue,
    format_number,
    literal,
)
from optlab.translate import tr

_NUMBERS: Final = (Kind.FLOAT, Kind.INT)
_LISTS: Final = (Kind.FLOATS, Kind.INTS)
_GROUPED: Final = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,.])")
_ARITHMETIC: Final = re.compile(r"\d.*[-+*/^(]|[-+*/^(].*\d")
_SPAN: Final = ".."
# A formula is in at least one variable; of this name none can be typed.
_NO_NAME: Final = ("",)
# Beyond this not every whole number is a float, and a sum would be another one.
_EXACT: Final = 2.0**53


def understood(spec: ParamSpec, text: str, key: str) -> ParamValue:
    """Return the value that ``text``, typed into a field, stands for.

    Raises:
        InputError: It stands for none, or for one that is not allowed.
    """
    try:
        return spec.parse(text, key)
    except InputError as error:
        refused = error
    if spec.kind not in (*_NUMBERS, *_LISTS) or spec.fixed:
        raise refused
    try:
        found = _computed(spec, text)
    except InputError:
        raise InputError(key, text, _refusal(spec, text)) from None
    if found is None:
        raise refused
    try:
        return spec.check(found, key)
    except InputError:
        if not _ARITHMETIC.search(text):
            raise refused from None
        shown = ", ".join(map(_shown, found if isinstance(found, list) else [found]))
        allowed = tr("{value} is not {allowed}", value=shown, allowed=spec.allowed())
        raise InputError(key, text, allowed) from None


def _refusal(spec: ParamSpec, text: str) -> str:
    """Return what is allowed; that arithmetic is, too, to those who try it."""
    if not _ARITHMETIC.search(text):
        return spec.allowed()
    return tr(
        "{allowed}; or arithmetic that comes to it, such as {example}",
        allowed=spec.allowed(),
        example="1e-3*2",
    )


def _computed(spec: ParamSpec, text: str) -> object:
    """Return a number or a list of them; None for what is plain and stays refused."""
    whole = spec.kind in (Kind.INT, Kind.INTS)
    text = text.strip().replace("−", "-")
    if spec.kind in _NUMBERS:
        plain = _GROUPED.sub(lambda m: m[0].replace(",", ""), text) if whole else text
        return _number(plain, whole=whole)
    parts = elements(text)
    if not parts:
        return None
    return [_element(spec, part, whole=whole) for part in parts]


def _element(spec: ParamSpec, text: str, *, whole: bool) -> object:
    if _SPAN in text or text in ("none", spec.none_word):
        return literal(text)
    return _number(text, whole=whole)


def _number(text: str, *, whole: bool) -> object:
    """Return what arithmetic comes to; a whole one as an integer where such is asked.

    Raises:
        InputError: It is no arithmetic of numbers.
    """
    plain = literal(text)
    if isinstance(plain, int) and not isinstance(plain, bool):
        return plain
    value = float(parse_expression(text, _NO_NAME, "").function()(0.0))
    if whole and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value


def elements(text: str) -> list[str]:
    """Return the elements of a list as it is typed, with or without brackets."""
    text = text.strip()
    listed = text[:1] == "(" and _closing(text) == len(text) - 1 and "," in text
    if listed or (text[:1] == "[" and text[-1:] == "]"):
        text = text[1:-1]
    parts, depth, begin = [], 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append(text[begin:place])
            begin = place + 1
    parts.append(text[begin:])
    return [part.strip() for part in parts if part.strip()]


def _closing(text: str) -> int:
    """Return where the first parenthesis of a text is closed; -1 where it is not."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place
    return -1


def _shown(value: object) -> str:
    return format_number(value) if isinstance(value, int | float) else str(value)
