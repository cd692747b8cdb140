"""A bowl in 100 dimensions with the spectrum of a deep net, seen through noisy data.

Schneider, Balles & Hennig 2019, "DeepOBS: a deep learning optimizer benchmark suite"
(ICLR), problem ``quadratic_deep``: 90 eigenvalues below 1 and ten between 30 and 60, as
Chaudhari et al. 2017 ("Entropy-SGD", arXiv:1611.01838) saw in nets. Eigenvalues,
rotation and data are those of DeepOBS; seeds differ in the order of batches alone.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import Floats, Ints, TaskContext
from optlab.problems.catalog_stochastic import DEEP_SAMPLES
from optlab.problems.learning import LearningTask, SeededFamily
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, number

_DIM: Final = 100
_BULK: Final = 90
_SEED: Final = 42
_TEST_SEED: Final = 43


def family(values: Values, context: TaskContext) -> SeededFamily["QuadraticDeep"]:
    """Return the bowl that completed parameter values describe."""
    return SeededFamily(QuadraticDeep, values, context)


def spectrum() -> tuple[Floats, Floats]:
    """Return the eigenvalues, and the rotation that the bowl is turned by."""
    stream = np.random.RandomState(_SEED)
    bulk = stream.uniform(0.0, 1.0, _BULK)
    outliers = stream.uniform(30.0, 60.0, _DIM - _BULK)
    return np.concatenate([bulk, outliers]), _rotation(stream)


def _rotation(stream: np.random.RandomState) -> Floats:
    """Return a rotation that is uniform among all.

    Diaconis & Shahshahani 1987, "The subgroup algorithm for generating uniform random
    variables": a rotation of the last coordinates, then a reflection that brings the
    first axis to a random direction, one dimension after the other.
    """
    angle = 2 * np.pi * stream.uniform()
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    for size in range(3, _DIM + 1):
        direction = stream.normal(size=size)
        mirror = -direction / np.linalg.norm(direction)
        mirror[0] += 1.0
        mirror /= np.linalg.norm(mirror)
        larger = np.eye(size)
        larger[1:, 1:] = turn
        turn = larger - 2.0 * np.outer(mirror, mirror @ larger)
    result: Floats = -turn
    return result


class QuadraticDeepModel(torch.nn.Module):
    """100 numbers in double precision, all 1 at the start."""

    def __init__(self, *, device: str) -> None:
        super().__init__()
        start = torch.ones(_DIM, dtype=torch.float64, device=device)
        self.theta = torch.nn.Parameter(start)


class QuadraticDeep(LearningTask):
    """The bowl; the seed draws nothing but the order of batches, in the engine.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Not used.

    Raises:
        InputError: There are fewer samples than a batch takes.
    """

    def __init__(
        self,
        values: Values,
        *,
        device: str,
        seed: int,  # noqa: ARG002 (the data are always the same)
    ) -> None:
        self.train_size = DEEP_SAMPLES
        self.batch_size = batch_size(values, DEEP_SAMPLES)
        self._device = device
        eigenvalues, turn = spectrum()
        hessian = (turn.T * eigenvalues) @ turn
        self._hessian = torch.from_numpy((hessian + hessian.T) / 2).to(device)
        noise = number(values, "noise")
        self._train = _samples(noise, _SEED).to(device)
        self._test = _samples(noise, _TEST_SEED).to(device)

    def build_model(
        self,
        generator: torch.Generator,  # noqa: ARG002 (nothing is drawn)
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> QuadraticDeepModel:
        """Return the model at its start."""
        return QuadraticDeepModel(device=self._device)

    def batch(self, indices: Ints) -> torch.Tensor:
        """Return the samples at ``indices``."""
        return self._train[on_device(indices, self._device)]

    def loss(
        self, model: torch.nn.Module, batch: torch.Tensor
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return ½ (θ - x)ᵀ Q (θ - x), the mean over a batch."""
        return self._bowl(model, batch), {}

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return the same over the samples held out."""
        return {"val_loss": self._bowl(model, self._test)}

    def _bowl(self, model: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
        off = model.get_parameter("theta") - x
        return 0.5 * ((off @ self._hessian) * off).sum(dim=1).mean()


def _samples(noise: float, seed: int) -> torch.Tensor:
    stream = np.random.RandomState(seed)
    return torch.from_numpy(stream.normal(0.0, noise, (DEEP_SAMPLES, _DIM)))
