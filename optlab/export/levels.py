"""How values of a surface become bands, in the window and in figures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from optlab.export.palette import SURFACE_BANDS
from optlab.export.ranges import percentiles
from optlab.records import Floats

Range: TypeAlias = tuple[float, float]

_SAMPLES: Final = 160
_FLOOR: Final = 1e-5


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

    def edges(self) -> Floats:
        """Return the values between the bands, lowest first.

        Their distances grow like exp: near the minimum a band is narrow, far away it is
        wide, so that valleys show on a surface that spans many powers of ten.
        """
        share = np.linspace(0.0, 1.0, SURFACE_BANDS + 1)
        rise: Floats = np.expm1(share * np.log1p(self.top / self.floor))
        return self.base + self.floor * rise


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
    floor = max(percentiles(heights, 2).item(), top * _FLOOR)
    return Levels(base=base, floor=floor, top=top)
