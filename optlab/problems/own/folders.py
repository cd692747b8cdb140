"""How images lie in a folder: a folder for each class, perhaps in train and test.

Imports neither torch nor NumPy, and opens no image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from optlab.params import InputError
from optlab.problems.own.archives import held_out_from
from optlab.translate import tr

SUFFIXES: Final = (
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)

Labelled = tuple[Path, int]


@dataclass(frozen=True)
class Arrangement:
    """Which images there are, class after class, by name.

    Attributes:
        classes: Names of the classes, in order.
        train: Files to train on, or all if there is no test folder.
        test: Files held out; None where a part of all is to be held out.
    """

    classes: tuple[str, ...]
    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...] | None

    def sizes(self) -> tuple[int, int]:
        """Return how many images there are to train on, and held out."""
        if self.test is not None:
            return len(self.train), len(self.test)
        train = held_out_from(len(self.train))
        return train, len(self.train) - train


def arrangement(folder: Path, *, name: str, key: str) -> Arrangement:
    """Return how images lie in ``folder``.

    Args:
        folder: One folder for each class; or folders ``train`` and ``test`` with
            these in them.
        name: What was given.
        key: Where it was given.

    Raises:
        InputError: There are not two classes with images.
    """
    try:
        parted = (folder / "train").is_dir() and (folder / "test").is_dir()
        top = folder / "train" if parted else folder
        classes = _folders(top)
        if len(classes) < 2:
            text = "at least two folders with images in it, one for each class; {where} has {n}"  # noqa: E501
            where = top.name or str(top)
            raise InputError(key, name, tr(text, where=where, n=len(classes)))
        train = _images(top, classes, name, key)
        test = None
        if parted:
            other = folder / "test"
            strange = sorted(set(_folders(other)) - set(classes))
            if strange:
                text = tr("test/{name} has no counterpart in train", name=strange[0])
                raise InputError(key, name, text)
            held_out = [c for c in classes if (other / c).is_dir()]
            test = _images(other, held_out, name, key, all_classes=classes)
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be read: {reason}", reason=reason)
        raise InputError(key, name, text) from None
    if test is not None and not test:
        raise InputError(key, name, tr("there is no image in {name}", name="test"))
    return Arrangement(tuple(classes), train, test)


def _folders(top: Path) -> list[str]:
    return sorted(p.name for p in top.iterdir() if p.is_dir() and p.name[0] != ".")


def _images(
    top: Path,
    classes: Sequence[str],
    name: str,
    key: str,
    *,
    all_classes: Sequence[str] | None = None,
) -> tuple[Labelled, ...]:
    number = {word: i for i, word in enumerate(all_classes or classes)}
    found: list[Labelled] = []
    for word in classes:
        files = sorted(
            p
            for p in (top / word).iterdir()
            if p.suffix.lower() in SUFFIXES and p.name[0] != "." and p.is_file()
        )
        if not files:
            where = f"{top.name}/{word}"
            text = tr("there is no image in {name}", name=where)
            raise InputError(key, name, text)
        found += [(path, number[word]) for path in files]
    return tuple(found)
