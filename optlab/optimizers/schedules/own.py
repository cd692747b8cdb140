"""Schedules that torch has no class for, and two of its own put right."""

import math
from functools import partial
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR


class CosineAnnealing(CosineAnnealingLR):
    """`CosineAnnealingLR` that does not drift.

    torch computes each rate from the last one. Up to ``T_max`` that agrees with the
    formula to 1e-14; where the rate goes up and down many times the errors add up
    (1e-12 after 47 periods of 100). So beyond ``T_max`` torch's own closed form is
    taken, and up to there every bit is that of a plain loop.
    """

    def get_lr(self) -> Any:
        """Return the rate of every param group."""
        if self.last_epoch > self.T_max:
            return self._get_closed_form_lr()
        return super().get_lr()


class Linear(LinearLR):
    """`LinearLR` that ends at zero where it should.

    torch multiplies the last rate by a factor that ought to be zero and is 1e-16 of
    either sign: from there on the rate would be a tiny number, perhaps below zero.
    """

    def get_lr(self) -> Any:
        """Return the rate of every param group."""
        if self.end_factor == 0 and self.last_epoch >= self.total_iters:
            return [0.0 * group["lr"] for group in self.optimizer.param_groups]
        return super().get_lr()


def constant(optimizer: Optimizer) -> LambdaLR:
    """Return a schedule that stays."""
    return LambdaLR(optimizer, _one)


def warmup(optimizer: Optimizer, *, warmup: int, start_factor: float) -> LambdaLR:
    """Return a ramp that stays on top (arXiv:1706.02677, section 2.2)."""
    return LambdaLR(optimizer, partial(_line, warmup, start_factor))


def warmup_cosine(
    optimizer: Optimizer, *, warmup: int, total: int, final_factor: float
) -> LambdaLR:
    """Return a ramp, then half a cosine (arXiv:1608.03983, equation 5)."""

    def factor(k: int) -> float:
        if k < warmup:
            return _line(warmup, 0.0, k)
        share = min(1.0, (k - warmup) / (total - warmup))
        return final_factor + (1.0 - final_factor) * _left("cosine", share)

    return LambdaLR(optimizer, factor)


def wsd(
    optimizer: Optimizer,
    *,
    warmup: int,
    decay: int,
    total: int,
    shape: str,
    final_factor: float,
) -> LambdaLR:
    """Return a ramp, a plateau and a fall (arXiv:2404.06395, section 4)."""

    def factor(k: int) -> float:
        if k < warmup:
            return _line(warmup, 0.0, k)
        if k < total - decay:
            return 1.0
        share = min(1.0, (k - (total - decay)) / decay)
        if shape == "exponential":
            return float(final_factor**share)
        return final_factor + (1.0 - final_factor) * _left(shape, share)

    return LambdaLR(optimizer, factor)


def _one(_k: int) -> float:
    return 1.0


def _line(length: int, start: float, k: int) -> float:
    if k + 1 >= length:
        return 1.0
    return start + (1.0 - start) * (k + 1) / length


def _left(shape: str, share: float) -> float:
    """Return what is left of a fall: 1 at a share of 0, 0 at 1."""
    if shape == "cosine":
        return (1.0 + math.cos(math.pi * share)) / 2.0
    if shape == "1-sqrt":
        return 1.0 - math.sqrt(share)
    return 1.0 - share
