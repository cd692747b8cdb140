"""A cross-hair that reads all curves at one x, sorted by value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from optlab.ui.theme import SMALL_PX, SeriesStyle, Theme, ui_font

_PAD: Final = 8
_ROW: Final = 17
_GAP: Final = 14
_AWAY: Final = 12
_SWATCH: Final = 18


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One line of the table.

    Attributes:
        label: Name of the curve.
        color: Its colour.
        dash: Its dash; empty for a solid line.
        texts: Its values as they are shown.
        value: The value by which lines are sorted.
    """

    label: str
    color: QColor
    dash: tuple[float, ...] = ()
    texts: tuple[str, ...]
    value: float


class Hairline(QWidget):
    """A vertical hairline over a plot."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.color = QColor()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def stand(self, x: float, room: QRectF, color: str) -> None:
        """Stand at pixel column ``x`` of ``room``."""
        self.color = QColor(color)
        self.setGeometry(round(x), round(room.top()), 1, max(1, round(room.height())))
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        QPainter(self).fillRect(self.rect(), self.color)


class Readout(QWidget):
    """The small table beside the cross-hair."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("readout")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(ui_font(SMALL_PX))
        self._theme: Theme | None = None
        self.title = ""
        self.readings: tuple[Reading, ...] = ()
        self._widths: list[int] = []
        self.hide()

    def set_content(
        self, title: str, readings: Sequence[Reading], theme: Theme
    ) -> None:
        """Take the heading and the lines, which are sorted here, highest first."""
        self.title, self._theme = title, theme
        self.readings = tuple(sorted(readings, key=lambda r: -r.value))
        self.resize(self._measure())
        self.setAccessibleDescription(
            "; ".join(f"{r.label} {' '.join(r.texts)}" for r in self.readings)
        )
        self.update()

    def _measure(self) -> QSize:
        metrics, bold = self.fontMetrics(), QFontMetrics(ui_font(SMALL_PX, bold=True))
        columns = max((len(r.texts) for r in self.readings), default=0)
        self._widths = [
            max((bold.horizontalAdvance(r.label) for r in self.readings), default=0)
        ]
        for k in range(columns):
            self._widths.append(
                max(metrics.horizontalAdvance(r.texts[k]) for r in self.readings)
            )
        width = sum(self._widths) + _SWATCH + 6 + _GAP * columns + 2 * _PAD
        width = max(width, metrics.horizontalAdvance(self.title) + 2 * _PAD)
        return QSize(width + 1, _ROW * (1 + len(self.readings)) + _PAD + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the table."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.line))
        painter.setBrush(QColor(self._theme.card))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6
        )
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        line = QRect(_PAD, _PAD // 2, self.width() - 2 * _PAD, _ROW)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(line, left | middle, self.title)
        for reading in self.readings:
            line.translate(0, _ROW)
            painter.setPen(SeriesStyle(reading.color, reading.dash).pen(2.0))
            height = line.center().y()
            painter.drawLine(line.left(), height, line.left() + _SWATCH, height)
            painter.setFont(ui_font(SMALL_PX, bold=True))
            painter.setPen(reading.color)
            named = line.adjusted(_SWATCH + 6, 0, 0, 0)
            painter.drawText(named, left | middle, reading.label)
            painter.setFont(self.font())
            end = line.right()
            for k in reversed(range(len(reading.texts))):
                first = k == 0
                color = self._theme.text if first else self._theme.muted
                painter.setPen(QColor(color))
                cell = QRect(line)
                cell.setRight(end)
                painter.drawText(cell, right | middle, reading.texts[k])
                end -= self._widths[k + 1] + _GAP


class Crosshair:
    """Hairline and table over one plot.

    Args:
        viewport: Widget on which they lie.
    """

    def __init__(self, viewport: QWidget) -> None:
        self._viewport = viewport
        self.line = Hairline(viewport)
        self.readout = Readout(viewport)

    def show(
        self,
        x: float,
        room: QRectF,
        *,
        title: str,
        readings: Sequence[Reading],
        theme: Theme,
    ) -> None:
        """Stand at pixel column ``x`` of the viewport and read.

        Args:
            x: Pixel column.
            room: The plotting area.
            title: Heading of the table.
            readings: Its lines, in any order.
            theme: Theme in force.
        """
        self.line.stand(x, room, theme.faint)
        self.readout.setVisible(bool(readings))
        if not readings:
            return
        self.readout.set_content(title, readings, theme)
        width, height = self.readout.width(), self.readout.height()
        left = x + _AWAY
        if left + width > self._viewport.width() - 4:
            left = max(4.0, x - _AWAY - width)
        top = min(room.top() + 8, self._viewport.height() - height - 4.0)
        self.readout.move(round(left), max(0, round(top)))
        self.readout.raise_()

    def hide(self) -> None:
        """Go away."""
        self.line.hide()
        self.readout.hide()
