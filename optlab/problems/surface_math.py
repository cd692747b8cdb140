"""What the formulas of surfaces are made of: sums, waves and powers, lane by lane.

Every surface takes ``x`` of shape ``(dim, ...)`` and treats each point apart: the bits
of its value and gradient do not depend on how many other points stand beside it, nor on
what they are. So sums over coordinates run in a fixed order (`total`), and functions
see reduced, finite arguments only (`wave`, `exponential`), because vector code may take
another path for a whole register when one lane is huge or not finite.

Overflow on the way to infinity is expected of a diverging optimizer and never warns.
Must not import torch.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from optlab.expressions.functions import lanewise
from optlab.params import Values
from optlab.problems.noise_kinds import GAUSSIAN
from optlab.problems.surface import Floats, Surface
from optlab.problems.values import number, numbers, word

ROUND: Final = 2 * math.pi

log1p: Final = lanewise(np.log1p)
silent: Final = np.errstate(over="ignore", invalid="ignore", under="ignore")


def make_surface(
    values: Values,
    *,
    value: Callable[[Floats], Floats],
    gradient: Callable[[Floats], Floats],
    start: tuple[float, ...],
    domain: tuple[tuple[float, float], ...],
    minima: tuple[tuple[float, ...], ...] = (),
    minimum: float | None = None,
    hessian: Callable[[Floats], Floats] | None = None,
) -> Surface:
    """Return the surface that has these and what completed ``values`` say."""
    return Surface(
        dim=len(start),
        value=value,
        gradient=gradient,
        start=numbers(values, "start") or start,
        domain=domain,
        minima=minima,
        minimum=minimum,
        noise=number(values, "noise"),
        noise_kind=word(values, "noise_kind") if "noise_kind" in values else GAUSSIAN,
        starts=word(values, "starts"),
        hessian=hessian,
    )


def total(terms: Floats) -> Floats:
    """Return the sum over coordinates, added in order whatever the other axes are.

    `numpy.sum` adds pairwise along a contiguous axis and in order along others, so
    its bits would depend on how many points there are.
    """
    result: Floats = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def wave(function: Callable[[Floats], Floats], x: Floats) -> Floats:
    """Return the sine or cosine of 2πx; NaN where x is not finite.

    The argument is 2πx less whole turns; ``x - rint(x)`` is exact, so this is at least
    as accurate as the function of 2πx itself.
    """
    rest = x - np.rint(x)
    finite = np.isfinite(rest)
    return np.where(finite, function(ROUND * np.where(finite, rest, 0.0)), np.nan)


def column(vector: Floats, x: Floats) -> Floats:
    """Return ``vector`` shaped so that it broadcasts over points like ``x``."""
    return vector.reshape(vector.shape + (1,) * (x.ndim - 1))


def exponential(x: Floats) -> Floats:
    """Return eˣ for x that is not large."""
    # exp(-750) is zero already; other lanes are kept from vector code as in `wave`.
    power: Floats = np.exp(np.where(x > -750.0, x, -750.0))
    result: Floats = np.where(np.isnan(x), x, power)
    return result
