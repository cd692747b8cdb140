"""The lines of a plot whose x never falls, painted by NumPy as one picture.

What such a line covers of a column of pixels is a vertical run, and how ragged the line
is does not matter. Qt strokes piece by piece: a noisy line takes it ten times as long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from pyqtgraph.functions import arrayToQPath
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPaintEngine, QPainter, QPen

from optlab.records import Floats, Ints
from optlab.ui.layer import Layer

if TYPE_CHECKING:
    from optlab.ui.canvas import Canvas
    from optlab.ui.traces import Line

_FORMAT: Final = QImage.Format.Format_ARGB32_Premultiplied
_AT_ONCE: Final = 16
_FINE: Final = 4
"""Parts of a column in which a smooth line is worked out."""

Pixels = npt.NDArray[np.uint32]
Placed = tuple[tuple[Floats, Floats], QPen]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """How a line is painted.

    Attributes:
        pen: Colour and opacity; width and dashes in pixels of the device.
        smooth: Whether its edges are.
        z: Of smooth lines, and of the others below them, higher ones lie above.
    """

    pen: QPen
    smooth: bool
    z: float


class PaintedLines(Layer):
    """Paints lines whose x never falls.

    Args:
        canvas: The plot.
    """

    def __init__(self, canvas: "Canvas") -> None:
        # Above the bands, below everything that pyqtgraph paints.
        super().__init__(canvas.box, z=-1e3)
        self._canvas = canvas
        self._lines: dict[Line, Stroke] = {}
        self._pictures: list[Pixels] = []
        self._painted: object = None
        self._mixed: tuple[object, Pixels] = None, np.empty(0, np.uint32)

    def put(self, line: "Line", stroke: Stroke | None) -> None:
        """Paint a line from now on, or what is new of it; None: paint it no more."""
        if stroke is not None:
            self._lines[line] = stroke
        elif self._lines.pop(line, None) is None:
            return
        self._painted = None
        self.update()

    def paint_in(self, rect: QRectF, painter: QPainter) -> None:
        """Paint the picture; into a drawing, paths."""
        lines = sorted(self._lines.items(), key=lambda x: (x[1].smooth, x[1].z))
        if painter.paintEngine().type() is QPaintEngine.Type.SVG:
            painter.setClipRect(rect)
            for line, stroke in lines:
                places = self.places(line, rect.width(), rect.height())
                painter.setPen(stroke.pen)
                painter.drawPath(arrayToQPath(*places, connect="finite"))
            return
        fine = painter.deviceTransform().m11()
        wanted = rect.width(), rect.height(), fine, self._canvas.view()
        width, height = rect.width() * fine, rect.height() * fine
        if wanted != self._painted:
            self._painted = wanted
            self._pictures = self._paint(lines, width, height) if lines else []
        for pixels in self._pictures:
            rows, stride = pixels.shape[0], pixels.strides[0]
            image = QImage(pixels.data, ceil(width), rows, stride, _FORMAT)
            image.setDevicePixelRatio(fine)
            painter.drawImage(rect.topLeft(), image)

    def _paint(
        self, lines: Iterable[tuple["Line", Stroke]], width: float, height: float
    ) -> list[Pixels]:
        """Return pictures that lie one above the other."""
        shape = ceil(height), ceil(width)
        thin: list[Placed] = []
        bold: list[Placed] = []
        for line, stroke in lines:
            places = self.places(line, width, height)
            if len(places[0]):
                (bold if stroke.smooth else thin).append((places, stroke.pen))
        found = [
            self._colored(thin[k : k + _AT_ONCE], shape)
            for k in range(0, len(thin), _AT_ONCE)
        ]
        found = found or [np.zeros(shape, np.uint32)]
        for places, pen in bold:
            _add_smooth(found[-1], places, pen)
        return found

    def shown(self) -> dict["Line", Stroke]:
        """Return the lines that are painted."""
        return dict(self._lines)

    def places(
        self, line: "Line", width: float, height: float
    ) -> tuple[Floats, Floats]:
        """Return where a line goes, in pixels from the upper left corner."""
        (left, right), (bottom, top) = self._canvas.view()
        across = (self._canvas.x_on_axis(line.x) - left) / (right - left) * width
        down = (top - self._canvas.y_on_axis(line.y)) / (top - bottom) * height
        known = np.isfinite(across)
        # Far outside, nothing can be told apart.
        return across[known], np.clip(down[known], -height, 2.0 * height)

    def _colored(self, lines: Sequence[Placed], shape: tuple[int, int]) -> Pixels:
        """Return up to sixteen lines, each above those before it."""
        pens = [pen for _, pen in lines]
        colors = [pen.color().rgba() for pen in pens]
        if colors != self._mixed[0]:
            mixed = np.zeros((1, 4))
            for pen in pens:
                color, opacity = _ink(pen)
                mixed = np.concatenate((mixed, color + (1.0 - opacity) * mixed))
            self._mixed = colors, np.rint(mixed).astype(np.uint8).view(np.uint32)[:, 0]
        toggled = _toggled(lines, shape)
        covered = np.zeros(shape[1], np.uint16)
        pixels = np.empty(shape, np.uint32)
        # Row by row, so that what is looked at stays in the cache.
        for row, found in zip(toggled, pixels, strict=False):
            np.bitwise_xor(covered, row, out=covered)
            self._mixed[1].take(covered, out=found, mode="clip")
        return pixels


def _ink(pen: QPen) -> tuple[Floats, float]:
    """Return blue, green, red and opacity as they lie in memory, and the opacity."""
    blue, green, red = pen.color().blue(), pen.color().green(), pen.color().red()
    opacity = pen.color().alphaF()
    return np.array([blue, green, red, 255.0]) * opacity, opacity


def _toggled(lines: Sequence[Placed], shape: tuple[int, int]) -> npt.NDArray[np.uint16]:
    """Return which of up to sixteen lines begin or end at each pixel, bit by bit.

    Each line toggles its bit where a run begins and behind its end: to XOR row after
    row fills the runs of all lines, however long they are.
    """
    bits = np.zeros((shape[0] + 1, shape[1]), np.uint16)
    for k, (places, pen) in enumerate(lines):
        at, top, below = runs(*places, shape, width=round(pen.widthF()))
        bits[top, at] ^= 1 << k
        bits[below, at] ^= 1 << k
    return bits


def runs(
    across: Floats, down: Floats, shape: tuple[int, int], *, width: int = 1
) -> tuple[Ints, Ints, Ints]:
    """Return the columns that a line goes through, and where its run begins and ends.

    Args:
        across: Places of its points, increasing, in pixels.
        down: Their heights, from above; a gap where not finite.
        shape: Rows and columns of the picture.
        width: Of the line.

    Returns:
        Columns, the first row of each run, and the row behind its last one.
    """
    rows, columns = shape
    edges = np.interp(np.arange(columns + 1), across, down, left=np.nan, right=np.nan)
    high, low = np.fmin(edges[:-1], edges[1:]), np.fmax(edges[:-1], edges[1:])
    first, stop = np.searchsorted(across, (0, columns))
    column = across[first:stop].astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    if len(starts):
        inside, at = down[first:stop], column[starts]
        high[at] = np.fmin(high[at], np.fmin.reduceat(inside, starts))
        low[at] = np.fmax(low[at], np.fmax.reduceat(inside, starts))
    for _ in range(width - 1):
        high[1:], low[1:] = np.fmin(high[1:], high[:-1]), np.fmax(low[1:], low[:-1])
        low += 1.0
    at = np.flatnonzero((high < rows) & (low >= 0))
    top = np.clip(high[at], 0, rows - 1).astype(np.int64)
    below = np.clip(low[at], 0, rows - 1).astype(np.int64) + 1
    return at, top, below


def _add_smooth(pixels: Pixels, places: tuple[Floats, Floats], pen: QPen) -> None:
    """Paint a line with smooth edges: a round brush goes along it, part by part.

    Only the pixels that it covers are touched, a few for each column.
    """
    rows, columns = pixels.shape
    parts = (np.arange(columns * _FINE) + 0.5) / _FINE
    height = np.interp(parts, *places, left=np.nan, right=np.nan)
    # Half the width of a number, and half the time; a pixel needs no more.
    height = height.astype(np.float32)
    half = pen.widthF() / 2.0
    reach = round(half * _FINE)
    offsets = np.arange(-reach, reach + 1) / _FINE
    brush = np.sqrt(np.maximum(half**2 - offsets**2, 0.0)).astype(np.float32)
    padded = np.pad(height, reach, constant_values=np.nan)
    near = [padded[k : k + len(parts)] for k in range(len(brush))]
    high = np.fmin.reduce([h - b for h, b in zip(near, brush, strict=True)])
    low = np.fmax.reduce([h + b for h, b in zip(near, brush, strict=True)])
    gone = np.isnan(high) | ~_inked(height, pen)
    high[gone], low[gone] = rows, -1.0
    high, low = high.reshape(-1, _FINE), low.reshape(-1, _FINE)
    first = np.clip(np.floor(high.min(axis=1)), 0, rows).astype(np.int64)
    counts = np.clip(np.ceil(low.max(axis=1)), 0, rows).astype(np.int64) - first
    counts = np.maximum(counts, 0)
    at = np.repeat(np.arange(columns), counts)
    row = np.arange(len(at)) + (first - np.cumsum(counts) + counts)[at]
    top = row[:, np.newaxis].astype(np.float32)
    inside = np.minimum(low[at], top + 1.0) - np.maximum(high[at], top)
    share = np.clip(inside, 0.0, 1.0).mean(axis=1, keepdims=True)
    color, opacity = _ink(pen)
    under = pixels[row, at].view(np.uint8).reshape(-1, 4)
    over = share * color + (1.0 - share * opacity) * under
    pixels[row, at] = np.rint(over).astype(np.uint8).view(np.uint32)[:, 0]


def _inked(height: Floats, pen: QPen) -> Mask:
    """Return where the dashes of a line are, measured along it."""
    pattern = np.array(pen.dashPattern()) * pen.widthF()
    if not len(pattern):
        return np.ones(len(height), dtype=bool)
    steps = np.hypot(1.0 / _FINE, np.nan_to_num(np.diff(height, prepend=height[:1])))
    along = np.cumsum(steps) % pattern.sum()
    inked: Mask = np.searchsorted(np.cumsum(pattern), along, side="right") % 2 == 0
    return inked
