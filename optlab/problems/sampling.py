"""Draws that several problems make. Must not import torch."""

import numpy as np

from optlab.problems.surface import Ints


def zipf(count: int, kinds: int, draw: np.random.Generator) -> Ints:
    """Return numbers below ``kinds``, the k-th with a probability as 1 / k.

    Args:
        count: How many to draw.
        kinds: How many different ones there are.
        draw: Where they are drawn from.
    """
    shares = np.cumsum(1.0 / np.arange(1, kinds + 1))
    drawn = np.searchsorted(shares, draw.random(count) * shares[-1], side="right")
    return np.asarray(np.minimum(drawn, kinds - 1), dtype=np.int64)
