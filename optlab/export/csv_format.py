"""Numbers as text for CSV: as short as reads back to the same bits, and fast.

orjson formats a whole array at once, fifteen times faster than `repr`, but writes what
is not finite as ``null``. Empty cells are left to that; NaN and infinities travel
through it as numbers that occur nowhere else.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import orjson

from optlab.records import Floats

Mask = npt.NDArray[np.bool_]

_EXACT_INTEGERS: Final = 2.0**53
_SPECIAL: Final = (math.nan, math.inf, -math.inf)
_RUN: Final = (*"=+-@\t\r\n＝＋－＠", "'")
"""Beginnings of what spreadsheets take for formulas, in halves and wholes of width."""
_SPELLED: Final = (b"nan", b"inf", b"-inf")


def format_rows(values: Floats, missing: Mask) -> list[bytes]:
    """Return each row of a table as text, cells separated by commas.

    Args:
        values: The table.
        missing: Which cells are empty.
    """
    if not len(values):
        return []
    if missing.all():
        return [b"," * (values.shape[1] - 1)] * len(values)
    cells, stand_ins = np.where(missing, np.nan, values), []
    special = ~(np.isfinite(values) | missing)
    if special.any():
        for kind, spelled in zip(_SPECIAL, _SPELLED, strict=True):
            number = _unused(cells)
            same = np.isnan(values) if math.isnan(kind) else values == kind
            cells[special & same] = number
            stand_ins.append((orjson.dumps(number), spelled))
    text = orjson.dumps(cells, option=orjson.OPT_SERIALIZE_NUMPY)
    if missing.any():
        text = text.replace(b"null", b"")
    for number_text, spelled in stand_ins:
        text = text.replace(number_text, spelled)
    return text[2:-2].split(b"],[")


def format_integers(values: Floats) -> list[bytes] | None:
    """Return a column of whole numbers as texts; None if some are not whole."""
    whole = (values == np.rint(values)) & (np.abs(values) < _EXACT_INTEGERS)
    if not (whole & ~((values == 0) & np.signbit(values))).all():
        return None
    if not len(values):
        return []
    text = orjson.dumps(values.astype(np.int64), option=orjson.OPT_SERIALIZE_NUMPY)
    return text[1:-1].split(b",")


def join_lines(prefix: bytes, columns: Sequence[Iterable[bytes]]) -> bytes:
    """Return lines made of a prefix and of one text of each of ``columns``."""
    rows = list(map(b",".join, zip(*columns, strict=True)))
    # What stands between two rows bears the prefix, so that no row is touched for it.
    between = b"\n" + prefix + b","
    return prefix + b"," + between.join(rows) + b"\n" if rows else b""


def text_cell(text: str, *, as_is: bool = False) -> bytes:
    """Return a text as a cell, in quotes where it needs them.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, and
    so does one that begins with an apostrophe: who reads the file drops the first one.

    Args:
        text: The text.
        as_is: Whether it is left without an apostrophe.
    """
    if not as_is and text.startswith(_RUN) and not _is_number(text):
        text = f"'{text}"
    if any(mark in text for mark in ',"\n\r'):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode("utf-8", errors="replace")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[:1] in "+-"


def number_cell(value: float | None) -> bytes:
    """Return a number as a cell; None is an empty one."""
    if value is None:
        return b""
    return orjson.dumps(value) if math.isfinite(value) else repr(value).encode()


def _unused(cells: Floats) -> float:
    """Return a number that is not among ``cells``.

    Its text begins with a minus and ends with an exponent of three digits, so that it
    cannot be a part of another number's text.
    """
    candidates = -(1 + np.arange(cells.size + 1) / 1024) * 2.0**-1000
    for number in candidates:
        if not (cells == number).any():
            return float(number)
    raise AssertionError("there are more candidates than cells")
