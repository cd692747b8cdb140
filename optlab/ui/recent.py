"""The files that were at work last: experiments and runs, pinned ones first."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, QSettings, Signal

FileKind = Literal["experiment", "run"]
MOST: Final = 10
"""How many files of a kind are kept, those that are pinned not counted."""
PLACE: Final = "recent/files"


@dataclass(frozen=True)
class RecentFile:
    """A file that was at work.

    Attributes:
        path: Where it is, or was.
        kind: What it holds.
        pinned: Whether it stays, however long ago that was.
    """

    path: Path
    kind: FileKind
    pinned: bool = False

    @property
    def missing(self) -> bool:
        """Whether it is there no more."""
        return not self.path.is_file()

    @property
    def label(self) -> str:
        """What tells it apart: runs have a folder each, experiments a name."""
        return self.path.parent.name if self.kind == "run" else self.path.name


class Recent(QObject):
    """Recent files, kept in the settings."""

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._files = _read(settings.value(PLACE))

    def files(self, kind: FileKind | None = None) -> tuple[RecentFile, ...]:
        """Return the files, pinned ones first and then the newest.

        Args:
            kind: Only those; None for all.
        """
        wanted = (f for f in self._files if kind in (None, f.kind))
        return tuple(sorted(wanted, key=lambda file: not file.pinned))

    def add(self, path: Path, kind: FileKind) -> None:
        """Put a file to the front."""
        path = path.absolute()
        pinned = any(f.pinned for f in self._files if f.path == path)
        others = tuple(f for f in self._files if f.path != path)
        self._keep((RecentFile(path, kind, pinned), *others))

    def pin(self, path: Path, *, on: bool) -> None:
        """Let a file stay, or not any more."""
        self._keep(
            tuple(replace(f, pinned=on) if f.path == path else f for f in self._files)
        )

    def remove(self, path: Path) -> None:
        """Forget a file; it stays where it is."""
        self._keep(tuple(f for f in self._files if f.path != path))

    def clear(self) -> None:
        """Forget all files that are not pinned."""
        self._keep(tuple(f for f in self._files if f.pinned))

    def _keep(self, files: tuple[RecentFile, ...]) -> None:
        left = {"experiment": MOST, "run": MOST}
        kept = []
        for file in files:
            left[file.kind] -= not file.pinned
            if file.pinned or left[file.kind] >= 0:
                kept.append(file)
        self._files = tuple(kept)
        data = [{**asdict(f), "path": str(f.path)} for f in self._files]
        self._settings.setValue(PLACE, json.dumps(data))
        self.changed.emit()


def _read(kept: object) -> tuple[RecentFile, ...]:
    """Return what is kept, or nothing where a hand has been at the settings."""
    try:
        rows = json.loads(str(kept)) if kept else []
        return tuple(
            RecentFile(Path(row["path"]), row["kind"], bool(row["pinned"]))
            for row in rows
            if row["kind"] in ("experiment", "run")
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
