"""The library of runs: every run file in the folders of one folder, as a list.

Reading a thousand files takes a while, looking whether they have changed does not: what
is known of each is kept in an index beside the runs, which may be deleted at any time.
"""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from optlab.params import InputError
from optlab.records import State
from optlab.store.files import write_text
from optlab.store.lock import is_being_written
from optlab.store.notes import NO_NOTES, notes_path, read_notes
from optlab.store.run_facts import RunFacts, from_json, read_facts, to_json
from optlab.translate import tr

INDEX: Final = ".index.json"
INDEX_FORMAT: Final = 1
TAG: Final = "tag:"
Stamp = tuple[int, ...]


@dataclass(frozen=True)
class _Found:
    """A run file in the folder, and what tells whether it has changed."""

    path: Path
    stamp: Stamp
    size: int
    has_notes: bool


class RunLibrary:
    """The runs of one folder; one thread at a time asks it.

    Args:
        folder: The folder in which every run has a folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[Stamp, RunFacts]] | None = None

    def list(self, stop: Callable[[], bool] = lambda: False) -> tuple[RunFacts, ...]:
        """Return all runs, newest first; files that are no runs say why not.

        Args:
            stop: Says that nobody waits any more; then some are missing.
        """
        if self._known is None:
            self._known = self._read_index()
        known, changed = self._known, False
        fresh: dict[str, tuple[Stamp, RunFacts]] = {}
        found = []
        for file in _files(self.folder):
            if stop():
                # What was not looked at is as it was; the next look goes on from here.
                fresh = known | fresh
                break
            key = file.path.relative_to(self.folder).as_posix()
            stamp, facts = known.get(key, ((), None))
            if facts is None or stamp != file.stamp:
                facts = read_facts(file.path, size=file.size)
                changed = True
            if not facts.fault:
                fresh[key] = file.stamp, facts
            notes = read_notes(file.path) if file.has_notes else NO_NOTES
            found.append(replace(_with_true_state(facts), notes=notes))
        self._known = fresh
        if changed or fresh.keys() != known.keys():
            self._write_index()
        return tuple(sorted(found, key=_age))

    def _read_index(self) -> dict[str, tuple[Stamp, RunFacts]]:
        # An index of another version, or one that is no index, is made anew.
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            tree = json.loads((self.folder / INDEX).read_text(encoding="utf-8"))
            if tree["format"] == INDEX_FORMAT:
                return {
                    key: (tuple(stamp), from_json(facts, self.folder / key))
                    for key, (stamp, facts) in dict(tree["runs"]).items()
                }
        return {}

    def _write_index(self) -> None:
        runs: dict[str, Any] = {
            key: [stamp, to_json(facts)]
            for key, (stamp, facts) in (self._known or {}).items()
        }
        # In ASCII: a folder may have a name that is no text at all.
        text = json.dumps({"format": INDEX_FORMAT, "runs": runs})
        # Without it the next look takes longer, and that is all.
        with suppress(InputError):
            write_text(self.folder / INDEX, text)


def matches(facts: RunFacts, query: str, *, more: str = "") -> bool:
    """Return whether a run has all words of ``query``.

    ``tag:word`` asks for that very tag. Anything else is looked for in title, problem,
    optimizers, tags, notes, state, date and the name of the folder.

    Args:
        facts: The run.
        query: Words, case aside.
        more: Other words that a person may know it by.
    """
    tags = {tag.casefold() for tag in facts.notes.tags}
    text = "\n".join(_texts(facts, more)).casefold()
    return all(
        word.removeprefix(TAG) in tags if word.startswith(TAG) else word in text
        for word in query.casefold().split()
        if word != TAG
    )


def started(facts: RunFacts) -> datetime | None:
    """Return when a run was started, in the time of this machine; None if unknown."""
    try:
        return datetime.fromisoformat(facts.created).astimezone()
    except ValueError:
        return None


def all_tags(runs: Iterable[RunFacts]) -> tuple[str, ...]:
    """Return every tag, most frequent first."""
    counts: dict[str, int] = {}
    for facts in runs:
        for tag in facts.notes.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return tuple(sorted(counts, key=lambda tag: (-counts[tag], tag.casefold())))


def _texts(facts: RunFacts, more: str) -> Iterable[str]:
    when = started(facts)
    yield from (facts.title, facts.problem, *facts.words, *facts.optimizers)
    yield from (*facts.labels, *facts.notes.tags, facts.notes.text, more)
    yield from (facts.path.parent.name, facts.state, facts.fault)
    yield "" if when is None else when.strftime("%Y-%m-%d %H:%M")


def _age(facts: RunFacts) -> tuple[bool, float, str]:
    when = started(facts)
    return when is None, -(when.timestamp() if when else 0.0), str(facts.path)


def _with_true_state(facts: RunFacts) -> RunFacts:
    """Return a run as stopped whose program was killed."""
    if facts.fault or facts.state.ended or is_being_written(facts.path):
        return facts
    text = tr("interrupted: its program ended without closing the file")
    return replace(facts, state=State.STOPPED, reason=text)


def _files(folder: Path) -> Iterable[_Found]:
    for directory in _entries(folder):
        if directory.name.startswith(".") or not directory.is_dir():
            continue
        sizes: dict[str, tuple[int, int]] = {}
        for entry in _entries(Path(directory.path)):
            # It may vanish in between.
            with suppress(OSError):
                stat = entry.stat()
                sizes[entry.name] = stat.st_mtime_ns, stat.st_size
        for name, own in sizes.items():
            path = Path(directory.path) / name
            if path.suffix == ".optlab" and not name.startswith("."):
                log = sizes.get(f"{name}-wal", (0, 0))
                yield _Found(
                    path=path,
                    stamp=(*own, *log),
                    size=own[1] + log[1],
                    has_notes=notes_path(path).name in sizes,
                )


def _entries(folder: Path) -> tuple[os.DirEntry[str], ...]:
    try:
        with os.scandir(folder) as entries:
            return tuple(entries)
    except OSError:
        return ()
