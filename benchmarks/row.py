"""One figure: what OptLab takes against a stated baseline of the same run."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, TypeAlias

Unit: TypeAlias = Literal["s", "ms", "B", "1/s", "x"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured of one figure, round by round.

    Attributes:
        key: Short name, as it is typed to measure this row alone.
        figure: What is measured, in words.
        baseline: What it is held against, in words; empty where the target is absolute.
        ours: What OptLab takes, by round.
        theirs: What the baseline takes, by round; empty where the target is absolute.
        unit: Of both: seconds, milliseconds, bytes, a rate, a plain number.
        target: Where to stop being ashamed.
        at_least: Whether the target is a lower bound; otherwise it is an upper one.
        note: What else there is to say, in a line.
        also: Further limits that hold for ``ours``, by name: measured and allowed.
    """

    key: str
    figure: str
    baseline: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    unit: Unit = "s"
    target: float
    at_least: bool = False
    note: str = ""
    also: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def values(self) -> list[float]:
        """What is held against the target, by round: ratios, or what was measured."""
        if not self.theirs:
            return list(self.ours)
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]

    @property
    def value(self) -> float:
        """Median over the rounds."""
        return statistics.median(self.values)

    @property
    def shortfall(self) -> float:
        """How many times worse than its target the worst limit is; at most 1 holds."""
        worst = self.target / self.value if self.at_least else self.value / self.target
        return max([worst, *(found / allowed for found, allowed in self.also.values())])

    @property
    def holds(self) -> bool:
        """Whether every limit holds."""
        return self.shortfall <= 1.0

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Self:
        """Return a row from plain data."""
        also = {name: (pair[0], pair[1]) for name, pair in tree["also"].items()}
        return cls(**{**tree, "also": also})
