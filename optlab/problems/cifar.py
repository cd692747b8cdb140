"""CIFAR-10 and CIFAR-100 from their official binary archives.

Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images". A record is
one label byte (CIFAR-100: a coarse and a fine one) and 3072 pixel bytes: 32×32 of red,
then green, then blue. Only named members are read, never extracted to disk; gzip's
checksum covers every byte. Must not import torch.
"""

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from platformdirs import user_data_path

from optlab.own_files import is_file, path_of
from optlab.params import InputError
from optlab.problems.images import Bytes, ImageSet, LabelledImages
from optlab.problems.sniff import Looks, looks_of
from optlab.translate import tr

FOLDER_VARIABLE: Final = "OPTLAB_DATA"
_PIXELS: Final = 3072
# The official archives hold 185 MB in fewer than ten members.
_MOST_BYTES: Final = 400_000_000
_MOST_MEMBERS: Final = 100
# A member that says something of the next one (a long name, say) is read at once.
_MOST_ABOUT: Final = 100_000
_ABOUT: Final = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one of the two datasets is packed, and where it comes from.

    Attributes:
        name: Its name in the catalog.
        archive: File name of the archive.
        url: Where it is published.
        sha256: Hash of the whole archive.
        size: Bytes of the archive.
        train: Members that hold the training part, in order.
        test: Members that hold the held-out part.
        label_counts: Number of legal values of each label byte of a record; the last
            one is the class.
        most_records: Records in a member, at most.
    """

    name: str
    archive: str
    url: str
    sha256: str
    size: int
    train: tuple[str, ...]
    test: tuple[str, ...]
    label_counts: tuple[int, ...]
    most_records: int

    @property
    def record(self) -> int:
        """Bytes of a record."""
        return len(self.label_counts) + _PIXELS


# Hashes and sizes as in TensorFlow Datasets, url_checksums/cifar10.txt and
# cifar100.txt; MLDatasets.jl and torchvision-ruby pin the same ones.
LAYOUTS: Final = (
    Layout(
        name="cifar10",
        archive="cifar-10-binary.tar.gz",
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        size=170_052_171,
        train=tuple(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)),
        test=("cifar-10-batches-bin/test_batch.bin",),
        label_counts=(10,),
        most_records=10_000,
    ),
    Layout(
        name="cifar100",
        archive="cifar-100-binary.tar.gz",
        url="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        sha256="58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        size=168_513_733,
        train=("cifar-100-binary/train.bin",),
        test=("cifar-100-binary/test.bin",),
        label_counts=(20, 100),
        most_records=50_000,
    ),
)


def data_folder() -> Path:
    """Return where datasets live: ``OPTLAB_DATA``, or the user's data folder."""
    given = os.environ.get(FOLDER_VARIABLE)
    if given:
        return path_of(given)
    return user_data_path("optlab", appauthor=False) / "datasets"


def load_cifar10() -> ImageSet:
    """Return CIFAR-10.

    Raises:
        InputError: Its archive is missing or damaged.
    """
    return load(LAYOUTS[0])


def load_cifar100() -> ImageSet:
    """Return CIFAR-100 with its hundred fine classes.

    Raises:
        InputError: Its archive is missing or damaged.
    """
    return load(LAYOUTS[1])


def load(layout: Layout, *, folder: Path | None = None) -> ImageSet:
    """Return the images of an archive that has been fetched.

    Args:
        layout: Which of the two.
        folder: Where it lies; `data_folder` if None.

    Raises:
        InputError: The archive is missing or damaged.
    """
    path = (folder or data_folder()) / layout.archive
    if not is_file(path):
        text = tr(
            "not on this machine; fetch it with: optlab data get {name}",
            name=layout.name,
        )
        raise InputError("problem.dataset", layout.name, text)
    return read_archive(path, layout)


def read_archive(path: Path, layout: Layout) -> ImageSet:
    """Return the images of one archive.

    Raises:
        InputError: The file is not such an archive, or is damaged.
    """
    members = _read_members(path, layout)
    return ImageSet(
        _joined(path, layout, [members[name] for name in layout.train]),
        _joined(path, layout, [members[name] for name in layout.test]),
        layout.label_counts[-1],
    )


class _Member(tarfile.TarInfo):
    """A header that cannot ask for much memory before anybody sees it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header that some bytes are."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _ABOUT and member.size > _MOST_ABOUT:
            raise tarfile.ReadError("a longer name than there should be")
        return member


class _Bounded(io.BufferedIOBase):
    """A stream that refuses to give more bytes than an honest archive holds."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        super().__init__()
        self._stream = stream
        self._left = _MOST_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most ``size`` bytes."""
        most = self._left + 1
        data = self._stream.read(min(size, most) if size and size > 0 else most)
        self._left -= len(data)
        if self._left < 0:
            raise tarfile.ReadError("more data than there should be")
        return data


def _read_members(path: Path, layout: Layout) -> Mapping[str, bytes]:
    """Return the named members in one pass over the stream."""
    wanted = {*layout.train, *layout.test}
    found: dict[str, bytes] = {}
    try:
        looks = looks_of(path)
        if looks is not Looks.GZIP:
            raise _damaged(path, layout, tr("it is {looks}", looks=looks.words()))
        with gzip.open(path) as unzipped:
            stream = _Bounded(unzipped)
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as tar:
                for count, member in enumerate(tar):
                    if count >= _MOST_MEMBERS:
                        raise tarfile.ReadError("more members than there should be")
                    name = member.name.removeprefix("./")
                    # A link or a device of that name is none of the archive's data.
                    plain = member.isreg() and not member.issparse()
                    if plain and name in wanted and name not in found:
                        found[name] = _read_member(tar, member, path, layout)
            # To the very end, so that gzip compares its checksum.
            while stream.read(1 << 20):
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, layout, str(error)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be read: {reason}", reason=reason)
        raise InputError(str(path), None, text) from None
    missing = sorted(wanted - found.keys())
    if missing:
        text = tr(
            "{member} is not in it; it must be the binary version", member=missing[0]
        )
        raise _damaged(path, layout, text)
    return found


def _read_member(
    tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path, layout: Layout
) -> bytes:
    records, rest = divmod(member.size, layout.record)
    if rest or not 1 <= records <= layout.most_records:
        text = tr(
            "{member} has {size} bytes; it must be 1 to {most} records of {record}",
            member=member.name,
            size=member.size,
            most=layout.most_records,
            record=layout.record,
        )
        raise _damaged(path, layout, text)
    file = tar.extractfile(member)
    data = file.read() if file is not None else b""
    if len(data) != member.size:
        raise tarfile.ReadError("unexpected end of data")
    return data


def _joined(path: Path, layout: Layout, members: list[bytes]) -> LabelledImages:
    """Return the records of several members as images and labels."""
    labels_first = len(layout.label_counts)
    count = sum(len(data) for data in members) // layout.record
    images: Bytes = np.empty((count, 32, 32, 3), dtype=np.uint8)
    labels = np.empty(count, dtype=np.int64)
    first = 0
    for data in members:
        records = np.frombuffer(data, dtype=np.uint8).reshape(-1, layout.record)
        for column, legal in enumerate(layout.label_counts):
            worst = int(records[:, column].max())
            if worst >= legal:
                text = tr("label {label}; at most {most}", label=worst, most=legal - 1)
                raise _damaged(path, layout, text)
        last = first + len(records)
        planes = records[:, labels_first:].reshape(-1, 3, 32, 32)
        images[first:last] = planes.transpose(0, 2, 3, 1)
        labels[first:last] = records[:, labels_first - 1]
        first = last
    return LabelledImages(images, labels)


def _damaged(path: Path, layout: Layout, reason: str) -> InputError:
    text = tr(
        "not a usable {archive}: {reason}; fetch it with: optlab data get {name}",
        archive=layout.archive,
        reason=" ".join(reason.split()),
        name=layout.name,
    )
    return InputError(str(path), None, text)
