"""Choosing on a surface where trials start: drag the ring, or click after a button."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from optlab.ui.canvas import Canvas

REACH: Final = 11.0
"""A mouse so many pixels from the ring holds it."""
_MOVED: Final = 3.0

Point = tuple[float, ...]
Pixel = Callable[[], QPointF | None]


class StartPicker(QObject):
    """Watches the mouse over one plot.

    `moved` comes while the start is dragged, `chosen` when it is let go, each with a
    pixel of the plot; `armed_changed` when the next click sets the start or no longer
    does.

    Args:
        canvas: The plot; what is not for the start is left to it.
        ring: Returns where the ring is, None where no start can be chosen.
    """

    moved = Signal(QPointF)
    chosen = Signal(QPointF)
    armed_changed = Signal()

    def __init__(self, canvas: Canvas, ring: Pixel) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._ring = ring
        self.armed = False
        self._pressed: QPointF | None = None
        self._gone_far = False
        canvas.viewport().installEventFilter(self)

    @property
    def dragging(self) -> bool:
        """Whether the start is being moved."""
        return self._pressed is not None

    def arm(self, on: bool) -> None:
        """Let the next click set the start, or not."""
        on = on and self._ring() is not None
        if on != self.armed:
            self.armed = on
            self._point_at(None)
            self.armed_changed.emit()

    def holds(self, at: QPointF) -> bool:
        """Return whether the ring is under the mouse."""
        ring = self._ring()
        return ring is not None and (ring - at).manhattanLength() <= REACH

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take what is meant for the start."""
        if not isinstance(event, QMouseEvent):
            return False
        at, kind = event.position(), event.type()
        if kind is QEvent.Type.MouseMove:
            return self._on_move(at)
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if kind is QEvent.Type.MouseButtonPress and (self.armed or self.holds(at)):
            if self._ring() is not None:
                self._pressed, self._gone_far = at, self.armed
                self.moved.emit(at)
                return True
        elif kind is QEvent.Type.MouseButtonRelease and self._pressed is not None:
            self._let_go(at)
            return True
        return False

    def _on_move(self, at: QPointF) -> bool:
        if self._pressed is None:
            self._point_at(at)
            return False
        far = (at - self._pressed).manhattanLength() > _MOVED
        self._gone_far = self._gone_far or far
        self.moved.emit(at)
        return True

    def _let_go(self, at: QPointF) -> None:
        self._pressed = None
        self.arm(False)
        if self._gone_far:
            self.chosen.emit(at)

    def _point_at(self, at: QPointF | None) -> None:
        view = self._canvas.viewport()
        if self.armed:
            view.setCursor(Qt.CursorShape.CrossCursor)
        elif at is not None and self.holds(at):
            view.setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            view.unsetCursor()
