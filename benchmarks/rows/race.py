"""Rosenbrock: six recorded optimizers in lockstep against six bare loops."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import bare
from benchmarks.row import Row
from benchmarks.sides import recorded, timed

START = (-1.2, 1.0)
STEPS = 10_000
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


def race(steps: int = STEPS) -> Mapping[str, Any]:
    """Return the experiment of the race."""
    return {
        "problem": {"name": "rosenbrock", "start": list(START)},
        "training": {"steps": steps},
        "optimizers": [dict(entry) for entry, _ in RACERS],
    }


def measure(rounds: int) -> Sequence[Row]:
    """Measure the race; every trajectory must be that of its bare loop, bit for bit."""
    factories = [factory for _, factory in RACERS]
    ours, theirs = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seconds, runner = recorded(race(), Path(folder))
            ours.append(seconds)
            seconds, paths = timed(lambda: bare.race(factories, START, STEPS))
            theirs.append(seconds)
            for trial in range(len(RACERS)):
                for axis in (0, 1):
                    _, values = runner.data.series(trial, f"x{axis}").arrays()
                    if not np.array_equal(values[1:], paths[trial, :, axis]):
                        raise SystemExit(f"trial {trial} differs from its bare loop")
    return [
        Row(
            key="race",
            figure="Rosenbrock, 6 optimizers, 10,000 steps, recorded",
            baseline="bare loops of torch.optim with autograd, nothing recorded",
            ours=ours,
            theirs=theirs,
            target=0.30,
            note="trajectories bitwise equal",
        )
    ]
