"""A surface from the side: a relief drawn by OpenGL, with marks and labels over it.

It is drawn into a picture off the screen and painted like any other, so that the window
needs no OpenGL of its own. Load this module, and with it pyqtgraph.opengl, only when
somebody wants to see it: that takes most of a second.
"""

from collections.abc import Iterator, Sequence
from math import atan, degrees, radians, tan
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyqtgraph as pg
import pyqtgraph.opengl as gl
from pyqtgraph.opengl import shaders
from pyqtgraph.opengl.GLViewWidget import GLViewMixin
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLFramebufferObjectFormat
from PySide6.QtWidgets import QWidget

from optlab.export.axis_format import tick_text
from optlab.records import Floats
from optlab.translate import tr
from optlab.ui.axes import linear_ticks
from optlab.ui.open_gl import current, open_context
from optlab.ui.relief import HEIGHT, LIFT, Relief, Walker
from optlab.ui.theme import SMALL_PX, Theme, ui_font

if TYPE_CHECKING:
    # pyqtgraph has no types; this is the part of its view that is used here.
    class _View(QWidget):
        opts: dict[str, Any]
        items: list[Any]

        def __init__(self, parent: QWidget | None = None) -> None: ...
        def addItem(self, item: object) -> None: ...
        def clear(self) -> None: ...
        def orbit(self, azim: float, elev: float) -> None: ...
        def paint(self, *, region: object, viewport: object) -> None: ...
        def viewMatrix(self) -> Any: ...
        def projectionMatrix(self, region: object, viewport: object) -> Any: ...
        def setBackgroundColor(self, color: QColor) -> None: ...
        def setCameraPosition(self, **kwargs: float) -> None: ...
else:

    class _View(GLViewMixin, QWidget):
        """The camera of pyqtgraph on a plain widget."""


_SAMPLES: Final = 4
_WIDTH: Final = 2.4
_TURN: Final = 5.0
_NEARER: Final = 0.9
_CAMERA: Final = {"distance": 2.5, "elevation": 48.0, "azimuth": -62.0}
_FOV: Final = 33.0
"""Degrees that are seen across the shorter side."""
_CORNER: Final = 0.06
_OUTWARD: Final = 20.0
_TICKS: Final = 4.0


class SolidView(_View):
    """Shows a relief; drag or arrow keys turn it, the wheel or + and - come nearer."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._painting = False
        super().__init__(parent)
        self._theme = theme
        self._context: QOpenGLContext | None = None
        self._off_screen: QOffscreenSurface | None = None
        self._target: QOpenGLFramebufferObject | None = None
        self._relief: Relief | None = None
        self._walkers: tuple[Walker, ...] = ()
        self._start: Sequence[Sequence[float]] = ()
        self._ground: list[Any] = []
        self._ways: list[Any] = []
        self.painted = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName("surface-solid")
        self.setAccessibleName(tr("Surface in three dimensions"))
        self.setToolTip(tr("Drag or use the arrow keys to turn it, the wheel to zoom"))
        self.look_from_the_front()

    # -- what is shown -------------------------------------------------------------

    def look_from_the_front(self) -> None:
        """Put the camera where it was in the beginning."""
        self.opts["center"] = _vector(0.0, 0.0, HEIGHT * 0.3)
        self._fit_angle()
        self.setCameraPosition(**_CAMERA)

    def _fit_angle(self) -> None:
        # pyqtgraph counts the angle across the width.
        share = max(self.width() / max(self.height(), 1), 1.0)
        half = atan(tan(radians(_FOV / 2.0)) * share)
        self.opts["fov"] = 2.0 * degrees(half)

    def set_theme(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        if theme != self._theme:
            self._theme = theme
            self._forget_items()

    def set_relief(self, relief: Relief, starts: Sequence[Sequence[float]]) -> None:
        """Show a surface, and where trials start on it."""
        self._start = starts
        if relief != self._relief:
            self._relief = relief
            self._forget_items()
        self.update()

    def set_walkers(self, walkers: Sequence[Walker]) -> None:
        """Show who walks on it, and where they have been."""
        self._walkers = tuple(walkers)
        self._ways = []
        self.update()

    def _forget_items(self) -> None:
        self._ground, self._ways = [], []
        self.update()

    def update(self, *_: object) -> None:
        """Ask to be painted; pyqtgraph does so while it paints, too."""
        if not self._painting:
            super().update()

    # -- OpenGL --------------------------------------------------------------------

    def isValid(self) -> bool:
        """Return whether items may prepare themselves; they do so when drawn."""
        return self._context is not None

    def _open(self) -> bool:
        """Take up OpenGL, if that is still possible; return whether it is."""
        if self._context is None:
            found = open_context()
            if found is None:
                return False
            self._context, self._off_screen = found
            self._forget_items()
        return True

    def release(self) -> None:
        """Give everything back that OpenGL holds."""
        context, off_screen = self._context, self._off_screen
        if context is None or off_screen is None:
            return
        with current(context, off_screen):
            for item in (*self._ground, *self._ways):
                _destroy(item)
            self.clear()
            self._ground, self._ways, self._target = [], [], None
            _forget_programs()
        self._context = self._off_screen = None

    def _picture(self) -> QImage | None:
        """Return the relief as it is seen from here."""
        if self._relief is None or not self._open():
            return None
        context, off_screen = self._context, self._off_screen
        assert context is not None
        assert off_screen is not None
        ratio = self.devicePixelRatioF()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        with current(context, off_screen):
            self._make_items()
            if self._target is None or self._target.size() != size:
                self._target = _target(size)
            self._target.bind()
            context.functions().glViewport(0, 0, size.width(), size.height())
            region = (0, 0, self.width(), self.height())
            self.setBackgroundColor(QColor(self._theme.card))
            self.paint(region=region, viewport=region)
            self._target.release()
            picture = self._target.toImage()
        picture.setDevicePixelRatio(ratio)
        return picture

    def _make_items(self) -> None:
        """Make anew what has changed; a context must be current."""
        assert self._relief is not None
        if not self._ground:
            _forget_programs()
            self._ground = list(self._ground_items(self._relief))
            self._ways = []
        if not self._ways:
            self._ways = list(self._way_items(self._relief))
        known = {id(item) for item in (*self._ground, *self._ways)}
        for item in tuple(self.items):
            if id(item) not in known:
                _destroy(item)
        self.clear()
        for item in (*self._ground, *self._ways):
            self.addItem(item)

    def _ground_items(self, relief: Relief) -> Iterator[Any]:
        vertices, faces, colors = relief.mesh(self._theme)
        yield gl.GLMeshItem(
            vertexes=vertices.astype(np.float32),
            faces=faces,
            vertexColors=colors.astype(np.float32),
            smooth=True,
            computeNormals=False,
            glOptions="opaque",
        )
        ink = QColor(self._theme.surface[0])
        line = (ink.redF(), ink.greenF(), ink.blueF(), 0.45)
        yield _lines(relief.lines(), line, 1.0)
        edge = QColor(self._theme.faint)
        frame = np.array(_CORNERS + _CORNERS[:1], dtype=float)
        pairs = np.repeat(frame, 2, axis=0)[1:-1]
        yield _lines(pairs, (edge.redF(), edge.greenF(), edge.blueF(), 0.8), 1.0)

    def _way_items(self, relief: Relief) -> Iterator[Any]:
        pairs, colors = [np.empty((0, 3))], [np.empty((0, 4))]
        for walker in self._walkers:
            places, opacity = relief.way(walker.x, walker.y)
            tint = walker.color
            hue = np.array([tint.redF(), tint.greenF(), tint.blueF()])
            pairs.append(places)
            colors.append(np.column_stack((np.tile(hue, (len(places), 1)), opacity)))
        width = _WIDTH * self.devicePixelRatioF()
        tints = np.concatenate(colors).astype(np.float32)
        yield _lines(np.concatenate(pairs), tints, width)

    # -- marks and labels ----------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the relief, and over it what has to be sharp and always seen."""
        before = perf_counter()
        self._painting = True
        picture = self._picture()
        self._painting = False
        painter = QPainter(self)
        if picture is None or self._relief is None:
            painter.fillRect(self.rect(), QColor(self._theme.card))
        else:
            painter.drawImage(QPointF(0, 0), picture)
            self._paint_over(painter, self._relief)
        painter.end()
        self.painted += perf_counter() - before

    def _paint_over(self, painter: QPainter, relief: Relief) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter, relief)
        self._paint_marks(painter, relief)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def seen_at(self, places: Floats) -> list[QPointF]:
        """Return the pixels at which places in the box are seen."""
        region = (0, 0, self.width(), self.height())
        matrix = self.projectionMatrix(region, region) * self.viewMatrix()
        found = []
        for place in places:
            at = matrix.map(_vector(*place))
            found.append(
                QPointF(
                    (at.x() + 1.0) / 2.0 * self.width(),
                    (1.0 - at.y()) / 2.0 * self.height(),
                )
            )
        return found

    def _paint_marks(self, painter: QPainter, relief: Relief) -> None:
        ink, ground = QColor(self._theme.cross), QColor(self._theme.card)
        for at in self._seen(relief, relief.surface.minima):
            for color, width in ((ground, 4.5), (ink, 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawLine(at - QPointF(7, 0), at + QPointF(7, 0))
                painter.drawLine(at - QPointF(0, 7), at + QPointF(0, 7))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.6))
        for at in self._seen(relief, self._start):
            painter.drawEllipse(at, 4.5, 4.5)
        for walker in self._walkers:
            known = np.flatnonzero(np.isfinite(walker.x) & np.isfinite(walker.y))
            if len(known):
                last = known[-1]
                self._paint_head(painter, relief, walker, last=int(last))

    def _paint_head(
        self, painter: QPainter, relief: Relief, walker: Walker, *, last: int
    ) -> None:
        head = (
            float(np.clip(walker.x[last], *relief.x)),
            float(np.clip(walker.y[last], *relief.y)),
        )
        ground = QColor(self._theme.card)
        for at in self._seen(relief, (head,)):
            if walker.failed:
                for color, width in ((ground, 5.0), (walker.color, 2.6)):
                    painter.setPen(QPen(color, width))
                    painter.drawLine(at + QPointF(-5, -5), at + QPointF(5, 5))
                    painter.drawLine(at + QPointF(-5, 5), at + QPointF(5, -5))
                continue
            painter.setPen(QPen(ground, 1.5))
            painter.setBrush(walker.color)
            painter.drawEllipse(at, 5.5, 5.5)

    def _seen(self, relief: Relief, points: Sequence[Sequence[float]]) -> list[QPointF]:
        """Return where points of the surface are seen, those in the box."""
        if not points:
            return []
        flat = np.array([point[:2] for point in points], dtype=float).T
        places = relief.place(flat, lift=LIFT)
        return self.seen_at(places[np.isfinite(places).all(axis=-1)])

    def _paint_axes(self, painter: QPainter, relief: Relief) -> None:
        """Write ticks along the two edges of the floor that are in front."""
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(self._theme.muted))
        (middle,) = self.seen_at(np.zeros((1, 3)))
        for axis, (lo, hi) in enumerate((relief.x, relief.y)):
            # Where two edges meet, two labels would lie on each other.
            corner = _CORNER * (hi - lo)
            _, ticks = linear_ticks(lo + corner, hi - corner, _TICKS)
            edges = []
            for side in (-0.5, 0.5):
                places = np.zeros((len(ticks), 3))
                places[:, axis] = (np.array(ticks) - lo) / (hi - lo) - 0.5
                places[:, 1 - axis] = side
                edges.append(self.seen_at(places))
            front = max(edges, key=lambda seen: sum(at.y() for at in seen))
            for value, at in zip(ticks, front, strict=True):
                away = at - middle
                length = max((away.x() ** 2 + away.y() ** 2) ** 0.5, 1.0)
                spot = at + away * (_OUTWARD / length)
                room = QRectF(spot.x() - 30, spot.y() - 8, 60, 16)
                text = tick_text(value)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    # -- what a person does --------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn on arrow keys, come nearer on ``+``; leave all other keys to the card.

        Unlike that of pyqtgraph it needs no timer.
        """
        turns = {
            Qt.Key.Key_Left: (_TURN, 0.0),
            Qt.Key.Key_Right: (-_TURN, 0.0),
            Qt.Key.Key_Up: (0.0, _TURN),
            Qt.Key.Key_Down: (0.0, -_TURN),
        }
        key = Qt.Key(event.key())
        if key in turns:
            self.orbit(*turns[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._come_nearer(_NEARER)
        elif key == Qt.Key.Key_Minus:
            self._come_nearer(1.0 / _NEARER)
        elif key == Qt.Key.Key_A and not event.modifiers():
            self.look_from_the_front()
        else:
            event.ignore()
            return
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Leave it to the window."""
        event.ignore()

    def _come_nearer(self, factor: float) -> None:
        self.setCameraPosition(distance=self.opts["distance"] * factor)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Look from the front again."""
        self.look_from_the_front()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep all of it in sight."""
        super().resizeEvent(event)
        self._fit_angle()

    def hideEvent(self, event: QHideEvent) -> None:
        """Hold nothing of OpenGL while nobody looks."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.release()


_CORNERS: Final = [
    (-0.5, -0.5, 0.0),
    (0.5, -0.5, 0.0),
    (0.5, 0.5, 0.0),
    (-0.5, 0.5, 0.0),
]


def _vector(x: float, y: float, z: float) -> Any:
    return pg.Vector(float(x), float(y), float(z))


def _lines(pairs: Floats, color: object, width: float) -> Any:
    return gl.GLLinePlotItem(
        pos=pairs.astype(np.float32),
        color=color,
        width=width,
        mode="lines",
        glOptions="translucent",
    )


def _target(size: QSize) -> QOpenGLFramebufferObject:
    kind = QOpenGLFramebufferObjectFormat()
    kind.setAttachment(QOpenGLFramebufferObject.Attachment.CombinedDepthStencil)
    kind.setSamples(_SAMPLES)
    return QOpenGLFramebufferObject(size, kind)


def _destroy(item: Any) -> None:
    """Free the buffers of an item; its context must be current."""
    for name, value in vars(item).items():
        if name.startswith(("m_vbo", "m_ibo")):
            value.destroy()


def _forget_programs() -> None:
    """Let items compile their programs anew: pyqtgraph keeps those of one context."""
    gl.GLLinePlotItem._shaderProgram = None
    shaders.getShaderProgram(None).prog = None
