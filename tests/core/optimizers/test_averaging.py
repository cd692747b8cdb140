"""Weight averages and cautious steps against their formulas."""

from typing import Any

import pytest
import torch

from optlab.optimizers.averaging import ExponentialAverage
from optlab.optimizers.build import build_optimizer
from optlab.params import ParamValue, Values
from tests.core.optimizers.toy import BY_NAME, Named, advance, make, parameters

NET = {"fc.weight": (3, 4), "fc.bias": (3,)}


def path_of(base: str, steps: int, **values: ParamValue) -> list[list[torch.Tensor]]:
    """Return the weights after each step of a bare optimizer."""
    named = parameters(NET)
    optimizer = make(BY_NAME[base], named, **values)
    path = []
    for _ in range(steps):
        advance(BY_NAME[base], named, optimizer, 1)
        path.append([p.detach().clone() for _, p in named])
    return path


def wrapped(name: str, steps: int, **values: ParamValue) -> tuple[Any, Named]:
    named = parameters(NET)
    optimizer: Any = make(BY_NAME[name], named, **values)
    advance(BY_NAME[name], named, optimizer, steps)
    return optimizer, named


def assert_equal(named: Named, expected: list[torch.Tensor]) -> None:
    for (_, p), value in zip(named, expected, strict=True):
        assert torch.allclose(p, value, rtol=1e-12, atol=0)


@pytest.mark.parametrize("warm_up", [True, False])
def test_that_ema_is_evaluated_at_the_average_of_its_formula(warm_up: bool) -> None:
    path = path_of("SGD", 9, lr=0.05, momentum=0.9)
    average = [p.clone() for p in path[0]]
    for t, weights in enumerate(path[1:], 2):
        decay = min(0.7, (1 + t) / (10 + t)) if warm_up else 0.7
        average = [
            decay * a + (1 - decay) * w for a, w in zip(average, weights, strict=True)
        ]
    optimizer, named = wrapped("EMA", 9, lr=0.05, decay=0.7, warm_up=warm_up)
    assert_equal(named, path[-1])
    optimizer.eval()
    assert_equal(named, average)
    optimizer.train()
    assert_equal(named, path[-1])


def test_that_swa_is_the_mean_of_the_weights_that_count() -> None:
    path = path_of("Adam", 12, lr=0.05)
    # Steps 4, 7 and 10.
    mean = [torch.stack(list(ws)).mean(0) for ws in zip(*path[3::3][:3], strict=True)]
    optimizer, named = wrapped("SWA", 12, base="Adam", lr=0.05, start=4, every=3)
    assert_equal(named, path[-1])
    optimizer.eval()
    assert_equal(named, mean)


@pytest.mark.parametrize("name", ["EMA", "SWA"])
def test_that_without_an_average_the_weights_are_evaluated(name: str) -> None:
    optimizer, named = wrapped(name, 0)
    before = [p.detach().clone() for _, p in named]
    optimizer.eval()
    optimizer.eval()
    assert_equal(named, before)
    optimizer.train()
    optimizer.train()
    assert_equal(named, before)


def test_that_a_cautious_step_never_goes_against_the_gradient() -> None:
    named = parameters({"x": (2,)})
    info = BY_NAME["Cautious"]
    optimizer = build_optimizer(info, Values({"lr": 0.1}), named).optimizer
    x = named[0][1]
    x.grad = torch.tensor([1.0, 1.0], dtype=torch.float64)
    optimizer.step()
    before = x.detach().clone()
    # Momentum 0.9·(1, 1) + (0.5, −0.5) = (1.4, 0.4): the second part is against it.
    x.grad = torch.tensor([0.5, -0.5], dtype=torch.float64)
    optimizer.step()
    moved = before - x.detach()
    assert torch.allclose(moved, torch.tensor([0.28, 0.0], dtype=torch.float64))


def test_that_caution_leaves_alone_what_agrees() -> None:
    path = path_of("SGD", 3, lr=0.01)
    _, named = wrapped("Cautious", 3, base="SGD", lr=0.01)
    assert_equal(named, path[-1])


def test_that_decoupled_decay_is_no_part_of_a_cautious_step() -> None:
    named = parameters({"x": (1,)})
    x = named[0][1]
    start = float(x.detach())
    values: dict[str, ParamValue] = {
        "base": "AdamW",
        "lr": 0.1,
        "base_weight_decay": 0.5,
    }
    info = BY_NAME["Cautious"]
    optimizer = build_optimizer(info, Values(values), named).optimizer
    x.grad = torch.tensor([1.0], dtype=torch.float64)
    optimizer.step()
    assert float(x.detach()) == pytest.approx(start * 0.95 - 0.1, rel=1e-6)
    assert optimizer.param_groups[0]["weight_decay"] == 0.5


def test_that_groups_override_the_wrapped_optimizer() -> None:
    info = BY_NAME["EMA"]
    named = parameters(NET)
    groups = [
        {"params": [named[0][1]]},
        {"params": [named[1][1]], "base_weight_decay": 0.3, "lr": 0.5},
    ]
    values: dict[str, Any] = dict(info.complete({}))
    optimizer = ExponentialAverage(groups, **values)
    assert [g["lr"] for g in optimizer.param_groups] == [0.01, 0.5]
    assert [g["weight_decay"] for g in optimizer.param_groups] == [0.0, 0.3]
