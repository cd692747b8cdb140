import numpy as np

from optlab.problems import glyphs
from optlab.problems.catalog_images import DATASETS


def test_that_glyphs_have_the_size_that_the_catalog_says() -> None:
    info = next(info for info in DATASETS if info.name == "glyphs")
    images = glyphs.load()
    assert len(images.train) == info.train_size
    assert len(images.test) == info.test_size
    assert images.classes == info.classes
    assert images.train.images.shape[1:] == (32, 32, 3)
    assert images.train.images.dtype == np.uint8


def test_that_any_two_bitmaps_differ_in_several_dots() -> None:
    bitmaps = glyphs.bitmaps().reshape(10, -1)
    assert bitmaps.shape == (10, 35)
    apart = np.abs(bitmaps[:, None] - bitmaps[None]).sum(axis=2)
    assert apart[~np.eye(10, dtype=bool)].min() >= 3


def test_that_images_are_16_pixels_doubled_in_three_equal_channels() -> None:
    images = glyphs.draw(50, seed=0).images
    small = images[:, ::2, ::2, :1]
    assert (images == small.repeat(2, axis=1).repeat(2, axis=2)).all()


def test_that_the_same_seed_draws_the_same_images() -> None:
    one, again, other = (glyphs.draw(30, seed=seed).images for seed in (3, 3, 4))
    assert (one == again).all()
    assert not (one == other).all()


def test_that_images_do_not_depend_on_how_many_are_drawn_beyond_their_chunk() -> None:
    few, many = glyphs.draw(500, seed=1), glyphs.draw(700, seed=1)
    assert (many.images[:500] == few.images).all()


def test_that_an_upright_glyph_shows_its_dots() -> None:
    upright = glyphs._drawn(np.arange(10), _Middle())
    rows = np.rint((np.arange(7) - 3) * 1.6 + 7.5).astype(int)
    columns = np.rint((np.arange(5) - 2) * 1.6 + 7.5).astype(int)
    dots = upright[:, rows][:, :, columns] > 0.5
    assert (dots == (glyphs.bitmaps() == 1)).mean() > 0.95
    assert upright[:, [0, -1]].max() == upright[:, :, [0, -1]].max() == 0


def test_that_the_mean_of_a_class_resembles_its_glyph() -> None:
    part = glyphs.draw(3000, seed=2)
    means = np.stack(
        [part.images[part.labels == c, :, :, 0].mean(0) for c in range(10)]
    )
    upright = glyphs._drawn(np.arange(10), _Middle())
    flat = upright.reshape(10, -1) - upright.mean()
    seen = means[:, ::2, ::2].reshape(10, -1) - means.mean()
    likeness = np.corrcoef(seen, flat)[:10, 10:]
    assert likeness.diagonal().min() > 0.7


def test_that_turns_shifts_noise_and_blur_differ_from_image_to_image() -> None:
    part = glyphs.draw(400, seed=5)
    ones = part.images[part.labels == 1][:, ::2, ::2, 0] / 255.0
    rows = (ones.mean(axis=2) * np.arange(16)).sum(axis=1) / ones.mean(axis=2).sum(
        axis=1
    )
    assert 0.4 < rows.std() < 2
    corner = ones[:, :2, :2]
    # Noise of 0.15 around black, of which the negative half is cut off.
    assert np.sqrt((corner**2).mean()) < 0.15
    assert np.sqrt((corner**2).mean()) > 0.08


class _Middle(np.random.Generator):
    """Draws the middle of each range."""

    def __init__(self) -> None:
        super().__init__(np.random.Philox(0))

    def uniform(self, low=0.0, high=1.0, size=None):  # type: ignore[no-untyped-def]
        return np.full(size, (low + high) / 2)
