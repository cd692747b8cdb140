"""What a search in the help has found, as a list of two lines each."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from optlab.translate import tr
from optlab.ui.help_pages import Found
from optlab.ui.theme import SECONDARY_PX, ui_font
from optlab.ui.view_state import ViewState

FOUND: Final = Qt.ItemDataRole.UserRole
_HEIGHT: Final = 44
_INDENT: Final = 10


class HelpResults(QListWidget):
    """Places in the help.

    Args:
        state: Where the theme is.
    """

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self.setObjectName("help.results")
        self.setAccessibleName(tr("Found in the help"))
        self.setItemDelegate(_Delegate(self, state))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_found(self, places: tuple[Found, ...]) -> None:
        """List places."""
        self.clear()
        for place in places:
            title = place.heading or place.title
            item = QListWidgetItem(title)
            item.setData(FOUND, place)
            told = place.title if place.heading else ""
            tip = "\n".join(part for part in (told, title, place.snippet) if part)
            item.setToolTip(tip)
            described = Qt.ItemDataRole.AccessibleDescriptionRole
            item.setData(described, place.snippet)
            self.addItem(item)


class _Delegate(QStyledItemDelegate):
    """Draws a place: heading and page above, the words around it below."""

    def __init__(self, view: HelpResults, state: ViewState) -> None:
        super().__init__(view)
        self._state = state

    def sizeHint(
        self,
        _option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> QSize:
        """Return one height for all places."""
        return QSize(0, _HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one place."""
        theme = self._state.theme
        place = index.data(FOUND)
        painter.save()
        panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
        option.widget.style().drawPrimitive(panel, option, painter, option.widget)
        area = option.rect.adjusted(_INDENT, 4, -_INDENT, -4)
        upper = area.adjusted(0, 0, 0, -area.height() // 2)
        lower = area.adjusted(0, area.height() // 2, 0, 0)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        cut = Qt.TextElideMode.ElideRight
        painter.setFont(ui_font(bold=True))
        painter.setPen(QColor(theme.text))
        title = str(index.data() or "")
        shown = painter.fontMetrics().elidedText(title, cut, upper.width())
        painter.drawText(upper, middle, shown)
        taken = painter.fontMetrics().horizontalAdvance(shown) + _INDENT
        painter.setFont(ui_font(SECONDARY_PX))
        painter.setPen(QColor(theme.muted))
        metrics = painter.fontMetrics()
        rest = upper.adjusted(taken, 0, 0, 0)
        if place.heading and rest.width() > _HEIGHT:
            told = metrics.elidedText(place.title, cut, rest.width())
            painter.drawText(rest, middle, told)
        told = metrics.elidedText(place.snippet, cut, lower.width())
        painter.drawText(lower, middle, told)
        painter.restore()
