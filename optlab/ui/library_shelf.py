"""The library of runs as the window knows it: what there is, and what is done to it.

It outlives the widgets. Runs are listed in the background; notes are kept at once and
written a moment after the last key; what goes to the trash comes back by undo.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFile, QObject, QSettings, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from optlab.params import InputError
from optlab.store.library import RunLibrary, all_tags, matches
from optlab.store.notes import Notes, write_notes
from optlab.store.run_facts import RunFacts
from optlab.store.trash import Trashed, in_trash, move_to_trash, restore
from optlab.translate import tr, tr_n
from optlab.ui.background import BackgroundTask, Report

WRITE_MS: Final = 600
WHEN: Final = "when"
METRIC: Final = "final:train_loss"


@dataclass(frozen=True, kw_only=True)
class ShelfView:
    """How the library is looked at.

    Attributes:
        query: Words that are searched for.
        tags: Tags that a run must have.
        metric: What the column of results shows: ``final:`` or ``best:`` and a metric.
        sort: Name of the column by which runs are sorted.
        descending: Whether the largest comes first.
        selected: The runs that are selected.
    """

    query: str = ""
    tags: frozenset[str] = frozenset()
    metric: str = METRIC
    sort: str = WHEN
    descending: bool = True
    selected: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What a look at the folder found."""

    runs: tuple[RunFacts, ...]
    trash: tuple[Trashed, ...]


class Shelf(QObject):
    """The runs of one folder.

    Args:
        folder: Where the runs are.
        stack: What was moved to the trash is taken back from there.
        settings: Keeps how the list is sorted.
    """

    changed = Signal()
    """The runs, or what is known or said of them, are others."""
    failed = Signal(str)
    """Something could not be done; carries a sentence."""
    leaving = Signal(object)
    """Runs are about to go to the trash; carries their paths."""

    def __init__(
        self,
        folder: Path,
        *,
        stack: QUndoStack,
        settings: QSettings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self.listed = False
        self.runs: tuple[RunFacts, ...] = ()
        self.trash: tuple[Trashed, ...] = ()
        self._settings = settings
        self._stack = stack
        self._library = RunLibrary(folder)
        self._view = _recalled(settings)
        self._found: list[_Found] = []
        self._task: BackgroundTask | None = None
        self._again = False
        self._closed = False
        self._drafts: dict[Path, Notes] = {}
        # Written while a look was under way, which may have read what was before.
        self._written: dict[Path, Notes] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_MS)
        self._timer.timeout.connect(self.flush)

    # -- what there is -------------------------------------------------------------

    @property
    def view(self) -> ShelfView:
        """How the library is looked at."""
        return self._view

    def set_view(self, view: ShelfView) -> None:
        """Look at it in another way."""
        if view == self._view:
            return
        self._view = view
        for name in ("metric", "sort", "descending"):
            self._settings.setValue(f"library/{name}", getattr(view, name))

    def tags(self) -> tuple[str, ...]:
        """Return every tag, most frequent first."""
        return all_tags(self.runs)

    def run(self, path: Path) -> RunFacts | None:
        """Return what is known of a run file; None if it is not here."""
        return next((facts for facts in self.runs if facts.path == path), None)

    def wanted(self, more: Callable[[RunFacts], str]) -> tuple[RunFacts, ...]:
        """Return the runs that are searched for.

        Args:
            more: Returns further words by which a run can be found.
        """
        query = " ".join((self._view.query, *(f"tag:{t}" for t in self._view.tags)))
        return tuple(f for f in self.runs if matches(f, query, more=more(f)))

    # -- reading -----------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Look what there is, in the background."""
        if self._closed:
            return
        if self._task is not None:
            self._again = True
            return
        found: list[_Found] = []
        self._written = {}

        def work(report: Report) -> None:
            runs = self._library.list(report.cancelled.is_set)
            found.append(_Found(runs, in_trash(self.folder)))

        self._found = found
        self._task = BackgroundTask(work, parent=self)
        self._task.ended.connect(self._finish)
        self._task.start()

    def shutdown(self) -> bool:
        """Write what is not written, and wait, bounded, for what is being read.

        Returns:
            Whether the thread that reads has ended.
        """
        self._closed = True
        self.flush()
        return self._task is None or self._task.shutdown()

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        if self._closed:
            return
        if well:
            self.listed = True
            found = self._found[0]
            self.runs = tuple(self._with_draft(facts) for facts in found.runs)
            self.trash = found.trash
            self.changed.emit()
        elif reason:
            self.failed.emit(reason)
        if self._again:
            self._again = False
            self.refresh()

    # -- what a person says ----------------------------------------------------------

    def say(self, path: Path, notes: Notes) -> None:
        """Keep what a person says of a run; it is written a moment later."""
        facts = self.run(path)
        if facts is None or facts.notes == notes:
            return
        self._drafts[path] = notes
        self.runs = tuple(self._with_draft(facts) for facts in self.runs)
        self._timer.start()
        self.changed.emit()

    @Slot()
    def flush(self) -> None:
        """Write the notes that are not written yet."""
        self._timer.stop()
        drafts, self._drafts = self._drafts, {}
        for path, notes in drafts.items():
            try:
                write_notes(path, notes)
                self._written[path] = notes
            except InputError as error:
                # Kept, so that it is written with what is typed next, or at the end.
                self._drafts.setdefault(path, notes)
                self.failed.emit(tr("The notes are not saved: {why}", why=error))

    def _with_draft(self, facts: RunFacts) -> RunFacts:
        notes = self._drafts.get(facts.path, self._written.get(facts.path))
        return facts if notes is None else replace(facts, notes=notes)

    # -- the trash -------------------------------------------------------------------

    def throw_away(self, paths: Sequence[Path]) -> None:
        """Move runs to the trash; they come back by undo."""
        titles = [facts.title or facts.path.parent.name for facts in self._known(paths)]
        done = self.move_away(paths)
        if done:
            text = tr_n(
                "move {name} to the trash",
                "move {n} runs to the trash",
                n=len(done),
                name=titles[0] if titles else "",
            )
            self._stack.push(_ThrowingAway(text, self, done))

    def move_away(self, paths: Iterable[Path]) -> tuple[Trashed, ...]:
        """Move runs to the trash, past undo; return those that could be."""
        paths = tuple(paths)
        self.flush()
        self.leaving.emit(paths)
        done: list[Trashed] = []
        for path in paths:
            try:
                done.append(move_to_trash(path, self.folder))
            except InputError as error:
                self.failed.emit(tr("Not moved to the trash: {why}", why=error))
        gone = {trashed.path for trashed in done}
        self.runs = tuple(facts for facts in self.runs if facts.path not in gone)
        self.changed.emit()
        self.refresh()
        return tuple(done)

    def bring_back(self, trashed: Iterable[Trashed]) -> None:
        """Put runs back where they were."""
        for each in trashed:
            try:
                restore(each)
            except InputError as error:
                self.failed.emit(tr("Not brought back: {why}", why=error))
        self.refresh()

    def empty_trash(self) -> None:
        """Hand everything in the trash on to the trash of the desktop."""
        for each in in_trash(self.folder):
            if not to_desktop_trash(each.place):
                text = tr("The desktop has no trash for {path}", path=each.place)
                self.failed.emit(text)
                break
        self.refresh()

    def _known(self, paths: Sequence[Path]) -> list[RunFacts]:
        return [facts for facts in self.runs if facts.path in paths]


class _ThrowingAway(QUndoCommand):
    """Runs that went to the trash; they are there already when this is made."""

    def __init__(self, text: str, shelf: Shelf, done: tuple[Trashed, ...]) -> None:
        super().__init__(text)
        self._shelf = shelf
        self._paths = tuple(trashed.path for trashed in done)
        self._done: tuple[Trashed, ...] = done
        self._there = True

    def redo(self) -> None:
        """Move them away again."""
        if not self._there:
            self._done = self._shelf.move_away(self._paths)
            self._there = True

    def undo(self) -> None:
        """Bring them back."""
        self._shelf.bring_back(self._done)
        self._there = False


def to_desktop_trash(path: Path) -> bool:
    """Move a folder to the trash of the desktop; return whether it went there."""
    return QFile(str(path)).moveToTrash()


def _recalled(settings: QSettings) -> ShelfView:
    usual = ShelfView()
    metric = str(settings.value("library/metric", usual.metric))
    sort = str(settings.value("library/sort", usual.sort))
    descending = str(settings.value("library/descending", "true")).lower() == "true"
    if metric.partition(":")[0] not in ("final", "best"):
        metric = usual.metric
    return ShelfView(metric=metric, sort=sort, descending=descending)
