"""Which samples make up which batch: one order for all trials of a seed.

Trials of different batch sizes walk through the same permutation of each epoch, and
the common clock is the number of samples; the last batch of an epoch may be short.
A rolling hash of the indices proves that two trials saw the same batches.
"""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from optlab.engine.streams import Stream, generator

Ints = npt.NDArray[np.int64]


class SampleOrder:
    """The order of samples of one seed.

    Args:
        seed: The seed of the trials.
        size: Number of training samples.
        shuffle: Whether each epoch is a new permutation.
    """

    def __init__(self, seed: int, size: int, *, shuffle: bool) -> None:
        self._seed = seed
        self._size = size
        self._shuffle = shuffle
        self._epoch = -1
        self._permutation: Ints = np.empty(0, dtype=np.int64)

    def slice(self, epoch: int, first: int, last: int) -> Ints:
        """Return the samples at places ``first`` to ``last`` (excluded) of an epoch."""
        if epoch != self._epoch:
            self._permutation = np.arange(self._size, dtype=np.int64)
            if self._shuffle:
                draw = generator(self._seed, Stream.ORDER, step=epoch)
                self._permutation = draw.permutation(self._size).astype(np.int64)
            self._epoch = epoch
        return self._permutation[first:last]


class BatchOrder:
    """Batches of one size, by step from 0.

    Args:
        order: The order of samples that the batches are cut from.
        size: Number of training samples.
        batch_size: Samples in a batch, at most ``size``.
        indices: All batches of a reproduced program, ``(steps, batch_size)``; replaces
            the order.
    """

    def __init__(
        self,
        order: SampleOrder,
        *,
        size: int,
        batch_size: int,
        indices: Ints | None = None,
    ) -> None:
        self._order = order
        self._indices = indices
        self.size = size
        self.batch_size = batch_size
        self.steps_per_epoch = -(-size // batch_size)

    def batch(self, step: int) -> Ints:
        """Return the sample indices of the batch of ``step``."""
        if self._indices is not None:
            row: Ints = self._indices[step]
            return row
        epoch, place = divmod(step, self.steps_per_epoch)
        first = place * self.batch_size
        return self._order.slice(epoch, first, min(first + self.batch_size, self.size))

    def samples_after(self, steps: int) -> int:
        """Return how many samples ``steps`` steps consume."""
        if self._indices is not None:
            return steps * self.batch_size
        epochs, rest = divmod(steps, self.steps_per_epoch)
        return epochs * self.size + rest * self.batch_size

    def steps_for(self, samples: int) -> int:
        """Return the largest number of steps that consumes at most ``samples``."""
        if self._indices is not None:
            return samples // self.batch_size
        epochs, rest = divmod(samples, self.size)
        return epochs * self.steps_per_epoch + rest // self.batch_size


def rolled(batch_hash: bytes, indices: Ints) -> bytes:
    """Return the hash of a sequence of batches that ends with ``indices``."""
    little_endian = indices.astype("<i8", copy=False)
    return blake2b(batch_hash + little_endian.tobytes(), digest_size=16).digest()
