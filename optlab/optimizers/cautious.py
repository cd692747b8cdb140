"""Cautious optimizers: Liang et al. 2024, arXiv:2411.16085, Algorithm 1.

The parts of a step that go against the gradient are left out, the others are scaled
up: by the number of weights over that of parts that are left, as in timm.
"""

from typing import Any

import torch

from optlab.optimizers.bases import Wrapper


class Cautious(Wrapper):
    """An optimizer of torch whose steps never go against the gradient.

    Decoupled weight decay is no part of the step that is looked at.

    Args:
        params: Parameters, or groups of them.
        base: Word for the wrapped optimizer.
        lr: Its learning rate.
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
        base_momentum: float,
        base_betas: tuple[float, float],
        base_weight_decay: float,
    ) -> None:
        values = {
            "lr": lr,
            "base_momentum": base_momentum,
            "base_betas": base_betas,
            "base_weight_decay": base_weight_decay,
        }
        self._decouples = base == "AdamW"
        super().__init__(params, base, values)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take the step of the wrapped optimizer where it agrees with the gradient.

        Args:
            closure: Evaluates the loss again, once, and returns it.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        if self._decouples:
            self._decay()
        trained = [
            p for g in self.param_groups for p in g["params"] if p.grad is not None
        ]
        before = [p.detach().clone() for p in trained]
        gradients = [p.grad.detach().clone() for p in trained if p.grad is not None]
        self._base_step()
        for p, old, gradient in zip(trained, before, gradients, strict=True):
            step = p - old
            agrees = (step * gradient < 0).to(p.dtype)
            scale = agrees.mean().clamp_(min=1e-3)
            p.copy_(old.addcmul_(step, agrees / scale))
        return loss

    def _decay(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.mul_(1 - group["lr"] * group["weight_decay"])

    def _base_step(self) -> None:
        """Let the wrapped optimizer step, without the decay that is done already."""
        if not self._decouples:
            self._base.step()
            return
        decays = [group["weight_decay"] for group in self.param_groups]
        for group in self.param_groups:
            group["weight_decay"] = 0.0
        try:
            self._base.step()
        finally:
            for group, decay in zip(self.param_groups, decays, strict=True):
                group["weight_decay"] = decay
