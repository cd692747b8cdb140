"""Builds a torch optimizer from a catalog entry and its values.

What is not given to torch stays as torch has it: ``foreach`` and ``fused`` of None
choose the same code as a bare `torch.optim` call, so that trajectories are bitwise
those of a plain loop. Every optimizer that is built here goes on bitwise from a
``state_dict``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch

from optlab.optimizers.exact_load import load_exactly
from optlab.optimizers.muon_split import MuonSplit
from optlab.params import Values
from optlab.registry import OptimizerInfo, resolve


@dataclass(frozen=True)
class Built:
    """An optimizer that is ready to step.

    Attributes:
        optimizer: The optimizer.
        notes: What was done for it, in plain sentences (Muon's split, say).
    """

    optimizer: torch.optim.Optimizer
    notes: tuple[str, ...]


def build_optimizer(
    info: OptimizerInfo,
    values: Values,
    named_parameters: Sequence[tuple[str, torch.nn.Parameter]],
) -> Built:
    """Build the optimizer that a catalog entry describes.

    Args:
        info: The catalog entry. Its factory takes the parameters and then every
            hyperparameter by its name; that of an optimizer for matrices only takes
            pairs of names and parameters, because it has to tell layers apart.
        values: Hyperparameters; defaults are filled in.
        named_parameters: Names and parameters of the model, in its order.
    """
    factory = cast("Callable[..., torch.optim.Optimizer]", resolve(info.factory))
    keywords = dict(info.complete(values))
    if info.matrices_only:
        optimizer = factory(named_parameters, **keywords)
    else:
        optimizer = factory([p for _, p in named_parameters], **keywords)
    load_exactly(optimizer)
    notes = optimizer.notes() if isinstance(optimizer, MuonSplit) else ()
    return Built(optimizer, notes)


def state_floats(optimizer: torch.optim.Optimizer) -> int:
    """Return how many numbers of state ``optimizer`` holds besides the weights.

    Counters and other single numbers (0-d tensors) are left out.
    """
    return sum(_numel(state) for state in optimizer.state.values())


def _numel(value: object) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel() if value.ndim else 0
    if isinstance(value, dict):
        return sum(_numel(v) for v in value.values())
    if isinstance(value, list | tuple):
        return sum(_numel(v) for v in value)
    return 0
