"""Random draws without state: each is a function of (seed, stream, step, draw).

Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") turns a key
and a counter into numbers, so a draw at step k needs none of the draws before it:
resume, forks and repeated closure calls are exact, and no stream can shift another.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt
import torch

from optlab.problems.noise_kinds import CAUCHY, GAUSSIAN, MASK


class Stream(IntEnum):
    """What random numbers are for; the values are part of every recorded result."""

    INIT = 1
    ORDER = 2
    NOISE = 3
    OPTIMIZER = 4
    DROPOUT = 5


_NOISE_BLOCK = 256


def generator(
    seed: int, stream: Stream, *, step: int = 0, draw: int = 0
) -> np.random.Generator:
    """Return the generator of one draw.

    The key is (seed, stream); step and draw are words of the counter that lie above
    the one which counts the numbers taken.
    """
    return np.random.Generator(
        np.random.Philox(key=[seed, int(stream)], counter=[0, draw, step, 0])
    )


def word(seed: int, stream: Stream, *, step: int = 0) -> int:
    """Return 63 random bits, to seed a torch generator with."""
    return int(generator(seed, stream, step=step).integers(2**63))


def init_generator(seed: int) -> torch.Generator:
    """Return the torch generator of the initial weights of ``seed``."""
    return torch.Generator().manual_seed(word(seed, Stream.INIT))


class NoiseStream:
    """Random vectors by step, the same for every optimizer of a seed.

    Args:
        seed: The seed of the trials.
        dim: Length of a vector.
        kind: What they are, by `optlab.problems.noise_kinds`: standard Cauchy
            numbers for ``cauchy``, uniform ones in [0, 1) for ``mask``, and standard
            normal ones for all else.
    """

    def __init__(self, seed: int, dim: int, *, kind: str = GAUSSIAN) -> None:
        self._seed = seed
        self._kind = kind
        self._dim = dim
        self._block = -1
        self._values: npt.NDArray[np.float64] = np.empty((0, dim))

    def at(self, step: int) -> npt.NDArray[np.float64]:
        """Return the vector of ``step``, counted from 0."""
        block, row = divmod(step, _NOISE_BLOCK)
        if block != self._block:
            self._values = self._draw(block)
            self._block = block
        row_values: npt.NDArray[np.float64] = self._values[row]
        return row_values

    def _draw(self, block: int) -> npt.NDArray[np.float64]:
        draw = generator(self._seed, Stream.NOISE, step=block)
        shape = (_NOISE_BLOCK, self._dim)
        if self._kind == CAUCHY:
            return draw.standard_cauchy(shape)
        if self._kind == MASK:
            return draw.random(shape)
        return draw.standard_normal(shape)
