"""Linear regression on features of which some are rare.

Each feature is on with a probability of its own, and then 1 or -1 at random, so that
features are uncorrelated and each weight is learned by itself. Duchi, Hazan & Singer
2011: AdaGrad gives the weight of a rare feature larger steps.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.catalog_rare import FEATURES
from optlab.problems.learning import (
    Batch,
    LearningTask,
    SeededFamily,
    probe_indices,
)
from optlab.problems.transfer import on_device
from optlab.problems.values import batch_size, integer, number, numbers

# Word of the key that keeps the data apart from every other use of the same seed.
_DATA_KEY: Final = 0x72617265


def family(values: Values, context: TaskContext) -> SeededFamily["RareFeatures"]:
    """Return the regression that completed parameter values describe."""
    return SeededFamily(RareFeatures, values, context)


class RareModel(torch.nn.Module):
    """One weight for each feature in double precision, all zero at the start.

    Buffers hold weights and gradient of the last batch, and the effective learning
    rates that the update after it had: |Δwᵢ| / |gᵢ| wherever gᵢ was not zero.
    """

    seen_weights: torch.Tensor
    seen_gradient: torch.Tensor
    rates: torch.Tensor

    def __init__(self, *, device: str) -> None:
        super().__init__()
        zeros = torch.zeros(len(FEATURES), dtype=torch.float64, device=device)
        self.w = torch.nn.Parameter(zeros)
        self.register_buffer("seen_weights", zeros.clone())
        self.register_buffer("seen_gradient", zeros.clone())
        self.register_buffer("rates", torch.full_like(zeros, torch.nan))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return wᵀx for each sample."""
        return x @ self.w

    @torch.no_grad()
    def watch(self, x: torch.Tensor, errors: torch.Tensor) -> None:
        """Take notice of a batch: how far weights have moved since the last one.

        Args:
            x: The samples.
            errors: What the model says, less the targets.
        """
        moved, pulled = (self.w - self.seen_weights).abs(), self.seen_gradient.abs()
        self.rates.copy_(torch.where(pulled > 0, moved / pulled, self.rates))
        self.seen_weights.copy_(self.w)
        self.seen_gradient.copy_(2.0 * (errors @ x) / len(errors))


class RareFeatures(LearningTask):
    """The regression on the data of one seed.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Draws features and noise.

    Raises:
        InputError: There are fewer samples than a batch takes.
    """

    def __init__(self, values: Values, *, device: str, seed: int) -> None:
        self.train_size = integer(values, "samples")
        self.batch_size = batch_size(values, self.train_size)
        self._device = device
        total = self.train_size + max(1, self.train_size // 4)
        draw = np.random.Generator(np.random.Philox(key=[seed, _DATA_KEY]))
        shape = total, len(FEATURES)
        on = draw.random(shape) < np.array(numbers(values, "probabilities"))
        x = np.where(on, 1.0 - 2.0 * draw.integers(2, size=shape), 0.0)
        y = x.sum(axis=1) + number(values, "noise") * draw.standard_normal(total)
        self._x, self._y = (torch.from_numpy(part).to(device) for part in (x, y))

    def build_model(
        self,
        generator: torch.Generator,  # noqa: ARG002 (nothing is drawn)
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> RareModel:
        """Return a model with weights of zero."""
        return RareModel(device=self._device)

    def batch(self, indices: Ints) -> Batch:
        """Return features and targets at ``indices``."""
        place = on_device(indices, self._device)
        return self._x[place], self._y[place]

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return the mean squared error, and the rates of the update before."""
        if not isinstance(model, RareModel):
            raise TypeError("not a model of this task")
        x, y = batch
        errors: torch.Tensor = model(x) - y
        model.watch(x, errors.detach())
        rates = model.rates.clone()
        own = {f"train_rate_{n}": rates[i] for i, n in enumerate(FEATURES)}
        return errors.square().mean(), own

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean squared error over the probe; nothing is watched."""
        x, y = self.batch(probe_indices(self.train_size))
        errors: torch.Tensor = model(x) - y
        return errors.square().mean()

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return the error over samples held out, and that of each weight."""
        if not isinstance(model, RareModel):
            raise TypeError("not a model of this task")
        held_out = slice(self.train_size, None)
        errors: torch.Tensor = model(self._x[held_out]) - self._y[held_out]
        wrong = (model.w - 1.0).abs()
        own = {f"val_error_{name}": wrong[i] for i, name in enumerate(FEATURES)}
        return {"val_loss": errors.square().mean(), **own}
