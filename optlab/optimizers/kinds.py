"""What each parameter of a model is: bias, norm, hidden matrix, output layer.

Patterns of param groups speak of these kinds, see `optlab.spec.groups`.
"""

import re
from typing import Final

import torch

from optlab.spec import ParameterInfo

_EMBEDDING: Final = re.compile(r"(^|[._])(emb|embed\w*|wte|wpe)([._]|$)")
_NORMS: Final = (
    torch.nn.modules.batchnorm._NormBase,
    torch.nn.LayerNorm,
    torch.nn.GroupNorm,
    torch.nn.RMSNorm,
)


def parameter_infos(model: torch.nn.Module) -> tuple[ParameterInfo, ...]:
    """Return name, shape and kinds of every parameter, in the order of the model."""
    owners = {
        f"{prefix}.{name}" if prefix else name: module
        for prefix, module in model.named_modules()
        for name, _ in module.named_parameters(recurse=False)
    }
    named = list(model.named_parameters())
    output = _output(named, owners)
    return tuple(
        ParameterInfo(
            name=name,
            shape=tuple(p.shape),
            kinds=_kinds(name, p, owners[name], output),
        )
        for name, p in named
    )


def is_embedding(name: str) -> bool:
    """Return whether a parameter's name says that it is an embedding table."""
    return _EMBEDDING.search(name.lower()) is not None


def _output(
    named: list[tuple[str, torch.nn.Parameter]], owners: dict[str, torch.nn.Module]
) -> torch.nn.Module | None:
    """Return the module of the last weight that is no embedding."""
    for name, parameter in reversed(named):
        if parameter.ndim >= 2 and not _embeds(name, owners[name]):
            return owners[name]
    return None


def _embeds(name: str, owner: torch.nn.Module) -> bool:
    return isinstance(owner, torch.nn.Embedding) or is_embedding(name)


def _kinds(
    name: str,
    parameter: torch.nn.Parameter,
    owner: torch.nn.Module,
    output: torch.nn.Module | None,
) -> tuple[str, ...]:
    leaf = name.rpartition(".")[2]
    norm, embedding = isinstance(owner, _NORMS), _embeds(name, owner)
    # A model may hold all its weights itself; then none of them is a layer apart.
    layered = not any(True for _ in owner.children())
    last = owner is output and layered
    matrix = parameter.ndim == 2 and not embedding
    found = {
        ":vectors": parameter.ndim < 2,
        ":biases": parameter.ndim < 2 and "bias" in leaf and not norm,
        ":norms": norm,
        ":matrices": matrix,
        ":hidden-matrices": matrix and not last,
        ":convolutions": parameter.ndim > 2,
        ":embeddings": embedding,
        ":output": last,
    }
    return tuple(kind for kind, holds in found.items() if holds)
