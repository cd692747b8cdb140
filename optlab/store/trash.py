"""A trash of the library's own: what is deleted moves aside and can come back.

It lies in the folder of the runs, so that moving is a rename: quick, whole, and within
one disk. A run that has its folder to itself moves with all that lies in there.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

from optlab.params import InputError
from optlab.store.lock import is_being_written
from optlab.store.notes import notes_path
from optlab.translate import tr

TRASH: Final = ".trash"


@dataclass(frozen=True, kw_only=True)
class Trashed:
    """A run in the trash.

    Attributes:
        path: The run file where it was, and will be again.
        place: The folder in the trash that holds everything of it.
    """

    path: Path
    place: Path


def move_to_trash(path: Path, runs: Path) -> Trashed:
    """Move a run file, and what belongs to it, into the trash of ``runs``.

    Raises:
        InputError: It is being written, is gone, or cannot be moved.
    """
    if is_being_written(path):
        text = tr("is being written; stop the run first")
        raise InputError(str(path), None, text)
    if not path.exists():
        raise InputError(str(path), None, tr("no such file"))
    place = runs / TRASH / f"{time.strftime('%Y%m%d-%H%M%S')}-{token_hex(3)}"
    try:
        folder = place / path.parent.name
        if _alone(path, runs):
            place.mkdir(parents=True)
            path.parent.rename(folder)
        else:
            folder.mkdir(parents=True)
            for part in _belongings(path):
                part.rename(folder / part.name)
    except OSError as error:
        _tidy(place)
        raise _cannot_move(path, error) from None
    return Trashed(path=path, place=place)


def restore(trashed: Trashed) -> None:
    """Put a run back where it was.

    Raises:
        InputError: Something is there by now, or it cannot be moved.
    """
    path, kept = trashed.path, trashed.place / trashed.path.parent.name
    try:
        if path.exists():
            raise InputError(str(path), None, tr("is there again already"))
        if not path.parent.exists():
            kept.rename(path.parent)
        else:
            for part in kept.iterdir():
                if not (path.parent / part.name).exists():
                    part.rename(path.parent / part.name)
    except OSError as error:
        raise _cannot_move(trashed.place, error) from None
    _tidy(trashed.place)


def in_trash(runs: Path) -> tuple[Trashed, ...]:
    """Return what lies in the trash, oldest first."""
    trash = runs / TRASH
    places = sorted(trash.iterdir()) if trash.is_dir() else []
    return tuple(
        Trashed(path=runs / file.parent.name / file.name, place=place)
        for place in places
        for file in sorted(place.glob("*/*.optlab"))
    )


def _alone(path: Path, runs: Path) -> bool:
    """Return whether a run has a folder of ``runs`` to itself."""
    folder = path.parent
    return folder.parent == runs and list(folder.glob("*.optlab")) == [path]


def _belongings(path: Path) -> tuple[Path, ...]:
    # A program that was killed leaves its log beside the file; it is part of it.
    names = (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-lock")
    parts = (*(path.with_name(name) for name in names), notes_path(path))
    return tuple(part for part in parts if part.exists())


def _tidy(place: Path) -> None:
    """Remove a place in the trash that holds nothing any more."""
    folders = (*place.glob("*"), place, place.parent) if place.is_dir() else ()
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _cannot_move(path: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(str(path), None, tr("cannot be moved: {reason}", reason=reason))
