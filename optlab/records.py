"""What an engine says about a run: a closed union of frozen records.

The stream begins with one `RunStart` (what will come: trials and columns), carries
values, events and checkpoints, closes each trial with one `TrialStop` and ends with
exactly one `RunStop`, whatever happened. Row k of a trial speaks of its k-th update,
row 0 of the starting point. Knows nothing of torch or Qt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from optlab.spec import ExperimentSpec

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]


class State(StrEnum):
    """State of a trial or of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self not in (State.QUEUED, State.RUNNING, State.PAUSED)


@dataclass(frozen=True, kw_only=True)
class TrialStart:
    """One trial as it is about to start.

    Attributes:
        trial: Number from 0.
        entry: Index of its optimizer in the spec.
        label: Label of its optimizer; trials of other seeds share it.
        optimizer: Name in the catalog.
        seed: Its seed.
        batch_size: Samples in a batch; 0 where there are no batches.
        steps: Steps that it will take if nothing happens.
        steps_per_epoch: Steps in one pass over the data; 0 where there is no data.
        init_hash: Hash of its initial weights, hexadecimal.
        n_parameters: Numbers that it trains.
        notes: What was done for it in plain sentences (Muon's split, say).
    """

    trial: int
    entry: int
    label: str
    optimizer: str
    seed: int
    batch_size: int
    steps: int
    steps_per_epoch: int
    init_hash: str
    n_parameters: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunStart:
    """What will come.

    Attributes:
        spec: The experiment as it was given.
        trials: One for each trial, in order of their numbers.
        metrics: Names of the columns, in the order of the CSV.
        sparse: Those of ``metrics`` that have values at some steps only.
        device: Where it runs, in words: ``cpu``, ``cuda:0 (…)``.
        versions: Names and versions of what took part.
        resumed: Whether this goes on with a run that was recorded before.
    """

    spec: ExperimentSpec
    trials: tuple[TrialStart, ...]
    metrics: tuple[str, ...]
    sparse: tuple[str, ...]
    device: str
    versions: Mapping[str, str]
    resumed: bool = False


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Values of consecutive rows of one trial.

    Attributes:
        trial: Its number.
        first: Row of the first value.
        values: One float64 array for each dense metric; all of one length.
    """

    trial: int
    first: int
    values: Mapping[str, Floats]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Values that were measured after one step of one trial (``val_loss``, say)."""

    trial: int
    step: int
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: a person's request, a change of state.

    Attributes:
        trial: The trial concerned; None for the whole run.
        step: Step at which it took effect.
        name: ``pause``, ``resume``, ``step``, ``stop``, ``stop-trial``, ``lr``; and
            ``steps`` where a run is given another number of steps (of the whole run),
            or a trial starts again with that number.
        text: More in words.
    """

    trial: int | None
    step: int
    name: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class TrialMemory:
    """What the optimizer of one trial holds; comes again whenever that has changed.

    Attributes:
        trial: Its number.
        state_floats_per_param: Floats of optimizer state per parameter.
    """

    trial: int
    state_floats_per_param: float


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Everything that one trial needs to go on, bitwise, after ``step``."""

    trial: int
    step: int
    data: bytes


@dataclass(frozen=True, kw_only=True)
class TrialStop:
    """How one trial ended; comes once for each trial.

    Attributes:
        trial: Its number.
        state: `State.FINISHED`, STOPPED, DIVERGED or FAILED.
        step: Last step that was recorded.
        reason: Why, in one sentence, where it did not finish.
        grad_evals: Gradient evaluations in all.
        wall_time_s: Its own seconds in steps.
        optimizer_time_s: The part of these spent in the optimizer.
        state_floats_per_param: Floats of optimizer state per parameter.
        batch_hash: Rolling hash of all batch indices, hexadecimal.
    """

    trial: int
    state: State
    step: int
    reason: str = ""
    grad_evals: int
    wall_time_s: float
    optimizer_time_s: float
    state_floats_per_param: float
    batch_hash: str


@dataclass(frozen=True, kw_only=True)
class RunStop:
    """How the run ended; always the last record.

    Attributes:
        state: `State.FINISHED` if every trial ran as far as it could, STOPPED, FAILED.
        reason: Why, where it did not finish.
    """

    state: State
    reason: str = ""


Record: TypeAlias = (
    RunStart
    | Columns
    | Evaluation
    | Event
    | TrialMemory
    | Checkpoint
    | TrialStop
    | RunStop
)
