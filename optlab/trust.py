"""Which code of a person's own may run: files that were allowed, by their content.

A file is remembered by the hash of its bytes, so one that has changed is asked for
again. Imports neither torch nor Qt.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from platformdirs import user_config_path

VARIABLE: Final = "OPTLAB_TRUST"
"""Hashes with commas between them, or `ALL`, where nobody can be asked."""
ALL: Final = "all"
FILE: Final = "trusted.json"
_HASH_LETTERS: Final = 64


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of code, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def is_trusted(data: bytes, folder: Path | None = None) -> bool:
    """Return whether somebody has allowed this code to run.

    Args:
        data: The bytes of its file.
        folder: Where it is remembered; None for the user's own settings.
    """
    given = os.environ.get(VARIABLE, "")
    mark = fingerprint(data)
    return given == ALL or mark in given.split(",") or mark in _kept(folder)


def trust(data: bytes, path: Path, folder: Path | None = None) -> None:
    """Remember that code may run.

    Args:
        data: The bytes of its file.
        path: The file, for people who look at the list.
        folder: Where it is remembered; None for the user's own settings.

    Raises:
        OSError: It cannot be remembered.
    """
    file = _file(folder)
    kept = {**_kept(folder), fingerprint(data): str(path)}
    file.parent.mkdir(parents=True, exist_ok=True)
    # In one rename: another process may read it at this moment.
    temporary = file.with_name(f".{FILE}.{token_hex(4)}.tmp")
    try:
        temporary.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def handed_on(folder: Path | None = None) -> str:
    """Return what the variable must say where these settings cannot be read."""
    given = os.environ.get(VARIABLE, "")
    return given if given == ALL else ",".join([*given.split(","), *_kept(folder)])


def _file(folder: Path | None) -> Path:
    return (folder or user_config_path("optlab", appauthor=False)) / FILE


def _kept(folder: Path | None) -> Mapping[str, str]:
    found: object = None
    # A list that cannot be read allows nothing.
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(_file(folder).read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        return {}
    return {k: str(v) for k, v in found.items() if len(k) == _HASH_LETTERS}
