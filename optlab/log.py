"""The log: what went wrong, in a few small files in a person's own folder.

A record is one line, but for a traceback. All files together stay under `MOST_BYTES`,
with several processes writing, too; where nothing can be written the program goes on
without. Imports neither torch nor Qt.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from platformdirs import user_log_path

from optlab import __version__

FILE: Final = "optlab.log"
FILES: Final = 5
FILE_BYTES: Final = 2_000_000
MOST_BYTES: Final = 50_000_000
# A record without end (a message that holds an array, say) is cut.
_RECORD_CHARACTERS: Final = 100_000
_FORM: Final = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def log_file(folder: Path | None = None) -> Path:
    """Return where the log is, or would be.

    Args:
        folder: Its folder; None for the user's own.
    """
    return (folder or user_log_path("optlab", appauthor=False)) / FILE


@contextmanager
def logging_to_file(folder: Path | None = None, *, start: str = "") -> Iterator[Path]:
    """Write what the program logs to its file, for the time of a block.

    Args:
        folder: Folder of the log; None for the user's own.
        start: What begins, noted together with the version.

    Yields:
        The file.
    """
    path = log_file(folder)
    logger = logging.getLogger("optlab")
    if any(isinstance(handler, _Handler) for handler in logger.handlers):
        # The window is opened from within the command line.
        logger.info("%s", start)
        yield path
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    handler = _Handler(path)
    handler.setFormatter(_OneLine(_FORM))
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        logger.info("optlab %s %s", __version__, start)
        yield path
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


def last_lines(count: int, folder: Path | None = None) -> tuple[str, ...]:
    """Return the newest lines of the log, oldest first; none where there is no log."""
    lines: list[str] = []
    path = log_file(folder)
    for file in (path, *(path.with_name(f"{FILE}.{i}") for i in range(1, FILES))):
        with suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="replace")
            lines = text.splitlines() + lines
        if len(lines) >= count:
            break
    return tuple(lines[-count:])


class _Handler(RotatingFileHandler):
    """Rotates small files, and never complains where a person would see it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=FILE_BYTES,
            backupCount=FILES - 1,
            encoding="utf-8",
            delay=True,
            errors="backslashreplace",
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Go on without: a full disk or a read-only home stops nothing."""

    def close(self) -> None:
        """Close the file, whether or not the last of it could be written."""
        with suppress(OSError):
            super().close()


class _OneLine(logging.Formatter):
    """Keeps a message on its line, so that nobody's data can pose as a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record, its traceback indented below it."""
        message, *trace = super().format(record).splitlines()
        text = "\n".join([message, *(f"    {line}" for line in trace)])
        return text[:_RECORD_CHARACTERS]
