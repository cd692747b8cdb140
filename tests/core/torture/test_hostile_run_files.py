"""Run files that were damaged, or made to do harm: read, or refused in one sentence."""

import random
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from optlab.params import InputError
from optlab.store.run_facts import read_facts
from optlab.store.run_file import RunWriter
from tests.core.store.synthetic import RESOLVED_TEXT, SPEC_TEXT, whole_run
from tests.core.store.test_bad_files import read_everything
from tests.core.torture.runs import at_most
from tests.promises import Note, Times

SECONDS = 2.0
MOST_BYTES = 200_000_000
LONGEST_SENTENCE = 400
HOSTILE = (
    None,
    -1,
    0,
    2**62,
    float("inf"),
    "",
    "\n\x00'\"; DROP TABLE run",
    "[" * 5000,
    "../../etc/passwd",
    "x" * 100_000,
    b"\x80\x04cos\nsystem\n(S'touch canary'\ntR.",
    bytes(10_000),
)

Damage = Callable[[Path, random.Random], object]


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 4, 64))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def flip_in_head(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(2048)] = chance.randrange(256)
    path.write_bytes(content)


def cut(path: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: chance.randrange(1, len(content))])


def overwrite(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    n, at = chance.choice((16, 512, 4096)), chance.randrange(len(content))
    content[at : at + n] = chance.randbytes(n)
    path.write_bytes(content)


def shuffle_pages(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    one, two = (4096 * chance.randrange(1, len(content) // 4096) for _ in "ab")
    here, there = content[one : one + 4096], content[two : two + 4096]
    content[one : one + 4096], content[two : two + 4096] = there, here
    path.write_bytes(content)


def put_into_cells(path: Path, chance: random.Random) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
        ).fetchall()
        table = chance.choice(names)[0]
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        column, value = chance.choice(columns)[1], chance.choice(HOSTILE)
        connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))


DAMAGES: tuple[Damage, ...] = (
    flip,
    flip_in_head,
    cut,
    overwrite,
    shuffle_pages,
    put_into_cells,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, bytes]:
    """A closed run file; one that is being written, and its log."""
    path = tmp_path_factory.mktemp("sound") / "run.optlab"
    writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0)
    for record in list(whole_run(steps=600, slice_rows=100))[:-1]:
        writer.append(record)
    live = path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes()
    writer.close()
    return path.read_bytes(), *live


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.promise(
    14, "a run file that is damaged at random, or holds hostile values"
)
def test_that_a_hostile_run_file_is_read_or_refused_in_one_sentence(
    tmp_path: Path,
    sound: tuple[bytes, bytes, bytes],
    monkeypatch: pytest.MonkeyPatch,
    times: Times,
    measured: Note,
) -> None:
    monkeypatch.chdir(tmp_path)
    chance, refused, slowest = random.Random(14), 0, 0.0
    count, before = times(60, 2000), peak()
    for i in range(count):
        folder = tmp_path / f"{i}"
        folder.mkdir()
        path = folder / "run.optlab"
        log = path.with_name(f"{path.name}-wal")
        closed, live, tail = sound
        damage: Any = chance.choice(DAMAGES)
        hit = path
        if damage in (flip, cut, overwrite) and chance.random() < 0.3:
            path.write_bytes(live)
            log.write_bytes(tail)
            hit = chance.choice((path, log))
        else:
            path.write_bytes(closed)
        # Some values it refuses to hold; what it holds is read.
        with suppress(sqlite3.Error):
            damage(hit, chance)
        began = monotonic()
        for read in (read_everything, read_facts):
            try:
                read(path)
            except InputError as error:
                text = str(error)
                assert str(path) in text
                assert text.isprintable()
                assert len(text) < LONGEST_SENTENCE
                refused += 1
        slowest = max(slowest, monotonic() - began)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    assert slowest < at_most(SECONDS)
    assert peak() - before < MOST_BYTES
    assert not list(tmp_path.iterdir())
    measured(
        f"{refused} times refused; the slowest took {slowest:.2f} s; peak of memory "
        f"+{(peak() - before) / 1e6:.0f} MB"
    )
