"""What the tables of a run file say, as the classes of `records` and of this room.

All functions belong inside `database.reading`, which turns what they raise into one
clear error.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

import numpy as np

from optlab.records import Event, Floats, Ints, State, TrialStart
from optlab.store.encoding import INDEXED, decode, decode_indexed
from optlab.store.series import Series
from optlab.store.status import Statuses, TrialStatus

TRIAL_COLUMNS: Final = (
    "trial",
    "entry",
    "label",
    "optimizer",
    "seed",
    "batch_size",
    "steps",
    "steps_per_epoch",
    "init_hash",
    "n_parameters",
    "notes",
)
STATUS_COLUMNS: Final = (
    "state",
    "step",
    "reason",
    "grad_evals",
    "wall_time_s",
    "optimizer_time_s",
    "state_floats_per_param",
    "batch_hash",
)


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """The one row of table ``run``."""

    title: str
    spec: str
    resolved: str
    device: str
    versions: dict[str, str]
    state: State
    reason: str


@dataclass(frozen=True, kw_only=True)
class MetricRow:
    """One row of table ``metric``."""

    number: int
    name: str
    sparse: bool


def read_run(connection: sqlite3.Connection) -> RunRow:
    """Return what the file says of the whole run."""
    row = connection.execute(
        "SELECT title, spec, resolved, device, versions, state, reason FROM run"
    ).fetchone()
    versions = json.loads(row[4])
    return RunRow(
        title=str(row[0]),
        spec=str(row[1]),
        resolved=str(row[2]),
        device=str(row[3]),
        versions={str(name): str(version) for name, version in dict(versions).items()},
        state=State(row[5]),
        reason=str(row[6]),
    )


def read_trials(connection: sqlite3.Connection) -> tuple[TrialStart, ...]:
    """Return the trials as they started, in order of their numbers."""
    query = f"SELECT {', '.join(TRIAL_COLUMNS)} FROM trial ORDER BY trial"  # noqa: S608
    return tuple(
        TrialStart(
            trial=int(row[0]),
            entry=int(row[1]),
            label=str(row[2]),
            optimizer=str(row[3]),
            seed=int(row[4]),
            batch_size=int(row[5]),
            steps=int(row[6]),
            steps_per_epoch=int(row[7]),
            init_hash=str(row[8]),
            n_parameters=int(row[9]),
            notes=tuple(str(note) for note in json.loads(row[10])),
        )
        for row in connection.execute(query)
    )


def read_statuses(connection: sqlite3.Connection) -> Statuses:
    """Return where run and trials stood at the last commit."""
    run = read_run(connection)
    statuses = Statuses()
    statuses.state, statuses.reason = run.state, run.reason
    query = f"SELECT trial, {', '.join(STATUS_COLUMNS)} FROM trial"  # noqa: S608
    for row in connection.execute(query):
        statuses.trials[int(row[0])] = TrialStatus(
            state=State(row[1]),
            step=int(row[2]),
            reason=str(row[3]),
            grad_evals=int(row[4]),
            wall_time_s=float(row[5]),
            optimizer_time_s=float(row[6]),
            state_floats_per_param=None if row[7] is None else float(row[7]),
            batch_hash=str(row[8]),
        )
    return statuses


def read_metrics(connection: sqlite3.Connection) -> tuple[MetricRow, ...]:
    """Return the metrics in the order of the CSV."""
    query = "SELECT metric, name, sparse FROM metric ORDER BY metric"
    return tuple(
        MetricRow(number=int(row[0]), name=str(row[1]), sparse=bool(row[2]))
        for row in connection.execute(query)
    )


def read_events(connection: sqlite3.Connection) -> tuple[Event, ...]:
    """Return the events in the order in which they happened."""
    query = "SELECT trial, step, name, text FROM event ORDER BY event"
    return tuple(
        Event(
            trial=None if row[0] is None else int(row[0]),
            step=int(row[1]),
            name=str(row[2]),
            text=str(row[3]),
        )
        for row in connection.execute(query)
    )


def read_series(
    connection: sqlite3.Connection,
    trial: int,
    *,
    metric: MetricRow,
    last_step: int | None = None,
) -> Series:
    """Return one metric of one trial.

    Args:
        connection: The run file.
        trial: Number of the trial.
        metric: The metric.
        last_step: Last step that is wanted; None for all.
    """
    series = Series(metric.name, dense=not metric.sparse)
    if metric.sparse:
        steps, values = read_sparse(connection, trial, metric.number)
        series.append_at(steps, values)
    else:
        series.begin(read_dense(connection, trial, metric.number))
    if last_step is not None:
        series.cut(last_step + 1)
    return series


def read_dense(connection: sqlite3.Connection, trial: int, metric: int) -> Floats:
    """Return all values of a dense metric."""
    blocks = []
    expected = 0
    for first, n, encoding, data in _pieces(connection, trial, metric):
        if first != expected:
            raise ValueError(f"values of step {expected} are missing")
        blocks.append(decode(encoding, n, data))
        expected += n
    # Made float64 only here, so that each value is written to new memory once: that
    # costs more than reading the file.
    return np.concatenate(blocks, dtype=np.float64) if blocks else np.empty(0)


def read_sparse(
    connection: sqlite3.Connection, trial: int, metric: int
) -> tuple[Ints, Floats]:
    """Return all steps and values of a sparse metric."""
    blocks = []
    for _, n, encoding, data in _pieces(connection, trial, metric):
        if encoding != INDEXED:
            raise ValueError(f"a sparse metric in encoding {encoding!r}")
        blocks.append(decode_indexed(n, data))
    if not blocks:
        return np.empty(0, dtype=np.int64), np.empty(0)
    steps = np.concatenate([block[0] for block in blocks])
    if (np.diff(steps) <= 0).any():
        raise ValueError("steps of a sparse metric do not increase")
    return steps, np.concatenate([block[1] for block in blocks])


def _pieces(connection: sqlite3.Connection, trial: int, metric: int) -> sqlite3.Cursor:
    return connection.execute(
        "SELECT first, n, encoding, data FROM chunk WHERE trial = ? AND metric = ? "
        "UNION ALL "
        "SELECT first, n, encoding, data FROM tail WHERE trial = ? AND metric = ? "
        "ORDER BY first",
        (trial, metric, trial, metric),
    )
