"""The line of a form in which numbers are typed, stepped and undone."""

from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputEvent, QKeyEvent, QKeySequence, QWheelEvent

from optlab.params import ParamSpec
from optlab.ui.elided_edit import ElidedEdit
from optlab.ui.stepping import Stride, stepped, stepped_element

NOTCH: Final = 120
"""What the wheel turns for one step, in eighths of a degree."""
_UNDOING: Final = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
_HELD: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class NumberEdit(ElidedEdit):
    """A line in which the wheel, Up and Down walk through sensible numbers.

    The wheel does so only where the focus is, so that scrolling a form changes nothing.
    Undo and redo are left to the window, whose history has everything.
    """

    def __init__(self, spec: ParamSpec) -> None:
        super().__init__()
        self._spec = spec
        self._turned = 0

    def event(self, event: QEvent) -> bool:
        """Leave the keys of undo and redo to the window."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and _undoes(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Up and Down as the next larger and smaller sensible number."""
        if _undoes(event):
            event.ignore()
            return
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        alone = not event.modifiers() & ~_HELD & ~Qt.KeyboardModifier.KeypadModifier
        if not (direction and alone and self._step(direction, _stride(event))):
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step where the focus is; leave the wheel to the panel elsewhere."""
        if not self.hasFocus() or self.isReadOnly():
            event.ignore()
            return
        # With Shift some systems turn the wheel sideways.
        self._turned += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._turned / NOTCH)
        self._turned -= notches * NOTCH
        for _ in range(abs(notches)):
            self._step(1 if notches > 0 else -1, _stride(event))
        event.accept()

    def _step(self, direction: int, stride: Stride) -> bool:
        typed = self.text()
        text, place = stepped(self._spec, typed, direction, stride), -1
        if not text:
            text, place = stepped_element(
                self._spec,
                typed,
                self.cursorPosition(),
                direction=direction,
                stride=stride,
            )
        if not text:
            return False
        self.setText(text)
        if place >= 0:
            self.setCursorPosition(place)
        self.textEdited.emit(text)
        return True


def _undoes(event: QKeyEvent) -> bool:
    return any(event.matches(key) for key in _UNDOING)


def _stride(event: QInputEvent) -> Stride:
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return Stride.FINE
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        return Stride.WIDE
    return Stride.USUAL
