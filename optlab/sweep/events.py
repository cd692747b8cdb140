"""What a study tells of itself as it goes on: a closed set of small frozen events."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from optlab.params import ParamValue


@dataclass(frozen=True, kw_only=True)
class Winner:
    """What one optimizer goes into the comparison with.

    Attributes:
        label: Its label.
        number: Number of the tuning trial that won; None where none lasted, and the
            values are those that were given.
        values: The values that were searched.
        cost: What they cost at the end of the tuning, less is better; infinite where
            none lasted.
    """

    label: str
    number: int | None
    values: tuple[tuple[str, ParamValue], ...]
    cost: float


@dataclass(frozen=True, kw_only=True)
class Working:
    """How far a job and the whole study are.

    Attributes:
        key: The job.
        step: Steps that it has taken.
        steps: Steps that it will take.
        share: Share of the whole study that is done, in [0, 1].
    """

    key: str
    step: int
    steps: int
    share: float


@dataclass(frozen=True, kw_only=True)
class TrialDone:
    """A tuning trial came to a rung.

    Attributes:
        problem: Number of the problem.
        label: The optimizer.
        number: The trial.
        values: The values that it tried.
        rung: The rung, from 0.
        share: Share of all steps that this is.
        cost: What it cost, less is better; infinite where it did not last.
    """

    problem: int
    label: str
    number: int
    values: tuple[tuple[str, ParamValue], ...]
    rung: int
    share: float
    cost: float


@dataclass(frozen=True, kw_only=True)
class RungDone:
    """All trials of one optimizer came to a rung.

    Attributes:
        problem: Number of the problem.
        label: The optimizer.
        rung: The rung, from 0.
        trials: How many came to it.
    """

    problem: int
    label: str
    rung: int
    trials: int


@dataclass(frozen=True, kw_only=True)
class WinnersKnown:
    """The tuning on one problem is done."""

    problem: int
    winners: tuple[Winner, ...]


@dataclass(frozen=True, kw_only=True)
class SeedDone:
    """The winners were compared with one seed."""

    problem: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class ProblemDone:
    """The winners were compared with all seeds, and this is the run file."""

    problem: int
    path: Path


@dataclass(frozen=True, kw_only=True)
class JobFailed:
    """A job could not be done, and why."""

    key: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The study ended.

    Attributes:
        stopped: Whether somebody stopped it, so that it can go on.
        failures: How many jobs could not be done.
    """

    stopped: bool
    failures: int


StudyEvent: TypeAlias = (
    Working
    | TrialDone
    | RungDone
    | WinnersKnown
    | SeedDone
    | ProblemDone
    | JobFailed
    | Ended
)
