"""A surface: the one definition that the window draws and the engine descends.

Imports no torch, not even for type checkers: a run is drawn and exported without it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.problems.noise_kinds import ADDED_NOISE, GAUSSIAN, MASK

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIXED: Final = "fixed"
GRID: Final = "grid"
RANDOM: Final = "random"

# Word of the key that keeps these draws apart from every other use of the same seed.
_STARTS: Final = 0x7374617274


@dataclass(frozen=True, kw_only=True)
class Surface:
    """A function to be minimised, as broadcasting NumPy functions in float64.

    Attributes:
        dim: Number of coordinates.
        value: Maps ``x`` of shape ``(dim, ...)`` to f of shape ``(...)``.
        gradient: Maps ``x`` of shape ``(dim, ...)`` to ∇f of the same shape; finite
            wherever f is, kinks included.
        start: Starting point, of length ``dim``; where there are several, the one that
            stands for them.
        domain: Lowest and highest value of each coordinate worth looking at.
        minima: Known global minima, each of length ``dim``; empty where f has none.
        minimum: f there; None where f has none.
        noise: How strong the noise of the gradient is; see ``noise_kind``.
        noise_kind: What the noise does, see `optlab.problems.noise_kinds`.
        starts: Where trials start: ``fixed``, all at ``start``; ``grid``, each seed in
            a cell of its own; ``random``, each seed at a point of its own.
        hessian: Maps ``x`` of shape ``(dim,)`` to the second derivatives, of shape
            ``(dim, dim)``; None where it is not known in closed form.
    """

    dim: int
    value: Callable[[Floats], Floats]
    gradient: Callable[[Floats], Floats]
    start: tuple[float, ...]
    domain: tuple[tuple[float, float], ...]
    minima: tuple[tuple[float, ...], ...] = ()
    minimum: float | None = None
    noise: float = 0.0
    noise_kind: str = GAUSSIAN
    starts: str = FIXED
    hessian: Callable[[Floats], Floats] | None = None

    def noisy_gradient(self, gradient: Floats, draw: Floats) -> Floats:
        """Return gradients with their noise.

        Args:
            gradient: The gradients, of shape ``(..., dim)``.
            draw: One draw of `optlab.engine.streams.NoiseStream` for each.
        """
        if self.noise_kind in ADDED_NOISE:
            return gradient + self.noise * draw
        return gradient * self._factor(draw)[..., None]

    def noisy_value(self, value: Floats, x: Floats, draw: Floats) -> Floats:
        """Return values whose gradient is the noisy one.

        Args:
            value: The values, of shape ``(...)``.
            x: Where they are, of shape ``(..., dim)``.
            draw: One draw for each.
        """
        if self.noise_kind in ADDED_NOISE:
            along: Floats = np.einsum("...j,...j->...", draw, x)
            return value + self.noise * along
        return value * self._factor(draw)

    def _factor(self, draw: Floats) -> Floats:
        """Return by what a whole gradient is multiplied: one number for each draw."""
        if self.noise_kind == MASK:
            # The draw is uniform: it falls below the strength as often as that says.
            return np.where(draw[..., 0] < self.noise, 0.0, 1.0)
        return 1.0 + self.noise * draw[..., 0]

    def start_for(self, index: int, count: int, seed: int) -> tuple[float, ...]:
        """Return where the trials of one seed start.

        A grid has as many cells to a side as `count` needs, over the first two
        coordinates, and is filled row by row from the lowest; trials start at the
        centres.

        Args:
            index: Place of the seed among the seeds of the run, from 0.
            count: How many seeds the run has.
            seed: The seed.
        """
        if self.starts == RANDOM:
            draw = np.random.Generator(np.random.Philox(key=[seed, _STARTS]))
            shares = draw.random(self.dim)
            return tuple(
                low + (high - low) * float(share)
                for (low, high), share in zip(self.domain, shares, strict=True)
            )
        if self.starts == GRID:
            return self._cell(index, count)
        return self.start

    def starting_points(self, seeds: Sequence[int]) -> tuple[tuple[float, ...], ...]:
        """Return where the trials of each seed of a run start."""
        count = len(seeds)
        return tuple(self.start_for(i, count, seed) for i, seed in enumerate(seeds))

    def _cell(self, index: int, count: int) -> tuple[float, ...]:
        plane = min(self.dim, 2)
        side = count if plane == 1 else isqrt(count - 1) + 1
        places = (index % side, index // side)[:plane]
        return (
            *(
                low + (high - low) * (place + 0.5) / side
                for (low, high), place in zip(self.domain, places, strict=False)
            ),
            *self.start[plane:],
        )
