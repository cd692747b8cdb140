"""What the engine asks of a problem: a `Surface`, or a family of `Task`s.

Torch-free at run time: a surface must be usable before torch is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from optlab.problems.surface import Floats, Ints, Surface

if TYPE_CHECKING:
    import torch

__all__ = ["Floats", "Ints", "Surface", "Task", "TaskContext", "TaskFamily"]


@dataclass(frozen=True, kw_only=True)
class TaskContext:
    """What a task family is built for.

    Attributes:
        device: The torch device of data and models, ``cpu`` or ``cuda:0``.
        split: Part of the dataset that is trained on, ``train`` or ``test``; ``tune``
            for a part of the training part, evaluated on the rest of that.
    """

    device: str
    split: str = "train"


class TaskFamily(Protocol):
    """A problem with its data loaded once for all seeds."""

    def for_seed(self, seed: int) -> Task:
        """Return the task of one seed; large data are shared between seeds."""
        ...


class Task(Protocol):
    """One learning task of one seed: data, model and loss.

    Attributes:
        train_size: Number of training samples.
        batch_size: The problem's own batch size, at most ``train_size``.
    """

    train_size: int
    batch_size: int

    def build_model(
        self, generator: torch.Generator, *, sparse: bool
    ) -> torch.nn.Module:
        """Return a new model whose weights are drawn from ``generator`` alone.

        Args:
            generator: CPU generator; the same state gives the same weights.
            sparse: Whether gradients may come in a sparse layout.
        """
        ...

    def order(self, steps: int, batch_size: int) -> Ints | None:
        """Return the indices of every batch, of shape ``(steps, batch_size)``.

        None where the engine's own order (a keyed permutation per epoch) is to be
        used, as it is everywhere but in programs reproduced from elsewhere.
        """
        ...

    def batch(self, indices: Ints) -> Any:
        """Return the samples at ``indices``, ready on the device.

        Made once and handed to every trial, which must not change it.
        """
        ...

    def loss(
        self, model: torch.nn.Module, batch: Any
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return the mean loss over a batch and further 0-d metrics by name.

        Called with gradients enabled; must not synchronise the device.
        """
        ...

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean training loss over a fixed probe, 0-d.

        The probe is made of at most 256 training samples, always the same ones, or of
        all where there are no more: what curvature is measured of. Called with
        gradients enabled; can be differentiated twice; leaves model and random state
        as they are.
        """
        ...

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return metrics on held-out data, 0-d; empty where there are none.

        Called without gradients; leaves model and random state as they are.
        """
        ...
