"""The window's side of a run: start, pause, step, stop, go on; and which run is shown.

A live run and an opened one are the same thing: a `RunData`. The worker lives in a
`QThread` that this controller owns; it is asked by queued signals, answers by three,
and is never terminated. It trains there or, so that tiny steps do not wait for the
window nor the window for them, in a process of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from optlab.control import RunControl
from optlab.params import InputError
from optlab.records import State
from optlab.registry import Catalog
from optlab.run_process import RemoteRunner
from optlab.runner import Runner, new_folder
from optlab.spec import ExperimentSpec
from optlab.store.lock import is_being_written
from optlab.store.overlay import Overlay
from optlab.store.run_data import RunData
from optlab.translate import tr
from optlab.ui.worker import Gate, Job, RunWorker

STOP_WAIT_MS: Final = 5000
KILL_WAIT_MS: Final = 1000
"""The part of it that is left for a process that has to be killed."""
DEVICES: Final = ("auto", "cpu", "cuda")


class Phase(StrEnum):
    """What the worker is at."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"


class RunController(QObject):
    """Owns the worker thread and knows the run on the screen; lives in the GUI thread.

    Args:
        catalog: What experiments are made of.
        runs: Folder in which each run gets a folder of its own.
        apart: Says whether runs train in a process of their own; asked at each start.
    """

    changed = Signal()
    """The phase, or what can be done, is another one."""
    run_changed = Signal()
    """Another run is on the screen."""
    run_ended = Signal()
    """The live run is over."""
    failed = Signal(str)
    """Something could not be done; carries a sentence."""
    devices_known = Signal()
    """torch is there and has said which devices there are."""
    _execute = Signal(object)
    _warm = Signal(bool)

    def __init__(
        self,
        catalog: Catalog,
        *,
        runs: Path,
        apart: Callable[[], bool] = bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._runs = runs
        self._apart = apart
        self._phase = Phase.IDLE
        self._control = RunControl()
        self._gate = Gate()
        self._data: RunData | None = None
        self._path: Path | None = None
        self._live: tuple[RunData, Path] | None = None
        self.devices: tuple[str, ...] = ()
        self.device_problem = ""
        self._thread = QThread(self)
        self._thread.setObjectName("run-worker")
        self._worker = RunWorker()
        self._worker.moveToThread(self._thread)
        self._connect()

    def _connect(self) -> None:
        queued = Qt.ConnectionType.QueuedConnection
        self._execute.connect(self._worker.execute, queued)
        self._warm.connect(self._worker.warm_up, queued)
        self._worker.started.connect(self._on_started, queued)
        self._worker.failed.connect(self._on_failed, queued)
        self._worker.finished.connect(self._on_finished, queued)
        self._worker.warmed.connect(self._on_warmed, queued)

    # -- what there is ---------------------------------------------------------

    @property
    def phase(self) -> Phase:
        """What the worker is at."""
        return self._phase

    @property
    def active(self) -> bool:
        """Whether a run is going on."""
        return self._phase is not Phase.IDLE

    @property
    def data(self) -> RunData | None:
        """The run on the screen, live or opened."""
        return self._data

    @property
    def path(self) -> Path | None:
        """The run file on the screen."""
        return self._path

    @property
    def live(self) -> tuple[RunData, Path] | None:
        """The run that goes on and its file, whatever is on the screen."""
        return self._live

    @property
    def shows_live(self) -> bool:
        """Whether the run on the screen is the one that goes on."""
        return self._live is not None and self._data is self._live[0]

    @property
    def can_continue(self) -> bool:
        """Whether the run on the screen was stopped and can go on."""
        if self.active or self._data is None or self._path is None:
            return False
        over = (State.FINISHED, State.FAILED, State.DIVERGED)
        return self._data.state not in over and not is_being_written(self._path)

    # -- what a person asks ------------------------------------------------------

    def warm_up(self) -> None:
        """Let the worker import torch."""
        self._ensure_thread()
        self._warm.emit(self._apart())

    def start(
        self, spec: ExperimentSpec, *, device: str = "auto", paused: bool = False
    ) -> bool:
        """Begin a run; return whether it was taken on.

        Args:
            spec: The experiment.
            device: ``auto``, ``cpu`` or ``cuda``.
            paused: Whether to take one step only and pause.
        """
        if self.active:
            return False
        try:
            folder = new_folder(self._runs, spec.title)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        control = RunControl()
        if paused:
            control.step()
        job = Job(
            catalog=self._catalog,
            control=control,
            gate=self._gate,
            device=device,
            apart=self._apart(),
            spec=spec,
            folder=folder,
        )
        self._begin(job)
        return True

    def continue_run(self, *, device: str = "auto", steps: int | None = None) -> bool:
        """Go on with the run on the screen; return whether it was taken on."""
        if self.active or self._path is None:
            return False
        job = Job(
            catalog=self._catalog,
            control=RunControl(),
            gate=self._gate,
            device=device,
            apart=self._apart(),
            path=self._path,
            steps=steps,
        )
        self._begin(job)
        return True

    def pause(self) -> None:
        """Pause after the step that is being taken."""
        if self._phase is Phase.RUNNING:
            self._control.pause()
            self._set_phase(Phase.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        if self._phase is Phase.PAUSED:
            self._control.resume()
            self._set_phase(Phase.RUNNING)

    def step(self) -> None:
        """Take one step of every trial and pause."""
        if self._phase in (Phase.RUNNING, Phase.PAUSED):
            self._control.step()
            self._set_phase(Phase.PAUSED)

    def stop(self) -> None:
        """End the run; what was done so far stays."""
        if self._phase in (Phase.STARTING, Phase.RUNNING, Phase.PAUSED):
            self._control.stop()
            self._set_phase(Phase.STOPPING)

    @Slot(int)
    def stop_trial(self, trial: int) -> None:
        """End one trial of the run on the screen while the others go on."""
        # Of another run, or of several as one, the numbers are others.
        if self.shows_live:
            self._control.stop_trial(trial)

    def set_rate(self, trial: int, lr: float) -> None:
        """Give one trial of the run on the screen another rate from its next step."""
        if self.shows_live:
            self._control.set_rate(trial, lr)

    def open_run(self, path: Path) -> bool:
        """Show a recorded run, or the one that goes on; return whether it could be."""
        if self._live is not None and self._live[1] == path:
            self._show(*self._live)
            return True
        if self.active:
            self.failed.emit(tr("Stop the run that is going on first."))
            return False
        try:
            data = RunData.open(path)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        self._show(data, path)
        return True

    def show_overlay(self, overlay: Overlay) -> None:
        """Show several runs as one; a run that goes on does so."""
        self._show(overlay, None)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Hold a running run still, so that all views can show one moment."""
        if self._phase is Phase.RUNNING:
            self._gate.hold()
        try:
            yield
        finally:
            self._gate.release()

    def forget(self) -> None:
        """Show no run any more; its file stays."""
        if not self.active:
            self._data = self._path = None
            self.changed.emit()

    def shutdown(self, *, wait_ms: int = STOP_WAIT_MS) -> bool:
        """Stop the worker and wait, bounded; return whether its thread has ended."""
        self._control.stop()
        ended = not self._thread.isRunning()
        if not ended:
            if not self.active:
                # It is idle, or imports torch for a run that will not come.
                self._worker.leave()
            self._thread.quit()
            ended = self._thread.wait(max(0, wait_ms - KILL_WAIT_MS))
        if not ended:
            self._worker.leave()
            ended = self._thread.wait(KILL_WAIT_MS)
        if ended:
            self._worker.close()
        return ended

    # -- what the worker says ------------------------------------------------------

    @Slot(object)
    def _on_started(self, runner: Runner | RemoteRunner) -> None:
        if self._phase is Phase.STARTING:
            paused = self._control.paused
            self._phase = Phase.PAUSED if paused else Phase.RUNNING
        self._live = runner.data, runner.path
        self._show(*self._live)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self.failed.emit(reason)

    @Slot()
    def _on_finished(self) -> None:
        self._live = None
        self._set_phase(Phase.IDLE)
        self.run_ended.emit()

    @Slot(object)
    def _on_warmed(self, answer: object) -> None:
        if isinstance(answer, tuple):
            self.devices = answer
        else:
            self.device_problem = str(answer)
        self.devices_known.emit()

    # -- inside ----------------------------------------------------------------

    def _begin(self, job: Job) -> None:
        self._control = job.control
        self._ensure_thread()
        self._set_phase(Phase.STARTING)
        self._execute.emit(job)

    def _show(self, data: RunData, path: Path | None) -> None:
        self._data, self._path = data, path
        self.run_changed.emit()
        self.changed.emit()

    def _set_phase(self, phase: Phase) -> None:
        self._phase = phase
        self.changed.emit()

    def _ensure_thread(self) -> None:
        if not self._thread.isRunning():
            self._thread.start()
