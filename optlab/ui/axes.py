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

from optlab.export import symlog
from optlab.export.axis_format import tick_text
from optlab.export.number_text import MINUS, grouped, power
from optlab.ui.arrangement import Scale
from optlab.ui.layer import Layer
from optlab.ui.theme import SMALL_PX, Theme, ui_font

LEFT_WIDTH: Final = 54
BOTTOM_HEIGHT: Final = 24
_OVERHANG: Final = 8
# Pixels that a decade needs to have marks inside.
MINOR_ROOM: Final = 30.0
_MARK: Final = 4.0
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
        found = [float(d) for d in decades if d % every == 0]
        # One tick alone says nothing of the scale.
        if len(found) < 2:
            found = [float(decades[0]), float(decades[-1])]
        return found
    if hi - lo > 0.5:
        fine = [d + log10(m) for d in range(floor(lo), ceil(hi) + 1) for m in (1, 2, 5)]
        return [e for e in fine if lo <= e <= hi]
    if not (-300 < lo < 300):
        return []
    _, values = linear_ticks(10.0**lo, 10.0**hi, min(ticks, 4.0))
    return [log10(v) for v in values if v > 0]


def symlog_ticks(lo: float, hi: float, ticks: float, *, width: float) -> list[float]:
    """Return the places of ticks on a symmetric logarithmic axis.

    Zero, and powers of ten on both sides from the edge of the linear part outwards;
    round values where less than two of them are in view.

    Args:
        lo: Lower end of the axis.
        hi: Upper end of the axis.
        ticks: How many there is room for.
        width: Half width of the linear part.
    """
    least = (hi - lo) / max(ticks, 3.0)
    powers = np.arange(ceil(max(abs(lo), abs(hi), 1.0)) + 1.0)
    places, last = [0.0], 0.0
    for place in symlog.forward(width * 10.0**powers, width):
        if place - last >= least:
            last = float(place)
            places += [last, -last]
    shown = sorted(place for place in places if lo - 1e-9 <= place <= hi + 1e-9)
    if len(shown) >= 2:
        return shown
    ends = symlog.backward(np.array([lo, hi]), width)
    _, values = linear_ticks(float(ends[0]), float(ends[1]), min(ticks, 4.0))
    return [float(place) for place in symlog.forward(np.array(values), width)]


def minor_ticks(
    lo: float, hi: float, size: float, *, scale: Scale, width: float = 1.0
) -> list[float]:
    """Return the places of 2 to 9 times each power of ten, where there is room.

    Args:
        lo: Lower end of the axis.
        hi: Upper end of the axis.
        size: Its length in pixels.
        scale: Its scale; a linear axis has none.
        width: Half width of the linear part of a symmetric one.
    """
    if scale == "linear" or not 0 < hi - lo < size / MINOR_ROOM:
        return []
    multiples = np.arange(2.0, 10.0)
    if scale == "log":
        decades = np.arange(floor(lo), ceil(hi) + 1.0)
        places = np.add.outer(decades, np.log10(multiples)).ravel()
    else:
        powers = width * 10.0 ** np.arange(ceil(max(abs(lo), abs(hi))) + 1.0)
        sizes = symlog.forward(np.outer(powers, multiples).ravel(), width)
        places = np.concatenate((-sizes, sizes))
    return [float(place) for place in places if lo <= place <= hi]


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


def symlog_text(value: float) -> str:
    """Return the text of a tick of a symmetric logarithmic axis."""
    size = float(f"{abs(value):.6g}")
    if size == 0:
        return "0"
    exponent = log10(size)
    whole = round(exponent)
    power_of_ten = abs(exponent - whole) < 1e-6
    text = power(whole) if power_of_ten and not -3 < whole < 5 else tick_text(size)
    return (MINUS if value < 0 else "") + text


class TickRule:
    """Where the ticks of one axis are and how they read.

    Args:
        room: Pixels from one tick to the next, at least.

    Attributes:
        scale: Scale of the axis.
        linear_width: Half width of the linear part of a symmetric logarithmic one.
        mirrored: Whether positions are the negative of what is read, so that the
            axis falls from left to right.
    """

    def __init__(self, room: float) -> None:
        self.room = room
        self.scale: Scale = "linear"
        self.linear_width = 1.0
        self.mirrored = False

    def values(
        self, lo: float, hi: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """Return one level of ticks for the range of an axis ``size`` pixels long."""
        if self.mirrored:
            return [(s, [-v for v in vs]) for s, vs in self._values(-hi, -lo, size)]
        return self._values(lo, hi, size)

    def _values(
        self, lo: float, hi: float, size: float
    ) -> list[tuple[float, list[float]]]:
        if not (isfinite(lo) and isfinite(hi)) or hi <= lo:
            return [(1.0, [])]
        ticks = size / self.room
        if self.scale == "log":
            return [(1.0, log_ticks(lo, hi, ticks))]
        if self.scale == "symlog":
            return [(1.0, symlog_ticks(lo, hi, ticks, width=self.linear_width))]
        step, values = linear_ticks(lo, hi, ticks)
        return [(step, values)]

    def marks(self, lo: float, hi: float, size: float) -> list[float]:
        """Return the places of the marks between the ticks."""
        if self.mirrored:
            lo, hi = -hi, -lo
        found = minor_ticks(lo, hi, size, scale=self.scale, width=self.linear_width)
        return [-place for place in found] if self.mirrored else found

    def texts(self, values: Sequence[float], scale: float, step: float) -> list[str]:
        """Return the texts of ticks."""
        if self.mirrored:
            values = [-value for value in values]
        if self.scale == "log":
            return log_texts(values)
        if self.scale == "symlog":
            shown = symlog.backward(np.array(values), self.linear_width)
            return [symlog_text(float(value)) for value in shown]
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


class GridLines(Layer):
    """Faint horizontal lines at the ticks of the y axis, behind all curves.

    Where an axis is logarithmic, short marks at its edge stand at 2 to 9.

    pyqtgraph's own grid drops the labels next to both ends of its axis.

    Args:
        box: The view box that it lies in.
        rule: Where ticks of the y axis are.
        across: Where those of the x axis are.
    """

    def __init__(self, box: Any, rule: TickRule, *, across: TickRule) -> None:
        super().__init__(box, z=-1e5)
        self._rule, self._across = rule, across
        self.color, self.mark_color = QColor(), QColor()

    def paint_in(self, rect: QRectF, painter: QPainter) -> None:
        """Paint a hairline at every tick and the marks between them."""
        (left, right), (lo, hi) = self._box.viewRange()
        if not (hi > lo and right > left):
            return
        painter.setPen(QPen(self.color, 1.0))
        for _, values in self._rule.values(lo, hi, rect.height()):
            for value in values:
                y = rect.bottom() - (value - lo) / (hi - lo) * rect.height()
                y = min(floor(y) + 0.5, rect.bottom() - 0.5)
                painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        painter.setPen(QPen(self.mark_color, 1.0))
        for value in self._rule.marks(lo, hi, rect.height()):
            y = floor(rect.bottom() - (value - lo) / (hi - lo) * rect.height()) + 0.5
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.left() + _MARK, y))
        for value in self._across.marks(left, right, rect.width()):
            x = floor(rect.left() + (value - left) / (right - left) * rect.width())
            painter.drawLine(
                QPointF(x + 0.5, rect.bottom()), QPointF(x + 0.5, rect.bottom() - _MARK)
            )


def color_axis(axis: Any, theme: Theme) -> None:
    """Give the labels of an axis the muted colour of a theme."""
    axis.setTextPen(QPen(QColor(theme.muted)))
