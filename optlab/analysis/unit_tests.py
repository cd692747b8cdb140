"""The matrix of unit tests: how each optimizer gets on with one simple piece at a time.

After Schaul, Antonoglou & Silver 2013, "Unit tests for stochastic optimization",
arXiv:1312.6055: to pass them is necessary, not sufficient. The measure of each test is
what plain descent attains at the rate that suits this test best. The optimizers, plain
descent among them, have one rate for all tests, as one has in a net that is made of
such pieces: of the same number of rates, the one that passes most.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

from optlab.analysis.outcomes import Outcome, outcomes
from optlab.store.run_data import RunData
from optlab.translate import tr

REFERENCE: Final = "SGD"
"""Name of plain descent, by which all others are measured."""

_GOOD: Final = 0.9
_STUCK: Final = 0.01


class Grade(StrEnum):
    """How an optimizer got on with one unit test."""

    GOOD = "good"
    SLOW = "slow"
    STUCK = "stuck"
    DIVERGED = "diverged"

    @property
    def word(self) -> str:
        """The grade as people read it."""
        words = {
            Grade.GOOD: tr("good"),
            Grade.SLOW: tr("slow"),
            Grade.STUCK: tr("stuck"),
            Grade.DIVERGED: tr("diverged"),
        }
        return words[self]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One optimizer at one rate on one unit test.

    Attributes:
        test: Name of the unit test.
        optimizer: Name of the optimizer.
        rate: Its learning rate; None where it has none.
        share: What it has gone of the way that plain descent goes at its best rate,
            median over seeds; minus infinity where it did not last.
        grade: What that comes to.
    """

    test: str
    optimizer: str
    rate: float | None
    share: float
    grade: Grade


@dataclass(frozen=True, kw_only=True)
class Row:
    """One optimizer on all unit tests.

    Attributes:
        optimizer: Name of the optimizer.
        rate: The one rate of all its cells; None where it has none.
        cells: Its cells, in the order of the tests.
    """

    optimizer: str
    rate: float | None
    cells: tuple[Cell, ...]

    @property
    def title(self) -> str:
        """The optimizer with its rate: ``Adam (lr 0.1)``."""
        rate = self.rate
        return self.optimizer if rate is None else f"{self.optimizer} (lr {rate:g})"

    @property
    def passed(self) -> int:
        """How many tests it passed with a good grade."""
        return sum(cell.grade is Grade.GOOD for cell in self.cells)


def label(optimizer: str, rate: float | None) -> str:
    """Return the label of an entry in the runs of the unit tests."""
    return optimizer if rate is None else f"{optimizer}@{rate:g}"


def matrix(runs: Sequence[RunData]) -> tuple[Row, ...]:
    """Return the matrix: the optimizers in their order, each at its one rate.

    Args:
        runs: One for each unit test; its optimizers are labelled by `label`.

    Raises:
        ValueError: Plain descent is missing in a run.
    """
    found = [cell for run in runs for cell in cells(run)]
    rows = []
    for optimizer in dict.fromkeys(cell.optimizer for cell in found):
        own = [cell for cell in found if cell.optimizer == optimizer]
        rates = dict.fromkeys(cell.rate for cell in own)
        candidates = [
            Row(
                optimizer=optimizer,
                rate=rate,
                cells=tuple(cell for cell in own if cell.rate == rate),
            )
            for rate in rates
        ]
        rows.append(max(candidates, key=_merit))
    return tuple(rows)


def cells(run: RunData) -> tuple[Cell, ...]:
    """Return every optimizer at every rate on one unit test.

    Raises:
        ValueError: Plain descent is missing.
    """
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes(run, metric="value"):
        groups.setdefault(outcome.label, []).append(outcome)
    measure = [
        median(o.final for o in own)
        for own in groups.values()
        if own[0].optimizer == REFERENCE
    ]
    if not measure:
        raise ValueError(f"no {REFERENCE} in {run.title}")
    return tuple(_cell(run.title, own, min(measure)) for own in groups.values())


def grade(share: float) -> Grade:
    """Return what a share of the way comes to.

    At least nine tenths are good; less than a hundredth either way is no movement.
    """
    if share >= _GOOD:
        return Grade.GOOD
    if share >= _STUCK:
        return Grade.SLOW
    return Grade.STUCK if share > -_STUCK else Grade.DIVERGED


def _merit(row: Row) -> tuple[int, float]:
    """Return what makes a rate the better one: tests passed, then the way gone."""
    return row.passed, sum(min(max(c.share, -1.0), 1.0) for c in row.cells)


def _cell(test: str, own: Iterable[Outcome], end: float) -> Cell:
    trials = list(own)
    optimizer, _, rate = trials[0].label.partition("@")
    share = _share(trials, end)
    return Cell(
        test=test,
        optimizer=optimizer,
        rate=float(rate) if rate else None,
        share=share,
        grade=grade(share),
    )


def _share(own: Sequence[Outcome], end: float) -> float:
    final = median(o.final for o in own)
    starts = [o.start for o in own if o.start is not None]
    if not math.isfinite(final) or not starts:
        return -math.inf
    start = median(starts)
    way = start - end
    if not math.isfinite(way) or way <= 0:
        # Plain descent itself got nowhere: any way down is as good as it gets.
        return 1.0 if final < start else 0.0
    return (start - final) / way
