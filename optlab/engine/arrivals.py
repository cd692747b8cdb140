"""Who is at which minimum, and since when."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.engine.trial import Floats
from optlab.records import State
from optlab.spec.basin_map import CODES, NOWHERE

_RUNNING: Final = CODES[State.RUNNING]
_FINISHED: Final = CODES[State.FINISHED]

Mask = npt.NDArray[np.bool_]


class Arrivals:
    """Keeps for many trials side by side at which minimum each of them is.

    Args:
        places: Where they start, of shape (dim, count).
        minima: Points that they may end at.
        near: How near is there; no two minima are within twice that.

    Attributes:
        minimum: Which minimum each is at, `NOWHERE` for none.
        since: The step at which it came there, or was lost.
        codes: The state of each.
    """

    def __init__(
        self, places: Floats, minima: Sequence[Sequence[float]], *, near: float
    ) -> None:
        count = places.shape[1]
        self.minimum = np.full(count, NOWHERE, np.int16)
        self.since = np.zeros(count, np.int32)
        self.codes = np.full(count, _RUNNING, np.uint8)
        self._minima, self._square = minima, near * near
        self.look(places, 0)

    @property
    def running(self) -> Mask:
        """Which trials go on."""
        going: Mask = self.codes == _RUNNING
        return going

    @property
    def lost(self) -> Mask:
        """Which trials diverged or failed."""
        lost: Mask = (self.codes != _RUNNING) & (self.codes != _FINISHED)
        return lost

    def look(self, places: Floats, step: int) -> None:
        """Note where all trials that go on are after a step."""
        at = np.full_like(self.minimum, NOWHERE)
        with np.errstate(all="ignore"):
            for number, minimum in enumerate(self._minima):
                offsets = places - np.array(minimum)[:, None]
                offsets *= offsets
                at[offsets.sum(axis=0) <= self._square] = number
        moved = at != self.minimum
        moved &= self.running
        self.minimum[moved] = at[moved]
        self.since[moved] = step

    def lose(self, lanes: Mask | int, step: int, state: State) -> None:
        """Note that trials ended early: they are nowhere."""
        self.minimum[lanes] = NOWHERE
        self.since[lanes] = step
        self.codes[lanes] = CODES[state]

    def finish(self) -> None:
        """Note that all others have come to their end."""
        self.codes[self.running] = _FINISHED
