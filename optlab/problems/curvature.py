"""Second derivatives of surfaces, and the step that they allow.

Must not import torch.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from optlab.problems.surface import Floats, Surface

# The stencil's error grows with its fourth power, that of rounding with its inverse.
_STEP: Final = 1e-3


def hessian_at(surface: Surface, point: Sequence[float]) -> Floats:
    """Return the second derivatives at a point, of shape ``(dim, dim)``.

    In closed form where the surface has it; else by central differences of the exact
    gradient over five points, which are exact on polynomials up to degree 5
    (Abramowitz & Stegun 1964, formula 25.3.6).
    """
    x = np.asarray(point, dtype=np.float64)
    if surface.hessian is not None:
        return surface.hessian(x)
    shifts = np.eye(surface.dim) * (_STEP * np.maximum(1.0, np.abs(x)))
    places = x[:, None]
    near = surface.gradient(places + shifts) - surface.gradient(places - shifts)
    far = surface.gradient(places + 2 * shifts) - surface.gradient(places - 2 * shifts)
    rows = (8.0 * near - far) / (12.0 * np.diagonal(shifts))
    result: Floats = (rows + rows.T) / 2
    return result


def stability_limit(surface: Surface, point: Sequence[float]) -> float:
    """Return the largest rate at which gradient descent stays near a minimum: 2/λmax.

    Infinite where no second derivative is positive.
    """
    largest = float(np.linalg.eigvalsh(hessian_at(surface, point))[-1])
    return 2.0 / largest if largest > 0 else math.inf
