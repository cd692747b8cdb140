"""Files that are there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from optlab.params import InputError
from optlab.translate import tr


@contextmanager
def written_whole(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary name beside ``path``, and rename it when the block is done.

    If the block fails, nothing is left and ``path`` is as it was. The temporary name
    has the same suffix, by which writers may choose a format.

    Args:
        path: The file to be written.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        InputError: The file is there already, its folder is missing, or it cannot be
            written.
    """
    check_free(path, overwrite=overwrite)
    draft = path.with_name(f".{path.stem[:100]}-{token_hex(4)}{path.suffix}")
    try:
        yield draft
        check_free(path, overwrite=overwrite)
        draft.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        text = tr("cannot be written: {reason}", reason=reason)
        raise InputError(str(path), None, text) from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def check_free(path: Path, *, overwrite: bool = False) -> None:
    """Check that ``path`` can be written.

    Raises:
        InputError: It is there already, is a folder, or its folder is missing.
    """
    try:
        is_folder, taken = path.is_dir(), path.exists() or path.is_symlink()
        has_folder = path.parent.is_dir()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        text = tr("cannot be written: {reason}", reason=reason)
        raise InputError(str(path), None, text) from None
    if is_folder:
        raise InputError(str(path), None, tr("a folder; give the name of a file"))
    if taken and not overwrite:
        raise InputError(
            str(path), None, tr("is there already; nothing is overwritten")
        )
    if not has_folder:
        text = tr("no such folder; create it, or give another")
        raise InputError(str(path.parent), None, text)
