"""``optlab run`` that is killed at any moment of its life loses next to nothing."""

import random
import time
from pathlib import Path

import pytest

from optlab.records import State
from optlab.store.run_data import RunData
from tests.core.torture.conftest import Nursery, Program
from tests.core.torture.runs import (
    at_most,
    check_beginning,
    check_integrity,
    opened,
    write_spec,
)
from tests.promises import Note, Times, tortured

REOPEN_SECONDS = 2.0
TAIL_SECONDS = 1.0
POLL_SECONDS = 0.03


def watch(program: Program, path: Path, seconds: float) -> dict[int, int]:
    """Look for some seconds what a run has acknowledged: the last step of each trial.

    The time counts from where the run first wrote something.
    """
    seen: dict[int, int] = {}
    while not path.parent.exists() and not program.ended():
        time.sleep(0.001)
    end = time.monotonic() + seconds
    while time.monotonic() < end and not program.ended():
        if path.exists():
            data = RunData.open(path)
            seen = {t.trial: data.status(t.trial).step for t in data.trials}
        time.sleep(min(POLL_SECONDS, max(end - time.monotonic(), 0.0)))
    return seen


def last_commit(path: Path) -> float:
    """Return when a run file was last written, by the clock on the wall."""
    log = path.with_name(f"{path.name}-wal")
    return max(p.stat().st_mtime for p in (path, log) if p.exists())


@pytest.mark.promise(1, "`optlab run` killed by SIGKILL at a random moment")
def test_that_a_run_killed_at_any_moment_keeps_what_it_acknowledged(
    tmp_path: Path, nursery: Nursery, times: Times, measured: Note
) -> None:
    steps = 12_000 if tortured() else 3_000
    write_spec(tmp_path, steps=steps)
    command = ("run", "spec.toml", "--quiet", "--out")
    began = nursery.start(*command, "whole", folder=tmp_path)
    whole_path = tmp_path / "whole" / "run.optlab"
    first = time.monotonic()
    watch(began, whole_path, 60.0)
    life = time.monotonic() - first
    assert began.wait().code == 0
    whole = RunData.open(whole_path)
    moments = random.Random(1)
    ages, ended, resumed = [0.0], 0, 0
    count = times(2, 100)
    for i in range(count):
        path = tmp_path / f"out{i}" / "run.optlab"
        program = nursery.start(*command, f"out{i}", folder=tmp_path)
        # One after the other in each part of the life of a run.
        seen = watch(program, path, life * (i + moments.random()) / count)
        killed = time.time()
        if not program.ended():
            program.kill()
        if not path.exists():
            assert not seen
            continue
        age = killed - last_commit(path)
        data = opened(path, within=REOPEN_SECONDS)
        check_beginning(data, whole)
        for trial, step in seen.items():
            assert data.status(trial).step >= step
        if data.state is State.FINISHED:
            ended += 1
        else:
            assert data.state is State.STOPPED
            ages.append(age)
            if tortured() and i % 10 == 0:
                done = nursery.run("resume", str(path), "--quiet", folder=tmp_path)
                assert done.code == 0, done.err
                assert check_beginning(RunData.open(path), whole) == steps
                resumed += 1
        check_integrity(path)
    assert max(ages) <= at_most(TAIL_SECONDS)
    measured(
        f"lost tail at most {max(ages):.2f} s; {ended} were at their end; "
        f"{resumed} resumed to the same bits"
    )
