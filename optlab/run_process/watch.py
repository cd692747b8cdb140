"""Tells when a process hangs: when it has made no progress for too long."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Final

HANG_SECONDS: Final = 10.0
HANG_STEPS: Final = 10.0
"""So many times the longest step so far may a step take."""
SLOW_SECONDS: Final = 60.0
"""For building, for the first step, for closing the file, and in a run that goes on."""
START_SECONDS: Final = 180.0
"""For the process to begin and to import torch, which an old disk takes minutes for."""
STOP_SECONDS: Final = 5.0
STOP_STEPS: Final = 2.0
TURN_SECONDS: Final = 0.25
"""A turn of the watch counts as no more, however long it stood still itself."""


class Watch:
    """Counts how long a process has shown no progress.

    Time in which the watch itself did not run (the machine slept, the program was
    halted), or in which the process was halted from outside, does not count.

    Args:
        halted: Says whether the process is halted from outside.
        now: Seconds from a monotonic clock; tests bring their own.
    """

    def __init__(
        self, halted: Callable[[], bool], *, now: Callable[[], float] = monotonic
    ) -> None:
        self._halted, self._now = halted, now
        self._last = now()
        self._silent = 0.0
        self._longest = 0.0
        self._heard = self._resumed = False
        self._built = self._stepped = self._stopping = self._closing = False

    @property
    def limit(self) -> float:
        """After so many seconds without progress the process hangs."""
        if self._closing:
            return SLOW_SECONDS
        if self._stopping:
            return max(STOP_SECONDS, STOP_STEPS * self._longest)
        if not self._heard:
            return START_SECONDS
        if not self._stepped:
            return SLOW_SECONDS
        least = SLOW_SECONDS if self._resumed else HANG_SECONDS
        return max(least, HANG_STEPS * self._longest)

    @property
    def hangs(self) -> bool:
        """Whether it has shown no progress for too long."""
        return self._silent > self.limit

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not said yet that it does."""
        return self._stopping and not self._closing

    def look(self, *, progress: bool) -> None:
        """Take note of whether there was progress since the last look."""
        now = self._now()
        passed, self._last = min(now - self._last, TURN_SECONDS), now
        if progress:
            self._heard = True
            if self._built:
                self._longest = max(self._longest, self._silent)
            self._silent = 0.0
        elif not self._halted():
            self._silent += passed

    def built(self, *, resumed: bool = False) -> None:
        """Take note that everything is built: the longest step counts from here on.

        Args:
            resumed: Whether the run goes on: then what is measured now and then was not
                measured at the start, and nobody knows how long it takes.
        """
        self._heard = self._built = True
        self._resumed = resumed

    def stepped(self) -> None:
        """Take note that there has been a step."""
        self._stepped = True

    def stop(self) -> None:
        """Take note that the run is asked to stop."""
        if not self._stopping:
            self._stopping, self._silent = True, 0.0

    def closing(self) -> None:
        """Take note that the run has stopped and writes what is left."""
        self._closing = True


def is_halted(pid: int) -> bool:
    """Return whether a process is halted (SIGSTOP), where the system tells."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    # The name before it, in brackets, may hold anything.
    return status.rpartition(")")[2].split()[:1] in (["T"], ["t"])
