"""What a disk may hold after the power failed, made from a trace of ``shim.c``.

The model is that of a disk with a cache below a file system with an ordered journal
(ext4, XFS, NTFS):

- What was written and not synced may be there or not, in sectors of 512 bytes, in any
  order; where it is not there, the file holds what it held, or zeros.
- Names (create, rename, unlink) and lengths (truncate) change in the order in which
  they were asked for, and any number of the latest may be missing.
- A sync makes all that was written to that file last, and all changes of names and
  lengths before it.
"""

import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
HEAD = struct.Struct("<cIQQ")
KEPT = (0.0, 0.1, 0.5, 0.9, 1.0)


@dataclass(frozen=True)
class Call:
    """One call of a trace.

    Attributes:
        what: C create, W write, T truncate, S sync, R rename, U unlink, N note.
        path: The file, or the text of a note.
        at: Where it was written, or the new length.
        data: What was written, or the new name.
    """

    what: str
    path: str
    at: int
    data: bytes


def read_trace(path: Path) -> list[Call]:
    """Return what a program did to its files."""
    data, calls, at = path.read_bytes(), [], 0
    while at < len(data):
        what, length, place, n = HEAD.unpack_from(data, at)
        at += HEAD.size
        name = data[at : at + length].decode()
        at += length
        written = data[at : at + n] if what in b"WR" else b""
        at += len(written)
        calls.append(Call(what.decode(), name, place, written))
    return calls


@dataclass
class File:
    """A file on the disk: what lasts, and the calls that may be lost yet."""

    content: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Call]] = field(default_factory=list)


class Disk:
    """A disk on which the calls of a trace are done one after the other."""

    def __init__(self) -> None:
        self._now: dict[str, File] = {}
        self._lasting: dict[str, File] = {}
        self._renamed: list[tuple[int, str, str, File | None]] = []
        self._n = self._synced = 0

    def do(self, call: Call) -> None:
        """Do the next call."""
        self._n += 1
        path = call.path
        match call.what:
            case "C" if path not in self._now:
                self._name("", path, File())
            case "R":
                self._name(path, call.data.decode(), self._now[path])
            case "U":
                self._name(path, "", None)
            case "W" | "T":
                self._now[path].pending.append((self._n, call))
            case "S":
                self._sync(self._now[path])

    def image(self, chance: random.Random) -> dict[str, bytes]:
        """Return what may be there if the power fails now, by file."""
        share = chance.choice(KEPT)
        upto = chance.choice((self._synced, self._n, self._n))
        if chance.random() < 0.5:
            upto = chance.randint(self._synced, self._n)
        names = dict(self._lasting)
        for n, old, new, file in self._renamed:
            if n <= upto:
                _rename(names, old, new, file)
        return {
            name: bytes(_after(file, chance, share=share, upto=upto))
            for name, file in names.items()
        }

    def _name(self, old: str, new: str, file: File | None) -> None:
        _rename(self._now, old, new, file)
        self._renamed.append((self._n, old, new, file))

    def _sync(self, file: File) -> None:
        self._synced = self._n
        for _, old, new, renamed in self._renamed:
            _rename(self._lasting, old, new, renamed)
        self._renamed.clear()
        for _, call in file.pending:
            _apply(file.content, call)
        file.pending.clear()


def images(
    calls: Sequence[Call], count: int, seed: int
) -> Iterator[tuple[list[str], dict[str, bytes]]]:
    """Yield what may be on the disk after power failures, spread over a trace.

    With each come the notes that the program took before the power failed.
    """
    chance = random.Random(seed)
    # Half of them around what is rare, and where it is easy to go wrong.
    rare = [n for n, call in enumerate(calls) if call.what != "W"]
    moments = sorted(
        chance.choice((chance.randrange(len(calls)), near + chance.randint(-3, 4)))
        for near in chance.choices(rare, k=count)
    )
    disk, done, notes = Disk(), 0, list[str]()
    for moment in moments:
        for call in calls[done : max(moment, 0)]:
            disk.do(call)
            if call.what == "N":
                notes.append(call.path)
        done = max(moment, done)
        yield notes, disk.image(chance)


def _rename(names: dict[str, File], old: str, new: str, file: File | None) -> None:
    names.pop(old, None)
    if file is not None:
        names[new] = file


def _after(file: File, chance: random.Random, *, share: float, upto: int) -> bytearray:
    content = bytearray(file.content)
    for n, call in file.pending:
        if call.what == "T":
            if n <= upto:
                _apply(content, call)
            continue
        for place in range(0, len(call.data), SECTOR):
            if chance.random() < share:
                piece = call.data[place : place + SECTOR]
                _apply(content, Call("W", "", call.at + place, piece))
    return content


def _apply(content: bytearray, call: Call) -> None:
    end = call.at + len(call.data)
    if call.what == "T":
        del content[call.at :]
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if call.what == "W":
        content[call.at : end] = call.data
