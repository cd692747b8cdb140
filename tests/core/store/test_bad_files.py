"""Whatever is not a sound run file gets one clear line."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from optlab.params import InputError
from optlab.store.database import FORMAT
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter, read_resume
from tests.core.store.synthetic import METRICS, RESOLVED_TEXT, SPEC_TEXT, whole_run


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "run.optlab"
    with RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT) as writer:
        for record in whole_run(steps=5000, slice_rows=500):
            writer.append(record)
    return path.read_bytes()


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def sql(*statements: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return damage


def cut_to(share: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        os.truncate(path, int(path.stat().st_size * share) & ~511)

    return damage


def overwritten(share: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        at = int(len(content) * share)
        content[at : at + 8192] = b"\xa5" * 8192
        path.write_bytes(content)

    return damage


def other_database(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE run (a)")
    connection.close()


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.unlink(), "no such file"),
    "folder": (folder_instead, "a folder"),
    "empty": (lambda path: path.write_bytes(b""), "empty"),
    "text": (lambda path: path.write_text("hello\n" * 999), "not a run file"),
    "short text": (lambda path: path.write_text("hello"), "not a run file"),
    "zeros": (lambda path: path.write_bytes(bytes(8192)), "not a run file"),
    "pickle": (lambda path: path.write_bytes(b"\x80\x04" * 999), "not a run file"),
    "other database": (other_database, "not a run file of OptLab"),
    "newer format": (sql(f"PRAGMA user_version = {FORMAT + 1}"), "use a newer one"),
    "format 0": (sql("PRAGMA user_version = 0"), "written in format 0"),
    "no chunks": (sql("DROP TABLE chunk"), "no table chunk"),
    "view": (
        sql("DROP TABLE event", "CREATE VIEW event AS SELECT 1"),
        "no table event",
    ),
    "no run": (sql("DELETE FROM run"), "describes no run"),
    "state": (sql("UPDATE trial SET state = 'dreaming'"), "damaged"),
    "run state": (sql("UPDATE run SET state = 'dreaming'"), "damaged"),
    "versions": (sql("UPDATE run SET versions = '[1'"), "damaged"),
    "version numbers": (sql("UPDATE run SET versions = '[1]'"), "damaged"),
    "deep versions": (sql(f"UPDATE run SET versions = '{'[' * 5000}'"), "damaged"),
    "notes": (sql("UPDATE trial SET notes = 7"), "damaged"),
    "step": (sql("UPDATE trial SET step = 'many'"), "damaged"),
    "cut off": (cut_to(0.7), "damaged"),
    "cut in the header": (cut_to(0.002), r"damaged|not a run file"),
    "header": (overwritten(0.0), "not a run file"),
    "missing block": (sql("DELETE FROM chunk WHERE first = 0"), "of step 0"),
    "encoding": (sql("UPDATE chunk SET encoding = 'pickle'"), "damaged"),
    "short block": (sql("UPDATE chunk SET data = x'00'"), "damaged"),
    "text block": (sql("UPDATE chunk SET data = 'text'"), "damaged"),
    "huge block": (sql("UPDATE chunk SET n = 1 << 60"), "damaged"),
    "no number": (sql("UPDATE chunk SET n = 'many'"), "damaged"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_that_a_bad_file_gets_one_line_that_names_it(
    tmp_path: Path, sound: bytes, name: str
) -> None:
    make, expected = BAD_FILES[name]
    path = tmp_path / "run.optlab"
    path.write_bytes(sound)
    make(path)
    with pytest.raises(InputError, match=expected) as caught:
        read_everything(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    assert len(text) < 300


def read_everything(path: Path) -> None:
    data = RunData.open(path)
    for trial in data.trials:
        for metric in METRICS:
            data.series(trial.trial, metric)
    read_resume(path)
    data.summary()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_that_an_overwritten_part_gives_at_most_one_clear_error(
    tmp_path: Path, sound: bytes, share: float
) -> None:
    path = tmp_path / "run.optlab"
    path.write_bytes(sound)
    overwritten(share)(path)
    said = ""
    try:
        read_everything(path)
    except InputError as error:
        said = str(error)
    assert said == "" or "damaged run file" in said


@pytest.mark.parametrize("name", ["folder", "empty"])
def test_that_what_cannot_be_a_run_file_is_named_once(
    tmp_path: Path, sound: bytes, name: str
) -> None:
    path = tmp_path / "run.optlab"
    path.write_bytes(sound)
    BAD_FILES[name][0](path)
    with pytest.raises(InputError) as error:
        RunData.open(path)
    assert str(error.value).count(str(path)) == 1


@pytest.mark.parametrize("name", [*BAD_FILES])
def test_that_a_bad_file_is_not_gone_on_with(
    tmp_path: Path, sound: bytes, name: str
) -> None:
    path = tmp_path / "run.optlab"
    path.write_bytes(sound)
    BAD_FILES[name][0](path)
    before = path.read_bytes() if path.is_file() else None
    try:
        RunWriter(path, "", resolved_text="", resume=True).close()
    except InputError:
        if name in ("missing", "folder", "empty", "text", "newer format", "cut off"):
            assert (path.read_bytes() if path.is_file() else None) == before
    else:
        assert name in ("missing block", "short block", "huge block", "encoding")


def open_to_all(folder: Path) -> None:
    """Let other users into a folder, whatever lies above it."""
    for each in (folder, *folder.parents):
        mode = each.stat().st_mode
        if mode & 0o005 != 0o005:
            each.chmod(mode | 0o055)


@contextmanager
def without_power() -> Iterator[None]:
    """Be another user than root, who may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs file modes")
@pytest.mark.parametrize("killed", [False, True])
def test_that_a_file_opens_where_nothing_can_be_written(
    tmp_path: Path, sound: bytes, killed: bool
) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    path = folder / "run ä?#%.optlab"
    if killed:
        source = tmp_path / "run.optlab"
        writer = RunWriter(source, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0)
        for record in list(whole_run())[:-1]:
            writer.append(record)
        for end in ("", "-wal"):
            copy = path.with_name(path.name + end)
            copy.write_bytes(Path(f"{source}{end}").read_bytes())
        writer.close()
    else:
        path.write_bytes(sound)
    for file in folder.iterdir():
        file.chmod(0o444)
    names = sorted(file.name for file in folder.iterdir())
    folder.chmod(0o555)
    open_to_all(tmp_path)
    with without_power():
        assert not os.access(folder, os.W_OK, effective_ids=True)
        data = RunData.open(path)
        assert data.status(0).step == (100 if killed else 5000)
        assert len(data.series(0, "lr")) == (101 if killed else 5001)
    assert data.state.value == ("stopped" if killed else "finished")
    assert sorted(file.name for file in folder.iterdir()) == names


@pytest.mark.skipif(sys.platform == "win32", reason="needs file modes")
def test_that_a_file_that_may_not_be_read_says_so(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "run.optlab"
    path.write_bytes(sound)
    path.chmod(0)
    open_to_all(tmp_path)
    with without_power(), pytest.raises(InputError, match="cannot be read"):
        RunData.open(path)
