"""The end of the program: by a signal, and in time whatever still goes on."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from threading import Timer
from types import FrameType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, QTimer, Slot

from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

LEAVE_SECONDS: Final = 4.0
"""How long the program takes at most to end, once its window closes."""
SIGNALS: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
)


class Signals(QObject):
    """Closes the window where the system or a terminal asks the program to end.

    Python runs its handlers between two lines of Python, of which there may be none for
    hours while Qt waits; what it writes to a socket at once wakes Qt.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(
            self._read.fileno(), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._close)
        self._wakeup = signal.set_wakeup_fd(
            self._write.fileno(), warn_on_full_buffer=False
        )
        self._before = {number: signal.signal(number, _noted) for number in SIGNALS}

    @Slot()
    def _close(self) -> None:
        self._read.recv(4096)
        self._window.close()

    def stop(self) -> None:
        """Leave signals to whom they belonged before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that it came has been written to the socket."""


class Deadline(QObject):
    """Ends the program some seconds after its window has begun to close.

    A thread may be deep in foreign code: importing torch, or in one long step. It is
    never terminated, and Qt aborts where one still runs at the end; so the process
    leaves without an end. The run file is valid as it is.

    Args:
        window: The window.
        code: Returns with what exit code.
        seconds: After how long.
    """

    def __init__(
        self,
        window: MainWindow,
        code: Callable[[], int],
        *,
        seconds: float = LEAVE_SECONDS,
    ) -> None:
        super().__init__(window)
        self._code = code
        self._timer = Timer(seconds, self.leave)
        self._timer.daemon = True
        self._began = False
        window.closing.connect(self._begin)

    @Slot()
    def _begin(self) -> None:
        if self._began:
            return
        self._began = True
        self._timer.start()
        # Also where a dialog is open that would not close, or an event loop in another.
        QTimer.singleShot(0, QCoreApplication.exit)

    def stop(self) -> None:
        """Let the program end as it does."""
        self._timer.cancel()

    def leave(self) -> None:
        """Leave at once."""
        sys.stderr.write(tr("optlab: left before a long step had ended") + "\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self._code())
