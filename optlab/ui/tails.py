"""Ways that fade: strong where an optimizer is now, faint where it was long ago.

What is old is measured along the way as it is seen, in pixels: who has stood still at
a minimum for most of the run still shows the road there.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from optlab.records import Floats
from optlab.ui.canvas import Canvas
from optlab.ui.theme import SeriesStyle
from optlab.ui.traces import Line, Look, Trace

OPACITIES: Final = (0.25, 0.45, 0.7, 1.0)
"""Of the parts of a way, oldest first."""
_SHARES: Final = (0.5, 0.75, 0.9)
"""Where on a way they meet, as shares of its length."""
_HALO: Final = 2
"""So many of the newest parts stand off from what they cross."""
_CELL: Final = 0.5
"""Points in one cell of so many pixels look the same."""
# So far beyond the edge, in sizes of the plot, nothing can be told apart.
_FAR: Final = 2.0
_TANGLE: Final = 6.0

Ints = npt.NDArray[np.int64]


class Tail(Line):
    """One way over a surface, drawn in parts that fade.

    Args:
        canvas: The plot.
        z: Where it lies among other things.
        fading: Whether it fades; many ways at once are drawn in one part each.
        halo: Whether its newest parts stand off from what they cross.
    """

    def __init__(
        self, canvas: Canvas, *, z: float, fading: bool = True, halo: bool = True
    ) -> None:
        super().__init__()
        self._canvas = canvas
        self.opacities = OPACITIES if fading else (1.0,)
        self.parts = [Trace(canvas, z=z) for _ in self.opacities]
        self._halo = Trace(canvas, z=z - 1.0) if halo else None
        self.tangled = False

    def set_data(self, x: Floats, y: Floats) -> None:
        """Take the whole way."""
        super().set_data(x, y)
        across, up = self._seen(0, x), self._seen(1, y)
        kept = _distinct(across, up)
        steps = np.hypot(np.diff(across[kept]), np.diff(up[kept]))
        along = np.concatenate(([0.0], np.cumsum(np.nan_to_num(steps))))
        rect = self._canvas.plot_rect()
        size = max(float(rect.width()), float(rect.height()), 1.0)
        self.tangled = bool(along[-1] > _TANGLE * size)
        cuts = [0, *self._cuts(along), len(kept)]
        for k, part in enumerate(self.parts):
            # Each begins with the last point of the one before.
            mine = kept[max(cuts[k] - 1, 0) : cuts[k + 1]]
            part.set_data(x[mine], y[mine])
        if self._halo is not None:
            strong = kept[max(cuts[-1 - min(_HALO, len(self.parts))] - 1, 0) :]
            self._halo.set_data(x[strong], y[strong])

    def set_look(
        self,
        style: SeriesStyle,
        ground: QColor,
        *,
        width: float,
        markers: bool = False,
    ) -> None:
        """Draw it in the colour of its optimizer from now on.

        Args:
            style: Colour and dash.
            ground: What a halo is made of.
            width: In pixels.
            markers: Whether every point gets a dot.
        """
        for part, opacity in zip(self.parts, self.opacities, strict=True):
            color = QColor(style.color)
            color.setAlphaF(opacity)
            look = Look(
                width=width,
                opacity=opacity,
                smooth=True,
                dashed=True,
                markers=markers,
            )
            if self.tangled:
                # Smooth lines that let others through cost twice as much to paint.
                smooth = opacity == OPACITIES[-1]
                thin = width - 0.8 if smooth else 1.0
                look = Look(width=thin, opacity=opacity, smooth=smooth)
            part.set_look(SeriesStyle(color, style.dash), look, ground)
        if self._halo is None:
            return
        halo = Look(width=width + 2.0, opacity=0.5, smooth=True)
        self._halo.set_look(SeriesStyle(ground), halo, ground)

    def show(self, on: bool) -> None:
        """Show or hide it."""
        for part in self.parts:
            part.show(on)
        if self._halo is not None:
            # It would hide a way that goes to and fro.
            self._halo.show(on and not self.tangled)

    def remove(self) -> None:
        """Take it out of the plot."""
        for part in self.parts:
            part.remove()
        if self._halo is not None:
            self._halo.remove()

    def _seen(self, axis: int, values: Floats) -> Floats:
        """Return values in pixels, those far outside the view as far away."""
        lo, hi = self._canvas.view()[axis]
        rect = self._canvas.plot_rect()
        size = float(rect.width() if axis == 0 else rect.height())
        with np.errstate(over="ignore", invalid="ignore"):
            share = (values - lo) / (hi - lo)
        seen: Floats = np.clip(share, -_FAR, 1.0 + _FAR) * size
        return seen

    def _cuts(self, along: Floats) -> list[int]:
        """Return at which of the points that are kept the parts meet."""
        if len(self.parts) == 1:
            return []
        found = np.searchsorted(along, np.array(_SHARES) * along[-1], side="right")
        return [int(k) for k in np.minimum(found, len(along))]


def _distinct(x: Floats, y: Floats) -> Ints:
    """Return the points that do not lie where the one before lies, and the last."""
    if len(x) < 3:
        return np.arange(len(x))
    # What is not finite is in a cell of its own: it must stay, as a gap.
    column = np.nan_to_num(np.floor(x / _CELL), nan=-1e9)
    row = np.nan_to_num(np.floor(y / _CELL), nan=-1e9)
    moved = (np.diff(column) != 0) | (np.diff(row) != 0)
    kept = np.concatenate(([True], moved))
    kept[-1] = True
    return np.flatnonzero(kept)
