"""Lines painted as one picture: the pixels that a pen would have touched."""

from math import ceil

import numpy as np
import numpy.typing as npt
import pytest
from pyqtgraph.functions import arrayToQPath
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem
from pytestqt.qtbot import QtBot

from optlab.records import Floats
from optlab.ui.canvas import Canvas
from optlab.ui.painted_lines import Stroke, runs
from optlab.ui.traces import Line

Image = npt.NDArray[np.int64]
HUES = ("#d02020", "#2050c0", "#209040", "#806000", "#404040")


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """Return a plot in which a pixel is 1 wide and 1 high, from the lower left."""
    found = Canvas()
    qtbot.addWidget(found)
    found.setBackground(QColor("white"))
    found.resize(500, 300)
    with qtbot.waitExposed(found):
        found.show()
    rect = found.plot_rect()
    found.set_view((0.0, rect.width()), (0.0, rect.height()))
    return found


def line_of(x: Floats, y: Floats) -> Line:
    line = Line()
    line.set_data(x, y)
    return line


def put(canvas: Canvas, line: Line, color: str, *, smooth: bool, z: float) -> None:
    pen = QPen(QColor(color), 2.0 if smooth else 1.0)
    canvas.lines.put(line, Stroke(pen=pen, smooth=smooth, z=z))


def seen(canvas: Canvas) -> Image:
    """Return what is painted on a white ground, as rows of red, green, blue."""
    rect = canvas.lines.boundingRect()
    size = ceil(rect.width()), ceil(rect.height())
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    canvas.lines.paint(painter, QStyleOptionGraphicsItem())
    painter.end()
    return pixels(image)


def pixels(image: QImage) -> Image:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    found = np.frombuffer(image.constBits(), np.uint8)
    shape = image.height(), image.bytesPerLine() // 4, 4
    return found.reshape(shape)[:, : image.width(), 2::-1].astype(np.int64)


def test_that_a_run_holds_all_that_a_line_covers_of_a_column() -> None:
    rng = np.random.default_rng(3)
    across = np.sort(rng.uniform(-20, 220, 700))
    down = rng.uniform(-5, 105, 700)
    at, top, below = runs(across, down, (100, 200))
    dense = np.linspace(0, 200, 200 * 2000, endpoint=False)
    heights = np.interp(dense, across, down).reshape(200, -1)
    highest, lowest = heights.min(axis=1)[at], heights.max(axis=1)[at]
    np.testing.assert_allclose(np.clip(np.floor(highest), 0, 99), top, atol=1)
    np.testing.assert_allclose(np.clip(np.floor(lowest), 0, 99) + 1, below, atol=1)
    assert len(at) == 200


def test_that_more_lines_than_bits_lie_above_each_other_in_order(
    canvas: Canvas,
) -> None:
    width, height = canvas.plot_rect().width(), canvas.plot_rect().height()
    rng = np.random.default_rng(5)
    wanted = np.full((ceil(height), ceil(width), 3), 255)
    for k in range(20):
        x = np.arange(0, width, 0.5)
        y = height - 5 - 8 * k - rng.uniform(0, 60, len(x))
        color = HUES[k % len(HUES)]
        ink = QColor(color)
        rgb = ink.red(), ink.green(), ink.blue()
        put(canvas, line_of(x, height - y), color, smooth=False, z=float(k))
        for at, top, below in zip(*runs(x, y, wanted.shape[:2]), strict=True):
            wanted[top:below, at] = rgb
    assert (seen(canvas) == wanted).mean() > 0.999


def test_that_a_smooth_line_looks_as_the_pen_of_qt_draws_it(canvas: Canvas) -> None:
    rect = canvas.plot_rect()
    x = np.linspace(10, rect.width() - 10, 60)
    y = rect.height() * (0.5 + 0.4 * np.sin(x / 25))
    put(canvas, line_of(x, y), HUES[1], smooth=True, z=0.0)
    found = seen(canvas)
    image = QImage(found.shape[1], found.shape[0], QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(HUES[1]), 2.0))
    painter.drawPath(arrayToQPath(x, rect.height() - y))
    painter.end()
    drawn = pixels(image)
    ink = (255 - drawn).sum()
    assert ink > 100_000
    assert abs((255 - found).sum() / ink - 1) < 0.08
    assert np.abs(found - drawn).sum() < 0.25 * ink


def test_that_nothing_is_painted_in_a_gap(canvas: Canvas) -> None:
    x = np.linspace(0, 400, 401)
    y = np.where((x > 150) & (x < 250), np.nan, 100.0)
    for smooth in (False, True):
        put(canvas, line_of(x, y), HUES[0], smooth=smooth, z=0.0)
    found = seen(canvas)
    painted = (found != 255).any(axis=2).any(axis=0)
    assert painted[20:149].all()
    assert not painted[155:245].any()
    assert painted[252:380].all()
