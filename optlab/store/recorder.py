"""What is not yet in the run file, and how it is written there.

A `Recorder` takes records and, inside a transaction of its caller, writes what is new.
It forgets what it wrote only when it is told that the transaction was committed.
"""

import json
import sqlite3
from dataclasses import astuple
from typing import Final

from optlab.records import (
    Checkpoint,
    Columns,
    Evaluation,
    Event,
    Record,
    RunStart,
    TrialStart,
    TrialStop,
)
from optlab.store import preview
from optlab.store.cut_file import cut_dense, cut_sparse, dense_rows, sparse_end
from optlab.store.pending import ENOUGH_ROWS, DenseRows, Piece, SparseValues
from optlab.store.preview import Preview
from optlab.store.read_file import (
    STATUS_COLUMNS,
    TRIAL_COLUMNS,
    MetricRow,
    read_metrics,
    read_series,
    read_statuses,
    read_trials,
)
from optlab.store.series import NOTHING_YET, Series
from optlab.store.status import SUMMARY_COLUMNS, Statuses, TrialStatus, summary_row


class Recorder:
    """Everything of a run that a writer holds between two commits."""

    def __init__(self) -> None:
        self._statuses = Statuses()
        self._written: dict[int, TrialStatus] = {}
        self._start: RunStart | None = None
        self._trials: dict[int, TrialStart] = {}
        self._metrics: dict[str, MetricRow] = {}
        self._dense: dict[int, DenseRows] = {}
        self._sparse: dict[tuple[int, int], SparseValues] = {}
        self._sparse_end: dict[tuple[int, int], int] = {}
        self._preview: Preview | None = None
        self._chunks: list[Piece] = []
        self._dense_done: set[int] = set()
        self._sparse_done: set[tuple[int, int]] = set()
        self._events: list[Event] = []
        self._checkpoints: dict[int, Checkpoint] = {}
        self._summaries: set[int] = set()

    def take(self, record: Record) -> None:
        """Take in one record.

        Raises:
            ValueError: It does not follow those before it.
        """
        match record:
            case RunStart():
                self._begin(record)
            case Columns():
                pieces = self._rows_of(record.trial).add(record)
                self._keep(pieces, record.trial)
                self._previewed().columns(record)
            case Evaluation():
                self._evaluate(record)
            case Event():
                self._events.append(record)
            case Checkpoint():
                self._checkpoints[record.trial] = record
            case TrialStop():
                self._summaries.add(record.trial)
                self._previewed().last_row(record.trial)
        self._statuses.apply(record)

    def repeats(self, record: Record) -> bool:
        """Return whether a record begins before the end of what is there."""
        if isinstance(record, Columns):
            return record.first < self._rows_of(record.trial).next_row
        if isinstance(record, Evaluation):
            self._rows_of(record.trial)
            ends = (
                self._sparse_end.get((record.trial, self._metrics[name].number), -1)
                for name in record.values
            )
            return record.step <= max(ends, default=-1)
        return False

    def cut_for(self, record: Record, connection: sqlite3.Connection) -> None:
        """Drop from the file what ``record`` repeats; nothing may be pending."""
        if isinstance(record, Columns):
            self._cut(connection, record.trial, record.first)
        elif isinstance(record, Evaluation):
            for name in record.values:
                key = (record.trial, self._metrics[name].number)
                self._cut_sparse(connection, key, record.step)

    def take_over(self, connection: sqlite3.Connection) -> None:
        """Go on with the run in the file.

        Every trial that had not ended is cut back to its newest checkpoint, or to
        nothing where it has none.
        """
        self._statuses = read_statuses(connection)
        self._trials = {start.trial: start for start in read_trials(connection)}
        self._metrics = {metric.name: metric for metric in read_metrics(connection)}
        dense = self._dense_numbers()
        for trial in self._trials:
            rows = dense_rows(connection, trial, dense.values())
            self._dense[trial] = DenseRows(trial, dense, rows)
            for number in self._sparse_numbers():
                end = sparse_end(connection, trial, number)
                self._sparse_end[trial, number] = end
        found = connection.execute("SELECT trial, step FROM checkpoint").fetchall()
        saved = dict(found)
        for trial, status in self._statuses.trials.items():
            step = status.step if status.state.ended else saved.get(trial, NOTHING_YET)
            self._cut(connection, trial, step + 1)
            if not status.state.ended:
                self._statuses.trials[trial] = self._status_at(connection, trial, step)
        self._write_statuses(connection)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write everything that is new."""
        if self._start is not None:
            _write_start(connection, self._start, self._metrics)
            self._previewed().create(connection)
        connection.execute(
            "UPDATE run SET state = ?, reason = ?",
            (self._statuses.state, self._statuses.reason),
        )
        self._write_values(connection)
        if self._preview is not None:
            self._preview.write(connection)
        connection.executemany(
            "INSERT INTO event (trial, step, name, text) VALUES (?, ?, ?, ?)",
            [(e.trial, e.step, e.name, e.text) for e in self._events],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)",
            [(c.trial, c.step, c.data) for c in self._checkpoints.values()],
        )
        self._write_statuses(connection)
        for trial in sorted(self._summaries):
            self._summarise(connection, trial)

    def written(self) -> None:
        """Forget what `write` wrote, now that it is committed."""
        self._start = None
        self._written = dict(self._statuses.trials)
        self._chunks, self._events = [], []
        self._dense_done, self._sparse_done = set(), set()
        self._checkpoints, self._summaries = {}, set()
        for rows in self._dense.values():
            rows.in_tail = rows.rows
        for values in self._sparse.values():
            values.in_tail = len(values.steps)
        if self._preview is not None:
            self._preview.written()

    def complete(self) -> None:
        """Make chunks of everything and summaries of all trials at the next write."""
        for trial, rows in self._dense.items():
            self._keep(rows.take_chunks(), trial)
        for key, values in self._sparse.items():
            self._keep_sparse(values.take_chunks(), key)
        self._summaries = set(self._trials)

    def _begin(self, record: RunStart) -> None:
        if self._metrics and tuple(self._metrics) != record.metrics:
            raise ValueError(f"other metrics than before: {record.metrics}")
        self._start = record
        self._metrics = {
            name: MetricRow(number=number, name=name, sparse=name in record.sparse)
            for number, name in enumerate(record.metrics)
        }
        self._trials = {start.trial: start for start in record.trials}
        dense = self._dense_numbers()
        for trial in self._trials:
            self._dense.setdefault(trial, DenseRows(trial, dense, 0))
        self._preview = Preview(record)

    def _evaluate(self, record: Evaluation) -> None:
        self._rows_of(record.trial)
        for name, value in record.values.items():
            key = (record.trial, self._metrics[name].number)
            if key not in self._sparse:
                self._sparse[key] = SparseValues(*key)
            self._sparse[key].add(record.step, value)
            self._sparse_end[key] = record.step
        self._previewed().evaluation(record)

    def _write_statuses(self, connection: sqlite3.Connection) -> None:
        changed = [
            (*astuple(status), trial)
            for trial, status in self._statuses.trials.items()
            if self._written.get(trial) != status
        ]
        places = ", ".join(f"{name} = ?" for name in STATUS_COLUMNS)
        connection.executemany(
            f"UPDATE trial SET {places} WHERE trial = ?",  # noqa: S608
            changed,
        )

    def _write_values(self, connection: sqlite3.Connection) -> None:
        for trial, rows in self._dense.items():
            if rows.rows >= ENOUGH_ROWS:
                self._keep(rows.take_chunks(), trial)
        for key, values in self._sparse.items():
            if len(values.steps) >= ENOUGH_ROWS:
                self._keep_sparse(values.take_chunks(), key)
        connection.executemany(
            "DELETE FROM tail WHERE trial = ? AND encoding <> 'indexed'",
            [(trial,) for trial in self._dense_done],
        )
        connection.executemany(
            "DELETE FROM tail WHERE trial = ? AND metric = ?", self._sparse_done
        )
        connection.executemany(_INSERT_CHUNK, self._chunks)
        for rows in self._dense.values():
            connection.executemany(_INSERT_TAIL, rows.tail_pieces())
        for values in self._sparse.values():
            connection.executemany(_INSERT_TAIL, values.tail_pieces())

    def _summarise(self, connection: sqlite3.Connection, trial: int) -> None:
        def series(name: str) -> Series:
            if name not in self._metrics:
                return Series(name)
            return read_series(connection, trial, metric=self._metrics[name])

        row = summary_row(self._trials[trial], self._statuses.trials[trial], series)
        places = ", ".join("?" * len(SUMMARY_COLUMNS))
        connection.execute(
            f"INSERT OR REPLACE INTO summary VALUES ({places})",  # noqa: S608
            astuple(row),
        )

    def _cut(self, connection: sqlite3.Connection, trial: int, step: int) -> None:
        numbers = self._dense_numbers()
        for number in numbers.values():
            cut_dense(connection, trial, metric=number, step=step)
        for number in self._sparse_numbers():
            self._cut_sparse(connection, (trial, number), step)
        keep = min(step, self._dense[trial].next_row)
        self._dense[trial] = DenseRows(trial, numbers, keep)
        preview.cut(connection, trial, step)
        connection.execute(
            "DELETE FROM checkpoint WHERE trial = ? AND step >= ?", (trial, step)
        )
        connection.execute("DELETE FROM summary WHERE trial = ?", (trial,))

    def _cut_sparse(
        self, connection: sqlite3.Connection, key: tuple[int, int], step: int
    ) -> None:
        cut_sparse(connection, key[0], metric=key[1], step=step)
        self._sparse.pop(key, None)
        self._sparse_end[key] = sparse_end(connection, *key)

    def _status_at(
        self, connection: sqlite3.Connection, trial: int, step: int
    ) -> TrialStatus:
        status = self._statuses.trials[trial]
        if step < 0:
            return TrialStatus(state=status.state)

        def value(name: str) -> float:
            metric = self._metrics.get(name)
            if metric is None:
                return 0.0
            return read_series(connection, trial, metric=metric).at(step) or 0.0

        return TrialStatus(
            state=status.state,
            step=step,
            grad_evals=int(value("grad_evals")),
            wall_time_s=value("wall_time_s"),
            optimizer_time_s=value("optimizer_time_s"),
            state_floats_per_param=status.state_floats_per_param,
        )

    def _keep(self, pieces: list[Piece], trial: int) -> None:
        if pieces:
            self._chunks += pieces
            self._dense_done.add(trial)

    def _keep_sparse(self, pieces: list[Piece], key: tuple[int, int]) -> None:
        if pieces:
            self._chunks += pieces
            self._sparse_done.add(key)

    def _rows_of(self, trial: int) -> DenseRows:
        if trial not in self._dense:
            raise ValueError(f"trial {trial} was not announced")
        return self._dense[trial]

    def _previewed(self) -> Preview:
        if self._preview is None:
            raise ValueError("a run begins with RunStart")
        return self._preview

    def _dense_numbers(self) -> dict[str, int]:
        return {m.name: m.number for m in self._metrics.values() if not m.sparse}

    def _sparse_numbers(self) -> list[int]:
        return [m.number for m in self._metrics.values() if m.sparse]


_INSERT_CHUNK: Final = "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_TAIL: Final = "INSERT INTO tail VALUES (?, ?, ?, ?, ?, ?)"


def _write_start(
    connection: sqlite3.Connection, start: RunStart, metrics: dict[str, MetricRow]
) -> None:
    connection.execute(
        "UPDATE run SET title = ?, device = ?, versions = ?",
        (start.spec.title, start.device, json.dumps(dict(start.versions))),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO metric VALUES (?, ?, ?)",
        [(m.number, m.name, m.sparse) for m in metrics.values()],
    )
    fresh = TrialStatus()
    names = (*TRIAL_COLUMNS, *STATUS_COLUMNS)
    places = ", ".join("?" * len(names))
    updates = ", ".join(f"{name} = excluded.{name}" for name in TRIAL_COLUMNS[1:])
    connection.executemany(
        f"INSERT INTO trial ({', '.join(names)}) VALUES ({places}) "  # noqa: S608
        f"ON CONFLICT (trial) DO UPDATE SET {updates}",
        [(*_trial_cells(trial), *astuple(fresh)) for trial in start.trials],
    )


def _trial_cells(start: TrialStart) -> tuple[object, ...]:
    cells = {name: getattr(start, name) for name in TRIAL_COLUMNS}
    return tuple({**cells, "notes": json.dumps(start.notes)}.values())
