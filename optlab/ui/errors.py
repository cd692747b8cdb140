"""Errors that nobody expected: one dialog tells of them, and the window goes on.

Python hands those of slots, event handlers and threads to `sys.excepthook` and
`threading.excepthook`; those that a worker met, and survived, stand in the log. Each is
told once: an error in painting would otherwise come thirty times a second.
"""

from __future__ import annotations

import builtins
import logging
import sys
import threading
import traceback
import weakref
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from optlab import __version__
from optlab.translate import tr
from optlab.ui.error_dialog import ErrorDialog

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

TELL_MS: Final = 250
"""How often at most the dialog counts up."""
MOST: Final = 200
"""Different errors that are told apart; what comes after them is the last one again."""

_TRACEBACK: Final = "Traceback (most recent call last)"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """One error as it came for the first time.

    Attributes:
        what: In its own words.
        details: With its traceback.
    """

    what: str
    details: str


class ErrorDesk(QObject):
    """Hears of errors in all threads and tells of them in the window's own.

    Args:
        window: The window.
        log: The file of the log.
        kept: Returns whether what is open comes back at the next start.

    Attributes:
        dialog: What tells of an error; None while none is shown.
    """

    _came = Signal()

    def __init__(
        self, window: MainWindow, *, log: Path, kept: Callable[[], bool]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._log = log
        self._kept = kept
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}
        self._counts: Counter[str] = Counter()
        self._told: set[str] = set()
        self._shown = ""
        self._pending = False
        self.dialog: ErrorDialog | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TELL_MS)
        self._timer.timeout.connect(self._tell)
        self._came.connect(self._tell_soon, Qt.ConnectionType.QueuedConnection)
        self._handler = _Listener(self)
        self._before = sys.excepthook, threading.excepthook
        window.closing.connect(self.stop)

    def listen(self) -> None:
        """Hear of every error from now on."""
        # A thread keeps the hooks that there were at its beginning, and some are never
        # forgotten: they must not keep the window.
        desk = weakref.proxy(self)
        sys.excepthook = lambda *error: desk._on_error(*error)
        threading.excepthook = lambda args: desk._on_thread_error(args)
        logging.getLogger("optlab").addHandler(self._handler)

    @Slot()
    def stop(self) -> None:
        """Hear of nothing more: Python tells of errors as it did before."""
        sys.excepthook, threading.excepthook = self._before
        logging.getLogger("optlab").removeHandler(self._handler)
        self._timer.stop()

    # -- in any thread -------------------------------------------------------------

    def _on_error(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if not issubclass(kind, Exception) or self.note(error):
            self._before[0](kind, error, trace)
        # They hold the frames, and with one of painting its painter, which Qt does not
        # survive; so does a record of the log that bears the error.
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            with suppress(AttributeError):
                delattr(sys, name)

    def _on_thread_error(self, args: threading.ExceptHookArgs) -> None:
        if (
            args.exc_value is None
            or not isinstance(args.exc_value, Exception)
            or self.note(args.exc_value)
        ):
            self._before[1](args)

    def note(self, error: BaseException) -> bool:
        """Note an error, to be told soon; return whether it is a new one."""
        new = self.count(_place(error), lambda: _fault(error))
        if new:
            logger.error("not caught: %s", _fault(error).details)
        return new

    def count(self, place: str, make: Callable[[], Fault]) -> bool:
        """Count an error, to be told soon; return whether it is a new one.

        Args:
            place: What is equal for an error that comes again.
            make: Returns the error; asked only for a new one.
        """
        with self._lock:
            if place not in self._faults and len(self._faults) >= MOST:
                place = next(reversed(self._faults))
            new = place not in self._faults
            if new:
                self._faults[place] = make()
            self._counts[place] += 1
            first, self._pending = not self._pending, True
        if first:
            self._came.emit()
        return new

    # -- in the window's thread ------------------------------------------------------

    @Slot()
    def _tell_soon(self) -> None:
        if self.dialog is None:
            self._tell()
        else:
            self._timer.start()

    @Slot()
    def _tell(self) -> None:
        with self._lock:
            self._pending = False
            counts = self._counts.copy()
        if self._window.closed:
            return
        new = [place for place in counts if place not in self._told]
        if self.dialog is None and new:
            # What goes wrong in the dialog itself is known by now and opens none.
            self._shown = new[0]
            self._told.update(new)
            self._open(self._faults[self._shown])
        self._told.update(new)
        if self.dialog is not None:
            places = list(counts)
            others = len(places) - places.index(self._shown) - 1
            self.dialog.count(counts[self._shown] - 1, others)

    def _open(self, fault: Fault) -> None:
        dialog = ErrorDialog(
            fault.what,
            fault.details,
            saved=self._saved(),
            log=self._log,
            parent=self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(self._forget)
        self.dialog = dialog
        self._window.session.messages.add(fault.what, "problem")
        dialog.show()

    @Slot()
    def _forget(self) -> None:
        self.dialog = None

    def _saved(self) -> str:
        """Return what a person has not lost, in sentences."""
        controller, said = self._window.controller, []
        if controller.live is not None:
            path = controller.live[1]
            said.append(tr("The run goes on and is written to {path}.", path=path))
        elif controller.path is not None:
            said.append(tr("The run is in {path}.", path=controller.path))
        if self._kept():
            said.append(tr("Experiment and plots come back at the next start."))
        else:
            said.append(tr("The experiment is not kept by itself: save it as a file."))
        return " ".join(said)


class _Listener(logging.Handler):
    """Hands on what parts of the program met, survived and logged as an error."""

    def __init__(self, desk: ErrorDesk) -> None:
        super().__init__(logging.ERROR)
        self._desk = desk

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on an error; a full disk or memory was told where it was met."""
        error = record.exc_info[1] if record.exc_info else None
        if record.name == __name__ or isinstance(error, OSError | MemoryError):
            return
        if error is not None:
            self._desk.count(_place(error), lambda: _fault(error))
            return
        # What was logged in another process has its traceback in words.
        text = record.getMessage()
        what = text.rstrip().rpartition("\n")[2]
        kind = getattr(builtins, what.partition(":")[0], Exception)
        if _TRACEBACK in text and not (
            isinstance(kind, type) and issubclass(kind, OSError | MemoryError)
        ):
            fault = Fault(what, f"OptLab {__version__}\n{text}\n")
            self._desk.count(text, lambda: fault)


def _place(error: BaseException) -> str:
    """Return what is equal for an error that comes again."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = (
        ""
        if trace is None
        else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    )
    return f"{type(error).__name__} {at}"


def _fault(error: BaseException) -> Fault:
    text = " ".join(_words(error).split())
    kind = type(error).__name__
    what = tr("{kind}: {text}", kind=kind, text=text) if text else kind
    trace = "".join(traceback.format_exception(error))
    return Fault(what, f"OptLab {__version__}\n{trace}")


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""
