"""Optimizers that are evaluated at an average of the weights that they train.

Exponential moving average: Polyak & Juditsky 1992, doi:10.1137/0330046, in the form of
Tarvainen & Valpola 2017, arXiv:1703.01780, eq. 1. Stochastic weight averaging: Izmailov
et al. 2018, arXiv:1803.05407, Algorithm 1.
"""

from typing import Any

import torch

from optlab.optimizers.bases import Wrapper


class _Average(Wrapper):
    """An optimizer of torch beside which an average of the weights is kept."""

    def __init__(self, params: Any, base: str, values: dict[str, Any]) -> None:
        self._trained: list[torch.Tensor] = []
        super().__init__(params, base, values)
        for group in self.param_groups:
            group["average_step"] = 0

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Let the wrapped optimizer step, then let the average follow.

        Args:
            closure: Evaluates the loss again, once, and returns it.
        """
        loss = self._base.step(closure)
        for group in self.param_groups:
            group["average_step"] += 1
            weight = self._weight(group["average_step"])
            for p in group["params"]:
                if p.grad is not None and weight is not None:
                    state = self.state[p]
                    if "average" not in state:
                        state["average"] = p.detach().clone()
                    state["average"].lerp_(p, weight)
        return loss

    def _weight(self, step: int) -> float | None:
        """Return how far the average goes to the weights; None for not at all."""
        raise NotImplementedError

    @torch.no_grad()
    def eval(self) -> None:
        """Put the averages in the place of the weights."""
        if self._trained:
            return
        for group in self.param_groups:
            for p in group["params"]:
                self._trained.append(p.detach().clone())
                p.copy_(self.state[p].get("average", p) if p in self.state else p)

    @torch.no_grad()
    def train(self) -> None:
        """Put the weights back."""
        if not self._trained:
            return
        everything = (p for group in self.param_groups for p in group["params"])
        for p, trained in zip(everything, self._trained, strict=True):
            p.copy_(trained)
        self._trained = []


class ExponentialAverage(_Average):
    """An average in which a weight counts less the older it is.

    Args:
        params: Parameters, or groups of them.
        base: Word for the wrapped optimizer.
        lr: Its learning rate.
        decay: Share of the old average that is kept in a step.
        warm_up: Whether less of it is kept in early steps: at most (1 + t)/(10 + t).
        base_momentum: Momentum of the wrapped optimizer.
        base_betas: Betas of the wrapped optimizer.
        base_weight_decay: Weight decay of the wrapped optimizer.
    """

    def __init__(
        self,
        params: Any,
        *,
        base: str,
        lr: float,
        decay: float,
        warm_up: bool,
        base_momentum: float,
        base_betas: tuple[float, float],
        base_weight_decay: float,
    ) -> None:
        self._decay, self._warm_up = decay, warm_up
        values = {
            "lr": lr,
            "base_momentum": base_momentum,
            "base_betas": base_betas,
            "base_weight_decay": base_weight_decay,
        }
        super().__init__(params, base, values)

    def _weight(self, step: int) -> float:
        early = (1 + step) / (10 + step) if self._warm_up else 1.0
        return 1.0 - min(self._decay, early)


class StochasticAverage(_Average):
    """The plain mean of the weights at every so many steps from some step on.

    Args:
        params: Parameters, or groups of them.
        base: Word for the wrapped optimizer.
        lr: Its learning rate.
        start: Step whose weights are the first in the mean.
        every: Steps between two that count.
        base_momentum: Momentum of the wrapped optimizer.
        base_betas: Betas of the wrapped optimizer.
        base_weight_decay: Weight decay of the wrapped optimizer.
    """

    def __init__(
        self,
        params: Any,
        *,
        base: str,
        lr: float,
        start: int,
        every: int,
        base_momentum: float,
        base_betas: tuple[float, float],
        base_weight_decay: float,
    ) -> None:
        self._start, self._every = start, every
        values = {
            "lr": lr,
            "base_momentum": base_momentum,
            "base_betas": base_betas,
            "base_weight_decay": base_weight_decay,
        }
        super().__init__(params, base, values)

    def _weight(self, step: int) -> float | None:
        passed = step - self._start
        if passed < 0 or passed % self._every:
            return None
        return 1.0 / (passed // self._every + 1)
