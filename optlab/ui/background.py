"""Work that is not a run (fetching a dataset, writing a figure), off the GUI thread."""

import logging
from collections.abc import Callable
from threading import Event

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from optlab.params import InputError
from optlab.translate import tr

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """The work ends because a person said so."""


class Report:
    """What a piece of work says of itself, and hears; safe from any thread.

    Attributes:
        done: How much is done, in bytes or rows.
        total: Of how much; 0 while that is unknown.
        cancelled: Set when the work is to end.
    """

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self.cancelled = Event()

    def progress(self, done: int, total: int | None) -> None:
        """Say how much is done of how much; None where that is unknown.

        Raises:
            Cancelled: The work is to end.
        """
        self.done, self.total = done, total or 0
        if self.cancelled.is_set():
            raise Cancelled


class _Worker(QObject):
    """Does one piece of work; lives in its own thread."""

    done = Signal(bool, str)

    def __init__(self, work: Callable[[Report], None], report: Report) -> None:
        super().__init__()
        self._work = work
        self._report = report

    @Slot()
    def run(self) -> None:
        """Do it and say how it went."""
        well, reason = False, ""
        try:
            self._work(self._report)
            well = True
        except InputError as error:
            reason = str(error)
        except Exception as error:
            if not self._report.cancelled.is_set():
                logger.exception("work in the background failed")
                reason = tr("{kind}: {text}", kind=type(error).__name__, text=error)
        self.done.emit(well, reason)


class BackgroundTask(QObject):
    """One piece of work in a thread of its own, from `start` to `ended`."""

    ended = Signal(bool, str)
    """It is over; carries whether it went well, and why not (empty if cancelled)."""

    def __init__(
        self, work: Callable[[Report], None], *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.report = Report()
        self._thread = QThread(self)
        self._worker = _Worker(work, self.report)
        self._worker.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._thread.started.connect(self._worker.run, queued)
        self._worker.done.connect(self._finish, queued)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def shutdown(self, *, wait_ms: int = 5000) -> bool:
        """Ask it to end and wait, bounded; return whether its thread has ended."""
        self.report.cancelled.set()
        self._thread.quit()
        return not self._thread.isRunning() or self._thread.wait(wait_ms)

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        self._thread.quit()
        self._thread.wait()
        self.ended.emit(well, reason)
