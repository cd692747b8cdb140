"""Writing small files in one piece: what is there is old or new, never half."""

import os
from pathlib import Path
from secrets import token_hex

from optlab.params import InputError
from optlab.translate import tr


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8 by way of a temporary file beside it.

    Raises:
        InputError: The file cannot be written; what was there is unharmed.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(4)}.tmp")
    try:
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            str(path), None, tr("cannot be written: {reason}", reason=reason)
        ) from None
