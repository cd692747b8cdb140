"""A run file survives ``kill -9`` at any moment."""

import random
import subprocess
import sys
from pathlib import Path
from threading import Timer
from time import monotonic

import numpy as np
import pytest

from optlab.records import State
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter, read_resume
from tests.core.store.synthetic import METRICS, SPARSE, column, rows, start
from tests.core.torture.runs import at_most, check_integrity
from tests.promises import Note, Times

WRITER = """
import sys
from pathlib import Path
from threading import Event as Signal
from time import monotonic
from optlab.records import Checkpoint
from optlab.store.run_file import RunWriter
from tests.core.store.synthetic import *

path, size = Path(sys.argv[1]), int(sys.argv[2])
writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT)
print("open", monotonic(), flush=True)
writer.append(start(steps=10**6))
step, pace = 0, Signal()
while True:
    for trial in (0, 1):
        writer.append(rows(trial, step, size))
        writer.append(evaluation(trial, step))
    step += size
    writer.tick()
    if step % (50 * size) == 0:
        writer.append(Checkpoint(trial=0, step=step - 1, data=b"x" * 100_000))
    print(step - 1, monotonic(), flush=True)
    pace.wait(0.001)
"""

SIDE_BY_SIDE = 8
REOPEN_SECONDS = 2.0


class Victim:
    """A program that writes a run file until it is killed."""

    def __init__(self, path: Path, *, rows_at_once: int, seconds: float) -> None:
        self.path = path
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(rows_at_once)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.killed = self.opened_in = 0.0
        assert self.process.stdout is not None
        # Late ones are counted from where the file is there, however slow the start.
        self._first = "" if seconds < 1 else self.process.stdout.readline()
        self._timer = Timer(seconds, self._kill)
        self._timer.start()

    def _kill(self) -> None:
        self.killed = monotonic()
        self.process.kill()

    def lines(self) -> list[tuple[str, float]]:
        """Return what it said, and when, once it is dead."""
        output = self._first + self.process.communicate(timeout=60)[0]
        self._timer.join()
        whole = output[: output.rfind("\n") + 1].splitlines()
        return [(line.split()[0], float(line.split()[1])) for line in whole]


def check(victim: Victim) -> int:
    """Check the file and return the last step that had to be in it."""
    said = victim.lines()
    if not victim.path.exists():
        assert said == []
        return -1
    old = [word for word, at in said if at < victim.killed - 1.0 and word != "open"]
    due = int(old[-1]) if old else -1
    began = monotonic()
    data = RunData.open(victim.path)
    victim.opened_in = monotonic() - began
    assert victim.opened_in <= at_most(REOPEN_SECONDS)
    check_integrity(victim.path)
    assert data.state is State.STOPPED
    for trial in (0, 1) if data.trials else ():
        last = data.status(trial).step
        assert last >= due
        for metric in METRICS:
            steps, values = data.series(trial, metric).arrays()
            if metric in SPARSE:
                assert len(steps) == 0 or steps[-1] <= last
                continue
            assert len(values) == last + 1
            expected = column(trial, metric, np.arange(last + 1))
            assert values.tobytes() == expected.tobytes()
    return due


@pytest.mark.skipif(sys.platform == "win32", reason="clocks of processes differ")
@pytest.mark.promise(1, "a writer killed by SIGKILL, against all it says it wrote")
def test_that_a_killed_writer_loses_nothing_older_than_a_second(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    moments = random.Random(7)
    count = times(SIDE_BY_SIDE, 100)
    victims, due = [], []
    for first in range(0, count, SIDE_BY_SIDE):
        group = []
        for i in range(first, min(first + SIDE_BY_SIDE, count)):
            early = i % 2
            seconds = moments.uniform(0.2, 0.7) if early else moments.uniform(1.3, 2.3)
            path, size = tmp_path / f"{i}.optlab", (3, 200)[i % 4 // 2]
            group.append(Victim(path, rows_at_once=size, seconds=seconds))
        due += [check(victim) for victim in group]
        victims += group
    assert max(due) > 0
    slowest = max(victim.opened_in for victim in victims)
    measured(f"opened again within {slowest:.2f} s")

    path = victims[due.index(max(due))].path
    saved = read_resume(path).trials[0]
    with RunWriter(path, "", resolved_text="", resume=True) as writer:
        kept = RunData.open(path).status(0).step
        assert kept == (-1 if saved.checkpoint is None else saved.step)
        assert RunData.open(path).status(1).step == -1
        writer.append(start(steps=10**6, resumed=True))
        writer.append(rows(0, kept + 1, 10))
    assert RunData.open(path).status(0).step == kept + 10
    assert [p.name for p in tmp_path.glob(f"{path.name}*")] == [path.name]
