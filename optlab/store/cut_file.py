"""Cuts series in a run file back to a step, inside the caller's transaction."""

import sqlite3
from collections.abc import Iterable
from typing import Final

import numpy as np

from optlab.store.encoding import INDEXED, decode, encode, encode_indexed
from optlab.store.read_file import read_sparse

_INSERT: Final = "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?)"


def dense_rows(
    connection: sqlite3.Connection, trial: int, metrics: Iterable[int]
) -> int:
    """Return how many rows of the dense ``metrics`` are in the file."""
    return max((_end(connection, trial, metric) for metric in metrics), default=0)


def sparse_end(connection: sqlite3.Connection, trial: int, metric: int) -> int:
    """Return the last step of a sparse metric; -1 if there is none."""
    steps, _ = read_sparse(connection, trial, metric)
    return int(steps[-1]) if len(steps) else -1


def cut_dense(
    connection: sqlite3.Connection, trial: int, *, metric: int, step: int
) -> None:
    """Drop every value of ``step`` and of later steps; the tail becomes a chunk."""
    boundary = connection.execute(
        "SELECT max(first) FROM chunk WHERE trial = ? AND metric = ? AND first < ?",
        (trial, metric, step),
    ).fetchone()[0]
    boundary = boundary or 0
    pieces = connection.execute(
        "SELECT first, n, encoding, data FROM chunk "
        "WHERE trial = ? AND metric = ? AND first = ? UNION ALL "
        "SELECT first, n, encoding, data FROM tail "
        "WHERE trial = ? AND metric = ? AND first < ? ORDER BY first",
        (trial, metric, boundary, trial, metric, step),
    ).fetchall()
    kept = [
        decode(encoding, n, data)[: step - first] for first, n, encoding, data in pieces
    ]
    connection.execute(
        "DELETE FROM chunk WHERE trial = ? AND metric = ? AND first >= ?",
        (trial, metric, boundary),
    )
    _drop_tail(connection, trial, metric)
    values = np.concatenate(kept, dtype=np.float64) if kept else np.empty(0)
    if len(values):
        encoding, data = encode(values)
        row = (trial, metric, boundary, len(values), encoding, data)
        connection.execute(_INSERT, row)


def cut_sparse(
    connection: sqlite3.Connection, trial: int, *, metric: int, step: int
) -> None:
    """Drop every value of ``step`` and of later steps; the rest becomes one chunk."""
    steps, values = read_sparse(connection, trial, metric)
    connection.execute(
        "DELETE FROM chunk WHERE trial = ? AND metric = ?", (trial, metric)
    )
    _drop_tail(connection, trial, metric)
    n = int(np.searchsorted(steps, step))
    if n:
        data = encode_indexed(steps[:n], values[:n])
        row = (trial, metric, int(steps[0]), n, INDEXED, data)
        connection.execute(_INSERT, row)


def _drop_tail(connection: sqlite3.Connection, trial: int, metric: int) -> None:
    connection.execute(
        "DELETE FROM tail WHERE trial = ? AND metric = ?", (trial, metric)
    )


def _end(connection: sqlite3.Connection, trial: int, metric: int) -> int:
    found = connection.execute(
        "SELECT max(first + n) FROM (SELECT first, n FROM chunk "
        "WHERE trial = ? AND metric = ? UNION ALL "
        "SELECT first, n FROM tail WHERE trial = ? AND metric = ?)",
        (trial, metric, trial, metric),
    ).fetchone()[0]
    return int(found or 0)
