"""What can be done to the tree of an arrangement. Pure arithmetic; no Qt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from optlab.ui.arrangement import Node, Pane, Split

Side = Literal["left", "right", "above", "below"]
SIDES: Final[tuple[Side, ...]] = ("left", "right", "above", "below")
NO_PANES: Final = Split(across=True, parts=(), weights=())
"""The tree of somebody who has taken every plot away."""
_TOUCH: Final = 1e-6


@dataclass(frozen=True, kw_only=True)
class Rect:
    """A place, as shares of the whole."""

    x: float
    y: float
    width: float
    height: float


def split(across: bool, parts: Sequence[Node], weights: Sequence[float]) -> Node:
    """Return parts side by side or one above the other; a single one as it is."""
    if len(parts) == 1:
        return parts[0]
    return Split(across=across, parts=tuple(parts), weights=tuple(weights))


def names_in(tree: Node | None) -> tuple[str, ...]:
    """Return the names of all panes, in reading order."""
    if tree is None:
        return ()
    if isinstance(tree, Pane):
        return (tree.name,)
    return tuple(name for part in tree.parts for name in names_in(part))


def kept(tree: Node, names: Collection[str]) -> Node | None:
    """Return the tree with the panes of these names only; None if none is left."""
    if isinstance(tree, Pane):
        return tree if tree.name in names else None
    found = [
        (part, weight)
        for part, weight in zip(
            (kept(part, names) for part in tree.parts), tree.weights, strict=True
        )
        if part is not None
    ]
    if not found:
        return None
    return split(tree.across, [p for p, _ in found], [w for _, w in found])


def without(tree: Node, name: str) -> Node:
    """Return the tree without one pane; its neighbours take its room."""
    left = kept(tree, [other for other in names_in(tree) if other != name])
    return NO_PANES if left is None else left


def beside(tree: Node, name: str, *, target: str, side: Side) -> Node:
    """Return the tree with a new pane at one side of another, with half its room."""
    if isinstance(tree, Pane):
        if tree.name != target:
            return tree
        pair = _ordered(tree, Pane(name=name), side)
        return Split(across=_across(side), parts=pair, weights=(0.5, 0.5))
    parts: list[Node] = []
    weights: list[float] = []
    for part, weight in zip(tree.parts, tree.weights, strict=True):
        found = isinstance(part, Pane) and part.name == target
        if found and tree.across == _across(side):
            # No split inside a split of the same direction: all are equal neighbours.
            parts += _ordered(part, Pane(name=name), side)
            weights += [weight / 2] * 2
        else:
            parts.append(beside(part, name, target=target, side=side))
            weights.append(weight)
    return Split(across=tree.across, parts=tuple(parts), weights=tuple(weights))


def moved(tree: Node, name: str, *, target: str, side: Side) -> Node:
    """Return the tree with one pane taken to one side of another."""
    if name == target:
        return tree
    return beside(without(tree, name), name, target=target, side=side)


def swapped(tree: Node, name: str, other: str) -> Node:
    """Return the tree with two panes in each other's place."""
    if isinstance(tree, Pane):
        places = {name: other, other: name}
        return Pane(name=places.get(tree.name, tree.name))
    return replace(tree, parts=tuple(swapped(p, name, other) for p in tree.parts))


def reweighted(
    tree: Node, parts: Sequence[Collection[str]], weights: Sequence[float]
) -> Node:
    """Return the tree with other sizes in one of its splits.

    Args:
        tree: The tree; it may have panes that are not shown.
        parts: The names that are shown in each part of the split.
        weights: The relative sizes of these parts; those not shown keep theirs.
    """
    if isinstance(tree, Pane):
        return tree
    shown = {name for part in parts for name in part}
    seen = [frozenset(names_in(part)) & shown for part in tree.parts]
    if [s for s in seen if s] == [frozenset(part) for part in parts]:
        places = [k for k, s in enumerate(seen) if s]
        room = sum(tree.weights[k] for k in places)
        total = sum(weights)
        new = list(tree.weights)
        for k, weight in zip(places, weights, strict=True):
            new[k] = round(room * weight / total, 4)
        return replace(tree, weights=tuple(new))
    return replace(tree, parts=tuple(reweighted(p, parts, weights) for p in tree.parts))


def places(tree: Node, within: Rect | None = None) -> dict[str, Rect]:
    """Return where every pane is, as shares of the whole."""
    room = within or Rect(x=0.0, y=0.0, width=1.0, height=1.0)
    if isinstance(tree, Pane):
        return {tree.name: room}
    total = sum(tree.weights) or 1.0
    found: dict[str, Rect] = {}
    before = 0.0
    for part, weight in zip(tree.parts, tree.weights, strict=True):
        share = weight / total
        if tree.across:
            x, width = room.x + before * room.width, share * room.width
            cell = replace(room, x=x, width=width)
        else:
            y, height = room.y + before * room.height, share * room.height
            cell = replace(room, y=y, height=height)
        found |= places(part, cell)
        before += share
    return found


def neighbour(tree: Node, name: str, side: Side) -> str | None:
    """Return the pane that shares most of one side of a pane; None at the border."""
    rects = places(tree)
    here = rects[name]
    best, longest = None, _TOUCH
    for other, rect in rects.items():
        if other == name or not _touch(here, rect, side):
            continue
        if _across(side):
            ends = min(here.y + here.height, rect.y + rect.height)
            shared = ends - max(here.y, rect.y)
        else:
            ends = min(here.x + here.width, rect.x + rect.width)
            shared = ends - max(here.x, rect.x)
        if shared > longest:
            best, longest = other, shared
    return best


def smallest(tree: Node, pane: tuple[int, int], *, gap: int) -> tuple[int, int]:
    """Return the least width and height that a tree needs.

    Args:
        tree: The tree.
        pane: Least width and height of one pane.
        gap: Room between panes.
    """
    if isinstance(tree, Pane):
        return pane
    sizes = [smallest(part, pane, gap=gap) for part in tree.parts]
    widths, heights = [w for w, _ in sizes], [h for _, h in sizes]
    gaps = gap * (len(sizes) - 1)
    if tree.across:
        return sum(widths) + gaps, max(heights, default=0)
    return max(widths, default=0), sum(heights) + gaps


def fitting(
    tree: Node, room: tuple[int, int], *, pane: tuple[int, int], gap: int
) -> Node:
    """Return the tree without as many of its last panes as there is no room for."""
    names = names_in(tree)
    found = tree
    for count in range(len(names) - 1, 0, -1):
        width, height = smallest(found, pane, gap=gap)
        if width <= room[0] and height <= room[1]:
            break
        found = kept(tree, names[:count]) or found
    return found


def _across(side: Side) -> bool:
    return side in ("left", "right")


def _ordered(old: Node, new: Node, side: Side) -> tuple[Node, Node]:
    return (new, old) if side in ("left", "above") else (old, new)


def _touch(here: Rect, rect: Rect, side: Side) -> bool:
    if side == "left":
        distance = rect.x + rect.width - here.x
    elif side == "right":
        distance = here.x + here.width - rect.x
    elif side == "above":
        distance = rect.y + rect.height - here.y
    else:
        distance = here.y + here.height - rect.y
    return abs(distance) < _TOUCH
