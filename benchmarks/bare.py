"""The loops that a person would write without OptLab; the baselines of the ratios."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float64]
Factory = Callable[[Sequence[torch.Tensor]], torch.optim.Optimizer]
Images = tuple[torch.Tensor, torch.Tensor]


def rosenbrock(x: torch.Tensor) -> torch.Tensor:
    """Return (1 − x)² + 100 (y − x²)²."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def race(factories: Sequence[Factory], start: Sequence[float], steps: int) -> Floats:
    """Run one bare loop after the other; return positions ``(trials, steps, 2)``."""
    paths = np.empty((len(factories), steps, len(start)))
    for i, factory in enumerate(factories):
        x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = factory([x])
        for k in range(steps):
            optimizer.zero_grad()
            rosenbrock(x).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            paths[i, k] = x.detach().numpy()
    return paths


def seed_cnn() -> torch.nn.Sequential:
    """Return the tutorials' net, channels-last."""
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1024, 64),
        nn.Linear(64, 10),
    )
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def train(
    net: torch.nn.Module, factory: Factory, data: Images, batches: Sequence[Any]
) -> torch.Tensor:
    """Train a net, without recording anything; return the loss of the last batch."""
    images, classes = data
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = factory(list(net.parameters()))
    loss = torch.zeros(())
    for index in batches:
        inputs = images[index].float().div_(255).permute(0, 3, 1, 2)
        optimizer.zero_grad()
        loss = criterion(net(inputs), classes[index])
        loss.backward()
        optimizer.step()
    return loss.detach()


def train_side_by_side(
    nets: Sequence[torch.nn.Module],
    factories: Sequence[Factory],
    data: Images,
    *,
    batches: Sequence[Any],
    threads: int,
) -> list[float]:
    """Train nets on a pool of threads, each with one core to itself.

    Args:
        nets: Nets with their initial weights.
        factories: The optimizer of each.
        data: Bytes of shape (n, height, width, channels), so that batches are
            channels-last as they are cut, and classes.
        batches: Indices of each batch.
        threads: How many nets are trained at a time.

    Returns:
        The loss of each on the last batch.
    """
    with ThreadPoolExecutor(
        threads, initializer=torch.set_num_threads, initargs=(1,)
    ) as pool:
        jobs = [
            pool.submit(train, net, factory, data, batches)
            for net, factory in zip(nets, factories, strict=True)
        ]
        return [float(job.result()) for job in jobs]
