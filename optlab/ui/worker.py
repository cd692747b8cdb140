"""The worker that iterates a runner in a thread of its own.

Where the runner trains is all the same to it: in this thread, or in another process
whose records come in here. Values never travel by signal: the runner appends them to
the store, the views pull. Only the beginning, the end and the failure of a run are
told. Must not touch widgets.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from time import perf_counter, sleep
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from optlab.control import RunControl
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.run_process import (
    RemoteRunner,
    RunFailedError,
    RunProcess,
    sentence_of,
)
from optlab.runner import Runner, choosable_devices, warm_up
from optlab.spec import ExperimentSpec
from optlab.store.run_data import RunData

logger = logging.getLogger(__name__)

# Six optimizers on Rosenbrock beside a painting window, two shared cores: slices of
# 50 ms ran 1,300 to 1,800 rows/s, of 20 ms 1,000 to 1,400, of 8 ms 800 to 900, with the
# same longest gaps of the window's event loop (p99 70 to 90 ms), because the short
# switch interval that the application sets already lets the window in.
SLICE_SECONDS: Final = 0.05
REST_SECONDS: Final = 0.002
TORCH_HEAVY: Final = 2 * SLICE_SECONDS
GATE_SECONDS: Final = 1.0


class Gate:
    """Lets a window hold the worker still for a moment, between two slices."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._closed = False
        self._waiting = False

    def hold(self) -> None:
        """Close the gate and wait, bounded, until the worker stands before it."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._waiting, GATE_SECONDS)

    def release(self) -> None:
        """Let the worker go on."""
        with self._changed:
            self._closed = False
            self._changed.notify_all()

    def go_through(self, *, level: Callable[[], bool]) -> None:
        """Wait while the gate is closed; called by the worker.

        Args:
            level: Whether this is a good place to wait: all trials are equally far.
        """
        with self._changed:
            if self._closed and not level():
                return
            if self._closed:
                self._waiting = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._closed)
                self._waiting = False


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run that is to be done.

    Attributes:
        catalog: What the experiment is made of.
        control: Where the window asks for a pause or a stop.
        gate: Where the window holds it still without a trace in the record.
        device: ``auto``, ``cpu`` or ``cuda``.
        apart: Whether it is to train in a process of its own.
        spec: The experiment; None where a recorded run goes on.
        folder: Where the run file is written; None where a recorded run goes on.
        path: The run file that goes on.
        steps: New number of steps for a run that goes on; None to keep the old one.
    """

    catalog: Catalog
    control: RunControl
    gate: Gate
    device: str
    apart: bool = False
    spec: ExperimentSpec | None = None
    folder: Path | None = None
    path: Path | None = None
    steps: int | None = None

    def remote(self, process: RunProcess) -> RemoteRunner:
        """Return the runner that does it in another process.

        Raises:
            InputError: The run file that goes on cannot be read.
        """
        return RemoteRunner(
            process,
            self.catalog,
            control=self.control,
            device=self.device,
            slice_seconds=SLICE_SECONDS,
            spec=self.spec,
            folder=self.folder,
            path=self.path,
            steps=self.steps,
        )

    def runner(self) -> Runner:
        """Return the runner that does it here.

        Raises:
            InputError: It cannot be done.
        """
        if self.path is not None:
            return Runner.resume(
                self.path,
                self.catalog,
                steps=self.steps,
                control=self.control,
                device=self.device,
                slice_seconds=SLICE_SECONDS,
            )
        if self.spec is None or self.folder is None:
            raise ValueError("a job needs a run file, or a spec and a folder")
        return Runner(
            self.spec,
            self.catalog,
            folder=self.folder,
            control=self.control,
            device=self.device,
            slice_seconds=SLICE_SECONDS,
        )


class RunWorker(QObject):
    """Does one job after the other; lives in its own thread."""

    warmed = Signal(object)
    """torch is there; carries the devices that can be chosen, or a sentence."""
    started = Signal(object)
    """A run has begun; carries its `Runner` or `RemoteRunner`."""
    failed = Signal(str)
    """A run could not be done, or broke; carries the reason in one sentence."""
    finished = Signal()
    """The run is over, however it ended; always the last signal of a job."""

    def __init__(self, *, rest: Callable[[float], None] = sleep) -> None:
        super().__init__()
        self._rest = rest
        self._process = RunProcess()

    @Slot(bool)
    def warm_up(self, apart: bool) -> None:
        """Import torch where runs are done, so that the first Start need not wait."""
        try:
            if self._has_process(apart=apart):
                self.warmed.emit(self._process.devices())
            else:
                warm_up()
                self.warmed.emit(choosable_devices())
        except RunFailedError as error:
            self.warmed.emit(str(error))
        except Exception as error:
            logger.exception("torch cannot be used")
            self.warmed.emit(sentence_of(error))

    @Slot(object)
    def execute(self, job: Job) -> None:
        """Do one job."""
        try:
            apart = self._has_process(apart=job.apart)
            runner = job.remote(self._process) if apart else job.runner()
            self._iterate(runner, job.gate)
        except (InputError, RunFailedError) as error:
            self.failed.emit(str(error))
        # Somebody else's code may leave by sys.exit, which would end the program.
        except (Exception, SystemExit) as error:
            logger.exception("the run failed")
            self.failed.emit(sentence_of(error))
        finally:
            self.finished.emit()

    def leave(self) -> None:
        """Wait for no other process any more; may be called from any thread."""
        self._process.leave()

    def close(self) -> None:
        """End the other process, once the thread has ended."""
        self._process.close()

    def _has_process(self, *, apart: bool) -> bool:
        """Return whether there is another process to train in, if one is wanted."""
        if not apart:
            self._process.close()
            return False
        try:
            self._process.ensure()
        except OSError:
            logger.warning("no process can be had: training in this one", exc_info=True)
            return False
        return True

    def _iterate(self, runner: Runner | RemoteRunner, gate: Gate) -> None:
        told = False
        began = perf_counter()
        for _ in runner.run():
            if not told:
                told = True
                self.started.emit(runner)
            gate.go_through(level=lambda: _level(runner.data))
            # Where torch does the work it lets go of the interpreter by itself.
            took = perf_counter() - began
            if took >= SLICE_SECONDS / 2:
                if took < TORCH_HEAVY:
                    self._rest(REST_SECONDS)
                began = perf_counter()


def _level(data: RunData) -> bool:
    """Return whether all trials that go on, with equal batches, are equally far."""
    found = [(trial.batch_size, data.status(trial.trial)) for trial in data.trials]
    going = {(size, status.step) for size, status in found if not status.state.ended}
    return len(going) == len({size for size, _ in going})
