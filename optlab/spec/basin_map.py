"""A map of basins as data: where trials start, and what becomes of them.

A map is made of many trials of each optimizer of an experiment, one from each cell of
a grid over the first two coordinates of its surface.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from optlab.params import Kind, ParamSpec
from optlab.records import Floats, State

NOWHERE: Final = -1
"""Stands for no minimum."""
STATES: Final = (
    State.QUEUED,
    State.RUNNING,
    State.FINISHED,
    State.STOPPED,
    State.DIVERGED,
    State.FAILED,
)
"""States of a trial, by the number that stands for each in a map."""
CODES: Final = {state: number for number, state in enumerate(STATES)}

MOST_CELLS: Final = 1_000_000
GRID: Final = ParamSpec(
    name="grid",
    label="Starts to a side",
    kind=Kind.INT,
    default=100,
    low=2,
    high=1000,
    meaning="Starts along each side of the map: 100 makes 10,000 of each optimizer.",
)
STEPS: Final = ParamSpec(
    name="steps",
    label="Steps",
    kind=Kind.INT,
    default=300,
    low=1,
    high=1_000_000,
    meaning="Steps from each start.",
)

Minima: TypeAlias = npt.NDArray[np.int16]
Steps: TypeAlias = npt.NDArray[np.int32]
Codes: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class MapPlan:
    """What a map of basins is to show.

    Attributes:
        x: Lowest and highest first coordinate.
        y: Lowest and highest second coordinate.
        columns: Starts along the first coordinate.
        rows: Starts along the second coordinate.
        steps: Steps of each trial.
        near: A trial is at a minimum where it is no farther from it than this.
        minima: Points that a trial may end at, no two of them within twice ``near``.
        rest: The coordinates of all starts from the third on.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    columns: int
    rows: int
    steps: int
    near: float
    minima: tuple[tuple[float, ...], ...]
    rest: tuple[float, ...] = ()

    @property
    def count(self) -> int:
        """How many starts there are."""
        return self.columns * self.rows

    def starts(self) -> Floats:
        """Return all starts, of shape (dim, count): centres of cells, row by row."""
        across = (np.arange(self.columns) + 0.5) / self.columns
        up = (np.arange(self.rows) + 0.5) / self.rows
        found = np.empty((2 + len(self.rest), self.count))
        found[0] = np.tile(self.x[0] + (self.x[1] - self.x[0]) * across, self.rows)
        found[1] = np.repeat(self.y[0] + (self.y[1] - self.y[0]) * up, self.columns)
        found[2:] = np.array(self.rest).reshape(-1, 1)
        return found

    def cell_at(self, x: float, y: float) -> int | None:
        """Return the start whose cell holds a point; None outside of the map."""
        column = (x - self.x[0]) / (self.x[1] - self.x[0]) * self.columns
        row = (y - self.y[0]) / (self.y[1] - self.y[0]) * self.rows
        if not (0 <= column < self.columns and 0 <= row < self.rows):
            return None
        return int(row) * self.columns + int(column)


@dataclass(frozen=True, kw_only=True, eq=False)
class MapPart:
    """How far some neighbouring trials of one optimizer are.

    Attributes:
        entry: Index of the optimizer in the experiment.
        first: Number of the first of these starts.
        step: How many steps were taken.
        minimum: The minimum that each is at, `NOWHERE` for none.
        since: The step at which each came there for good, as far as is known yet; for
            one that diverged or failed, the step at which it did.
        codes: The state of each, see `STATES`.
        alone: Whether these trials were taken one by one.
    """

    entry: int
    first: int
    step: int
    minimum: Minima
    since: Steps
    codes: Codes
    alone: bool
