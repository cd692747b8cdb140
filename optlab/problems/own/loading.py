"""Loads the user's own images: checked values from npz files, pixels from files.

Must not import torch.
"""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from optlab.own_files import is_folder, path_of
from optlab.params import InputError
from optlab.problems.images import Bytes, ImageSet, LabelledImages, Singles
from optlab.problems.own.archives import (
    MOST_BYTES,
    archive_headers,
    held_out_from,
    unreadable,
)
from optlab.problems.own.folders import Labelled, arrangement
from optlab.problems.surface import Ints
from optlab.translate import tr

# Key of the one permutation that splits data which come in one piece.
_SPLIT_KEY: Final = (0, 0x6F776E)
_CHANNELS: Final = (1, 3, 4)
_KINDS: Final = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

Array = npt.NDArray[Any]


def load_own(name: str, *, size: int, key: str = "problem.dataset") -> ImageSet:
    """Return the images at a path.

    Args:
        name: The path as it was given.
        size: Side in pixels to which images of a folder are brought.
        key: Where it was given, for the message.

    Raises:
        InputError: They are not there, or not as they should be.
    """
    path = path_of(name)
    if is_folder(path):
        return _load_folder(path, size=size, name=name, key=key)
    return _load_archive(path, name=name, key=key)


def _load_archive(path: Path, *, name: str, key: str) -> ImageSet:
    headers = archive_headers(path, name=name, key=key)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {word: np.asarray(archive[word]) for word in headers}
    # Compressed data raise whatever they come across; none of it is OptLab's.
    except Exception as error:
        raise unreadable(error, name=name, key=key) from None
    try:
        return _image_set(arrays)
    except _Unfit as error:
        raise InputError(key, name, str(error)) from None


class _Unfit(ValueError):
    """Why arrays are no dataset, as a phrase."""


def _image_set(arrays: Mapping[str, Array]) -> ImageSet:
    if "x" in arrays:
        images = _images(arrays["x"], "x")
        labels = _labels(arrays["y"], "y")
        train, test = _split(len(labels))
        parts = (images[train], labels[train], images[test], labels[test])
    else:
        parts = (
            _images(arrays["x_train"], "x_train"),
            _labels(arrays["y_train"], "y_train"),
            _images(arrays["x_test"], "x_test"),
            _labels(arrays["y_test"], "y_test"),
        )
    x_train, y_train, x_test, y_test = parts
    if x_train.dtype != x_test.dtype:
        raise _Unfit(tr("x_train and x_test must both hold bytes, or both floats"))
    return ImageSet(
        LabelledImages(x_train, y_train),
        LabelledImages(x_test, y_test),
        _classes(y_train, y_test),
    )


def _split(count: int) -> tuple[Ints, Ints]:
    """Return which samples are trained on and which are held out: always the same."""
    generator = np.random.Generator(np.random.Philox(key=_SPLIT_KEY))
    order = generator.permutation(count)
    train = held_out_from(count)
    return order[:train], order[train:]


def _images(values: Array, word: str) -> Bytes | Singles:
    """Return images with channels last."""
    if values.ndim == 2:
        # Vectors are images of one pixel.
        values = values[:, None, None, :]
    elif values.ndim == 3:
        values = values[..., None]
    shape = " × ".join(map(str, values.shape))
    if values.ndim != 4:
        text = "{array} must be N×H×W, N×H×W×C, N×C×H×W or N×D, not {shape}"
        raise _Unfit(tr(text, array=word, shape=shape))
    if values.shape[1:3] != (1, 1) and values.shape[3] not in _CHANNELS:
        if values.shape[1] not in _CHANNELS:
            text = "{array} must have 1, 3 or 4 channels, first or last, not {shape}"
            raise _Unfit(tr(text, array=word, shape=shape))
        values = values.transpose(0, 2, 3, 1)
    if values.shape[1] != values.shape[2]:
        text = "{array} must hold square images, not {shape}"
        raise _Unfit(tr(text, array=word, shape=shape))
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    with np.errstate(over="ignore"):
        singles = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(singles).all():
        text = "{array} holds values that are not finite (NaN, inf, or too large)"
        raise _Unfit(tr(text, array=word))
    return singles


def _labels(values: Array, word: str) -> Ints:
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        text = "{array} must have one class per sample, not the shape {shape}"
        shape = " × ".join(map(str, values.shape))
        raise _Unfit(tr(text, array=word, shape=shape))
    return values.astype(np.int64)


def _classes(train: Ints, test: Ints) -> int:
    """Return how many classes there are, which must be 0, 1, 2, … without gaps."""
    there = np.unique(np.concatenate((train, test)))
    if len(there) < 2:
        raise _Unfit(tr("at least two classes; there is one"))
    if there[0] != 0 or there[-1] != len(there) - 1:
        text = "classes must be 0 to {last} with none left out; there are {n}, from {low} to {high}"  # noqa: E501
        low, high = int(there[0]), int(there[-1])
        last = len(there) - 1
        raise _Unfit(tr(text, last=last, n=len(there), low=low, high=high))
    return len(there)


def _load_folder(path: Path, *, size: int, name: str, key: str) -> ImageSet:
    found = arrangement(path, name=name, key=key)
    count = len(found.train) + len(found.test or ())
    if count * size * size * 3 > MOST_BYTES:
        text = "at most {n} GB of pixels; choose a smaller image_size"
        raise InputError(key, name, tr(text, n=MOST_BYTES >> 30))
    train = _read_all(found.train, path, size=size, name=name, key=key)
    if found.test is not None:
        test = _read_all(found.test, path, size=size, name=name, key=key)
        return ImageSet(train, test, len(found.classes))
    learnt, held_out = _split(count)
    return ImageSet(
        LabelledImages(train.images[learnt], train.labels[learnt]),
        LabelledImages(train.images[held_out], train.labels[held_out]),
        len(found.classes),
    )


def _read_all(
    files: Sequence[Labelled], top: Path, *, size: int, name: str, key: str
) -> LabelledImages:
    images: Bytes = np.empty((len(files), size, size, 3), dtype=np.uint8)
    for i, (path, _) in enumerate(files):
        try:
            images[i] = _read(path, size)
        # Broken files raise whatever a decoder comes across.
        except Exception as error:
            text = "{file} is no image that can be read: {reason}"
            reason = " ".join((str(error) or type(error).__name__).split())
            # Pillow names the file by its whole path.
            reason = reason.replace(repr(str(path)), path.name)
            where = path.relative_to(top).as_posix()
            raise InputError(key, name, tr(text, file=where, reason=reason)) from None
    labels = np.array([label for _, label in files], dtype=np.int64)
    return LabelledImages(images, labels)


def _read(path: Path, size: int) -> Bytes:
    """Return an image, turned as its camera says, filled and cut to a square."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        # Pillow warns of images that decompress to very many pixels (90 million).
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # By name: some other kinds that Pillow knows start a program to be read.
        with Image.open(path, formats=_KINDS) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
    box = Image.Resampling.BILINEAR
    return np.asarray(ImageOps.fit(upright, (size, size), method=box))
