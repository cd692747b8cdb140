"""A small curve: the learning rate of a schedule against the steps."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from optlab.params import format_number
from optlab.records import Floats, Ints
from optlab.translate import tr
from optlab.ui.theme import SMALL_PX, ui_font
from optlab.ui.view_state import ViewState

HEIGHT: Final = 84
LINE: Final = 2.0
MARGIN: Final = 6
NONE_YET: Final = (np.empty(0, np.int64), np.empty(0))


class SchedulePreview(QWidget):
    """Paints one curve with its highest and lowest rate, or a sentence instead."""

    def __init__(self, name: str, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self._steps: Ints
        self._lr: Floats
        self._steps, self._lr = NONE_YET
        self._words = ""
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        state.theme_changed.connect(self.update)

    @property
    def curve(self) -> tuple[Ints, Floats]:
        """The steps and rates that are drawn."""
        return self._steps, self._lr

    @property
    def words(self) -> str:
        """The sentence that is shown instead of a curve; empty if there is one."""
        return self._words

    def show_curve(self, steps: Ints, lr: Floats) -> None:
        """Draw the rates of some steps."""
        self._steps, self._lr, self._words = steps, lr, ""
        low, high = format_number(_short(lr.min())), format_number(_short(lr.max()))
        text = tr(
            "Learning rate over {n} steps: {low} to {high}",
            n=f"{int(steps[-1]):,}",
            low=low,
            high=high,
        )
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def show_words(self, text: str) -> None:
        """Say why there is no curve."""
        self._steps, self._lr = NONE_YET
        self._words = text
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that a curve needs."""
        return QSize(200, HEIGHT)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the curve, or the sentence."""
        theme = self._state.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line)))
        painter.setBrush(QColor(theme.ground))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, 6, 6)
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.muted))
        area = frame.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if self._words:
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area, int(flags), self._words)
        elif len(self._lr):
            self._paint_curve(painter, area)
        painter.end()

    def _paint_curve(self, painter: QPainter, area: QRectF) -> None:
        steps, rates = self._steps.astype(float), self._lr
        low, high = min(0.0, float(rates.min())), float(rates.max())
        text_height = painter.fontMetrics().height()
        top = area.top() + text_height + 2
        bottom = area.bottom() - text_height - 2
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        over, under = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        highest = tr("lr {rate}", rate=format_number(_short(high)))
        painter.drawText(area, left | over, highest)
        last = tr("step {n}", n=f"{int(steps[-1]):,}")
        painter.drawText(area, right | under, last)
        painter.drawText(area, left | under, format_number(_short(low)))
        span = steps[-1] - steps[0] or 1.0
        x = area.left() + (steps - steps[0]) / span * area.width()
        y = bottom - (rates - low) / ((high - low) or 1.0) * (bottom - top)
        painter.setPen(QPen(QColor(self._state.theme.accent), LINE))
        points = [QPointF(a, b) for a, b in zip(x, y, strict=True)]
        painter.drawPolyline(QPolygonF(points))


def _short(value: float) -> float:
    return float(f"{value:.3g}")
