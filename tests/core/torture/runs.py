"""Experiments that are short, and what a run file of them has to hold."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic, perf_counter, process_time

from optlab.records import Floats
from optlab.store.run_data import RunData
from tests.promises import tortured

SPEC = """
title = "Short"
[problem]
name = "rosenbrock"
noise = 0.01
[training]
steps = {steps}
[[optimizers]]
name = "Adam"
lr = 0.01
[[optimizers]]
name = "SGD"
lr = 0.0001
"""
OVERLOADED = 20.0
BUSY_SECONDS = 0.05
COMPARED = ("train_loss", "grad_norm", "x0", "x1")


def at_most(seconds: float) -> float:
    """Return what a promised time is held to.

    `make test` runs on machines that do much else; only `make torture` is strict, and
    there, too, what other programs took of the machine does not count.
    """
    if not tortured():
        return seconds * OVERLOADED
    wall, own = perf_counter(), process_time()
    while process_time() < own + BUSY_SECONDS:
        pass
    return seconds * max(1.0, (perf_counter() - wall) / BUSY_SECONDS)


def write_spec(folder: Path, *, steps: int) -> Path:
    """Write an experiment of two optimizers and return its path."""
    path = folder / "spec.toml"
    path.write_text(SPEC.format(steps=steps), encoding="utf-8")
    return path


def curves(data: RunData) -> dict[tuple[int, str], Floats]:
    """Return what the trials of a run recorded that does not tell the time."""
    return {
        (trial.trial, name): data.series(trial.trial, name).arrays()[1]
        for trial in data.trials
        for name in COMPARED
    }


def check_integrity(path: Path) -> None:
    """Let SQLite look for damage in a run file."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
    assert found == [("ok",)]


def opened(path: Path, *, within: float) -> RunData:
    """Open a run file and read it all, in time."""
    began = monotonic()
    data = RunData.open(path)
    curves(data)
    assert monotonic() - began <= at_most(within)
    return data


def check_beginning(data: RunData, whole: RunData) -> int:
    """Check that a run begins as the whole one, bit for bit; return its last step."""
    theirs = curves(whole)
    last = -1
    for trial in data.trials:
        last = data.status(trial.trial).step
        for name in COMPARED:
            ours = data.series(trial.trial, name).arrays()[1]
            assert len(ours) == last + 1
            assert ours.tobytes() == theirs[trial.trial, name][: last + 1].tobytes()
    return last
