"""Jobs on a Ray cluster: the same interface, other machines.

Ray is spoken to by a process of its own (`optlab.sweep.ray_driver`): Ray ends the
process that it is in when it loses its cluster, takes its signals, and may wait for
minutes on a wrong address, none of which a window can bear.
"""

import multiprocessing
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from threading import Event
from time import monotonic
from typing import Final

from optlab.params import InputError
from optlab.sweep.jobs import Failure, Job, Message, Result
from optlab.sweep.local import no_interrupts
from optlab.sweep.ray_driver import Words, drive
from optlab.translate import current_language, tr

LOOK_EVERY_S: Final = 0.1
KNOCK_S: Final = 5.0
"""How long the address may take to accept a connection."""
CONNECT_S: Final = 30.0
"""How long a cluster that accepts connections may take to say what it is."""
PATIENCE_S: Final = 10.0
HERE: Final = ("auto", "local")
"""A cluster that runs on this machine; Ray on this machine while there are jobs."""


class RayExecutor:
    """Does jobs on a Ray cluster; not for two threads at a time.

    Args:
        address: ``host:port`` of a cluster that this machine is part of,
            ``ray://host:port`` of any other, ``auto`` for the one that runs on this
            machine, or ``local`` to start Ray here meanwhile.

    Raises:
        InputError: Ray is not installed, nothing answers at the address, or OptLab is
            another one there.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        if find_spec("ray") is None:
            text = tr("needs Ray; type pip install optlab[ray]")
            raise InputError("--ray", address, text)
        if address not in HERE:
            _knock(address)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=drive,
            args=(theirs, address, current_language()),
            name="optlab-ray",
            daemon=True,
        )
        with no_interrupts(), theirs:
            self._process.start()
        try:
            self._words = self._connect()
        except BaseException:
            self._end(kill=True)
            raise

    @property
    def words(self) -> str:
        """Where jobs are done, in words."""
        return self._words

    def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
        """Do jobs as `optlab.sweep.jobs.Executor` says.

        Raises:
            InputError: The cluster is lost.
        """
        self._tell(tuple(jobs))
        told = ended = False
        try:
            while True:
                if stop.is_set() and not told:
                    self._tell("stop")
                    told = True
                if not self._pipe.poll(LOOK_EVERY_S):
                    continue
                message = self._hear()
                if message is None:
                    ended = True
                    return
                yield message
        finally:
            if not ended:
                # Who stops listening wants no more results; Ray ends what runs when
                # it sees that nobody is there for it.
                self._end(kill=True)

    def close(self) -> None:
        """Leave the cluster."""
        self._end(kill=False)

    def _connect(self) -> str:
        late = monotonic() + CONNECT_S
        if self._pipe.poll(max(0.0, late - monotonic())):
            with suppress(EOFError, OSError):
                answer = self._pipe.recv()
                if isinstance(answer, InputError):
                    raise answer
                assert isinstance(answer, Words)
                return str(answer)
        raise InputError("--ray", self._address, _no_answer())

    def _tell(self, order: tuple[Job, ...] | str | None) -> None:
        try:
            self._pipe.send(order)
        except OSError:
            raise self._lost() from None

    def _hear(self) -> Result | Failure | Message | None:
        try:
            message: Message | None = self._pipe.recv()
        except (EOFError, OSError):
            raise self._lost() from None
        return message

    def _lost(self) -> InputError:
        text = tr("the cluster was lost; go on once it is back")
        return InputError("--ray", self._address, text)

    def _end(self, *, kill: bool) -> None:
        with suppress(ValueError):
            # A process that was closed before raises ValueError.
            if kill:
                self._process.terminate()
            else:
                with suppress(OSError):
                    self._pipe.send(None)
            self._process.join(PATIENCE_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
            self._pipe.close()


def _knock(address: str) -> None:
    """Raise an InputError unless something listens at ``host:port``."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        text = tr("host:port, ray://host:port, auto or local")
        raise InputError("--ray", address, text)
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("nothing answers there: {reason}", reason=reason)
        raise InputError("--ray", address, text) from None


def _no_answer() -> str:
    return tr("what answers there is no Ray cluster that can be used from here")
