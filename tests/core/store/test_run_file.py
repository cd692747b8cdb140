"""What a run file promises: nothing overwritten, nothing lost, no second writer."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from optlab.params import InputError
from optlab.records import Checkpoint, Event, RunStop, State
from optlab.store.database import StoreError
from optlab.store.lock import is_being_written, lock_path
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter, read_resume
from tests.core.store.synthetic import (
    DENSE,
    METRICS,
    RESOLVED_TEXT,
    SPEC_TEXT,
    column,
    evaluation,
    rows,
    start,
    stop,
    whole_run,
)

TABLES = (
    *("run", "trial", "metric", "event", "checkpoint"),
    *("chunk", "tail", "summary", "preview"),
)


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def new_writer(path: Path, **options: float) -> RunWriter:
    return RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, **options)  # type: ignore[arg-type]


def counts(path: Path) -> dict[str, int]:
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in TABLES
        }


def test_that_a_closed_file_is_one_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path) as writer:
        for record in whole_run(steps=5000, slice_rows=100):
            writer.append(record)
        assert is_being_written(path)
    assert [p.name for p in tmp_path.iterdir()] == ["run.optlab"]
    assert not is_being_written(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()
    found = counts(path)
    assert found["tail"] == 0
    assert found["trial"] == found["summary"] == found["checkpoint"] == 2
    assert found["metric"] == len(METRICS)
    assert found["event"] == 2


def test_that_only_the_newest_checkpoint_of_each_trial_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path) as writer:
        writer.append(start())
        writer.append(rows(0, 0, 30))
        writer.append(Checkpoint(trial=0, step=10, data=b"old"))
        writer.append(Checkpoint(trial=0, step=29, data=b"new"))
    point = read_resume(path)
    assert [(t.step, t.checkpoint) for t in point.trials] == [(29, b"new"), (0, None)]


def test_that_the_preview_is_thin_and_true(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path) as writer:
        for record in whole_run(("SGD",), steps=20_000, slice_rows=333):
            writer.append(record)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = connection.execute("SELECT * FROM preview ORDER BY step").fetchall()
    connection.close()
    assert 500 < len(found) <= 1100
    assert (found[0]["step"], found[-1]["step"]) == (0, 20_000)
    assert found[0]["train_loss"] is None
    for row in found[1:]:
        steps = np.array([row["step"]])
        for metric in DENSE:
            assert row[metric] == column(0, metric, steps)[0]
    measured = [row for row in found if row["val_loss"] is not None]
    assert 100 < len(measured) < 600
    assert all(row["val_loss"] == 1 / (row["step"] + 1) for row in measured)


def test_that_what_is_older_than_half_a_second_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    clock = Clock()
    # A long interval for the thread: here the clock of the test alone decides.
    writer = RunWriter(
        path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=100, clock=clock
    )
    writer.append(start())
    writer.append(rows(0, 0, 10))
    writer.tick()
    assert RunData.open(path).status(0).step == -1
    clock.seconds = 99.0
    writer.append(rows(0, 10, 10))
    assert RunData.open(path).status(0).step == -1
    clock.seconds = 100.0
    writer.tick()
    assert RunData.open(path).status(0).step == 19
    writer.close()


def test_that_rows_are_committed_while_the_engine_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path, interval=0.02) as writer:
        writer.append(start())
        writer.append(rows(0, 0, 10))
        for _ in range(100_000):
            if RunData.open(path).status(0).step == 9:
                break
        else:
            pytest.fail("the rows were never committed")


def test_that_events_and_checkpoints_are_committed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path, interval=1000) as writer:
        writer.append(start())
        writer.append(rows(0, 0, 10))
        writer.append(Event(trial=None, step=9, name="pause"))
        assert RunData.open(path).state.value == "paused"
        assert RunData.open(path).status(0).step == 9
        writer.append(Checkpoint(trial=0, step=9, data=b"x"))
        assert read_resume(path).trials[0].checkpoint == b"x"


def test_that_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        new_writer(path)
    assert path.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["run.optlab"]


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no such folder"):
        new_writer(tmp_path / "nowhere" / "run.optlab")


def test_that_what_a_removed_file_left_does_not_get_into_a_new_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    first = new_writer(path, interval=0)
    first.append(start(("old",)))
    path.unlink()
    assert path.with_name("run.optlab-wal").stat().st_size > 0
    lock_path(path).unlink()
    with new_writer(path) as writer:
        writer.append(start(("new",)))
    assert [t.label for t in RunData.open(path).trials] == ["new"]


def test_that_a_second_writer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path) as writer:
        writer.append(start())
        with pytest.raises(InputError, match="another program is writing to it"):
            RunWriter(path, "", resolved_text="", resume=True)
        writer.append(rows(0, 0, 10))
    RunWriter(path, "", resolved_text="", resume=True).close()


def test_that_a_lock_left_by_a_killed_writer_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    with new_writer(path) as writer:
        writer.append(start())
    lock_path(path).touch()
    assert not is_being_written(path)
    assert RunData.open(path).state is State.STOPPED
    RunWriter(path, "", resolved_text="", resume=True).close()
    assert not lock_path(path).exists()


def test_that_closing_twice_does_no_harm(tmp_path: Path) -> None:
    writer = new_writer(tmp_path / "run.optlab")
    writer.close()
    writer.close()
    assert RunData.open(tmp_path / "run.optlab").trials == ()


def test_that_a_reader_that_keeps_the_file_open_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    writer = new_writer(path)
    records = list(whole_run())
    for record in records:
        writer.append(record)
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM trial").fetchone()[0] == 2
    writer._connection.execute("PRAGMA busy_timeout = 1")
    writer.close()
    reader.close()
    data = RunData.open(path)
    assert data.state is State.FINISHED
    assert data.status(1).step == 100


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from optlab.store.database import StoreError
from optlab.store.run_file import RunWriter
from tests.core.store.synthetic import *

path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0)
writer.append(start(steps=10**6))
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, -1))
done = 0
try:
    while True:
        writer.append(rows(0, done, 2000))
        done += 2000
except StoreError as error:
    print(error)
print(done)
writer.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs file size limits")
def test_that_a_file_that_cannot_grow_gives_one_error_and_stays_valid(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stderr == ""
    assert result.returncode == 0
    message, done = result.stdout.splitlines()
    assert message.startswith(f"{path}: ")
    data = RunData.open(path)
    assert data.status(0).step + 1 == int(done) > 0
    expected = column(0, "param_norm", np.arange(int(done)))
    assert data.series(0, "param_norm").values.tobytes() == expected.tobytes()


def test_that_a_full_disk_is_said_in_words_and_can_be_got_over(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    writer = new_writer(path, interval=0)
    writer.append(start(("SGD",)))
    writer._connection.execute("PRAGMA max_page_count = 40")
    noise = rows(0, 0, 4096 * 3)
    noise.values["param_norm"][:] = np.random.default_rng(0).random(4096 * 3)
    with pytest.raises(StoreError, match=r"run\.optlab: no space left") as caught:
        writer.append(noise)
    assert isinstance(caught.value, InputError)
    assert RunData.open(path).status(0).step == -1
    writer._connection.execute("PRAGMA max_page_count = 1000000")
    writer.append(rows(0, 4096 * 3, 5))
    writer.append(stop(0, 4096 * 3 + 4))
    writer.append(RunStop(state=State.FINISHED))
    writer.close()
    data = RunData.open(path)
    assert len(data.series(0, "param_norm")) == 4096 * 3 + 5
    found = data.series(0, "param_norm").values[: 4096 * 3]
    assert found.tobytes() == noise.values["param_norm"].tobytes()


def test_that_a_writer_whose_disk_stays_full_closes_without_a_second_error(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    writer = new_writer(path, interval=0)
    writer.append(start(("SGD",)))
    writer._connection.execute("PRAGMA max_page_count = 40")
    with pytest.raises(StoreError):
        writer.append(rows(0, 0, 4096 * 3))
    writer.close()
    assert RunData.open(path).state is State.STOPPED


def test_that_a_failure_nobody_was_told_of_is_raised_by_close(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    writer = new_writer(path, interval=1000)
    writer.append(start(("SGD",)))
    writer.append(rows(0, 0, 4096 * 3))
    writer._connection.execute("PRAGMA max_page_count = 40")
    with pytest.raises(StoreError, match="no space left"):
        writer.close()
    assert RunData.open(path).status(0).step == -1
    assert not is_being_written(path)


def test_that_a_failure_of_the_silent_commit_is_raised_by_the_next_record(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.optlab"
    clock = Clock()
    writer = RunWriter(
        path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0.01, clock=clock
    )
    writer.append(start(("SGD",)))
    with writer._lock:
        writer._connection.execute("PRAGMA max_page_count = 40")
        writer.append(rows(0, 0, 4096 * 3))
    while writer._failure is None:
        pass
    with pytest.raises(StoreError, match="no space left"):
        writer.tick()
    writer.close()


def test_that_records_of_an_unknown_trial_are_refused(tmp_path: Path) -> None:
    with new_writer(tmp_path / "run.optlab") as writer:
        for record in (rows(0, 0, 3), evaluation(0, 0)):
            with pytest.raises(ValueError, match="not announced"):
                writer.append(record)
        writer.append(start(("SGD",)))
        with pytest.raises(ValueError, match="not announced"):
            writer.append(rows(1, 0, 3))


def test_that_an_interrupt_leaves_no_half_transaction(tmp_path: Path) -> None:
    path = tmp_path / "run.optlab"
    writer = new_writer(path, interval=0)
    writer.append(start(("SGD",)))

    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    writer._connection.set_authorizer(interrupt)
    with pytest.raises((KeyboardInterrupt, StoreError)):
        writer.append(rows(0, 0, 3))
    writer._connection.set_authorizer(None)
    assert not writer._connection.in_transaction
    writer.append(rows(0, 3, 3))
    writer.close()
    assert len(RunData.open(path).series(0, "lr")) == 6
