"""How one trial steps on a surface, where that is more than ``step()``.

Some optimizers evaluate the loss themselves, differentiate the gradient, draw random
numbers, put other tensors in the place of those that they were given, or are evaluated
elsewhere than where they train. Plain ones never come here.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import torch

from optlab.engine.draws import OptimizerDraws
from optlab.engine.trial import Floats, Trial

_SMALL = float(np.cbrt(np.finfo(np.float64).eps))


class Ground(Protocol):
    """What a lane asks of the surface that it is on; ``lane`` is its number."""

    def loss(self, lane: int, step: int) -> float:
        """Return the loss at its present position."""
        ...

    def write_gradient(self, lane: int, step: int) -> None:
        """Write the gradient at its present position."""
        ...

    def gradient_at(self, position: Floats) -> Floats:
        """Return the noise-free gradient anywhere."""
        ...


class Lane:
    """One trial whose optimizer asks for more than gradients.

    Args:
        lane: Its number in the group.
        trial: The trial.
        ground: The group, as it sees it.
        position: Its row of all positions.
        gradient: Its row of all gradients.
        draws: Random numbers for its optimizer.
    """

    def __init__(
        self,
        lane: int,
        trial: Trial,
        *,
        ground: Ground,
        position: torch.Tensor,
        gradient: torch.Tensor,
        draws: OptimizerDraws,
    ) -> None:
        self._lane, self._trial, self._ground = lane, trial, ground
        self._position, self._gradient = position, gradient
        self._draws = draws
        self._parameter = trial.parameters[0][1]
        self._calls = self._second_passes = 0
        self._seconds = 0.0

    def step(self, step: int) -> tuple[int, float]:
        """Take one step; the gradient at its start is written already.

        Args:
            step: The step from 0.

        Returns:
            Gradient evaluations, and seconds of the step that they took.
        """
        needs, optimizer = self._trial.built.needs, self._trial.optimizer
        self._calls = self._second_passes = 0
        self._seconds = 0.0
        self._attach()
        with self._own_draws(step):
            if needs.closure:
                optimizer.step(self._closure(step))  # type: ignore[arg-type]
            else:
                self._calls = 1
                optimizer.step()
        self._collect()
        return self._calls + 2 * self._second_passes, self._seconds

    def evaluated_position(self) -> Floats:
        """Return where the trial is evaluated, which may not be where it trains."""
        with self._trial.evaluation_weights():
            position: Floats = self._parameter.detach().numpy().copy()
        return position

    def _own_draws(self, step: int) -> AbstractContextManager[None]:
        if not self._trial.built.needs.draws:
            return nullcontext()
        return self._draws.of(self._trial.start.seed, step + 1)

    def _attach(self) -> None:
        """Hand the gradient of its row to the parameter."""
        if self._trial.built.needs.second_derivatives:
            self._parameter.grad = _Differentiable.apply(  # type: ignore[no-untyped-call]
                self._parameter, self._gradient, self
            )
        elif self._parameter.grad is not self._gradient:
            self._parameter.grad = self._gradient

    def _collect(self) -> None:
        """Bring a position that an optimizer holds in a tensor of its own back."""
        if self._parameter.data_ptr() != self._position.data_ptr():
            self._position.copy_(self._parameter.detach())
            self._parameter.data = self._position

    def _closure(self, step: int) -> Callable[[], torch.Tensor]:
        start = self._position.clone()

        def closure() -> torch.Tensor:
            began = perf_counter()
            self._collect()
            loss = self._ground.loss(self._lane, step)
            # The gradient at the start is written already; some look ahead first.
            if self._calls or not torch.equal(self._position, start):
                self._ground.write_gradient(self._lane, step)
                self._attach()
            self._calls += 1
            self._seconds += perf_counter() - began
            return torch.tensor(loss, dtype=torch.float64)

        return closure

    def curvature_along(self, direction: Floats, position: Floats) -> Floats:
        """Return the Hessian at ``position`` times ``direction``.

        By central differences of the exact gradient, good to about ten digits.
        """
        self._second_passes += 1
        length = float(np.linalg.norm(direction))
        if not length:
            return np.zeros_like(direction)
        unit = direction / length
        width = _SMALL * max(1.0, float(np.abs(position).max()))
        ahead = self._ground.gradient_at(position + width * unit)
        behind = self._ground.gradient_at(position - width * unit)
        product: Floats = (ahead - behind) * (length / (2 * width))
        return product


class _Differentiable(torch.autograd.Function):
    """The gradient of a surface as a function of the position."""

    @staticmethod
    def forward(
        ctx: Any, position: torch.Tensor, gradient: torch.Tensor, lane: Lane
    ) -> torch.Tensor:
        """Return a copy of the gradient that is there already."""
        ctx.lane, ctx.position = lane, position.detach().numpy().copy()
        return gradient.clone()

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the Hessian, which is symmetric, times what comes from behind."""
        direction = grad_outputs[0].detach().numpy()
        product = ctx.lane.curvature_along(direction, ctx.position)
        return torch.from_numpy(product), None, None
