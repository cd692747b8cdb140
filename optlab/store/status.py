"""Where a run and its trials stand, made from the records alone.

Used both by the views' side and by the writer of the run file, so that a live run and
its file say the same.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from optlab.records import (
    Checkpoint,
    Columns,
    Evaluation,
    Event,
    Record,
    RunStart,
    RunStop,
    State,
    TrialMemory,
    TrialStart,
    TrialStop,
)
from optlab.store.series import NOTHING_YET, Series


@dataclass(frozen=True, kw_only=True)
class TrialStatus:
    """Where one trial stands.

    Attributes:
        state: Its state.
        step: Last step that is recorded; -1 before the starting point is.
        reason: Why it did not finish; empty otherwise.
        grad_evals: Gradient evaluations so far.
        wall_time_s: Its own seconds in steps so far.
        optimizer_time_s: The part of these spent in the optimizer.
        state_floats_per_param: Floats of optimizer state per parameter; None until the
            first steps are taken.
        batch_hash: Rolling hash of its batches; empty until it has ended.
    """

    state: State = State.QUEUED
    step: int = NOTHING_YET
    reason: str = ""
    grad_evals: int = 0
    wall_time_s: float = 0.0
    optimizer_time_s: float = 0.0
    state_floats_per_param: float | None = None
    batch_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """One row of ``summary.csv``; None where nothing was measured.

    Attributes:
        trial: Number of the trial.
        label: Label of its optimizer.
        optimizer: Name of its optimizer.
        seed: Its seed.
        status: Its state.
        steps: Steps that are recorded.
        grad_evals: Gradient evaluations.
        final_train_loss: Mean of the training loss over the last tenth of the steps.
        best_train_loss: Lowest finite training loss.
        best_step: Step of that loss.
        final_val_loss: Last validation loss.
        final_val_accuracy: Last validation accuracy.
        wall_time_s: Its own seconds in steps.
        optimizer_time_s: The part of these spent in the optimizer.
        state_floats_per_param: Floats of optimizer state per parameter.
        init_hash: Hash of the initial weights.
        batch_hash: Rolling hash of the batches; empty until it has ended.
    """

    trial: int
    label: str
    optimizer: str
    seed: int
    status: State
    steps: int
    grad_evals: int
    final_train_loss: float | None
    best_train_loss: float | None
    best_step: int | None
    final_val_loss: float | None
    final_val_accuracy: float | None
    wall_time_s: float
    optimizer_time_s: float
    state_floats_per_param: float | None
    init_hash: str
    batch_hash: str


SUMMARY_COLUMNS: Final = tuple(field.name for field in fields(SummaryRow))


def summary_row(
    start: TrialStart, status: TrialStatus, series: Callable[[str], Series]
) -> SummaryRow:
    """Return the summary of one trial.

    Args:
        start: The trial.
        status: Where it stands.
        series: Returns its series of a metric.
    """
    loss = series("train_loss")
    best = loss.lowest()
    return SummaryRow(
        trial=start.trial,
        label=start.label,
        optimizer=start.optimizer,
        seed=start.seed,
        status=status.state,
        steps=max(status.step, 0),
        grad_evals=status.grad_evals,
        final_train_loss=_final_mean(loss),
        best_train_loss=None if best is None else best[1],
        best_step=None if best is None else best[0],
        final_val_loss=_last(series("val_loss")),
        final_val_accuracy=_last(series("val_accuracy")),
        wall_time_s=status.wall_time_s,
        optimizer_time_s=status.optimizer_time_s,
        state_floats_per_param=status.state_floats_per_param,
        init_hash=start.init_hash,
        batch_hash=status.batch_hash,
    )


class Statuses:
    """States of a run and of its trials, kept up to date record by record."""

    def __init__(self) -> None:
        self.state = State.QUEUED
        self.reason = ""
        self.trials: dict[int, TrialStatus] = {}

    def apply(self, record: Record) -> None:
        """Take in one record."""
        match record:
            case RunStart():
                self._start(record)
            case Columns():
                self._columns(record)
            case Event(name="pause" | "step", trial=None):
                self._move(State.RUNNING, State.PAUSED)
            case Event(name="resume", trial=None):
                self._move(State.PAUSED, State.RUNNING)
            case TrialMemory():
                self.trials[record.trial] = replace(
                    self.trials[record.trial],
                    state_floats_per_param=record.state_floats_per_param,
                )
            case TrialStop():
                self.trials[record.trial] = TrialStatus(
                    state=record.state,
                    step=record.step,
                    reason=record.reason,
                    grad_evals=record.grad_evals,
                    wall_time_s=record.wall_time_s,
                    optimizer_time_s=record.optimizer_time_s,
                    state_floats_per_param=record.state_floats_per_param,
                    batch_hash=record.batch_hash,
                )
            case RunStop():
                self.end(record.state, record.reason)
            case Event() | Evaluation() | Checkpoint():
                pass

    def end(self, state: State, reason: str) -> None:
        """End the run, and with it every trial that has not ended."""
        self.state, self.reason = state, reason
        left = State.FAILED if state is State.FAILED else State.STOPPED
        for trial, status in self.trials.items():
            if not status.state.ended:
                self.trials[trial] = replace(status, state=left, reason=reason)

    def _start(self, record: RunStart) -> None:
        self.state, self.reason = State.RUNNING, ""
        fresh = TrialStatus()
        for start in record.trials:
            known = self.trials.get(start.trial, fresh)
            if not (record.resumed and known.state.ended):
                known = replace(known, state=State.QUEUED, reason="")
            self.trials[start.trial] = known if record.resumed else fresh

    def _columns(self, record: Columns) -> None:
        rows = max((len(v) for v in record.values.values()), default=0)
        if not rows:
            return
        known = self.trials[record.trial]
        paused = known.state is State.PAUSED
        self.trials[record.trial] = TrialStatus(
            state=State.PAUSED if paused else State.RUNNING,
            step=record.first + rows - 1,
            grad_evals=int(_newest(record, "grad_evals", known.grad_evals)),
            wall_time_s=_newest(record, "wall_time_s", known.wall_time_s),
            optimizer_time_s=_newest(
                record, "optimizer_time_s", known.optimizer_time_s
            ),
            state_floats_per_param=known.state_floats_per_param,
        )

    def _move(self, before: State, after: State) -> None:
        if not self.state.ended:
            self.state = after
        for trial, status in self.trials.items():
            if status.state in (before, State.QUEUED):
                self.trials[trial] = replace(status, state=after)


def _newest(record: Columns, metric: str, known: float) -> float:
    values = record.values.get(metric)
    if values is None or not len(values) or not math.isfinite(values[-1]):
        return known
    return float(values[-1])


def _final_mean(loss: Series) -> float | None:
    """Return the mean over the last tenth of the steps, at least one of them.

    It is not finite where one of these losses is not: a trial that diverged keeps its
    place and does not look better than it was.
    """
    steps = len(loss) - 1
    if steps < 1:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return float(loss.values[-math.ceil(steps / 10) :].mean())


def _last(series: Series) -> float | None:
    return series.last if len(series) else None
