"""The plotting area of a card: pyqtgraph with our axes, our mouse and our clock.

Wheel and drag zoom and move; double-click or ``A`` shows everything again. Overlays
(labels, cross-hair) are child widgets of the viewport, so that moving them repaints a
strip and not the curves.
"""

from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from optlab.ui.axes import GridLines, TickRule, color_axis, quiet_axis
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

Range = tuple[float, float]


class Canvas(_View):
    """One plot.

    `pointed` comes with the mouse (viewport pixels), `left` when it goes, `fit_asked`
    when a person wants to see everything, `zoomed` when one has zoomed or moved,
    `range_changed` with every other range or size.
    """

    pointed = Signal(QPointF)
    left = Signal()
    fit_asked = Signal()
    zoomed = Signal()
    range_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painted = 0.0
        self._log = (False, False)
        self.x_rule, self.y_rule = TickRule(X_ROOM), TickRule(Y_ROOM)
        self._bottom = quiet_axis("bottom", self.x_rule)
        self._side = quiet_axis("left", self.y_rule)
        self.plot: Any = pg.PlotItem(
            axisItems={"bottom": self._bottom, "left": self._side}, enableMenu=False
        )
        self.box: Any = self.plot.getViewBox()
        self._grid = GridLines(self.box, self.y_rule)
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
        self._grid.setVisible(grid)

    def set_log(self, x: bool, y: bool) -> bool:
        """Make axes logarithmic or linear; return whether that changed anything."""
        if (x, y) == self._log:
            return False
        self._log = (x, y)
        self.x_rule.log, self.y_rule.log = x, y
        for item in self.plot.items:
            if isinstance(item, pg.PlotDataItem):
                item.setLogMode(x, y)
        for axis in (self._bottom, self._side):
            axis.picture = None
            axis.update()
        return True

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell where the mouse is."""
        super().mouseMoveEvent(event)
        self.pointed.emit(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is gone."""
        super().leaveEvent(event)
        self.left.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything again."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show everything on ``A``; leave all other keys to the window."""
        if event.key() == Qt.Key.Key_A and not event.modifiers():
            self.fit_asked.emit()
            event.accept()
        else:
            event.ignore()
