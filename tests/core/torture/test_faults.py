"""Whatever call to the disk fails: one clear sentence, and no harm to what was."""

import errno
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from optlab.params import InputError
from optlab.store.notes import read_notes
from optlab.store.run_data import RunData
from tests.core.torture.conftest import OPTLAB, Ended, Nursery
from tests.core.torture.power import read_trace
from tests.core.torture.runs import SPEC, curves
from tests.promises import Note, Times, tortured

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
MOST_LINES = 3
SURE = 3
"""So many calls there are whatever is done."""
STUDY = """
title = "Study"
[problem]
name = "rosenbrock"
[training]
steps = 12
seeds = [0, 1]
[tuning]
trials = 2
[[optimizers]]
name = "SGD"
lr = 0.0005
"""


@dataclass(frozen=True)
class Verb:
    """What is done on a disk that fails.

    Attributes:
        words: What is given to it.
        makes: Files that it makes or replaces; all others are left as they are.
        call: The function.
        beside: Whether folders are made, in which anything may be.
    """

    words: tuple[str, ...]
    makes: tuple[str, ...]
    call: str = OPTLAB
    beside: tuple[str, ...] = ()


OUTPUTS = ("run.optlab", "metrics.csv", "summary.csv", "curves.svg")
VERBS = {
    "run": Verb(
        ("run", "spec.toml", "--out", "out", "--quiet"),
        tuple(f"out/{name}" for name in OUTPUTS),
    ),
    "resume": Verb(
        ("resume", "old/run.optlab", "--steps", "80", "--quiet"),
        tuple(f"old/{name}" for name in OUTPUTS),
    ),
    "table": Verb(
        ("export", "old/run.optlab", "--to", "table.csv", "--force"), ("table.csv",)
    ),
    "figure": Verb(
        ("export", "old/run.optlab", "--to", "table.svg", "--force"), ("table.svg",)
    ),
    "report": Verb(
        ("report", "old/run.optlab", "--to", "page.html", "--force"), ("page.html",)
    ),
    "tune": Verb(
        ("tune", "study.toml", "--out", "study", "--quiet"),
        (),
        call="tests.core.torture.writers:tune_here",
        beside=("study",),
    ),
    "note": Verb(
        ("old/run.optlab", "."),
        ("old/run.notes.toml",),
        call="tests.core.torture.writers:note_down",
        beside=(".trash",),
    ),
}
OLD = "old and whole"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Path:
    """A folder as it is before something fails."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "spec.toml").write_text(SPEC.format(steps=40))
    (folder / "study.toml").write_text(STUDY)
    done = nursery.run("run", "spec.toml", "--out", "old", "--quiet", folder=folder)
    assert done.code == 0, done.err
    for name in ("table.csv", "table.svg", "page.html"):
        (folder / name).write_text(OLD)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder, apart from what SQLite keeps while it works."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def check_said(ended: Ended) -> None:
    """Check that what went wrong was said in a few clear lines."""
    assert ended.code in (0, 1, 2)
    lines = ended.err.splitlines()
    assert all(line.startswith("optlab: ") for line in lines), ended.err
    assert "Traceback" not in ended.err
    assert len(lines) <= MOST_LINES, ended.err
    assert ended.code == 0 or lines


def check_left(verb: Verb, folder: Path, before: dict[str, bytes]) -> None:
    """Check that what was there is as it was, or new and whole."""
    now = files(folder)
    for name, content in before.items():
        if name in verb.makes or "/.trash" in name:
            continue
        moved = [n for n in now if n.startswith(".trash") and n.endswith(name)]
        assert now.get(name) == content or any(now[n] == content for n in moved), name
    for name in now:
        if name.endswith(".optlab") and "/." not in f"/{name}":
            try:
                curves(RunData.open(folder / name))
            except InputError as error:
                raise AssertionError(f"{name} does not open: {error}") from None
    for name in verb.makes:
        if name.endswith((".csv", ".svg", ".html")) and name in now:
            text = now[name].decode()
            assert text == OLD or text.endswith(("\n", ">")), name
    assert not read_notes(folder / "old" / "run.optlab").fault


@pytest.mark.promise(3, "each call that writes fails in turn, with each error")
@pytest.mark.parametrize("name", VERBS)
def test_that_no_failing_call_does_harm(
    name: str,
    tmp_path: Path,
    home: Path,
    failing: Nursery,
    times: Times,
    measured: Note,
) -> None:
    verb, chance = VERBS[name], random.Random(3)
    before = files(home)

    def attempt(nth: int, error: int, *, and_on: bool) -> tuple[Ended, Path, bool]:
        folder, trace = tmp_path / f"{nth}", tmp_path / f"{nth}.trace"
        shutil.copytree(home, folder)
        fail = {"watch": str(folder), "fail": [nth, error, and_on]}
        program = failing.start(
            *verb.words,
            folder=folder,
            call=verb.call,
            shim={**fail, "trace": str(trace)},
        )
        while not program.ended(0.2):
            if and_on and "no space left" in program.said():
                # It waits for room that never comes.
                program.send(signal.SIGTERM)
        done = program.wait()
        fired = any(call.what == "F" for call in read_trace(trace))
        trace.unlink()
        return done, folder, fired

    if tortured():
        done, folder, fired = attempt(10**6, errno.EIO, and_on=False)
        assert (done.code, done.err, fired) == (0, "", False)
        check_left(verb, folder, before)
    failed = silent = nth = 0
    while tortured() or not failed:
        nth = nth + 1 if tortured() else chance.randint(1, SURE)
        error = chance.choice(ERRORS)
        done, folder, fired = attempt(nth, error, and_on=chance.random() < 0.5)
        if not fired:
            break
        try:
            check_said(done)
            check_left(verb, folder, before)
        except AssertionError as wrong:
            wrong.add_note(f"call {nth}, {errno.errorcode[error]}: {done}")
            raise
        failed += 1
        silent += done.code == 0
        shutil.rmtree(folder)
    assert failed == times(1, failed) > 0
    measured(f"{silent} of them did not matter")
