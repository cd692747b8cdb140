"""One small map of basins: where each start of one optimizer led to."""

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from optlab.export.axis_format import tick_text
from optlab.export.basin_colors import By, Pixels, inks_for, painted
from optlab.export.basin_words import summary
from optlab.export.levels import grid, levels_of
from optlab.ui.contour import SurfaceLike
from optlab.ui.theme import SECONDARY_PX, SMALL_PX, ui_font
from optlab.ui.view_state import ViewState

if TYPE_CHECKING:
    from optlab.store.basin_map import BasinMap

HEAD: Final = 38
FOOT: Final = 18
SIDE: Final = 36
"""Room for the titles above a map, and for the numbers below it and beside it."""
SMALLEST: Final = 130
_CONTOURS: Final = 360
_FAINT: Final = 46
_CROSS: Final = 5.0
_FEW_MINIMA: Final = 8


class MapPane(QWidget):
    """Paints the map of one optimizer, with its title and its ends of axes.

    Args:
        entry: Index of the optimizer.
        state: Where the theme is.
    """

    pointed = Signal(int, object)
    """The mouse is over a start; carries optimizer and start, or None when it left."""
    chosen = Signal(int)
    """A start was clicked; carries it."""

    def __init__(self, entry: int, state: ViewState) -> None:
        super().__init__()
        self.entry = entry
        self._state = state
        self.found: BasinMap | None = None
        self._contours: QImage | None = None
        self._picture: QImage | None = None
        self._by: By = "minimum"
        self.setObjectName(f"basins.map.{entry}")
        self.setMouseTracking(True)
        self.setMinimumSize(SMALLEST + SIDE, SMALLEST + HEAD + FOOT)

    def sizeHint(self) -> QSize:
        """Return a size at which a map can be read."""
        return QSize(260 + SIDE, 260 + HEAD + FOOT)

    def show_map(self, found: "BasinMap", contours: QImage | None, *, by: By) -> None:
        """Show a map as it is now.

        Args:
            found: The map.
            contours: Faint lines of the surface; None for none.
            by: What it is coloured by.
        """
        self.found, self._contours, self._by = found, contours, by
        words = summary(found, self.entry)
        self.setAccessibleName(f"{found.labels[self.entry]}: {words}")
        self._render()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint as many pixels as there are now, or patterns would blur."""
        super().resizeEvent(event)
        if self.found is not None:
            self._render()

    def _render(self) -> None:
        assert self.found is not None
        inks = inks_for(dark=self._state.theme.dark)
        side = round(self.map_rect().width() * self.devicePixelRatioF())
        pixels = painted(self.found, self.entry, by=self._by, inks=inks, side=side)
        self._picture = picture_of(pixels[::-1])
        self.update()

    def pixel(self, cell: int) -> QColor:
        """Return the colour that is shown in the middle of a start's cell."""
        assert self.found is not None
        assert self._picture is not None
        plan = self.found.plan
        row, column = divmod(cell, plan.columns)
        x = (column + 0.5) / plan.columns * self._picture.width()
        y = (plan.rows - row - 0.5) / plan.rows * self._picture.height()
        return self._picture.pixelColor(int(x), int(y))

    def map_rect(self) -> QRectF:
        """Return where the map itself is painted; as wide for its height as it is."""
        room = QRectF(self.rect()).adjusted(SIDE, HEAD, -2, -FOOT)
        if self.found is None:
            return room
        tall = tallness(self.found)
        width = min(room.width(), room.height() / tall)
        return QRectF(room.left(), room.top(), width, width * tall)

    def cell_at(self, at: QPointF) -> int | None:
        """Return the start under a place of the widget."""
        if self.found is None:
            return None
        plan, rect = self.found.plan, self.map_rect()
        across = (at.x() - rect.left()) / rect.width()
        up = (rect.bottom() - at.y()) / rect.height()
        x = plan.x[0] + across * (plan.x[1] - plan.x[0])
        y = plan.y[0] + up * (plan.y[1] - plan.y[0])
        return plan.cell_at(x, y)

    # -- the mouse ---------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which start is under the mouse."""
        cell = self.cell_at(event.position())
        self.setCursor(
            Qt.CursorShape.ArrowCursor if cell is None else Qt.CursorShape.CrossCursor
        )
        self.pointed.emit(self.entry, cell)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is gone."""
        super().leaveEvent(event)
        self.pointed.emit(self.entry, None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell which start was clicked."""
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.chosen.emit(cell)

    # -- painting ----------------------------------------------------------------

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint title, map and the ends of the axes."""
        if self.found is None or self._picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.map_rect()
        painter.drawImage(rect, self._picture)
        if self._contours is not None:
            smooth = QPainter.RenderHint.SmoothPixmapTransform
            painter.setRenderHint(smooth)
            painter.drawImage(rect, self._contours)
        self._paint_minima(painter, rect)
        self._paint_words(painter, rect)
        painter.end()

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        assert self.found is not None
        theme, plan = self._state.theme, self.found.plan
        width = self.width() - rect.left()
        top = rect.top() - HEAD
        flags = Qt.AlignmentFlag
        for text, color, font, y in (
            (
                self.found.labels[self.entry],
                theme.text,
                ui_font(SECONDARY_PX, bold=True),
                top + 1,
            ),
            (
                summary(self.found, self.entry),
                theme.muted,
                ui_font(SMALL_PX),
                top + 18,
            ),
        ):
            painter.setFont(font)
            painter.setPen(QColor(color))
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(rect.left(), y, width, 18), flags.AlignLeft, shown)
        painter.setPen(QColor(theme.muted))
        painter.setFont(ui_font(SMALL_PX))
        below = QRectF(rect.left(), rect.bottom() + 2, rect.width(), FOOT - 2)
        painter.drawText(below, flags.AlignLeft, tick_text(plan.x[0]))
        painter.drawText(below, flags.AlignRight, tick_text(plan.x[1]))
        beside = QRectF(0, rect.top(), SIDE - 4, rect.height())
        painter.drawText(
            beside, flags.AlignRight | flags.AlignTop, tick_text(plan.y[1])
        )
        painter.drawText(
            beside, flags.AlignRight | flags.AlignBottom, tick_text(plan.y[0])
        )

    def _paint_minima(self, painter: QPainter, rect: QRectF) -> None:
        assert self.found is not None
        plan, theme = self.found.plan, self._state.theme
        # A paler rim lets the cross be seen on every hue.
        few = len(plan.minima) <= _FEW_MINIMA
        size = _CROSS if few else 1.5
        for color, width in ((theme.card, 4.5), (theme.cross, 2.0)):
            pen = QPen(QColor(color), width if few else width / 3)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            for point in plan.minima:
                x = (point[0] - plan.x[0]) / (plan.x[1] - plan.x[0])
                y = (point[1] - plan.y[0]) / (plan.y[1] - plan.y[0])
                if not (0 <= x <= 1 and 0 <= y <= 1):
                    continue
                at = QPointF(
                    rect.left() + x * rect.width(), rect.bottom() - y * rect.height()
                )
                painter.drawLine(at - QPointF(size, 0), at + QPointF(size, 0))
                painter.drawLine(at - QPointF(0, size), at + QPointF(0, size))


def tallness(found: "BasinMap") -> float:
    """Return how tall a map is for its width; one that is a strip is stretched."""
    plan = found.plan
    ratio = (plan.y[1] - plan.y[0]) / (plan.x[1] - plan.x[0])
    return ratio if 0.4 <= ratio <= 2.5 else 1.0


def contour_image(surface: SurfaceLike, color: str) -> QImage | None:
    """Return faint lines between the bands of a surface; None where there are none."""
    if surface.dim != 2:
        return None
    x, y = surface.domain
    with np.errstate(all="ignore"):
        values = surface.value(grid(x, y, columns=_CONTOURS, rows=_CONTOURS))
        levels = levels_of(surface.value, x, y, minimum=surface.minimum)
        bands = np.searchsorted(levels.edges(), values)
    edge = np.zeros(bands.shape, np.bool_)
    edge[:, 1:] |= bands[:, 1:] != bands[:, :-1]
    edge[1:] |= bands[1:] != bands[:-1]
    ink = QColor(color)
    pixels = np.zeros((*bands.shape, 4), np.uint8)
    pixels[edge[::-1]] = (ink.red(), ink.green(), ink.blue(), _FAINT)
    format_ = QImage.Format.Format_RGBA8888
    return QImage(pixels.data, _CONTOURS, _CONTOURS, 4 * _CONTOURS, format_).copy()


def picture_of(pixels: Pixels) -> QImage:
    """Return pixels, the highest row first, as a picture of its own."""
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    format_ = QImage.Format.Format_RGB888
    # A copy: Qt does not own what NumPy holds.
    return QImage(pixels.data, width, height, 3 * width, format_).copy()
