"""Whether there is OpenGL, and a context of it that needs no window."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat

_OLDEST = (2, 1)


def open_context() -> tuple[QOpenGLContext, QOffscreenSurface] | None:
    """Return a context of OpenGL and what to make it current on; None without one."""
    wanted = QSurfaceFormat()
    wanted.setDepthBufferSize(24)
    surface = QOffscreenSurface()
    surface.setFormat(wanted)
    surface.create()
    context = QOpenGLContext()
    context.setFormat(wanted)
    if not (surface.isValid() and context.create() and context.makeCurrent(surface)):
        return None
    version = context.format().version()
    context.doneCurrent()
    if context.isOpenGLES() or tuple(version) < _OLDEST:
        return None
    return context, surface


@contextmanager
def current(context: QOpenGLContext, surface: QOffscreenSurface) -> Iterator[None]:
    """Make a context current, and the one before it again afterwards."""
    # Qt has None where no context is current; its types do not say so.
    before: QOpenGLContext | None = QOpenGLContext.currentContext()
    context.makeCurrent(surface)
    try:
        yield
    finally:
        context.doneCurrent()
        if before is not None:
            before.makeCurrent(before.surface())
