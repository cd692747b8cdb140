"""Small models with analytic gradients, to drive any optimizer of the catalog."""

from collections.abc import Callable, Mapping

import torch

from optlab.optimizers.build import build_optimizer
from optlab.optimizers.catalog import OPTIMIZERS
from optlab.params import ParamValue, Values
from optlab.registry import OptimizerInfo

Named = list[tuple[str, torch.nn.Parameter]]

NET = {
    "conv.weight": (6, 4, 3, 3),
    "conv.bias": (6,),
    "fc1.weight": (12, 20),
    "fc1.bias": (12,),
    "fc2.weight": (10, 12),
    "fc2.bias": (10,),
}
TABLE = {"embedding.weight": (7, 3)}
BY_NAME = {info.name: info for info in OPTIMIZERS}
TORCH = [info for info in OPTIMIZERS if info.home == "torch"]


def parameters(
    shapes: Mapping[str, tuple[int, ...]], dtype: torch.dtype = torch.float64
) -> Named:
    """Return parameters of these names and shapes, the same ones every time."""
    generator = torch.Generator().manual_seed(0)
    return [
        (name, torch.nn.Parameter(torch.randn(shape, dtype=dtype, generator=generator)))
        for name, shape in shapes.items()
    ]


def net_for(info: OptimizerInfo, dtype: torch.dtype = torch.float64) -> Named:
    """Return parameters that ``info`` can train."""
    return parameters(NET if info.dense_gradients else TABLE, dtype)


def make(
    info: OptimizerInfo, named: Named, **values: ParamValue
) -> torch.optim.Optimizer:
    """Build an optimizer of the catalog."""
    return build_optimizer(info, Values(values), named).optimizer


def closure_for(info: OptimizerInfo, named: Named) -> Callable[[], float]:
    """Return a closure for ∑ cᵢ·(x² + 0.3/i·sin(i·x)), gradients written by hand."""

    def closure() -> float:
        loss = 0.0
        for i, (_, parameter) in enumerate(named, 1):
            x = parameter.detach()
            gradient = (2 * x + 0.3 * torch.cos(i * x)) * (1 + 0.1 * i)
            parameter.grad = gradient if info.dense_gradients else gradient.to_sparse(1)
            wave = (x**2 + 0.3 / i * torch.sin(i * x)) * (1 + 0.1 * i)
            loss += float(wave.sum())
        return loss

    return closure


def advance(
    info: OptimizerInfo, named: Named, optimizer: torch.optim.Optimizer, steps: int
) -> None:
    """Take some steps."""
    closure = closure_for(info, named)
    for _ in range(steps):
        optimizer.step(closure)


def same_bits(one: Named, other: Named) -> bool:
    """Return whether two models are equal, bit for bit."""
    return all(torch.equal(a, b) for (_, a), (_, b) in zip(one, other, strict=True))


def parabola(name: str, steps: int, *, x: float = 10.0, **values: ParamValue) -> float:
    """Return x after some steps on f(x) = x²."""
    info = BY_NAME[name]
    point = torch.nn.Parameter(torch.tensor([x], dtype=torch.float64))
    optimizer = make(info, [("x", point)], **values)

    def closure() -> float:
        point.grad = 2 * point.detach()
        return float(point.detach() ** 2)

    for _ in range(steps):
        optimizer.step(closure)
    return float(point.detach())
