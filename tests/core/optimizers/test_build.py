"""Built optimizers against closed forms, known trajectories and bare torch."""

import math
from typing import Any

import pytest
import torch

from optlab.optimizers.build import build_optimizer, state_floats
from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.params import ParamValue, Values
from optlab.registry import OptimizerInfo
from tests.core.optimizers.toy import (
    BY_NAME,
    TORCH,
    advance,
    closure_for,
    make,
    net_for,
    parabola,
    parameters,
    same_bits,
)

# The zoo has tests of its own.
OPTIMIZERS = [*TORCH, *TEXTBOOK]
every_optimizer = pytest.mark.parametrize("info", OPTIMIZERS, ids=lambda i: str(i.name))
every_torch_optimizer = pytest.mark.parametrize(
    "info", TORCH, ids=lambda i: str(i.name)
)
every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


@every_optimizer
def test_that_every_optimizer_trains_with_its_defaults(info: OptimizerInfo) -> None:
    named = net_for(info)
    before = [p.detach().clone() for _, p in named]
    optimizer = make(info, named)
    first = closure_for(info, named)()
    # Adadelta and the like are slow starters: 30 steps are downhill, not at the goal.
    advance(info, named, optimizer, 30)
    assert closure_for(info, named)() < first
    for old, (_, new) in zip(before, named, strict=True):
        assert not torch.equal(old, new.detach())


@every_torch_optimizer
@every_dtype
def test_that_defaults_train_bitwise_like_a_bare_call_of_torch(
    info: OptimizerInfo, dtype: torch.dtype
) -> None:
    built, bare = net_for(info, dtype), net_for(info, dtype)
    advance(info, built, make(info, built), 5)
    if info.name == "Muon":
        # fc1.weight alone is a hidden matrix.
        matrix = [p for n, p in bare if n == "fc1.weight"]
        rest = [p for n, p in bare if n != "fc1.weight"]
        parts = [torch.optim.Muon(matrix), torch.optim.AdamW(rest)]
        closure = closure_for(info, bare)
        for _ in range(5):
            closure()
            for part in parts:
                part.step()
    else:
        torch_class = getattr(torch.optim, info.name)
        advance(info, bare, torch_class([p for _, p in bare]), 5)
    assert same_bits(built, bare)


# Oracle O8: how far the first step goes at the defaults, from x = 10 on f = x².
FIRST_STEPS = {
    "SGD": 0.02,
    "Adagrad": 0.00999999999995,
    "RMSprop": 0.0999999995,
    "Adadelta": math.sqrt(1e-6) / math.sqrt(0.1 * 400 + 1e-6) * 20,
    "Adam": 0.0009999999995,
    "AdamW": 0.0010999999995,
    "Adamax": 0.001999999999,
    "Rprop": 0.01,
    "ASGD": 0.20001,
    "Adafactor": 0.1,
    # Not in O8: plain momentum while ρ_t ≤ 5; a first step of 1/‖g‖₁ along −g.
    "RAdam": 1e-3 * 20,
}


@pytest.mark.parametrize(("name", "moved"), FIRST_STEPS.items())
def test_that_the_first_step_goes_as_far_as_the_formula_says(
    name: str, moved: float
) -> None:
    # x = 10 − moved loses some bits of the step: compare at what is left of them.
    # torch keeps the rates of ASGD in float32, beside whatever weights.
    rel = 1e-7 if name == "ASGD" else 1e-10
    assert 10 - parabola(name, 1) == pytest.approx(moved, rel=rel, abs=4e-15)
    if name == "Adadelta":
        assert moved == pytest.approx(0.00316227762, rel=1e-8)


def test_that_nadam_takes_the_first_step_of_its_formula() -> None:
    mu, mu_next = (0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3)) for t in (1, 2))
    average, gradient = 0.1 * 20, 20
    look = mu_next * average / (1 - mu * mu_next) + (1 - mu) * gradient / (1 - mu)
    # torch keeps the product of momenta in float32 (mu_product).
    assert 10 - parabola("NAdam", 1) == pytest.approx(2e-3 * look / 20, rel=1e-6)


def test_that_lbfgs_finds_the_minimum_of_a_parabola_in_one_step() -> None:
    assert abs(parabola("LBFGS", 1)) < 1e-7


def test_that_sparse_adam_moves_touched_rows_like_adam_and_no_others() -> None:
    sparse, dense = parameters({"e": (4, 3)}), parameters({"e": (4, 3)})
    start = sparse[0][1].detach().clone()
    lazy, eager = make(BY_NAME["SparseAdam"], sparse), make(BY_NAME["Adam"], dense)
    gradient = torch.zeros(4, 3, dtype=torch.float64)
    gradient[1] = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
    dense[0][1].grad = gradient
    sparse[0][1].grad = gradient.to_sparse(1)
    lazy.step()
    eager.step()
    touched = sparse[0][1].detach()
    # ε stands beside the uncorrected √v here: 1e-8/√0.001 of the step at most.
    assert torch.allclose(touched[1], dense[0][1].detach()[1], rtol=0, atol=1e-9)
    form = 1e-3 * math.sqrt(0.001) * 3 / (math.sqrt(0.001) * 3 + 1e-8)
    assert float(start[1, 2] - touched[1, 2]) == pytest.approx(form, rel=1e-10)
    others = torch.tensor([0, 2, 3])
    assert torch.equal(touched[others], start[others])


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        # Oracle O9.
        (
            "Adam",
            {"lr": 0.1},
            {
                1: 9.90000000005,
                2: 9.80002745905947,
                10: 9.00349653548962,
                50: 5.36821171233052,
            },
        ),
        # Oracles O10 and R6.
        (
            "Adagrad",
            {"lr": 0.1},
            {1: 9.9000000000005, 2: 9.82964554020874, 50: 8.75659607539099},
        ),
        # Oracle O11.
        (
            "RMSprop",
            {"lr": 0.1},
            {1: 9.000000005, 50: 1.14659805704642},
        ),
        (
            "RMSprop",
            {"lr": 0.1, "alpha": 0.9},
            {1: 9.68377223448316, 50: 4.59238901162698},
        ),
        # Oracles R1 and R4 (O4).
        ("SGD", {"lr": 0.1}, {1: 8.0, 50: 1.4272476927059603e-04}),
        (
            "SGD",
            {"lr": 0.1, "momentum": 0.9},
            {1: 8.0, 2: 4.6, 3: 0.62, 50: -0.304984291391},
        ),
        (
            "SGD",
            {"lr": 0.1, "momentum": 0.9, "dampening": 0.9},
            {1: 8.0, 2: 6.04, 3: 4.1552, 50: 0.267191494780},
        ),
        (
            "SGD",
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
            {1: 6.2, 2: 2.224, 3: -1.08352, 50: -0.000470824778},
        ),
    ],
)
def test_that_trajectories_on_a_parabola_are_the_known_ones(
    name: str, values: dict[str, Any], expected: dict[int, float]
) -> None:
    for steps, x in expected.items():
        # The numbers are given to 12 digits at least, the last ones to 9.
        rel = 1e-9 if steps == 50 and name == "SGD" else 1e-12
        assert parabola(name, steps, **values) == pytest.approx(x, rel=rel)


@pytest.mark.parametrize(
    "name",
    [i.name for i in OPTIMIZERS if i.dense_gradients and "maximize" in i.complete({})],
)
def test_that_maximize_climbs(name: str) -> None:
    assert parabola(name, 1, x=1.0, lr=0.1, maximize=True) > 1


def test_that_sgd_climbs_to_exactly_where_the_gradient_leads() -> None:
    # Oracle O22.
    assert parabola("SGD", 1, x=1.0, lr=0.1, maximize=True) == 1.2


def test_that_adagrad_steps_shrink_with_the_root_of_their_number() -> None:
    # Oracle O10: the k-th step on a constant gradient is lr/√k.
    point = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = make(BY_NAME["Adagrad"], [("x", point)], lr=0.1, eps=0.0)
    for k in range(1, 20):
        before = float(point.detach())
        point.grad = torch.full((1,), 3.0, dtype=torch.float64)
        optimizer.step()
        moved = before - float(point.detach())
        assert moved == pytest.approx(0.1 / math.sqrt(k), rel=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_that_adamw_is_adam_with_decoupled_decay(decay: float) -> None:
    # Oracle O16.
    one, other = net_for(BY_NAME["AdamW"]), net_for(BY_NAME["Adam"])
    adamw = make(BY_NAME["AdamW"], one, weight_decay=decay)
    adam = make(
        BY_NAME["Adam"], other, weight_decay=decay, decoupled_weight_decay=decay > 0
    )
    advance(BY_NAME["AdamW"], one, adamw, 20)
    advance(BY_NAME["Adam"], other, adam, 20)
    assert same_bits(one, other)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "Adagrad"])
def test_that_the_implementation_changes_no_more_than_rounding(name: str) -> None:
    info = BY_NAME[name]
    nets = [net_for(info) for _ in range(3)]
    choices: list[dict[str, ParamValue]] = [{}, {"foreach": True}, {"fused": True}]
    for named, choice in zip(nets, choices, strict=True):
        advance(info, named, make(info, named, **choice), 20)
    plain, foreach, fused = nets
    assert same_bits(plain, foreach)
    for (_, a), (_, b) in zip(plain, fused, strict=True):
        assert torch.allclose(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "info", [i for i in OPTIMIZERS if i.name not in ("Muon", "LBFGS", "SparseAdam")]
)
def test_that_state_is_as_large_as_the_catalog_says(info: OptimizerInfo) -> None:
    # Oracle O21, on one matrix of 100 × 100.
    named = parameters({"w": (100, 100)})
    optimizer = make(info, named)
    assert state_floats(optimizer) == (10_000 if info.name == "Adagrad" else 0)
    advance(info, named, optimizer, 2)
    assert state_floats(optimizer) == 10_000 * info.state_floats


def test_that_momentum_and_amsgrad_cost_one_more_float_each() -> None:
    named = parameters({"w": (100, 100)})
    momentum = make(BY_NAME["SGD"], named, momentum=0.9)
    amsgrad = make(BY_NAME["Adam"], named, amsgrad=True)
    for name, optimizer, floats in (("SGD", momentum, 1), ("Adam", amsgrad, 3)):
        advance(BY_NAME[name], named, optimizer, 2)
        assert state_floats(optimizer) == 10_000 * floats


def test_that_muon_and_sparse_adam_hold_what_the_catalog_says() -> None:
    for name, shape in (("Muon", {"w": (100, 100)}), ("SparseAdam", {"e": (100, 100)})):
        named = parameters(shape)
        optimizer = make(BY_NAME[name], named)
        advance(BY_NAME[name], named, optimizer, 2)
        assert state_floats(optimizer) == 10_000 * BY_NAME[name].state_floats


def test_that_lbfgs_holds_two_floats_per_remembered_iteration_and_two_more() -> None:
    named = parameters({"x": (10,)})
    optimizer = make(BY_NAME["LBFGS"], named, history_size=3, max_iter=10, lr=0.1)
    advance(BY_NAME["LBFGS"], named, optimizer, 1)
    assert state_floats(optimizer) == 10 * (2 * 3 + 2)
    assert BY_NAME["LBFGS"].state_floats == 2 * 100 + 2


@pytest.mark.parametrize(
    ("info", "choice"),
    [(info, {}) for info in OPTIMIZERS]
    + [(i, {"foreach": True}) for i in OPTIMIZERS if "foreach" in i.complete({})]
    + [(i, {"fused": True}) for i in OPTIMIZERS if "fused" in i.complete({})],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_that_channels_last_weights_train_like_any_others(
    info: OptimizerInfo, choice: dict[str, Any]
) -> None:
    plain, last = net_for(info), net_for(info)
    for _, parameter in last:
        if parameter.ndim == 4:
            layout = torch.channels_last
            parameter.data = parameter.detach().contiguous(memory_format=layout)
    advance(info, plain, make(info, plain, **choice), 5)
    advance(info, last, make(info, last, **choice), 5)
    for (name, a), (_, b) in zip(plain, last, strict=True):
        assert torch.allclose(a, b, rtol=1e-12, atol=1e-14)
        if a.ndim == 4:
            assert b.is_contiguous(memory_format=torch.channels_last), name
            assert not b.is_contiguous()


def test_that_a_line_search_takes_channels_last_weights_too() -> None:
    shape = {"conv.weight": (4, 3, 3, 3)}
    plain, last = parameters(shape), parameters(shape)
    parameter = last[0][1]
    layout = torch.channels_last
    parameter.data = parameter.detach().contiguous(memory_format=layout)
    info = BY_NAME["LBFGS"]
    for named in (plain, last):
        advance(info, named, make(info, named, line_search_fn="strong_wolfe"), 1)
    assert torch.allclose(plain[0][1], last[0][1], rtol=1e-9, atol=1e-12)


def test_that_lbfgs_takes_a_missing_gradient_for_zero() -> None:
    info = BY_NAME["LBFGS"]
    named = parameters({"x": (3,), "unused": (2,)})
    unused = named[1][1].detach().clone()
    closure = closure_for(info, named[:1])
    make(info, named).step(closure)
    assert torch.equal(named[1][1].detach(), unused)


def test_that_lbfgs_counts_several_evaluations_in_a_step() -> None:
    info = BY_NAME["LBFGS"]
    named = parameters({"x": (10,)})
    closure = closure_for(info, named)
    calls = 0

    def counted() -> float:
        nonlocal calls
        calls += 1
        return closure()

    make(info, named, lr=0.1, max_iter=8).step(counted)
    assert 1 < calls <= 10


def test_that_missing_values_are_filled_with_defaults() -> None:
    named = net_for(BY_NAME["Adam"])
    built = build_optimizer(BY_NAME["Adam"], Values({"lr": 0.5}), named)
    group = built.optimizer.param_groups[0]
    assert (group["lr"], group["betas"], group["fused"]) == (0.5, (0.9, 0.999), None)
    assert built.notes == ()
