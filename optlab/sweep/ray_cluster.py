"""Jobs on a Ray cluster: the same interface, other machines.

Ray is spoken to by a process of its own (`optlab.sweep.ray_driver`): Ray ends the
process that it is in when it loses its cluster, takes its signals, and may wait for
minutes on a wrong address, none of which a window can bear.
"""

import multiprocessing
import shutil
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from threading import Event
from time import monotonic
from typing import Final, Literal
from weakref import finalize

from optlab.params import InputError
from optlab.run_process.remote import no_interrupts
from optlab.sweep.jobs import Failure, Job, Message, Result
from optlab.sweep.ray_driver import Words, drive
from optlab.translate import current_language, tr

LOOK_EVERY_S: Final = 0.1
KNOCK_S: Final = 5.0
"""How long the address may take to accept a connection."""
CONNECT_S: Final = 60.0
"""How long a cluster that accepts connections may take to say what it is."""
PATIENCE_S: Final = 10.0
"""How long leaving a cluster may take."""
SETTINGS: Final = bytes(3) + b"\x04" + bytes(5)
HELLO: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS
"""How HTTP/2 begins on both sides (RFC 9113, section 3.4), over which Ray speaks."""
HERE: Final = ("auto", "local")
"""A cluster that runs on this machine; Ray on this machine while there are jobs."""


class RayExecutor:
    """Does jobs on a Ray cluster; not for two threads at a time.

    Args:
        address: ``host:port`` of a cluster that this machine is part of,
            ``ray://host:port`` of any other, ``auto`` for the one that runs on this
            machine, or ``local`` to start Ray here meanwhile.
        cores: How many cores Ray takes where it is started here; None for all.

    Raises:
        InputError: Ray is not installed, nothing answers at the address, or OptLab is
            another one there.
    """

    def __init__(self, address: str, *, cores: int | None = None) -> None:
        self._address = address
        if find_spec("ray") is None:
            text = tr("needs Ray; type pip install optlab[ray]")
            raise InputError("--ray", address, text)
        if address not in HERE:
            _knock(address)
        # A socket's path may be a hundred letters long, so what is in here is short.
        self._folder = tempfile.mkdtemp(prefix="ray-") if address == "local" else None
        if self._folder is not None:
            # Where nobody calls close, at the end of the program.
            finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=drive,
            args=(theirs, address, self._folder, cores, current_language()),
            name="optlab-ray",
            daemon=True,
        )
        with no_interrupts(), theirs:
            self._process.start()
        try:
            self._words = self._connect()
        except BaseException:
            self._end("kill")
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
                self._end("terminate")

    def close(self) -> None:
        """Leave the cluster."""
        self._end("ask")

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

    def _end(self, how: Literal["ask", "terminate", "kill"]) -> None:
        # A process that was closed before raises ValueError.
        with suppress(ValueError):
            if how == "ask":
                with suppress(OSError):
                    self._pipe.send(None)
            elif how == "terminate":
                self._process.terminate()
            else:
                self._process.kill()
            self._process.join(PATIENCE_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
            self._pipe.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _knock(address: str) -> None:
    """Raise an InputError unless what listens at ``host:port`` speaks as Ray does.

    Ray itself waits for half a minute and more for what does not.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        text = tr("host:port, ray://host:port, auto or local")
        raise InputError("--ray", address, text)
    try:
        place = host.strip("[]"), int(port)
        with socket.create_connection(place, KNOCK_S) as connection:
            connection.sendall(HELLO)
            answer = connection.recv(len(SETTINGS))
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("nothing answers there: {reason}", reason=reason)
        raise InputError("--ray", address, text) from None
    if answer[3:4] != SETTINGS[3:4]:
        raise InputError("--ray", address, _no_answer())


def _no_answer() -> str:
    return tr("what answers there is no Ray cluster that can be used from here")
