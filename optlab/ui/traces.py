"""Lines in a plot: the arrays that they were given and how they are drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPen

from optlab.records import Floats
from optlab.ui.canvas import Canvas
from optlab.ui.painted_lines import Stroke
from optlab.ui.theme import SeriesStyle

NOTHING: Final[Floats] = np.empty(0)
_GAP: Final[Floats] = np.array([np.nan])
# Of one optimizer in one plot: an item of pyqtgraph for each of 400 took a second to
# make and a tenth of one to draw anew, in each plot.
MANY: Final = 24


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a trace is to be drawn.

    Attributes:
        width: In pixels.
        opacity: From 0 to 1.
        smooth: Whether to antialias.
        dashed: Whether to use the dash of the optimizer.
        markers: Whether every point gets a dot.
    """

    width: float = 1.0
    opacity: float = 1.0
    smooth: bool = False
    dashed: bool = False
    markers: bool = False


class Line:
    """The arrays of one line, which others may draw."""

    def __init__(self) -> None:
        self.x: Floats = NOTHING
        self.y: Floats = NOTHING

    def set_data(self, x: Floats, y: Floats) -> None:
        """Take arrays."""
        self.x, self.y = x, y


class Trace(Line):
    """One line in a plot and the arrays that it was given.

    Args:
        canvas: The plot.
        z: Where it lies among other things.
        rising: Whether x never falls; pyqtgraph paints only what does, or has markers.
    """

    def __init__(self, canvas: Canvas, *, z: float, rising: bool = False) -> None:
        super().__init__()
        self._canvas, self._z, self._rising = canvas, z, rising
        self.item: Any = None
        self._stroke: Stroke | None = None
        self._key: object = None
        self._on = True

    def set_data(self, x: Floats, y: Floats) -> None:
        """Take arrays, and draw them."""
        if x is not self.x or y is not self.y:
            super().set_data(x, y)
            self._hand_over()

    def set_look(self, style: SeriesStyle, look: Look, ground: QColor) -> None:
        """Draw it like this from now on."""
        # Qt counts the width of a cosmetic pen in pixels of the device.
        fine = self._canvas.devicePixelRatioF()
        key = style.color.rgba(), style.dash, look, ground.rgba(), fine
        if key == self._key:
            return
        self._key = key
        width = look.width * fine if look.smooth else look.width
        pen: QPen = style.pen(width, opacity=look.opacity, dashed=look.dashed)
        if self._rising and not look.markers:
            self._stroke = Stroke(pen=pen, smooth=look.smooth, z=self._z)
        else:
            self._stroke = None
            self._dress_item(pen, style, look, ground)
        self._hand_over()

    def show(self, on: bool) -> None:
        """Show or hide it."""
        if on != self._on:
            self._on = on
            self._hand_over()

    def remove(self) -> None:
        """Take it out of the plot."""
        self._canvas.lines.put(self, None)
        if self.item is not None:
            self._canvas.remove(self.item)

    def _hand_over(self) -> None:
        """Give the arrays to what paints them."""
        self._canvas.lines.put(self, self._stroke if self._on else None)
        if self.item is None:
            return
        shown = self._on and self._stroke is None
        self.item.setVisible(shown)
        if shown:
            y = self.y
            # Logarithms are pyqtgraph's own; the symmetric scale is not among them.
            if self._canvas.y_scale == "symlog":
                y = self._canvas.y_on_axis(y)
            self.item.setData(self.x, y, connect="finite")

    def _dress_item(
        self, pen: QPen, style: SeriesStyle, look: Look, ground: QColor
    ) -> None:
        """Give the item of pyqtgraph its look."""
        if self.item is None:
            # Only now: most lines never need one, and each takes milliseconds.
            self.item = pg.PlotDataItem(skipFiniteCheck=False)
            self._canvas.add(self.item, z=self._z)
        item = self.item
        # Bold and smooth, one path costs 6 to 80 ms, the same in pieces 2.5. Only a
        # path can have dashes.
        pieces = look.smooth and not (look.dashed and style.dash)
        item.curve.setSegmentedLineMode("on" if pieces else "auto")
        item.opts["antialias"] = item.curve.opts["antialias"] = look.smooth
        item.setPen(pen)
        if look.markers:
            item.setSymbolBrush(style.color)
            item.setSymbolPen(pg.mkPen(ground, width=1))
            item.setSymbolSize(6)
        item.setSymbol("o" if look.markers else None)


class Bundle(Trace):
    """Many lines of one look that are drawn as one, with gaps between them."""

    def take(self, lines: Iterable[Line]) -> None:
        """Hand all these lines to pyqtgraph."""
        xs, ys = [NOTHING], [NOTHING]
        for line in lines:
            xs += [line.x, _GAP]
            ys += [line.y, _GAP]
        self.set_data(np.concatenate(xs), np.concatenate(ys))
