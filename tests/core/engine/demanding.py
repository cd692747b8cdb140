"""Optimizers that ask the engine for everything that it has to offer, kept tiny."""

from typing import Any

import torch


class Drawn(torch.optim.Optimizer):
    """Gradient descent along gradients that are scaled by random signs and sizes."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                p.data.add_(p.grad * torch.rand_like(p), alpha=-group["lr"])


class Newton(torch.optim.Optimizer):
    """A step along the gradient, divided by the curvature along it."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        group = self.param_groups[0]
        parameters = group["params"]
        gradients = [p.grad for p in parameters]
        fixed = [g.detach() for g in gradients]
        products = torch.autograd.grad(gradients, parameters, fixed)
        length = sum(float((g * g).sum()) for g in fixed)
        curvature = sum(
            float((g * h).sum()) for g, h in zip(fixed, products, strict=True)
        )
        for p, g in zip(parameters, fixed, strict=True):
            p.data.add_(g, alpha=-group["lr"] * length / abs(curvature))


class Averaged(torch.optim.Optimizer):
    """Gradient descent that is evaluated at the mean of all its positions."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, {"lr": lr})
        self.training = False

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        assert self.training
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                p.data.add_(p.grad, alpha=-group["lr"])
                state["count"] = state.get("count", 0) + 1
                mean = state.setdefault("mean", torch.zeros_like(p))
                mean.add_((p.detach() - mean) / state["count"])

    def eval(self) -> None:
        self.training = False
        for group in self.param_groups:
            for p in group["params"]:
                if p in self.state:
                    # Rounds, so that the way back cannot give the same bits.
                    p.data.add_(self.state[p]["mean"] - p.data)

    def train(self) -> None:
        self.training = True


class Careless(torch.optim.Optimizer):
    """Gradient descent that puts new tensors in the place of what it was given."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                p.data = p.data - group["lr"] * p.grad
                p.grad = None


class TwoCalls(torch.optim.Optimizer):
    """Gradient descent by the gradient at the end of a first step along it."""

    def __init__(self, params: Any, *, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    def step(self, closure: Any) -> Any:  # type: ignore[override]
        loss = closure()
        groups = [(g["lr"], p) for g in self.param_groups for p in g["params"]]
        before = [p.detach().clone() for _, p in groups]
        for lr, p in groups:
            p.data.add_(p.grad, alpha=-lr)
        closure()
        for (lr, p), old in zip(groups, before, strict=True):
            p.data.copy_(old - lr * p.grad)
        return loss
