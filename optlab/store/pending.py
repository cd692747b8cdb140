"""What a writer holds between two commits, in the shape in which it goes to the file.

A full block of rows becomes one chunk for each metric. Until then its rows are put into
the table ``tail``, each once, and taken out again when the block has become chunks.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from optlab.records import Columns, Floats
from optlab.store.encoding import INDEXED, ZLIB, encode, encode_indexed

Piece: TypeAlias = tuple[int, int, int, int, str, bytes]
"""A row of ``chunk`` or ``tail``: trial, metric, first, n, encoding, data."""

BLOCK_ROWS: Final = 4096
"""Rows of a full block: 32 KiB of raw values for each metric."""

ENOUGH_ROWS: Final = 1024
"""Rows that are worth a chunk at a commit, so that fast runs need no tail."""

_ZLIB_PROBE: Final = 4
"""zlib is tried on one block of this many, and on the next where it paid."""


class DenseRows:
    """Rows of one trial that are not yet in chunks.

    Args:
        trial: Number of the trial.
        metrics: Number of each dense metric by name.
        first: Row that comes next.
    """

    def __init__(self, trial: int, metrics: Mapping[str, int], first: int) -> None:
        self.trial = trial
        self.first = first
        self.rows = 0
        self.in_tail = 0
        self._metrics = metrics
        self._names: tuple[str, ...] = ()
        self._buffer = np.empty((0, BLOCK_ROWS))
        self._blocks = 0
        self._packed: set[str] = set()

    @property
    def next_row(self) -> int:
        """Number of the row that comes next."""
        return self.first + self.rows

    def add(self, record: Columns) -> list[Piece]:
        """Take in rows and return the chunks that have become full.

        Raises:
            ValueError: The rows do not follow the last ones, or have other metrics.
        """
        if not self._names:
            self._names = tuple(name for name in record.values if name in self._metrics)
            self._buffer = np.empty((len(self._names), BLOCK_ROWS))
        if record.first != self.next_row or set(record.values) != set(self._names):
            raise ValueError(
                f"trial {self.trial}: row {self.next_row} of {self._names} comes next, "
                f"not row {record.first} of {tuple(record.values)}"
            )
        columns = [record.values[name] for name in self._names]
        total, taken = len(columns[0]) if columns else 0, 0
        pieces: list[Piece] = []
        while taken < total:
            count = min(total - taken, BLOCK_ROWS - self.rows)
            place = slice(self.rows, self.rows + count)
            for row, column in zip(self._buffer, columns, strict=True):
                row[place] = column[taken : taken + count]
            self.rows, taken = self.rows + count, taken + count
            if self.rows == BLOCK_ROWS:
                pieces += self.take_chunks()
        return pieces

    def take_chunks(self) -> list[Piece]:
        """Return all rows as chunks and start a new block."""
        if not self.rows:
            return []
        probe = self._blocks % _ZLIB_PROBE == 0
        pieces: list[Piece] = []
        for name, values in zip(self._names, self._buffer, strict=True):
            compress = probe or name in self._packed
            encoding, data = encode(values[: self.rows], compress=compress)
            if encoding == ZLIB:
                self._packed.add(name)
            else:
                self._packed.discard(name)
            number = self._metrics[name]
            pieces.append((self.trial, number, self.first, self.rows, encoding, data))
        self._blocks += 1
        self.first += self.rows
        self.rows = self.in_tail = 0
        return pieces

    def tail_pieces(self) -> list[Piece]:
        """Return the rows that are not in the tail yet, as rows of the tail."""
        count = self.rows - self.in_tail
        if not count:
            return []
        pieces: list[Piece] = []
        for name, values in zip(self._names, self._buffer, strict=True):
            encoding, data = encode(values[self.in_tail : self.rows])
            first = self.first + self.in_tail
            number = self._metrics[name]
            pieces.append((self.trial, number, first, count, encoding, data))
        return pieces


class SparseValues:
    """Values of one sparse metric of one trial that are not yet in a chunk."""

    def __init__(self, trial: int, metric: int) -> None:
        self.trial = trial
        self.metric = metric
        self.in_tail = 0
        self.steps: list[int] = []
        self.values: list[float] = []

    def add(self, step: int, value: float) -> None:
        """Take in one value."""
        self.steps.append(step)
        self.values.append(value)

    def take_chunks(self) -> list[Piece]:
        """Return all values as one chunk, or nothing, and start anew."""
        pieces = self._piece(0)
        self.steps, self.values, self.in_tail = [], [], 0
        return pieces

    def tail_pieces(self) -> list[Piece]:
        """Return the values that are not in the tail yet, as a row of the tail."""
        return self._piece(self.in_tail)

    def _piece(self, start: int) -> list[Piece]:
        steps: Sequence[int] = self.steps[start:]
        if not steps:
            return []
        values: Floats = np.array(self.values[start:], dtype=np.float64)
        data = encode_indexed(np.array(steps, dtype=np.int64), values)
        return [(self.trial, self.metric, steps[0], len(steps), INDEXED, data)]
