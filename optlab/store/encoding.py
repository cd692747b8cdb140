"""How blocks of values become bytes in a run file, and back; little-endian throughout.

A block never changes a bit: ``float32`` is used only where every value survives it.
"""

import zlib
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from optlab.records import Floats, Ints

Numbers: TypeAlias = npt.NDArray[np.floating[Any]]
"""Of 4 or of 8 bytes."""

CONSTANT: Final = "constant"
FLOAT32: Final = "float32"
FLOAT64: Final = "float64"
ZLIB: Final = "zlib"
INDEXED: Final = "indexed"

MAX_BLOCK: Final = 1 << 20
"""Most values that a block may claim to hold; a larger number is damage."""

_PROBE: Final = 16
_WORTH: Final = 0.8
"""Of the plain bytes: to save less is not worth the time that reading takes."""


def encode(values: Floats, *, compress: bool = False) -> tuple[str, bytes]:
    """Return the encoding that suits ``values``, and their bytes in it.

    Args:
        values: At least one value.
        compress: Whether to try zlib, which is taken where it saves a fifth.
    """
    values = np.ascontiguousarray(values, dtype="<f8")
    bits = values.view(np.int64)
    if bits[0] == bits[-1] and bool((bits == bits[0]).all()):
        return CONSTANT, values[:1].tobytes()
    encoding, plain = FLOAT64, values.tobytes()
    if _exact_in_float32(values[:_PROBE]) and _exact_in_float32(values):
        encoding, plain = FLOAT32, values.astype("<f4").tobytes()
    if compress:
        packed = zlib.compress(shuffle(values.tobytes()), 1)
        if len(packed) < _WORTH * len(plain):
            return ZLIB, packed
    return encoding, plain


def decode(encoding: str, n: int, data: bytes) -> Numbers:
    """Return the ``n`` values of a block of dense values, in the type it has them in.

    What is returned is for reading: nothing is copied that need not be.

    Raises:
        ValueError: The bytes are not such a block.
    """
    if not 0 < n <= MAX_BLOCK:
        raise ValueError(f"a block of {n} values")
    if encoding == CONSTANT:
        return np.broadcast_to(_numbers(data, "<f8", 1), n)
    if encoding == FLOAT32:
        return _numbers(data, "<f4", n)
    if encoding == FLOAT64:
        return _numbers(data, "<f8", n)
    if encoding == ZLIB:
        try:
            # The bound keeps a malicious block from filling the memory.
            raw = zlib.decompressobj().decompress(data, 8 * n + 8)
        except zlib.error as error:
            raise ValueError(str(error)) from None
        return _numbers(unshuffle(raw), "<f8", n)
    raise ValueError(f"unknown encoding {encoding!r}")


def encode_indexed(steps: Ints, values: Floats) -> bytes:
    """Return the bytes of values that were measured at some steps only."""
    return steps.astype("<i8").tobytes() + values.astype("<f8").tobytes()


def decode_indexed(n: int, data: bytes) -> tuple[Ints, Floats]:
    """Return steps and values of an indexed block.

    Raises:
        ValueError: The bytes are not such a block.
    """
    if not 0 < n <= MAX_BLOCK or len(data) != 16 * n:
        raise ValueError(f"{len(data)} bytes for {n} steps and values")
    steps = np.frombuffer(data[: 8 * n], dtype="<i8").astype(np.int64, copy=False)
    values = np.frombuffer(data[8 * n :], dtype="<f8").astype(np.float64, copy=False)
    return steps, values


def shuffle(raw: bytes) -> bytes:
    """Return the bytes of 8-byte numbers with all first bytes first, and so on."""
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, 8).T.tobytes()


def unshuffle(data: bytes) -> bytes:
    """Undo `shuffle`."""
    if len(data) % 8:
        raise ValueError(f"{len(data)} bytes of 8-byte numbers")
    return np.frombuffer(data, dtype=np.uint8).reshape(8, -1).T.tobytes()


def _exact_in_float32(values: Floats) -> bool:
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        back = values.astype(np.float32).astype(np.float64)
    return bool((back.view(np.int64) == values.view(np.int64)).all())


def _numbers(data: bytes, kind: str, n: int) -> Numbers:
    if len(data) != n * np.dtype(kind).itemsize:
        raise ValueError(f"{len(data)} bytes for {n} numbers of {kind}")
    return np.frombuffer(data, dtype=kind)
