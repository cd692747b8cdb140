"""The library of runs: what it lists, notes beside the runs, and the trash."""

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from optlab.params import InputError
from optlab.records import State
from optlab.store.library import INDEX, RunLibrary, all_tags, matches, started
from optlab.store.notes import Notes, clean_tags, notes_path, read_notes, write_notes
from optlab.store.run_data import RunData
from optlab.store.run_facts import RunFacts, read_curves, read_facts
from optlab.store.run_file import RunWriter
from optlab.store.trash import in_trash, move_to_trash, restore
from tests.core.store.synthetic import rows, start, whole_run

SPEC = """title = "A test"
[problem]
name = "image-classification"
model = "seed-cnn"
dataset = "lobes-32"
"""


def record(
    runs: Path, name: str = "one", *, diverged: dict[int, int] | None = None
) -> Path:
    path = runs / name / "run.optlab"
    path.parent.mkdir(parents=True)
    with RunWriter(path, SPEC, resolved_text=SPEC) as writer:
        for each in whole_run(seeds=(0, 1), diverged=diverged):
            writer.append(each)
    return path


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def half_written(runs: Path) -> Iterator[Path]:
    """A run that goes on for as long as the test does."""
    path = runs / "going" / "run.optlab"
    path.parent.mkdir(parents=True)
    with RunWriter(path, SPEC, resolved_text=SPEC) as writer:
        writer.append(start())
        writer.append(rows(0, 0, 8))
        writer.flush()
        yield path


def test_that_no_folder_is_no_run(runs: Path) -> None:
    assert RunLibrary(runs).list() == ()
    assert not runs.exists()


def test_that_a_run_says_what_it_is(runs: Path) -> None:
    path = record(runs)
    (facts,) = RunLibrary(runs).list()
    assert (facts.path, facts.fault, facts.title) == (path, "", "A test")
    assert facts.problem == "image-classification"
    assert facts.words == ("seed-cnn", "lobes-32")
    assert facts.labels == ("SGD", "Adam")
    assert facts.optimizers == ("SGD",)
    assert facts.seeds == (0, 1)
    assert (facts.trials, facts.steps, facts.step) == (4, 100, 100)
    assert (facts.state, facts.device) == (State.FINISHED, "cpu")
    assert facts.seconds == pytest.approx(0.1 * (1 + 2 + 3 + 4))
    assert facts.size == path.stat().st_size
    when = started(facts)
    assert when is not None
    assert abs(when.timestamp() - time.time()) < 60


def test_that_results_are_those_of_the_best_trial(runs: Path) -> None:
    path = record(runs)
    facts = read_facts(path)
    data = RunData.open(path)
    summary = data.summary()
    final = min(row.final_train_loss or np.inf for row in summary)
    best = min(row.best_train_loss or np.inf for row in summary)
    assert facts.finals["train_loss"].value == final
    assert facts.finals["train_loss"].label == "Adam"
    assert facts.bests["train_loss"].value == best
    accuracies = [data.series(t.trial, "val_accuracy") for t in data.trials]
    assert facts.finals["val_accuracy"].value == max(a.last for a in accuracies)
    assert facts.bests["val_accuracy"].value == max(a.values.max() for a in accuracies)
    assert facts.finals["val_loss"].value == min(
        data.series(t.trial, "val_loss").last for t in data.trials
    )
    # Neither more nor less of it is better: it is that of the lowest loss.
    lowest = min(summary, key=lambda row: row.final_train_loss or np.inf).trial
    norm = data.series(lowest, "param_norm").last
    assert facts.finals["param_norm"].value == norm


def test_that_a_trial_that_diverged_wins_nothing(runs: Path) -> None:
    facts = read_facts(record(runs, diverged={2: 40, 3: 40}))
    assert facts.finals["train_loss"].label == "SGD"


def test_that_files_that_are_no_runs_say_what_is_wrong(runs: Path) -> None:
    record(runs)
    for name, content in (
        ("empty", b""),
        ("foreign", b"no database" * 100),
        ("cut", (runs / "one" / "run.optlab").read_bytes()[:5000]),
    ):
        (runs / name).mkdir()
        (runs / name / "run.optlab").write_bytes(content)
    found = {f.path.parent.name: f.fault for f in RunLibrary(runs).list()}
    assert found["one"] == ""
    assert "empty" in found["empty"]
    assert "not a run file" in found["foreign"]
    assert "damaged" in found["cut"]


def test_that_a_run_that_goes_on_is_running(runs: Path, half_written: Path) -> None:
    (facts,) = RunLibrary(runs).list()
    assert facts.state is State.RUNNING
    assert facts.step == 7


def test_that_a_run_whose_program_was_killed_is_stopped(
    runs: Path, half_written: Path
) -> None:
    copy = runs / "killed" / "run.optlab"
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{half_written}{suffix}", f"{copy}{suffix}")
    library = RunLibrary(runs)
    for _ in range(2):
        found = {f.path.parent.name: f for f in library.list()}
        assert found["killed"].state is State.STOPPED
        assert "interrupted" in found["killed"].reason
        assert found["going"].state is State.RUNNING


def test_that_a_file_is_read_again_only_when_it_has_changed(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noting(path: Path, *, size: int = 0) -> RunFacts:
        read.append(path.parent.name)
        return read_facts(path, size=size)

    monkeypatch.setattr("optlab.store.library.read_facts", noting)
    record(runs, "one"), record(runs, "two")
    first = RunLibrary(runs).list()
    assert sorted(read) == ["one", "two"]
    assert RunLibrary(runs).list() == first
    assert len(read) == 2
    os.utime(runs / "two" / "run.optlab", (1, 1))
    assert RunLibrary(runs).list() == first
    assert read[2:] == ["two"]
    shutil.rmtree(runs / "two")
    assert [f.path.parent.name for f in RunLibrary(runs).list()] == ["one"]
    assert "two" not in json.loads((runs / INDEX).read_text("utf-8"))["runs"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[]",
        '{"format": 1}',
        '{"format": 2}',
        '{"format": 1, "runs": []}',
        '{"format": 1, "runs": 5}',
    ],
)
def test_that_a_bad_index_is_made_anew(runs: Path, text: str) -> None:
    record(runs)
    (runs / INDEX).write_text(text, "utf-8")
    (facts,) = RunLibrary(runs).list()
    assert facts.title == "A test"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("title", 5),
        ("labels", [1]),
        ("optimizers", "ab"),
        ("seeds", ["one"]),
        ("finals", []),
        ("bests", {"train_loss": ["x", "SGD"]}),
        ("versions", []),
        ("created", 7),
        ("fault", 3),
        ("steps", "many"),
        ("seconds", "long"),
    ],
)
def test_that_an_index_with_something_else_in_it_is_made_anew(
    runs: Path, name: str, wrong: object
) -> None:
    record(runs)
    first = RunLibrary(runs).list()
    tree = json.loads((runs / INDEX).read_text("utf-8"))
    tree["runs"]["one/run.optlab"][1][name] = wrong
    (runs / INDEX).write_text(json.dumps(tree), "utf-8")
    assert RunLibrary(runs).list() == first


def test_that_a_look_that_is_broken_off_forgets_nothing(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        record(runs, name)
    library = RunLibrary(runs)
    library.list()
    assert library.list(lambda: True) == ()
    assert len(json.loads((runs / INDEX).read_text("utf-8"))["runs"]) == 3

    def refuse(path: Path, **_: object) -> RunFacts:
        raise AssertionError(path)

    monkeypatch.setattr("optlab.store.library.read_facts", refuse)
    assert len(library.list()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_that_a_folder_whose_name_is_no_text_is_listed(runs: Path) -> None:
    path = record(runs)
    path.parent.rename(runs / os.fsdecode(b"\xff\xfe"))
    (first,) = RunLibrary(runs).list()
    assert first.title == "A test"
    assert RunLibrary(runs).list() == (first,)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("spec", "problem = 3"),
        ("spec", "["),
        ("versions", "[]"),
        ("versions", "[1]"),
        ("versions", "[" * 100_000),
        ("state", "odd"),
    ],
)
def test_that_a_run_with_something_else_in_it_holds_up_no_other(
    runs: Path, column: str, text: str
) -> None:
    path = record(runs, "bad")
    record(runs, "good")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE run SET {column} = ?", (text,))
        connection.commit()
    found = {facts.path.parent.name: facts for facts in RunLibrary(runs).list()}
    assert (found["good"].title, found["good"].fault) == ("A test", "")
    assert "damaged" in found["bad"].fault


def test_that_curves_of_a_trial_that_is_not_there_are_a_fault(runs: Path) -> None:
    path = record(runs)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM trial WHERE trial = 0")
        connection.commit()
    with pytest.raises(InputError, match="damaged"):
        read_curves(path)


def test_that_the_newest_run_comes_first(runs: Path) -> None:
    for name in ("a", "b", "c"):
        record(runs, name)
    assert [f.path.parent.name for f in RunLibrary(runs).list()] == ["c", "b", "a"]


def test_that_many_runs_are_listed_at_once_the_second_time(runs: Path) -> None:
    path = record(runs, "r0")
    for k in range(1, 300):
        (runs / f"r{k}").mkdir()
        shutil.copyfile(path, runs / f"r{k}" / "run.optlab")
    assert len(RunLibrary(runs).list()) == 300
    began = time.perf_counter()
    assert len(RunLibrary(runs).list()) == 300
    # 15 ms on an idle machine.
    assert time.perf_counter() - began < 1.0


def test_that_curves_are_thinned_and_know_their_entry(runs: Path) -> None:
    curves = read_curves(record(runs))
    assert [entry for entry, _ in curves] == [0, 0, 1, 1]
    steps = [step for step, _ in curves[0][1]]
    assert steps == sorted(steps)
    assert steps[0] == 1
    assert len(steps) <= 1000
    assert read_curves(runs / "one" / "run.optlab", "no_such") == ()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("TEST adam", True),
        ("cnn", True),
        ("finished", True),
        ("lion", False),
        ("adam lion", False),
        ("tag:good", True),
        ("tag:Good", True),
        ("tag:goo", False),
        ("tag:", True),
        ("goo", True),
        ("überraschung", True),
        ("more", True),
    ],
)
def test_that_all_words_are_looked_for(runs: Path, query: str, found: bool) -> None:
    path = record(runs)
    write_notes(path, Notes(text="Eine Überraschung", tags=("good",)))
    (facts,) = RunLibrary(runs).list()
    assert matches(facts, query, more="some MORE words") is found


def test_that_a_run_is_found_by_its_day(runs: Path) -> None:
    record(runs)
    (facts,) = RunLibrary(runs).list()
    when = started(facts)
    assert when is not None
    assert matches(facts, f"{when:%Y-%m-%d}")
    assert not matches(facts, "1999-01-01")


def test_that_notes_lie_beside_the_run_and_are_read_back(runs: Path) -> None:
    path = record(runs)
    before = path.read_bytes()
    text = 'a "quoted" line\n\n\\ and a second\'\'\' one """ end\n'
    notes = Notes(text=text, tags=("eins", "zwei"), pinned=True)
    write_notes(path, notes)
    assert read_notes(path) == notes
    assert notes_path(path).name == "run.notes.toml"
    assert path.read_bytes() == before
    (facts,) = RunLibrary(runs).list()
    assert facts.notes == notes
    write_notes(path, Notes())
    assert read_notes(path) == Notes()


def test_that_nothing_said_leaves_no_file(runs: Path) -> None:
    path = record(runs)
    write_notes(path, Notes())
    assert not notes_path(path).exists()


def test_that_notes_that_cannot_be_read_say_so(runs: Path) -> None:
    path = record(runs)
    notes_path(path).write_bytes(b"notes = [")
    assert "run.notes.toml" in read_notes(path).fault
    notes_path(path).write_bytes(b"\xff\xfe")
    assert "run.notes.toml" in read_notes(path).fault


def test_that_tags_are_single_words_each_once() -> None:
    given = ["#good", "Good", "two words", "a,b", "", "#", "x"]
    assert clean_tags(given) == ("good", "two-words", "a-b", "x")


def test_that_tags_are_counted(runs: Path) -> None:
    for name, tags in (("a", ("x",)), ("b", ("y", "x")), ("c", ())):
        write_notes(record(runs, name), Notes(tags=tags))
    assert all_tags(RunLibrary(runs).list()) == ("x", "y")


def test_that_a_run_goes_to_the_trash_and_comes_back(runs: Path) -> None:
    path = record(runs)
    write_notes(path, Notes(tags=("kept",)))
    (path.parent / "metrics.csv").write_text("step\n", "utf-8")
    before = sorted(f.name for f in path.parent.iterdir())
    trashed = move_to_trash(path, runs)
    assert not path.parent.exists()
    assert RunLibrary(runs).list() == ()
    assert in_trash(runs) == (trashed,)
    restore(trashed)
    assert sorted(f.name for f in path.parent.iterdir()) == before
    assert in_trash(runs) == ()
    assert RunLibrary(runs).list()[0].notes.tags == ("kept",)


def test_that_one_of_two_runs_in_a_folder_goes_alone(runs: Path) -> None:
    path = record(runs)
    other = path.with_name("other.optlab")
    shutil.copyfile(path, other)
    write_notes(other, Notes(text="mine"))
    trashed = move_to_trash(other, runs)
    assert [f.path.name for f in RunLibrary(runs).list()] == ["run.optlab"]
    assert not notes_path(other).exists()
    restore(trashed)
    assert len(RunLibrary(runs).list()) == 2
    assert read_notes(other).text == "mine"


def test_that_a_run_that_is_written_is_not_deleted(
    runs: Path, half_written: Path
) -> None:
    with pytest.raises(InputError, match="being written"):
        move_to_trash(half_written, runs)
    assert half_written.exists()
    assert in_trash(runs) == ()


def test_that_a_run_is_not_restored_over_another(runs: Path) -> None:
    trashed = move_to_trash(record(runs), runs)
    record(runs)
    with pytest.raises(InputError, match="there again"):
        restore(trashed)
    assert in_trash(runs) == (trashed,)


def test_that_a_run_that_is_gone_cannot_be_deleted(runs: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        move_to_trash(runs / "none" / "run.optlab", runs)
    assert in_trash(runs) == ()
