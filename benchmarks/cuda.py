"""What OptLab promises on a GPU: trials side by side, and seeds in one go.

``python -m benchmarks.cuda`` prints the table; without a GPU it says so and leaves. The
engine trains each net by itself. Seeds in one go are a prototype of a declared mode of
a run (batched trials are exempt from the promise of equal bits): all nets are one stack
of tensors that `torch.func.vmap` maps over, and those that diverge are held still.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import torch
from torch.func import functional_call, grad_and_value, stack_module_state, vmap
from torch.nn.functional import cross_entropy

from benchmarks import bare
from benchmarks.__main__ import described
from benchmarks.row import Row
from benchmarks.rows.nets import BATCH, LEARNERS, experiment, training_part
from optlab.plugins import load_catalog
from optlab.runner import Runner
from optlab.spec import parse_spec

STEPS: Final = 1000
ROUNDS: Final = 3
SEEDS: Final = 32
WARM_UP: Final = 5
RATE: Final = 0.01


def main() -> int:
    """Measure both rows on the GPU that is there."""
    if not torch.cuda.is_available():
        print("There is no CUDA device here: nothing is measured.")
        return 0
    rows = measure("cuda", rounds=ROUNDS, steps=STEPS, seeds=SEEDS)
    for row in rows:
        print(described(row), flush=True)
    return int(not all(row.holds for row in rows))


def measure(
    device: str, *, rounds: int, steps: int, seeds: int, batch: int = BATCH
) -> Sequence[Row]:
    """Measure on a device, sides in turn.

    Args:
        device: ``cuda``; ``cpu`` only tries whether everything works.
        rounds: How often.
        steps: Steps of each training.
        seeds: How many are trained in one go.
        batch: Samples in a batch.
    """
    data = _data(device)
    ours, theirs = [], []
    many: list[float] = []
    one: list[float] = []
    for _ in range(rounds):
        ours.append(_recorded(device, steps, batch))
        theirs.append(_bare(data, steps, batch))
        for found, count in ((many, seeds), (one, 1)):
            began = perf_counter()
            seeds_in_one_go(range(count), data, steps=steps, batch=batch)
            found.append(perf_counter() - began)
    return [
        Row(
            key="cuda-net",
            figure="4 trials of the seed CNN, batch 64, everything recorded, on a GPU",
            baseline="bare PyTorch loops, one after the other, nothing recorded",
            ours=ours,
            theirs=theirs,
            target=1.03,
        ),
        Row(
            key="cuda-seeds",
            figure=f"{seeds} seeds of the seed CNN in one go by vmap",
            baseline="one seed in the same way",
            ours=many,
            theirs=one,
            target=4.0,
        ),
    ]


def seeds_in_one_go(
    seeds: Sequence[int], data: bare.Images, *, steps: int, batch: int = BATCH
) -> torch.Tensor:
    """Train a seed CNN of each seed by SGD, all in the same operations.

    Args:
        seeds: Each with its own initial weights and its own batches.
        data: Images and classes, on the device.
        steps: Steps of each.
        batch: Samples in a batch.

    Returns:
        The loss of each step and seed, on the CPU.
    """
    images, classes = data
    nets, orders = [], []
    for seed in seeds:
        torch.manual_seed(seed)
        nets.append(bare.seed_cnn().to(images.device))
        orders.append(torch.randperm(len(images)))
    shape = nets[0]
    weights, _ = stack_module_state(list(nets))
    order = torch.stack(orders).to(images.device)
    places = len(images) // batch

    def loss_of(own: dict[str, torch.Tensor], x: Any, y: Any) -> torch.Tensor:
        return cross_entropy(functional_call(shape, own, (x,)), y)

    slopes = vmap(grad_and_value(loss_of))
    alive = torch.ones(len(nets), dtype=torch.bool, device=images.device)
    losses = []
    for step in range(steps):
        first = step % places * batch
        index = order[:, first : first + batch]
        x = images[index].float().div_(255).permute(0, 1, 4, 2, 3)
        gradients, loss = slopes(weights, x, classes[index])
        alive = alive & torch.isfinite(loss)
        for name, held in weights.items():
            mask = alive.view(-1, *[1] * (held.ndim - 1))
            # A dead lane is left where it was: infinity times zero would be no number.
            change = torch.where(mask, gradients[name], 0.0)
            weights[name] = held.detach() - RATE * change
        losses.append(loss.detach())
    return torch.stack(losses).cpu()


def _data(device: str) -> bare.Images:
    part = training_part()
    images, classes = torch.from_numpy(part.images), torch.from_numpy(part.labels)
    return images.to(device), classes.to(device)


def _recorded(device: str, steps: int, batch: int) -> float:
    catalog = load_catalog()
    spec = parse_spec(experiment(steps, batch), catalog)
    with tempfile.TemporaryDirectory() as folder:
        records = Runner(spec, catalog, folder=Path(folder), device=device).run()
        next(records)
        began = perf_counter()
        for _ in records:
            pass
        return perf_counter() - began


def _bare(data: bare.Images, steps: int, batch: int) -> float:
    images = data[0]
    order = torch.randperm(len(images), device=images.device)
    batches = torch.split(order, batch)
    nets = [bare.seed_cnn().to(images.device) for _ in LEARNERS]
    for net, (_, factory) in zip(nets, LEARNERS, strict=True):
        bare.train(net, factory, data, batches[:WARM_UP])
    began = perf_counter()
    for net, (_, factory) in zip(nets, LEARNERS, strict=True):
        taken = [batches[k % len(batches)] for k in range(steps)]
        # Reading the last loss waits for the device.
        bare.train(net, factory, data, taken).item()
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
