"""A surface as a relief: where points and ways lie in a box, and how it is lit.

Only numbers: what draws them is in `solid_view`. The height is the level of the bands,
so a valley that spans many powers of ten can be seen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from contourpy import contour_generator
from PySide6.QtGui import QColor

from optlab.export.levels import Levels
from optlab.export.palette import SURFACE_BANDS
from optlab.records import Floats
from optlab.ui.canvas import Range
from optlab.ui.contour import SurfaceLike, band_colors
from optlab.ui.theme import Theme

HEIGHT: Final = 0.42
"""Of the box; its sides are 1 long."""
CELLS: Final = 160
LIFT: Final = 0.008
"""Ways run so far above the ground."""
_STEP: Final = 0.012
_MOST_PARTS: Final = 30
_MOST_POINTS: Final = 12_000
_OLDEST: Final = 0.25
_LIGHT: Final = (-0.35, -0.5, 0.8)
_SHADE: Final = 0.72

Ints = npt.NDArray[np.uint32]


@dataclass(frozen=True, kw_only=True)
class Walker:
    """One way over the relief.

    Attributes:
        x: First coordinates.
        y: Second coordinates.
        color: Its colour.
        failed: Whether it ends in a cross.
    """

    x: Floats
    y: Floats
    color: QColor
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Relief:
    """A surface over a rectangle.

    Attributes:
        surface: The function.
        levels: How its values become heights.
        x: Range of the first coordinate.
        y: Range of the second.
    """

    surface: SurfaceLike
    levels: Levels
    x: Range
    y: Range

    def share(self, points: Floats) -> Floats:
        """Return how high points of shape (2, …) lie, from 0 to 1."""
        with np.errstate(all="ignore"):
            level = self.levels.position(self.surface.value(points))
        found: Floats = np.clip(level / SURFACE_BANDS, 0.0, 1.0)
        return found

    def place(self, points: Floats, *, lift: float = 0.0) -> Floats:
        """Return where points of shape (2, n) lie in the box, as (n, 3).

        What lies outside the rectangle is NaN.

        Args:
            points: Points of the surface.
            lift: How far above it.
        """
        with np.errstate(invalid="ignore", over="ignore"):
            across = (points[0] - self.x[0]) / (self.x[1] - self.x[0]) - 0.5
            up = (points[1] - self.y[0]) / (self.y[1] - self.y[0]) - 0.5
        inside = (np.abs(across) <= 0.5) & (np.abs(up) <= 0.5)
        height = HEIGHT * self.share(points) + lift
        placed = np.stack((across, up, height), axis=-1)
        placed[~inside] = np.nan
        return placed

    def mesh(self, theme: Theme) -> tuple[Floats, Ints, Floats]:
        """Return vertices (n, 3), triangles (m, 3) and colours (n, 4) from 0 to 1."""
        points = self._points()
        vertices = self.place(points.reshape(2, -1))
        share = self.share(points)
        at = np.clip(share * SURFACE_BANDS - 0.5, 0.0, SURFACE_BANDS - 1.0)
        bands = band_colors(theme) / 255.0
        places = np.arange(SURFACE_BANDS)
        tint = np.stack([np.interp(at, places, bands[:, k]) for k in range(3)], -1)
        lit = np.clip(tint * _light(share)[..., np.newaxis], 0.0, 1.0)
        colors = np.concatenate((lit, np.ones((*share.shape, 1))), axis=-1)
        return vertices, _triangles(CELLS), colors.reshape(-1, 4)

    def lines(self) -> Floats:
        """Return the lines between the bands as pairs of points, of shape (2 n, 3)."""
        points = self._points()
        share = self.share(points)
        generator = contour_generator(points[0, 0], points[1, :, 0], share)
        pairs = [np.empty((0, 3))]
        for k in range(1, SURFACE_BANDS):
            for line in generator.lines(k / SURFACE_BANDS):
                line = np.asarray(line, dtype=float)
                height = HEIGHT * k / SURFACE_BANDS
                placed = self.place(line.T)
                placed[:, 2] = height + LIFT / 4
                pairs.append(_paired(placed))
        return np.concatenate(pairs)

    def way(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return a way that follows the ground, and how old its points are.

        Returns:
            Pairs of points of shape (2 n, 3), and for each its opacity.
        """
        placed = self.place(self._denser(x, y), lift=LIFT)
        along = np.cumsum(np.nan_to_num(_lengths(placed)))
        whole = along[-1] if len(along) else 0.0
        share = along / whole if whole > 0 else np.ones_like(along)
        opacity = _OLDEST + (1.0 - _OLDEST) * share**2
        pairs = _paired(placed)
        strong = _paired(opacity)
        known = np.isfinite(pairs).all(axis=-1).reshape(-1, 2).all(axis=-1)
        kept = np.repeat(known, 2)
        return pairs[kept], strong[kept]

    def _denser(self, x: Floats, y: Floats) -> Floats:
        """Return a way with points so close that it bends with the ground."""
        if len(x) < 2:
            return np.stack((x, y))
        size = np.array([self.x[1] - self.x[0], self.y[1] - self.y[0]])
        with np.errstate(invalid="ignore", over="ignore"):
            steps = np.hypot(np.diff(x) / size[0], np.diff(y) / size[1])
        parts = np.nan_to_num(np.ceil(steps / _STEP), nan=1.0, posinf=1.0)
        most = max(1, min(_MOST_PARTS, _MOST_POINTS // len(x)))
        parts = np.clip(parts, 1, most).astype(np.int64)
        at = np.concatenate(
            [k + np.arange(n) / n for k, n in enumerate(parts.tolist())]
            + [np.array([float(len(x) - 1)])]
        )
        whole = np.arange(len(x))
        return np.stack((np.interp(at, whole, x), np.interp(at, whole, y)))

    def _points(self) -> Floats:
        xs = np.linspace(*self.x, CELLS + 1)
        ys = np.linspace(*self.y, CELLS + 1)
        # What lies a rounding error outside would be left out.
        return np.stack(np.meshgrid(xs, ys))


def _light(share: Floats) -> Floats:
    """Return how bright each point is, from `_SHADE` to a little over 1."""
    along_y, along_x = np.gradient(share * HEIGHT, 1.0 / CELLS)
    normal = np.stack((-along_x, -along_y, np.ones_like(share)))
    normal /= np.linalg.norm(normal, axis=0)
    light = np.array(_LIGHT) / np.linalg.norm(_LIGHT)
    facing = np.tensordot(light, normal, axes=1)
    shade: Floats = _SHADE + (1.04 - _SHADE) * np.clip(facing, 0.0, 1.0)
    return shade


def _triangles(cells: int) -> Ints:
    corner = np.arange(cells * (cells + 1)).reshape(cells, cells + 1)[:, :-1].ravel()
    across, up = corner + 1, corner + cells + 1
    lower = np.stack((corner, across, up), axis=-1)
    upper = np.stack((across, up + 1, up), axis=-1)
    return np.concatenate((lower, upper)).astype(np.uint32)


def _lengths(points: Floats) -> Floats:
    """Return how far each point is from the one before; 0 for the first."""
    steps: Floats = np.linalg.norm(np.diff(points, axis=0), axis=-1)
    return np.concatenate((np.zeros(min(len(points), 1)), steps))


def _paired(values: Floats) -> Floats:
    """Return begin and end of every piece of a line."""
    return np.repeat(values, 2, axis=0)[1:-1]
