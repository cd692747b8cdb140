"""A combo box whose list is a picker: searched, grouped, and told in full."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal

from optlab.cards import CardKind
from optlab.ui.details import Details
from optlab.ui.fields import QuietCombo
from optlab.ui.picker import Picker
from optlab.ui.view_state import ViewState

GAP: Final = 4


class PickerCombo(QuietCombo):
    """Chooses one entry of a catalog; arrow keys step through as in any combo box.

    Args:
        name: Its object name; that of the list follows from it.
        state: Where the theme is.
        kind: What sort of things they are.
        entries: Returns what there is, group by group, when the list opens.
        words: What the search line asks for, and the word on the button that takes.
        none: What stands first, for nothing; left out if empty.
    """

    card_wanted = Signal(str)
    """A person asks for the explainer card of the entry of this name."""

    def __init__(
        self,
        name: str,
        state: ViewState,
        *,
        kind: CardKind,
        entries: Callable[[], tuple[Details, ...]],
        words: tuple[str, str],
        none: str = "",
    ) -> None:
        super().__init__()
        self._state = state
        self._kind: CardKind = kind
        self._entries = entries
        self._words = words
        self._picker: Picker | None = None
        self.setObjectName(name)
        if none:
            self.addItem(none, "")
        group = None
        for entry in entries():
            if group is not None and entry.group != group:
                self.insertSeparator(self.count())
            group = entry.group
            self.addItem(entry.title, entry.name)
            role = Qt.ItemDataRole.ToolTipRole
            self.setItemData(self.count() - 1, entry.description, role)

    def show_name(self, name: str) -> None:
        """Show the entry of that name as the chosen one."""
        index = self.findData(name)
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        tip = self.itemData(index, Qt.ItemDataRole.ToolTipRole)
        self.setToolTip(str(tip or ""))

    def showPopup(self) -> None:
        """Open the picker below."""
        if self._picker is None:
            search, take = self._words
            name = f"{self.objectName()}.picker"
            # Not within the combo box, whose style would be laid upon it.
            parent = self.parentWidget() or self
            self._picker = Picker(
                name,
                self._state,
                parent=parent,
                kind=self._kind,
                search=search,
                take=take,
            )
            self._picker.picked.connect(self._choose)
            self._picker.card_wanted.connect(self.card_wanted)
        corner = self.mapToGlobal(QPoint(0, self.height() + GAP))
        current = str(self.currentData() or "")
        self._picker.open_at(corner, self._entries(), current=current)

    def _choose(self, name: str) -> None:
        index = self.findData(name)
        self.setCurrentIndex(index)
        self.activated.emit(index)
