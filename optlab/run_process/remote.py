"""The window's end of the pipe: the process of its runs, and one run in it."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Final

from optlab.control import Requests, RunControl
from optlab.params import InputError
from optlab.records import Columns, Event, Record, RunStart, RunStop, State, TrialStop
from optlab.registry import Catalog
from optlab.run_process.messages import (
    NOTHING_ASKED,
    Answer,
    Asked,
    Done,
    Logged,
    Order,
    Records,
    RunFailedError,
    RunOrder,
)
from optlab.run_process.watch import Watch, is_halted
from optlab.runner import RUN_FILE
from optlab.spec import ExperimentSpec, dump_spec
from optlab.store.run_data import RunData
from optlab.store.run_file import end_run
from optlab.translate import current_language, tr

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

LOOK_SECONDS: Final = 0.02
"""Time between two looks at what is asked, which bounds how late it is heard."""
_DEATH_SECONDS: Final = 2.0

logger = logging.getLogger(__name__)


class RunProcess:
    """A process that does runs, one at a time; spawned when needed, kept for the next.

    Spawned, never forked: the caller has threads, and Qt loaded. For one thread at a
    time, but for `leave`.
    """

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._leaving = Flag()
        self._runs = 0

    @property
    def pid(self) -> int:
        """Number of the process; 0 where there is none."""
        return (self._process.pid or 0) if self._process is not None else 0

    def ensure(self) -> None:
        """Have a process.

        Raises:
            OSError: The system gives none.
        """
        if self._process is not None and self._process.is_alive():
            return
        self.kill()
        # Here and not above: a window is there long before it needs a process.
        import multiprocessing

        from optlab.run_process.child import serve

        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve, args=(theirs,), name="optlab-run", daemon=True
        )
        try:
            with no_interrupts(), theirs:
                process.start()
        except BaseException:
            ours.close()
            raise
        self._process, self._pipe = process, ours

    def devices(self) -> tuple[str, ...]:
        """Import torch there, and return the devices that a run can be given.

        Raises:
            OSError: The system gives no process.
            RunFailedError: torch cannot be used.
        """
        self.ensure()
        try:
            self.tell("devices")
            while True:
                answer = self.hear()
                if isinstance(answer, Done):
                    break
                if self._leaving.is_set():
                    raise EOFError
        except (EOFError, OSError):
            raise RunFailedError(self.bury()) from None
        if answer.reason:
            raise RunFailedError(answer.reason)
        return answer.answer

    def next_number(self) -> int:
        """Return the number of the next run."""
        self._runs += 1
        return self._runs

    def tell(self, order: Order) -> None:
        """Say something to the process.

        Raises:
            OSError: It has died.
        """
        if self._pipe is None or self._leaving.is_set():
            raise BrokenPipeError
        self._pipe.send(order)

    def hear(self) -> Answer | None:
        """Return what the process says; None where it says nothing for a moment.

        Raises:
            EOFError: It has died.
            OSError: It has died.
        """
        if self._pipe is None:
            raise EOFError
        if not self._pipe.poll(LOOK_SECONDS):
            return None
        answer: Answer = self._pipe.recv()
        if isinstance(answer, Logged):
            logging.getLogger(answer.name).log(answer.level, "%s", answer.text)
            return None
        return answer

    def bury(self) -> str:
        """Clear away a process that has died; return of what, in words."""
        code = None
        if self._process is not None:
            self._process.join(_DEATH_SECONDS)
            code = self._process.exitcode
        self.kill()
        if self._leaving.is_set():
            return tr("the program was closed before the run had stopped")
        return _cause(code)

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        if process is not None:
            process.kill()
            process.join()
            process.close()
        if pipe is not None:
            pipe.close()

    def leave(self) -> None:
        """Wait for nothing any more; may be called from any thread."""
        self._leaving.set()
        process = self._process
        if process is not None:
            # The thread that waits for it may have closed it just now.
            with suppress(ValueError, AttributeError):
                process.kill()

    def close(self) -> None:
        """End the process; another one is spawned if a run should follow."""
        self.kill()
        self._leaving.clear()


class RemoteRunner:
    """One run in another process, with the face of a `Runner`.

    Args:
        process: Where it runs.
        catalog: What the experiment is made of.
        control: Requests of a front end.
        device: ``auto``, ``cpu`` or ``cuda``.
        slice_seconds: Time between two looks at the control, roughly.
        spec: The experiment; None where a recorded run goes on.
        folder: Where ``run.optlab`` is written; None where a recorded run goes on.
        path: The run file that goes on.
        steps: New number of steps for a run that goes on; None to keep the old one.

    Attributes:
        data: What is known of the run; readable while it runs, from any thread.
        control: Where a front end asks for a pause or a stop.
        path: The run file.

    Raises:
        InputError: The run file cannot be read.
    """

    def __init__(
        self,
        process: RunProcess,
        catalog: Catalog,
        *,
        control: RunControl,
        device: str,
        slice_seconds: float,
        spec: ExperimentSpec | None = None,
        folder: Path | None = None,
        path: Path | None = None,
        steps: int | None = None,
    ) -> None:
        self.control = control
        if path is not None:
            self.path = path
            self.data = RunData.open(path)
            _read_all(self.data)
        elif spec is not None and folder is not None:
            self.path = folder / RUN_FILE
            self.data = RunData(spec_text=dump_spec(spec, catalog), path=self.path)
        else:
            raise ValueError("a run needs a run file, or a spec and a folder")
        self._process = process
        self._asked = NOTHING_ASKED
        self._watch = Watch(lambda: is_halted(process.pid))
        self._begun = self._shown = False
        self._order = RunOrder(
            number=process.next_number(),
            language=current_language(),
            device=device,
            slice_seconds=slice_seconds,
            asked=NOTHING_ASKED,
            spec=spec,
            folder=folder,
            path=path,
            steps=steps,
        )

    def run(self) -> Iterator[None]:
        """Do the whole run, yielding often, even while nothing comes.

        Raises:
            OSError: The system gives no process.
            RunFailedError: It could not be done, or broke, or its process did.
        """
        self._process.ensure()
        try:
            self._process.tell(replace(self._order, asked=self._news()))
            while True:
                answer = self._process.hear()
                self._watch.look(progress=answer is not None)
                if isinstance(answer, Done):
                    break
                for record in answer.records if isinstance(answer, Records) else ():
                    self._take(record)
                    if self._shown:
                        yield
                if self._shown and answer is None:
                    yield
                if self._watch.hangs:
                    raise RunFailedError(self._end(self._hung()))
                self._forward()
        except (EOFError, OSError):
            raise RunFailedError(self._end(self._process.bury())) from None
        if answer.reason:
            self._end(answer.reason)
            raise RunFailedError(answer.reason)

    def _take(self, record: Record) -> None:
        self.data.append(record)
        match record:
            case RunStart():
                self._begun = True
                self._watch.built(resumed=record.resumed)
                return
            case Columns():
                if record.first or any(len(v) > 1 for v in record.values.values()):
                    self._watch.stepped()
            case RunStop() | Event(name="stop"):
                self._watch.closing()
        self._shown = True

    def _news(self) -> Requests:
        """Return what is asked now, and remember what of it goes on being so."""
        asked = self.control.take()
        if asked.stop:
            self._watch.stop()
        self._asked = replace(asked, steps=0, stop_trials=(), rates=())
        return asked

    def _forward(self) -> None:
        before = self._asked
        asked = self._news()
        if asked != before:
            self._process.tell(Asked(self._order.number, asked))

    def _hung(self) -> str:
        """End a process that hangs, and return what happened, in words."""
        seconds, stopping = f"{self._watch.limit:.0f}", self._watch.stopping
        self._process.kill()
        if stopping:
            return tr(
                "it did not stop within {seconds} s, so its process was ended",
                seconds=seconds,
            )
        return tr(
            "it made no step for {seconds} s, so its process was ended",
            seconds=seconds,
        )

    def _end(self, reason: str) -> str:
        """End a run that cannot say so itself, here and in its file; return why."""
        if not self._begun:
            return reason
        try:
            end_run(self.path, reason)
        except InputError as error:
            logger.warning("the end of a run could not be written: %s", error)
        if self.data.state.ended:
            return reason
        for start in self.data.trials:
            status = self.data.status(start.trial)
            if not status.state.ended:
                # As where the engine fails: what the trials saved is good.
                stop = TrialStop(
                    trial=start.trial,
                    state=State.STOPPED,
                    step=status.step,
                    reason=reason,
                    grad_evals=status.grad_evals,
                    wall_time_s=status.wall_time_s,
                    optimizer_time_s=status.optimizer_time_s,
                    state_floats_per_param=status.state_floats_per_param or 0.0,
                    batch_hash=status.batch_hash,
                )
                self.data.append(stop)
        self.data.append(RunStop(state=State.FAILED, reason=reason))
        return reason


@contextmanager
def no_interrupts() -> Iterator[None]:
    """Let what is started in here not hear Ctrl-C, from its first moment on."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # It would lift the mask if it were started below.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _read_all(data: RunData) -> None:
    """Read every series now: soon the other process writes to the file."""
    for start in data.trials:
        for metric in data.metrics:
            data.series(start.trial, metric)


def _cause(code: int | None) -> str:
    """Return in words of what a process died."""
    if code is not None and code == -getattr(signal, "SIGKILL", 9):
        return tr(
            "its process was killed (signal 9); the system may have run out of memory"
        )
    if code is not None and code < 0:
        return tr("its process was ended by signal {number}", number=-code)
    return tr("its process ended by itself (exit code {code})", code=code)
