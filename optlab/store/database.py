"""The tables of a run file, and the doors to it: one to read, one to write.

``docs/format.md`` describes the format for outsiders.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Final

from optlab.params import InputError
from optlab.translate import tr

APPLICATION_ID: Final = 0x4F70744C
"""``OptL`` in ASCII: what tells a run file from other SQLite databases."""

FORMAT: Final = 1
"""Version of the tables (``PRAGMA user_version``)."""

SCHEMA: Final = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
CREATE TABLE run (
    run INTEGER PRIMARY KEY CHECK (run = 1),
    title TEXT NOT NULL,
    spec TEXT NOT NULL,
    resolved TEXT NOT NULL,
    device TEXT NOT NULL,
    versions TEXT NOT NULL,
    created TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE TABLE trial (
    trial INTEGER PRIMARY KEY,
    entry INTEGER NOT NULL,
    label TEXT NOT NULL,
    optimizer TEXT NOT NULL,
    seed INTEGER NOT NULL,
    batch_size INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    steps_per_epoch INTEGER NOT NULL,
    init_hash TEXT NOT NULL,
    n_parameters INTEGER NOT NULL,
    notes TEXT NOT NULL,
    state TEXT NOT NULL,
    step INTEGER NOT NULL,
    reason TEXT NOT NULL,
    grad_evals INTEGER NOT NULL,
    wall_time_s REAL NOT NULL,
    optimizer_time_s REAL NOT NULL,
    state_floats_per_param REAL,
    batch_hash TEXT NOT NULL
);
CREATE TABLE metric (
    metric INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sparse INTEGER NOT NULL
);
CREATE TABLE event (
    event INTEGER PRIMARY KEY,
    trial INTEGER,
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE checkpoint (
    trial INTEGER PRIMARY KEY,
    step INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE chunk (
    trial INTEGER NOT NULL,
    metric INTEGER NOT NULL,
    first INTEGER NOT NULL,
    n INTEGER NOT NULL,
    encoding TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE UNIQUE INDEX chunk_place ON chunk (trial, metric, first);
CREATE TABLE tail (
    trial INTEGER NOT NULL,
    metric INTEGER NOT NULL,
    first INTEGER NOT NULL,
    n INTEGER NOT NULL,
    encoding TEXT NOT NULL,
    data BLOB NOT NULL
);
CREATE TABLE summary (
    trial INTEGER PRIMARY KEY,
    label TEXT,
    optimizer TEXT,
    seed INTEGER,
    status TEXT,
    steps INTEGER,
    grad_evals INTEGER,
    final_train_loss REAL,
    best_train_loss REAL,
    best_step INTEGER,
    final_val_loss REAL,
    final_val_accuracy REAL,
    wall_time_s REAL,
    optimizer_time_s REAL,
    state_floats_per_param REAL,
    init_hash TEXT,
    batch_hash TEXT
);
"""

_TABLES: Final = frozenset(
    ["run", "trial", "metric", "event", "checkpoint", "chunk", "tail", "summary"]
)

CONTENT_ERRORS: Final = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    RecursionError,
)
"""What reading raises where the content of a file cannot be right."""

_NOT_HERE: Final = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_READONLY_ROLLBACK,
)
"""What SQLite says where it would have to write to read."""

_LONGEST_REASON: Final = 160

_FULL: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""What SQLite says where there is no room: for the file, or for what lies beside it."""


class StoreError(InputError):
    """A run file is damaged, or cannot be written: the disk is full, or fails."""


class DiskFullError(StoreError):
    """There is no room for what is to be written; there may be again."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a run file for reading only, whatever state it was left in.

    The connection lives as long as the block: an open reader would keep the writer
    from turning the file into a plain one. It sees one moment of the file.

    Raises:
        InputError: There is no run file, or it is of another format or damaged;
            also for what goes wrong inside the block.
    """
    _check_is_file(path)
    try:
        with _opened(path) as connection:
            connection.execute("BEGIN")
            _check_format(connection, path)
            yield connection
    except InputError:
        raise
    except sqlite3.Error as error:
        raise _read_error(path, error) from None
    except CONTENT_ERRORS as error:
        # Nothing but the content of the file can make these.
        raise damage_error(path, error) from None


def _check_is_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise InputError(
                str(path), None, tr("a folder; give a run file (*.optlab)")
            )
        if path.stat().st_size == 0:
            text = tr("empty; give a run file (*.optlab)")
            raise InputError(str(path), None, text)
    except FileNotFoundError:
        raise InputError(str(path), None, tr("no such file")) from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise _cannot_read(path, str(getattr(error, "strerror", error))) from None


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        connection = _connect_here(path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in _NOT_HERE:
            raise
    else:
        with closing(connection):
            yield connection
        return
    # SQLite wants to write beside a file in WAL mode, and here it cannot.
    logs = [log for log in _logs(path) if log.exists() and log.stat().st_size > 0]
    if not logs:
        with closing(_connect(path, "mode=ro&immutable=1")) as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory(prefix="optlab-") as folder:
        for source in (path, *logs):
            shutil.copyfile(source, Path(folder) / source.name)
        with closing(_connect(Path(folder) / path.name, "mode=rw")) as connection:
            yield connection


def _connect_here(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path, "mode=ro")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        # The power failed within a change, which only who may write can undo.
        return _connect(path, "mode=rw")


def _logs(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal"))


def _connect(path: Path, query: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}", uri=True, isolation_level=None
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    kind = _pragma(connection, "application_id")
    if kind != APPLICATION_ID:
        text = tr("not a run file of OptLab; give a run file (*.optlab)")
        raise InputError(str(path), None, text)
    version = _pragma(connection, "user_version")
    if not 1 <= version <= FORMAT:
        text = tr(
            "written in format {version}; this OptLab reads up to {known}, "
            "so use a newer one",
            version=version,
            known=FORMAT,
        )
        raise InputError(str(path), None, text)
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    missing = _TABLES - {str(row[0]) for row in found}
    if missing:
        raise ValueError(tr("no table {name}", name=", ".join(sorted(missing))))
    if not connection.execute("SELECT count(*) FROM run").fetchone()[0]:
        raise ValueError(tr("it describes no run"))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _read_error(path: Path, error: sqlite3.Error) -> InputError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        text = tr("not a run file of OptLab; give a run file (*.optlab)")
        return InputError(str(path), None, text)
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PERM):
        return _cannot_read(path, str(error))
    return damage_error(path, error)


def _cannot_read(path: Path, reason: str) -> InputError:
    return InputError(str(path), None, tr("cannot be read: {reason}", reason=reason))


def damage_error(path: Path, error: Exception) -> StoreError:
    """Return the error that says that the content of ``path`` cannot be right."""
    # What is in the file may be quoted in it, and that may be long and anything.
    reason = shorten(repr(str(error))[1:-1], _LONGEST_REASON, placeholder="…")
    text = tr("damaged run file: {reason}", reason=reason)
    return StoreError(str(path), None, text)


def write_error(path: Path, error: sqlite3.Error | OSError) -> StoreError:
    """Return the error that says in words why ``path`` cannot be written."""
    if getattr(error, "sqlite_errorcode", 0) in _FULL:
        text = tr("no space left to write it; free some, what was recorded is safe")
        return DiskFullError(str(path), None, text)
    reason = getattr(error, "strerror", None) or str(error)
    text = tr("cannot be written: {reason}", reason=reason)
    return StoreError(str(path), None, text)
