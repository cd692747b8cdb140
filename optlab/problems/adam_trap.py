"""Linear losses on which Adam walks the wrong way: rare and steep against frequent.

Reddi, Kale & Kumar 2018, "On the convergence of Adam and beyond" (ICLR), section 3 and
the synthetic experiment of section 5. One step in each period has a large slope, all
others a small one of the other sign; the mean loss is lowest at -1. Without shuffling
it is the paper's online problem, with shuffling a stochastic one.
"""

from collections.abc import Mapping

import torch

from optlab.params import Values
from optlab.problems.base import Ints, TaskContext
from optlab.problems.learning import LearningTask, SeededFamily
from optlab.problems.transfer import on_device
from optlab.problems.values import integer, number


def family(values: Values, context: TaskContext) -> SeededFamily["AdamTrap"]:
    """Return the trap that completed parameter values describe."""
    return SeededFamily(AdamTrap, values, context)


class AdamTrapModel(torch.nn.Module):
    """One number in double precision, 0 at the start."""

    def __init__(self, *, device: str) -> None:
        super().__init__()
        start = torch.zeros(1, dtype=torch.float64, device=device)
        self.x = torch.nn.Parameter(start)


class AdamTrap(LearningTask):
    """The trap; the seed draws nothing but the order of steps, in the engine.

    Args:
        values: Completed parameter values.
        device: The torch device.
        seed: Not used.
    """

    def __init__(
        self,
        values: Values,
        *,
        device: str,
        seed: int,  # noqa: ARG002 (nothing is drawn here)
    ) -> None:
        self.train_size, self.batch_size = integer(values, "period"), 1
        self._device = device
        slopes = torch.full((self.train_size,), -number(values, "small"))
        slopes[0] = number(values, "large")
        self._slopes = slopes.double().to(device)

    def build_model(
        self,
        generator: torch.Generator,  # noqa: ARG002 (nothing is drawn)
        *,
        sparse: bool,  # noqa: ARG002 (gradients are dense)
    ) -> AdamTrapModel:
        """Return the model at its start."""
        return AdamTrapModel(device=self._device)

    def batch(self, indices: Ints) -> torch.Tensor:
        """Return the slopes at ``indices``."""
        return self._slopes[on_device(indices, self._device)]

    def loss(
        self, model: torch.nn.Module, batch: torch.Tensor
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        """Put x back into [-1, 1], and return its loss there and where it is.

        The paper projects at the end of each step; that is here, at the beginning of
        the next one.
        """
        x = model.get_parameter("x")
        with torch.no_grad():
            x.clamp_(-1.0, 1.0)
        return (batch.mean() * x).sum(), {"position": x.detach().clone()[0]}

    def probe(self, model: torch.nn.Module) -> torch.Tensor:
        """Return the mean loss over a period; nothing is projected."""
        return (self._slopes.mean() * model.get_parameter("x")).sum()

    def evaluate(self, model: torch.nn.Module) -> Mapping[str, torch.Tensor]:
        """Return the mean loss over a period, in [-1, 1]."""
        x = model.get_parameter("x").clamp(-1.0, 1.0)
        return {"val_loss": (self._slopes.mean() * x).sum()}
