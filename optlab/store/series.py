"""One metric of one trial: exact values, and what a plot needs of them."""

import math
from threading import Lock
from typing import Final

import numpy as np

from optlab.records import Floats, Ints
from optlab.store.growing import Growing
from optlab.store.pyramid import Pyramid

NOTHING_YET: Final = -1
"""The last step of a series that is empty."""
_AT_ONCE: Final = 1 << 16
"""Values that are looked through in one go, so that they stay in the cache."""
_NOTHING_PAST: Final = 0, np.empty(0, np.int64), np.empty(0)


class Series:
    """Values of one metric of one trial, appended by one thread and read by any.

    A dense series has a value at every step from 0 on, a sparse one at some steps only.
    Arrays that are handed out are read-only and keep their content.
    """

    def __init__(self, metric: str, *, dense: bool = True) -> None:
        self.metric = metric
        self.dense = dense
        self._values: Growing[np.float64] = Growing(np.float64)
        self._steps: Growing[np.int64] = Growing(np.int64)
        self._lock = Lock()
        self._pyramid = Pyramid()
        self._pyramid_lock = Lock()
        self._lowest = 0, -1
        self._view: object = None
        self._past: tuple[int, Ints, Floats] = _NOTHING_PAST

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)

    @property
    def last_step(self) -> int:
        """Step of the last value; `NOTHING_YET` if there is none."""
        steps, values = self._snapshot()
        if not len(values):
            return NOTHING_YET
        return len(values) - 1 if steps is None else int(steps[-1])

    @property
    def last(self) -> float:
        """The last value; NaN if there is none."""
        _, values = self._snapshot()
        return float(values[-1]) if len(values) else math.nan

    @property
    def values(self) -> Floats:
        """All values without a copy; of a dense series, value k is that of step k."""
        return self._snapshot()[1]

    def arrays(self) -> tuple[Ints, Floats]:
        """Return all steps and all values, exactly."""
        steps, values = self._snapshot()
        return np.arange(len(values)) if steps is None else steps, values

    def at(self, step: int) -> float | None:
        """Return the value at ``step``; None where there is none.

        In a sparse series that is the last value measured at or before ``step``.
        """
        steps, values = self._snapshot()
        if steps is None:
            return float(values[step]) if 0 <= step < len(values) else None
        found = int(np.searchsorted(steps, step, side="right"))
        return float(values[found - 1]) if found else None

    def values_at(self, steps: Ints) -> Floats:
        """Return what `at` returns for each of ``steps``; NaN for None."""
        own, values = self._snapshot()
        if not len(values):
            return np.full(len(steps), np.nan)
        if own is None:
            found, known = steps, (steps >= 0) & (steps < len(values))
        else:
            found = np.searchsorted(own, steps, side="right") - 1
            known = found >= 0
        return np.where(known, values[np.where(known, found, 0)], np.nan)

    def lowest(self) -> tuple[int, float] | None:
        """Return step and value of the first lowest finite value; None without one."""
        with self._pyramid_lock:
            steps, values = self._snapshot()
            seen, at = self._lowest
            for first in range(seen, len(values), _AT_ONCE):
                found = first + _lowest(values[first : first + _AT_ONCE])
                if math.isfinite(values[found]):
                    at = found if at < 0 or values[found] < values[at] else at
            self._lowest = len(values), at
        if at < 0:
            return None
        return at if steps is None else int(steps[at]), float(values[at])

    def envelope(self, lo: float, hi: float, columns: int) -> tuple[Floats, Floats]:
        """Return the points that draw the part with ``lo`` ≤ step ≤ ``hi``.

        Where no column holds more than two values these are exactly the values, with
        one neighbour on either side so that a line runs off the edge. Otherwise each
        column gives its smallest and its largest finite value, in order. A column
        with nothing finite, and a single value that is not finite, is a NaN: a gap.

        Args:
            lo: Step at the left edge of the first column.
            hi: Step at the right edge of the last column, which includes it.
            columns: Columns of equal width, usually pixels.
        """
        # Held from the snapshot on, so that `cut` cannot come between the two.
        with self._pyramid_lock:
            steps, values = self._snapshot()
            first, stop = _index_range(steps, len(values), lo, hi)
            if stop <= first or columns < 1:
                return np.empty(0), np.empty(0)
            edges = _column_edges(steps, lo, hi, columns, first=first, stop=stop)
            if np.diff(edges).max() <= 2:
                found = np.arange(max(first - 1, 0), min(stop + 1, len(values)))
                shown = values[found]
            else:
                found, shown = self._extremes(values, edges, (lo, hi, columns))
        where = found if steps is None else steps[found]
        return where.astype(np.float64), np.where(np.isfinite(shown), shown, np.nan)

    def begin(self, values: Floats) -> None:
        """Take over all values so far, which are written to no more (dense series)."""
        with self._lock:
            self._values.adopt(values)

    def prepare(self) -> None:
        """Work out in advance what plots and tables ask first."""
        self.lowest()
        with self._pyramid_lock:
            self._pyramid.update(self._snapshot()[1])

    def append(self, values: Floats) -> None:
        """Append values of the steps that follow the last one (dense series)."""
        with self._lock:
            self._values.extend(values)

    def append_at(self, steps: Ints, values: Floats) -> None:
        """Append values measured at ``steps``, increasing (sparse series)."""
        with self._lock:
            self._steps.extend(steps)
            self._values.extend(values)

    def cut(self, step: int) -> None:
        """Drop every value of ``step`` and of later steps."""
        with self._pyramid_lock, self._lock:
            n = step
            if not self.dense:
                n = int(np.searchsorted(self._steps.view(), step))
                self._steps.cut(n)
            if n < len(self._values):
                self._values.cut(n)
                self._pyramid, self._view, self._lowest = Pyramid(), None, (0, -1)

    def _extremes(
        self, values: Floats, edges: Ints, key: object
    ) -> tuple[Ints, Floats]:
        """Return where the extremes of columns stand, in order, and what they are.

        What is past of a view stays as it is: only columns behind those that were
        looked up for the last frame, and the last of these, are looked up.
        """
        self._pyramid.update(values)
        done, found, shown = self._past if self._view == key else _NOTHING_PAST
        lows, highs = self._pyramid.extremes(values, edges[done:])
        new = _in_order(lows, highs, edges[done:-1])
        found, shown = np.append(found, new), np.append(shown, values[new])
        past = int(np.searchsorted(found, edges[-2]))
        self._view, self._past = key, (len(edges) - 2, found[:past], shown[:past])
        return found, shown

    def _snapshot(self) -> tuple[Ints | None, Floats]:
        with self._lock:
            return None if self.dense else self._steps.view(), self._values.view()


def _index_range(steps: Ints | None, n: int, lo: float, hi: float) -> tuple[int, int]:
    """Return the half-open range of positions whose steps are in ``[lo, hi]``."""
    if not n or not lo <= hi:
        return 0, 0
    if steps is not None:
        first, stop = np.searchsorted(steps, lo), np.searchsorted(steps, hi, "right")
        return int(first), int(stop)
    return math.ceil(min(max(lo, 0), n)), math.floor(min(max(hi, -1), n - 1)) + 1


def _lowest(values: Floats) -> int:
    """Return where the first lowest finite value is, if there is one."""
    found = int(values.argmin())
    if not math.isfinite(values[found]):
        found = int(np.where(np.isfinite(values), values, np.inf).argmin())
    return found


def _column_edges(
    steps: Ints | None, lo: float, hi: float, columns: int, *, first: int, stop: int
) -> Ints:
    """Return the positions that bound the columns that are not empty."""
    low = lo if math.isfinite(lo) else (first if steps is None else float(steps[0]))
    high = hi if math.isfinite(hi) else (stop if steps is None else float(steps[-1]))
    bounds = low + (high - low) / columns * np.arange(1, columns)
    if steps is None:
        inner = np.ceil(np.clip(bounds, first, stop)).astype(np.int64)
    else:
        inner = np.clip(np.searchsorted(steps, bounds), first, stop)
    edges = np.concatenate(([first], inner, [stop]))
    return edges[np.diff(edges, prepend=-1) > 0]


def _in_order(lows: Ints, highs: Ints, starts: Ints) -> Ints:
    """Return positions of both extremes of every column, each once and in order."""
    empty = lows < 0
    pairs = np.column_stack((np.minimum(lows, highs), np.maximum(lows, highs)))
    pairs[empty] = starts[empty, np.newaxis]
    keep = np.ones(pairs.shape, dtype=bool)
    keep[:, 1] = pairs[:, 0] != pairs[:, 1]
    return pairs[keep]
