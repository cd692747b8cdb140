"""Icons of the window: our own line drawings in one colour, taken from the theme."""

from ctypes import py_object, pythonapi
from functools import lru_cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from optlab.ui.theme import Theme


@lru_cache
def _drawing(name: str) -> str:
    source = resources.files("optlab").joinpath(f"resources/icons/{name}.svg")
    return source.read_text(encoding="utf-8")


def _draw(name: str, color: QColor, painter: QPainter, *, room: QRectF) -> None:
    text = _drawing(name).replace("currentColor", color.name())
    QSvgRenderer(QByteArray(text.encode())).render(painter, room)


def pixmap(name: str, color: QColor, *, size: int = 16, scale: float = 1.0) -> QPixmap:
    """Return the drawing ``name`` as a picture.

    Args:
        name: File name in ``resources/icons`` without its ending.
        color: Colour of its lines.
        size: Width and height in logical pixels.
        scale: Device pixels per logical pixel.
    """
    pixels = round(size * scale)
    picture = _picture(name, color, QSize(pixels, pixels))
    picture.setDevicePixelRatio(scale)
    return picture


def _picture(name: str, color: QColor, size: QSize) -> QPixmap:
    picture = QPixmap(size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    side = min(size.width(), size.height())
    room = QRectF(0, 0, side, side)
    room.moveCenter(QRectF(picture.rect()).center())
    _draw(name, color, painter, room=room)
    painter.end()
    return picture


class _Engine(QIconEngine):
    """Draws an icon when it is shown, in the size and state that are wanted.

    Drawn beforehand, in three states and for three kinds of screens, the icons were a
    sixth of the time in which the window is built.
    """

    def __init__(self, name: str, colors: dict[QIcon.Mode, QColor]) -> None:
        super().__init__()
        self._name, self._colors = name, colors
        self._drawn: dict[tuple[int, int, QIcon.Mode], QPixmap] = {}

    def clone(self) -> QIconEngine:
        copy = _Engine(self._name, self._colors)
        # Qt owns it, which PySide does not know: it would be gone at once.
        pythonapi.Py_IncRef(py_object(copy))
        return copy

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        key = size.width(), size.height(), mode
        if key not in self._drawn:
            self._drawn[key] = _picture(self._name, self._color(mode), size)
        return self._drawn[key]

    def paint(
        self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State
    ) -> None:
        _draw(self._name, self._color(mode), painter, room=QRectF(rect))

    def _color(self, mode: QIcon.Mode) -> QColor:
        return self._colors.get(mode, self._colors[QIcon.Mode.Normal])


def icon(name: str, theme: Theme, *, color: str | None = None) -> QIcon:
    """Return the icon ``name`` in the muted colour of ``theme``, crisp on any screen.

    Args:
        name: File name in ``resources/icons`` without its ending.
        theme: Theme in force.
        color: Another colour, ``#rrggbb``.
    """
    colors = {
        QIcon.Mode.Normal: QColor(color or theme.muted),
        QIcon.Mode.Active: QColor(color or theme.text),
        QIcon.Mode.Disabled: QColor(theme.faint),
    }
    return QIcon(_Engine(name, colors))
