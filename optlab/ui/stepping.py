"""The next sensible number above or below one, for the wheel and the arrow keys.

Pure functions of a parameter and its text; knows nothing of Qt.
"""

import math
from dataclasses import replace
from enum import Enum
from typing import Final

from optlab.params import InputError, Kind, ParamSpec, ParamValue
from optlab.ui.arithmetic import understood

_LADDER: Final = (1.0, 2.0, 5.0)
_FINE_FACTOR: Final = 1.1
_NEAR_ONE: Final = 0.9
_SMALLEST_GAP: Final = 1e-6
_DIGITS: Final = 12
# Below this powers of ten are no longer exact, and in the end zero.
_LOWEST: Final = -307
_ONE_OF: Final = {Kind.FLOATS: Kind.FLOAT, Kind.INTS: Kind.INT}


class Stride(Enum):
    """How far a step goes."""

    FINE = "fine"
    USUAL = "usual"
    WIDE = "wide"


_SHARE: Final = {Stride.FINE: 0.1, Stride.USUAL: 1.0, Stride.WIDE: 10.0}


def stepped(
    spec: ParamSpec, text: str, direction: int, stride: Stride = Stride.USUAL
) -> str:
    """Return the next sensible number above or below the one in ``text``.

    On a logarithmic scale it is that of 1, 2, 5, 10, …, finely a tenth more or less,
    widely ten times as much. Fractions that come close to one, such as a momentum,
    go on by 0.9, 0.95, 0.98, 0.99, …; whole numbers by one, widely by ten; others by
    a tenth of their leading digit's place. It ends at what is allowed. Empty where
    there is none to go to.
    """
    if not direction or spec.kind not in (Kind.FLOAT, Kind.INT):
        return ""
    try:
        value = understood(spec, text, "")
    except InputError:
        return ""
    if value is None or isinstance(value, str | tuple) or not math.isfinite(value):
        return ""
    for new in (_next(spec, float(value), direction, stride), _bound(spec, direction)):
        if new is not None and (new - value) * direction > 0:
            try:
                return spec.show(spec.check(_typed(spec, new), ""))
            except InputError:
                continue
    return ""


def stepped_element(
    spec: ParamSpec,
    text: str,
    place: int,
    *,
    direction: int,
    stride: Stride = Stride.USUAL,
) -> tuple[str, int]:
    """Return a list with the element at ``place`` of its text stepped, and its place.

    The text is empty where there is nothing to step to.
    """
    one = _ONE_OF.get(spec.kind)
    if one is None or "(" in text:
        return "", place
    parts = text.split(",")
    number = text[:place].count(",")
    single = replace(spec, kind=one, default=None, optional=True, length=None)
    bare = parts[number].strip(" []")
    new = stepped(single, bare, direction, stride)
    if not new:
        return "", place
    parts[number] = parts[number].replace(bare, new, 1)
    joined = ",".join(parts)
    try:
        understood(spec, joined, "")
    except InputError:
        return "", place
    begin = len(",".join(parts[:number])) + (number > 0)
    return joined, begin + len(parts[number])


def _next(spec: ParamSpec, value: float, direction: int, stride: Stride) -> float:
    if spec.log and value >= 0:
        return _on_log(spec, value, direction, stride)
    if spec.kind is Kind.INT:
        return value + direction * (10 if stride is Stride.WIDE else 1)
    if _is_fraction(spec) and 0 <= value < 1:
        return _below_one(value, direction, stride)
    scale = max(abs(value), abs(_number(spec.default))) or 1.0
    if spec.suggested is not None:
        scale = spec.suggested[1] - spec.suggested[0]
    place = 10.0 ** (_exponent(scale) - 1)
    return round(value + direction * _SHARE[stride] * place, _DIGITS)


def _on_log(spec: ParamSpec, value: float, direction: int, stride: Stride) -> float:
    low = spec.suggested[0] if spec.suggested else 0.0
    if not value:
        return direction * (low or (1 if spec.kind is Kind.INT else 1e-6))
    if direction < 0 and value <= low and spec.default == 0:
        return 0.0
    if stride is Stride.USUAL:
        new = _rung(value, direction)
    elif stride is Stride.WIDE:
        new = float(f"{value * 10.0**direction:.6g}")
    else:
        new = float(f"{value * _FINE_FACTOR**direction:.3g}")
    if spec.kind is Kind.INT:
        # Small whole numbers are rarer than the rungs.
        whole = math.floor(new) if direction > 0 else math.ceil(new)
        return whole if whole != value else value + direction
    return new


def _is_fraction(spec: ParamSpec) -> bool:
    """Return whether it lies between 0 and 1 and may come close to 1."""
    if spec.low is None or spec.low < 0:
        return False
    usual = spec.suggested[1] if spec.suggested else 0.0
    return spec.high == 1 or _NEAR_ONE <= usual < 1


def _below_one(value: float, direction: int, stride: Stride) -> float:
    """Return the next of 0, 0.1, …, 0.9, 0.95, 0.98, 0.99, 0.995, …."""
    gap = round(1 - value, _DIGITS)
    widest = round(1 - _NEAR_ONE, _DIGITS)
    if gap > widest or (gap == widest and direction < 0):
        share = 1 if stride is Stride.FINE else 10
        tenths = round(value * 100 / share, _DIGITS)
        whole = math.floor(tenths) + 1 if direction > 0 else math.ceil(tenths) - 1
        return whole * share / 100
    if stride is Stride.FINE:
        new = gap - direction * 10.0 ** (_exponent(gap) - 1)
    elif stride is Stride.WIDE:
        new = gap * 10.0**-direction
    else:
        new = _rung(gap, -direction)
    return round(1 - new, _DIGITS) if new >= _SMALLEST_GAP else 1.0


def _bound(spec: ParamSpec, direction: int) -> float | None:
    """Return the last number that is allowed in a direction; None where none is."""
    if direction > 0:
        return None if spec.high_open else spec.high
    return None if spec.low_open else spec.low


def _typed(spec: ParamSpec, value: float) -> ParamValue:
    return int(value) if spec.kind is Kind.INT else value


def _exponent(value: float) -> int:
    return int(f"{abs(value):e}".partition("e")[2])


def _number(value: ParamValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _rung(value: float, direction: int) -> float:
    """Return the next number whose first digit is 1, 2 or 5 and whose others are 0."""
    decade = 10.0 ** max(_exponent(value), _LOWEST)
    rungs = [r * decade * scale for scale in (0.1, 1.0, 10.0) for r in _LADDER]
    close = 1e-9 * value
    if direction > 0:
        found = min(r for r in rungs if r > value + close)
    else:
        found = max((r for r in rungs if r < value - close), default=0.0)
    return float(f"{found:.6g}")
