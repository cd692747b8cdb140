"""Sets of labelled images in memory, as NumPy arrays of bytes.

Must not import torch: the command line and the window ask for datasets, too.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optlab.problems.surface import Floats, Ints

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class LabelledImages:
    """One part of a dataset.

    Attributes:
        images: Shape ``(n, height, width, channels)``: pixels of all channels side by
            side, so that a batch is in channels-last order as it is cut.
        labels: Class of each image, counted from 0.
    """

    images: Bytes
    labels: Ints

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.labels)

    def channel_statistics(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of each channel, pixels in 0 … 1."""
        channels = self.images.reshape(-1, self.images.shape[-1]).T
        levels = np.arange(256) / 255.0
        # Counting is exact: the sum over many millions of bytes is not.
        shares = [np.bincount(c, minlength=256) / len(c) for c in channels]
        mean = np.array([(share * levels).sum() for share in shares])
        square = np.array([(share * levels**2).sum() for share in shares])
        return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


@dataclass(frozen=True)
class ImageSet:
    """A dataset with its two parts.

    Attributes:
        train: The part to learn from.
        test: The held-out part.
        classes: Number of classes.
    """

    train: LabelledImages
    test: LabelledImages
    classes: int
