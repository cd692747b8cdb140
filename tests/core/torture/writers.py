"""Programs that write what is then lost by halves."""

import signal
import sys
import time
from pathlib import Path

import pytest

from optlab.cli import tune
from optlab.cli.output import complain
from optlab.cli.program import main
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import Checkpoint, RunStop, State, TrialStop
from optlab.runner import Runner, new_folder
from optlab.spec import read_spec
from optlab.store.notes import Notes, write_notes
from optlab.store.run_file import RunWriter
from optlab.store.trash import move_to_trash, restore
from tests.core.store.synthetic import (
    RESOLVED_TEXT,
    SPEC_TEXT,
    evaluation,
    rows,
    start,
)
from tests.core.sweep.here import Here
from tests.core.torture.zygote import Shim

STOPPED_AT = 400
STEPS = 800
SAVED_AT = 300
AT_ONCE = 4
CLOSED, CLOSED_AGAIN = "closed", "closed again"
NOTES = ("first", "second, and longer " * 300)


def write_run(name: str) -> None:
    """Write a run that is stopped and goes on, and what a person says of it."""
    path, shim = Path(name), Shim()
    with RunWriter(
        path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0.0
    ) as writer:
        writer.append(start(steps=STEPS))
        _steps(writer, 0, STOPPED_AT)
    shim.note(CLOSED)
    write_notes(path, Notes(text=NOTES[0]))
    with RunWriter(path, "", resolved_text="", resume=True, interval=0.0) as writer:
        writer.append(start(steps=STEPS, resumed=True))
        _steps(writer, SAVED_AT + 1, STEPS)
        for trial in (0, 1):
            writer.append(_stop(trial))
        writer.append(RunStop(state=State.FINISHED))
    shim.note(CLOSED_AGAIN)
    write_notes(path, Notes(text=NOTES[1]))


def tune_here(*words: str) -> int:
    """Do what ``optlab`` does, with the jobs of studies in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune.Where, "executor", lambda _: Here())
        return main(words)


def note_down(run: str, runs: str) -> int:
    """Note something of a run, throw it away and take it back, as the library does."""
    path = Path(run)
    try:
        write_notes(path, Notes(text="new", tags=("one", "two")))
        restore(move_to_trash(path, Path(runs)))
    except InputError as error:
        complain(error)
        return 2
    return 0


def run_bare(spec: str, folder: str) -> None:
    """Run an experiment into a folder, and make neither tables nor figures of it."""
    catalog = load_catalog()
    for _ in Runner(read_spec(Path(spec), catalog), catalog, folder=Path(folder)).run():
        pass


def run_with_odd_clock(jump: str, slew: str, spec: str, folder: str) -> None:
    """Run an experiment while the clock is set again and again.

    Args:
        jump: Seconds by which it jumps to and fro.
        slew: Seconds that it gains in each second.
        spec: The experiment.
        folder: Where it runs.
    """
    shim, began, moved = Shim(), time.monotonic(), 0
    off, ahead = 0.0, time.time() - began

    def move(_number: int, _frame: object) -> None:
        nonlocal moved, off
        moved += 1
        off = max(off, abs(time.time() - time.monotonic() - ahead))
        passed = time.monotonic() - began
        shim.library.shim_clock(float(jump) * (moved % 2) + float(slew) * passed)

    signal.signal(signal.SIGALRM, move)
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    try:
        run_bare(spec, folder)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.stdout.write(f"{moved} {off}\n")


def make_folders(base: str, count: str) -> int:
    """Make folders for runs while the time stands still."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "strftime", lambda _: "20260101-000000")
        for _ in range(int(count)):
            new_folder(Path(base), "Title")
    return 0


def _stop(trial: int) -> TrialStop:
    return TrialStop(
        trial=trial,
        step=STEPS,
        state=State.FINISHED,
        reason="",
        batch_hash="",
        grad_evals=STEPS,
        wall_time_s=1.0,
        optimizer_time_s=1.0,
        state_floats_per_param=1.0,
    )


def _steps(writer: RunWriter, first: int, last: int) -> None:
    for step in range(first, last + 1, AT_ONCE):
        n = min(AT_ONCE, last + 1 - step)
        for trial in (0, 1):
            writer.append(rows(trial, step, n))
            writer.append(evaluation(trial, step))
            if step <= SAVED_AT < step + n:
                data = bytes([trial]) * 1_000_000
                writer.append(Checkpoint(trial=trial, step=SAVED_AT, data=data))
