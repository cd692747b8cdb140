"""A forest plot in pieces: one bar for each comparison, and the axis below them."""

from math import copysign, isfinite
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from optlab.translate import tr
from optlab.ui.axes import linear_texts, linear_ticks
from optlab.ui.theme import SMALL_PX, Theme, ui_font

Ends = tuple[float, float]

_HEIGHT: Final = 22
_MARGIN: Final = 10.0
_DOT: Final = 4.0
_CAP: Final = 4.0
_ARROW: Final = 5.0
_TICK_ROOM: Final = 64.0
_PAD: Final = 0.08
_LEAST_WIDTH: Final = 90


def range_of(values: list[float]) -> Ends:
    """Return ends of an axis that holds zero and all that is finite."""
    finite = [0.0, *(value for value in values if isfinite(value))]
    low, high = min(finite), max(finite)
    pad = _PAD * (high - low) or 1.0
    return low - pad, high + pad


class ForestBar(QWidget):
    """Effect and interval of one comparison, on the axis that all share."""

    def __init__(self) -> None:
        super().__init__()
        self._effect: float | None = None
        self._interval: Ends | None = None
        self._range: Ends = (-1.0, 1.0)
        self._color = QColor("gray")
        self._line = QColor("gray")
        self._hollow = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_effect(
        self,
        effect: float | None,
        interval: Ends | None,
        *,
        axis: Ends,
        hollow: bool,
    ) -> None:
        """Show an effect.

        Args:
            effect: The effect; None where there is none.
            interval: Its interval; ends may be infinite.
            axis: Ends of the axis.
            hollow: Whether it may still change.
        """
        self._effect, self._interval = effect, interval
        self._range, self._hollow = axis, hollow
        self.update()

    def restyle(self, color: QColor, theme: Theme) -> None:
        """Take the colour of an optimizer."""
        self._color, self._line = color, QColor(theme.faint)
        self._ground = QColor(theme.card)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a line of text."""
        return QSize(2 * _LEAST_WIDTH, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return what an interval needs to be seen."""
        return QSize(_LEAST_WIDTH, _HEIGHT)

    def at(self, value: float) -> float:
        """Return where a value lies, in pixels; at the edge what lies beyond."""
        return _place(value, self._range, self.width())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the line of no difference, the interval and the effect."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        zero = QPen(self._line, 1.0, Qt.PenStyle.DashLine)
        painter.setPen(zero)
        x = round(self.at(0.0)) + 0.5
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(self._color, 2.0, c=Qt.PenCapStyle.FlatCap))
        if self._interval is not None:
            self._draw_interval(painter, self._interval, middle)
        if self._effect is not None:
            self._draw_effect(painter, self._effect, middle)
        painter.end()

    def _draw_interval(self, painter: QPainter, ends: Ends, middle: float) -> None:
        left, right = (self.at(end) for end in ends)
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        for end, x in ((ends[0], left), (ends[1], right)):
            if isfinite(end):
                cap = QPointF(x, middle - _CAP), QPointF(x, middle + _CAP)
                painter.drawLine(*cap)
            else:
                self._draw_arrow(painter, x, middle, copysign(1.0, end))

    def _draw_arrow(
        self, painter: QPainter, x: float, middle: float, side: float
    ) -> None:
        """Draw the head of an interval that has no end."""
        tip = QPointF(x + side * _ARROW, middle)
        head = [tip, QPointF(x, middle - _ARROW), QPointF(x, middle + _ARROW)]
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        painter.drawPolygon(QPolygonF(head))
        painter.restore()

    def _draw_effect(self, painter: QPainter, effect: float, middle: float) -> None:
        x = self.at(effect)
        if not isfinite(effect):
            self._draw_arrow(painter, x, middle, copysign(1.0, effect))
            return
        painter.setBrush(self._ground if self._hollow else self._color)
        side = 2 * _DOT
        painter.drawRect(QRectF(x - _DOT, middle - _DOT, side, side))


class ForestAxis(QWidget):
    """Numbers below the bars, and which side is the better one."""

    def __init__(self) -> None:
        super().__init__()
        self._range: Ends = (-1.0, 1.0)
        self._color = QColor("gray")
        self._left = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(ui_font(SMALL_PX))

    def show_range(self, ends: Ends, *, better_left: bool) -> None:
        """Show an axis.

        Args:
            ends: Its ends.
            better_left: Whether less is better.
        """
        self._range, self._left = ends, better_left
        self.setAccessibleName(self._words())
        self.update()

    def restyle(self, theme: Theme) -> None:
        """Take the colour of a theme."""
        self._color = QColor(theme.muted)
        self.update()

    def sizeHint(self) -> QSize:
        """Return two lines of text."""
        return QSize(2 * _LEAST_WIDTH, 2 * self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Return two lines of text."""
        return QSize(_LEAST_WIDTH, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Write the numbers."""
        painter = QPainter(self)
        painter.setPen(self._color)
        metrics, line = self.fontMetrics(), self.fontMetrics().height()
        taken = -1.0
        for value, text in self.ticks():
            width = metrics.horizontalAdvance(text)
            x = _place(value, self._range, self.width()) - width / 2
            x = min(max(x, 0.0), self.width() - width)
            if x > taken:
                painter.drawText(QPointF(x, metrics.ascent()), text)
                taken = x + width + 8
        words = metrics.elidedText(
            self._words(), Qt.TextElideMode.ElideRight, self.width()
        )
        room = QRectF(0, line, self.width(), line)
        side = Qt.AlignmentFlag.AlignLeft if self._left else Qt.AlignmentFlag.AlignRight
        painter.drawText(room, side, words)
        painter.end()

    def ticks(self) -> list[tuple[float, str]]:
        """Return round numbers and their texts, as many as there is room for."""
        most = max(2.0, self.width() / _TICK_ROOM)
        step, values = linear_ticks(*self._range, most)
        return list(zip(values, linear_texts(values, step), strict=True))

    def _words(self) -> str:
        return tr("← lower is better") if self._left else tr("higher is better →")


def _place(value: float, axis: Ends, width: int) -> float:
    low, high = axis
    inside = min(max(value, low), high)
    return _MARGIN + (inside - low) / (high - low) * (width - 2 * _MARGIN)
