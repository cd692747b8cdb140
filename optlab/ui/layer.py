"""What is painted by hand over the whole of a plotting area."""

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget


class Layer(QGraphicsItem):
    """A part of a plot that paints itself.

    Args:
        box: The view box that it lies in.
        z: Where it lies among other things.
    """

    def __init__(self, box: Any, *, z: float) -> None:
        super().__init__(box)
        self._box = box
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        """Return the whole plotting area."""
        rect: QRectF = self._box.boundingRect()
        return rect

    def paint(
        self,
        painter: QPainter,
        _option: QStyleOptionGraphicsItem,
        _widget: QWidget | None = None,
    ) -> None:
        """Paint it."""
        self.paint_in(self.boundingRect(), painter)

    def paint_in(self, rect: QRectF, painter: QPainter) -> None:
        """Paint what there is in the plotting area."""
        raise NotImplementedError
