"""A surface: the one definition that the window draws and the engine descends.

Imports no torch, not even for type checkers: a run is drawn and exported without it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A function to be minimised, as broadcasting NumPy functions in float64.

    Attributes:
        dim: Number of coordinates.
        value: Maps ``x`` of shape ``(dim, ...)`` to f of shape ``(...)``.
        gradient: Maps ``x`` of shape ``(dim, ...)`` to ∇f of the same shape; finite
            wherever f is, kinks included.
        start: Starting point, of length ``dim``.
        domain: Lowest and highest value of each coordinate worth looking at.
        minima: Known global minima, each of length ``dim``; empty where f has none.
        minimum: f there; None where f has none.
        noise: Standard deviation of the Gaussian noise added to each component of the
            gradient.
    """

    dim: int
    value: Callable[[Floats], Floats]
    gradient: Callable[[Floats], Floats]
    start: tuple[float, ...]
    domain: tuple[tuple[float, float], ...]
    minima: tuple[tuple[float, ...], ...] = ()
    minimum: float | None = None
    noise: float = 0.0
