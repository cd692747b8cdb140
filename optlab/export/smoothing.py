"""The smoothing of curves, one for window and figures."""

import numpy as np

from optlab.records import Floats

_BLOCK = 256


def smooth(values: Floats, weight: float) -> Floats:
    """Return the debiased exponential moving average of ``values``.

    The average at k is Σ β^(k−j)·x_j / Σ β^(k−j) over the finite x_j with j ≤ k, which
    is TensorBoard's formula where all are finite. Where a value is not finite the
    result is NaN, and the average goes on behind it.

    Args:
        values: The raw trace.
        weight: β, at least 0 and less than 1; 0 returns the trace.
    """
    finite = np.isfinite(values)
    if weight <= 0 or not len(values):
        return np.where(finite, values, np.nan)
    sums = _decayed_sums(np.where(finite, values, 0.0), weight)
    counts = _decayed_sums(finite.astype(np.float64), weight)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(finite, sums / counts, np.nan)


def _decayed_sums(values: Floats, weight: float) -> Floats:
    """Return y with y_k = weight·y_(k−1) + values_k, in blocks of one product each."""
    n = len(values)
    size = min(_BLOCK, n)
    padded = np.zeros(-(-n // size) * size)
    padded[:n] = values
    age = np.subtract.outer(np.arange(size), np.arange(size))
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        decay = np.where(age >= 0, weight ** np.maximum(age, 0).astype(float), 0.0)
        blocks: Floats = padded.reshape(-1, size) @ decay.T
        fade = weight ** np.arange(1, size + 1)
        for i in range(1, len(blocks)):
            blocks[i] += blocks[i - 1, -1] * fade
    result: Floats = blocks.reshape(-1)[:n]
    return result
