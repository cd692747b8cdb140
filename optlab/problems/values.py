"""Typed access to completed parameter values, which are checked before they come here.

Imports neither torch nor NumPy.
"""

from optlab.params import InputError, Values
from optlab.translate import tr


def number(values: Values, name: str) -> float:
    """Return a value that is a number."""
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is no number: {value!r}")
    return float(value)


def optional_number(values: Values, name: str) -> float | None:
    """Return a value that is a number, or None where it is None."""
    return None if values[name] is None else number(values, name)


def integer(values: Values, name: str) -> int:
    """Return a value that is a whole number."""
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is no whole number: {value!r}")
    return value


def batch_size(values: Values, train_size: int) -> int:
    """Return the problem's batch size.

    Raises:
        InputError: There are fewer training samples.
    """
    size = integer(values, "batch_size")
    if size > train_size:
        text = tr("at most the {n} training samples", n=train_size)
        raise InputError("problem.batch_size", size, text)
    return size


def word(values: Values, name: str) -> str:
    """Return a value that is a word."""
    value = values[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no word: {value!r}")
    return value


def numbers(values: Values, name: str) -> tuple[float, ...] | None:
    """Return a value that is a sequence of numbers, or None where it is None."""
    value = values[name]
    if value is None:
        return None
    if not isinstance(value, tuple):
        raise TypeError(f"{name} is no sequence: {value!r}")
    return tuple(float(v) for v in value if isinstance(v, int | float))
