"""A recorded run is repeated, and every value but the times is the same."""

import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from optlab import cli
from optlab.control import Planned
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.runner import RUN_FILE, Runner
from optlab.spec import dump_spec, parse_spec
from optlab.store.encoding import decode
from optlab.store.run_data import RunData
from optlab.sweep.jobs import Job, run_job
from optlab.sweep.replay import script_of
from tests.core.cli.test_runs import without_times

CATALOG = load_catalog()

COSINE = {"name": "CosineAnnealingLR"}
NET: dict[str, Any] = {
    "title": "two moons",
    "problem": {"name": "moons"},
    "training": {"steps": 30, "seeds": [0, 3], "eval_every": 8},
    "optimizers": [
        {"name": "SGD", "lr": 0.1, "momentum": 0.9, "scheduler": COSINE},
        {"name": "Adam", "batch_size": 4},
    ],
}
HILL: dict[str, Any] = {
    "problem": {"name": "rosenbrock", "start": [0.5, 2.0]},
    "training": {"steps": 60, "diagnostics": ["sharpness"], "eval_every": 25},
    "optimizers": [
        {"name": "SGD", "lr": 1e-3, "scheduler": COSINE},
        {"name": "Adam", "lr": 0.05},
        {"name": "SGD", "lr": 1e3, "label": "wild"},
    ],
}
LEGACY: dict[str, Any] = {
    "problem": {"name": "linear-regression", "rng": "numpy-legacy", "batch_size": 1},
    "training": {"steps": 20},
    "optimizers": [{"name": "SGD", "lr": 0.01}, {"name": "Adam"}],
}


def ran(runner: Runner) -> Path:
    for _ in runner.run():
        pass
    return runner.path


def record(
    folder: Path, tree: dict[str, Any], *planned: Planned, until: float = 1.0
) -> Path:
    spec = parse_spec(tree, CATALOG)
    runner = Runner(
        spec, CATALOG, folder=folder, device="cpu", planned=planned, until=until
    )
    return ran(runner)


def go_on(path: Path, *planned: Planned, **how: Any) -> Path:
    return ran(Runner.resume(path, CATALOG, device="cpu", planned=planned, **how))


def checked(path: Path) -> int:
    return cli.main(["replay", str(path), "--check"])


def finished(folder: Path) -> Path:
    return record(folder, NET)


def diverged(folder: Path) -> Path:
    path = record(folder, HILL)
    assert RunData.open(path).status(2).state is State.DIVERGED
    return path


def several_sessions(folder: Path) -> Path:
    path = record(folder, NET, until=0.3)
    go_on(path, until=0.7)
    return go_on(path)


def stopped(folder: Path) -> Path:
    path = record(folder, NET, until=0.4)
    assert RunData.open(path).state is State.STOPPED
    return path


def by_hand(folder: Path) -> Path:
    return record(
        folder,
        NET,
        Planned(step=7, act="lr", trial=0, rate=0.1234567890123),
        Planned(step=11, act="lr", trial=1, rate=1 / 3),
        Planned(step=9, act="stop-trial", trial=3),
        Planned(step=22, act="stop"),
    )


def longer(folder: Path) -> Path:
    path = record(folder, NET)
    return go_on(path, steps=45)


def longer_twice_with_rates(folder: Path) -> Path:
    path = record(folder, NET, Planned(step=5, act="lr", trial=1, rate=0.07), until=0.4)
    change = Planned(step=12, act="lr", trial=0, rate=0.2)
    go_on(path, change, steps=40, until=0.8)
    return go_on(path, steps=50)


def longer_hill(folder: Path) -> Path:
    path = record(folder, HILL, until=0.5)
    return go_on(path, steps=90)


def legacy(folder: Path) -> Path:
    path = record(folder, LEGACY)
    return go_on(path, steps=33)


def all_stopped_by_hand(folder: Path) -> Path:
    stops = [Planned(step=s, act="stop-trial", trial=s) for s in range(4)]
    return record(folder, NET, *stops)


RUNS: tuple[Callable[[Path], Path], ...] = (
    finished,
    diverged,
    several_sessions,
    stopped,
    by_hand,
    longer,
    longer_twice_with_rates,
    longer_hill,
    legacy,
    all_stopped_by_hand,
)


@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_that_a_replay_has_the_same_bits(
    make: Callable[[Path], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = make(tmp_path / "run")
    before = path.read_bytes()
    assert checked(path) == 0, capsys.readouterr()
    assert "The same, bit for bit" in capsys.readouterr().out
    assert path.read_bytes() == before


def test_that_a_replay_writes_the_same_metrics_csv(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "run")
    out = tmp_path / "again"
    assert cli.main(["replay", str(path), "--out", str(out), "--quiet"]) == 0
    table = tmp_path / "metrics.csv"
    assert cli.main(["export", str(path), "--to", str(table)]) == 0
    assert without_times(out / "metrics.csv") == without_times(table)


def flip(path: Path, *, trial: int, metric: str, row: int) -> float:
    """Change the last bit of one value in a run file and return what it was."""
    with closing(sqlite3.connect(path)) as connection:
        (number,) = connection.execute(
            "SELECT metric FROM metric WHERE name = ?", (metric,)
        ).fetchone()
        rowid, encoding, n, data = connection.execute(
            "SELECT rowid, encoding, n, data FROM chunk WHERE trial = ? AND metric = ?",
            (trial, number),
        ).fetchone()
        values = decode(encoding, n, data).astype("<f8")
        was = float(values[row])
        # Of four bytes, where the values are such.
        small = encoding == "float32"
        numbers = values.astype("<f4") if small else values
        numbers.view(np.uint8)[numbers.itemsize * row] ^= 1
        connection.execute(
            "UPDATE chunk SET encoding = ?, data = ? WHERE rowid = ?",
            ("float32" if small else "float64", numbers.tobytes(), rowid),
        )
        connection.commit()
    return was


@pytest.mark.parametrize(
    ("trial", "metric", "row"), [(1, "train_loss", 17), (2, "param_norm", 0)]
)
def test_that_one_bit_is_found_and_named(
    trial: int,
    metric: str,
    row: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = record(tmp_path / "run", NET)
    start = RunData.open(path).trials[trial]
    was = flip(path, trial=trial, metric=metric, row=row)
    now = RunData.open(path).series(trial, metric).at(row)
    assert now != was
    assert checked(path) == 1
    said = capsys.readouterr().err
    assert f"{start.label}, seed {start.seed} (trial {trial})" in said
    assert f"{metric} at step {row} was recorded as {now!r} and is {was!r} now" in said


def test_that_a_rate_that_was_never_recorded_is_found_at_its_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(
        tmp_path / "run", HILL, Planned(step=20, act="lr", trial=1, rate=0.01)
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM event")
        connection.commit()
    assert checked(path) == 1
    said = capsys.readouterr()
    assert "Adam" in said.err
    assert "at step 21 was" in said.err
    assert "lr" in said.out.rpartition(": ")[2].split(", ")


def test_that_a_run_that_was_killed_is_compared_as_far_as_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(tmp_path / "run", NET, until=0.6)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE run SET state = 'running'")
        connection.execute("UPDATE trial SET state = 'running', batch_hash = ''")
        connection.execute("DELETE FROM event")
        connection.commit()
    assert checked(path) == 0
    assert "was cut short" in capsys.readouterr().out


def test_that_trials_that_began_again_with_more_steps_are_replayed_so(
    tmp_path: Path,
) -> None:
    """A program was killed when one trial was saved and the other one was not."""
    path = record(tmp_path / "run", NET, until=0.4)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM checkpoint WHERE trial < 2")
        connection.execute("UPDATE trial SET state = 'running' WHERE trial < 2")
        connection.commit()
    go_on(path, steps=40)
    data = RunData.open(path)
    assert script_of(data, parse_spec(NET, CATALOG)).began == ((0, 1), (1, 1))
    assert checked(path) == 0


@pytest.mark.parametrize("tree", [NET, HILL], ids=["net", "hill"])
def test_that_a_file_of_before_more_steps_were_recorded_is_replayed(
    tree: dict[str, Any], tmp_path: Path
) -> None:
    path = record(tmp_path / "run", tree)
    go_on(path, steps=70)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM event WHERE name = 'steps'")
        connection.commit()
    assert checked(path) == 0


def test_that_a_rate_of_six_digits_is_taken_from_the_next_step(tmp_path: Path) -> None:
    change = Planned(step=9, act="lr", trial=1, rate=0.0123456789)
    path = record(tmp_path / "run", HILL, change)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET text = '0.05 → 0.0123457'")
        connection.commit()
    assert checked(path) == 0


def test_that_a_rate_of_six_digits_under_a_schedule_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = Planned(step=9, act="lr", trial=0, rate=0.0123456789)
    path = record(tmp_path / "run", HILL, change)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE event SET text = '0.001 → 0.0123457'")
        connection.commit()
    assert checked(path) == 1
    assert "known to 6 digits only" in capsys.readouterr().out


def test_that_other_versions_and_devices_are_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(tmp_path / "run", LEGACY)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE run SET device = 'cuda:0 (a GPU)'")
        connection.execute("UPDATE run SET versions = json_set(versions, '$.torch', 1)")
        connection.commit()
    assert cli.main(["replay", str(path), "--check", "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "recorded on cuda:0 (a GPU), replayed on cpu" in said
    assert "recorded with torch 1, replayed with" in said


@pytest.mark.parametrize(
    "words",
    [("nowhere.optlab", "--check"), ("text.optlab",), ("run/run.optlab", "--device=x")],
)
def test_that_what_cannot_be_replayed_is_said_in_one_line(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record(tmp_path / "run", LEGACY)
    (tmp_path / "text.optlab").write_text("no run")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["replay", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert {p.name for p in tmp_path.iterdir()} == {"run", "text.optlab"}


def test_that_nothing_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(tmp_path / "run", LEGACY)
    before = path.read_bytes()
    assert cli.main(["replay", str(path), "--out", str(path.parent)]) == 2
    assert RUN_FILE in capsys.readouterr().err
    assert path.read_bytes() == before


BREAKS = '''
import torch


class Breaks(torch.optim.SGD):
    """Gives up at its sixth step."""

    def step(self, closure=None):
        self.taken = getattr(self, "taken", 0) + 1
        if self.taken == 6:
            raise ArithmeticError("enough")
        return super().step(closure)
'''


def test_that_a_trial_that_failed_fails_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "breaks.py"
    file.write_text(BREAKS)
    broken = {"name": f"{file}:Breaks", "label": "broken", "lr": 0.1}
    tree = NET | {"optimizers": [*NET["optimizers"], broken]}
    path = record(tmp_path / "run", tree)
    assert RunData.open(path).status(4).state is State.FAILED
    assert checked(path) == 0
    file.write_text(BREAKS.replace("== 6", "== 7"))
    assert checked(path) == 1
    assert "broken, seed 0 (trial 4): " in capsys.readouterr().err


def test_that_a_part_of_a_study_is_replayed(tmp_path: Path) -> None:
    part = {"study": "ab", "part": "tuning", "trial": 2}
    tree = NET | {"part": part, "tuning": {"trials": 4, "seeds": [0, 3]}}
    tree |= {"training": NET["training"] | {"seeds": [7]}}
    text = dump_spec(parse_spec(tree, CATALOG), CATALOG)
    past = None
    for until in (0.3, 0.7):
        job = Job(key="one", spec_text=text, until=until, past=past)
        past = run_job(job, lambda _: None, lambda: False).data
    path = tmp_path / "part.optlab"
    path.write_bytes(past or b"")
    assert RunData.open(path).status(0).step == 21
    assert checked(path) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_that_ctrl_c_ends_a_replay_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    long = HILL | {"training": {"steps": 10**7}, "optimizers": [{"name": "SGD"}]}
    path = record(tmp_path / "run", long, until=1e-6)
    with closing(sqlite3.connect(path)) as connection:
        # As if it had gone to its end: the repetition will not get there.
        connection.execute("UPDATE run SET state = 'finished'")
        connection.commit()
    over = Event()

    def interrupt() -> None:
        while not over.wait(0.02):
            if list(tmp_path.glob(f"optlab-replay-*/{RUN_FILE}")):
                os.kill(os.getpid(), signal.SIGINT)
                return

    watcher = Thread(target=interrupt)
    watcher.start()
    try:
        assert checked(path) == 1
    finally:
        over.set()
        watcher.join()
    assert "stopped; nothing was compared" in capsys.readouterr().err
    assert not list(tmp_path.glob("optlab-replay-*"))
