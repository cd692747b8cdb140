"""A click of the left button, as Qt hands it to a widget.

QTest would do it as well, but importing it takes its time, and of one side alone.
"""

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget


def click(widget: QWidget) -> None:
    """Press and release it in the middle."""
    at = QPointF(widget.rect().center())
    left, nothing = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, held in (
        (QEvent.Type.MouseButtonPress, left),
        (QEvent.Type.MouseButtonRelease, nothing),
    ):
        event = QMouseEvent(
            kind,
            at,
            QPointF(widget.mapToGlobal(at)),
            left,
            held,
            Qt.KeyboardModifier.NoModifier,
        )
        QCoreApplication.sendEvent(widget, event)
