"""How much of a way over a surface is drawn."""

from typing import Final

import numpy as np
import numpy.typing as npt

_POINTS: Final = 3000
_TAIL: Final = 400


def thinned(count: int) -> slice | npt.NDArray[np.int64]:
    """Return which points of a way to draw: all if few, else every n-th and the end."""
    if count <= _POINTS:
        return slice(None)
    stride = -(-count // (_POINTS - _TAIL))
    return np.unique(
        np.concatenate((np.arange(0, count, stride), np.arange(count - _TAIL, count)))
    )
