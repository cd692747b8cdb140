"""More toy surfaces of two dimensions, with value and gradient in closed form.

All of them keep to the rule of `optlab.problems.surface_math`: each point apart. Must
not import torch.
"""

from typing import Final

import numpy as np

from optlab.params import Values
from optlab.problems.surface import Floats, Surface
from optlab.problems.surface_math import (
    ROUND,
    exponential,
    log1p,
    make_surface,
    silent,
    wave,
)

# Stationary points to the last digit, by Newton's method with 40 digits.
_CAMEL_X: Final = 0.089842013100318062
_CAMEL_Y: Final = 0.71265640302073963
_CAMEL_F: Final = -1.0316284534898774
_CLIFF_X: Final = -1.0305661883737108e-06
_CLIFF_F: Final = 4.1222859990764823e-09


def booth(values: Values) -> Surface:
    """Return Booth's function, a quadratic bowl with condition number 9."""
    return make_surface(
        values,
        value=_booth,
        gradient=_booth_gradient,
        start=(-8.0, 8.0),
        domain=((-10.0, 10.0),) * 2,
        minima=((1.0, 3.0),),
        minimum=0.0,
    )


def matyas(values: Values) -> Surface:
    """Return the function of Matyas, a quadratic bowl with condition number 25.

    Matyas 1965, "Random optimization", Automation and Remote Control 26(2), 246-253.
    """
    return make_surface(
        values,
        value=_matyas,
        gradient=_matyas_gradient,
        start=(-8.0, 5.0),
        domain=((-10.0, 10.0),) * 2,
        minima=((0.0, 0.0),),
        minimum=0.0,
    )


def monkey_saddle(values: Values) -> Surface:
    """Return x³ - 3xy², whose second derivatives all vanish at the origin."""
    return make_surface(
        values,
        value=_monkey_saddle,
        gradient=_monkey_saddle_gradient,
        start=(0.5, 1e-3),
        domain=((-1.5, 1.5),) * 2,
    )


def goldstein_price(values: Values) -> Surface:
    """Return the function of Goldstein and Price.

    Goldstein & Price 1971, "On descent from local minima", Mathematics of Computation
    25(115), 569-574.
    """
    return make_surface(
        values,
        value=_goldstein_price,
        gradient=_goldstein_price_gradient,
        start=(-0.5, 0.25),
        domain=((-2.0, 2.0),) * 2,
        minima=((0.0, -1.0),),
        minimum=3.0,
    )


def three_hump_camel(values: Values) -> Surface:
    """Return the camel function with three humps.

    Dixon & Szegő 1978, "Towards Global Optimisation 2", North-Holland.
    """
    return make_surface(
        values,
        value=_three_hump_camel,
        gradient=_three_hump_camel_gradient,
        start=(2.0, -1.0),
        domain=((-5.0, 5.0),) * 2,
        minima=((0.0, 0.0),),
        minimum=0.0,
    )


def six_hump_camel(values: Values) -> Surface:
    """Return the camel function with six humps.

    Dixon & Szegő 1978, "Towards Global Optimisation 2", North-Holland.
    """
    return make_surface(
        values,
        value=_six_hump_camel,
        gradient=_six_hump_camel_gradient,
        start=(1.5, 1.0),
        domain=((-3.0, 3.0), (-2.0, 2.0)),
        minima=((_CAMEL_X, -_CAMEL_Y), (-_CAMEL_X, _CAMEL_Y)),
        minimum=_CAMEL_F,
    )


def levy_13(values: Values) -> Surface:
    """Return Lévy's function number 13.

    Lévy & Montalvo 1985, "The tunneling algorithm for the global minimization of
    functions", SIAM Journal on Scientific and Statistical Computing 6(1), 15-29.
    """
    return make_surface(
        values,
        value=_levy_13,
        gradient=_levy_13_gradient,
        start=(-4.0, 5.0),
        domain=((-10.0, 10.0),) * 2,
        minima=((1.0, 1.0),),
        minimum=0.0,
    )


def cliff_valley(values: Values) -> Surface:
    """Return a shallow valley that ends at a cliff, made of a steep softplus.

    After Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent
    neural networks", section 2.3. The foot of the cliff moves the minimum by a
    millionth.
    """
    return make_surface(
        values,
        value=_cliff_valley,
        gradient=_cliff_valley_gradient,
        start=(1.9, 0.5),
        domain=((-10.0, 4.0), (-3.0, 3.0)),
        minima=((_CLIFF_X, 0.0),),
        minimum=_CLIFF_F,
    )


@silent
def _booth(x: Floats) -> Floats:
    a, b = x[0] + 2.0 * x[1] - 7.0, 2.0 * x[0] + x[1] - 5.0
    result: Floats = a * a + b * b
    return result


@silent
def _booth_gradient(x: Floats) -> Floats:
    a, b = x[0] + 2.0 * x[1] - 7.0, 2.0 * x[0] + x[1] - 5.0
    result = np.empty_like(x)
    result[0] = 2.0 * a + 4.0 * b
    result[1] = 4.0 * a + 2.0 * b
    return result


@silent
def _matyas(x: Floats) -> Floats:
    # 0.26 (x² + y²) - 0.48 xy as a sum of squares, which cannot come out below zero.
    off, on = x[0] - x[1], x[0] + x[1]
    result: Floats = 0.25 * (off * off) + 0.01 * (on * on)
    return result


@silent
def _matyas_gradient(x: Floats) -> Floats:
    result = np.empty_like(x)
    result[0] = 0.52 * x[0] - 0.48 * x[1]
    result[1] = 0.52 * x[1] - 0.48 * x[0]
    return result


@silent
def _monkey_saddle(x: Floats) -> Floats:
    u, v = x[0], x[1]
    result: Floats = u * (u * u - 3.0 * (v * v))
    return result


@silent
def _monkey_saddle_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    result = np.empty_like(x)
    result[0] = 3.0 * (u * u) - 3.0 * (v * v)
    result[1] = -6.0 * (u * v)
    return result


@silent
def _goldstein_price(x: Floats) -> Floats:
    u, v = x[0], x[1]
    s, p, r, q = _goldstein_price_parts(u, v)
    result: Floats = (1.0 + s * s * p) * (30.0 + r * r * q)
    return result


@silent
def _goldstein_price_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    s, p, r, q = _goldstein_price_parts(u, v)
    a, b = 1.0 + s * s * p, 30.0 + r * r * q
    # The first factor depends on the sum of the coordinates alone.
    slope_a = 2.0 * s * p + s * s * (6.0 * (u + v) - 14.0)
    result = np.empty_like(x)
    result[0] = slope_a * b + a * (4.0 * r * q + r * r * (24.0 * u - 36.0 * v - 32.0))
    result[1] = slope_a * b + a * (r * r * (54.0 * v - 36.0 * u + 48.0) - 6.0 * r * q)
    return result


def _goldstein_price_parts(
    u: Floats, v: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    s = u + v + 1.0
    p = 19.0 - 14.0 * u + 3.0 * u * u - 14.0 * v + 6.0 * u * v + 3.0 * v * v
    r = 2.0 * u - 3.0 * v
    q = 18.0 - 32.0 * u + 12.0 * u * u + 48.0 * v - 36.0 * u * v + 27.0 * v * v
    return s, p, r, q


@silent
def _three_hump_camel(x: Floats) -> Floats:
    u, v = x[0], x[1]
    u2 = u * u
    result: Floats = u2 * (2.0 + u2 * (u2 / 6.0 - 1.05)) + u * v + v * v
    return result


@silent
def _three_hump_camel_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    u2 = u * u
    result = np.empty_like(x)
    result[0] = u * (4.0 + u2 * (u2 - 4.2)) + v
    result[1] = u + 2.0 * v
    return result


@silent
def _six_hump_camel(x: Floats) -> Floats:
    u, v = x[0], x[1]
    u2, v2 = u * u, v * v
    result: Floats = u2 * (4.0 + u2 * (u2 / 3.0 - 2.1)) + u * v + v2 * (4.0 * v2 - 4.0)
    return result


@silent
def _six_hump_camel_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    u2, v2 = u * u, v * v
    result = np.empty_like(x)
    result[0] = u * (8.0 + u2 * (2.0 * u2 - 8.4)) + v
    result[1] = u + v * (16.0 * v2 - 8.0)
    return result


@silent
def _levy_13(x: Floats) -> Floats:
    u, v = x[0], x[1]
    du, dv = u - 1.0, v - 1.0
    a, b, c = wave(np.sin, 1.5 * u), wave(np.sin, 1.5 * v), wave(np.sin, v)
    result: Floats = a * a + du * du * (1.0 + b * b) + dv * dv * (1.0 + c * c)
    return result


@silent
def _levy_13_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    du, dv = u - 1.0, v - 1.0
    b, c = wave(np.sin, 1.5 * v), wave(np.sin, v)
    # The derivative of sin² is the sine of twice the angle.
    result = np.empty_like(x)
    result[0] = 1.5 * ROUND * wave(np.sin, 3.0 * u) + 2.0 * du * (1.0 + b * b)
    result[1] = (
        1.5 * ROUND * du * du * wave(np.sin, 3.0 * v)
        + 2.0 * dv * (1.0 + c * c)
        + ROUND * dv * dv * wave(np.sin, 2.0 * v)
    )
    return result


@silent
def _cliff_valley(x: Floats) -> Floats:
    u, v = x[0], x[1]
    z = 10.0 * (u - 2.0)
    softplus = np.maximum(z, 0.0) + log1p(exponential(-np.abs(z)))
    result: Floats = 0.02 * (u * u) + 0.5 * (v * v) + 2.0 * softplus
    return result


@silent
def _cliff_valley_gradient(x: Floats) -> Floats:
    u, v = x[0], x[1]
    z = 10.0 * (u - 2.0)
    small = exponential(-np.abs(z))
    sigmoid = np.where(z >= 0.0, 1.0, small) / (1.0 + small)
    result = np.empty_like(x)
    result[0] = 0.04 * u + 20.0 * sigmoid
    result[1] = v
    return result
