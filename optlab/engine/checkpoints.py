"""Trees of tensors and plain values as bytes, without pickle.

A checkpoint may come from a file that somebody sent: reading one must never run code.
A tree is JSON whose tensors are replaced by places in an ``.npz`` archive, which is
read with ``allow_pickle=False``.
"""

import io
import json
import zipfile
from typing import Any

import numpy as np
import torch

from optlab.translate import tr

_TENSOR, _TUPLE, _DICT = "tensor", "tuple", "dict"


def pack(tree: object) -> bytes:
    """Return ``tree`` as bytes.

    Args:
        tree: Nested dicts (keys: strings or integers), lists and tuples of tensors,
            numbers, strings, booleans and None.
    """
    arrays: list[np.ndarray[Any, Any]] = []
    text = json.dumps(_encode(tree, arrays))
    buffer = io.BytesIO()
    named = {f"a{i}": array for i, array in enumerate(arrays)}
    np.savez(buffer, tree=np.frombuffer(text.encode(), dtype=np.uint8), **named)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack(data: bytes) -> Any:
    """Return the tree that `pack` made ``data`` of; tensors are on the CPU.

    Raises:
        Exception: Of any kind, where it was made otherwise; nothing of it was run.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        # `pack` compresses nothing, so nothing can unfold to gigabytes.
        if any(info.compress_type for info in archive.infolist()):
            raise ValueError(tr("it is compressed"))
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        text = arrays["tree"].tobytes().decode()
        return _decode(json.loads(text), arrays)


def _encode(node: object, arrays: list[np.ndarray[Any, Any]]) -> object:
    if isinstance(node, torch.Tensor):
        name = str(node.dtype).removeprefix("torch.")
        # NumPy has no bfloat16: its bits travel as integers of the same width.
        plain = node.detach().cpu().contiguous()
        bits = plain.view(torch.int16) if node.dtype is torch.bfloat16 else plain
        arrays.append(bits.numpy().copy())
        return {
            _TENSOR: len(arrays) - 1,
            "dtype": name,
            "channels_last": _is_channels_last(node),
        }
    if isinstance(node, dict):
        return {_DICT: [[key, _encode(value, arrays)] for key, value in node.items()]}
    if isinstance(node, tuple):
        return {_TUPLE: [_encode(value, arrays) for value in node]}
    if isinstance(node, list):
        return [_encode(value, arrays) for value in node]
    if node is None or isinstance(node, bool | int | float | str):
        return node
    raise TypeError(f"a checkpoint cannot hold {type(node).__name__}")


def _decode(node: Any, archive: Any) -> Any:
    if isinstance(node, list):
        return [_decode(value, archive) for value in node]
    if not isinstance(node, dict):
        return node
    if _TENSOR in node:
        plain = torch.from_numpy(archive[f"a{node[_TENSOR]}"])
        if node["dtype"] == "bfloat16":
            plain = plain.view(torch.bfloat16)
        if node["channels_last"]:
            # Kernels may round differently for other strides, so these come back too.
            plain = plain.contiguous(memory_format=torch.channels_last)
        return plain
    if _TUPLE in node:
        return tuple(_decode(value, archive) for value in node[_TUPLE])
    return {key: _decode(value, archive) for key, value in node[_DICT]}


def _is_channels_last(tensor: torch.Tensor) -> bool:
    return (
        tensor.dim() == 4
        and not tensor.is_contiguous()
        and tensor.is_contiguous(memory_format=torch.channels_last)
    )
