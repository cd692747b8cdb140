"""Every surface of the catalog in the sizes that the tests go through."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from optlab.params import ParamValue
from optlab.problems.base import Floats, Surface
from optlab.problems.catalog import PROBLEMS
from optlab.registry import ProblemInfo, resolve

INFOS = {info.name: info for info in PROBLEMS if info.kind == "surface"}


@dataclass(frozen=True)
class Case:
    name: str
    values: tuple[tuple[str, ParamValue], ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{k}={v}" for k, v in self.values)])

    @property
    def info(self) -> ProblemInfo:
        return INFOS[self.name]

    def build(self, **more: ParamValue) -> Surface:
        return build(self.name, **dict(self.values), **more)


def build(name: str, **values: ParamValue) -> Surface:
    info = INFOS[name]
    factory: Any = resolve(info.factory)
    surface = factory(info.complete(values))
    assert isinstance(surface, Surface)
    return surface


CASES = (
    Case("quadratic-1d"),
    Case("quadratic"),
    Case("quadratic", (("rotation", 30.0),)),
    Case("quadratic", (("dim", 7), ("rotation", 45.0), ("condition", 1e4))),
    Case("rosenbrock"),
    Case("rosenbrock", (("dim", 3),)),
    Case("rosenbrock", (("dim", 10),)),
    Case("beale"),
    Case("himmelblau"),
    Case("rastrigin"),
    Case("rastrigin", (("dim", 1),)),
    Case("rastrigin", (("dim", 9),)),
    Case("ackley"),
    Case("ackley", (("dim", 1),)),
    Case("ackley", (("dim", 9),)),
    Case("saddle"),
    Case("styblinski-tang"),
    Case("styblinski-tang", (("dim", 5),)),
)


def random_points(surface: Surface, count: int, *, seed: int = 0) -> Floats:
    """Return points of shape ``(dim, count)``, spread over the domain."""
    low, high = np.array(surface.domain).T
    draw = np.random.default_rng(seed).random((surface.dim, count))
    points: Floats = low[:, None] + (high - low)[:, None] * draw
    return points


def _rosenbrock(x: torch.Tensor) -> torch.Tensor:
    if len(x) == 2:
        flat: torch.Tensor = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        return flat
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def _beale(p: torch.Tensor) -> torch.Tensor:
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    value: torch.Tensor = a * a + b * b + c * c
    return value


def _himmelblau(p: torch.Tensor) -> torch.Tensor:
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    value: torch.Tensor = a * a + b * b
    return value


def _rastrigin(x: torch.Tensor) -> torch.Tensor:
    return 10 * len(x) + (x**2 - 10 * torch.cos(2 * torch.pi * x)).sum()


def _ackley(x: torch.Tensor) -> torch.Tensor:
    cone = -20 * torch.exp(-0.2 * (x**2).mean().sqrt())
    waves = torch.exp(torch.cos(2 * torch.pi * x).mean())
    return cone - waves + 20 + np.e


def _styblinski_tang(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * (x**4 - 16 * x**2 + 5 * x).sum()


TEXTBOOK: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "quadratic-1d": lambda x: x[0] ** 2,
    "rosenbrock": _rosenbrock,
    "beale": _beale,
    "himmelblau": _himmelblau,
    "rastrigin": _rastrigin,
    "ackley": _ackley,
    "saddle": lambda x: x[0] ** 2 - x[1] ** 2,
    "styblinski-tang": _styblinski_tang,
}


def autograd(name: str, points: Floats) -> tuple[Floats, Floats]:
    """Return value and gradient of the textbook expression, point by point."""
    values, gradients = np.empty(points.shape[1]), np.empty_like(points)
    for i in range(points.shape[1]):
        x = torch.tensor(points[:, i], dtype=torch.float64, requires_grad=True)
        value = TEXTBOOK[name](x)
        (gradient,) = torch.autograd.grad(value, x)
        values[i], gradients[:, i] = value.item(), gradient.numpy()
    return values, gradients
