"""Toy surfaces: value and gradient in closed form, broadcasting over points.

All of them keep to the rule of `optlab.problems.surface_math`: each point apart.
Must not import torch.
"""

import math
from functools import partial
from typing import Final

import numpy as np

from optlab.params import Values
from optlab.problems.rotations import plane_rotation
from optlab.problems.surface import Floats, Surface
from optlab.problems.surface_math import (
    ROUND,
    column,
    exponential,
    make_surface,
    silent,
    total,
    wave,
)
from optlab.problems.values import integer, number

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


def quadratic_1d(values: Values) -> Surface:
    """Return x², the tutorials' first program."""
    return make_surface(
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
        hessian = np.diag(eigenvalues)
        value = partial(_diagonal_value, eigenvalues)
        gradient = partial(_diagonal_gradient, eigenvalues)
    else:
        turn = plane_rotation(dim, degrees, seed=integer(values, "rotation_seed"))
        product = (turn * eigenvalues) @ turn.T
        hessian = (product + product.T) / 2
        value = partial(_turned_value, eigenvalues, turn)
        gradient = partial(_combined, hessian)
    return make_surface(
        values,
        value=value,
        gradient=gradient,
        start=(1.0,) * dim,
        domain=((-1.5, 1.5),) * dim,
        minima=((0.0,) * dim,),
        minimum=0.0,
        hessian=lambda _: hessian,
    )


def rosenbrock(values: Values) -> Surface:
    """Return Rosenbrock's valley, chained over neighbours in more dimensions.

    Rosenbrock 1960, "An automatic method for finding the greatest or least value of a
    function", Computer Journal 3(3), 175-184.
    """
    dim = integer(values, "dim")
    flat = ((-2.0, 2.0), (-1.0, 3.0))
    return make_surface(
        values,
        value=_rosenbrock,
        gradient=_rosenbrock_gradient,
        start=_repeated((-1.2, 1.0), dim),
        domain=flat if dim == 2 else ((-2.0, 2.0),) * dim,
        minima=((1.0,) * dim,),
        minimum=0.0,
    )


def noisy_rosenbrock(values: Values) -> Surface:
    """Return Rosenbrock's valley of DeepOBS, which starts on its other side.

    Schneider, Balles & Hennig 2019, "DeepOBS: a deep learning optimizer benchmark
    suite", ICLR.
    """
    return make_surface(
        values,
        value=_rosenbrock,
        gradient=_rosenbrock_gradient,
        start=(-0.5, 1.5),
        domain=((-2.0, 2.0), (-1.0, 3.0)),
        minima=((1.0, 1.0),),
        minimum=0.0,
    )


def beale(values: Values) -> Surface:
    """Return Beale's function (Beale 1958, Princeton technical report 25)."""
    return make_surface(
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
    return make_surface(
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
    return make_surface(
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
    return make_surface(
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
    return make_surface(
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
    return make_surface(
        values,
        value=_styblinski_tang,
        gradient=_styblinski_tang_gradient,
        start=(0.0,) * dim,
        domain=((-5.0, 5.0),) * dim,
        minima=((_STYBLINSKI_TANG_X,) * dim,),
        minimum=_STYBLINSKI_TANG_F * dim,
    )


def _repeated(pattern: tuple[float, ...], dim: int) -> tuple[float, ...]:
    return (pattern * dim)[:dim]


@silent
def _square(x: Floats) -> Floats:
    result: Floats = x[0] * x[0]
    return result


@silent
def _square_gradient(x: Floats) -> Floats:
    return 2.0 * x


@silent
def _diagonal_value(eigenvalues: Floats, x: Floats) -> Floats:
    return 0.5 * total(column(eigenvalues, x) * x * x)


@silent
def _diagonal_gradient(eigenvalues: Floats, x: Floats) -> Floats:
    return column(eigenvalues, x) * x


@silent
def _turned_value(eigenvalues: Floats, turn: Floats, x: Floats) -> Floats:
    # A sum of squares: unlike xᵀ H x it cannot come out below zero.
    return _diagonal_value(eigenvalues, _combined(turn, x))


@silent
def _combined(rows: Floats, x: Floats) -> Floats:
    """Return ``rows.T @ x``, which BLAS would round otherwise for one point or many."""
    result = np.zeros_like(x)
    for row, coordinate in zip(rows, x, strict=True):
        result += column(row, x) * coordinate
    return result


@silent
def _rosenbrock(x: Floats) -> Floats:
    left, right = x[:-1], x[1:]
    off, rise = 1.0 - left, right - left * left
    return total(off * off + 100.0 * (rise * rise))


@silent
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


@silent
def _beale(x: Floats) -> Floats:
    u, v = x[0], x[1]
    a = 1.5 - u + u * v
    b = 2.25 - u + u * (v * v)
    c = 2.625 - u + u * (v * v * v)
    result: Floats = a * a + b * b + c * c
    return result


@silent
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


@silent
def _himmelblau(x: Floats) -> Floats:
    u, v = x[0], x[1]
    a, b = u * u + v - 11.0, u + v * v - 7.0
    result: Floats = a * a + b * b
    return result


@silent
def _himmelblau_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    a, b = u * u + v - 11.0, u + v * v - 7.0
    result = np.empty_like(x)
    result[0] = 4.0 * a * u + 2.0 * b
    result[1] = 2.0 * a + 4.0 * b * v
    return result


@silent
def _rastrigin(x: Floats) -> Floats:
    return total(x * x + (10.0 - 10.0 * wave(np.cos, x)))


@silent
def _rastrigin_gradient(x: Floats) -> Floats:
    return 2.0 * x + (10.0 * ROUND) * wave(np.sin, x)


@silent
def _ackley(x: Floats) -> Floats:
    radius = np.sqrt(total(x * x) / len(x))
    waves = total(wave(np.cos, x)) / len(x)
    return (20.0 - 20.0 * exponential(-0.2 * radius)) + (math.e - exponential(waves))


@silent
def _ackley_gradient(x: Floats) -> Floats:
    dim = len(x)
    radius = np.sqrt(total(x * x) / dim)
    waves = total(wave(np.cos, x)) / dim
    # At the tip of the cone x is zero, and so is x divided by anything.
    cone = (
        4.0 * exponential(-0.2 * radius) / (dim * np.where(radius == 0.0, 1.0, radius))
    )
    result: Floats = x * cone + wave(np.sin, x) * (exponential(waves) * (ROUND / dim))
    return result


@silent
def _saddle(x: Floats) -> Floats:
    result: Floats = x[0] * x[0] - x[1] * x[1]
    return result


@silent
def _saddle_gradient(x: Floats) -> Floats:
    result = np.empty_like(x)
    result[0] = 2.0 * x[0]
    result[1] = -2.0 * x[1]
    return result


@silent
def _styblinski_tang(x: Floats) -> Floats:
    square = x * x
    return 0.5 * total(square * square - 16.0 * square + 5.0 * x)


@silent
def _styblinski_tang_gradient(x: Floats) -> Floats:
    return 2.0 * (x * x * x) - 16.0 * x + 2.5
