"""How a map of basins is painted, one way for window and figures; needs no matplotlib.

The hue of a cell is the minimum that was reached from there, its depth the steps that
it took: the more, the farther from the ground. Hues are those of the curves but grey,
which is kept for what reached nothing, and that has a pattern besides, so that colour
never speaks alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import dist
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from optlab.export.palette import HUES, HUES_ON_DARK, MUTED, PAPER
from optlab.records import Floats, State
from optlab.spec.basin_map import CODES, NOWHERE, Codes
from optlab.store.basin_map import BasinMap

Pixels: TypeAlias = npt.NDArray[np.uint8]
Mask: TypeAlias = npt.NDArray[np.bool_]
By: TypeAlias = Literal["minimum", "steps"]
WAYS: Final[tuple[By, ...]] = ("minimum", "steps")

_GREY: Final = 6
# Of the full hue, where no step was needed.
_PALEST: Final = 0.28
# Pixels to a side of a map, roughly: patterns need some within each cell.
_SIDE: Final = 480
# Neighbours of a minimum that must not have its hue, where there are more than hues.
_NEIGHBOURS: Final = 6


@dataclass(frozen=True)
class Inks:
    """What a map is painted with.

    Attributes:
        ground: Behind everything.
        muted: Patterns of what reached nothing.
        hues: Hues of the minima.
        ramp: From no step to the most, where steps alone are shown.
    """

    ground: str
    muted: str
    hues: tuple[str, ...]
    ramp: tuple[str, ...]


def _without_grey(hues: Sequence[str]) -> tuple[str, ...]:
    return tuple(hue for i, hue in enumerate(hues) if i != _GREY)


ON_PAPER: Final = Inks(
    PAPER, MUTED, _without_grey(HUES), ("#fdf3d8", "#8fc3b5", "#2d7f9d", "#123a66")
)
ON_DARK: Final = Inks(
    "#1c1f25",
    "#98a1b0",
    _without_grey(HUES_ON_DARK),
    ("#2a3350", "#2f6f8f", "#6fc0a8", "#fbe9a8"),
)


def inks_for(*, dark: bool) -> Inks:
    """Return what a map is painted with on paper, or on a dark ground."""
    return ON_DARK if dark else ON_PAPER


def hue_numbers(minima: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """Return which hue each minimum has; no near neighbours share one."""
    hues = len(ON_PAPER.hues)
    if len(minima) <= hues:
        return tuple(range(len(minima)))
    chosen: list[int] = []
    for number, point in enumerate(minima):
        near = sorted(range(number), key=lambda i: dist(point, minima[i]))
        taken = [chosen[i] for i in near[:_NEIGHBOURS]]
        chosen.append(
            min(range(hues), key=lambda hue: (hue in taken, chosen.count(hue)))
        )
    return tuple(chosen)


def depth_of(steps: npt.ArrayLike, most: int) -> Floats:
    """Return how deep a number of steps is painted, from 0 to 1: by its logarithm."""
    found: Floats = np.log1p(np.asarray(steps, np.float64)) / np.log1p(max(most, 1))
    return found.clip(0.0, 1.0)


def painted(
    found: BasinMap, entry: int, *, by: By, inks: Inks, side: int = _SIDE
) -> Pixels:
    """Return the picture of one optimizer as RGB, the lowest row first.

    Args:
        found: The map.
        entry: Index of the optimizer.
        by: What it is coloured by.
        inks: The colours.
        side: Pixels to a side, roughly: cells are whole numbers of them.
    """
    plan = found.plan
    shape = plan.rows, plan.columns
    minimum = found.minimum[entry].reshape(shape)
    codes = found.codes[entry].reshape(shape)
    depth = depth_of(found.since[entry].reshape(shape), plan.steps)
    reached = minimum != NOWHERE
    if by == "minimum":
        numbers = np.array((*hue_numbers(plan.minima), 0))
        hues = _rgb(inks.hues)[numbers[minimum]]
        share = (_PALEST + (1 - _PALEST) * depth)[..., None]
        cells = _rgb([inks.ground])[0] * (1 - share) + hues * share
    else:
        cells = ramp_colors(depth, inks)
    cells = np.where(reached[..., None], cells, _rgb([inks.ground])[0])
    lost = (codes == CODES[State.DIVERGED]) | (codes == CODES[State.FAILED])
    nowhere = ~(reached | lost | _untouched(codes))
    return _patterned(cells, lost, nowhere, inks=inks, side=side)


def swatch(kind: str, *, inks: Inks, size: int) -> Pixels:
    """Return the pattern of ``lost`` or of ``nowhere`` for a legend, framed."""
    cells = np.broadcast_to(_rgb([inks.ground])[0], (1, 1, 3))
    yes, no = np.ones((1, 1), np.bool_), np.zeros((1, 1), np.bool_)
    lost = kind == "lost"
    picture = _patterned(
        cells, yes if lost else no, no if lost else yes, inks=inks, side=size
    )
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        edge[:] = _rgb([inks.muted])[0]
    return picture


def hue_of(minimum: int, minima: Sequence[Sequence[float]], inks: Inks) -> str:
    """Return the full hue of a minimum."""
    return inks.hues[hue_numbers(minima)[minimum]]


def ramp_colors(depth: Floats, inks: Inks) -> Floats:
    """Return the colours of depths from 0 to 1, where steps alone are shown."""
    stops = np.linspace(0.0, 1.0, len(inks.ramp))
    colors = _rgb(inks.ramp)
    channels = [np.interp(depth, stops, colors[:, i]) for i in range(3)]
    return np.stack(channels, axis=-1)


def shade_colors(depth: Floats, inks: Inks) -> Floats:
    """Return the greys of depths from 0 to 1, as every hue is deepened."""
    share = (_PALEST + (1 - _PALEST) * depth)[..., None]
    greys: Floats = _rgb([inks.ground])[0] * (1 - share) + _rgb([inks.muted])[0] * share
    return greys


def _untouched(codes: Codes) -> Mask:
    """Return where no step was taken yet, or never will be."""
    untouched: Mask = codes == CODES[State.QUEUED]
    return untouched


def _patterned(
    cells: Floats,
    lost: Mask,
    nowhere: Mask,
    *,
    inks: Inks,
    side: int = _SIDE,
) -> Pixels:
    """Enlarge cells to pixels, and hatch what diverged, dot what arrived nowhere."""
    times = max(1, round(side / max(cells.shape[:2])))
    picture = cells.repeat(times, axis=0).repeat(times, axis=1)
    up = np.arange(picture.shape[0])[:, None]
    along = np.arange(picture.shape[1])[None]
    ink = _rgb([inks.muted])[0]
    hatch = (up + along) % 8 < 3
    dots = (up % 8 < 2) & ((along + 4 * (up // 8 % 2)) % 8 < 2)
    for pattern, where, strength in ((hatch, lost, 0.75), (dots, nowhere, 0.75)):
        if where.any():
            marked = pattern & where.repeat(times, axis=0).repeat(times, axis=1)
            picture[marked] = picture[marked] * (1 - strength) + ink * strength
    return np.rint(picture).astype(np.uint8)


def _rgb(colors: Sequence[str]) -> Floats:
    """Return ``#rrggbb`` colours as rows of numbers from 0 to 255."""
    return np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colors], float)
