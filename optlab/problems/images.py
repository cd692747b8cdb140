"""Sets of labelled images in memory, as NumPy arrays of bytes or of floats.

Must not import torch: the command line and the window ask for datasets, too.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.problems.surface import Floats, Ints

Bytes = npt.NDArray[np.uint8]
Singles = npt.NDArray[np.float32]

_CHUNK: Final = 512
# Key of the one permutation that holds out images of the training part.
_HOLD_OUT_KEY: Final = 20_265
_HELD_OUT: Final = 0.2


@dataclass(frozen=True)
class LabelledImages:
    """One part of a dataset.

    Attributes:
        images: Shape ``(n, height, width, channels)``: pixels of all channels side by
            side, so that a batch is in channels-last order as it is cut. Bytes stand
            for 0 … 1; floats are what they are.
        labels: Class of each image, counted from 0.
    """

    images: Bytes | Singles
    labels: Ints

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.labels)

    def held_out(self) -> "tuple[LabelledImages, LabelledImages]":
        """Return this part without a fifth, and that fifth, both always the same.

        For picking settings: what is picked by the fifth may be judged on images that
        are in neither.
        """
        generator = np.random.Generator(np.random.Philox(key=_HOLD_OUT_KEY))
        order = generator.permutation(len(self))
        count = round(_HELD_OUT * len(self))
        kept, held = np.sort(order[count:]), np.sort(order[:count])
        return (
            LabelledImages(self.images[kept], self.labels[kept]),
            LabelledImages(self.images[held], self.labels[held]),
        )

    def channel_statistics(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of each channel, bytes as 0 … 1."""
        channels = self.images.shape[-1]
        if self.images.dtype != np.uint8:
            flat_floats = self.images.reshape(-1, channels)
            mean = flat_floats.mean(axis=0, dtype=np.float64)
            return mean, flat_floats.std(axis=0, dtype=np.float64)
        flat = self.images.reshape(len(self), -1)
        total = np.zeros(flat.shape[1], dtype=np.uint64)
        squares = np.zeros(flat.shape[1], dtype=np.uint64)
        # Whole numbers: sums are exact, and so do not depend on how they are cut.
        for first in range(0, len(self), _CHUNK):
            part = flat[first : first + _CHUNK].astype(np.uint32)
            total += part.sum(axis=0, dtype=np.uint64)
            squares += np.square(part).sum(axis=0, dtype=np.uint64)
        count = self.images.size // channels
        mean = total.reshape(-1, channels).sum(axis=0) / (255.0 * count)
        square = squares.reshape(-1, channels).sum(axis=0) / (255.0**2 * count)
        return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


@dataclass(frozen=True, kw_only=True)
class ImageFormat:
    """What a model must know of the images that it is made for.

    Attributes:
        channels: Numbers of each pixel.
        size: Pixels of a side.
        classes: Number of classes.
    """

    channels: int = 3
    size: int = 32
    classes: int = 10


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

    @property
    def format(self) -> ImageFormat:
        """What a model must know of them."""
        _, height, _, channels = self.train.images.shape
        return ImageFormat(channels=channels, size=height, classes=self.classes)
