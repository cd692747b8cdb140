"""Which plots are shown where, for the room there is. Pure arithmetic; no Qt."""

from collections.abc import Sequence
from typing import Final

from optlab.ui.arrangement import Node, Pane
from optlab.ui.pane_tree import split

MIN_WIDTH: Final = 290
MIN_HEIGHT: Final = 170


def _beside(names: Sequence[str], width: int, height: int) -> Node:
    """Put a big card left and the others, in columns of equal cards, at its right."""
    first, rest = Pane(name=names[0]), list(names[1:])
    if not rest:
        return first
    rows = max(1, min(len(rest), 2 if height < 3.4 * MIN_HEIGHT else 3))
    if len(rest) > 2 and width > 4 * MIN_WIDTH:
        rows = min(rows, 2)
    right = width * 0.5
    columns = max(1, min(int(right // MIN_WIDTH), -(-len(rest) // rows)))
    rest = rest[: rows * columns]
    rows = min(rows, len(rest))
    stacks: list[Node] = []
    for k in range(0, len(rest), rows):
        panes = [Pane(name=name) for name in rest[k : k + rows]]
        weights = [1.0] * len(panes)
        # The last one fills what would be an empty cell below it.
        weights[-1] += rows - len(panes)
        stacks.append(split(False, panes, weights))
    big = {1: 6, 2: 4}.get(columns, 3)
    small = {1: 5, 2: 3}.get(columns, 2)
    return split(True, [first, *stacks], [big, *(small,) * len(stacks)])


def _below(names: Sequence[str], width: int, height: int) -> Node:
    """Put a wide card on top and the others in one row below it."""
    first, rest = names[0], list(names[1:])
    if not rest or height < 2 * MIN_HEIGHT:
        rest = rest[: max(0, width // MIN_WIDTH - 1)]
        panes = [Pane(name=name) for name in (first, *rest)]
        return split(True, panes, [1.0] * len(panes))
    rest = rest[: max(1, width // MIN_WIDTH)]
    row = split(True, [Pane(name=name) for name in rest], [1.0] * len(rest))
    return split(False, [Pane(name=first), row], [11.0, 9.0])


def plan(
    names: Sequence[str], *, width: int, height: int, surface: bool
) -> Node | None:
    """Return where cards go; those that have no room are left out, last ones first.

    Args:
        names: The cards that are wanted, most important first.
        width: Of the room, in pixels.
        height: Of the room, in pixels.
        surface: Whether the first card is a surface, which wants to be square.

    Returns:
        A tree; None where no card is wanted.
    """
    if not names:
        return None
    if surface:
        return _beside(names, width, height)
    return _below(names, width, height)
