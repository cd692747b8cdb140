"""Bring a part of a panel that scrolls into sight."""

from typing import Final

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

MARGIN: Final = 8


def reveal(area: QScrollArea, part: QWidget) -> None:
    """Scroll as little as shows all of ``part``; its beginning, where that is too much.

    Args:
        area: What scrolls.
        part: Something in it.
    """
    # What was just made or unfolded has its place before one scrolls to it.
    for _ in range(2):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    bar, room = area.verticalScrollBar(), area.viewport().height()
    # Of the content; what is scrolled away lies above the viewport.
    seen = part.mapTo(area.viewport(), QPoint(0, 0)).y()
    top = seen + bar.value() - MARGIN
    bottom = top + part.height() + 2 * MARGIN
    if bottom - top > room or top < bar.value():
        bar.setValue(top)
    elif bottom > bar.value() + room:
        bar.setValue(bottom - room)
