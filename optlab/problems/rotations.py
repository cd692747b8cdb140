"""Rotations of space for surfaces that are to lie askew.

Must not import torch.
"""

import math
from typing import Final

import numpy as np

from optlab.problems.surface import Floats

# Word of the key that keeps these draws apart from every other use of the same seed.
_PLANES: Final = 0x726F74


def plane_rotation(dim: int, degrees: float, *, seed: int) -> Floats:
    """Return the matrix that turns by one angle in ``dim // 2`` orthogonal planes.

    In two dimensions it is the rotation of the plane. In more, the planes are spanned
    by pairs of columns of a random orthogonal matrix (uniform by the QR decomposition
    of a Gaussian matrix with positive diagonal: Mezzadri 2007, "How to generate random
    matrices from the classical compact groups", section 5).

    Args:
        dim: Number of dimensions, at least 2.
        degrees: The angle.
        seed: Picks the planes where there are more than two dimensions.
    """
    angle = math.radians(degrees)
    block = np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    turn = np.eye(dim)
    for i in range(0, dim - 1, 2):
        turn[i : i + 2, i : i + 2] = block
    if dim == 2:
        return turn
    draw = np.random.Generator(np.random.Philox(key=[seed, _PLANES]))
    basis, upper = np.linalg.qr(draw.standard_normal((dim, dim)))
    basis = basis * np.sign(np.diagonal(upper))
    rotated: Floats = basis @ turn @ basis.T
    return rotated
