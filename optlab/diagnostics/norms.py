"""Euclidean norms of parameters, gradients and updates.

A norm is finite exactly if every element is: where squares overflow, it is computed
again without them, so that a non-finite norm is proof of divergence.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float64]


def row_norms(rows: Floats) -> Floats:
    """Return ‖v‖₂ over the last axis in float64; squares may not overflow it."""
    with np.errstate(over="ignore", invalid="ignore"):
        norms: Floats = np.sqrt(np.einsum("...i,...i->...", rows, rows))
        for index in np.argwhere(~np.isfinite(norms)):
            row = rows[tuple(index)]
            largest = np.max(np.abs(row))
            if np.isfinite(largest):
                scaled = row / largest
                norms[tuple(index)] = largest * np.sqrt(scaled @ scaled)
    return norms


def flat_norm(flat: torch.Tensor) -> float | torch.Tensor:
    """Return ‖flat‖₂ of a dense 1-D tensor.

    On the CPU a number, from one BLAS dot product; elsewhere a 0-d float64 tensor that
    stays on the device, so that nothing waits.
    """
    if flat.device.type != "cpu":
        norm: torch.Tensor = torch.linalg.vector_norm(flat, dtype=torch.float64)
        return norm
    square = float(torch.dot(flat, flat))
    if math.isfinite(square):
        return math.sqrt(square)
    return float(torch.linalg.vector_norm(flat, dtype=torch.float64))


def tensors_norm(tensors: Sequence[torch.Tensor]) -> float | torch.Tensor:
    """Return the norm of several tensors, dense or sparse, taken as one vector."""
    dense = [t.coalesce().values() if t.is_sparse else t for t in tensors]
    parts = [torch.linalg.vector_norm(t, dtype=torch.float64) for t in dense]
    norm = torch.linalg.vector_norm(torch.stack(parts))
    return float(norm) if norm.device.type == "cpu" else norm
