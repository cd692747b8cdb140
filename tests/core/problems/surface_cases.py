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


SHAPES = INFOS["unit-shape"].param("shape").choices
TYPED = (
    "x^4 - x^2 + x/3",
    "f(a, b) = (1 - a)^2 + 100*(b - a^2)^2",
    "sqrt(x^2 + y^2) + abs(x - y) + relu(x)",
    "sin(x)*cos(y) + exp(-x^2 - y^2) + log(1 + x^2) + tanh(x*y) + softplus(3*x)",
    "x1^2 + 2*x2^2 + x3^2*x1^2 + 1.5^x2 + (x3^2 + 1)^0.7",
)

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
    Case("booth"),
    Case("matyas"),
    Case("saddle"),
    Case("monkey-saddle"),
    Case("styblinski-tang"),
    Case("styblinski-tang", (("dim", 5),)),
    Case("goldstein-price"),
    Case("three-hump-camel"),
    Case("six-hump-camel"),
    Case("levy-13"),
    Case("cliff-valley"),
    Case("double-well"),
    Case("double-well", (("dim", 2),)),
    Case("double-well", (("dim", 5),)),
    Case("noisy-quadratic", (("condition", 2.0), ("rotation", 20.0))),
    Case("noisy-rosenbrock"),
    *(Case("unit-shape", (("shape", shape), ("scale", 3.0))) for shape in SHAPES),
    Case("own-surface"),
    *(Case("own-surface", (("expression", text),)) for text in TYPED),
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


def _goldstein_price(z: torch.Tensor) -> torch.Tensor:
    x, y = z
    inner = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    outer = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    value: torch.Tensor = (1 + (x + y + 1) ** 2 * inner) * (
        30 + (2 * x - 3 * y) ** 2 * outer
    )
    return value


def _three_hump_camel(z: torch.Tensor) -> torch.Tensor:
    x, y = z
    value: torch.Tensor = 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2
    return value


def _six_hump_camel(z: torch.Tensor) -> torch.Tensor:
    x, y = z
    value: torch.Tensor = (
        (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2
    )
    return value


def _levy_13(z: torch.Tensor) -> torch.Tensor:
    x, y = z
    a, b = torch.sin(3 * torch.pi * x), torch.sin(3 * torch.pi * y)
    c = torch.sin(2 * torch.pi * y)
    value: torch.Tensor = a**2 + (x - 1) ** 2 * (1 + b**2) + (y - 1) ** 2 * (1 + c**2)
    return value


def _cliff_valley(z: torch.Tensor) -> torch.Tensor:
    x, y = z
    cliff = torch.nn.functional.softplus(10 * (x - 2), threshold=1000)
    value: torch.Tensor = 0.02 * x**2 + 0.5 * y**2 + 2 * cliff
    return value


TEXTBOOK: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "quadratic-1d": lambda x: x[0] ** 2,
    "rosenbrock": _rosenbrock,
    "beale": _beale,
    "himmelblau": _himmelblau,
    "rastrigin": _rastrigin,
    "ackley": _ackley,
    "booth": lambda x: (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2,
    "matyas": lambda x: 0.26 * (x[0] ** 2 + x[1] ** 2) - 0.48 * x[0] * x[1],
    "saddle": lambda x: x[0] ** 2 - x[1] ** 2,
    "monkey-saddle": lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2,
    "goldstein-price": _goldstein_price,
    "three-hump-camel": _three_hump_camel,
    "six-hump-camel": _six_hump_camel,
    "levy-13": _levy_13,
    "cliff-valley": _cliff_valley,
    "double-well": lambda x: (
        (x[0] ** 2 - 1) ** 2 + 0.3 * x[0] + 0.5 * (x[1:] ** 2).sum()
    ),
    "noisy-rosenbrock": _rosenbrock,
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
