"""The minima of a surface, local ones included: where a map of basins can end."""

from itertools import combinations
from math import dist
from typing import Any, Final

import numpy as np

from optlab.problems.surface import Surface
from optlab.records import Floats

MOST: Final = 200
# Points to a side at which a surface is looked at.
_GRID: Final = 241
# Of the sides: what a minimum has on all sides of it; two nearer to each other are one.
_AROUND: Final = 1e-3
# Of the diagonal: nearer than this a trial has arrived, as on the card of starts.
_NEAR: Final = 0.02
# Of the distance of the two nearest minima, so that no place is near to both.
_APART: Final = 0.4

Range = tuple[float, float]
Point = tuple[float, ...]


def minima_of(surface: Surface, x: Range, y: Range) -> tuple[Point, ...]:
    """Return the minima of a surface: those it knows, and local ones in a range.

    Local ones are looked for in two dimensions only: from each low point of a raster
    downhill, to a place that is lower than all around it.

    Args:
        surface: The surface.
        x: Lowest and highest first coordinate.
        y: Lowest and highest second coordinate.

    Returns:
        Those that are known, then the others, lowest first; at most `MOST`.
    """
    found = list(surface.minima)
    if surface.dim != 2:
        return tuple(found)
    sides = np.array((x[1] - x[0], y[1] - y[0]))
    with np.errstate(all="ignore"):
        local = [_downhill(surface, low, sides) for low in _low_points(surface, x, y)]
        local = [p for p in local if _inside(p, x, y) and _is_lowest(surface, p, sides)]
        local.sort(key=lambda p: float(surface.value(np.array(p))))
    for point in local:
        gaps = [np.abs(np.subtract(point, other)) / sides for other in found]
        if all((gap > 2 * _AROUND).any() for gap in gaps):
            found.append(point)
    return tuple(found[:MOST])


def nearness(minima: tuple[Point, ...], x: Range, y: Range) -> float:
    """Return how near to a minimum a trial must be to have arrived."""
    usual = _NEAR * dist((x[0], y[0]), (x[1], y[1]))
    gaps = [_APART * dist(a, b) for a, b in combinations(minima, 2)]
    return min([usual, *gaps])


def _low_points(surface: Surface, x: Range, y: Range) -> list[Floats]:
    """Return the points of a raster that none of their eight neighbours lies below."""
    places = np.stack(np.meshgrid(np.linspace(*x, _GRID), np.linspace(*y, _GRID)))
    values = np.nan_to_num(surface.value(places), nan=np.inf)
    framed = np.pad(values, 1, constant_values=np.inf)
    around = [
        framed[1 + i : 1 + i + _GRID, 1 + j : 1 + j + _GRID]
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        if i or j
    ]
    lowest = np.isfinite(values) & (values <= np.min(around, axis=0))
    found = places[:, lowest].T
    # A plain or a trough is low in many places, and has no minimum to be found.
    order = np.argsort(values[lowest], kind="stable")[: 2 * MOST]
    return list(found[order])


def _downhill(surface: Surface, start: Floats, sides: Floats) -> Point:
    """Return the bottom below a point; needs no gradient, so kinks are fine."""
    # Takes a fifth of a second to import, and a window that draws no map needs none.
    from scipy import optimize

    cell = sides / _GRID

    def below(p: Floats) -> float:
        return float(surface.value(start + p * cell))

    options: Any = {"xatol": 1e-9, "fatol": 0.0, "maxfev": 1000}
    found = optimize.minimize(below, np.zeros(2), method="Nelder-Mead", options=options)
    bottom = start + found.x * cell
    return float(bottom[0]), float(bottom[1])


def _inside(point: Point, x: Range, y: Range) -> bool:
    return x[0] <= point[0] <= x[1] and y[0] <= point[1] <= y[1]


def _is_lowest(surface: Surface, point: Point, sides: Floats) -> bool:
    """Return whether a point lies below a small ring around it."""
    turns = 2 * np.pi * np.arange(16) / 16
    ring = np.stack((np.cos(turns), np.sin(turns))) * (_AROUND * sides[:, None])
    around = surface.value(np.array(point)[:, None] + ring)
    return bool((around > float(surface.value(np.array(point)))).all())
