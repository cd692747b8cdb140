"""Toy surfaces: value and gradient in closed form, broadcasting over points.

Every function takes ``x`` of shape ``(dim, ...)`` and treats each point apart: the
bits of its value and gradient do not depend on how many other points stand beside it,
nor on what they are. So sums over coordinates run in a fixed order (`_total`), and
trigonometric functions see reduced, finite arguments only (`_wave`), because vector
code may take another path for a whole register when one lane is huge or not finite.

Overflow on the way to infinity is expected of a diverging optimizer and never warns.
Must not import torch.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from optlab.params import Values
from optlab.problems.rotations import plane_rotation
from optlab.problems.surface import Floats, Surface
from optlab.problems.values import integer, number, numbers

_silent: Final = np.errstate(over="ignore", invalid="ignore", under="ignore")
_HIMMELBLAU_MINIMA: Final = (
    (3.0, 2.0),
    (-2.805118086952745, 3.131312518250573),
    (-3.7793102533777469, -3.2831859912861694),
    (3.5844283403304917, -1.8481265269644036),
)
# The only real root of 2 t³ - 16 t + 5/2 with the lower value, and half the quartic
# there.
_STYBLINSKI_TANG_X: Final = -2.9035340277711770
_STYBLINSKI_TANG_F: Final = -39.166165703771419
_ROUND: Final = 2 * math.pi


def quadratic_1d(values: Values) -> Surface:
    """Return x², the tutorials' first program."""
    return _surface(
        values,
        value=_square,
        gradient=_square_gradient,
        start=(10.0,),
        domain=((-12.0, 12.0),),
        minima=((0.0,),),
        minimum=0.0,
    )


def quadratic(values: Values) -> Surface:
    """Return ½ xᵀ R Λ Rᵀ x with eigenvalues spaced geometrically from 1 to κ.

    R turns by the given angle in ``dim // 2`` planes: the coordinate plane if there
    are two dimensions, else planes drawn from ``rotation_seed``.
    """
    dim = integer(values, "dim")
    eigenvalues = np.geomspace(1.0, number(values, "condition"), dim)
    degrees = number(values, "rotation")
    if degrees == 0:
        value = partial(_diagonal_value, eigenvalues)
        gradient = partial(_diagonal_gradient, eigenvalues)
    else:
        turn = plane_rotation(dim, degrees, seed=integer(values, "rotation_seed"))
        hessian = (turn * eigenvalues) @ turn.T
        value = partial(_turned_value, eigenvalues, turn)
        gradient = partial(_combined, (hessian + hessian.T) / 2)
    return _surface(
        values,
        value=value,
        gradient=gradient,
        start=(1.0,) * dim,
        domain=((-1.5, 1.5),) * dim,
        minima=((0.0,) * dim,),
        minimum=0.0,
    )


def rosenbrock(values: Values) -> Surface:
    """Return Rosenbrock's valley, chained over neighbours in more dimensions.

    Rosenbrock 1960, "An automatic method for finding the greatest or least value of a
    function", Computer Journal 3(3), 175-184.
    """
    dim = integer(values, "dim")
    flat = ((-2.0, 2.0), (-1.0, 3.0))
    return _surface(
        values,
        value=_rosenbrock,
        gradient=_rosenbrock_gradient,
        start=_repeated((-1.2, 1.0), dim),
        domain=flat if dim == 2 else ((-2.0, 2.0),) * dim,
        minima=((1.0,) * dim,),
        minimum=0.0,
    )


def beale(values: Values) -> Surface:
    """Return Beale's function (Beale 1958, Princeton technical report 25)."""
    return _surface(
        values,
        value=_beale,
        gradient=_beale_gradient,
        start=(1.0, 1.0),
        domain=((-4.5, 4.5),) * 2,
        minima=((3.0, 0.5),),
        minimum=0.0,
    )


def himmelblau(values: Values) -> Surface:
    """Return Himmelblau's function (Himmelblau 1972, Applied Nonlinear Programming)."""
    return _surface(
        values,
        value=_himmelblau,
        gradient=_himmelblau_gradient,
        start=(0.0, 0.0),
        domain=((-5.0, 5.0),) * 2,
        minima=_HIMMELBLAU_MINIMA,
        minimum=0.0,
    )


def rastrigin(values: Values) -> Surface:
    """Return Rastrigin's function (Rastrigin 1974, Systems of Extremal Control)."""
    dim = integer(values, "dim")
    return _surface(
        values,
        value=_rastrigin,
        gradient=_rastrigin_gradient,
        start=_repeated((2.6, -1.7), dim),
        domain=((-5.12, 5.12),) * dim,
        minima=((0.0,) * dim,),
        minimum=0.0,
    )


def ackley(values: Values) -> Surface:
    """Return Ackley's function with a = 20, b = 0.2, c = 2π.

    Ackley 1987, "A Connectionist Machine for Genetic Hillclimbing", section 2.3. It is
    a cone at its minimum; the gradient there is taken to be zero.
    """
    dim = integer(values, "dim")
    return _surface(
        values,
        value=_ackley,
        gradient=_ackley_gradient,
        start=(2.5,) * dim,
        domain=((-5.0, 5.0),) * dim,
        minima=((0.0,) * dim,),
        minimum=0.0,
    )


def saddle(values: Values) -> Surface:
    """Return x² - y², which has no minimum; the start is a hair off its ridge."""
    return _surface(
        values,
        value=_saddle,
        gradient=_saddle_gradient,
        start=(1.0, 1e-3),
        domain=((-2.0, 2.0),) * 2,
    )


def styblinski_tang(values: Values) -> Surface:
    """Return the function of Styblinski and Tang.

    Styblinski & Tang 1990, "Experiments in nonconvex optimization", Neural Networks
    3(4), 467-483.
    """
    dim = integer(values, "dim")
    return _surface(
        values,
        value=_styblinski_tang,
        gradient=_styblinski_tang_gradient,
        start=(0.0,) * dim,
        domain=((-5.0, 5.0),) * dim,
        minima=((_STYBLINSKI_TANG_X,) * dim,),
        minimum=_STYBLINSKI_TANG_F * dim,
    )


def _surface(
    values: Values,
    *,
    value: Callable[[Floats], Floats],
    gradient: Callable[[Floats], Floats],
    start: tuple[float, ...],
    domain: tuple[tuple[float, float], ...],
    minima: tuple[tuple[float, ...], ...] = (),
    minimum: float | None = None,
) -> Surface:
    return Surface(
        dim=len(start),
        value=value,
        gradient=gradient,
        start=numbers(values, "start") or start,
        domain=domain,
        minima=minima,
        minimum=minimum,
        noise=number(values, "noise"),
    )


def _repeated(pattern: tuple[float, ...], dim: int) -> tuple[float, ...]:
    return (pattern * dim)[:dim]


def _total(terms: Floats) -> Floats:
    """Return the sum over coordinates, added in order whatever the other axes are.

    `numpy.sum` adds pairwise along a contiguous axis and in order along others, so
    its bits would depend on how many points there are.
    """
    total: Floats = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _wave(function: Callable[[Floats], Floats], x: Floats) -> Floats:
    """Return the sine or cosine of 2πx; NaN where x is not finite.

    The argument is 2πx less whole turns; ``x - rint(x)`` is exact, so this is at least
    as accurate as the function of 2πx itself.
    """
    rest = x - np.rint(x)
    finite = np.isfinite(rest)
    return np.where(finite, function(_ROUND * np.where(finite, rest, 0.0)), np.nan)


def _column(vector: Floats, x: Floats) -> Floats:
    return vector.reshape(vector.shape + (1,) * (x.ndim - 1))


@_silent
def _square(x: Floats) -> Floats:
    result: Floats = x[0] * x[0]
    return result


@_silent
def _square_gradient(x: Floats) -> Floats:
    return 2.0 * x


@_silent
def _diagonal_value(eigenvalues: Floats, x: Floats) -> Floats:
    return 0.5 * _total(_column(eigenvalues, x) * x * x)


@_silent
def _diagonal_gradient(eigenvalues: Floats, x: Floats) -> Floats:
    return _column(eigenvalues, x) * x


@_silent
def _turned_value(eigenvalues: Floats, turn: Floats, x: Floats) -> Floats:
    # A sum of squares: unlike xᵀ H x it cannot come out below zero.
    return _diagonal_value(eigenvalues, _combined(turn, x))


@_silent
def _combined(rows: Floats, x: Floats) -> Floats:
    """Return ``rows.T @ x``, which BLAS would round otherwise for one point or many."""
    result = np.zeros_like(x)
    for row, coordinate in zip(rows, x, strict=True):
        result += _column(row, x) * coordinate
    return result


@_silent
def _rosenbrock(x: Floats) -> Floats:
    left, right = x[:-1], x[1:]
    off, rise = 1.0 - left, right - left * left
    return _total(off * off + 100.0 * (rise * rise))


@_silent
def _rosenbrock_gradient(x: Floats) -> Floats:
    # In this order of operations it is bitwise what torch's autograd makes of
    # (1 - x)**2 + 100*(y - x**2)**2.
    left = x[:-1]
    pull = 200.0 * (x[1:] - left * left)
    result = np.empty_like(x)
    result[:-1] = -2.0 * (1.0 - left) - pull * (2.0 * left)
    result[1:-1] += pull[:-1]
    result[-1] = pull[-1]
    return result


@_silent
def _beale(x: Floats) -> Floats:
    u, v = x[0], x[1]
    a = 1.5 - u + u * v
    b = 2.25 - u + u * (v * v)
    c = 2.625 - u + u * (v * v * v)
    result: Floats = a * a + b * b + c * c
    return result


@_silent
def _beale_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    v2, v3 = v * v, v * v * v
    a = 1.5 - u + u * v
    b = 2.25 - u + u * v2
    c = 2.625 - u + u * v3
    result = np.empty_like(x)
    result[0] = 2.0 * (a * (v - 1.0) + b * (v2 - 1.0) + c * (v3 - 1.0))
    result[1] = 2.0 * (a * u + b * (2.0 * u * v) + c * (3.0 * u * v2))
    return result


@_silent
def _himmelblau(x: Floats) -> Floats:
    u, v = x[0], x[1]
    a, b = u * u + v - 11.0, u + v * v - 7.0
    result: Floats = a * a + b * b
    return result


@_silent
def _himmelblau_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    a, b = u * u + v - 11.0, u + v * v - 7.0
    result = np.empty_like(x)
    result[0] = 4.0 * a * u + 2.0 * b
    result[1] = 2.0 * a + 4.0 * b * v
    return result


@_silent
def _rastrigin(x: Floats) -> Floats:
    return _total(x * x + (10.0 - 10.0 * _wave(np.cos, x)))


@_silent
def _rastrigin_gradient(x: Floats) -> Floats:
    return 2.0 * x + (10.0 * _ROUND) * _wave(np.sin, x)


@_silent
def _ackley(x: Floats) -> Floats:
    radius = np.sqrt(_total(x * x) / len(x))
    waves = _total(_wave(np.cos, x)) / len(x)
    return (20.0 - 20.0 * _exp(-0.2 * radius)) + (math.e - _exp(waves))


@_silent
def _ackley_gradient(x: Floats) -> Floats:
    dim = len(x)
    radius = np.sqrt(_total(x * x) / dim)
    waves = _total(_wave(np.cos, x)) / dim
    # At the tip of the cone x is zero, and so is x divided by anything.
    cone = 4.0 * _exp(-0.2 * radius) / (dim * np.where(radius == 0.0, 1.0, radius))
    result: Floats = x * cone + _wave(np.sin, x) * (_exp(waves) * (_ROUND / dim))
    return result


def _exp(x: Floats) -> Floats:
    # exp(-750) is zero already; other lanes are kept from vector code as in `_wave`.
    power: Floats = np.exp(np.where(x > -750.0, x, -750.0))
    result: Floats = np.where(np.isnan(x), x, power)
    return result


@_silent
def _saddle(x: Floats) -> Floats:
    result: Floats = x[0] * x[0] - x[1] * x[1]
    return result


@_silent
def _saddle_gradient(x: Floats) -> Floats:
    result = np.empty_like(x)
    result[0] = 2.0 * x[0]
    result[1] = -2.0 * x[1]
    return result


@_silent
def _styblinski_tang(x: Floats) -> Floats:
    square = x * x
    return 0.5 * _total(square * square - 16.0 * square + 5.0 * x)


@_silent
def _styblinski_tang_gradient(x: Floats) -> Floats:
    return 2.0 * (x * x * x) - 16.0 * x + 2.5
