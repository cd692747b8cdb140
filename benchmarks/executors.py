"""What a second worker brings: the same runs with one worker and with two.

The runs are real ones, a small convolutional net of several seeds, recorded into run
files that travel back. Workers are warm: torch is imported before the clock runs.
"""

import os
import statistics
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from time import perf_counter

from optlab.sweep.jobs import Executor, Failure, Job
from optlab.sweep.local import LocalExecutor
from optlab.sweep.ray_cluster import RayExecutor

ROUNDS = 3
RUNS = 4
BOUND = 1.7
QUIET = 0.3
"""Load of the machine, in waiting programs, up to which the bound is held against."""
SPEC = """
[problem]
name = "image-classification"
model = "seed-cnn-relu"
dataset = "digits"
batch_size = 64
[training]
steps = {steps}
seeds = [{seed}]
eval_every = 50
[[optimizers]]
name = "Adam"
"""


@dataclass(frozen=True)
class SpeedUp:
    """Seconds with one worker and with two, by round, and the load before them."""

    name: str
    one: Sequence[float]
    two: Sequence[float]
    load: float

    @property
    def factor(self) -> float:
        """Median over the rounds of how many times faster two workers are."""
        pairs = zip(self.one, self.two, strict=True)
        return statistics.median(a / b for a, b in pairs)

    @property
    def broken(self) -> bool:
        """Whether it is too little although the machine had nothing else to do."""
        return self.factor < BOUND and self.load <= QUIET

    def line(self) -> str:
        """Return the row of the table."""
        one, two = statistics.median(self.one), statistics.median(self.two)
        verdict = "UNDER" if self.broken else "ok"
        if self.factor < BOUND and not self.broken:
            verdict = f"not quiet: load {self.load:.1f}"
        return (
            f"{self.name:44} {one:8.2f} s {two:8.2f} s"
            f"   {self.factor:5.2f} ≥ {BOUND:4.2f}  {verdict}"
        )


def speed_up(name: str, start: Callable[[int], Executor], steps: int = 60) -> SpeedUp:
    """Measure one kind of executor.

    Args:
        name: What the row is called.
        start: Makes one with so many workers.
        steps: Steps of each run.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for count in seconds:
            with closing(start(count)) as executor:
                _do(executor, steps=2)
                seconds[count].append(_do(executor, steps=steps))
    return SpeedUp(name, seconds[1], seconds[2], load)


def _do(executor: Executor, *, steps: int) -> float:
    jobs = [
        Job(key=str(seed), spec_text=SPEC.format(steps=steps, seed=seed))
        for seed in range(RUNS)
    ]
    began = perf_counter()
    for message in executor.run(jobs, Event()):
        if isinstance(message, Failure):
            raise SystemExit(message.reason)
    return perf_counter() - began


def speed_ups() -> Sequence[Callable[[], SpeedUp]]:
    """Return the benchmarks of both executors."""
    return (
        lambda: speed_up("4 seed CNNs, 2 processes over 1", LocalExecutor),
        lambda: speed_up(
            "4 seed CNNs, 2 workers of Ray over 1",
            lambda count: RayExecutor("local", cores=count),
        ),
    )
