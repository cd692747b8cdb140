"""Datasets by name: whether they are there, getting them, loading them.

The command line and the window use this, too. Must not import torch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from optlab.own_files import is_file
from optlab.params import InputError, looks_like_path, unknown_name
from optlab.problems.catalog_images import DATASETS
from optlab.problems.cifar import LAYOUTS, Layout, data_folder, load
from optlab.problems.download import (
    PAUSES,
    Cancelled,
    DownloadCancelled,
    Progress,
    download,
    file_hash,
    install,
    part_of,
    writing,
)
from optlab.problems.images import ImageSet
from optlab.problems.own.loading import load_own
from optlab.registry import resolve
from optlab.translate import tr

__all__ = [
    "DatasetStatus",
    "DownloadCancelled",
    "data_folder",
    "dataset_status",
    "get_dataset",
    "load_images",
]

# No archive of images that is meant for a laboratory like this is larger.
_LIMIT: Final = 1 << 30
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class DatasetStatus:
    """Whether a dataset can be used here.

    Attributes:
        name: Its name in the catalog.
        ready: Whether it can be trained on now.
        download: Whether it has a file that must be fetched first.
        path: Where that file is or will be; None where there is none.
        size: Bytes of that file on this machine.
        partial: Bytes of an unfinished download.
        total: Bytes of the whole file.
    """

    name: str
    ready: bool
    download: bool
    path: Path | None = None
    size: int = 0
    partial: int = 0
    total: int = 0


def dataset_status(name: str, *, folder: Path | None = None) -> DatasetStatus:
    """Return whether a dataset can be used here; opens no file.

    Args:
        name: Its name in the catalog.
        folder: Where datasets live; `data_folder` if None.

    Raises:
        InputError: There is no such dataset.
    """
    _check_name(name)
    layout = _layout(name)
    if layout is None:
        return DatasetStatus(name=name, ready=True, download=False)
    path = (folder or data_folder()) / layout.archive
    size, part = _size(path), part_of(path)
    return DatasetStatus(
        name=name,
        ready=is_file(path),
        download=True,
        path=path,
        size=size,
        partial=_size(part),
        total=layout.size,
    )


def get_dataset(
    name: str,
    *,
    source: Path | None = None,
    url: str | None = None,
    sha256: str | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    folder: Path | None = None,
    pauses: Sequence[float] = PAUSES,
) -> Path:
    """Bring the file of a dataset onto this machine, unless it is there.

    Args:
        name: Its name in the catalog.
        source: A file that has been fetched by other means, to be copied.
        url: Another address than the official one.
        sha256: Another hash than that of the official file.
        progress: Called with bytes there and bytes in all (None where not known).
        cancelled: Asked several times a second whether to stop.
        folder: Where datasets live; `data_folder` if None.
        pauses: Seconds to wait before each new try.

    Returns:
        The file, whose hash is right.

    Raises:
        InputError: The name, the source or the address is wrong, or the file is
            another one; nothing was installed.
        DownloadCancelled: ``cancelled`` said so.
    """
    _check_name(name)
    layout = _layout(name)
    if layout is None:
        names = ", ".join(known.name for known in LAYOUTS)
        text = tr("it needs no download; those that do are {names}", names=names)
        raise InputError("dataset", name, text)
    expected = (sha256 or layout.sha256).lower()
    target = (folder or data_folder()) / layout.archive
    if source is not None:
        _copy(source, target, expected, progress=progress, cancelled=cancelled)
        return target
    with writing(target):
        if target.is_file() and file_hash(target, cancelled=cancelled) == expected:
            return target
    download(
        url or layout.url,
        target,
        sha256=expected,
        limit=_LIMIT,
        progress=progress,
        cancelled=cancelled,
        pauses=pauses,
    )
    return target


def load_images(
    name: str, *, folder: Path | None = None, own_size: int = 32
) -> ImageSet:
    """Return the images of a dataset.

    Args:
        name: Its name in the catalog, or the path of the user's own.
        folder: Where datasets live; `data_folder` if None.
        own_size: Side to which images of a folder of the user's are brought.

    Raises:
        InputError: There is no such dataset, or its file is missing or damaged.
    """
    if looks_like_path(name):
        return load_own(name, size=own_size)
    _check_name(name)
    layout = _layout(name)
    if layout is not None:
        return load(layout, folder=folder)
    info = next(info for info in DATASETS if info.name == name)
    return cast(Callable[[], ImageSet], resolve(info.factory))()


def _size(path: Path) -> int:
    return path.stat().st_size if is_file(path) else 0


def _check_name(name: str) -> None:
    names = [info.name for info in DATASETS]
    if name not in names:
        raise unknown_name("dataset", name, names, value=name)


def _layout(name: str) -> Layout | None:
    return next((layout for layout in LAYOUTS if layout.name == name), None)


def _copy(
    source: Path,
    target: Path,
    expected: str,
    *,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> None:
    """Copy a file to its place if its hash is right."""
    try:
        found = file_hash(source, cancelled=cancelled)
        total = source.stat().st_size
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be read: {reason}", reason=reason)
        raise InputError(str(source), None, text) from None
    with writing(target):
        if target.is_file() and target.samefile(source) and found == expected:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = target.with_name(target.name + ".copy")
        try:
            with source.open("rb") as reading, copy.open("wb") as written:
                there = 0
                while block := reading.read(_BLOCK):
                    if cancelled is not None and cancelled():
                        raise DownloadCancelled
                    there += written.write(block)
                    if progress is not None:
                        progress(there, total)
            install(copy, target, expected=expected, origin=str(source))
        finally:
            copy.unlink(missing_ok=True)
