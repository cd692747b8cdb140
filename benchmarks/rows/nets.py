"""Four seed CNNs at once, recorded, against the same four trainings without OptLab.

Both sides take the same batches of the same images from the same initial weights, and
the last losses must be equal bit for bit.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import torch

from benchmarks import bare
from benchmarks.row import Row
from benchmarks.sides import recorded
from optlab.engine.cores import available_cores
from optlab.engine.order import BatchOrder, SampleOrder
from optlab.engine.streams import Stream, word
from optlab.problems.datasets import load_images
from optlab.problems.images import LabelledImages
from optlab.store.run_data import RunData

BATCH: Final = 64
STEPS: Final = 150
WINDOW_STEPS: Final = 200
PLOTS: Final = (
    "train_loss",
    "grad_norm",
    "update_norm",
    "param_norm",
    "train_accuracy",
    "lr",
)
LEARNERS: Sequence[tuple[Mapping[str, Any], bare.Factory]] = (
    ({"name": "SGD", "lr": 0.01}, lambda p: torch.optim.SGD(p, lr=0.01)),
    (
        {"name": "SGD", "lr": 0.01, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    ),
    ({"name": "Adam", "lr": 1e-3}, lambda p: torch.optim.Adam(p, lr=1e-3)),
    ({"name": "RMSprop", "lr": 1e-4}, lambda p: torch.optim.RMSprop(p, lr=1e-4)),
)
BASELINE: Final = (
    "bare PyTorch loops, one thread to a training and as many at a time as cores, "
    "channels-last, data in memory, nothing recorded; ms for a step of all four"
)


def training_part() -> LabelledImages:
    """Return the images that everybody learns from."""
    return load_images("lobes-32", own_size=32).train


def experiment(steps: int, batch: int = BATCH, **training: Any) -> dict[str, Any]:
    """Return the experiment: the four trainings, evaluated at the end on one image."""
    return {
        "problem": {
            "name": "image-classification",
            "model": "seed-cnn",
            "dataset": "lobes-32",
            "normalize": "unit",
            "batch_size": batch,
            "val_samples": 1,
        },
        "training": {"steps": steps, "eval_every": 10**6} | training,
        "optimizers": [dict(entry) for entry, _ in LEARNERS],
    }


@dataclass(frozen=True)
class Bare:
    """The other side.

    Attributes:
        seconds: What a step of all four takes.
        losses: Of the last batch.
    """

    seconds: float
    losses: Sequence[float]


def bare_side(part: LabelledImages, steps: int) -> Bare:
    """Train the four without OptLab."""
    size = len(part)
    order = BatchOrder(SampleOrder(0, size, shuffle=True), size=size, batch_size=BATCH)
    batches = [torch.from_numpy(order.batch(k).copy()) for k in range(steps)]
    nets = []
    for _ in LEARNERS:
        torch.manual_seed(word(0, Stream.INIT))
        nets.append(bare.seed_cnn())
    data = torch.from_numpy(part.images), torch.from_numpy(part.labels)
    factories = [factory for _, factory in LEARNERS]
    began = perf_counter()
    losses = bare.train_side_by_side(
        nets, factories, data, batches=batches, threads=available_cores()
    )
    return Bare((perf_counter() - began) / steps, losses)


def measure(rounds: int) -> Sequence[Row]:
    """Measure without a window, the bare loops, and with a window, in turn."""
    from benchmarks.windowed import opened, run_in

    part = training_part()
    alone, theirs, watched = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            seconds, runner = recorded(experiment(STEPS), Path(folder))
            alone.append(1e3 * seconds / STEPS)
            found = bare_side(part, STEPS)
            theirs.append(1e3 * found.seconds)
            _compare(runner.data, found.losses)
        # Open for its own turn alone: an open window lets threads switch more often.
        with opened() as window:
            seen = run_in(window, experiment(WINDOW_STEPS), plots=PLOTS)
        watched.append(1e3 * len(LEARNERS) / seen.speed)
    note = "the last losses equal bit for bit"
    return [
        Row(
            key="net",
            figure="4 trials of the seed CNN, batch 64, everything recorded each step",
            baseline=BASELINE,
            ours=alone,
            theirs=theirs,
            unit="ms",
            target=1.02,
            note=note,
        ),
        Row(
            key="net-window",
            figure="the same with the window open, 6 plots live",
            baseline="the same bare loops",
            ours=watched,
            theirs=theirs,
            unit="ms",
            target=1.08,
            note="from the first records in the window to the end of the run",
        ),
    ]


def _compare(data: RunData, losses: Sequence[float]) -> None:
    for trial, loss in enumerate(losses):
        _, values = data.series(trial, "train_loss").arrays()
        if values[-1] != loss:
            raise SystemExit(f"trial {trial} differs from its bare loop")
