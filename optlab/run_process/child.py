"""The process that does runs: what happens at its end of the pipe.

The main thread trains; another one listens, so that what is asked is heard at once.
Values go to the window instead of into memory here: the window keeps them.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from optlab.control import Requests, RunControl
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import Checkpoint, Columns, Evaluation, Record
from optlab.registry import Catalog
from optlab.run_process.messages import (
    Answer,
    Asked,
    Done,
    Logged,
    Order,
    Records,
    RunOrder,
    sentence_of,
)
from optlab.runner import Runner, choosable_devices, warm_up
from optlab.store.run_data import RunData
from optlab.translate import set_language

LEAVE_SECONDS: Final = 5.0
"""How long a run may take to close its file once nobody is there any more."""
MOST_LOGGED: Final = 100
"""Records of the log that are handed on in a second."""
_OOM_SCORE: Final = "500"

logger = logging.getLogger(__name__)


def serve(pipe: Connection) -> None:
    """Do the runs that come out of a pipe, until nobody is at its other end."""
    # Ctrl-C in a terminal reaches every process; what becomes of runs the window says.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Where memory runs out the system is to end the run and not the window.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")
    child = _Child(pipe)
    signal.signal(signal.SIGTERM, lambda *_: child.leave())
    handler = _Relay(child.tell)
    logging.getLogger("optlab").addHandler(handler)
    logging.getLogger("optlab").propagate = False
    child.work()
    # It holds nothing that anybody needs, and torch takes seconds to clear up.
    os._exit(0)


class _Child:
    """Hears orders and does them, one after the other."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._sending = Lock()
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._number = 0
        self._control = _Control()
        self._catalog: Catalog | None = None
        Thread(target=self._listen, name="run-orders", daemon=True).start()

    def tell(self, answer: Answer) -> None:
        """Say something; nobody may be there to hear it."""
        with self._sending, suppress(OSError):
            self._pipe.send(answer)

    def leave(self) -> None:
        """Stop the run, let it close its file, and end the process."""
        self._control.stop()
        self._orders.put(None)
        Thread(target=_leave_late, daemon=True).start()

    def work(self) -> None:
        """Do what is ordered, until it is time to leave."""
        while (order := self._orders.get()) is not None:
            try:
                if isinstance(order, RunOrder):
                    set_language(order.language)
                    self._run(order)
                    done = Done()
                else:
                    warm_up()
                    done = Done(answer=choosable_devices())
            except InputError as error:
                done = Done(reason=str(error))
            # Somebody else's code may raise anything, and leave by sys.exit.
            except BaseException as error:
                logger.exception("the run failed")
                done = Done(reason=sentence_of(error))
            self.tell(done)

    def _run(self, order: RunOrder) -> None:
        if self._catalog is None:
            self._catalog = load_catalog()
        warm_up()
        # From here on it is the run that takes its time, and no longer torch.
        self.tell(Records(()))
        control = self._control
        runner = _runner(order, self._catalog, control)
        stream = _Stream(self.tell)
        runner.data, control.looked = stream, stream.hand_on
        try:
            for _ in runner.run():
                pass
        finally:
            stream.hand_on()

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                order: Order = self._pipe.recv()
                if isinstance(order, Asked):
                    if order.number == self._number:
                        self._control.take_in(order.requests)
                    continue
                if isinstance(order, RunOrder):
                    self._number, self._control = order.number, _Control()
                    self._control.take_in(order.asked)
                self._orders.put(order)
        self.leave()


class _Control(RunControl):
    """What is asked of a run; whenever the engine looks, the window is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: Callable[[], None] = _nobody

    def take(self) -> Requests:
        """Return what is asked; see `RunControl`."""
        self.looked()
        return super().take()

    def wait(self, timeout: float) -> None:
        """Wait while paused; see `RunControl`."""
        self.looked()
        super().wait(timeout)

    def wait_for_stop(self, timeout: float) -> bool:
        """Wait while the run cannot go on; see `RunControl`."""
        self.looked()
        return super().wait_for_stop(timeout)

    def take_in(self, requests: Requests) -> None:
        """Ask here what was asked in the window."""
        if requests.steps:
            for _ in range(requests.steps):
                self.step()
        elif requests.pause:
            self.pause()
        else:
            self.resume()
        for trial in requests.stop_trials:
            self.stop_trial(trial)
        for trial, rate in requests.rates:
            self.set_rate(trial, rate)
        if requests.stop:
            self.stop()


class _Stream(RunData):
    """Hands records on, slice by slice, and keeps nothing but where the run stands."""

    def __init__(self, tell: Callable[[Answer], None]) -> None:
        super().__init__()
        self._tell = tell
        self._waiting: list[Record] = []

    def append(self, record: Record) -> None:
        """Take in one record; values wait until the slice is over."""
        self._statuses.apply(record)
        # The run file has it, and nobody at the other end needs it.
        if isinstance(record, Checkpoint):
            return
        self._waiting.append(record)
        if not isinstance(record, Columns | Evaluation):
            self.hand_on()

    def hand_on(self) -> None:
        """Send what waits; nothing is a message, too: the run goes on."""
        records, self._waiting = self._waiting, []
        self._tell(Records(tuple(records)))


class _Relay(logging.Handler):
    """Lets the window write what is logged here: one log for both.

    Of a flood it sends the beginning of each second only.
    """

    def __init__(self, tell: Callable[[Answer], None]) -> None:
        super().__init__()
        self._tell = tell
        self._second, self._sent = 0, 0

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._sent = second, 0
        self._sent += 1
        if self._sent <= MOST_LOGGED:
            self._tell(Logged(record.name, record.levelno, self.format(record)))


def _runner(order: RunOrder, catalog: Catalog, control: RunControl) -> Runner:
    if order.path is not None:
        return Runner.resume(
            order.path,
            catalog,
            steps=order.steps,
            control=control,
            device=order.device,
            slice_seconds=order.slice_seconds,
        )
    if order.spec is None or order.folder is None:
        raise ValueError("a run needs a run file, or a spec and a folder")
    return Runner(
        order.spec,
        catalog,
        folder=order.folder,
        control=control,
        device=order.device,
        slice_seconds=order.slice_seconds,
    )


def _leave_late() -> None:
    time.sleep(LEAVE_SECONDS)
    os._exit(1)


def _nobody() -> None:
    pass
