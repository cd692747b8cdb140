"""Surfaces that turn on one coordinate: a double well, and the shapes of unit tests.

All of them keep to the rule of `optlab.problems.surface_math`: each point apart. Must
not import torch.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from optlab.params import Values
from optlab.problems.surface import Floats, Surface
from optlab.problems.surface_math import exponential, make_surface, silent, total
from optlab.problems.values import integer, number, word

TILT: Final = 0.3
# The lower root of 4x³ - 4x + 0.3 and f there, by Newton's method with 40 digits.
_WELL_X: Final = -1.0355787140888537
_WELL_F: Final = -0.30542848374391597


def double_well(values: Values) -> Surface:
    """Return (x₀² - 1)² + 0.3 x₀ and a bowl in all other coordinates.

    It starts in the shallower well: without noise every small step stays there.
    """
    dim = integer(values, "dim")
    return make_surface(
        values,
        value=_double_well,
        gradient=_double_well_gradient,
        start=(1.0,) + (0.0,) * (dim - 1),
        domain=((-1.8, 1.8),) + ((-1.5, 1.5),) * (dim - 1),
        minima=((_WELL_X,) + (0.0,) * (dim - 1),),
        minimum=_WELL_F,
    )


def unit_shape(values: Values) -> Surface:
    """Return one shape of a unit test, times a factor.

    After Schaul, Antonoglou & Silver 2013, "Unit tests for stochastic optimization",
    section 3.1.
    """
    value, gradient = _SHAPES[word(values, "shape")]
    scale = number(values, "scale")
    return make_surface(
        values,
        value=partial(_scaled_value, value, scale),
        gradient=partial(_scaled_gradient, gradient, scale),
        start=(2.0,),
        domain=((-3.0, 3.0),),
        minima=((0.0,),),
        minimum=0.0,
    )


@silent
def _double_well(x: Floats) -> Floats:
    side = x[0] * x[0] - 1.0
    result: Floats = side * side + TILT * x[0]
    return result + 0.5 * total(x[1:] * x[1:]) if len(x) > 1 else result


@silent
def _double_well_gradient(x: Floats) -> Floats:
    result = x.copy()
    result[0] = 4.0 * x[0] * (x[0] * x[0] - 1.0) + TILT
    return result


@silent
def _scaled_value(shape: Callable[[Floats], Floats], scale: float, x: Floats) -> Floats:
    return scale * shape(x[0])


@silent
def _scaled_gradient(
    slope: Callable[[Floats], Floats], scale: float, x: Floats
) -> Floats:
    return scale * slope(x)


def _gauss(x: Floats) -> Floats:
    return 1.0 - exponential(-0.5 * (x * x))


def _gauss_slope(x: Floats) -> Floats:
    fall = exponential(-0.5 * (x * x))
    # Not infinity times zero far away.
    return np.where(fall == 0.0, 0.0, x) * fall


def _laplace(x: Floats) -> Floats:
    return 1.0 - exponential(-np.abs(x))


def _laplace_slope(x: Floats) -> Floats:
    return np.sign(x) * exponential(-np.abs(x))


def _cliff(x: Floats) -> Floats:
    return np.abs(x) + 100.0 * np.maximum(x - 1.0, 0.0)


def _cliff_slope(x: Floats) -> Floats:
    return np.sign(x) + np.where(x > 1.0, 100.0, 0.0)


_SHAPES: Final[
    dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]]
] = {
    "quadratic": (lambda x: 0.5 * (x * x), lambda x: x),
    "quartic": (lambda x: x * x * (x * x), lambda x: 4.0 * (x * x * x)),
    "abs": (np.abs, np.sign),
    "relu": (
        lambda x: np.maximum(x, 0.0),
        lambda x: np.where(np.isnan(x), x, np.where(x > 0.0, 1.0, 0.0)),
    ),
    "gaussian": (_gauss, _gauss_slope),
    "laplace": (_laplace, _laplace_slope),
    "cliff": (_cliff, _cliff_slope),
}
