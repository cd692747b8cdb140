"""The way back into a run: pause, resume, step and stop, from any thread.

A `RunControl` is shared between a front end, which asks, and the engine, which looks
between two slices of work. Everything that is asked is recorded by the engine with the
step at which it took effect. Knows nothing of torch or Qt.
"""

from dataclasses import dataclass
from threading import Condition
from typing import Literal


@dataclass(frozen=True)
class Requests:
    """What was asked since the last look.

    Attributes:
        stop: Whether the whole run is to stop.
        pause: Whether the run is to be paused now.
        steps: Single steps to take before pausing again.
        stop_trials: Trials that are to stop while the others go on.
        rates: Trials whose learning rate is to be another one, and which.
    """

    stop: bool
    pause: bool
    steps: int
    stop_trials: tuple[int, ...]
    rates: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Planned:
    """Something that is to happen at a step that is known before the run.

    Attributes:
        step: After which step: of the trial, or of the run's common clock where there
            is no ``trial``.
        act: ``stop`` for the whole run, ``stop-trial`` or ``lr`` for one trial.
        trial: Number of the trial; None for the whole run.
        rate: The new learning rate of ``lr``, as in `RunControl.set_rate`.
    """

    step: int
    act: Literal["stop", "stop-trial", "lr"]
    trial: int | None = None
    rate: float | None = None


class RunControl:
    """Requests of a front end to a running engine; safe to call from any thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._stop = False
        self._pause = False
        self._steps = 0
        self._stop_trials: list[int] = []
        self._rates: list[tuple[int, float]] = []

    def pause(self) -> None:
        """Ask for a pause after the current slice."""
        with self._changed:
            self._pause = True
            self._changed.notify_all()

    def resume(self) -> None:
        """Ask to go on after a pause."""
        with self._changed:
            self._pause, self._steps = False, 0
            self._changed.notify_all()

    def step(self) -> None:
        """Ask for one step of every trial, and a pause after it."""
        with self._changed:
            self._pause, self._steps = True, self._steps + 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Ask for an end of the whole run."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()

    def stop_trial(self, trial: int) -> None:
        """Ask for an end of one trial while the others go on."""
        with self._changed:
            self._stop_trials.append(trial)
            self._changed.notify_all()

    def set_rate(self, trial: int, lr: float) -> None:
        """Ask for another learning rate of one trial from its next step on.

        Args:
            trial: Its number.
            lr: What the rate of its first param group is to be, > 0; those of its other
                groups, and what a schedule makes of them, change by the same factor.
        """
        with self._changed:
            self._rates.append((trial, lr))
            self._changed.notify_all()

    @property
    def paused(self) -> bool:
        """Whether a pause is asked for or in force."""
        with self._changed:
            return self._pause and not self._stop

    def take(self) -> Requests:
        """Return what is asked; what is to be done once is taken off."""
        with self._changed:
            requests = Requests(
                stop=self._stop,
                pause=self._pause,
                steps=self._steps,
                stop_trials=tuple(self._stop_trials),
                rates=tuple(self._rates),
            )
            self._steps, self._stop_trials, self._rates = 0, [], []
            return requests

    def wait_for_stop(self, timeout: float) -> bool:
        """Wait until the run is to stop, at most ``timeout`` seconds; return if so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._stop, timeout)

    def wait(self, timeout: float) -> None:
        """Wait while paused and nothing else is asked, at most ``timeout`` seconds."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stop
                    or not self._pause
                    or self._steps > 0
                    or bool(self._stop_trials)
                    or bool(self._rates)
                ),
                timeout,
            )
