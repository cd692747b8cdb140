"""What learning tasks have in common: a family by seed, order, probe, classification.

The probe is the loss that curvature is measured of: always over the same training
samples, at most `PROBE_SIZE` of them, so that its values can be compared over a run.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Generic, Protocol, TypeVar

import numpy as np
import torch
from torch.nn import functional

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.transfer import on_device

PROBE_SIZE: Final = 256
# Samples that an evaluation looks at together: bounds its memory.
_CHUNK: Final = 4096

Made = TypeVar("Made", covariant=True)
Batch = tuple[torch.Tensor, torch.Tensor]


class TaskMaker(Protocol[Made]):
    """Makes the task of one seed."""

    def __call__(self, values: Values, *, device: str, seed: int) -> Made:
        """Return the task that completed values describe."""
        ...


class SeededFamily(Generic[Made]):
    """A task for all seeds; each seed has data of its own.

    Args:
        make: Makes the task of one seed.
        values: Completed parameter values.
        context: Where to train.
    """

    def __init__(
        self, make: TaskMaker[Made], values: Values, context: TaskContext
    ) -> None:
        self._make = make
        self._values = values
        self._device = context.device

    def for_seed(self, seed: int) -> Made:
        """Return the task on the data of ``seed``."""
        return self._make(self._values, device=self._device, seed=seed)


def probe_indices(train_size: int, limit: int = PROBE_SIZE) -> Ints:
    """Return the samples of the probe: all, or ``limit`` of them at even distances."""
    count = min(train_size, limit)
    return np.arange(count, dtype=np.int64) * train_size // count


@contextmanager
def evaluating(model: torch.nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode for a while.

    Neither running statistics nor random numbers of a dropout are then touched. Each
    part gets its own mode back: some of a user's may never be in training.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


class LearningTask(ABC):
    """A task whose batches are in the engine's order.

    Attributes:
        train_size: Number of training samples.
        batch_size: The problem's own batch size.
    """

    train_size: int
    batch_size: int

    @abstractmethod
    def build_model(
        self, generator: torch.Generator, *, sparse: bool
    ) -> torch.nn.Module:
        """Return a new model whose weights are drawn from ``generator`` alone."""

    @abstractmethod
    def batch(self, indices: Ints) -> Any:
        """Return the samples at ``indices``, ready on the device."""

    @abstractmethod
    def loss(
        self, model: torch.nn.Module, batch: Any
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return the mean loss over a batch and further 0-d metrics by name."""

    @abstractmethod
    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return metrics on held-out data, 0-d; empty where there are none."""

    def order(
        self,
        steps: int,  # noqa: ARG002
        batch_size: int,  # noqa: ARG002
    ) -> Ints | None:
        """Return None: the engine orders the batches."""
        return None

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean training loss over the probe."""
        with evaluating(model):
            return self.loss(model, self.batch(probe_indices(self.train_size)))[0]


class Classification(LearningTask):
    """Cross entropy on samples that are held on the device.

    Args:
        train: Training samples and their classes.
        held_out: Samples to evaluate on and their classes.
        batch_size: The problem's own batch size.
        device: The torch device.
    """

    def __init__(
        self, train: Batch, held_out: Batch, *, batch_size: int, device: str
    ) -> None:
        self.train_size = len(train[1])
        self.batch_size = batch_size
        self._device = device
        self._x, self._y = (part.to(device) for part in train)
        self._val_x, self._val_y = (part.to(device) for part in held_out)

    def batch(self, indices: Ints) -> Batch:
        """Return samples and classes at ``indices``."""
        place = on_device(indices, self._device)
        return self._x[place], self._y[place]

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return cross entropy over a batch, and the accuracy on it."""
        x, y = batch
        scores: torch.Tensor = model(x)
        right = (scores.detach().argmax(dim=-1) == y).to(torch.float32)
        return _cross_entropies(scores, y).mean(), {"train_accuracy": right.mean()}

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return cross entropy and accuracy on the samples held out."""
        losses, right = self._held_out(model)
        return {"val_loss": losses.mean(), "val_accuracy": right.mean()}

    def _held_out(self, model: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the loss of each class held out, and 1 where it is named right."""
        losses, right = [], []
        for first in range(0, len(self._val_y), _CHUNK):
            y = self._val_y[first : first + _CHUNK]
            scores: torch.Tensor = model(self._val_x[first : first + _CHUNK])
            losses.append(_cross_entropies(scores, y))
            right.append(scores.argmax(dim=-1) == y)
        return torch.cat(losses).double(), torch.cat(right).double()


def _cross_entropies(scores: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    """Return the cross entropy of each class, whose scores are the last dimension."""
    flat = scores.reshape(-1, scores.shape[-1]), classes.reshape(-1)
    return functional.cross_entropy(*flat, reduction="none").view(classes.shape)
