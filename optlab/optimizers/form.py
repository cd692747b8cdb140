"""The parameters of a foreign class, read off its constructor, as `ParamSpec`s.

Used for the zoo, whose constructors are read once by a script, and for files of a
user's own, which are read without running them. Imports no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from optlab.params import Kind, ParamSpec, ParamValue, Values
from optlab.registry import Rule

Table = Mapping[str, Any]

_NUMBERS: Final = (Kind.FLOAT, Kind.INT)
_SEQUENCES: Final = (Kind.FLOATS, Kind.INTS)


def guess(default: object, annotation: str) -> dict[str, Any] | None:
    """Return kind, default and so on of a parameter; None if no form can hold it.

    Args:
        default: Its default value.
        annotation: Its annotation as it is written; empty if there is none.
    """
    if default is None:
        return _optional(annotation)
    if isinstance(default, bool):
        return {"kind": Kind.BOOL, "default": default}
    if isinstance(default, str):
        return _text(default, annotation)
    if isinstance(default, int):
        if "float" in annotation:
            return {"kind": Kind.FLOAT, "default": float(default)}
        return {"kind": Kind.INT, "default": default}
    if isinstance(default, float):
        return {"kind": Kind.FLOAT, "default": default}
    if isinstance(default, list | tuple):
        return _sequence(tuple(default), annotation)
    return None


def _optional(annotation: str) -> dict[str, Any] | None:
    # The most particular word first: "float | int | None" is a number with a fraction.
    for word, kind in (
        ("bool", Kind.BOOL),
        ("float", Kind.FLOAT),
        ("int", Kind.INT),
        ("str", Kind.TEXT),
    ):
        if word in annotation and "tuple" not in annotation.lower():
            return {"kind": kind, "default": None, "optional": True}
    return None


def _text(default: str, annotation: str) -> dict[str, Any]:
    choices = _literal_words(annotation)
    if default in choices:
        return {"kind": Kind.CHOICE, "default": default, "choices": choices}
    return {"kind": Kind.TEXT, "default": default}


def _literal_words(annotation: str) -> tuple[str, ...]:
    _, found, rest = annotation.partition("Literal[")
    if not found:
        return ()
    words = rest.partition("]")[0].split(",")
    return tuple(word.strip().strip("'\"") for word in words)


def _sequence(default: tuple[Any, ...], annotation: str) -> dict[str, Any] | None:
    plain = all(type(v) in (int, float) for v in default)
    if not default or not plain:
        return None
    whole = all(type(v) is int for v in default) and "float" not in annotation
    kind, number = (Kind.INTS, int) if whole else (Kind.FLOATS, float)
    values = tuple(number(v) for v in default)
    return {"kind": kind, "default": values, "length": len(values)}


def suggestion(table: Table) -> tuple[float, float] | None:
    """Return a range that is worth trying for a number that nobody has said one for."""
    kind, default = Kind(table["kind"]), table["default"]
    if kind in _SEQUENCES:
        low, high = min(default), max(default)
    elif kind in _NUMBERS:
        low = high = 0.0 if default is None else default
    else:
        return None
    if table.get("log"):
        centre = abs(high) or 1e-8
        low, high = centre / 10, centre * 10
    elif kind in (Kind.INT, Kind.INTS):
        low, high = min(low, 1), max(high * 4, low + 10)
    else:
        low, high = min(low, 0.0), max(high * 2, low + 1.0)
    return _clipped(low, high, table)


def _clipped(low: float, high: float, table: Table) -> tuple[float, float]:
    """Return the range within what is allowed."""
    bottom, top = table.get("low"), table.get("high")
    if bottom is not None:
        low = max(low, bottom)
    if top is not None:
        high = min(high, top)
    if low < high:
        return low, high
    return (bottom if bottom is not None else low - 1.0), high


def spec_of(table: Table) -> ParamSpec:
    """Return the `ParamSpec` that a table of its fields describes."""
    fields: dict[str, Any] = dict(table)
    fields["kind"] = Kind(fields["kind"])
    for name in ("default", "choices", "suggested"):
        if isinstance(fields.get(name), list):
            fields[name] = tuple(fields[name])
    return ParamSpec(**fields)


@dataclass(frozen=True)
class ElementsWithin:
    """Whether each element of a sequence lies in a range of its own.

    Attributes:
        name: The sequence.
        ranges: For each element: low, low excluded, high, high excluded; None for no
            bound.
    """

    name: str
    ranges: tuple[tuple[float | None, bool, float | None, bool], ...]

    def __call__(self, values: Values) -> bool:
        """Check completed values."""
        elements = values[self.name]
        assert isinstance(elements, tuple)
        return all(
            _within(element, bounds)
            for element, bounds in zip(elements, self.ranges, strict=True)
        )


def _within(
    element: ParamValue, bounds: tuple[float | None, bool, float | None, bool]
) -> bool:
    low, low_open, high, high_open = bounds
    assert isinstance(element, int | float)
    if low is not None and (element < low or (low_open and element == low)):
        return False
    return high is None or not (element > high or (high_open and element == high))


def elements_rule(name: str, ranges: Sequence[Sequence[Any]]) -> Rule:
    """Return the rule that each element of a sequence lies in its own range."""
    own = tuple((low, bool(lo), high, bool(ho)) for low, lo, high, ho in ranges)
    words = ", ".join(_range_words(bounds) for bounds in own)
    return Rule(
        keys=(name,),
        holds=ElementsWithin(name, own),
        message=f"the elements of {name} must be, in order, {words}",
    )


def _range_words(bounds: tuple[float | None, bool, float | None, bool]) -> str:
    low, low_open, high, high_open = bounds
    parts = []
    if low is not None:
        parts.append(f"{'>' if low_open else '≥'} {low:g}")
    if high is not None:
        parts.append(f"{'<' if high_open else '≤'} {high:g}")
    return " and ".join(parts) or "any"
