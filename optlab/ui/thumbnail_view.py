"""Paints the thumbnail of an experiment: contours at once, lines as they come."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from optlab.export.levels import grid, levels_of
from optlab.ui.contour import SurfaceLike, paint_bands
from optlab.ui.theme import CARD_RADIUS, Theme, series_style
from optlab.ui.thumbnails import Sketch, Stroke
from optlab.ui.view_state import ViewState

Window = tuple[tuple[float, float], tuple[float, float]]

_FRAME_MS: Final = 40
_SECONDS: Final = 2.4
_INSET: Final = 14.0
_WIDTH: Final = 1.7
_CROWD: Final = 24
_HEAD: Final = 3.2
_RULES: Final = 4
_FLATTEST: Final = 1e-9


class ThumbnailView(QWidget):
    """A picture of one experiment.

    Args:
        state: Gives the theme.
        surface: Surface under the lines; None where there is none.
        window: Part of it that is shown; None for all.
    """

    def __init__(
        self,
        state: ViewState,
        *,
        surface: SurfaceLike | None,
        window: Window | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._surface = surface
        self._window: Window = ((0.0, 1.0), (0.0, 1.0))
        if surface is not None and surface.dim == 2:
            self._window = window or (surface.domain[0], surface.domain[1])
        self._sketch: Sketch | None = None
        self._share = 1.0
        self._ground: tuple[object, QPixmap] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._advance)
        state.theme_changed.connect(self.update)

    @property
    def sketch(self) -> Sketch | None:
        """What is drawn; None while there is nothing yet."""
        return self._sketch

    @property
    def moving(self) -> bool:
        """Whether it is drawing itself."""
        return self._timer.isActive()

    def show_sketch(self, sketch: Sketch, *, animated: bool) -> None:
        """Show other lines.

        Args:
            sketch: The lines.
            animated: Whether they draw themselves from their beginning.
        """
        self._sketch = sketch
        if animated:
            self.replay()
        elif not self.moving:
            self._share = 1.0
        self.update()

    def replay(self) -> None:
        """Let the lines draw themselves once more."""
        if self._sketch is not None and self.isVisible():
            self._share = 0.0
            self._timer.start()

    @Slot()
    def _advance(self) -> None:
        self._share = min(1.0, self._share + _FRAME_MS / 1000 / _SECONDS)
        if self._share >= 1.0:
            self._timer.stop()
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        super().hideEvent(event)
        self._timer.stop()
        self._share = 1.0

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the lines so far."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(self._outline())
        painter.drawPixmap(0, 0, self._painted_ground())
        if self._sketch is not None:
            self._paint_lines(painter, self._sketch)

    def _outline(self) -> QPainterPath:
        """Return the shape of the upper part of a card."""
        path = QPainterPath()
        rect = QRectF(self.rect()).adjusted(0, 0, 0, CARD_RADIUS)
        path.addRoundedRect(rect, CARD_RADIUS - 1, CARD_RADIUS - 1)
        return path

    def _painted_ground(self) -> QPixmap:
        theme, ratio = self._state.theme, self.devicePixelRatioF()
        key = theme.name, self.width(), self.height(), ratio
        if self._ground is None or self._ground[0] != key:
            self._ground = key, self._new_ground(theme, ratio)
        return self._ground[1]

    def _new_ground(self, theme: Theme, ratio: float) -> QPixmap:
        columns, rows = round(self.width() * ratio), round(self.height() * ratio)
        if self._surface is not None and self._surface.dim == 2:
            size = QSize(columns, rows)
            image = _contours(self._surface, self._window, size, theme)
            picture = QPixmap.fromImage(image)
            picture.setDevicePixelRatio(ratio)
            return picture
        picture = QPixmap(columns, rows)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(theme.ground))
        painter = QPainter(picture)
        painter.setPen(QPen(QColor(theme.line), 1))
        for rule in range(_RULES):
            y = round(_INSET + rule * (self.height() - 2 * _INSET) / (_RULES - 1)) + 0.5
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        painter.end()
        return picture

    def _paint_lines(self, painter: QPainter, sketch: Sketch) -> None:
        (x0, x1), (y0, y1) = self._ranges(sketch)
        ways = sketch.kind == "ways"
        inset = 0.0 if ways else _INSET
        width, height = self.width() - 2 * inset, self.height() - 2 * inset
        crowd = len(sketch.strokes) > _CROWD
        heads = []
        for stroke in sketch.strokes:
            count = self._shown(stroke, by_step=not ways)
            if not count:
                continue
            xs = inset + (stroke.x[:count] - x0) / (x1 - x0) * width
            ys = inset + (y1 - stroke.y[:count]) / (y1 - y0) * height
            points = [QPointF(x, y) for x, y in zip(xs, ys, strict=True)]
            style = series_style(stroke.hue, self._state.theme)
            # A cosmetic pen counts pixels of the device.
            fine = self.devicePixelRatioF()
            thin = style.pen(fine, opacity=0.75, dashed=False)
            painter.setPen(thin if crowd else style.pen(_WIDTH * fine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
            heads.append((style.color, points[0] if crowd else points[-1]))
        painter.setPen(QPen(QColor(self._state.theme.card), 1.2))
        if crowd:
            painter.setPen(Qt.PenStyle.NoPen)
        for color, point in heads:
            painter.setBrush(color)
            size = 1.6 if crowd else _HEAD
            painter.drawEllipse(point, size, size)

    def _shown(self, stroke: Stroke, *, by_step: bool) -> int:
        """Return how many points of a line are drawn by now."""
        if self._share >= 1.0:
            return len(stroke.x)
        # Slow at first, where most happens.
        share = self._share**1.6
        if by_step:
            return int(np.searchsorted(stroke.x, share, side="right"))
        return max(1, round(self._share * len(stroke.x)))

    def _ranges(self, sketch: Sketch) -> tuple[tuple[float, float], ...]:
        if sketch.kind == "ways":
            return self._window
        lowest = min((float(s.y.min()) for s in sketch.strokes), default=0.0)
        highest = max((float(s.y.max()) for s in sketch.strokes), default=1.0)
        if highest - lowest < _FLATTEST:
            lowest, highest = lowest - 1.0, highest + 1.0
        return (0.0, 1.0), (lowest, highest)


def _contours(
    surface: SurfaceLike, window: Window, size: QSize, theme: Theme
) -> QImage:
    levels = levels_of(
        surface.value, surface.domain[0], surface.domain[1], minimum=surface.minimum
    )
    columns, rows = size.width(), size.height()
    with np.errstate(all="ignore"):
        values = surface.value(grid(*window, columns=columns, rows=rows))
    pixels = np.ascontiguousarray(paint_bands(values[::-1], levels, theme))
    image = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return image.copy()
