"""Blocks of values survive their encoding bit by bit."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optlab.records import Floats
from optlab.store import encoding
from optlab.store.encoding import decode, decode_indexed, encode, encode_indexed

NAN_WITH_PAYLOAD = np.array([0x7FF8000000000123], dtype=np.uint64).view(np.float64)

BLOCKS: dict[str, Floats] = {
    encoding.CONSTANT: np.full(4096, 0.1),
    encoding.FLOAT32: np.random.default_rng(0).random(4096, np.float32).astype(float),
    encoding.FLOAT64: np.random.default_rng(0).standard_normal(4096),
    encoding.ZLIB: np.arange(4096) / 30,
}


@pytest.mark.parametrize("name", BLOCKS)
def test_that_each_encoding_is_chosen_where_it_suits(name: str) -> None:
    chosen, data = encode(BLOCKS[name], compress=True)
    assert chosen == name
    found = decode(chosen, 4096, data).astype(np.float64)
    assert found.tobytes() == BLOCKS[name].tobytes()


@pytest.mark.parametrize(
    "values",
    [
        np.array([np.nan]),
        NAN_WITH_PAYLOAD,
        np.array([0.0, -0.0]),
        np.array([np.inf, -np.inf, 1e300, 5e-324]),
        np.array([np.nan, 1.0, 2.0]),
        np.r_[NAN_WITH_PAYLOAD, np.nan, 1.0],
        np.full(7, -0.0),
        np.array([1.0, 1e-50, 1.0]),
    ],
)
def test_that_odd_values_survive_bit_by_bit(values: Floats) -> None:
    for compress in (False, True):
        name, data = encode(values, compress=compress)
        found = decode(name, len(values), data).astype(np.float64)
        assert found.tobytes() == values.tobytes()


@given(st.lists(st.floats(), min_size=1, max_size=100), st.booleans())
def test_that_any_values_survive_bit_by_bit(
    values: list[float], compress: bool
) -> None:
    block = np.array(values)
    name, data = encode(block, compress=compress)
    found = decode(name, len(block), data).astype(np.float64)
    assert found.tobytes() == block.tobytes()


def test_that_sparse_values_keep_their_steps() -> None:
    steps, values = np.array([0, 7, 2**40]), np.array([1.0, np.nan, -np.inf])
    found = decode_indexed(3, encode_indexed(steps, values))
    assert found[0].tolist() == steps.tolist()
    assert found[1].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("name", "n", "data"),
    [
        ("float64", 3, bytes(16)),
        ("float32", 3, bytes(16)),
        ("constant", 3, bytes(16)),
        ("float64", 0, b""),
        ("float64", -1, b""),
        ("constant", 2**60, bytes(8)),
        ("zlib", 3, b"not zlib"),
        ("zlib", 3, b""),
        ("pickle", 3, bytes(24)),
    ],
)
def test_that_a_damaged_block_is_refused(name: str, n: int, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(name, n, data)


def test_that_a_block_that_would_fill_the_memory_is_refused() -> None:
    bomb = zlib.compress(bytes(2**24))
    with pytest.raises(ValueError, match="numbers"):
        decode(encoding.ZLIB, 8, bomb)
    with pytest.raises(ValueError, match="steps and values"):
        decode_indexed(2**40, b"")
