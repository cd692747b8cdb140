"""SIGTERM and SIGINT end a run in the terminal soon, cleanly, and with one line."""

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from optlab.records import State
from optlab.store.run_data import RunData
from tests.core.torture.conftest import Nursery
from tests.core.torture.runs import at_most, check_integrity, write_spec
from tests.core.torture.test_faults import STUDY
from tests.core.torture.zygote import NOT_THERE
from tests.promises import Note, Times

EXIT_SECONDS = 5.0
STEPS = 6_000
SIGNALS = (signal.SIGTERM, signal.SIGINT)
COMMANDS = {
    "run": ("run", "spec.toml", "--quiet", "--out", "out"),
    "resume": ("resume", "out/run.optlab", "--quiet"),
    "tune": ("tune", "study.toml", "--quiet", "--jobs", "1", "--out", "study"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Path:
    """Experiments, and a run that was stopped on its way."""
    folder = tmp_path_factory.mktemp("signals")
    write_spec(folder, steps=STEPS)
    (folder / "study.toml").write_text(STUDY.replace("steps = 12", "steps = 2000"))
    program = nursery.start(*COMMANDS["run"], folder=folder)
    path = folder / "out" / "run.optlab"
    while not (path.exists() and RunData.open(path).trials):
        assert not program.ended(), program.wait()
    program.send(signal.SIGTERM)
    assert program.wait().code == 1
    assert RunData.open(path).state is State.STOPPED
    return folder


@pytest.mark.promise(21, "SIGTERM or SIGINT at a random moment of a verb")
@pytest.mark.parametrize(
    ("verb", "full"),
    [("run", 50), ("resume", 25), pytest.param("tune", 25, marks=pytest.mark.slow)],
)
def test_that_a_signal_ends_a_run_at_once_and_cleanly(
    verb: str,
    full: int,
    tmp_path: Path,
    home: Path,
    nursery: Nursery,
    times: Times,
    measured: Note,
) -> None:
    chance, life, slowest, cut = random.Random(verb), 1.0, 0.0, 0
    count = times(1, full)
    for i in range(count):
        folder = tmp_path / f"{i}"
        shutil.copytree(home, folder)
        if verb != "resume":
            shutil.rmtree(folder / "out")
        began = time.monotonic()
        program = nursery.start(*COMMANDS[verb], folder=folder, leave=True)
        if not program.ended(life * (i + chance.random()) / count):
            program.send(chance.choice(SIGNALS))
        sent = time.monotonic()
        done = program.wait()
        took = time.monotonic() - sent
        assert took <= at_most(EXIT_SECONDS)
        slowest = max(slowest, took)
        if done.code == 0:
            life = min(life, time.monotonic() - began)
        cut += done.code == 1
        if done.code == NOT_THERE:
            shutil.rmtree(folder)
            continue
        said = done.err.splitlines()
        assert done.code in (0, 1), (i, done)
        assert len(said) == done.code, (i, done)
        assert all(line.startswith("optlab: ") for line in said), (i, done)
        for path in folder.rglob("*"):
            assert not path.name.startswith("."), (i, path, done)
            assert not path.name.endswith(("-wal", "-shm", "-lock")), (i, path, done)
            if path.suffix == ".optlab":
                assert RunData.open(path).state in (State.STOPPED, State.FINISHED)
                check_integrity(path)
        shutil.rmtree(folder)
    measured(f"ended within {slowest:.2f} s; {cut} before they were done")
