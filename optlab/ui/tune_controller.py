"""The window's side of a study: start, stop, go on; and which study is shown.

The worker lives in a `QThread` that this controller owns; it is asked by a queued
signal, answers by four, and is never terminated. What a study has brought is read from
its folder, in the background, as often as that costs a quarter of the time at most.
"""

from contextlib import suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Final

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from optlab.params import InputError
from optlab.registry import Catalog
from optlab.runner import new_folder
from optlab.spec import ExperimentSpec
from optlab.sweep.folder import StudyFolder
from optlab.sweep.jobs import Executor
from optlab.sweep.study import (
    Ended,
    JobFailed,
    RungDone,
    StudyEvent,
    WinnersKnown,
    Working,
)
from optlab.translate import tr
from optlab.ui.background import BackgroundTask, Report
from optlab.ui.tune_picture import StudyPicture
from optlab.ui.tune_reading import StudyReader
from optlab.ui.tune_where import Where
from optlab.ui.tune_worker import StudyJob, StudyWorker

STOP_WAIT_MS: Final = 15_000
"""Processes end their last steps first, and a thread is never terminated."""
LOOK_MS: Final = 400
REST: Final = 3.0


def executor_at(where: Where) -> Executor:
    """Return what does the jobs of a study.

    Raises:
        InputError: It cannot be reached.
    """
    # Here and not above: whoever only looks at a study needs none of them.
    from optlab.sweep.executors import executor

    return executor(where.processes, where.address or None)


class StudyPhase(StrEnum):
    """What the worker is at."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPING = "stopping"


class TuneController(QObject):
    """Owns the thread of the study and knows the one on the page; in the GUI thread.

    Args:
        catalog: What experiments are made of.
        runs: Folder in which each study gets a folder of its own.

    Attributes:
        executor_at: Returns what does the jobs of a study.
    """

    changed = Signal()
    """The phase, how far it is, or which study is shown is another."""
    pictured = Signal()
    """More is known of the study that is shown."""
    ended = Signal()
    """The study that went on is over."""
    failed = Signal(str)
    """Something could not be done; carries a sentence."""
    unreachable = Signal(str)
    """Trials cannot be run where they should; carries a sentence."""
    _execute = Signal(object)

    def __init__(
        self, catalog: Catalog, *, runs: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._runs = runs
        self.executor_at = executor_at
        self.phase = StudyPhase.IDLE
        self.folder: Path | None = None
        self.spec: ExperimentSpec | None = None
        self.picture: StudyPicture | None = None
        self.share = 0.0
        self.comparing = False
        self.rungs: dict[tuple[int, str], int] = {}
        self.failures = 0
        self._began = self._begun_share = 0.0
        self._stop = Event()
        self._reader: StudyReader | None = None
        self._look: BackgroundTask | None = None
        self._looked: list[StudyPicture] = []
        self._look_began = 0.0
        self._again = False
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._begin_look)
        self._thread = QThread(self)
        self._thread.setObjectName("study-worker")
        self._worker = StudyWorker()
        self._worker.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._execute.connect(self._worker.execute, queued)
        self._worker.happened.connect(self._on_happened, queued)
        self._worker.unreachable.connect(self._on_unreachable, queued)
        self._worker.failed.connect(self._on_failed, queued)
        self._worker.finished.connect(self._on_finished, queued)

    # -- what there is ---------------------------------------------------------

    @property
    def active(self) -> bool:
        """Whether a study goes on."""
        return self.phase is not StudyPhase.IDLE

    @property
    def complete(self) -> bool:
        """Whether everything of the study that is shown is done."""
        if self.spec is None or self.picture is None:
            return False
        seeds = len(self.spec.training.seeds)
        problems = 1 + len(self.spec.further_problems)
        rows = [row for p in self.picture.problems for row in p.rows]
        there = len(rows) == problems * len(self.spec.optimizers)
        return there and all(row.seeds >= seeds for row in rows)

    @property
    def resumable(self) -> bool:
        """Whether the study that is shown was stopped and can go on."""
        return self.folder is not None and not self.active and not self.complete

    @property
    def seconds_left(self) -> float | None:
        """How long it will take; None before there is enough to go by."""
        done = self.share - self._begun_share
        seconds = monotonic() - self._began
        if not self.active or done <= 0.01 or seconds < 2.0:
            return None
        return seconds / done * (1.0 - self.share)

    # -- what a person asks ------------------------------------------------------

    def start(self, spec: ExperimentSpec, *, where: Where, device: str) -> bool:
        """Begin a study; return whether it was taken on."""
        if self.active:
            return False
        try:
            folder = new_folder(self._runs, spec.title)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        self._begin(spec, folder, where=where, device=device)
        return True

    def resume(self, *, where: Where, device: str) -> bool:
        """Go on with the study that is shown; return whether it was taken on."""
        if not self.resumable or self.folder is None or self.spec is None:
            return False
        self._begin(self.spec, self.folder, where=where, device=device)
        return True

    def stop(self) -> None:
        """End the study; what was done so far stays."""
        if self.phase is StudyPhase.RUNNING:
            self._stop.set()
            self.phase = StudyPhase.STOPPING
            self.changed.emit()

    def open(self, folder: Path) -> bool:
        """Show a study that was begun earlier; return whether there is one."""
        if self.active:
            self.failed.emit(tr("Stop the study that is going on first."))
            return False
        try:
            spec = StudyFolder(folder).read(self._catalog)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        self._show(spec, folder)
        self.look()
        return True

    @Slot()
    def look(self) -> None:
        """Read the study that is shown again, soon."""
        if self._reader is None or self._closed:
            return
        if self._look is not None:
            self._again = True
        elif not self._timer.isActive():
            self._timer.start()

    def shutdown(self, *, wait_ms: int = STOP_WAIT_MS) -> bool:
        """End everything and wait, bounded; return whether all threads have ended."""
        self._closed = True
        self._timer.stop()
        self._stop.set()
        ended = self._look is None or self._look.shutdown()
        self._thread.quit()
        return self._thread.wait(wait_ms) and ended

    # -- what the worker says ------------------------------------------------------

    @Slot(object)
    def _on_happened(self, event: StudyEvent) -> None:
        match event:
            case Working(share=share):
                self.share = share
            case RungDone(problem=problem, label=label, rung=rung):
                self.rungs[problem, label] = rung + 1
            case WinnersKnown():
                self.comparing = True
            case JobFailed(reason=reason):
                if not self.failures:
                    self.failed.emit(reason)
                self.failures += 1
            case Ended(stopped=stopped):
                self.share = self.share if stopped else 1.0
            case _:
                pass
        if not isinstance(event, Working):
            self.look()
        self.changed.emit()

    @Slot(str)
    def _on_unreachable(self, reason: str) -> None:
        self.unreachable.emit(reason)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self.failed.emit(reason)

    @Slot()
    def _on_finished(self) -> None:
        self.phase = StudyPhase.IDLE
        self._drop_unbegun()
        self.look()
        self.changed.emit()
        self.ended.emit()

    # -- inside ----------------------------------------------------------------

    def _begin(
        self, spec: ExperimentSpec, folder: Path, *, where: Where, device: str
    ) -> None:
        if folder != self.folder:
            self._show(spec, folder)
        self._stop = Event()
        self._began, self._begun_share = monotonic(), self.share
        self.phase = StudyPhase.RUNNING
        self.comparing = spec.tuning is None
        self.rungs.clear()
        self.failures = 0
        if not self._thread.isRunning():
            self._thread.start()
        self.changed.emit()
        self._execute.emit(
            StudyJob(
                spec=spec,
                catalog=self._catalog,
                folder=folder,
                device=device,
                executor=partial(self.executor_at, where),
                stop=self._stop,
            )
        )

    def _show(self, spec: ExperimentSpec, folder: Path) -> None:
        self.spec, self.folder, self.picture = spec, folder, None
        self.share = 0.0
        self.comparing = False
        self._reader = StudyReader(folder, spec, self._catalog)
        self.pictured.emit()
        self.changed.emit()

    def _drop_unbegun(self) -> None:
        """Take a study away that could not even begin."""
        folder = self.folder
        if folder is None or StudyFolder(folder).study_file.exists():
            return
        # What somebody else has put there stays.
        with suppress(OSError):
            folder.rmdir()
        self.folder = self.spec = self.picture = self._reader = None
        self.share = 0.0
        self.pictured.emit()

    @Slot()
    def _begin_look(self) -> None:
        reader = self._reader
        if reader is None or self._look is not None or self._closed:
            return
        found: list[StudyPicture] = []

        def work(_: Report) -> None:
            found.append(reader.picture())

        self._looked, self._again = found, False
        self._look_began = monotonic()
        self._look = BackgroundTask(work, parent=self)
        self._look.ended.connect(self._on_looked)
        self._look.start()

    @Slot(bool, str)
    def _on_looked(self, well: bool, reason: str) -> None:
        if self._look is not None:
            self._look.deleteLater()
            self._look = None
        cost = monotonic() - self._look_began
        self._timer.setInterval(max(LOOK_MS, round(1000.0 * REST * cost)))
        if self._closed:
            return
        if well and self._looked:
            self.picture = self._looked[0]
            self.pictured.emit()
            self.changed.emit()
        elif reason:
            self.failed.emit(reason)
        if self._again:
            self._timer.start()
