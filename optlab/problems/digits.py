"""digits: 1,797 scanned handwritten digits that ship inside scikit-learn.

Alpaydin & Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository. Must not import torch.
"""

from typing import Final

import numpy as np

from optlab.problems.images import Bytes, ImageSet, LabelledImages
from optlab.problems.surface import Floats

TRAIN_SIZE: Final = 1437
CLASSES: Final = 10
_SIDE: Final = 32
_BRIGHTEST: Final = 16.0
# Key of the one permutation that splits the data.
_SPLIT_KEY: Final = (0, 0x64696769)


def load() -> ImageSet:
    """Return the digits, enlarged from 8×8 to 32×32×3; the split is always the same."""
    # scikit-learn takes about a second to import: only those who need it pay.
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    small = np.asarray(pixels, dtype=np.float64).reshape(-1, 8, 8)
    images = _enlarged(small)
    order = np.random.Generator(np.random.Philox(key=_SPLIT_KEY)).permutation(
        len(small)
    )
    classes = np.asarray(labels, dtype=np.int64)
    train, test = order[:TRAIN_SIZE], order[TRAIN_SIZE:]
    return ImageSet(
        LabelledImages(images[train], classes[train]),
        LabelledImages(images[test], classes[test]),
        CLASSES,
    )


def _enlarged(small: Floats) -> Bytes:
    """Return images of 0 … 16 enlarged bilinearly, as bytes in three equal channels."""
    matrix = _bilinear(small.shape[1], _SIDE)
    # Eighths times whole numbers are exact, so no order of summation matters.
    large = matrix @ small @ matrix.T
    grey = np.rint(large * (255.0 / _BRIGHTEST)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def _bilinear(small: int, large: int) -> Floats:
    """Return the matrix that interpolates ``small`` pixel centres at ``large`` ones."""
    place = (np.arange(large) + 0.5) * (small / large) - 0.5
    place = np.clip(place, 0, small - 1)
    distance = np.abs(place[:, None] - np.arange(small))
    matrix: Floats = np.maximum(0.0, 1.0 - distance)
    return matrix
