"""lobes-32: ten kinds of drawn shapes, made on the spot.

A class is a number of lobes (0, 2, 3, 4 or 5), full or hollow. Place, size, turn,
stretch, colours, ground and noise are random and say nothing about the class. Must not
import torch.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.problems.images import Bytes, ImageSet, LabelledImages
from optlab.problems.surface import Ints

Singles = npt.NDArray[np.float32]

TRAIN_SIZE: Final = 4000
TEST_SIZE: Final = 1000
CLASSES: Final = 10
_SIDE: Final = 32
_TRAIN_SEED: Final = 0
_TEST_SEED: Final = 1
# Word of the key that keeps these draws apart from every other use of a seed.
_KEY: Final = 0x6C6F6265
_CHUNK: Final = 500
_LOBES: Final = (0, 2, 3, 4, 5)
_CONTRAST: Final = 0.35


def load() -> ImageSet:
    """Return the dataset; it is the same every time."""
    return ImageSet(
        draw(TRAIN_SIZE, seed=_TRAIN_SEED), draw(TEST_SIZE, seed=_TEST_SEED), CLASSES
    )


def draw(count: int, *, seed: int) -> LabelledImages:
    """Return ``count`` images whose classes take turns.

    Args:
        count: Number of images.
        seed: Images of other seeds are independent.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, _KEY]))
    labels = np.arange(count, dtype=np.int64) % CLASSES
    images = np.empty((count, _SIDE, _SIDE, 3), dtype=np.uint8)
    for first in range(0, count, _CHUNK):
        part = slice(first, min(first + _CHUNK, count))
        images[part] = _images(labels[part], generator)
    return LabelledImages(images, labels)


def _images(labels: Ints, generator: np.random.Generator) -> Bytes:
    n = len(labels)
    mask = _mask(labels, generator)[..., None]
    foreground, ground = _colours(n, generator)
    texture = np.float32(0.08) * _texture(n, generator)
    noise = generator.standard_normal((n, _SIDE, _SIDE, 3), dtype=np.float32)
    image = (ground + texture) * (1 - mask) + foreground * mask
    image += np.float32(0.05) * noise
    levels: Singles = np.rint(np.clip(image, 0, 1) * 255)
    return levels.astype(np.uint8)


def _mask(labels: Ints, generator: np.random.Generator) -> Singles:
    """Return how far each pixel belongs to the shape, from 0 to 1."""

    def uniform(low: float, high: float) -> Singles:
        values = generator.uniform(low, high, (len(labels), 1, 1))
        return values.astype(np.float32)

    centre_x, centre_y = uniform(-0.15, 0.15), uniform(-0.15, 0.15)
    size, turn = uniform(0.50, 0.66), uniform(0, 2 * np.pi)
    stretch = uniform(0.85, 1.18)
    grid = ((np.arange(_SIDE) + 0.5) / 16 - 1).astype(np.float32)
    dx = (grid[None, :, None] - centre_x) * stretch
    dy = (grid[None, None, :] - centre_y) / stretch
    radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    lobes = np.array(_LOBES, dtype=np.float32)[labels // 2][:, None, None]
    wave = np.where(lobes > 0, np.cos(lobes * (angle - turn)), 0)
    edge = size * (1 + np.float32(0.38) * wave)
    full = np.clip((edge - radius) * 16 + 0.5, 0, 1)
    hole = np.clip((np.float32(0.55) * edge - radius) * 16 + 0.5, 0, 1)
    hollow = (labels % 2).astype(np.float32)[:, None, None]
    mask: Singles = full * (1 - hollow * hole)
    return mask


def _colours(n: int, generator: np.random.Generator) -> tuple[Singles, Singles]:
    """Return colours of shape and ground, redrawn until they differ in brightness."""
    colours = generator.random((n, 2, 3))
    while True:
        contrast = np.abs((colours[:, 0] - colours[:, 1]).mean(axis=1))
        weak = contrast < _CONTRAST
        if not weak.any():
            break
        colours[weak] = generator.random((int(weak.sum()), 2, 3))
    shaped = colours.astype(np.float32)[:, :, None, None, :]
    return shaped[:, 0], shaped[:, 1]


def _texture(n: int, generator: np.random.Generator) -> Singles:
    """Return smooth noise: 4×4 normal numbers, enlarged 8 times, blurred over 9."""
    coarse = generator.standard_normal((n, 4, 4, 3), dtype=np.float32)
    # Each row of the matrix says what of the 4 numbers a pixel is made of.
    near = np.clip(np.arange(_SIDE)[:, None] + np.arange(-4, 5), 0, _SIDE - 1)
    matrix = (near[:, :, None] // 8 == np.arange(4)).mean(axis=1).astype(np.float32)
    tall = sum(matrix[:, None, None, j] * coarse[:, None, j] for j in range(4))
    wide = sum(matrix[:, None, j] * tall[:, :, j, None] for j in range(4))
    return np.asarray(wide, dtype=np.float32)
