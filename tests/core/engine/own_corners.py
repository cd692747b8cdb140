"""Optimizers as people write them, each with something that the engine may trip on."""

from typing import Any

import torch


class _Descent(torch.optim.Optimizer):
    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for p in group["params"]:
                p.data.add_(p.grad, alpha=-0.1)


class WithoutRate(_Descent):
    """Calls its learning rate something else."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, lr=lr)
        for group in self.param_groups:
            group["rate"] = group.pop("lr")


class RateOfNone(_Descent):
    """Has no learning rate yet."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, lr=lr)
        self.param_groups[0]["lr"] = None


class Leaves(_Descent):
    """Wants to end the program."""

    def step(self, closure: Any = None) -> Any:
        raise SystemExit(3)


class Unsaveable(_Descent):
    """Keeps something that no checkpoint can hold."""

    def step(self, closure: Any = None) -> Any:
        super().step()
        self.state[self.param_groups[0]["params"][0]]["seen"] = {1, 2}


class Silent(_Descent):
    """Never asks for the loss that it could ask for."""

    def step(self, closure: Any = None) -> Any:
        return None


class LooksAhead(_Descent):
    """Asks for the gradient one to the right of where it stands."""

    def step(self, closure: Any = None) -> Any:
        (p,) = self.param_groups[0]["params"]
        p.data.add_(1.0)
        closure()
        p.data.sub_(1.0).add_(p.grad, alpha=-0.1)
