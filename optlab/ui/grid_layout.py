"""Which cards are shown where, for the room there is. Pure arithmetic; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MIN_WIDTH: Final = 290
MIN_HEIGHT: Final = 170


@dataclass(frozen=True)
class Place:
    """Cell of a grid: row, column, and how many of each it spans."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An arrangement.

    Attributes:
        places: Where each card that is shown goes.
        row_stretch: Relative heights of the rows.
        column_stretch: Relative widths of the columns.
    """

    places: dict[str, Place]
    row_stretch: tuple[int, ...] = ()
    column_stretch: tuple[int, ...] = ()


def _beside(names: Sequence[str], width: int, height: int) -> Plan:
    """Put a big card left and the others, in columns of equal cards, at its right."""
    first, rest = names[0], list(names[1:])
    if not rest:
        return Plan(places={first: Place(0, 0)}, row_stretch=(1,), column_stretch=(1,))
    rows = max(1, min(len(rest), 2 if height < 3.4 * MIN_HEIGHT else 3))
    if len(rest) > 2 and width > 4 * MIN_WIDTH:
        rows = min(rows, 2)
    right = width * 0.5
    columns = max(1, min(int(right // MIN_WIDTH), -(-len(rest) // rows)))
    rest = rest[: rows * columns]
    rows = min(rows, len(rest))
    places = {first: Place(0, 0, rows=rows)}
    for k, name in enumerate(rest):
        last = k == len(rest) - 1
        column, row = 1 + k // rows, k % rows
        # The last one fills what would be an empty cell below it.
        places[name] = Place(row, column, rows=rows - row if last else 1)
    big = {1: 6, 2: 4}.get(columns, 3)
    small = {1: 5, 2: 3}.get(columns, 2)
    return Plan(
        places=places,
        row_stretch=(1,) * rows,
        column_stretch=(big, *(small,) * columns),
    )


def _below(names: Sequence[str], width: int, height: int) -> Plan:
    """Put a wide card on top and the others in one row below it."""
    first, rest = names[0], list(names[1:])
    if not rest or height < 2 * MIN_HEIGHT:
        rest = rest[: max(0, width // MIN_WIDTH - 1)]
        places = {name: Place(0, k) for k, name in enumerate([first, *rest])}
        return Plan(places=places, row_stretch=(1,), column_stretch=(1,) * len(places))
    rest = rest[: max(1, width // MIN_WIDTH)]
    places = {first: Place(0, 0, columns=len(rest))}
    places |= {name: Place(1, k) for k, name in enumerate(rest)}
    return Plan(places=places, row_stretch=(11, 9), column_stretch=(1,) * len(rest))


def plan(names: Sequence[str], *, width: int, height: int, surface: bool) -> Plan:
    """Return where cards go; those that have no room are left out, last ones first.

    Args:
        names: The cards that are wanted, most important first.
        width: Of the room, in pixels.
        height: Of the room, in pixels.
        surface: Whether the first card is a surface, which wants to be square.
    """
    if not names:
        return Plan(places={})
    if surface:
        return _beside(names, width, height)
    return _below(names, width, height)
