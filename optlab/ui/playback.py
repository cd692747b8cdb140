"""The moment of a run that is looked at, and playing through its history.

A moment is a step. None stands for the newest one: views then follow the run, whether
it goes on or has ended. Whoever moves past the last step is back at the newest.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Final
from weakref import ref

from PySide6.QtCore import QObject, QTimer, Signal, Slot

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
WHOLE_RUN_S: Final = 10.0
"""Seconds from the first step to the last at a speed of 1."""
_TICK_MS: Final = 33


class Playback(QObject):
    """Where in the history of a run a person looks.

    `moved` comes with every other moment; `changed` when playing starts or stops, and
    with another speed or length.

    Args:
        parent: Owner.
        now: Seconds from a monotonic clock; tests bring their own.
    """

    moved = Signal()
    changed = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        now: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._moment: int | None = None
        self._length = 0
        self._speed = 1.0
        self._run: ref[object] | None = None
        self._exact = 0.0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def moment(self) -> int | None:
        """The step that is looked at; None for the newest."""
        return self._moment

    @property
    def step(self) -> int:
        """The step that is looked at, in numbers."""
        return self._length if self._moment is None else self._moment

    @property
    def length(self) -> int:
        """The newest step there is."""
        return self._length

    @property
    def speed(self) -> float:
        """How fast time goes by; at 1 a whole run takes `WHOLE_RUN_S`."""
        return self._speed

    @property
    def playing(self) -> bool:
        """Whether the moment moves by itself."""
        return self._timer.isActive()

    def watch(self, run: object | None) -> bool:
        """Begin anew with another run; None where there is none.

        Returns:
            Whether it is another one.
        """
        known = None if self._run is None else self._run()
        if run is known and (run is not None or self._run is None):
            return False
        self._run = None if run is None else ref(run)
        self.pause()
        self._length = 0
        self.go_live()
        self.changed.emit()
        return True

    def set_length(self, step: int) -> None:
        """Say which step is the newest."""
        if step == self._length:
            return
        self._length = step
        if self._moment is not None and self._moment >= step:
            self.go_live()
        self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Let time go by faster or slower."""
        if speed != self._speed:
            self._speed = speed
            self.changed.emit()

    def set_moment(self, step: int | None) -> None:
        """Look at a step; None, or one that is not before the newest, follows."""
        if step is not None:
            step = None if step >= self._length else max(step, 0)
        self._exact = float(self._length if step is None else step)
        if step != self._moment:
            self._moment = step
            self.moved.emit()

    def go_live(self) -> None:
        """Look at the newest step, and at whatever comes."""
        self.set_moment(None)

    def move(self, steps: int) -> None:
        """Look at an earlier or a later step."""
        self.set_moment(self.step + steps)

    @Slot()
    def toggle(self) -> None:
        """Play, or stop playing."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Move on from here; from the beginning if this is the end."""
        if self.playing or self._length < 1:
            return
        if self._moment is None:
            self.set_moment(0)
        self._exact = float(self.step)
        self._last = self._now()
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """Stay where it is."""
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    @Slot()
    def tick(self) -> None:
        """Move on by what has gone by; stop at the end."""
        now = self._now()
        gone, self._last = now - self._last, now
        exact = self._exact + gone * self._speed * self._length / WHOLE_RUN_S
        self.set_moment(int(exact))
        self._exact = exact
        if self._moment is None:
            self.pause()
