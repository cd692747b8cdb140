"""Small archives in the exact layout of the official binary ones."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from optlab.problems.cifar import LAYOUTS, Layout

CIFAR10, CIFAR100 = LAYOUTS


def records(layout: Layout, count: int, *, seed: int = 0) -> bytes:
    """Return ``count`` records with random labels and pixels."""
    draw = np.random.default_rng(seed)
    labels = [draw.integers(n, size=(count, 1)) for n in layout.label_counts]
    pixels = draw.integers(256, size=(count, 3072))
    return np.hstack([*labels, pixels]).astype(np.uint8).tobytes()


def members(layout: Layout, count: int) -> dict[str, bytes]:
    """Return the content of every member, ``count`` records each."""
    names = (*layout.train, *layout.test)
    content = {n: records(layout, count, seed=i) for i, n in enumerate(names)}
    folder = names[0].partition("/")[0]
    return {f"{folder}/readme.html": b"<html>about</html>", **content}


def packed(content: Mapping[str, bytes], *links: tarfile.TarInfo) -> bytes:
    """Return a gzipped tar archive of these members, after these links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for link in links:
            tar.addfile(link)
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)


def archive(layout: Layout, count: int = 4) -> bytes:
    """Return a whole small archive."""
    return packed(members(layout, count))


def sha256(data: bytes) -> str:
    """Return the hash of some bytes."""
    return hashlib.sha256(data).hexdigest()


def put(folder: Path, layout: Layout, data: bytes) -> Path:
    """Write an archive where the loader looks for it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / layout.archive
    path.write_bytes(data)
    return path
