"""A min/max pyramid: the extremes of any stretch of a long series in a millisecond.

Level 0 knows for every 64 values where the smallest and the largest finite one stand,
each further level for 8 blocks of the one below. Positions are kept and not values:
that is exact in float64, where a float32 copy would turn 1e-50 into 0 and 1e300 into
inf, and it takes less room (1.8 % of the data).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.records import Floats, Ints
from optlab.store.growing import Growing

Positions = npt.NDArray[np.int32]

BLOCK: Final = 64
FACTOR: Final = 8
_AT_ONCE: Final = 1 << 14
"""Blocks that are reduced in one go, to bound the memory of temporaries."""


class Pyramid:
    """Positions of extremes in a series that grows; -1 where nothing is finite.

    Not locked: one thread at a time.
    """

    def __init__(self) -> None:
        self._lows: list[Growing[np.int32]] = []
        self._highs: list[Growing[np.int32]] = []

    def update(self, values: Floats) -> None:
        """Take in what was appended to ``values`` since the last call."""
        blocks = len(values) // BLOCK
        level = 0
        while blocks:
            if level == len(self._lows):
                self._lows.append(Growing(np.int32))
                self._highs.append(Growing(np.int32))
            done = len(self._lows[level])
            for start in range(done, blocks, _AT_ONCE):
                self._reduce(level, values, start, min(start + _AT_ONCE, blocks))
            blocks, level = blocks // FACTOR, level + 1

    def _reduce(self, level: int, values: Floats, start: int, stop: int) -> None:
        if level == 0:
            span = values[start * BLOCK : stop * BLOCK]
            lows, highs = _block_extremes(span.reshape(-1, BLOCK), start * BLOCK)
        else:
            children = slice(start * FACTOR, stop * FACTOR)
            lows = _best_child(values, self._lows[level - 1].view()[children], 1.0)
            highs = _best_child(values, self._highs[level - 1].view()[children], -1.0)
        self._lows[level].extend(lows)
        self._highs[level].extend(highs)

    def extremes(self, values: Floats, edges: Ints) -> tuple[Ints, Ints]:
        """Return where the smallest and the largest value of every stretch stand.

        Args:
            values: The series, as it was at the last `update`.
            edges: Increasing positions; stretch j is ``edges[j]`` up to, and without,
                ``edges[j + 1]``, and holds at least one value.

        Returns:
            Two arrays of positions; -1 where a stretch has no finite value.
        """
        positions, stretches = _covering(edges, [level.view() for level in self._lows])
        lows = _first_best(values, positions, stretches, len(edges) - 1, 1.0)
        positions, stretches = _covering(edges, [level.view() for level in self._highs])
        highs = _first_best(values, positions, stretches, len(edges) - 1, -1.0)
        return lows, highs


def _block_extremes(blocks: Floats, offset: int) -> tuple[Positions, Positions]:
    starts = offset + BLOCK * np.arange(len(blocks))
    finite = np.isfinite(blocks)
    if finite.all():
        low, high = starts + blocks.argmin(axis=1), starts + blocks.argmax(axis=1)
    else:
        some = finite.any(axis=1)
        lowest = np.where(finite, blocks, np.inf).argmin(axis=1)
        highest = np.where(finite, blocks, -np.inf).argmax(axis=1)
        low = np.where(some, starts + lowest, -1)
        high = np.where(some, starts + highest, -1)
    return low.astype(np.int32), high.astype(np.int32)


def _best_child(values: Floats, children: Positions, sign: float) -> Positions:
    found = np.where(children < 0, np.inf, sign * values[children])
    best = found.reshape(-1, FACTOR).argmin(axis=1)
    rows = children.reshape(-1, FACTOR)
    chosen: Positions = rows[np.arange(len(rows)), best]
    return chosen


def _covering(edges: Ints, levels: list[Positions]) -> tuple[Ints, Ints]:
    """Return positions among which the extremes of every stretch are.

    Whole blocks are taken from the highest level on which they are whole, what is left
    at both ends from the levels below.

    Returns:
        Positions, and the stretch that each belongs to, in order of stretches.
    """
    start, stop = edges[:-1], edges[1:]
    stretch = np.arange(len(start))
    positions: list[Ints] = []
    owners: list[Ints] = []
    below: Positions | None = None
    for level, size in zip(levels, (BLOCK, *[FACTOR] * len(levels)), strict=False):
        first, last = -(-start // size), np.minimum(stop // size, len(level))
        inner = first < last
        head_stop = np.where(inner, first * size, stop)
        tail_start = np.where(inner, last * size, stop)
        for a, b in ((start, head_stop), (tail_start, stop)):
            found, which = _ranges(a, b)
            positions.append(found if below is None else below[found].astype(np.int64))
            owners.append(stretch[which])
        start, stop, stretch = first[inner], last[inner], stretch[inner]
        below = level
    found, which = _ranges(start, stop)
    positions.append(found if below is None else below[found].astype(np.int64))
    owners.append(stretch[which])
    owner = np.concatenate(owners)
    # Radix sort, ten times faster than the general one, is there for 16 bits only.
    small = owner.astype(np.uint16) if len(edges) <= 1 << 16 else owner
    order = np.argsort(small, kind="stable")
    return np.concatenate(positions)[order], owner[order]


def _ranges(starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of all half-open ranges, and the range of each."""
    lengths = stops - starts
    which = np.repeat(np.arange(len(starts)), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(len(which)) + (starts - before)[which], which


def _first_best(
    values: Floats, positions: Ints, stretches: Ints, count: int, sign: float
) -> Ints:
    found = sign * values[positions]
    found = np.where((positions >= 0) & np.isfinite(found), found, np.inf)
    starts = np.searchsorted(stretches, np.arange(count))
    best = np.minimum.reduceat(found, starts)
    hit = found == best[stretches]
    first = np.minimum.reduceat(
        np.where(hit, positions, np.iinfo(np.int64).max), starts
    )
    return np.where(np.isfinite(best), first, -1)
