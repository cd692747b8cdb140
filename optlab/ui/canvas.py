"""The plotting area of a card: pyqtgraph with our axes, our mouse and our clock.

The wheel zooms, drag moves, drag with Shift or with the right button zooms into a box;
double-click shows everything again. Overlays
(labels, cross-hair) are child widgets of the viewport, so that moving them repaints a
strip and not the curves.
"""

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QWidget

from optlab.export import symlog
from optlab.records import Floats
from optlab.ui.arrangement import Scale
from optlab.ui.axes import GridLines, TickRule, color_axis, quiet_axis
from optlab.ui.painted_lines import PaintedLines
from optlab.ui.theme import Theme

if TYPE_CHECKING:
    # pyqtgraph has no types; this is the part of its view that is used here.
    class _View(QGraphicsView):
        def __init__(self, parent: QWidget | None = None) -> None: ...
        def setBackground(self, color: QColor) -> None: ...
        def setCentralItem(self, item: object) -> None: ...
else:
    _View = pg.GraphicsView

X_ROOM = 76.0
Y_ROOM = 38.0
INSET = 8.0
SMALLEST_BOX = 5.0

Range = tuple[float, float]


class Canvas(_View):
    """One plot.

    `pointed` comes with the mouse (viewport pixels), `left` when it goes, `fit_asked`
    when a person wants to see everything, `zoomed` when one has zoomed or moved,
    `range_changed` with every other range or size, `menu_asked` (a place on the screen)
    with the menu key or a click of the right button, `focused` when it takes or loses
    the keyboard.
    """

    pointed = Signal(QPointF)
    left = Signal()
    fit_asked = Signal()
    zoomed = Signal()
    range_changed = Signal()
    menu_asked = Signal(QPoint)
    focused = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painted = 0.0
        self._log = (False, False)
        self.y_scale: Scale = "linear"
        self.linear_width = 1.0
        self._pressed_at = QPointF()
        self.x_rule, self.y_rule = TickRule(X_ROOM), TickRule(Y_ROOM)
        self._bottom = quiet_axis("bottom", self.x_rule)
        self._side = quiet_axis("left", self.y_rule)
        self.plot: Any = pg.PlotItem(
            axisItems={"bottom": self._bottom, "left": self._side},
            enableMenu=False,
        )
        self.box: Any = self.plot.getViewBox()
        self._move = self.box.mouseDragEvent
        self.box.mouseDragEvent = self._drag
        self._grid = GridLines(self.box, self.y_rule, across=self.x_rule)
        self.lines = PaintedLines(self)
        self._build()

    def _build(self) -> None:
        self.setCentralItem(self.plot)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.plot.hideButtons()
        self.plot.setContentsMargins(0, 6, 8, 0)
        self.box.disableAutoRange()
        self.box.setDefaultPadding(0.0)
        self.box.sigRangeChangedManually.connect(self._on_manual_range)
        self.box.sigRangeChanged.connect(self._on_range)
        self.box.sigResized.connect(self._on_range)
        self.setMinimumSize(120, 90)

    def set_theme(self, theme: Theme, *, grid: bool = True) -> None:
        """Use the colours of a theme.

        Args:
            theme: The theme.
            grid: Whether faint horizontal lines are drawn.
        """
        self.setBackground(QColor(theme.card))
        color_axis(self._bottom, theme)
        color_axis(self._side, theme)
        self._grid.color = QColor(theme.line)
        self._grid.mark_color = QColor(theme.faint)
        frame = QColor(theme.accent)
        self.box.rbScaleBox.setPen(pg.mkPen(frame, width=1))
        frame.setAlphaF(0.12)
        self.box.rbScaleBox.setBrush(frame)
        self._grid.setVisible(grid)

    def set_log(self, x: bool, y: bool) -> None:
        """Make axes logarithmic or linear."""
        self.set_scales(x, "log" if y else "linear")

    def set_scales(self, log_x: bool, y: Scale, *, width: float = 1.0) -> None:
        """Give both axes their scales.

        Args:
            log_x: Whether the x axis is logarithmic.
            y: Scale of the y axis.
            width: Half width of the linear part of a ``symlog`` axis.
        """
        wanted = log_x, y, width if y == "symlog" else 1.0
        if wanted == (self._log[0], self.y_scale, self.linear_width):
            return
        log = log_x, y == "log"
        changed = log != self._log
        self._log = log
        self.y_scale, self.linear_width = wanted[1], wanted[2]
        self.x_rule.scale = "log" if log_x else "linear"
        self.y_rule.scale, self.y_rule.linear_width = y, self.linear_width
        for item in self.plot.items if changed else ():
            if isinstance(item, pg.PlotDataItem):
                item.setLogMode(*log)
        for axis in (self._bottom, self._side):
            axis.picture = None
            axis.update()

    def y_on_axis(self, values: Floats) -> Floats:
        """Return where values lie on the y axis: logarithms on a log axis."""
        if self.y_scale == "symlog":
            return symlog.forward(values, self.linear_width)
        if self.y_scale == "log":
            return np.log10(np.where(values > 0, values, np.nan))
        return values

    def x_on_axis(self, values: Floats) -> Floats:
        """Return where values lie on the x axis."""
        if not self._log[0]:
            return values
        return np.log10(np.where(values > 0, values, np.nan))

    def y_of_axis(self, place: float) -> float:
        """Return the value at a place of the y axis."""
        if self.y_scale == "symlog":
            return float(symlog.backward(np.array([place]), self.linear_width)[0])
        return float(10.0 ** min(place, 300.0)) if self._log[1] else place

    @property
    def log(self) -> tuple[bool, bool]:
        """Whether the axes x and y are logarithmic."""
        return self._log

    def add(self, item: Any, *, z: float = 0.0) -> None:
        """Add a pyqtgraph item."""
        item.setZValue(z)
        self.plot.addItem(item, ignoreBounds=True)
        if isinstance(item, pg.PlotDataItem):
            # Last: pyqtgraph gives what is added the log mode of its own switches.
            item.setLogMode(*self._log)

    def remove(self, item: Any) -> None:
        """Remove a pyqtgraph item."""
        self.plot.removeItem(item)

    def set_view(self, x: Range, y: Range) -> None:
        """Show this range; in logarithms on a log axis."""
        self.box.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def view(self) -> tuple[Range, Range]:
        """Return the range of x and of y that is shown."""
        (x0, x1), (y0, y1) = self.box.viewRange()
        return (float(x0), float(x1)), (float(y0), float(y1))

    def plot_rect(self) -> QRectF:
        """Return where curves are drawn, in pixels of the viewport."""
        rect: QRectF = self.box.sceneBoundingRect()
        return rect

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Return where a point lies, in pixels of the viewport."""
        (x0, x1), (y0, y1) = self.view()
        rect = self.plot_rect()
        return QPointF(
            rect.left() + (x - x0) / (x1 - x0) * rect.width(),
            rect.bottom() - (y - y0) / (y1 - y0) * rect.height(),
        )

    def to_x(self, pixel: float) -> float:
        """Return the x of a pixel column of the viewport."""
        (x0, x1), _ = self.view()
        rect = self.plot_rect()
        return x0 + (pixel - rect.left()) / max(rect.width(), 1.0) * (x1 - x0)

    def to_y(self, pixel: float) -> float:
        """Return the y of a pixel row of the viewport."""
        _, (y0, y1) = self.view()
        rect = self.plot_rect()
        return y0 + (rect.bottom() - pixel) / max(rect.height(), 1.0) * (y1 - y0)

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Return the nearest point well in view: who has left is seen at the edge."""
        (x0, x1), (y0, y1) = self.view()
        rect = self.plot_rect()
        dx = INSET * (x1 - x0) / max(rect.width(), 20.0)
        dy = INSET * (y1 - y0) / max(rect.height(), 20.0)
        return min(max(x, x0 + dx), x1 - dx), min(max(y, y0 + dy), y1 - dy)

    def paint_seconds(self) -> float:
        """Return what painting took since this was reset."""
        return self._painted

    def reset_paint_seconds(self) -> None:
        """Start to count anew."""
        self._painted = 0.0

    def _on_manual_range(self, _mask: object) -> None:
        self.zoomed.emit()

    def _on_range(self, *_: object) -> None:
        self._grid.update()
        self.range_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and keep what it took."""
        before = perf_counter()
        super().paintEvent(event)
        self._painted += perf_counter() - before

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that pixels have moved."""
        super().resizeEvent(event)
        self.range_changed.emit()

    def _drag(self, event: Any, axis: int | None = None) -> None:
        """Frame a box with Shift or the right button, or move as pyqtgraph does."""
        framing = event.button() == Qt.MouseButton.RightButton or (
            event.button() == Qt.MouseButton.LeftButton
            and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        )
        if axis is not None or not framing:
            self._move(event, axis)
            return
        event.accept()
        first, last = event.buttonDownPos(event.button()), event.pos()
        if not event.isFinish():
            self.box.updateScaleBox(first, last)
            return
        self.box.rbScaleBox.hide()
        first, last = QPointF(first), QPointF(last)
        frame = QRectF(first, last).normalized()
        if min(frame.width(), frame.height()) >= SMALLEST_BOX:
            ends = self.box.mapToView(first), self.box.mapToView(last)
            self.box.showAxRect(QRectF(*ends).normalized())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where a button went down."""
        super().mousePressEvent(event)
        self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Offer the menu after a click of the right button that framed nothing."""
        super().mouseReleaseEvent(event)
        way = (event.position() - self._pressed_at).manhattanLength()
        if event.button() == Qt.MouseButton.RightButton and way < SMALLEST_BOX:
            self.menu_asked.emit(event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the menu to the keyboard; the mouse may be about to frame a box."""
        event.accept()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.menu_asked.emit(self.mapToGlobal(self.rect().center()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that keys come here."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that keys go elsewhere."""
        super().focusOutEvent(event)
        self.focused.emit(False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell where the mouse is."""
        super().mouseMoveEvent(event)
        self.pointed.emit(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is gone."""
        super().leaveEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the mouse is."""
        # Otherwise pyqtgraph takes that place as it was in the last frame painted.
        self.box.updateMatrix()
        super().wheelEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything again."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave all keys to the card and the window."""
        event.ignore()
