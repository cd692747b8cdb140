"""Keeps what is open in a file beside the settings, and puts it back at the next start.

Every change is written within seconds, in one piece; the last time as the window
closes. A lock says whose file it is: a second window at the same time begins afresh
and writes nothing. The lock vanishes with its program, however that ends.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QObject, QTimer, Slot

from optlab.params import InputError
from optlab.spec import spec_from_text
from optlab.store.lock import WriterLock
from optlab.translate import tr
from optlab.ui.background import BackgroundTask, Report
from optlab.ui.files import write_text
from optlab.ui.workspace import (
    KeptViews,
    Workspace,
    read_workspace,
    workspace_to_text,
)

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

FILE: Final = "workspace.json"
WRITE_MS: Final = 2000
_MOVES: Final = frozenset(
    {
        QEvent.Type.Move,
        QEvent.Type.Resize,
        QEvent.Type.WindowStateChange,
        QEvent.Type.Show,
        QEvent.Type.Hide,
    }
)


class WorkspaceKeeper(QObject):
    """Keeps the workspace of one window.

    Args:
        window: The window.
        path: The file.

    Attributes:
        stored: What was kept last time; None if nothing was, or somebody else has it.
        problem: Why what was kept cannot be used, as a sentence; empty otherwise.
    """

    def __init__(self, window: MainWindow, *, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._written = ""
        self._task: BackgroundTask | None = None
        self._lock: WriterLock | None = None
        self._closed = False
        self.stored: Workspace | None = None
        self.problem = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_MS)
        self._timer.timeout.connect(self._write_soon)
        self._take()

    @property
    def owner(self) -> bool:
        """Whether this window is the one that keeps its workspace."""
        return self._lock is not None

    @property
    def crashed(self) -> bool:
        """Whether the program died with what is stored."""
        return self.stored is not None and not self.stored.closed

    # -- beginning ---------------------------------------------------------------

    def _take(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = WriterLock(self._path)
        except (InputError, OSError):
            return
        try:
            self.stored = read_workspace(self._path)
        except FileNotFoundError:
            return
        except InputError as error:
            self._refuse(error)

    def _refuse(self, error: InputError) -> None:
        """Keep a file that cannot be used out of the way, for who wants to look."""
        bad = self._path.with_suffix(".bad")
        self._move(bad)
        self.problem = tr(
            "What was open last time cannot be put back ({reason}); it is kept as "
            "{file}.",
            reason=error.allowed or str(error),
            file=bad,
        )

    def set_aside(self) -> None:
        """Begin afresh; what is stored stays in a file of its own, and at hand."""
        if self.stored is not None:
            self._move(self._path.with_suffix(".previous.json"))

    def _move(self, to: Path) -> None:
        try:
            self._path.replace(to)
        except OSError:
            return

    def title(self) -> str:
        """Return the title of the experiment that is stored; empty if none is."""
        if self.stored is None:
            return ""
        kept = self.stored.experiment
        try:
            spec = spec_from_text(kept.text, self._window.session.catalog)
        except InputError:
            return ""
        return spec.title or kept.source or tr("the last experiment")

    def restore(self, *, undoable: bool = False) -> bool:
        """Put back what is stored; return whether it could be.

        Args:
            undoable: Whether undo leads back to the experiment that is there.
        """
        stored = self.stored
        if stored is None:
            return False
        try:
            self._put_back(stored, undoable=undoable)
        except InputError as error:
            self._refuse(error)
            self.stored = None
            return False
        return True

    def put_window(self) -> None:
        """Give the window the place it had, if there is still a screen there."""
        if self.stored is not None and self.stored.geometry:
            # Qt moves it where it can be seen, and cuts it to the size of the screen.
            self._window.restoreGeometry(QByteArray(self.stored.geometry))

    def _put_back(self, stored: Workspace, *, undoable: bool) -> None:
        window, experiment = self._window, stored.experiment
        catalog = window.session.catalog
        # Asked before anything is changed: all of it is put back, or nothing.
        spec_from_text(experiment.text, catalog, name=experiment.source)
        shown = stored.run is not None and stored.run.is_file()
        if stored.run is not None and shown:
            shown = window.controller.open_run(stored.run)
        if not shown:
            experiment = replace(experiment, bound=0)
        self._put_views(stored.views)
        window.editor.take_up(experiment, undoable=undoable)
        if stored.selected is not None:
            count = len(window.editor.spec.optimizers)
            if stored.selected < count:
                window.optimizers_panel.select(stored.selected)
        if stored.layout:
            window.desk.recall(QByteArray(stored.layout))

    def _put_views(self, kept: KeptViews) -> None:
        state = self._window.state
        state.set_x_axis(kept.x_axis)
        state.set_log_x(kept.log_x)
        state.set_linked(kept.linked)
        state.set_ignore_outliers(kept.ignore_outliers)
        state.set_spread(kept.spread)
        state.set_solid(kept.solid)
        state.set_smoothing(kept.smoothing)
        state.set_hidden(kept.hidden)
        state.set_maximized(kept.maximized)
        state.set_arrangement(kept.arrangement, tr("put back what was open"))
        self.problem = kept.complaint

    # -- keeping -----------------------------------------------------------------

    def watch(self) -> None:
        """Write what changes from now on."""
        if not self.owner:
            return
        window = self._window
        window.editor.changed.connect(self.note)
        window.state.changed.connect(self.note)
        window.controller.run_changed.connect(self._note_run)
        window.rebuilt.connect(self._watch_widgets)
        window.installEventFilter(self)
        self._watch_widgets()

    @Slot()
    def _watch_widgets(self) -> None:
        window = self._window
        window.pages.changed.connect(self.note)
        window.optimizers_panel.selected_changed.connect(self.note)
        for dock in window.desk.docks():
            dock.installEventFilter(self)

    @Slot()
    def note(self) -> None:
        """Something has changed: write it soon."""
        if self._wanted() and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _note_run(self) -> None:
        """Another run is open: write it now, for it may be what ends the program."""
        if self._wanted():
            self._write_soon()

    def _wanted(self) -> bool:
        autosave = bool(self._window.session.preferences.value("autosave"))
        return autosave and not self._closed

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when the window or a panel gets another place or size."""
        if event.type() in _MOVES:
            self.note()
        return super().eventFilter(watched, event)

    @Slot()
    def _write_soon(self) -> None:
        text = workspace_to_text(self._now(closed=False))
        if text == self._written:
            return
        if self._task is not None:
            self._timer.start()
            return
        path = self._path

        def work(_: Report) -> None:
            write_text(path, text)

        self._task = BackgroundTask(work, parent=self)
        self._task.ended.connect(self._on_written)
        self._written = text
        self._task.start()

    @Slot(bool, str)
    def _on_written(self, well: bool, _reason: str) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        if not well:
            # A full disk may have room later; the next change tries again.
            self._written = ""

    def close(self) -> None:
        """Write for the last time and give the file free."""
        self._timer.stop()
        if self._closed or self._lock is None:
            return
        self._closed = True
        if self._task is not None:
            self._task.shutdown()
        try:
            write_text(self._path, workspace_to_text(self._now(closed=True)))
        except InputError:
            return
        finally:
            self._lock.release()

    def _now(self, *, closed: bool) -> Workspace:
        window = self._window
        state = window.state
        return Workspace(
            experiment=window.editor.keep(),
            views=KeptViews(
                x_axis=state.x_axis,
                log_x=state.log_x,
                linked=state.linked,
                ignore_outliers=state.ignore_outliers,
                spread=state.spread,
                solid=state.solid,
                smoothing=state.smoothing,
                hidden=state.hidden,
                maximized=state.maximized,
                arrangement=state.arrangement,
            ),
            run=window.controller.path,
            page=window.pages.page,
            selected=window.optimizers_panel.selected,
            layout=_data(window.desk.remembered()),
            geometry=_data(window.saveGeometry()),
            closed=closed,
        )


def _data(array: QByteArray) -> bytes:
    return bytes(array.data())
