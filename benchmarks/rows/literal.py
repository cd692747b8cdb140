"""Four seed CNNs at once, recorded, against the tutorials' own program, four times."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch

from benchmarks import seed_literal
from benchmarks.row import Row
from benchmarks.rows.nets import LEARNERS, experiment, training_part
from benchmarks.sides import recorded, timed
from optlab.engine.cores import available_cores

SIZES: Final = ((64, 60, 0.65), (1, 1500, 0.60))
"""Batch size, steps, target."""


def measure(rounds: int) -> Sequence[Row]:
    """Measure at each batch size, sides in turn."""
    part = training_part()
    rows = []
    for batch, steps, target in SIZES:
        count = batch * steps
        pictures = seed_literal.Pictures(
            part.images[:count], part.labels[:count].tolist()
        )
        ours, theirs = [], []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                seconds, _ = recorded(experiment(steps, batch), Path(folder))
            ours.append(seconds)
            # The program knows nothing of threads: it has all cores.
            torch.set_num_threads(available_cores())
            seconds, _ = timed(lambda: _programs(pictures, batch))  # noqa: B023
            theirs.append(seconds)
        rows.append(
            Row(
                key=f"literal-{batch}",
                figure=f"4 trials of the seed CNN, batch {batch}, recorded",
                baseline="the tutorials' own program (pictures of Pillow, DataLoader, "
                "all cores in each operation), once per optimizer",
                ours=ours,
                theirs=theirs,
                target=target,
                note=f"{steps:,} steps of each",
            )
        )
    return rows


def _programs(pictures: seed_literal.Pictures, batch: int) -> None:
    for _, factory in LEARNERS:
        seed_literal.train(pictures, factory, batch=batch)
