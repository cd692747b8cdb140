"""Euclidean norms of parameters, gradients and updates.

A norm is finite exactly if every element is, and zero exactly if every element is:
where squares leave the range of numbers, it is computed again without that. So a
non-finite norm is proof of divergence.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float64]

# Sums of squares below these have lost digits: their terms may be subnormal.
_LEAST: Final = {torch.float32: 1e-30, torch.float64: 1e-280}


def row_norms(rows: Floats) -> Floats:
    """Return ‖v‖₂ over the last axis in float64."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        squares = np.einsum("...i,...i->...", rows, rows)
        norms: Floats = np.sqrt(squares)
        lost = ~((squares >= _LEAST[torch.float64]) & np.isfinite(squares))
        if lost.any():
            norms[lost] = _scaled_norms(rows[lost])
    return norms


def _scaled_norms(rows: Floats) -> Floats:
    largest = np.max(np.abs(rows), axis=-1, initial=0.0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    scaled = rows / scale[:, np.newaxis]
    norms: Floats = scale * np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    return norms


def flat_norm(flat: torch.Tensor) -> float | torch.Tensor:
    """Return ‖flat‖₂ of a dense 1-D tensor.

    On the CPU a number, from one BLAS dot product; elsewhere a 0-d float64 tensor that
    stays on the device, so that nothing waits.
    """
    if flat.device.type != "cpu":
        return _wide_norm(flat)
    square = float(torch.dot(flat, flat))
    if _LEAST.get(flat.dtype, math.inf) <= square < math.inf:
        return math.sqrt(square)
    return float(_wide_norm(flat))


def tensors_norm(tensors: Sequence[torch.Tensor]) -> float | torch.Tensor:
    """Return the norm of several tensors, dense or sparse, taken as one vector."""
    dense = [t.coalesce().values() if t.is_sparse else t for t in tensors]
    parts = [_wide_norm(t) for t in dense if t.numel()]
    if not parts:
        return 0.0
    norm = _wide_norm(torch.stack(parts))
    return float(norm) if norm.device.type == "cpu" else norm


def _wide_norm(tensor: torch.Tensor) -> torch.Tensor:
    """Return the norm as a 0-d float64 tensor, without waiting for a device."""
    if tensor.dtype is not torch.float64:
        # Squares of narrower numbers fit into float64, largest and smallest.
        norm: torch.Tensor = torch.linalg.vector_norm(tensor, dtype=torch.float64)
        return norm
    largest = tensor.abs().amax()
    usable = (largest > 0) & torch.isfinite(largest)
    scale = torch.where(usable, largest, torch.ones_like(largest))
    scaled: torch.Tensor = torch.linalg.vector_norm(tensor / scale)
    return scale * scaled
