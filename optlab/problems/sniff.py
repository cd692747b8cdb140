"""What a file that should be an archive looks like from its first bytes.

Must not import torch.
"""

from enum import StrEnum
from pathlib import Path
from typing import Final

from optlab.translate import tr

_GZIP: Final = b"\x1f\x8b"
_WEB: Final = (b"<!doctype", b"<html", b"<head", b"<?xml")


class Looks(StrEnum):
    """What a file can look like."""

    GZIP = "gzip"
    EMPTY = "empty"
    WEB_PAGE = "web page"
    OTHER = "other"

    def words(self) -> str:
        """Return it as people read it."""
        match self:
            case Looks.GZIP:
                return tr("a gzip archive")
            case Looks.EMPTY:
                return tr("an empty file")
            case Looks.WEB_PAGE:
                return tr("a web page")
            case Looks.OTHER:
                return tr("no gzip archive")


def looks_of(path: Path) -> Looks:
    """Return what the file at ``path`` looks like."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        return Looks.EMPTY
    if head.startswith(_GZIP):
        return Looks.GZIP
    return Looks.WEB_PAGE if head.lstrip().lower().startswith(_WEB) else Looks.OTHER
