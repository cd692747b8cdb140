"""Axes that whisper: no lines, few ticks, decades on log axes, a faint grid.

pyqtgraph's axis asks two methods of itself where ticks are and how they are written;
a `TickRule` answers both. Positions on a log axis are powers of ten, as pyqtgraph has
them.
"""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from optlab.export.axis_format import tick_text
from optlab.export.number_text import MINUS, grouped, power
from optlab.ui.theme import SMALL_PX, Theme, ui_font

LEFT_WIDTH: Final = 54
BOTTOM_HEIGHT: Final = 24
_OVERHANG: Final = 8
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


def nice_step(span: float, ticks: float) -> float:
    """Return 1, 2 or 5 times a power of ten so that about ``ticks`` fit in ``span``."""
    rough = span / max(ticks, 1.0)
    if not (isfinite(rough) and rough > 1e-300):
        return 1.0
    scale: float = 10.0 ** floor(log10(rough))
    return next(step * scale for step in _STEPS if step * scale >= rough * 0.999)


def linear_ticks(lo: float, hi: float, ticks: float) -> tuple[float, list[float]]:
    """Return the step and the round values between ``lo`` and ``hi``."""
    step = nice_step(hi - lo, ticks)
    first, last = ceil(lo / step - 1e-9), floor(hi / step + 1e-9)
    if last - first > 1000:
        return step, []
    return step, [k * step for k in range(first, last + 1)]


def log_ticks(lo: float, hi: float, ticks: float) -> list[float]:
    """Return the exponents of the ticks between ``10**lo`` and ``10**hi``.

    Decades, or each n-th where there are many; with less than two of them 1, 2 and 5;
    with less than a third of a decade round values.
    """
    decades = range(ceil(lo - 1e-9), floor(hi + 1e-9) + 1)
    if len(decades) >= 2:
        every = round(max(1.0, nice_step(len(decades), max(ticks, 2.0))))
        return [float(d) for d in decades if d % every == 0]
    if hi - lo > 0.5:
        fine = [d + log10(m) for d in range(floor(lo), ceil(hi) + 1) for m in (1, 2, 5)]
        return [e for e in fine if lo <= e <= hi]
    if not (-300 < lo < 300):
        return []
    _, values = linear_ticks(10.0**lo, 10.0**hi, min(ticks, 4.0))
    return [log10(v) for v in values if v > 0]


def linear_texts(values: Sequence[float], step: float) -> list[str]:
    """Return texts for round values that are ``step`` apart."""
    largest = max((abs(v) for v in values), default=0.0)
    if largest >= 1e7 or (0 < largest < 1e-3):
        exponent = floor(log10(largest) + 1e-12)
        places = max(0, exponent - floor(log10(step) + 1e-9))
        return [
            "0"
            if abs(v) < step / 2
            else f"{v / 10.0**exponent:.{places}f}×{power(exponent)}".replace(
                "-", MINUS
            )
            for v in values
        ]
    places = max(0, -floor(log10(step) + 1e-9))
    return [grouped(f"{v:.{places}f}") for v in (v + 0.0 for v in values)]


def log_texts(exponents: Sequence[float]) -> list[str]:
    """Return texts for ticks at ``10**exponent``."""
    texts = []
    for exponent in exponents:
        whole = round(exponent)
        if abs(exponent - whole) > 1e-6:
            texts.append(tick_text(float(f"{10.0**exponent:.3g}")))
        elif -4 <= whole <= 4:
            texts.append(grouped(f"{10.0**whole:.{max(0, -whole)}f}"))
        else:
            texts.append(power(whole))
    return texts


class TickRule:
    """Where the ticks of one axis are and how they read.

    Args:
        room: Pixels from one tick to the next, at least.
    """

    def __init__(self, room: float) -> None:
        self.room = room
        self.log = False

    def values(
        self, lo: float, hi: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """Return one level of ticks for the range of an axis ``size`` pixels long."""
        if not (isfinite(lo) and isfinite(hi)) or hi <= lo:
            return [(1.0, [])]
        ticks = size / self.room
        if self.log:
            return [(1.0, log_ticks(lo, hi, ticks))]
        step, values = linear_ticks(lo, hi, ticks)
        return [(step, values)]

    def texts(self, values: Sequence[float], scale: float, step: float) -> list[str]:
        """Return the texts of ticks."""
        if self.log:
            return log_texts(values)
        return linear_texts([v * scale for v in values], step * scale)


def quiet_axis(side: str, rule: TickRule) -> Any:
    """Return a pyqtgraph axis without line and marks that follows ``rule``.

    Args:
        side: ``left`` or ``bottom``.
        rule: Where ticks are.
    """
    axis = pg.AxisItem(
        side, pen=pg.mkPen(None), tickPen=pg.mkPen(None), maxTickLength=0
    )
    axis.enableAutoSIPrefix(False)
    axis.tickValues = rule.values
    axis.tickStrings = rule.texts
    axis.setStyle(
        tickFont=ui_font(SMALL_PX),
        tickLength=0,
        tickTextOffset=8,
        autoExpandTextSpace=False,
        autoReduceTextSpace=False,
        hideOverlappingLabels=_OVERHANG,
        tickAlpha=0,
    )
    if side == "left":
        axis.setWidth(LEFT_WIDTH)
    else:
        axis.setHeight(BOTTOM_HEIGHT)
    return axis


class GridLines(QGraphicsItem):
    """Faint horizontal lines at the ticks of the y axis, behind all curves.

    pyqtgraph's own grid drops the labels next to both ends of its axis.

    Args:
        box: The view box that it lies in.
        rule: Where ticks are.
    """

    def __init__(self, box: Any, rule: TickRule) -> None:
        super().__init__(box)
        self._box = box
        self._rule = rule
        self.color = QColor()
        self.setZValue(-1e5)

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
        """Paint a hairline at every tick."""
        rect = self.boundingRect()
        lo, hi = self._box.viewRange()[1]
        if not hi > lo:
            return
        painter.setPen(QPen(self.color, 1.0))
        for _, values in self._rule.values(lo, hi, rect.height()):
            for value in values:
                y = rect.bottom() - (value - lo) / (hi - lo) * rect.height()
                y = min(floor(y) + 0.5, rect.bottom() - 0.5)
                painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))


def color_axis(axis: Any, theme: Theme) -> None:
    """Give the labels of an axis the muted colour of a theme."""
    axis.setTextPen(QPen(QColor(theme.muted)))


def finite_limits(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """Return the smallest and the largest finite value; NaN, NaN if there is none."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return float("nan"), float("nan")
    return float(finite.min()), float(finite.max())
