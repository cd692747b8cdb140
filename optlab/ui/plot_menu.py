"""What the menu of a card offers besides: split, move, remove."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.add_plot import Offer
from optlab.ui.arranging import SWAP, Arranger
from optlab.ui.cards import Card
from optlab.ui.pane_tree import SIDES, Side

Offers = Callable[[str], Sequence[Offer]]


class PlotMenu(QObject):
    """Lets the menu of a card arrange the plots.

    Args:
        card: The card; it owns this.
        arranger: What arranges the plots.
        offers: Returns what can be put beside a plot.
    """

    def __init__(self, card: Card, arranger: Arranger, *, offers: Offers) -> None:
        super().__init__(card)
        self._name = card.name
        self._arranger = arranger
        self._offers = offers
        menu, prefix = card.menu, f"card-{card.name}"
        first = menu.actions()[0]
        self._right = _submenu(menu, f"{prefix}-split-right", tr("Split right"), first)
        self._below = _submenu(menu, f"{prefix}-split-below", tr("Split below"), first)
        self._move = _submenu(menu, f"{prefix}-move", tr("Move"), first)
        remove = QAction(tr("Remove"), menu)
        remove.setObjectName(f"{prefix}-remove")
        menu.insertAction(first, remove)
        menu.insertSeparator(first)
        self._right.aboutToShow.connect(self._fill_right)
        self._below.aboutToShow.connect(self._fill_below)
        self._move.aboutToShow.connect(self._fill_move)
        remove.triggered.connect(self._remove)

    @Slot()
    def _fill_right(self) -> None:
        self._fill_split(self._right, "right")

    @Slot()
    def _fill_below(self) -> None:
        self._fill_split(self._below, "below")

    def _fill_split(self, menu: QMenu, side: Side) -> None:
        """List what can be put beside the plot: what is not shown, second looks."""
        menu.clear()
        offers = self._offers(self._name)
        whole = [offer for offer in offers if offer.settings is None]
        for k, offer in enumerate(offers):
            if whole and k == len(whole):
                menu.addSeparator()
            act = partial(
                self._arranger.add,
                offer.name,
                target=self._name,
                side=side,
                settings=offer.settings,
            )
            part = offer.name if offer.settings is None else f"{offer.name}-{k}"
            add_entry(menu, f"{menu.objectName()}-{part}", offer.text, act)
        if not offers:
            menu.addAction(tr("Everything is shown")).setEnabled(False)

    @Slot()
    def _fill_move(self) -> None:
        """List the neighbours with which the plot can change places."""
        menu, name, arranger = self._move, self._name, self._arranger
        menu.clear()
        texts: dict[Side, str] = {
            "left": tr("Move left"),
            "right": tr("Move right"),
            "above": tr("Move up"),
            "below": tr("Move down"),
        }
        for side in SIDES:
            act = partial(arranger.move, name, side)
            entry = add_entry(menu, f"{menu.objectName()}-{side}", texts[side], act)
            entry.setEnabled(arranger.neighbour(name, side) is not None)
        menu.addSeparator()
        other = arranger.next_to(name)
        act = partial(arranger.place, name, other or name, SWAP)
        text = tr("Change places with the next")
        add_entry(menu, f"{menu.objectName()}-next", text, act).setEnabled(bool(other))

    @Slot()
    def _remove(self) -> None:
        self._arranger.remove(self._name)


def _submenu(menu: QMenu, name: str, title: str, before: QAction) -> QMenu:
    child = QMenu(title, menu)
    child.setObjectName(name)
    menu.insertMenu(before, child)
    return child
