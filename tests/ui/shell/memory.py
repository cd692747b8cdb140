"""What this process holds, and what of it is more than the values of a run.

The resident size alone does not tell of a leak of 1 MB in an hour. In that time a run
records a hundred times as much; its arrays double, all at the same step, and what they
leave behind stays with the allocator until it is asked to give it back.
"""

import ctypes
import gc
import sys
from dataclasses import dataclass
from typing import Final, Self

from optlab.store.growing import Growing
from optlab.ui.status import memory_in_use

BLOCK: Final = 64
"""Bytes of an object that Python keeps apart from what it asks of the C library."""


class _Books(ctypes.Structure):
    """``struct mallinfo2`` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What this process holds at one moment, in bytes.

    Attributes:
        resident: Memory that it takes of the machine, what is free given back.
        used: What is in use of it and is no room for values of a run; 0 where the C
            library does not say.
    """

    resident: int
    used: int

    @classmethod
    def now(cls) -> Self:
        """Return what is held now."""
        gc.collect()
        library = ctypes.CDLL(None)
        if not hasattr(library, "mallinfo2"):
            return cls(resident=memory_in_use(), used=0)
        library.malloc_trim(0)
        library.mallinfo2.restype = _Books
        books = library.mallinfo2()
        # Not isinstance, which asks some objects for more than they like to tell.
        room = sum(o._buffer.nbytes for o in gc.get_objects() if type(o) is Growing)
        used = books.uordblks + books.hblkhd - room
        used += BLOCK * sys.getallocatedblocks()
        return cls(resident=memory_in_use(), used=used)
