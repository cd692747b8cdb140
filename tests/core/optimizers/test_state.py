"""Saving and going on: bit for bit what would have been without a stop."""

import io

import pytest
import torch

from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.params import ParamValue
from optlab.registry import OptimizerInfo
from tests.core.optimizers.toy import (
    BY_NAME,
    TORCH,
    Named,
    advance,
    make,
    net_for,
    same_bits,
)

MORE: list[tuple[str, dict[str, ParamValue]]] = [
    ("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"momentum": 0.9, "fused": True}),
    ("ASGD", {"t0": 2.0, "lambd": 0.1}),
    ("RMSprop", {"momentum": 0.5, "centered": True}),
    ("Adam", {"amsgrad": True, "foreach": True}),
    ("AdamW", {"fused": True}),
    ("NAdam", {"momentum_decay": 0.3, "foreach": True}),
    ("LBFGS", {"line_search_fn": "strong_wolfe", "history_size": 2, "max_iter": 3}),
    ("LBFGS", {"max_iter": 1, "lr": 0.1}),
    ("Muon", {"adjust_lr_fn": "match_rms_adamw", "nesterov": False}),
    ("keras-sgd", {"momentum": 0.9, "nesterov": True}),
    ("textbook-rmsprop", {"momentum": 0.5, "centered": True}),
    ("tf1-rmsprop", {"momentum": 0.5, "centered": True}),
    ("textbook-adam", {"amsgrad": True, "weight_decay": 0.1, "decay": "decoupled"}),
]
CASES: list[tuple[OptimizerInfo, dict[str, ParamValue]]]
CASES = [(info, {}) for info in (*TORCH, *TEXTBOOK)] + [
    (BY_NAME[n], v) for n, v in MORE
]


def saved(named: Named, optimizer: torch.optim.Optimizer) -> bytes:
    buffer = io.BytesIO()
    weights = [p.detach() for _, p in named]
    torch.save({"optimizer": optimizer.state_dict(), "weights": weights}, buffer)
    return buffer.getvalue()


def restore(data: bytes, named: Named, optimizer: torch.optim.Optimizer) -> None:
    tree = torch.load(io.BytesIO(data), weights_only=True)
    with torch.no_grad():
        for (_, parameter), weights in zip(named, tree["weights"], strict=True):
            parameter.copy_(weights)
    optimizer.load_state_dict(tree["optimizer"])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    ("info", "values"), CASES, ids=[f"{i.name}{v or ''}" for i, v in CASES]
)
def test_that_training_goes_on_bitwise_from_a_saved_state(
    info: OptimizerInfo, values: dict[str, ParamValue], dtype: torch.dtype
) -> None:
    named = net_for(info, dtype)
    optimizer = make(info, named, **values)
    advance(info, named, optimizer, 5)
    data = saved(named, optimizer)
    advance(info, named, optimizer, 5)

    copy = net_for(info, dtype)
    other = make(info, copy, **values)
    restore(data, copy, other)
    advance(info, copy, other, 5)
    assert same_bits(named, copy)


def test_that_without_its_state_an_optimizer_would_go_elsewhere() -> None:
    info = BY_NAME["Adam"]
    named = net_for(info)
    optimizer = make(info, named)
    advance(info, named, optimizer, 5)
    data = saved(named, optimizer)
    advance(info, named, optimizer, 5)
    copy = net_for(info)
    restore(data, copy, make(info, copy))
    advance(info, copy, make(info, copy), 5)
    assert not same_bits(named, copy)


def test_that_nadam_reloads_its_product_of_momenta_in_its_own_type() -> None:
    info = BY_NAME["NAdam"]
    named = net_for(info)
    optimizer = make(info, named)
    advance(info, named, optimizer, 1)
    copy = net_for(info)
    other = make(info, copy)
    restore(saved(named, optimizer), copy, other)
    numbers = [state["mu_product"] for state in other.state.values()]
    assert {n.dtype for n in numbers} == {torch.float32}
    # Each has a number of its own, not that of the saved state.
    advance(info, copy, other, 1)
    first = next(iter(optimizer.state.values()))["mu_product"]
    assert float(numbers[0]) < float(first)


def test_that_one_state_can_be_loaded_twice() -> None:
    info = BY_NAME["NAdam"]
    named = net_for(info)
    optimizer = make(info, named)
    advance(info, named, optimizer, 3)
    data = saved(named, optimizer)
    nets = [net_for(info), net_for(info)]
    other = make(info, nets[0])
    restore(data, nets[0], other)
    advance(info, nets[0], other, 4)
    restore(data, nets[0], other)
    advance(info, nets[0], other, 2)
    advance(info, named, optimizer, 2)
    assert same_bits(named, nets[0])
