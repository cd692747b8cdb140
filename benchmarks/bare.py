"""The loops that a person would write without OptLab; the baselines of the ratios."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float64]
Factory = Callable[[Sequence[torch.Tensor]], torch.optim.Optimizer]


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
    factories: Sequence[Factory], images: Any, classes: Any, *, batch: int, steps: int
) -> None:
    """Train one net after the other on uint8 images, without recording anything."""
    criterion = torch.nn.CrossEntropyLoss()
    for factory in factories:
        torch.manual_seed(0)
        model = seed_cnn()
        optimizer = factory(list(model.parameters()))
        order = torch.randperm(len(images))
        per_epoch = len(images) // batch
        for k in range(steps):
            first = (k % per_epoch) * batch
            index = order[first : first + batch]
            inputs = images[index].to(memory_format=torch.channels_last)
            inputs = inputs.float() / 255
            optimizer.zero_grad()
            criterion(model(inputs), classes[index]).backward()
            optimizer.step()
