"""The tutorials' regression: one weight, no bias, on points of the line y = 2x.

With ``rng = "numpy-legacy"`` or ``"numpy-default"`` data and batches come from one
NumPy stream, drawn in the order of their second and third program. The global
generators of NumPy and torch are never touched.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from optlab.params import InputError, Values
from optlab.problems.base import Floats, Ints, TaskContext
from optlab.problems.catalog_tasks import (
    FIVE_POINTS,
    NUMPY_LEGACY,
    PHILOX,
    line_size,
)
from optlab.problems.learning import probe_indices
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, number, word
from optlab.translate import tr

Batch = tuple[torch.Tensor, torch.Tensor]

_SLOPE: Final = 2.0
# Word of the key that keeps the data apart from every other use of the same seed.
_DATA_KEY: Final = 0x6C696E65
_LEGACY_SEEDS: Final = 2**32


def family(values: Values, context: TaskContext) -> "LinearRegressionFamily":
    """Return the regression that completed parameter values describe."""
    return LinearRegressionFamily(values, context)


class LinearRegressionFamily:
    """The regression for all seeds; each seed has data of its own.

    Args:
        values: Completed parameter values.
        context: Where to train.
    """

    def __init__(self, values: Values, context: TaskContext) -> None:
        self._values = values
        self._device = context.device

    def for_seed(self, seed: int) -> "LinearRegression":
        """Return the regression on the data of ``seed``."""
        return LinearRegression(self._values, device=self._device, seed=seed)


class LinearModel(torch.nn.Module):
    """y = w x with one weight in double precision."""

    def __init__(self, weight: float, *, device: str) -> None:
        super().__init__()
        start = torch.full((1,), weight, dtype=torch.float64, device=device)
        self.w = torch.nn.Parameter(start)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return w x for each sample."""
        return self.w * x


class LinearRegression:
    """The regression on the data of one seed.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Draws noise and, with a NumPy stream, batches.

    Raises:
        InputError: There are fewer samples than a batch takes, or the seed is too
            large for NumPy's legacy stream.
    """

    def __init__(self, values: Values, *, device: str, seed: int) -> None:
        self.train_size = line_size(values)
        self.batch_size = batch_size(values, self.train_size)
        self._five_points = word(values, "data") == FIVE_POINTS
        self._noise = number(values, "noise")
        self._weight = number(values, "w")
        self._rng = word(values, "rng")
        self._seed = seed
        self._device = device
        if self._rng == NUMPY_LEGACY and seed >= _LEGACY_SEEDS:
            high = _LEGACY_SEEDS - 1
            text = tr("at most {high} with rng = numpy-legacy", high=high)
            raise InputError("training.seeds", seed, text)
        x, y, _ = self._draw_data()
        self._x = torch.from_numpy(x).to(device)
        self._y = torch.from_numpy(y).to(device)

    def _draw_data(
        self,
    ) -> tuple[Floats, Floats, "np.random.RandomState | np.random.Generator"]:
        """Return x, y and the stream as it stands after they are drawn."""
        stream = self._stream()
        if self._five_points:
            x = np.arange(1.0, 6.0)
            return x, _SLOPE * x, stream
        x = np.linspace(1.0, 5.0, self.train_size)
        noise = stream.standard_normal(self.train_size)
        return x, _SLOPE * x + self._noise * noise, stream

    def _stream(self) -> "np.random.RandomState | np.random.Generator":
        if self._rng == PHILOX:
            key = [self._seed, _DATA_KEY]
            return np.random.Generator(np.random.Philox(key=key))
        if self._rng == NUMPY_LEGACY:
            return np.random.RandomState(self._seed)
        return np.random.default_rng(self._seed)

    def build_model(
        self,
        generator: torch.Generator,  # noqa: ARG002 (nothing is drawn)
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> LinearModel:
        """Return the model at its given start weight."""
        return LinearModel(self._weight, device=self._device)

    def order(self, steps: int, batch_size: int) -> Ints | None:
        """Return the batches of a reproduced program; None for the engine's own."""
        if self._rng == PHILOX:
            return None
        _, _, stream = self._draw_data()
        size = self.train_size
        if batch_size == 1:
            single = (
                stream.randint(size, size=(steps, 1))
                if isinstance(stream, np.random.RandomState)
                else stream.integers(size, size=(steps, 1))
            )
            return np.asarray(single, dtype=np.int64)
        rows = np.empty((steps, batch_size), dtype=np.int64)
        for row in rows:
            row[:] = stream.choice(size, batch_size, replace=False)
        return rows

    def batch(self, indices: Ints) -> Batch:
        """Return x and y at ``indices``."""
        place = on_device(indices, self._device)
        return self._x[place], self._y[place]

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return the mean squared error over a batch."""
        return _mean_squared_error(model, *batch), {}

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean squared error over the probe."""
        return _mean_squared_error(model, *self.batch(probe_indices(self.train_size)))

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return the mean squared error over all points."""
        return {"val_loss": _mean_squared_error(model, self._x, self._y)}


def _mean_squared_error(
    model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    error: torch.Tensor = model(x) - y
    return (error * error).mean()
