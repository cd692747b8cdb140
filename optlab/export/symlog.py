"""A logarithmic scale for values of both signs, one for window and figures.

y lies at sign(y)·log₁₀(1 + |y|/w): linear within ±w around zero, logarithmic beyond,
and smooth in between. w is a power of ten taken from the data: below it lies a tenth of
their sizes, but never more than five decades below the largest.
"""

from math import ceil, floor, log10
from typing import Final

import numpy as np

from optlab.records import Floats

_DECADES: Final = 5
_SMALL: Final = 10.0


def forward(values: Floats, width: float) -> Floats:
    """Return where values lie on the scale that is linear within ±``width``."""
    found: Floats = np.sign(values) * np.log10(1.0 + np.abs(values) / width)
    return found


def backward(places: Floats, width: float) -> Floats:
    """Return the values at places of the scale."""
    sizes = np.power(10.0, np.minimum(np.abs(places), 300.0)) - 1.0
    found: Floats = np.sign(places) * sizes * width
    return found


def linear_width(values: Floats) -> float:
    """Return the half width of the linear part that suits these values."""
    sizes = np.abs(values[np.isfinite(values)])
    sizes = sizes[sizes > 0]
    if not len(sizes):
        return 1.0
    small = floor(log10(float(np.percentile(sizes, _SMALL))) + 1e-9)
    largest = ceil(log10(float(sizes.max())) - 1e-9)
    return float(10.0 ** min(max(small, largest - _DECADES, -300), 300))
