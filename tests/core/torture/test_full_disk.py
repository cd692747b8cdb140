"""A run whose disk is full pauses, loses nothing, and goes on once there is room."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from optlab.records import State
from optlab.store.run_data import RunData
from tests.core.torture.conftest import Nursery, Program
from tests.core.torture.runs import (
    at_most,
    check_beginning,
    check_integrity,
    curves,
    write_spec,
)
from tests.promises import Note, Times

SMALL_DISK = "size=8m"
STEPS = 4_000
MANY_STEPS = 15_000
PAUSE_SECONDS = 2.0
PATIENCE = 120.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> RunData:
    """The run on a disk that is never full."""
    return reference(tmp_path_factory.mktemp("whole"), nursery, STEPS)


def reference(folder: Path, nursery: Nursery, steps: int) -> RunData:
    write_spec(folder, steps=steps)
    words = ("run", "spec.toml", "--quiet", "--out", "out")
    done = nursery.run(*words, folder=folder)
    assert done.code == 0, done.err
    return RunData.open(folder / "out" / "run.optlab")


def until(what: Callable[[], object], program: Program | None = None) -> float:
    """Wait until something is so; return how long that took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() < began + PATIENCE
        assert program is None or not program.ended(), program.wait()
        time.sleep(0.01)
    return time.monotonic() - began


def begun(path: Path) -> Callable[[], object]:
    return lambda: path.exists() and RunData.open(path).trials


def complaint_or_end(program: Program) -> Callable[[], object]:
    return lambda: "no space left" in program.said() or program.ended()


def pauses(path: Path) -> list[tuple[str, str]]:
    return [(event.name, event.text) for event in RunData.open(path).events()]


def same(run: RunData, whole: RunData) -> bool:
    ours, theirs = curves(run), curves(whole)
    return all(ours[key].tobytes() == theirs[key].tobytes() for key in theirs)


@pytest.mark.promise(4, "the disk is full for a while, at a random moment of a run")
def test_that_a_run_waits_for_room_and_goes_on(
    tmp_path: Path,
    failing: Nursery,
    whole: RunData,
    times: Times,
    measured: Note,
) -> None:
    write_spec(tmp_path, steps=STEPS)
    slowest, waited = 0.0, 0
    count = times(1, 20)
    for i in range(count):
        folder, full = tmp_path / f"out{i}", tmp_path / "full"
        path = folder / "run.optlab"
        program = failing.start(
            *("run", "spec.toml", "--quiet", "--out", folder.name),
            folder=tmp_path,
            shim={"watch": str(folder), "full": str(full)},
        )
        until(begun(path), program)
        time.sleep(0.6 * i / count)
        full.touch()
        spent = until(complaint_or_end(program))
        if program.ended():
            # It had written everything, or was about to write tables and figures.
            full.unlink()
            assert RunData.open(path).state is State.FINISHED
            continue
        slowest, waited = max(slowest, spent), waited + 1
        before = RunData.open(path)
        check_beginning(before, whole)
        time.sleep(0.3)
        assert not program.ended()
        assert RunData.open(path).status(0).step == before.status(0).step
        full.unlink()
        done = program.wait()
        assert done.code == 0, done.err
        assert [line.split(": ")[-1] for line in done.err.splitlines()] == [
            "no space left to write it; free some, what was recorded is safe",
            "there is room again; the run goes on",
        ]
        data = RunData.open(path)
        assert data.state is State.FINISHED
        assert same(data, whole)
        assert pauses(path) == [("pause", "the disk is full"), ("resume", "")]
        check_integrity(path)
    assert waited
    assert slowest <= at_most(PAUSE_SECONDS)
    measured(f"{waited} waited, after at most {slowest:.2f} s; all the same bits")


@pytest.mark.promise(4, "stopped while the disk is full, and resumed")
def test_that_a_run_can_be_stopped_while_it_waits_for_room(
    tmp_path: Path, failing: Nursery, whole: RunData
) -> None:
    write_spec(tmp_path, steps=STEPS)
    folder, full = tmp_path / "out", tmp_path / "full"
    path = folder / "run.optlab"
    program = failing.start(
        *("run", "spec.toml", "--quiet", "--out", "out"),
        folder=tmp_path,
        shim={"watch": str(folder), "full": str(full)},
    )
    until(begun(path), program)
    full.touch()
    until(lambda: "no space left" in program.said(), program)
    program.send(15)
    done = program.wait()
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
    full.unlink()
    assert RunData.open(path).state is State.STOPPED
    again = failing.run("resume", str(path), "--quiet", folder=tmp_path)
    assert again.code == 0, again.err
    assert same(RunData.open(path), whole)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.promise(4, "a disk of 8 MB fills up during a run")
def test_that_a_run_on_a_small_disk_waits_for_room(
    tmp_path: Path, nursery: Nursery, measured: Note
) -> None:
    whole = reference(tmp_path, nursery, MANY_STEPS)
    with small_disk(tmp_path / "disk") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(6_500_000))
        path = disk / "out" / "run.optlab"
        program = nursery.start(
            *("run", "spec.toml", "--quiet", "--out", "disk/out"), folder=tmp_path
        )
        until(lambda: "no space left" in program.said(), program)
        check_beginning(RunData.open(path), whole)
        reached = RunData.open(path).status(0).step
        assert 0 < reached < MANY_STEPS
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        done = program.wait()
        assert done.code == 0, done.err
        assert same(RunData.open(path), whole)
        assert pauses(path)[0] == ("pause", "the disk is full")
        check_integrity(path)
    measured(f"full at step {reached} of {MANY_STEPS}; then the same bits")
