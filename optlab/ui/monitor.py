"""Looks at the run from time to time and says how far it is, in bar and status bar."""

from time import monotonic
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from optlab.records import State
from optlab.store.run_data import RunData
from optlab.translate import tr, tr_n
from optlab.ui.controller import Phase, RunController
from optlab.ui.progress import Progress, ProgressMeter, progress_words
from optlab.ui.status import StatusBar
from optlab.ui.toolbar import TopBar

LOOK_MS: Final = 250


class RunMonitor(QObject):
    """Keeps progress and status bar true; its timer runs only while a run does."""

    looked = Signal()
    """How far the run is has been shown."""

    def __init__(
        self,
        controller: RunController,
        bar: TopBar,
        *,
        status: StatusBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller = controller
        self._bar = bar
        self._status = status
        self._meter = ProgressMeter()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        controller.changed.connect(self._on_changed)
        controller.run_changed.connect(self._on_run_changed)
        self._show_nothing()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Show how far the run on the screen is."""
        data = self._controller.data
        if self._controller.phase is Phase.STARTING:
            self._bar.show_progress(0.0, tr("preparing the run"))
            return
        if data is None or not data.trials:
            self._show_nothing()
            return
        running = self._controller.phase is Phase.RUNNING
        progress = self._meter.look(data, monotonic())
        self._bar.show_progress(progress.fraction, self._words(data, progress))
        self._status.show_speed(progress.speed if running else 0.0)
        self._status.show_left(progress.seconds_left if running else None)
        self.looked.emit()
        self._status.show_path(self._controller.path)

    def _words(self, data: RunData, progress: Progress) -> str:
        phase = self._controller.phase
        if phase is Phase.RUNNING:
            return progress_words(progress)
        step = f"{progress.step:,}"
        if phase is Phase.PAUSED:
            steps = f"{progress.steps:,}"
            return tr("paused at step {step} of {steps}", step=step, steps=steps)
        if phase is Phase.STOPPING:
            return tr("stopping")
        if data.state is State.FINISHED:
            return tr_n(
                "finished · {n} step", "finished · {n:,} steps", n=progress.step
            )
        if data.state is State.FAILED:
            return tr("failed at step {step}", step=step)
        return tr("stopped at step {step}", step=step)

    @Slot()
    def _on_changed(self) -> None:
        if self._controller.active:
            self._timer.start()
        else:
            self._timer.stop()
        if self._controller.phase is not Phase.RUNNING:
            self._meter.reset()
        self.look()

    @Slot()
    def _on_run_changed(self) -> None:
        self._meter.reset()
        self.look()

    def _show_nothing(self) -> None:
        self._bar.show_progress(0.0, tr("ready"))
        self._status.show_device("", 0)
        self._status.show_speed(0.0)
        self._status.show_left(None)
        self._status.show_certificate(None)
        self._status.show_path(None)
