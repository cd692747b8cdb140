"""What an npz file says it holds, from its headers alone.

Arrays ``x_train``, ``y_train``, ``x_test``, ``y_test``, or ``x`` and ``y``, a fifth of
which is then held out. Imports neither torch nor NumPy.
"""

import ast
import io
import math
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from optlab.own_files import is_file
from optlab.params import InputError
from optlab.translate import tr

PARTED: Final = ("x_train", "y_train", "x_test", "y_test")
WHOLE: Final = ("x", "y")
# More would not fit beside the training of anything.
MOST_BYTES: Final = 4 << 30
_MAGIC: Final = b"\x93NUMPY"
_LONGEST_HEADER: Final = 10_000
# The list of members of an archive; for each 50 to 100 bytes.
_LONGEST_LIST: Final = 1_000_000
# What numpy.savez writes; others may ask for gigabytes before the first byte.
_FREE_BYTES: Final = 20_000_000
_MOST_UNFOLDED: Final = 200
"""Deflate makes at most 1,032 bytes of one; of real data it makes far fewer."""
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Header:
    """What an array says it is.

    Attributes:
        shape: Its shape.
        dtype: Its type, as NumPy spells it (``|u1``).
    """

    shape: tuple[int, ...]
    dtype: str

    @property
    def nbytes(self) -> int:
        """Bytes that it takes."""
        digits = "".join(c for c in self.dtype if c.isdigit())
        return math.prod(self.shape) * int(digits or 1)


def held_out_from(count: int) -> int:
    """Return how many of ``count`` samples are trained on; the others are held out."""
    return max(1, count * 4 // 5)


def archive_sizes(path: Path, *, name: str, key: str) -> tuple[int, int]:
    """Return how many samples an npz file has to train on, and held out.

    Raises:
        InputError: It is not there, no npz file, or lacks an array.
    """
    headers = archive_headers(path, name=name, key=key)
    counts = {word: header.shape[0] for word, header in headers.items()}
    if "x" in counts:
        train = held_out_from(counts["x"])
        return train, counts["x"] - train
    return counts["x_train"], counts["x_test"]


def archive_headers(path: Path, *, name: str, key: str) -> Mapping[str, Header]:
    """Return the headers of the arrays that a dataset is made of.

    Args:
        path: The npz file.
        name: What was given.
        key: Where it was given.

    Raises:
        InputError: It is not there, no npz file, or lacks an array.
    """
    if not is_file(path):
        text = tr("no such file or folder")
        raise InputError(key, name, text)
    try:
        if not zipfile.is_zipfile(path):
            text = tr("an npz file as numpy.savez writes it, or a folder of images")
            raise InputError(key, name, text)
        with _Frugal(path) as file, zipfile.ZipFile(file) as archive:
            there = set(archive.namelist())
            words = PARTED if "x_train.npy" in there else WHOLE
            missing = [word for word in words if f"{word}.npy" not in there]
            if missing:
                raise _lacks(missing, name, key)
            headers = {word: _header(archive, word) for word in words}
    except InputError:
        raise
    # Broken data raise whatever a decoder comes across.
    except Exception as error:
        raise unreadable(error, name=name, key=key) from None
    _check(headers, name, key)
    return headers


def unreadable(error: Exception, *, name: str, key: str) -> InputError:
    """Return the refusal of a file that cannot be read."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    text = tr("cannot be read: {reason}", reason=" ".join(str(reason).split()))
    return InputError(key, name, text)


def _lacks(missing: list[str], name: str, key: str) -> InputError:
    text = "it has no array {missing}; it needs x_train, y_train, x_test and y_test, or x and y"  # noqa: E501
    return InputError(key, name, tr(text, missing=missing[0]))


class _Frugal(io.FileIO):
    """A file that refuses to give very much at once: no list of a million members."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most ``size`` bytes."""
        most = _LONGEST_LIST + 1
        data = super().read(most if size is None or size < 0 else min(size, most))
        if len(data) == most:
            raise zipfile.BadZipFile(tr("more members than there should be"))
        return data


def _header(archive: zipfile.ZipFile, word: str) -> Header:
    info = archive.getinfo(f"{word}.npy")
    if info.compress_type not in _PACKINGS:
        raise ValueError(
            tr("{array} is packed in another way than NumPy does", array=word)
        )
    with archive.open(f"{word}.npy") as file:
        found = ast.literal_eval(_header_text(file, word))
    shape, dtype = found.get("shape"), found.get("descr")
    if not isinstance(dtype, str) or not isinstance(shape, tuple):
        raise ValueError(tr("{array} is no plain array", array=word))
    if not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError(tr("{array} is no plain array", array=word))
    header = Header(shape, dtype)
    unfolded = _FREE_BYTES + _MOST_UNFOLDED * info.compress_size
    if unfolded < header.nbytes <= MOST_BYTES:
        text = tr("{array} unfolds to very many times its size", array=word)
        raise ValueError(text)
    return header


def _header_text(file: IO[bytes], word: str) -> str:
    start = file.read(8)
    if start[:6] != _MAGIC:
        raise ValueError(tr("{array} is no plain array", array=word))
    wide = start[6] > 1
    size = struct.unpack("<I" if wide else "<H", file.read(4 if wide else 2))[0]
    if size > _LONGEST_HEADER:
        raise ValueError(tr("{array} is no plain array", array=word))
    return file.read(size).decode("utf-8" if start[6] > 2 else "latin-1").strip()


def _check(headers: Mapping[str, Header], name: str, key: str) -> None:
    """Check what shows without the values."""
    total = 0
    for word, header in headers.items():
        shape = " × ".join(map(str, header.shape)) or "0-d"
        if not header.shape or not all(header.shape):
            text = tr("{array} is empty: {shape}", array=word, shape=shape)
            raise InputError(key, name, text)
        kind = header.dtype[1:2]
        if word.startswith("x") and not (header.dtype[1:] == "u1" or kind == "f"):
            text = "{array} must hold bytes (uint8) or floats, not {dtype}"
            text = tr(text, array=word, dtype=header.dtype)
            raise InputError(key, name, text)
        if word.startswith("y") and kind not in "iu":
            text = "{array} must hold whole numbers, the classes, not {dtype}"
            text = tr(text, array=word, dtype=header.dtype)
            raise InputError(key, name, text)
        total += header.nbytes
    if total > MOST_BYTES:
        text = tr("at most {n} GB of arrays", n=MOST_BYTES >> 30)
        raise InputError(key, name, text)
    for x in (word for word in headers if word.startswith("x")):
        y = "y" + x[1:]
        if headers[x].shape[0] != headers[y].shape[0]:
            text = "{x} has {n} samples and {y} has {m}"
            n, m = headers[x].shape[0], headers[y].shape[0]
            raise InputError(key, name, tr(text, x=x, y=y, n=n, m=m))
    first = headers.get("x") or headers["x_train"]
    if first.shape[1:] != headers.get("x_test", first).shape[1:]:
        text = tr("x_train and x_test must have images of one shape")
        raise InputError(key, name, text)
    if "x" in headers and first.shape[0] < 2:
        raise InputError(key, name, tr("at least two samples"))
