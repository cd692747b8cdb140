"""Filled contour bands by logarithmic level, painted by NumPy into one image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from optlab.export.palette import SURFACE_BANDS
from optlab.records import Floats
from optlab.ui.theme import Theme

Bytes = npt.NDArray[np.uint8]
Range = tuple[float, float]

_SAMPLES: Final = 160
_FLOOR: Final = 1e-4


class SurfaceLike(Protocol):
    """What is asked of a surface; the window imports no problem."""

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        ...

    @property
    def start(self) -> tuple[float, ...]:
        """Starting point."""
        ...

    @property
    def domain(self) -> tuple[tuple[float, float], ...]:
        """Lowest and highest value of each coordinate worth looking at."""
        ...

    @property
    def minima(self) -> tuple[tuple[float, ...], ...]:
        """Known global minima."""
        ...

    @property
    def minimum(self) -> float | None:
        """The value there."""
        ...

    @property
    def noise(self) -> float:
        """Standard deviation of the noise of the gradient."""
        ...

    def value(self, x: Floats, /) -> Floats:
        """Return f at points of shape ``(dim, ...)``."""
        ...


def grid(x: Range, y: Range, *, columns: int, rows: int) -> Floats:
    """Return the points at the middle of every pixel, of shape (2, rows, columns)."""
    dx, dy = (x[1] - x[0]) / columns, (y[1] - y[0]) / rows
    xs = x[0] + dx * (np.arange(columns) + 0.5)
    ys = y[0] + dy * (np.arange(rows) + 0.5)
    return np.stack(np.meshgrid(xs, ys))


@dataclass(frozen=True, kw_only=True)
class Levels:
    """How values become bands: fixed for a surface, whatever part of it is shown.

    Attributes:
        base: Value of the lowest level.
        floor: Height over the base below which everything is the lowest band.
        top: Height over the base from which everything is the highest band.
    """

    base: float
    floor: float
    top: float

    def position(self, values: Floats) -> Floats:
        """Return the level of values, from 0 to `SURFACE_BANDS`."""
        with np.errstate(invalid="ignore", over="ignore"):
            height = np.maximum(np.nan_to_num(values, nan=np.inf) - self.base, 0.0)
            share = np.log1p(height / self.floor) / np.log1p(self.top / self.floor)
        # What is beyond the highest level keeps rising, so that its edge stays sharp.
        level: Floats = np.minimum(share, 10.0) * SURFACE_BANDS
        return level


def levels_of(
    value: Callable[[Floats], Floats], x: Range, y: Range, *, minimum: float | None
) -> Levels:
    """Return the levels that suit a surface over its domain.

    Args:
        value: The function.
        x: Domain of the first coordinate.
        y: Domain of the second.
        minimum: Its known global minimum.
    """
    with np.errstate(all="ignore"):
        values = value(grid(x, y, columns=_SAMPLES, rows=_SAMPLES))
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Levels(base=0.0, floor=_FLOOR, top=1.0)
    base = float(finite.min()) if minimum is None else minimum
    heights = np.maximum(finite - base, 0.0)
    top = float(heights.max()) or 1.0
    floor = max(float(np.percentile(heights, 2)), top * _FLOOR)
    return Levels(base=base, floor=floor, top=top)


def band_colors(theme: Theme) -> Floats:
    """Return the colour of every band, lowest first, of shape (bands, 3)."""
    stops = np.array(
        [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in theme.surface], dtype=float
    )
    at = np.linspace(0.0, len(stops) - 1.0, SURFACE_BANDS)
    places = np.arange(len(stops))
    return np.stack([np.interp(at, places, stops[:, k]) for k in range(3)], axis=-1)


def paint_bands(values: Floats, levels: Levels, theme: Theme) -> Bytes:
    """Return an RGB image of the bands, with edges that are smooth to the eye.

    Every pixel that an edge crosses mixes the colours of both bands by how much of it
    each covers, to first order of the level.

    Args:
        values: Values at pixels, of shape (rows, columns).
        levels: How they become bands.
        theme: Gives the colours.
    """
    colors = band_colors(theme)
    level = levels.position(values)
    along_y, along_x = np.gradient(level)
    slope = np.maximum(np.hypot(along_x, along_y), 1e-12)
    band = np.clip(np.floor(level).astype(np.int64), 0, SURFACE_BANDS - 1)
    below = np.maximum(np.rint(level) - 1, 0).astype(np.int64)
    below = np.minimum(below, SURFACE_BANDS - 1)
    above = np.minimum(below + 1, SURFACE_BANDS - 1)
    share = np.clip((level - np.rint(level)) / slope + 0.5, 0.0, 1.0)
    near = (np.abs(level - np.rint(level)) < 0.5 * slope) & (np.rint(level) >= 1)
    image = colors[band]
    part = share[near][:, np.newaxis]
    image[near] = colors[below[near]] * (1 - part) + colors[above[near]] * part
    return np.rint(image).astype(np.uint8)
