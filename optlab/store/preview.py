"""A thinned copy of a run as ordinary rows, for anybody with an SQL prompt."""

import math
import sqlite3
from collections.abc import Sequence
from typing import Final

from optlab.records import Columns, Evaluation, RunStart

ROWS: Final = 500
"""Most rows of each trial, and as many again at the steps of evaluations, roughly."""

_ENOUGH: Final = 100
_SHARE: Final = 8
"""Beyond enough rows one of so many is taken: a row takes more than its values do."""


class Preview:
    """Picks the rows of table ``preview`` and keeps them until the next commit."""

    def __init__(self, start: RunStart) -> None:
        every = start.spec.training.eval_every
        self._names = {name: _quoted(name) for name in start.metrics}
        self._stride = {t.trial: _stride(t.steps) for t in start.trials}
        self._evaluations = {
            t.trial: math.ceil(t.steps / every / ROWS) or 1 for t in start.trials
        }
        self._count = dict.fromkeys(self._stride, 0)
        self._latest: dict[int, Columns] = {}
        self._wanted: dict[int, set[int]] = {t: set() for t in self._stride}
        self._rows: dict[tuple[int, int], dict[str, float]] = {}

    def create(self, connection: sqlite3.Connection) -> None:
        """Create the table if it is not there."""
        columns = "".join(f", {name} REAL" for name in self._names.values())
        connection.execute(
            "CREATE TABLE IF NOT EXISTS preview "
            f"(trial INTEGER, step INTEGER{columns}, PRIMARY KEY (trial, step))"
        )

    def columns(self, record: Columns) -> None:
        """Take in rows."""
        rows = min((len(values) for values in record.values.values()), default=0)
        if not rows:
            return
        trial, stop = record.trial, record.first + rows
        self._latest[trial] = record
        stride = self._stride[trial]
        for step in range(-(-record.first // stride) * stride, stop, stride):
            self._add(record, step)
        wanted = self._wanted[trial]
        for step in [step for step in wanted if step < stop]:
            wanted.discard(step)
            self._add(record, step)

    def evaluation(self, record: Evaluation) -> None:
        """Take in values that were measured at one step."""
        trial, step = record.trial, record.step
        self._count[trial] += 1
        if (self._count[trial] - 1) % self._evaluations[trial]:
            return
        row = self._rows.setdefault((trial, step), {})
        row.update({name: float(value) for name, value in record.values.items()})
        latest = self._latest.get(trial)
        if latest is None or not self._add(latest, step):
            self._wanted[trial].add(step)

    def last_row(self, trial: int) -> None:
        """Take in the last row of a trial that has ended."""
        latest = self._latest.get(trial)
        if latest is not None:
            self._add(
                latest, latest.first + len(next(iter(latest.values.values()))) - 1
            )

    def write(self, connection: sqlite3.Connection) -> None:
        """Write the rows that were taken in, inside the caller's transaction."""
        for (trial, step), values in self._rows.items():
            names = [self._names[name] for name in values if name in self._names]
            connection.execute(
                _upsert(names), (trial, step, *map(_number, values.values()))
            )

    def written(self) -> None:
        """Forget what `write` wrote, now that it is committed."""
        self._rows = {}

    def _add(self, record: Columns, step: int) -> bool:
        row = self._rows.setdefault((record.trial, step), {})
        at = step - record.first
        found = {n: float(v[at]) for n, v in record.values.items() if 0 <= at < len(v)}
        row.update(found)
        return bool(found)


def _stride(steps: int) -> int:
    return max(1, -(-steps // ROWS), min(_SHARE, -(-steps // _ENOUGH)))


def _upsert(names: Sequence[str]) -> str:
    places = ", ".join("?" * (len(names) + 2))
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    return (
        f"INSERT INTO preview ({', '.join(('trial', 'step', *names))}) "  # noqa: S608
        f"VALUES ({places}) ON CONFLICT (trial, step) DO UPDATE SET {updates}"
    )


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def cut(connection: sqlite3.Connection, trial: int, step: int) -> None:
    """Drop the rows of ``step`` and of later steps."""
    connection.execute(
        "DELETE FROM preview WHERE trial = ? AND step >= ?", (trial, step)
    )
