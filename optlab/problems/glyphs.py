"""glyphs: the ten digits as bitmaps, turned, stretched, shifted, blurred and noisy.

Each glyph of 5×7 dots is drawn on 16×16 pixels by a random affine map and then doubled
to 32×32×3, which is what the models take. Must not import torch.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.problems.images import Bytes, ImageSet, LabelledImages
from optlab.problems.surface import Floats, Ints

Singles = npt.NDArray[np.float32]

TRAIN_SIZE: Final = 3000
TEST_SIZE: Final = 1000
CLASSES: Final = 10
SIDE: Final = 16
_TRAIN_SEED: Final = 0
_TEST_SEED: Final = 1
# Word of the key that keeps these draws apart from every other use of a seed.
_KEY: Final = 0x676C7970
_CHUNK: Final = 500
# Pixels of a dot when a glyph is drawn upright in its own size.
_DOT: Final = 1.6
_TURN: Final = np.pi / 12
_SCALE: Final = (0.8, 1.2)
_SHIFT: Final = 2.0
_NOISE: Final = 0.15

GLYPHS: Final = (
    ".###. #...# #..## #.#.# ##..# #...# .###.",
    "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    ".###. #...# ....# ...#. ..#.. .#... #####",
    ".###. #...# ....# ..##. ....# #...# .###.",
    "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "##### #.... ####. ....# ....# #...# .###.",
    "..##. .#... #.... ####. #...# #...# .###.",
    "##### ....# ...#. ..#.. .#... .#... .#...",
    ".###. #...# #...# .###. #...# #...# .###.",
    ".###. #...# #...# .#### ....# ...#. .##..",
)


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
    small = np.empty((count, SIDE, SIDE), dtype=np.uint8)
    for first in range(0, count, _CHUNK):
        part = slice(first, min(first + _CHUNK, count))
        small[part] = _images(labels[part], generator)
    large = small.repeat(2, axis=1).repeat(2, axis=2)
    return LabelledImages(np.repeat(large[..., None], 3, axis=-1), labels)


def bitmaps() -> Floats:
    """Return the glyphs, 1 where there is a dot, of shape (10, 7, 5)."""
    rows = [[[c == "#" for c in row] for row in glyph.split()] for glyph in GLYPHS]
    return np.array(rows, dtype=np.float64)


def _images(labels: Ints, generator: np.random.Generator) -> Bytes:
    image = _blurred(_drawn(labels, generator), generator)
    image += np.float32(_NOISE) * generator.standard_normal(
        image.shape, dtype=np.float32
    )
    levels: Singles = np.rint(np.clip(image, 0, 1) * 255)
    return levels.astype(np.uint8)


def _drawn(labels: Ints, generator: np.random.Generator) -> Singles:
    """Return glyphs turned by 15° at most, scaled and shifted."""

    def uniform(low: float, high: float) -> Floats:
        return generator.uniform(low, high, (len(labels), 1, 1))

    turn, wide, tall = uniform(-_TURN, _TURN), uniform(*_SCALE), uniform(*_SCALE)
    right, down = uniform(-_SHIFT, _SHIFT), uniform(-_SHIFT, _SHIFT)
    grid = np.arange(SIDE) - (SIDE - 1) / 2
    x, y = grid[None, None, :] - right, grid[None, :, None] - down
    # Where each pixel lies on the glyph, in dots from its upper left.
    column = (np.cos(turn) * x + np.sin(turn) * y) / (wide * _DOT) + 2.0
    row = (np.cos(turn) * y - np.sin(turn) * x) / (tall * _DOT) + 3.0
    padded = np.pad(bitmaps(), ((0, 0), (1, 2), (1, 2)))
    column, row = np.clip(column + 1, 0, 6.5), np.clip(row + 1, 0, 8.5)
    i, j = row.astype(np.int64), column.astype(np.int64)
    u, v, k = row - i, column - j, labels[:, None, None]
    upper = (1 - v) * padded[k, i, j] + v * padded[k, i, j + 1]
    lower = (1 - v) * padded[k, i + 1, j] + v * padded[k, i + 1, j + 1]
    mixed: Singles = ((1 - u) * upper + u * lower).astype(np.float32)
    return mixed


def _blurred(images: Singles, generator: np.random.Generator) -> Singles:
    """Return images blurred over three pixels each way, each as much as is drawn."""
    side = generator.uniform(0.0, 0.25, (len(images), 1, 1)).astype(np.float32)
    for axis in (1, 2):
        wide = np.pad(images, [(0, 0)] + [(int(axis == a),) * 2 for a in (1, 2)])
        before, after = (
            wide.take(range(SIDE), axis),
            wide.take(range(2, SIDE + 2), axis),
        )
        images = (1 - 2 * side) * images + side * (before + after)
    return images
