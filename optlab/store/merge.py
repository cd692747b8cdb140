"""One run file out of several of the same experiment; copies without checkpoints.

Trials do not know of each other, so what they recorded side by side and apart is the
same, bit for bit. Their rows are copied as they are, under new numbers.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import astuple
from itertools import count
from pathlib import Path
from typing import Final

from optlab.records import State
from optlab.store.database import SCHEMA, reading, write_error
from optlab.store.read_file import read_metrics, read_run

_NUMBERED: Final = ("trial", "checkpoint", "chunk", "tail", "summary", "preview")
"""Tables whose first column is the number of a trial."""


def merge_runs(
    parts: Sequence[Path], whole: Path, *, spec_text: str, resolved_text: str
) -> bool:
    """Write one run file that holds the trials of several.

    Args:
        parts: Run files of the same optimizers, with one seed each, in the order of
            the seeds.
        whole: The file to be written; it must not be there.
        spec_text: The experiment with all seeds, as TOML.
        resolved_text: The same with every default written out.

    Returns:
        False, and nothing is written, where the parts were made by different versions
        or devices, which one run file cannot say.

    Raises:
        InputError: A part cannot be read, or the file not be written.
    """
    with ExitStack() as stack:
        sources = [stack.enter_context(reading(path)) for path in parts]
        runs = [read_run(source) for source in sources]
        makers = {(r.device, *sorted(r.versions.items())) for r in runs}
        if len(makers) > 1 or len({read_metrics(s) for s in sources}) > 1:
            return False
        states = {run.state for run in runs}
        state = states.pop() if len(states) == 1 else State.FINISHED
        reason = next((run.reason for run in runs if run.state is state), "")
        first = sources[0].execute("SELECT * FROM run").fetchone()
        created = min(
            s.execute("SELECT created FROM run").fetchone()[0] for s in sources
        )
        row = (
            1,
            first[1],
            spec_text,
            resolved_text,
            *first[4:6],
            created,
            state,
            reason,
        )
        try:
            with closing(sqlite3.connect(whole, isolation_level=None)) as target:
                target.executescript(f"BEGIN; {SCHEMA}")
                _insert(target, "run", [row])
                _insert(target, "metric", map(astuple, read_metrics(sources[0])))
                _create_preview(sources[0], target)
                for place, source in enumerate(sources):
                    _copy(source, target, place=place, places=len(sources))
                target.execute("COMMIT")
        except sqlite3.Error as error:
            whole.unlink(missing_ok=True)
            raise write_error(whole, error) from None
    return True


def _create_preview(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    found = source.execute("SELECT sql FROM sqlite_schema WHERE name = 'preview'")
    for (text,) in found:
        target.execute(text)


def _copy(
    source: sqlite3.Connection, target: sqlite3.Connection, *, place: int, places: int
) -> None:
    """Copy the trials of one part; optimizers come first in the order, then seeds."""
    found = source.execute("SELECT trial, entry FROM trial").fetchall()
    numbers = {trial: entry * places + place for trial, entry in found}
    for table in _NUMBERED:
        rows = source.execute(f"SELECT * FROM {table}")  # noqa: S608
        _insert(target, table, ((numbers[row[0]], *row[1:]) for row in rows))
    events = source.execute("SELECT trial, step, name, text FROM event ORDER BY event")
    there = target.execute("SELECT coalesce(max(event), 0) FROM event").fetchone()[0]
    for event, (trial, *rest) in zip(count(there + 1), events, strict=False):
        _insert(target, "event", [(event, numbers.get(trial), *rest)])


def _insert(
    target: sqlite3.Connection,
    table: str,
    rows: "Iterator[tuple[object, ...]] | Sequence[tuple[object, ...]]",
) -> None:
    for row in rows:
        places = ", ".join("?" * len(row))
        target.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608


def without_checkpoints(source: Path, target: Path) -> bool:
    """Write a copy of a run file that nobody will go on with.

    Args:
        source: The run file.
        target: The copy; it must not be there.

    Returns:
        False, and nothing is written, where there are no checkpoints in it.

    Raises:
        InputError: The file cannot be read, or the copy not be written.
    """
    with reading(source) as connection:
        if not connection.execute("SELECT count(*) FROM checkpoint").fetchone()[0]:
            return False
    try:
        shutil.copyfile(source, target)
        with closing(sqlite3.connect(target, isolation_level=None)) as connection:
            connection.execute("DELETE FROM checkpoint")
            connection.execute("VACUUM")
    except (OSError, sqlite3.Error) as error:
        target.unlink(missing_ok=True)
        raise write_error(target, error) from None
    return True
