import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from optlab.problems import digits, lobes
from optlab.problems.catalog_images import DATASETS
from optlab.problems.images import ImageSet, LabelledImages

LOADERS = {"lobes-32": lobes.load, "digits": digits.load}


@pytest.fixture(scope="module", params=LOADERS)
def named_set(request: pytest.FixtureRequest) -> tuple[str, ImageSet]:
    name = str(request.param)
    return name, LOADERS[name]()


def test_that_a_dataset_has_the_sizes_of_the_catalog(
    named_set: tuple[str, ImageSet],
) -> None:
    name, images = named_set
    info = next(info for info in DATASETS if info.name == name)
    assert (len(images.train), len(images.test)) == (info.train_size, info.test_size)
    assert images.classes == info.classes
    for part in (images.train, images.test):
        assert part.images.shape == (len(part), 32, 32, 3)
        assert part.images.dtype == np.uint8
        assert part.labels.dtype == np.int64
        assert set(part.labels.tolist()) == set(range(info.classes))


def test_that_a_dataset_is_the_same_every_time(
    named_set: tuple[str, ImageSet],
) -> None:
    name, images = named_set
    again = LOADERS[name]()
    for one, other in ((images.train, again.train), (images.test, again.test)):
        assert (one.images == other.images).all()
        assert (one.labels == other.labels).all()


def test_that_the_parts_have_no_image_in_common(
    named_set: tuple[str, ImageSet],
) -> None:
    _, images = named_set
    train = {image.tobytes() for image in images.train.images}
    assert not any(image.tobytes() in train for image in images.test.images)


def test_that_lobes_are_balanced_in_every_prefix() -> None:
    part = lobes.draw(1000, seed=9)
    assert np.bincount(part.labels[:250]).tolist() == [25] * 10


def test_that_lobes_of_other_seeds_differ() -> None:
    one, other = lobes.draw(20, seed=1), lobes.draw(20, seed=2)
    assert (one.images != other.images).mean() > 0.9


def test_that_the_colours_of_lobes_do_not_tell_the_class() -> None:
    part = lobes.draw(2000, seed=3)
    corner = part.images[:, 0, 0].astype(float)
    means = np.array([corner[part.labels == c].mean(axis=0) for c in range(10)])
    # Standard error of each mean: 74 / √200, about 5 of 255.
    assert np.abs(means - corner.mean(axis=0)).max() < 4 * 74 / np.sqrt(200)


def test_that_hollow_lobes_have_the_colour_of_the_ground_in_their_middle() -> None:
    part = lobes.draw(2000, seed=4)
    pixels = part.images.astype(float)
    ground = pixels[:, [0, 0, -1, -1], [0, -1, 0, -1]].mean(axis=1)
    middle = pixels[:, 14:18, 14:18].mean(axis=(1, 2))
    contrast = np.abs((middle - ground).mean(axis=1))
    ring = part.labels == 1
    disc = part.labels == 0
    assert np.median(contrast[ring]) < 30
    assert np.median(contrast[disc]) > 80


def test_that_digits_are_those_of_scikit_learn() -> None:
    pixels, labels = load_digits(return_X_y=True)
    images = digits.load()
    together = np.concatenate([images.train.images, images.test.images])
    classes = np.concatenate([images.train.labels, images.test.labels])
    # Four by four pixels each stand around one pixel of the original, whose value is
    # the mean of theirs wherever the picture is linear; so classes can be matched by
    # the nearest original.
    small = together[..., 0].reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)).reshape(-1, 64)
    originals = np.asarray(pixels) * (255 / 16)
    seen = set()
    for picture, label in zip(small[::50], classes[::50], strict=True):
        nearest = int(np.square(originals - picture).sum(axis=1).argmin())
        assert labels[nearest] == label
        seen.add(nearest)
    assert len(seen) == len(small[::50])
    assert (np.bincount(classes) == np.bincount(labels)).all()


def test_that_enlarging_keeps_flat_pictures_and_the_full_range() -> None:
    flat = digits._enlarged(np.full((1, 8, 8), 16.0))
    assert (flat == 255).all()
    ramp = digits._enlarged(np.tile(np.arange(8.0) * 2, (1, 8, 1)))[0, 0, :, 0]
    steps = np.diff(ramp.astype(int))
    assert (steps >= 0).all()
    assert steps[2:-2].max() - steps[2:-2].min() <= 1


def test_that_channel_statistics_are_those_of_the_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 4, 3), dtype=np.uint8)
    part = LabelledImages(pixels, np.zeros(7, dtype=np.int64))
    mean, deviation = part.channel_statistics()
    np.testing.assert_allclose(mean, (pixels / 255).mean(axis=(0, 1, 2)), rtol=1e-12)
    expected = (pixels / 255).std(axis=(0, 1, 2))
    np.testing.assert_allclose(deviation, expected, rtol=1e-9)


def test_that_datasets_import_no_torch() -> None:
    code = (
        "import sys; from optlab.problems import lobes, digits; lobes.draw(3, seed=0);"
        "digits.load(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
