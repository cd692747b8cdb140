"""Deep linear net: a product of matrices that is to become a given diagonal matrix.

Saxe, McClelland & Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning
in deep linear neural networks" (arXiv:1312.6120). There are no data: each step sees
the whole loss.
"""

from collections.abc import Mapping

import torch

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.learning import LearningTask, SeededFamily
from optlab.problems.values import integer, number

Batch = tuple[torch.Tensor]


def family(values: Values, context: TaskContext) -> SeededFamily["DeepLinear"]:
    """Return the deep linear net that completed parameter values describe."""
    return SeededFamily(DeepLinear, values, context)


class DeepLinearModel(torch.nn.Module):
    """Square matrices W1, W2, … in double precision, and their product.

    Args:
        matrices: The matrices, the one that acts first at first.
    """

    def __init__(self, *matrices: torch.Tensor) -> None:
        super().__init__()
        self._order = [f"W{i}" for i in range(1, len(matrices) + 1)]
        for name, matrix in zip(self._order, matrices, strict=True):
            self.register_parameter(name, torch.nn.Parameter(matrix))

    def forward(self) -> torch.Tensor:
        """Return the product, the last matrix leftmost."""
        first, *others = map(self.get_parameter, self._order)
        product: torch.Tensor = first
        for matrix in others:
            product = matrix @ product
        return product


class DeepLinear(LearningTask):
    """The net of one seed, which draws its start.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Not used: nothing but the start is drawn, by the engine's generator.
    """

    def __init__(
        self,
        values: Values,
        *,
        device: str,
        seed: int,  # noqa: ARG002 (there are no data)
    ) -> None:
        self.train_size = self.batch_size = 1
        self._size, self._depth = integer(values, "size"), integer(values, "depth")
        self._scale = number(values, "init_scale")
        self._device = device
        self._modes = torch.arange(
            self._size, 0, -1, dtype=torch.float64, device=device
        )
        self._target = torch.diag(self._modes)

    def build_model(
        self,
        generator: torch.Generator,
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> DeepLinearModel:
        """Return a net whose elements are drawn from ``generator``."""
        shape = self._depth, self._size, self._size
        numbers = torch.empty(shape, dtype=torch.float64)
        numbers.normal_(0.0, self._scale, generator=generator)
        return DeepLinearModel(*numbers.to(self._device).unbind())

    def batch(self, indices: Ints) -> Batch:
        """Return a stand-in of the right length: there are no samples."""
        return (torch.empty(len(indices)),)

    def loss(
        self,
        model: torch.nn.Module,
        batch: Batch,  # noqa: ARG002 (there are no samples)
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Return half the squared distance, and how far three modes are learned."""
        product: torch.Tensor = model()
        learned = product.detach().diagonal() / self._modes
        places = {"first": 0, "middle": (self._size - 1) // 2, "last": -1}
        modes = {f"train_mode_{name}": learned[i] for name, i in places.items()}
        return 0.5 * (product - self._target).square().sum(), modes

    def evaluate(
        self,
        model: torch.nn.Module,  # noqa: ARG002 (there are no data)
    ) -> Mapping[str, torch.Tensor]:
        """Return nothing: the training loss is all there is."""
        return {}
