"""Lets the arrow keys lead from a plot to the labels of its curves.

A plot is one stop of Tab. Down goes into its labels, Up and Down walk through them,
Space or Enter presses one, Shift+Enter shows its curve alone, Escape goes back.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from optlab.ui.end_labels import EndLabel

_STEPS: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LabelKeys(QObject):
    """Walks through the labels of one plot.

    Args:
        canvas: The plot, which Tab leads to.
        labels: Returns the labels that are there to be seen.
    """

    def __init__(
        self, canvas: QWidget, labels: Callable[[], Sequence[EndLabel]]
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._labels = labels
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that lead through the labels."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if watched is self._canvas:
            return key is Qt.Key.Key_Down and _plain(event) and self._walk(-1, 1)
        if not isinstance(watched, EndLabel):
            return False
        if key in _STEPS and _plain(event):
            return self._walk(self._ordered().index(watched), _STEPS[key])
        if key is Qt.Key.Key_Escape:
            self._canvas.setFocus()
            return True
        if key in _ENTER:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                watched.pressed_twice.emit(watched.entry)
            else:
                watched.click()
            return True
        return False

    def _walk(self, at: int, step: int) -> bool:
        labels = self._ordered()
        if not labels:
            return False
        if not 0 <= at + step < len(labels):
            if step < 0:
                self._canvas.setFocus()
            return True
        label = labels[at + step]
        label.installEventFilter(self)
        label.setFocus(Qt.FocusReason.TabFocusReason)
        area = _area_around(label)
        if area is not None:
            area.ensureWidgetVisible(label, 0, 0)
        return True

    def _ordered(self) -> list[EndLabel]:
        """Return the labels from above."""
        return sorted(self._labels(), key=lambda label: label.y())


def _area_around(label: QWidget) -> QScrollArea | None:
    at = label.parentWidget()
    while at is not None and not isinstance(at, QScrollArea):
        at = at.parentWidget()
    return at


def _plain(event: QKeyEvent) -> bool:
    return not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
