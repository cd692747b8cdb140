"""The one writer of a run file, and what is needed to go on with a run.

Between two commits everything is held in memory; a commit is one SQLite transaction
in WAL mode, so that whatever kills the program leaves the state of some commit.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from threading import Event as Signal
from threading import RLock, Thread
from time import monotonic
from types import TracebackType
from typing import Final, Self

from optlab.params import InputError
from optlab.records import Columns, Evaluation, Record, State
from optlab.store.database import (
    CONTENT_ERRORS,
    SCHEMA,
    StoreError,
    damage_error,
    reading,
    write_error,
)
from optlab.store.lock import WriterLock, is_on_network
from optlab.store.read_file import read_run, read_statuses
from optlab.store.recorder import Recorder
from optlab.translate import tr

COMMIT_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 2.0
"""How long the last commit waits for readers that have the file open."""


@dataclass(frozen=True, kw_only=True)
class ResumeTrial:
    """Where one trial of a run file can go on.

    Attributes:
        trial: Its number.
        state: The state that was recorded last; not ended if its program was killed.
        step: Step after which it goes on: that of the checkpoint; without one the
            last recorded step if it has ended, otherwise 0, for it starts again.
        checkpoint: What `records.Checkpoint.data` held; None if there is none.
    """

    trial: int
    state: State
    step: int
    checkpoint: bytes | None


@dataclass(frozen=True, kw_only=True)
class ResumePoint:
    """Where a run can go on.

    Attributes:
        spec_text: The experiment as it was given, as TOML.
        resolved_text: The experiment with every default written out, as TOML.
        state: State of the run.
        trials: One for each trial; none if the run never started.
    """

    spec_text: str
    resolved_text: str
    state: State
    trials: tuple[ResumeTrial, ...]


def read_resume(path: Path) -> ResumePoint:
    """Return where the run in a file can go on.

    Raises:
        InputError: There is no run file, or it is of another format or damaged.
    """
    with reading(path) as connection:
        run, statuses = read_run(connection), read_statuses(connection)
        rows = connection.execute("SELECT trial, step, data FROM checkpoint")
        # A number in its place would become that many zeros by ``bytes``.
        saved = {int(t): (int(step), bytes(memoryview(data))) for t, step, data in rows}
    trials = []
    for trial, status in sorted(statuses.trials.items()):
        start = max(status.step, 0) if status.state.ended else 0
        step, data = saved.get(trial, (start, None))
        trials.append(
            ResumeTrial(trial=trial, state=status.state, step=step, checkpoint=data)
        )
    return ResumePoint(
        spec_text=run.spec,
        resolved_text=run.resolved,
        state=run.state,
        trials=tuple(trials),
    )


class RunWriter:
    """Writes the records of one run to a file that is valid at every moment.

    A thread of its own commits what `append` took in, so that nothing is older than
    ``interval`` even while the engine is silent. `close` ends it.

    Args:
        path: The file; with ``resume`` one that is there, otherwise a new one.
        spec_text: The experiment as it was given, as TOML; with ``resume`` it replaces
            the one in the file unless it is empty.
        resolved_text: The experiment with every default written out, as TOML.
        resume: Whether to go on with a recorded run: every trial that had not ended is
            cut back to its newest checkpoint.
        interval: Seconds between two commits; 0 commits every record by itself.
        clock: Tells the seconds.

    Raises:
        InputError: The file is there already, or (with ``resume``) is no run file or is
            being written by another program; the folder is missing.
        StoreError: The file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        spec_text: str,
        *,
        resolved_text: str,
        resume: bool = False,
        interval: float = COMMIT_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.path = path
        self._interval, self._clock = interval, clock
        self._recorder = Recorder()
        self._dirty = False
        self._reported = False
        self._failure: StoreError | None = None
        self._lock = RLock()
        self._closing = Signal()
        if resume:
            with reading(path):
                pass
        else:
            _check_is_free(path)
        self._writer_lock = WriterLock(path)
        try:
            if not resume:
                _create(path, spec_text, resolved_text)
            self._connection = _connect(path)
            if resume:
                self._resume(spec_text, resolved_text)
        except BaseException:
            self._writer_lock.release()
            raise
        self._committed = clock()
        self._thread: Thread | None = None
        if interval > 0:
            self._thread = Thread(
                target=self._commit_regularly, name="run-file", daemon=True
            )
            self._thread.start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def append(self, record: Record) -> None:
        """Take in one record; rows and evaluations are committed within the interval.

        All others are committed at once. Rows that are there already are replaced.

        Raises:
            DiskFullError: The record is taken in, but there is no room to commit it;
                `flush` tries it again.
            StoreError: The file cannot be written; nothing that was committed is lost.
            ValueError: The record does not follow those before it.
        """
        with self._lock, self._reporting():
            if self._recorder.repeats(record):
                self._flush()
                self._transaction(lambda c: self._recorder.cut_for(record, c))
            self._recorder.take(record)
            self._dirty = True
            self._raise_failure()
            if not isinstance(record, Columns | Evaluation) or self._is_due():
                self._flush()

    def tick(self) -> None:
        """Commit if it is time to; cheap otherwise.

        Raises:
            StoreError: The file cannot be written.
        """
        with self._lock, self._reporting():
            self._raise_failure()
            if self._is_due():
                self._flush()

    def flush(self) -> None:
        """Commit everything now.

        Raises:
            StoreError: The file cannot be written; it is tried again the next time.
        """
        with self._lock, self._reporting():
            self._flush()

    def close(self) -> None:
        """Commit what is left and turn the file into a plain one; call it always.

        Raises:
            StoreError: The file could not be written, and that was not said before.
        """
        with self._lock:
            if self._closing.is_set():
                return
            self._closing.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self._recorder.complete()
            self._transaction(self._recorder.write)
            self._recorder.written()
            _make_plain(self._connection)
        except StoreError:
            if not self._reported:
                raise
        finally:
            self._connection.close()
            self._writer_lock.release()

    def _is_due(self) -> bool:
        return self._dirty and self._clock() - self._committed >= self._interval

    def _flush(self) -> None:
        if self._dirty:
            self._transaction(self._recorder.write)
            self._recorder.written()
            self._dirty = self._reported = False
            self._failure = None

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Remember that the caller was told, so that `close` need not say it again."""
        try:
            yield
        except StoreError:
            self._reported = True
            raise

    def _commit_regularly(self) -> None:
        while not self._closing.wait(self._interval):
            with self._lock:
                try:
                    self._flush()
                except StoreError as error:
                    # Kept for the thread that appends, which can end the run.
                    self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _transaction(self, write: Callable[[sqlite3.Connection], None]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            write(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise write_error(self.path, error) from None
        except CONTENT_ERRORS as error:
            # What was recorded is checked before; this was read from the file.
            raise damage_error(self.path, error) from None
        finally:
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
        self._committed = self._clock()

    def _resume(self, spec_text: str, resolved_text: str) -> None:
        def take_over(connection: sqlite3.Connection) -> None:
            if spec_text:
                connection.execute(
                    "UPDATE run SET spec = ?, resolved = ?", (spec_text, resolved_text)
                )
            self._recorder.take_over(connection)

        try:
            self._transaction(take_over)
        except InputError:
            self._connection.close()
            raise


def _make_plain(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(_PATIENCE_SECONDS * 1000)}")
    # Where another program keeps the file open this is refused; the file is then
    # as valid as before, in WAL mode, and the last one to close it tidies up.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def end_run(path: Path, reason: str) -> None:
    """Write down that a run failed whose writer died; what was committed stays.

    What its trials saved is good, so they count as stopped and can go on. A run that
    has ended is left as it is.

    Args:
        path: The run file.
        reason: Why it failed, in one sentence.

    Raises:
        InputError: It is no run file, or another program is writing to it.
        StoreError: It cannot be written.
    """
    with reading(path):
        pass
    lock = WriterLock(path)
    live = (State.QUEUED, State.RUNNING, State.PAUSED)
    try:
        with closing(_connect(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table, state in (("trial", State.STOPPED), ("run", State.FAILED)):
                connection.execute(
                    f"UPDATE {table} SET state = ?, reason = ? "  # noqa: S608
                    "WHERE state IN (?, ?, ?)",
                    (state, reason, *live),
                )
            connection.execute("COMMIT")
            _make_plain(connection)
    except sqlite3.Error as error:
        raise write_error(path, error) from None
    finally:
        lock.release()


def _check_is_free(path: Path) -> None:
    try:
        taken = path.exists() or path.is_symlink()
        folder = path.parent.is_dir()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        text = tr("cannot be written: {reason}", reason=reason)
        raise InputError(str(path), None, text) from None
    if taken:
        raise InputError(
            str(path), None, tr("is there already; nothing is overwritten")
        )
    if not folder:
        text = tr("no such folder; create it, or give another")
        raise InputError(str(path.parent), None, text)


def _create(path: Path, spec_text: str, resolved_text: str) -> None:
    """Create the file in one move, so that it is never there half made."""
    draft = path.with_name(f".{path.name}-{token_hex(4)}")
    try:
        row = (spec_text, resolved_text, datetime.now(UTC).isoformat(), State.QUEUED)
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.executescript(f"BEGIN; {SCHEMA}")
            connection.execute(
                "INSERT INTO run VALUES (1, '', ?, ?, '', '{}', ?, ?, '')", row
            )
            connection.execute("COMMIT")
        for rest in ("-wal", "-shm"):
            # Left by a run file that somebody removed; SQLite would play it into
            # the new one.
            path.with_name(path.name + rest).unlink(missing_ok=True)
        draft.rename(path)
    except (OSError, sqlite3.Error) as error:
        raise write_error(path, error) from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    """Return the writer's connection.

    It is used by two threads, one at a time: `RunWriter` holds a lock around each use.
    """
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA trusted_schema = OFF")
        # WAL needs memory that all programs share, which machines do not.
        journal = "DELETE" if is_on_network(path) else "WAL"
        connection.execute(f"PRAGMA journal_mode = {journal}").fetchall()
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error as error:
        raise write_error(path, error) from None
    return connection
