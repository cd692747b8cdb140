"""Icons of the window: our own line drawings in one colour, taken from the theme."""

from importlib import resources
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from optlab.ui.theme import Theme

_SCALES: Final = (1, 2, 3)


def _drawing(name: str, color: QColor) -> QSvgRenderer:
    source = resources.files("optlab").joinpath(f"resources/icons/{name}.svg")
    text = source.read_text(encoding="utf-8").replace("currentColor", color.name())
    return QSvgRenderer(QByteArray(text.encode()))


def pixmap(name: str, color: QColor, *, size: int = 16, scale: float = 1.0) -> QPixmap:
    """Return the drawing ``name`` as a picture.

    Args:
        name: File name in ``resources/icons`` without its ending.
        color: Colour of its lines.
        size: Width and height in logical pixels.
        scale: Device pixels per logical pixel.
    """
    picture = QPixmap(QSize(round(size * scale), round(size * scale)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _drawing(name, color).render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def icon(name: str, theme: Theme, *, color: str | None = None) -> QIcon:
    """Return the icon ``name`` in the muted colour of ``theme``, crisp up to 300 %.

    Args:
        name: File name in ``resources/icons`` without its ending.
        theme: Theme in force.
        color: Another colour, ``#rrggbb``.
    """
    picture = QIcon()
    for scale in _SCALES:
        for mode, value in (
            (QIcon.Mode.Normal, color or theme.muted),
            (QIcon.Mode.Active, color or theme.text),
            (QIcon.Mode.Disabled, theme.faint),
        ):
            picture.addPixmap(pixmap(name, QColor(value), scale=scale), mode)
    return picture
