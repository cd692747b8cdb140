"""A pop-up from which one entry of a catalog is taken: found by typing, told in full.

Up and Down walk through the list while one types, Enter takes the current entry,
Escape clears the search and then leaves.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.cards import CardKind
from optlab.translate import tr, tr_n
from optlab.ui.detail_pane import DetailPane
from optlab.ui.details import Details, card_titles, with_titles
from optlab.ui.picker_list import PickerList
from optlab.ui.view_state import ViewState

SIZE: Final = (760, 560)
LIST_WIDTH: Final = 340
PAGE: Final = 10
_STEPS: Final = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: PAGE,
    Qt.Key.Key_PageUp: -PAGE,
}


class Picker(QFrame):
    """A search line over a list, beside it what there is to say of the current entry.

    Args:
        name: Beginning of the object names, ``optimizers.picker``.
        state: Where the theme is.
        parent: The widget that it belongs to.
        kind: What sort of things they are.
        search: What the search line asks for.
        take: The word on the button that takes the entry.
    """

    picked = Signal(str)
    """The name of the entry that was taken."""
    file_wanted = Signal()
    """A person wants to take one of their own, from a file."""
    card_wanted = Signal(str)
    """A person asks for the explainer card of the entry of this name."""

    def __init__(
        self,
        name: str,
        state: ViewState,
        *,
        parent: QWidget,
        kind: CardKind,
        search: str,
        take: str,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._name = name
        self._kind: CardKind = kind
        # Read when the list opens for the first time: that takes a moment.
        self._titles: Mapping[str, str] | None = None
        self._total = 0
        self._build(state, search, take)
        self._connect()

    def _build(self, state: ViewState, search: str, take: str) -> None:
        self.setObjectName(self._name)
        self.setProperty("role", "popup")
        self._search = QLineEdit()
        self._search.setObjectName(f"{self._name}.search")
        self._search.setAccessibleName(search)
        self._search.setPlaceholderText(search)
        self._search.setClearButtonEnabled(True)
        self._count = QLabel()
        self._count.setObjectName(f"{self._name}.count")
        self._count.setProperty("role", "muted")
        self.list = PickerList(state)
        self.list.setObjectName(f"{self._name}.list")
        self.list.setAccessibleName(search)
        self.list.setFixedWidth(LIST_WIDTH)
        self._pane = DetailPane(f"{self._name}.details", state)
        self._file = QPushButton(tr("From file…"))
        self._file.setObjectName(f"{self._name}.file")
        self._file.hide()
        self._file_words = QLabel()
        self._file_words.setProperty("role", "muted")
        self._take = QPushButton(take)
        self._take.setObjectName(f"{self._name}.take")
        self._take.setProperty("kind", "primary")
        top, middle, bottom = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget, share in ((self._search, 1), (self._count, 0)):
            top.addWidget(widget, share)
        for part, share in ((self.list, 0), (self._pane, 1)):
            middle.addWidget(part, share)
        bottom.addWidget(self._file)
        bottom.addWidget(self._file_words, 1)
        bottom.addWidget(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for row in (top, middle, bottom):
            row.setSpacing(8)
            layout.addLayout(row)
        self.resize(*SIZE)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._take_current)
        self._search.installEventFilter(self)
        self.list.itemDoubleClicked.connect(self._take_item)
        self.list.itemActivated.connect(self._take_item)
        self.list.currentItemChanged.connect(self._describe)
        self._take.clicked.connect(self._take_current)
        self._file.clicked.connect(self._ask_file)
        self._pane.card_wanted.connect(self._ask_card)

    def offer_file(self, tip: str, words: str) -> None:
        """Show a button that takes something of the person's own from a file.

        Args:
            tip: What can be taken.
            words: What a person should know before, beside the button.
        """
        self._file.setToolTip(tip)
        self._file.setAccessibleName(tip)
        self._file_words.setText(words)
        self._file.show()

    def open_at(
        self, corner: QPoint, entries: Iterable[Details], *, current: str = ""
    ) -> None:
        """Show the list with its upper left corner at a place on the screen.

        Args:
            corner: The place.
            entries: What there is, group by group.
            current: Name of the entry to begin with.
        """
        if self._titles is None:
            self._titles = card_titles(self._kind)
        shown = with_titles(entries, self._titles)
        self._total = len(shown)
        self.list.set_entries(shown)
        self._search.clear()
        self._filter("")
        if current:
            self.list.choose(current)
        screen = self.screen().availableGeometry()
        x = min(corner.x(), screen.right() - self.width())
        y = min(corner.y(), screen.bottom() - self.height())
        self.move(max(x, screen.left()), max(y, screen.top()))
        self.show()
        self._search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let keys in the search line walk through the list, and Escape clear it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _STEPS:
                self.list.walk(_STEPS[key])
                return True
            if key is Qt.Key.Key_Escape and self._search.text():
                self._search.clear()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape, wherever the focus is."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _filter(self, text: str) -> None:
        found = self.list.filter(text)
        count = tr("{n} of {total}", n=found, total=self._total)
        self._count.setText(
            count if text.strip() else tr_n("{n} entry", "{n} entries", n=self._total)
        )

    def _describe(self) -> None:
        entry = self.list.chosen()
        self._pane.show_details(entry)
        self._take.setEnabled(entry is not None and not entry.reason)
        self._take.setToolTip("" if entry is None else entry.reason)

    def _take_item(self, _item: QListWidgetItem) -> None:
        self._take_current()

    def _take_current(self) -> None:
        entry = self.list.chosen()
        # A double click is an activation, too, on some systems.
        if entry is not None and not entry.reason and self.isVisible():
            self.close()
            self.picked.emit(entry.name)

    def _ask_file(self) -> None:
        self.close()
        self.file_wanted.emit()

    def _ask_card(self, name: str) -> None:
        self.close()
        self.card_wanted.emit(name)
