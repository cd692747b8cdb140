"""What trials on a surface went through in one slice, kept to be evaluated later."""

from collections.abc import Mapping
from dataclasses import dataclass

from optlab.engine.trial import Floats


@dataclass
class SurfaceSlice:
    """Copies of what a slice of rows went through, to be evaluated afterwards.

    Row j of ``positions`` is the position before the j-th of the slice's steps, and
    its last row the position after the last one. ``shown`` holds, for trials that are
    evaluated elsewhere than where they train, the places of evaluation after each step.
    """

    first: int
    positions: Floats
    shown: Mapping[int, Floats]
    gradients: Floats
    rates: Floats
    evals: Floats
    wall: Floats
    optimizer: Floats

    def cut(self, rows: int) -> "SurfaceSlice":
        """Return its first rows."""
        return SurfaceSlice(
            first=self.first,
            positions=self.positions[: rows + 1],
            shown={lane: places[:rows] for lane, places in self.shown.items()},
            gradients=self.gradients[:rows],
            rates=self.rates[:rows],
            evals=self.evals[:rows],
            wall=self.wall[:rows],
            optimizer=self.optimizer[:rows],
        )

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.rates)
