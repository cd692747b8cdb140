"""What marks are painted with: for the same looks the same pen and the same brush.

pyqtgraph knows the picture of a mark by which pen and brush it is painted with, not by
what they look like. New ones in every frame would have every mark painted anew, and a
thousand old pictures of it kept.
"""

from functools import lru_cache

import pyqtgraph as pg
from PySide6.QtGui import QBrush, QPen


@lru_cache
def mark_pen(color: str, width: float) -> QPen:
    """Return the pen around marks."""
    pen: QPen = pg.mkPen(color, width=width)
    return pen


@lru_cache
def mark_brush(color: str | None) -> QBrush:
    """Return the brush that fills marks; None for one that does not."""
    brush: QBrush = pg.mkBrush(color)
    return brush
