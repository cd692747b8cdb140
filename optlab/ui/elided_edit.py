"""A line for typing that shortens with three dots what it has no room for."""

from html import escape
from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QToolTip

_INNER: Final = 2
"""What Qt leaves free on both sides of the text, in pixels."""


class ElidedEdit(QLineEdit):
    """A line that shows the beginning of a long text, and all of it in its tool tip.

    While a person types in it, it is a line like any other.
    """

    def shown_text(self) -> str:
        """Return what is to be seen while nobody types."""
        mode = Qt.TextElideMode.ElideRight
        return self.fontMetrics().elidedText(self._whole(), mode, self._room())

    @property
    def elided(self) -> bool:
        """Whether the text is shortened."""
        return not self.hasFocus() and self.shown_text() != self._whole()

    def tip(self) -> str:
        """Return what the tool tip says: first the text, where it is shortened."""
        own, whole = self.toolTip(), self._whole()
        if not self.elided or own.startswith(whole):
            return own
        if own.startswith("<"):  # rich text
            return f"<p>{escape(whole)}</p>{own}"
        return f"{whole}\n\n{own}" if own else whole

    def event(self, event: QEvent) -> bool:
        """Tell the whole text with the tool tip."""
        if isinstance(event, QHelpEvent) and self.elided:
            QToolTip.showText(event.globalPos(), self.tip(), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text with dots where it does not fit."""
        if not self.elided:
            super().paintEvent(event)
            return
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        painter = QPainter(self)
        style = self.style()
        panel = QStyle.PrimitiveElement.PE_PanelLineEdit
        style.drawPrimitive(panel, option, painter, self)
        group = QPalette.ColorGroup.Active
        if not self.isEnabled():
            group = QPalette.ColorGroup.Disabled
        typed = bool(self.displayText())
        role = QPalette.ColorRole.Text if typed else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(group, role))
        room = self._contents().adjusted(_INNER, 0, -_INNER, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, flags, self.shown_text())

    def _whole(self) -> str:
        return self.displayText() or self.placeholderText()

    def _room(self) -> int:
        return self._contents().width() - 2 * _INNER

    def _contents(self) -> QRect:
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        contents = QStyle.SubElement.SE_LineEditContents
        room = self.style().subElementRect(contents, option, self)
        return room.marginsRemoved(self.textMargins())
