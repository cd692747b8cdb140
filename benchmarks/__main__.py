"""Measure OptLab's engine against bare PyTorch loops, interleaved in one run.

``python -m benchmarks`` prints a table and exits with 1 if a ratio is over its bound;
below it, what a second worker brings to many runs.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch

from benchmarks import bare
from benchmarks.executors import speed_ups
from optlab.engine.cores import available_cores
from optlab.plugins import load_catalog
from optlab.runner import Runner
from optlab.spec import parse_spec

ROUNDS = 5
RACERS: Sequence[tuple[Mapping[str, Any], bare.Factory]] = (
    ({"name": "SGD", "lr": 1e-3}, lambda p: torch.optim.SGD(p, lr=1e-3)),
    (
        {"name": "SGD", "lr": 1e-3, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
    ),
    ({"name": "Adam", "lr": 0.05}, lambda p: torch.optim.Adam(p, lr=0.05)),
    ({"name": "RMSprop", "lr": 0.01}, lambda p: torch.optim.RMSprop(p, lr=0.01)),
    ({"name": "Adagrad", "lr": 0.3}, lambda p: torch.optim.Adagrad(p, lr=0.3)),
    ({"name": "NAdam", "lr": 0.02}, lambda p: torch.optim.NAdam(p, lr=0.02)),
)


@dataclass(frozen=True)
class Result:
    """One benchmark: seconds of both sides by round, and the bound of the ratio."""

    name: str
    ours: Sequence[float]
    theirs: Sequence[float]
    bound: float

    @property
    def ratio(self) -> float:
        """Median of the ratios of the rounds."""
        ratios = [a / b for a, b in zip(self.ours, self.theirs, strict=True)]
        return statistics.median(ratios)

    def line(self) -> str:
        """Return the row of the table."""
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        verdict = "ok" if self.ratio <= self.bound else "OVER"
        return (
            f"{self.name:44} {ours:8.2f} s {theirs:8.2f} s"
            f"   {self.ratio:5.2f} ≤ {self.bound:4.2f}  {verdict}"
        )


def recorded(tree: Mapping[str, Any]) -> tuple[float, Runner]:
    """Run an experiment into a run file; return its seconds without building."""
    catalog = load_catalog()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(parse_spec(tree, catalog), catalog, folder=Path(folder))
        steps = runner.run()
        next(steps)
        began = perf_counter()
        for _ in steps:
            pass
        return perf_counter() - began, runner


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that ``work`` takes, and its result."""
    began = perf_counter()
    result = work()
    return perf_counter() - began, result


def rosenbrock_race(steps: int = 2000) -> Result:
    """Six recorded optimizers on Rosenbrock against six bare loops."""
    start = (-1.2, 1.0)
    factories = [factory for _, factory in RACERS]
    tree = {
        "problem": {"name": "rosenbrock", "start": list(start)},
        "training": {"steps": steps},
        "optimizers": [dict(entry) for entry, _ in RACERS],
    }
    ours, theirs = [], []
    for _ in range(ROUNDS):
        seconds, runner = recorded(tree)
        ours.append(seconds)
        seconds, paths = timed(lambda: bare.race(factories, start, steps))
        theirs.append(seconds)
        for trial in range(len(RACERS)):
            for axis in (0, 1):
                _, values = runner.data.series(trial, f"x{axis}").arrays()
                if not np.array_equal(values[1:], paths[trial, :, axis]):
                    raise SystemExit(f"trial {trial} differs from its bare loop")
    return Result("Rosenbrock, 6 optimizers, recorded", ours, theirs, 0.6)


def seed_cnn_trials(steps: int = 40) -> Result:
    """Four recorded seed CNNs against four bare loops of the same trainings."""
    racers = RACERS[:4]
    tree = {
        "problem": {
            "name": "image-classification",
            "model": "seed-cnn",
            "dataset": "digits",
            "batch_size": 64,
            "val_samples": 1,
        },
        "training": {"steps": steps, "eval_every": 10**6},
        "optimizers": [dict(entry) for entry, _ in racers],
    }
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (1437, 3, 32, 32), dtype=np.uint8)
    images = torch.from_numpy(pixels)
    classes = torch.from_numpy(rng.integers(0, 10, 1437))
    factories = [factory for _, factory in racers]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        seconds, _runner = recorded(tree)
        ours.append(seconds)
        torch.set_num_threads(available_cores())
        seconds, _result = timed(
            lambda: bare.train(factories, images, classes, batch=64, steps=steps)
        )
        theirs.append(seconds)
    return Result("seed CNN, 4 trials, recorded", ours, theirs, 1.05)


def main() -> int:
    """Run all benchmarks."""
    print(f"torch {torch.__version__}, {available_cores()} cores, {ROUNDS} rounds")
    print(f"{'':44} {'OptLab':>10} {'bare':>10}   {'ratio':>5}")
    results = []
    for benchmark in (rosenbrock_race, seed_cnn_trials):
        result = benchmark()
        print(result.line(), flush=True)
        results.append(result)
    over = any(result.ratio > result.bound for result in results)
    print(f"{'':44} {'1 worker':>10} {'2 workers':>10}   {'times':>5}")
    for measure in speed_ups():
        found = measure()
        print(found.line(), flush=True)
        over = over or found.broken
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
