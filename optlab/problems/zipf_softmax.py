"""Softmax regression on classes of very unequal frequency.

Kunstner et al. 2024, "Heavy-Tailed Class Imbalance and Why Adam Outperforms Gradient
Descent on Language Models" (arXiv:2402.19449): a linear model suffices to see it.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch

from optlab.params import Values
from optlab.problems.base import TaskContext
from optlab.problems.learning import Classification, SeededFamily
from optlab.problems.sampling import zipf
from optlab.problems.values import batch_size, integer, number

# Word of the key that keeps the data apart from every other use of the same seed.
_DATA_KEY: Final = 0x7A697066


def family(values: Values, context: TaskContext) -> SeededFamily["ZipfSoftmax"]:
    """Return the regression that completed parameter values describe."""
    return SeededFamily(ZipfSoftmax, values, context)


class ZipfSoftmax(Classification):
    """The regression on the data of one seed.

    Head and tail are the most frequent tenth and the rarest half of the classes.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Draws centres and samples.

    Raises:
        InputError: There are fewer samples than a batch takes.
    """

    def __init__(self, values: Values, *, device: str, seed: int) -> None:
        self._classes, self._dim = integer(values, "classes"), integer(values, "dim")
        samples = integer(values, "samples")
        total = samples + max(1, samples // 4)
        draw = np.random.Generator(np.random.Philox(key=[seed, _DATA_KEY]))
        shape = self._classes, self._dim
        centres = draw.standard_normal(shape, dtype=np.float32)
        classes = zipf(total, self._classes, draw)
        x = draw.standard_normal((total, self._dim), dtype=np.float32)
        x *= np.float32(number(values, "noise"))
        x += centres[classes] + np.float32(number(values, "mean"))
        points, labels = torch.from_numpy(x), torch.from_numpy(classes)
        super().__init__(
            (points[:samples], labels[:samples]),
            (points[samples:], labels[samples:]),
            batch_size=batch_size(values, samples),
            device=device,
        )
        self._head = self._val_y < max(1, self._classes // 10)
        self._tail = self._val_y >= self._classes - max(1, self._classes // 2)

    def build_model(
        self,
        generator: torch.Generator,  # noqa: ARG002 (nothing is drawn)
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> torch.nn.Module:
        """Return a linear model that starts at zero, where all classes are alike."""
        model = torch.nn.Linear(self._dim, self._classes, device="meta")
        model.to_empty(device=self._device)
        torch.nn.init.zeros_(model.weight)
        torch.nn.init.zeros_(model.bias)
        return model

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return cross entropy and accuracy, and the former for head and tail."""
        losses, right = self._held_out(model)
        return {
            "val_loss": losses.mean(),
            "val_accuracy": right.mean(),
            "val_head_loss": losses[self._head].mean(),
            "val_tail_loss": losses[self._tail].mean(),
        }
