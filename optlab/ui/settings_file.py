"""The window's settings: an INI file that Qt reads, and that may not hold code.

PySide6 keeps Python objects in an INI file as pickles, which run code when they are
read. OptLab keeps none, so a file that holds a binary value of Qt at all is put aside.
"""

import logging
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings

FILE: Final = "window.ini"
ASIDE: Final = "window.refused.ini"
_BINARY: Final = "@variant("
_MOST_BYTES: Final = 10_000_000
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|\r?\n|(.))")

logger = logging.getLogger(__name__)


def open_settings(folder: Path) -> QSettings:
    """Return the settings in a folder; new ones if what is there may run code."""
    path = folder / FILE
    if is_hostile(path):
        logger.warning("%s holds a binary value and is put aside as %s", path, ASIDE)
        try:
            path.replace(folder / ASIDE)
        except OSError:
            path = folder / f"new-{FILE}"
            with suppress(OSError):
                path.unlink()
    return QSettings(str(path), QSettings.Format.IniFormat)


def is_hostile(path: Path) -> bool:
    """Return whether an INI file holds what Qt would unpack to an object."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError:
        return False
    # As Qt does it: escapes become letters, quotes go, and what they parted is one.
    text = _ESCAPE.sub(_letter, data.decode("utf-8", errors="replace"))
    plain = text.replace('"', "").replace("\0", "").lower()
    return _BINARY in plain or len(data) > _MOST_BYTES


def _letter(escape: re.Match[str]) -> str:
    digits, octal, other = escape.groups()
    if digits:
        code = int(digits[-4:], 16)
        return chr(code)
    if octal:
        return chr(int(octal, 8))
    return other or ""
