"""The list of a picker: entries under headings, filtered by what is typed."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from optlab.ui.details import Details, fitting, meant
from optlab.ui.theme import SECONDARY_PX, SMALL_PX, ui_font
from optlab.ui.view_state import ViewState

NAME: Final = Qt.ItemDataRole.UserRole
NOTE: Final = Qt.ItemDataRole.UserRole + 1
USABLE: Final = Qt.ItemDataRole.UserRole + 2
ROW_HEIGHT: Final = 28
INDENT: Final = 10
GAP: Final = 12
SEPARATOR: Final = " · "

_Index = QModelIndex | QPersistentModelIndex


class PickerList(QListWidget):
    """Shows entries of a catalog by group; those that do not fit are hidden."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._entries: dict[str, Details] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_Delegate(self, state))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def set_entries(self, entries: Iterable[Details]) -> None:
        """Show other entries, which come group by group."""
        self.clear()
        self._entries = {entry.name: entry for entry in entries}
        group = None
        for entry in self._entries.values():
            if entry.group != group:
                group = entry.group
                self._add_heading(group)
            self._add_entry(entry)

    def filter(self, text: str) -> int:
        """Show the entries that ``text`` fits; return how many these are.

        The one that is meant becomes the current one.
        """
        found = {entry.name for entry in fitting(self._entries.values(), text)}
        best = meant(self._entries.values(), text) if text.strip() else None
        heading: QListWidgetItem | None = None
        current = -1
        for row in range(self.count()):
            item = self.item(row)
            name = item.data(NAME)
            if not name:
                heading = item
                item.setHidden(True)
                continue
            item.setHidden(name not in found)
            if name in found and heading is not None:
                heading.setHidden(False)
            chosen = name == best.name if best else name in found
            if chosen and current < 0:
                current = row
        self.setCurrentRow(current)
        if not text.strip():
            self.scrollToTop()
        return len(found)

    def chosen(self) -> Details | None:
        """Return the current entry."""
        row = self.currentRow()
        return self._entries.get(str(self.item(row).data(NAME))) if row >= 0 else None

    def choose(self, name: str) -> None:
        """Make the entry of that name the current one."""
        for row in range(self.count()):
            if self.item(row).data(NAME) == name:
                self.setCurrentRow(row)
                self.scrollToItem(
                    self.item(row), QAbstractItemView.ScrollHint.PositionAtCenter
                )

    def walk(self, steps: int) -> None:
        """Go that many visible entries down, or up; stop at the ends."""
        direction = 1 if steps > 0 else -1
        row, left = self.currentRow() + direction, abs(steps)
        while 0 <= row < self.count() and left:
            item = self.item(row)
            if item.data(NAME) and not item.isHidden():
                self.setCurrentItem(item)
                left -= 1
            row += direction

    def shown(self) -> tuple[str, ...]:
        """Return the names of the entries that can be seen or scrolled to."""
        items = (self.item(row) for row in range(self.count()))
        return tuple(
            str(i.data(NAME)) for i in items if i.data(NAME) and not i.isHidden()
        )

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)

    def _add_entry(self, entry: Details) -> None:
        item = QListWidgetItem(entry.title)
        item.setData(NAME, entry.name)
        item.setData(NOTE, entry.note)
        item.setData(USABLE, not entry.reason)
        item.setToolTip(entry.reason)
        told = entry.reason or entry.description
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, told)
        self.addItem(item)


class _Delegate(QStyledItemDelegate):
    """Draws an entry: its label on the left, year and family on the right."""

    def __init__(self, view: PickerList, state: ViewState) -> None:
        super().__init__(view)
        self._state = state

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """Return one height for all rows."""
        return QSize(0, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Draw one row."""
        theme = self._state.theme
        painter.save()
        if not index.data(NAME):
            painter.setFont(ui_font(SMALL_PX, bold=True))
            painter.setPen(QColor(theme.muted))
            area = option.rect.adjusted(2, 4, -4, 0)
            _draw(painter, area, str(index.data() or ""))
            painter.restore()
            return
        widget = option.widget
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        widget.style().drawPrimitive(panel, option, painter, widget)
        area = option.rect.adjusted(INDENT, 0, -INDENT, 0)
        usable = bool(index.data(USABLE))
        title, note = str(index.data() or ""), str(index.data(NOTE) or "")
        room = area.width() - QFontMetrics(ui_font()).horizontalAdvance(title) - GAP
        painter.setFont(ui_font(SECONDARY_PX))
        painter.setPen(QColor(theme.muted))
        if painter.fontMetrics().horizontalAdvance(note) > room:
            # The heading says the family, too; the label is worth more room.
            note = note.partition(SEPARATOR)[0]
        taken = _draw(painter, area, note, right=True)
        painter.setFont(ui_font())
        painter.setPen(QColor(theme.text if usable else theme.muted))
        _draw(painter, area.adjusted(0, 0, -taken, 0), title)
        painter.restore()


def _draw(painter: QPainter, area: QRect, text: str, *, right: bool = False) -> int:
    """Draw one line of text, shortened where it has to be; return what it takes."""
    if not text:
        return 0
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    metrics = painter.fontMetrics()
    room = area.width() * 3 // 5 if right else area.width()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return metrics.horizontalAdvance(shown) + GAP
