"""What a person does to the plots: each deed is one step that can be undone."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QObject

from optlab.translate import tr
from optlab.ui import pane_tree
from optlab.ui.arrangement import (
    Arrangement,
    Node,
    Pane,
    PlotSettings,
    Split,
    metric_of,
)
from optlab.ui.pane_tree import NO_PANES, SIDES, Side, names_in
from optlab.ui.view_state import ViewState

SWAP: Final = "swap"
_WIDE: Final = 1.3
"""A pane that is wider than this many times its height is split side by side."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is on the screen when something is done.

    Attributes:
        tree: Where the plots stand now, by hand or by themselves.
        shown: Names of the plots that have a place.
        usual: Names of the plots that a run has by itself, most important first.
        size: Width and height of the room for all.
    """

    tree: Node
    shown: tuple[str, ...]
    usual: tuple[str, ...]
    size: tuple[int, int]


class Arranger(QObject):
    """Changes the arrangement.

    Args:
        state: Where the arrangement is.
        scene: Returns what is on the screen.
        title: Returns what a plot is called.
    """

    def __init__(
        self,
        state: ViewState,
        *,
        scene: Callable[[], Scene],
        title: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._scene = scene
        self._title = title

    def show(self, name: str) -> None:
        """Show a plot, in the place of another one if there is no room."""
        scene, now = self._scene(), self._state.arrangement
        text = tr("show the plot {title}", title=self._title(name))
        if now.tree is None and (name in scene.usual or name in now.copies):
            order = [n for n in order_of(now, scene.usual) if n != name]
            order.insert(max(len(scene.shown) - 1, 0), name)
            off = now.off - {name}
            self._put(replace(now, off=off, order=tuple(order)), text)
        elif name in names_in(now.tree):
            tree = pane_tree.swapped(scene.tree, name, scene.shown[-1])
            self._put(replace(now, tree=tree), text)
        else:
            self.add(name)

    def remove(self, name: str) -> None:
        """Take a plot away; one that was added is gone for good."""
        scene, now = self._scene(), self._state.arrangement
        new = now
        if name in now.copies:
            new = replace(now, copies=tuple(n for n in now.copies if n != name))
            new = new.with_settings(name, PlotSettings())
        if new.tree is not None:
            new = replace(new, tree=pane_tree.without(new.tree, name))
        elif name in scene.usual:
            new = replace(new, off=now.off | {name})
        if self._state.maximized == name:
            self._state.set_maximized("")
        self._put(new, tr("remove the plot {title}", title=self._title(name)))

    def add(
        self,
        name: str,
        *,
        target: str = "",
        side: Side | None = None,
        settings: PlotSettings | None = None,
    ) -> None:
        """Add a plot.

        Args:
            name: The plot; that of one already shown adds a second one of it.
            target: The plot beside which it is to stand; empty for the largest one.
            side: On which side of that; None for the one with more room.
            settings: How it is looked at; None for as it was last.
        """
        scene, now = self._scene(), self._state.arrangement
        tree = scene.tree
        if name in names_in(tree):
            name = self._copy_name(name, names_in(tree))
        if not names_in(tree):
            tree = Pane(name=name)
        else:
            if target not in names_in(tree):
                target, side = self._largest(scene)
            tree = pane_tree.beside(tree, name, target=target, side=side or "right")
        copies = now.copies
        if name not in scene.usual and name not in copies:
            copies = (*copies, name)
        new = replace(now, tree=tree, copies=copies, off=frozenset())
        if settings is not None:
            new = new.with_settings(name, settings)
        self._put(new, tr("add the plot {title}", title=self._title(name)))

    def place(self, name: str, target: str, how: str) -> None:
        """Take a plot to one side of another, or let the two change places.

        Args:
            name: The plot.
            target: The other one.
            how: One of `SIDES`, or ``swap``.
        """
        tree = self._scene().tree
        sides: dict[str, Side] = {side: side for side in SIDES}
        if how in sides:
            new = pane_tree.moved(tree, name, target=target, side=sides[how])
        else:
            new = pane_tree.swapped(tree, name, target)
        if new != tree:
            text = tr("move the plot {title}", title=self._title(name))
            self._put(replace(self._state.arrangement, tree=new), text)

    def move(self, name: str, side: Side) -> None:
        """Let a plot change places with its neighbour on one side."""
        other = self.neighbour(name, side)
        if other is not None:
            self.place(name, other, SWAP)

    def neighbour(self, name: str, side: Side) -> str | None:
        """Return the plot on one side of a plot; None at the border."""
        tree = self._scene().tree
        return pane_tree.neighbour(tree, name, side) if name in names_in(tree) else None

    def next_to(self, name: str) -> str | None:
        """Return the plot after a plot, in reading order; None if it is alone."""
        names = self._scene().shown
        if name not in names or len(names) < 2:
            return None
        return names[(names.index(name) + 1) % len(names)]

    def resize(
        self, parts: Sequence[Collection[str]], weights: Sequence[float]
    ) -> None:
        """Give the parts of a split other sizes.

        Args:
            parts: The names that are shown in each part.
            weights: Their sizes.
        """
        tree = pane_tree.reweighted(self._scene().tree, parts, weights)
        key = "border " + " | ".join(" ".join(sorted(part)) for part in parts)
        new = replace(self._state.arrangement, tree=tree)
        self._state.set_arrangement(new, tr("resize plots"), merge=key)

    def take(self, new: Arrangement, text: str) -> None:
        """Arrange the plots as a perspective says."""
        self._state.set_maximized("")
        self._put(new, text)

    def reset(self) -> None:
        """Let the plots arrange themselves again; titles and captions stay."""
        self.take(automatic_again(self._state.arrangement), tr("reset the plots"))

    def _copy_name(self, name: str, taken: Collection[str]) -> str:
        metric, number = metric_of(name), 2
        while f"{metric}#{number}" in taken:
            number += 1
        return f"{metric}#{number}"

    def _largest(self, scene: Scene) -> tuple[str, Side]:
        width, height = scene.size
        rects = pane_tree.places(scene.tree)
        name = max(rects, key=lambda n: rects[n].width * rects[n].height)
        here = rects[name]
        wide = here.width * width > _WIDE * here.height * height
        return name, "right" if wide else "below"

    def _put(self, new: Arrangement, text: str) -> None:
        self._state.set_arrangement(new, text)


def automatic_again(now: Arrangement) -> Arrangement:
    """Return an arrangement in which plots find their places by themselves."""
    plots = {name: it for name, it in now.plots.items() if name not in now.copies}
    return Arrangement(plots=MappingProxyType(plots))


def order_of(now: Arrangement, usual: Sequence[str]) -> tuple[str, ...]:
    """Return the plots of an automatic arrangement, most important first.

    Args:
        now: The arrangement.
        usual: Plots that a run has by itself, most important first.
    """
    names = tuple(dict.fromkeys((*usual, *now.copies)))
    kept = tuple(name for name in now.order if name in names)
    return kept if set(kept) == set(names) else names


def all_of(tree: Node | None) -> Node:
    """Return a tree; one without panes for None."""
    return NO_PANES if tree is None else tree


def is_empty(tree: Node | None) -> bool:
    """Return whether somebody has taken every plot away."""
    return isinstance(tree, Split) and not tree.parts
