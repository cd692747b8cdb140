"""Two programs on one run file: one writes, and no lock outlives its program."""

import time
from pathlib import Path

import pytest

from optlab.records import State
from optlab.store import lock
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter
from tests.core.store.synthetic import RESOLVED_TEXT, SPEC_TEXT, whole_run
from tests.core.torture.conftest import Nursery, Program
from tests.core.torture.runs import at_most, check_integrity, write_spec
from tests.promises import Note, Times

TAKE_OVER_SECONDS = 2.0
STEPS = 100_000
RUN = ("run", "spec.toml", "--quiet", "--out", "out")


def begun(nursery: Nursery, folder: Path) -> tuple[Program, Path]:
    """Start a long run, and return it once it has recorded something."""
    write_spec(folder, steps=STEPS)
    program, path = nursery.start(*RUN, folder=folder), folder / "out" / "run.optlab"
    while not path.exists() or not RunData.open(path).trials:
        assert not program.ended(), program.wait()
        time.sleep(0.01)
    return program, path


@pytest.mark.promise(23, "a second writer of a run file, and the lock of a killed one")
def test_that_a_second_writer_is_refused_and_a_dead_one_makes_room(
    tmp_path: Path, nursery: Nursery, times: Times, measured: Note
) -> None:
    slowest = 0.0
    count = times(1, 20)
    for i in range(count):
        folder = tmp_path / f"{i}"
        folder.mkdir()
        program, path = begun(nursery, folder)
        second = nursery.run("resume", str(path), "--quiet", folder=folder)
        assert second.code == 2
        assert second.err.splitlines() == [
            f"optlab: {path}: another program is writing to it; "
            "wait until that has finished"
        ]
        assert lock.is_being_written(path)
        assert not program.ended()
        program.kill()
        assert lock.lock_path(path).exists()
        began = time.monotonic()
        taken = lock.WriterLock(path)
        slowest = max(slowest, time.monotonic() - began)
        taken.release()
        assert RunData.open(path).state is State.STOPPED
        check_integrity(path)
    assert slowest <= at_most(TAKE_OVER_SECONDS)
    measured(f"a stale lock was taken over within {1e3 * slowest:.1f} ms")


@pytest.mark.promise(23, "several programs want to go on with one run at once")
def test_that_of_several_that_resume_at_once_one_does(
    tmp_path: Path, nursery: Nursery, times: Times
) -> None:
    program, path = begun(nursery, tmp_path)
    program.send(15)
    assert program.wait().code == 1
    for _ in range(times(1, 10)):
        rivals = [
            nursery.start("resume", str(path), "--quiet", folder=tmp_path)
            for _ in range(3)
        ]
        losers: list[Program] = []
        while len(losers) < 2:
            losers = [rival for rival in rivals if rival.ended(0.05)]
        assert [p.wait().code for p in losers] == [2, 2]
        (winner,) = (rival for rival in rivals if rival not in losers)
        assert not winner.ended()
        winner.send(15)
        assert winner.wait().code == 1
        check_integrity(path)


@pytest.mark.promise(23, "on a disk of the network the log of SQLite is not used")
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "ext4"])
def test_that_no_shared_memory_is_asked_of_a_network_disk(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda rw\n"
        f"31 22 0:27 / {tmp_path} rw,relatime shared:1 - {kind} server:/home rw\n"
    )
    monkeypatch.setattr(lock, "MOUNTS", mounts)
    path = tmp_path / "run.optlab"
    records = whole_run(steps=600, slice_rows=100)
    with RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0) as writer:
        writer.append(next(records))
        assert path.with_name("run.optlab-wal").exists() == (kind == "ext4")
        for record in records:
            writer.append(record)
            RunData.open(path)
    assert RunData.open(path).state is State.FINISHED
    check_integrity(path)
