"""The command palette: type a few letters of what is wanted, Enter does it.

With nothing typed, what was done last stands first. What cannot be done is greyed and
says why below the list.
"""

import json
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSettings,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.fuzzy import misfit
from optlab.ui.labels import ElidedLabel
from optlab.ui.palette_entries import Entry
from optlab.ui.theme import SECONDARY_PX, ui_font
from optlab.ui.view_state import ViewState

SIZE: Final = (620, 440)
TOP: Final = 64
ROW_HEIGHT: Final = 30
INDENT: Final = 10
GAP: Final = 12
PAGE: Final = 8
MOST: Final = 80
"""How many entries are listed; nobody reads on."""
REMEMBERED: Final = 20
PLACE: Final = "palette/done"
NUMBER: Final = Qt.ItemDataRole.UserRole
_STEPS: Final = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: PAGE,
    Qt.Key.Key_PageUp: -PAGE,
}
_Index = QModelIndex | QPersistentModelIndex


class Palette(QFrame):
    """A search line over a list of everything that can be done.

    Args:
        state: Where the theme is.
        settings: Where is kept what was done last.
        parent: The window over which it opens.
    """

    def __init__(
        self, state: ViewState, *, settings: QSettings, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._state = state
        self._settings = settings
        self._entries: tuple[Entry, ...] = ()
        self._listed: tuple[Entry, ...] = ()
        self.setObjectName("palette")
        self.setProperty("role", "popup")
        self.setAccessibleName(tr("Command palette"))
        self._build()

    def _build(self) -> None:
        hint = tr("Search commands, experiments, optimizers, plots…")
        self._search = QLineEdit()
        self._search.setObjectName("palette.search")
        self._search.setAccessibleName(hint)
        self._search.setPlaceholderText(hint)
        self._search.textChanged.connect(self._filter)
        self._search.returnPressed.connect(self._run_current)
        self._search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("palette.list")
        self.list.setAccessibleName(tr("What can be done"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_Delegate(self, self._state))
        self.list.itemClicked.connect(self._run_item)
        self.list.currentRowChanged.connect(self._tell)
        self._told = ElidedLabel()
        self._told.setObjectName("palette.told")
        self._told.setProperty("role", "muted")
        keys = QLabel(tr("Enter does it · Esc closes"))
        keys.setProperty("role", "muted")
        bottom = QHBoxLayout()
        bottom.setContentsMargins(6, 0, 6, 2)
        bottom.setSpacing(16)
        bottom.addWidget(self._told, 1)
        bottom.addWidget(keys)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._search)
        layout.addWidget(self.list, 1)
        layout.addLayout(bottom)

    def open_over(self, window: QWidget, entries: Iterable[Entry]) -> None:
        """Open at the top of a window.

        Args:
            window: The window.
            entries: What can be done.
        """
        self._entries = tuple(entries)
        self._search.clear()
        self._filter("")
        width = min(SIZE[0], window.width() - 2 * GAP)
        height = min(SIZE[1], window.height() - 2 * TOP)
        self.resize(width, height)
        x = (window.width() - width) // 2
        self.move(window.mapToGlobal(QPoint(x, TOP)))
        self.show()
        self._search.setFocus()

    def listed(self) -> tuple[Entry, ...]:
        """Return the entries that are listed, best first."""
        return self._listed

    def current(self) -> Entry | None:
        """Return the entry that Enter does."""
        row = self.list.currentRow()
        return self._listed[row] if 0 <= row < len(self._listed) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let keys in the search line walk through the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _STEPS:
                last = self.list.count() - 1
                row = self.list.currentRow() + _STEPS[key]
                self.list.setCurrentRow(max(0, min(row, last)))
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _filter(self, text: str) -> None:
        self._listed = self._found(text)[:MOST]
        self.list.clear()
        for number, entry in enumerate(self._listed):
            item = QListWidgetItem(entry.title)
            item.setData(NUMBER, number)
            item.setToolTip(entry.reason or entry.tip)
            spoken = (entry.title, entry.group, entry.keys, entry.reason)
            role = Qt.ItemDataRole.AccessibleTextRole
            item.setData(role, ", ".join(part for part in spoken if part))
            self.list.addItem(item)
        self.list.setCurrentRow(0 if self._listed else -1)
        if not self._listed:
            self._told.set_full_text(tr("Nothing fits"))

    def _found(self, text: str) -> tuple[Entry, ...]:
        done = self._done()
        late = len(done)
        place = {name: number for number, name in enumerate(done)}
        if not text.strip():
            return tuple(sorted(self._entries, key=lambda e: place.get(e.name, late)))
        fits = ((misfit(text, e.names, e.words), e) for e in self._entries)
        ranked = [
            (_rank(cost, entry, place.get(entry.name, late)), entry)
            for cost, entry in fits
            if cost is not None
        ]
        return tuple(entry for _, entry in sorted(ranked, key=lambda pair: pair[0]))

    def _tell(self, _row: int) -> None:
        entry = self.current()
        told = "" if entry is None else entry.reason or entry.tip
        self._told.set_full_text(" ".join(told.split()))
        spoken = "" if entry is None else f"{entry.title}, {entry.group}"
        self._search.setAccessibleDescription(spoken)

    def _run_item(self, item: QListWidgetItem) -> None:
        self.list.setCurrentItem(item)
        self._run_current()

    def _run_current(self) -> None:
        entry = self.current()
        if entry is None or entry.reason:
            return
        done = (entry.name, *(name for name in self._done() if name != entry.name))
        self._settings.setValue(PLACE, json.dumps(done[:REMEMBERED]))
        self.close()
        entry.act()

    def _done(self) -> tuple[str, ...]:
        """Return the names of what was done last, newest first."""
        try:
            kept = json.loads(str(self._settings.value(PLACE, "[]")))
        except (ValueError, RecursionError):
            return ()
        return tuple(map(str, kept)) if isinstance(kept, list) else ()


def _rank(cost: float, entry: Entry, place: int) -> tuple[float, bool, int, int]:
    """Return what orders the entries that fit: best first, then what was done last.

    What cannot be done stands behind its equals, long names behind short ones.
    """
    return round(cost), bool(entry.reason), place, min(map(len, entry.names))


class _Delegate(QStyledItemDelegate):
    """Draws a row: what is done on the left, its kind and shortcut on the right."""

    def __init__(self, palette: Palette, state: ViewState) -> None:
        super().__init__(palette)
        self._palette = palette
        self._state = state

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """Return one height for all rows."""
        return QSize(0, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Draw one row."""
        entry = self._palette.listed()[int(index.data(NUMBER))]
        theme = self._state.theme
        painter.save()
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        option.widget.style().drawPrimitive(panel, option, painter, option.widget)
        area = option.rect.adjusted(INDENT, 0, -INDENT, 0)
        color = QColor(theme.muted)
        painter.setFont(ui_font(SECONDARY_PX))
        painter.setPen(color)
        if entry.keys:
            area = _draw_key(painter, area, entry.keys, line=QColor(theme.line))
        area = _draw(painter, area, entry.group, right=True)
        painter.setFont(ui_font())
        painter.setPen(QColor(theme.muted if entry.reason else theme.text))
        _draw(painter, area, entry.title)
        painter.restore()


def _draw(painter: QPainter, area: QRect, text: str, *, right: bool = False) -> QRect:
    """Draw one line of text; return the room that is left beside it."""
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return area.adjusted(0, 0, -metrics.horizontalAdvance(shown) - GAP, 0)


def _draw_key(painter: QPainter, area: QRect, text: str, *, line: QColor) -> QRect:
    """Draw a shortcut as a key; return the room that is left beside it."""
    first = text.split(", ")[0]
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(first) + GAP, metrics.height() + 4
    top = area.top() + (area.height() - height) // 2
    key = QRect(area.right() - width, top, width, height)
    pen = painter.pen()
    painter.setPen(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawRoundedRect(key, 4, 4)
    painter.setPen(pen)
    painter.drawText(key, Qt.AlignmentFlag.AlignCenter, first)
    return area.adjusted(0, 0, -width - GAP, 0)
