"""A Chebyshev polynomial, learned by a small tanh net with full batches.

Home of the edge of stability: Cohen et al. 2021, "Gradient Descent on Neural Networks
Typically Occurs at the Edge of Stability" (arXiv:2103.00065). Double precision, as
the oscillation at the edge amplifies every rounding.
"""

from collections.abc import Mapping

import torch

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.catalog_points import TORCH_INIT
from optlab.problems.learning import Batch, LearningTask, SeededFamily
from optlab.problems.perceptron import TANH, perceptron
from optlab.problems.values import integer, word


def family(values: Values, context: TaskContext) -> SeededFamily["Chebyshev"]:
    """Return the regression that completed parameter values describe."""
    return SeededFamily(Chebyshev, values, context)


class Chebyshev(LearningTask):
    """The regression of one seed, which draws the net alone.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Draws the weights where they are to be torch's own.
    """

    def __init__(self, values: Values, *, device: str, seed: int) -> None:
        self.train_size = self.batch_size = integer(values, "samples")
        self._width = integer(values, "width")
        self._torch_seed = seed if word(values, "init") == TORCH_INIT else None
        self._device = device
        x = torch.linspace(-1.0, 1.0, self.train_size, dtype=torch.float64)
        y = torch.cos(integer(values, "degree") * torch.arccos(x))
        self._x, self._y = x[:, None].to(device), y[:, None].to(device)

    def build_model(
        self,
        generator: torch.Generator,
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> torch.nn.Module:
        """Return a net whose weights are drawn from ``generator`` or torch's seed."""
        if self._torch_seed is not None:
            generator = torch.Generator().manual_seed(self._torch_seed)
        return perceptron(
            (1, self._width, 1),
            generator,
            activation=TANH,
            dtype=torch.float64,
            device=self._device,
        )

    def batch(self, indices: Ints) -> Batch:  # noqa: ARG002 (always all of them)
        """Return all points, always in the same order, so that sums have equal bits."""
        return self._x, self._y

    def loss(
        self, model: torch.nn.Module, batch: Batch
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return half the mean squared error."""
        x, y = batch
        error: torch.Tensor = model(x) - y
        return 0.5 * error.square().mean(), {}

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the training loss: it is that of all points."""
        return self.loss(model, (self._x, self._y))[0]

    def evaluate(
        self,
        model: torch.nn.Module,  # noqa: ARG002 (nothing is held out)
    ) -> Mapping[str, torch.Tensor]:
        """Return nothing: the training loss is all there is."""
        return {}
