"""A lock that says that a run file is being written, and vanishes with its writer.

It lies on an empty file beside the run file and not on the run file itself: SQLite's
own locks on that one would be lost if this process opened and closed it once more.
"""

import os
import sys
import time
from pathlib import Path
from typing import Final

from optlab.params import InputError
from optlab.translate import tr

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    ["nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "fuse.sshfs", "lustre"]
)
_ATTEMPTS: Final = 50
_PAUSE: Final = 0.004


def is_on_network(path: Path) -> bool:
    """Return whether ``path`` is on a disk of another machine, as far as is known."""
    place = path.absolute()
    if place.drive.startswith("\\\\"):
        return True
    kind, longest = "", -1
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    for line in mounts:
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].replace("\\040", " "))
        if place.is_relative_to(point) and len(point.parts) > longest:
            kind, longest = after.split()[0], len(point.parts)
    return kind in _NETWORK


def lock_path(path: Path) -> Path:
    """Return where the lock of the run file ``path`` is."""
    return path.with_name(f"{path.name}-lock")


def is_being_written(path: Path) -> bool:
    """Return whether some program, this one included, is writing ``path``."""
    try:
        handle = os.open(lock_path(path), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _try_lock(handle, shared=True)
    finally:
        os.close(handle)


class WriterLock:
    """The lock of the one writer of a run file, held until `release`.

    Raises:
        InputError: Another writer has it.
    """

    def __init__(self, path: Path) -> None:
        self._path = lock_path(path)
        self._handle = -1
        for _ in range(_ATTEMPTS):
            if self._attempt():
                return
            # A reader that looks whether there is a writer holds it for an instant.
            time.sleep(_PAUSE)
        text = tr("another program is writing to it; wait until that has finished")
        raise InputError(str(path), None, text)

    def release(self) -> None:
        """Give the lock back and take its file away."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        if sys.platform == "win32":
            os.close(handle)
            _remove(self._path)
        else:
            # Removed before it is free, so that nobody removes a successor's file.
            _remove(self._path)
            os.close(handle)

    def _attempt(self) -> bool:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            reason = error.strerror or str(error)
            text = tr("cannot be written: {reason}", reason=reason)
            raise InputError(str(self._path), None, text) from None
        if _try_lock(handle, shared=False) and _is_at(handle, self._path):
            self._handle = handle
            return True
        os.close(handle)
        return False


def _is_at(handle: int, path: Path) -> bool:
    """Return whether the open file is the one that has this name now."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        # It is empty and harmless; the next writer takes it over.
        return


if sys.platform == "win32":

    def _try_lock(handle: int, *, shared: bool) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        if shared:
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        return True

else:

    def _try_lock(handle: int, *, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
