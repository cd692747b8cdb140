"""The short line that shows an optimizer's colour and dash."""

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from optlab.ui.theme import SeriesStyle

WIDTH: Final = 26
HEIGHT: Final = 16
LINE: Final = 2.5


class Swatch(QWidget):
    """Paints one line as the plots do."""

    def __init__(self) -> None:
        super().__init__()
        self._style = SeriesStyle(QColor("gray"))
        self._faint = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_style(self, style: SeriesStyle, *, faint: bool) -> None:
        """Show ``style``; faintly where its curves are hidden."""
        if (style, faint) != (self._style, self._faint):
            self._style, self._faint = style, faint
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size that a line needs."""
        return QSize(WIDTH, HEIGHT)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the line."""
        painter = QPainter(self)
        painter.setPen(self._style.pen(LINE, opacity=0.3 if self._faint else 1.0))
        middle = self.height() / 2
        painter.drawLine(0, round(middle), self.width(), round(middle))
        painter.end()
