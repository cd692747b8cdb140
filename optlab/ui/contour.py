"""Filled contour bands by logarithmic level, painted by NumPy into one image."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from optlab.export.levels import Levels
from optlab.export.palette import SURFACE_BANDS
from optlab.records import Floats
from optlab.ui.theme import Theme

Bytes = npt.NDArray[np.uint8]


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
    def starts(self) -> str:
        """Where the seeds start: ``fixed``, or each at a point of its own."""
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
    edge = np.rint(level)
    # Most pixels lie within a band: only the others are mixed, as floats.
    band = np.clip(level, 0, SURFACE_BANDS - 1).astype(np.intp)
    image: Bytes = np.rint(colors).astype(np.uint8)[band]
    near = (np.abs(level - edge) < 0.5 * slope) & (edge >= 1)
    below = np.minimum(edge[near].astype(np.intp) - 1, SURFACE_BANDS - 1)
    above = np.minimum(below + 1, SURFACE_BANDS - 1)
    part = ((level - edge)[near] / slope[near] + 0.5)[:, np.newaxis]
    mixed = colors[below] * (1 - part) + colors[above] * part
    image[near] = np.rint(mixed).astype(np.uint8)
    return image
