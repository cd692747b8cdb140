"""How far a run is, how fast it goes and how long it will take; plain numbers."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from optlab.store.run_data import RunData
from optlab.translate import tr

WINDOW_SECONDS: Final = 5.0
# The first steps of a run are slow and would promise hours.
PATIENCE_SECONDS: Final = 1.0
MINUTE: Final = 60
HOUR: Final = 3600


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One look at a run.

    Attributes:
        fraction: Part of all steps that is done or will not be taken, 0 to 1.
        step: Step of the trial that is least far among those that go on.
        steps: Steps that this trial is to take.
        speed: Steps of all trials per second; 0 while nothing is known.
        seconds_left: Estimate; None before there is enough to go by.
    """

    fraction: float
    step: int
    steps: int
    speed: float
    seconds_left: float | None


class ProgressMeter:
    """Looks at a run from time to time and measures its speed."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque()

    def reset(self) -> None:
        """Forget the speed, after a pause or for another run."""
        self._looks.clear()

    def look(self, data: RunData, now: float) -> Progress:
        """Return how far ``data`` is at ``now`` (seconds of a monotonic clock)."""
        going, done, left, ended = [], 0, 0, 0
        for trial in data.trials:
            status = data.status(trial.trial)
            done += status.step
            if status.state.ended:
                ended += 1
            else:
                going.append((status.step, trial.steps))
                left += trial.steps - status.step
        self._looks.append((now, done))
        while self._looks[0][0] < now - WINDOW_SECONDS:
            self._looks.popleft()
        (then, before), seconds = self._looks[0], now - self._looks[0][0]
        speed = (done - before) / seconds if seconds > 0 and then < now else 0.0
        known = seconds >= PATIENCE_SECONDS
        shares = [step / steps for step, steps in going if steps] + [1.0] * ended
        last = [(data.status(t.trial).step, t.steps) for t in data.trials]
        step, steps = min(going, default=max(last, default=(0, 0)))
        return Progress(
            fraction=sum(shares) / len(shares) if shares else 0.0,
            step=step,
            steps=steps,
            speed=speed,
            seconds_left=left / speed if speed > 0 and known else None,
        )


def progress_words(progress: Progress) -> str:
    """Return ``step 640 of 1,000 · 0:42 left``."""
    text = tr(
        "step {step} of {steps}",
        step=f"{progress.step:,}",
        steps=f"{progress.steps:,}",
    )
    if progress.seconds_left is None:
        return text
    left = duration(progress.seconds_left)
    return tr("{text} · {left} left", text=text, left=left)


def duration(seconds: float) -> str:
    """Return a time as ``0:42``, ``12:05`` or ``3:07:00``."""
    whole = round(seconds)
    hours, rest = divmod(whole, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def speed_words(speed: float) -> str:
    """Return a speed with sensible digits: ``41 steps/s``, ``0.35 steps/s``."""
    digits = f"{speed:,.0f}" if speed >= 10 else f"{speed:.2g}"
    return tr("{speed} steps/s", speed=digits)
