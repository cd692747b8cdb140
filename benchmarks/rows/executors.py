"""What a second worker brings: the same runs with one worker and with two.

The runs are real ones, a small convolutional net of several seeds, recorded into run
files that travel back. Workers are warm: torch is imported before the clock runs.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Event
from time import perf_counter

from benchmarks.row import Row
from optlab.sweep.jobs import Executor, Failure, Job
from optlab.sweep.local import LocalExecutor
from optlab.sweep.ray_cluster import RayExecutor

ROUNDS = 3
RUNS = 4
BOUND = 1.7
STEPS = 60
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


def speed_up(
    key: str, where: str, *, start: Callable[[int], Executor], rounds: int
) -> Row:
    """Measure one kind of executor.

    Args:
        key: Short name of the row.
        where: What the workers are, in words.
        start: Makes an executor with so many workers.
        rounds: How often.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for count in seconds:
            with closing(start(count)) as executor:
                _do(executor, steps=2)
                seconds[count].append(_do(executor, steps=STEPS))
    return Row(
        key=key,
        figure=f"times the speed of 4 runs of a seed CNN, 2 {where} over 1",
        baseline=f"1 of the {where}; the figure is its time over that of 2",
        ours=seconds[1],
        theirs=seconds[2],
        target=BOUND,
        at_least=True,
        note=f"needs a free second core; load before: {load:.1f}",
    )


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


def measure(rounds: int) -> Sequence[Row]:
    """Measure both executors."""
    rounds = min(rounds, ROUNDS)
    return [
        speed_up("processes", "processes", start=LocalExecutor, rounds=rounds),
        speed_up(
            "ray",
            "workers of Ray",
            start=lambda count: RayExecutor("local", cores=count),
            rounds=rounds,
        ),
    ]
