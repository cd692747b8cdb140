"""Classes of points in the plane, told apart by a small multi-layer perceptron."""

from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import Floats, Ints, TaskContext
from optlab.problems.catalog_points import SPIRAL_CLASSES
from optlab.problems.learning import Batch, Classification, SeededFamily
from optlab.problems.perceptron import RELU, TANH, perceptron
from optlab.problems.values import batch_size, integer, number

# Words of the key that keep the data apart from every other use of the same seed.
_MOONS_KEY: Final = 0x6D6F6F6E
_SPIRALS_KEY: Final = 0x73706972


def moons(values: Values, context: TaskContext) -> SeededFamily["Points"]:
    """Return the moons that completed parameter values describe."""
    return SeededFamily(_moons_of, values, context)


def spirals(values: Values, context: TaskContext) -> SeededFamily["Points"]:
    """Return the spirals that completed parameter values describe."""
    return SeededFamily(_spirals_of, values, context)


class Points(Classification):
    """Points of one seed and the net that tells their classes apart.

    Args:
        train: Training points and their classes.
        held_out: Points to evaluate on and their classes.
        batch_size: The problem's own batch size.
        device: The torch device.
        sizes: Numbers of inputs, hidden units and outputs of the net.
        activation: The net's activation function.
    """

    def __init__(
        self,
        train: Batch,
        held_out: Batch,
        *,
        batch_size: int,
        device: str,
        sizes: tuple[int, ...],
        activation: str,
    ) -> None:
        super().__init__(train, held_out, batch_size=batch_size, device=device)
        self._sizes, self._activation = sizes, activation

    def build_model(
        self,
        generator: torch.Generator,
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> torch.nn.Module:
        """Return a net whose weights are drawn from ``generator``."""
        return perceptron(
            self._sizes, generator, activation=self._activation, device=self._device
        )


def _moons_of(values: Values, *, device: str, seed: int) -> Points:
    train, held_out = (
        draw_moons(count, noise=number(values, "noise"), seed=seed, part=part)
        for part, count in enumerate(_counts(values))
    )
    width = integer(values, "width")
    return Points(
        train,
        held_out,
        batch_size=batch_size(values, len(train[1])),
        device=device,
        sizes=(2, width, width, 2),
        activation=TANH,
    )


def _spirals_of(values: Values, *, device: str, seed: int) -> Points:
    train, held_out = (
        draw_spirals(count, noise=number(values, "noise"), seed=seed, part=part)
        for part, count in enumerate(_counts(values))
    )
    width = integer(values, "width")
    return Points(
        train,
        held_out,
        batch_size=batch_size(values, len(train[1])),
        device=device,
        sizes=(2, width, width, SPIRAL_CLASSES),
        activation=RELU,
    )


def _counts(values: Values) -> tuple[int, int]:
    samples = integer(values, "samples")
    return samples, max(1, samples // 4)


def draw_moons(count: int, *, noise: float, seed: int, part: int) -> Batch:
    """Return points of two half circles, which take turns.

    Args:
        count: Number of points.
        noise: Standard deviation of the noise on both coordinates.
        seed: Points of other seeds are independent.
        part: So are points of other parts.
    """
    draw = _generator(seed, _MOONS_KEY, part)
    classes = np.arange(count, dtype=np.int64) % 2
    t = draw.uniform(0.0, np.pi, count)
    upper = np.stack([np.cos(t), np.sin(t)], axis=1)
    lower = np.stack([1.0 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    places = np.where(classes[:, None] == 0, upper, lower)
    return _tensors(places + noise * draw.standard_normal((count, 2)), classes)


def draw_spirals(count: int, *, noise: float, seed: int, part: int) -> Batch:
    """Return points of three arms, which take turns, from the middle outwards.

    Args:
        count: Number of points.
        noise: Standard deviation of the noise on the angle.
        seed: Points of other seeds are independent.
        part: So are points of other parts.
    """
    draw = _generator(seed, _SPIRALS_KEY, part)
    classes = np.arange(count, dtype=np.int64) % SPIRAL_CLASSES
    r = (np.arange(count) // SPIRAL_CLASSES) / -(-count // SPIRAL_CLASSES)
    turn = 2 * np.pi * classes / SPIRAL_CLASSES
    angle = 4.0 * r + turn + noise * draw.standard_normal(count)
    places = r[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return _tensors(places, classes)


def _generator(seed: int, key: int, part: int) -> np.random.Generator:
    counter = [0, 0, part, 0]
    return np.random.Generator(np.random.Philox(key=[seed, key], counter=counter))


def _tensors(places: Floats, classes: Ints) -> Batch:
    return torch.from_numpy(places.astype(np.float32)), torch.from_numpy(classes)
