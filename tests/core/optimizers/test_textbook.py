"""The textbook forms against references of their own, and what drives them."""

import copy
import math
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.optimizers.textbook.rule import UpdateRule, sign
from optlab.params import InputError, ParamValue
from optlab.registry import OptimizerInfo, broken_rule, resolve
from tests.core.optimizers.references import REFERENCES, clipped_gd
from tests.core.optimizers.toy import BY_NAME, make

STEPS = 200
STARTS = [10.0, -0.7, 0.05, 3.0]
every_form = pytest.mark.parametrize("info", TEXTBOOK, ids=lambda i: str(i.name))

L2 = {"weight_decay": 0.05}
BY_LR = {"weight_decay": 0.05, "decay": "decoupled-by-lr"}
ALONE = {"weight_decay": 0.003, "decay": "decoupled"}
KERAS_WD = {"weight_decay": 0.05}

# Every form at its defaults, and these.
SETTINGS: dict[str, list[dict[str, Any]]] = {
    "textbook-gd": [{"lr": 0.1} | L2, {"lr": 0.05} | BY_LR, {"lr": 0.05} | ALONE],
    "clipped-gd": [
        {"lr": 0.1, "max_norm": 3.0} | L2,
        {"lr": 0.3, "max_norm": 0.2} | BY_LR,
        {"lr": 0.3, "max_norm": 1e6} | ALONE,
    ],
    "momentum-heavy-ball": [
        {"lr": 0.03, "momentum": 0.8} | L2,
        {"lr": 0.01, "momentum": 0.95} | BY_LR,
        {"lr": 0.1, "momentum": 0.0} | ALONE,
    ],
    "momentum-ema": [
        {"lr": 0.3, "momentum": 0.8} | L2,
        {"lr": 0.2, "momentum": 0.95} | BY_LR,
        {"lr": 0.1, "momentum": 0.0} | ALONE,
    ],
    "momentum-ema-corrected": [
        {"lr": 0.3, "momentum": 0.8} | L2,
        {"lr": 0.2, "momentum": 0.95} | BY_LR,
        {"lr": 0.1, "momentum": 0.0} | ALONE,
    ],
    "momentum-ema-g0": [
        {"lr": 0.3, "momentum": 0.8} | L2,
        {"lr": 0.2, "momentum": 0.95} | BY_LR,
        {"lr": 0.1, "momentum": 0.0} | ALONE,
    ],
    "momentum-nesterov": [
        {"lr": 0.03, "momentum": 0.8} | L2,
        {"lr": 0.01, "momentum": 0.95} | BY_LR,
        {"lr": 0.1, "momentum": 0.0} | ALONE,
    ],
    "momentum-nesterov-1983": [
        {"lr": 0.1, "weight_decay": 0.05},
        {"lr": 0.1, "schedule": "simple"},
        {"lr": 0.05, "schedule": "constant", "momentum": 0.8, "weight_decay": 0.05},
    ],
    "momentum-velocity": [
        {"lr": 0.03, "momentum": 0.8} | L2,
        {"lr": 0.01, "momentum": 0.95, "nesterov": True} | BY_LR,
        {"lr": 0.1, "momentum": 0.0} | ALONE,
    ],
    "keras-sgd": [
        {"lr": 0.03, "momentum": 0.8} | KERAS_WD,
        {"lr": 0.03, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1} | KERAS_WD,
    ],
    "signsgd": [{"lr": 0.013} | L2, {"lr": 0.013} | BY_LR, {"lr": 0.013} | ALONE],
    "signum": [
        {"lr": 0.013, "momentum": 0.7} | L2,
        {"lr": 0.013} | BY_LR,
        {"lr": 0.013, "momentum": 0.0} | ALONE,
    ],
    "textbook-adagrad": [
        {"lr": 0.5, "eps": 100.0} | L2,
        {"lr": 0.5, "eps": 100.0, "eps_placement": "outside"} | BY_LR,
        {"lr": 0.5, "initial_accumulator": 2.0} | ALONE,
    ],
    "keras-adagrad": [
        {"lr": 0.5, "eps": 1.0} | KERAS_WD,
        {"lr": 1.0, "initial_accumulator": 0.0},
    ],
    "textbook-rmsprop": [
        {"alpha": 0.9, "eps": 0.1} | L2,
        {"momentum": 0.9, "lr": 1e-3} | BY_LR,
        {"centered": True, "alpha": 0.8, "eps": 0.1} | ALONE,
        {"centered": True, "momentum": 0.5, "eps": 1e-3},
    ],
    "keras-rmsprop": [
        {"rho": 0.99, "eps": 0.1, "lr": 0.01} | KERAS_WD,
        {"momentum": 0.9},
        {"centered": True, "rho": 0.8, "eps": 0.1, "momentum": 0.5, "lr": 0.01},
    ],
    "tf1-rmsprop": [
        {"rho": 0.99, "eps": 0.1, "lr": 0.01} | L2,
        {"momentum": 0.9, "initial_average": 0.3} | BY_LR,
        {"centered": True, "rho": 0.8, "eps": 0.1, "lr": 0.01} | ALONE,
    ],
    "textbook-adam": [
        {"lr": 0.1, "eps": 1.0} | L2,
        {"lr": 0.1, "eps": 1.0, "eps_form": "eps-hat"} | BY_LR,
        {"lr": 0.05, "betas": (0.8, 0.9), "amsgrad": True} | ALONE,
        {"lr": 0.05, "betas": (0.0, 0.99), "amsgrad": True, "eps_form": "eps-hat"},
    ],
    "keras-adam": [
        {"lr": 0.1, "eps": 1e-3} | KERAS_WD,
        {"lr": 0.05, "betas": (0.8, 0.9), "amsgrad": True},
    ],
    "textbook-nadam": [
        {"lr": 0.1, "momentum_decay": 1.0} | L2,
        {"lr": 0.1, "momentum_schedule": "constant"} | BY_LR,
        {"lr": 0.05, "betas": (0.8, 0.9), "eps": 0.1} | ALONE,
    ],
    "keras-nadam": [{"lr": 0.1} | KERAS_WD, {"lr": 0.05, "betas": (0.8, 0.9)}],
    "keras-adadelta": [
        {"lr": 1.0} | KERAS_WD,
        {"lr": 1.0, "rho": 0.8, "eps": 1e-3},
    ],
    "keras-adamax": [
        {"lr": 0.1, "eps": 0.5} | KERAS_WD,
        {"lr": 0.05, "betas": (0.7, 0.9)},
    ],
}
CASES = [(info, values) for info in TEXTBOOK for values in [{}, *SETTINGS[info.name]]]
every_case = pytest.mark.parametrize(
    ("info", "values"), CASES, ids=[f"{i.name}-{v}" for i, v in CASES]
)


def gradient(x: float, t: int, *, i: int) -> float:
    """Return a gradient that differs by weight and by step, as a batch's does."""
    noise = math.sin(1.7 * t + i) + 0.3 * math.cos(0.9 * t * (i + 1))
    return (1 + 0.2 * i) * x + 0.3 * math.cos(x) + 0.2 * noise


def gradients(theta: npt.NDArray[np.float64], t: int) -> npt.NDArray[np.float64]:
    return np.array([gradient(float(x), t, i=i) for i, x in enumerate(theta)])


def by_torch(info: OptimizerInfo, values: dict[str, Any]) -> npt.NDArray[np.float64]:
    return _torch_path(info.name, tuple(values.items()))


@cache
def _torch_path(
    name: str, values: tuple[tuple[str, ParamValue], ...]
) -> npt.NDArray[np.float64]:
    point = torch.nn.Parameter(torch.tensor(STARTS, dtype=torch.float64))
    optimizer = make(BY_NAME[name], [("x", point)], **dict(values))
    path = [point.detach().numpy().copy()]
    for t in range(1, STEPS + 1):
        point.grad = torch.from_numpy(gradients(path[-1], t))
        optimizer.step()
        path.append(point.detach().numpy().copy())
    return np.array(path)


def rule_of(info: OptimizerInfo) -> UpdateRule:
    rule = resolve(info.factory.removesuffix(".build"))
    assert isinstance(rule, UpdateRule)
    return rule


def by_numpy(info: OptimizerInfo, values: dict[str, Any]) -> npt.NDArray[np.float64]:
    rule, filled = rule_of(info), info.complete(values)
    theta: Any = np.array(STARTS)
    path, state = [theta], {}
    for t in range(1, STEPS + 1):
        g: Any = gradients(theta, t)
        if rule.prepare is not None:
            (g,) = rule.prepare([g], filled)
        if t == 1:
            state = rule.start(theta, g, filled)
        theta, state = rule.step(theta, g, state, t, filled)
        path.append(theta)
    return np.array(path)


def by_reference(
    info: OptimizerInfo, values: dict[str, Any]
) -> npt.NDArray[np.float64]:
    filled = info.complete(values)
    each = [partial(gradient, i=i) for i in range(len(STARTS))]
    if info.name == "clipped-gd":
        return np.array(clipped_gd(STARTS, each, filled))
    reference = REFERENCES[info.name]
    if "decay" not in filled:
        filled = filled.with_value("decay", "l2")
    paths = [reference(x, g, filled) for x, g in zip(STARTS, each, strict=True)]
    return np.array(paths).T


def distance(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]
) -> np.float64:
    gap: np.float64 = np.max(np.abs(one - other) / np.maximum(1, np.abs(other)))
    return gap


@every_case
def test_that_a_form_follows_its_reference_for_200_steps(
    info: OptimizerInfo, values: dict[str, Any]
) -> None:
    path = by_torch(info, values)
    assert np.isfinite(path).all()
    assert distance(path, by_reference(info, values)) < 1e-12


@every_case
def test_that_numpy_arrays_take_the_steps_that_tensors_take(
    info: OptimizerInfo, values: dict[str, Any]
) -> None:
    tensors, arrays = by_torch(info, values), by_numpy(info, values)
    # torch's roots of float64 differ from IEEE's by a bit now and then.
    roots = info.family in ("adaptive", "TF/Keras-compatible")
    if roots or info.name == "clipped-gd":
        assert distance(tensors, arrays) < 1e-13
    else:
        assert np.array_equal(tensors, arrays)


def test_that_settings_make_a_difference() -> None:
    for info in TEXTBOOK:
        paths = [by_torch(info, v)[-1] for v in ({}, *SETTINGS[info.name])]
        for i, path in enumerate(paths):
            assert not any(np.array_equal(path, other) for other in paths[:i])


def test_that_a_batch_of_points_is_driven_at_once() -> None:
    info = BY_NAME["textbook-adam"]
    rule, values = rule_of(info), info.complete({"lr": 0.1})
    grid: Any = np.linspace(-3, 3, 12).reshape(4, 3)
    singles: list[Any] = [np.array([x]) for x in grid.ravel()]
    state = rule.start(grid, 2 * grid, values)
    states = [rule.start(x, 2 * x, values) for x in singles]
    for t in range(1, 31):
        grid, state = rule.step(grid, 2 * grid, state, t, values)
        for i, x in enumerate(singles):
            singles[i], states[i] = rule.step(x, 2 * x, states[i], t, values)
    assert np.array_equal(grid.ravel(), np.concatenate(singles))


def test_that_signs_are_exact_and_that_of_zero_is_zero() -> None:
    numbers = [0.0, -0.0, 5e-324, -1e-300, 3.0, -1e300]
    expected = [0, 0, 1, -1, 1, -1]
    assert sign(torch.tensor(numbers, dtype=torch.float64)).tolist() == expected
    assert sign(np.array(numbers)).tolist() == expected


def test_that_every_param_group_has_values_of_its_own() -> None:
    one, other = (torch.nn.Parameter(torch.ones(2)) for _ in range(2))
    groups = [{"params": [one]}, {"params": [other], "lr": 0.5, "momentum": 0.0}]
    build: Any = resolve("optlab.optimizers.textbook.heavy_ball:RULE.build")
    optimizer = build(groups, lr=0.1, momentum=0.9, weight_decay=0.0, decay="decoupled")
    for _ in range(2):
        one.grad, other.grad = torch.ones(2), torch.ones(2)
        optimizer.step()
    assert torch.allclose(one.detach(), torch.full((2,), 1 - 0.1 - 0.19))
    assert torch.allclose(other.detach(), torch.full((2,), 1 - 0.5 - 0.5))


def test_that_a_norm_is_cut_for_all_weights_of_a_group_together() -> None:
    named = [(n, torch.nn.Parameter(torch.zeros(1))) for n in ("a", "b")]
    optimizer = make(BY_NAME["clipped-gd"], named, lr=1.0, max_norm=1.0)
    for (_, p), g in zip(named, (3.0, 4.0), strict=True):
        p.grad = torch.tensor([g])
    optimizer.step()
    assert torch.allclose(
        torch.cat([p.detach() for _, p in named]), -torch.tensor([0.6, 0.8])
    )


@every_form
def test_that_a_weight_without_a_gradient_stays(info: OptimizerInfo) -> None:
    named = [(n, torch.nn.Parameter(torch.ones(2))) for n in ("a", "b")]
    named[0][1].grad = torch.ones(2)
    make(info, named, lr=0.1).step()
    assert not torch.equal(named[0][1].detach(), torch.ones(2))
    assert torch.equal(named[1][1].detach(), torch.ones(2))


@every_form
def test_that_a_step_writes_into_the_weights_and_leaves_the_gradient(
    info: OptimizerInfo,
) -> None:
    flat, slopes = torch.ones(4), torch.full((4,), 0.3)
    point = torch.nn.Parameter(flat[:2])
    point.grad = slopes[:2]
    optimizer = make(info, [("x", point)], lr=0.1)
    for _ in range(3):
        optimizer.step()
    assert not torch.equal(flat[:2], torch.ones(2))
    assert torch.equal(flat[2:], torch.ones(2))
    assert torch.equal(slopes, torch.full((4,), 0.3))
    # No state may be a view of what the next step overwrites.
    kept = copy.deepcopy(optimizer.state_dict()["state"])
    slopes.zero_()
    flat.zero_()
    for name, value in optimizer.state_dict()["state"][0].items():
        assert torch.equal(torch.as_tensor(kept[0][name]), torch.as_tensor(value))


def test_that_a_schedule_may_switch_momentum_on_in_mid_run() -> None:
    for name in ("keras-sgd", "keras-rmsprop", "textbook-rmsprop"):
        point = torch.nn.Parameter(torch.ones(1))
        optimizer = make(BY_NAME[name], [("x", point)])
        for momentum in (0.0, 0.9, 0.9, 0.0):
            optimizer.param_groups[0]["momentum"] = momentum
            point.grad = torch.ones(1)
            optimizer.step()
        assert torch.isfinite(point.detach()).all()


def test_that_a_changed_rate_acts_on_new_gradients_only_in_a_velocity() -> None:
    moves = {}
    for name in ("momentum-heavy-ball", "momentum-velocity"):
        point = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
        optimizer = make(BY_NAME[name], [("x", point)], lr=1.0, momentum=0.5)
        for lr in (1.0, 0.1):
            optimizer.param_groups[0]["lr"] = lr
            before = float(point.detach())
            point.grad = torch.ones(1, dtype=torch.float64)
            optimizer.step()
        moves[name] = before - float(point.detach())
    assert moves["momentum-heavy-ball"] == pytest.approx(0.1 * 1.5, rel=1e-12)
    assert moves["momentum-velocity"] == pytest.approx(0.5 * 1.0 + 0.1, rel=1e-12)


@every_form
def test_that_a_sparse_gradient_is_refused_in_one_line(info: OptimizerInfo) -> None:
    point = torch.nn.Parameter(torch.ones(3))
    point.grad = torch.ones(3).to_sparse()
    with pytest.raises(InputError, match="take no sparse gradients") as error:
        make(info, [("x", point)]).step()
    assert "\n" not in str(error.value)


def test_that_a_closure_is_called_once_with_gradients_on() -> None:
    point = torch.nn.Parameter(torch.full((1,), 3.0))
    optimizer = make(BY_NAME["textbook-gd"], [("x", point)], lr=0.5)
    losses = []

    def closure() -> float:
        optimizer.zero_grad()
        loss = (point**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        losses.append(float(loss.detach()))
        return losses[-1]

    with torch.no_grad():
        assert optimizer.step(closure) == 9.0
    assert losses == [9.0]
    assert float(point.detach()) == 0.0


BAD: list[tuple[str, str, ParamValue]] = [
    ("textbook-gd", "lr", -0.1),
    ("textbook-gd", "lr", math.inf),
    ("textbook-gd", "decay", "L3"),
    ("textbook-gd", "weight_decay", -1.0),
    ("clipped-gd", "max_norm", 0.0),
    ("momentum-ema", "momentum", 1.0),
    ("momentum-heavy-ball", "momentum", -0.1),
    ("momentum-nesterov-1983", "schedule", "linear"),
    ("textbook-adagrad", "eps_placement", "beside"),
    ("textbook-adagrad", "initial_accumulator", -1.0),
    ("keras-adagrad", "eps_placement", "outside"),
    ("textbook-rmsprop", "alpha", 1.0),
    ("keras-rmsprop", "initial_average", 1.0),
    ("tf1-rmsprop", "rho", -0.1),
    ("textbook-adam", "betas", (0.9, 1.0)),
    ("textbook-adam", "eps_form", "hat"),
    ("keras-adam", "eps_form", "eps"),
    ("keras-sgd", "decay", "l2"),
    ("textbook-nadam", "momentum_schedule", "keras"),
    ("keras-nadam", "momentum_decay", 0.004),
]


@pytest.mark.parametrize(("name", "key", "value"), BAD)
def test_that_bad_values_are_refused(name: str, key: str, value: ParamValue) -> None:
    with pytest.raises(InputError) as error:
        BY_NAME[name].param(key).check(value, key)
    assert str(error.value).startswith(f"{key} = ")
    assert "\n" not in str(error.value)


@every_form
def test_that_a_form_is_described_in_full(info: OptimizerInfo) -> None:
    assert (info.home, info.licence) == ("optlab", "MIT")
    assert broken_rule(info.rules, info.complete({})) is None
    assert info.aliases
    assert len(info.notes) >= 1
    assert "η lr" in info.formula
    module = info.factory.partition(":")[0]
    document = resolve(f"{module}:__doc__")
    assert isinstance(document, str)
    assert "←" in document or "=" in document


def test_that_all_eight_names_of_the_list_of_optimizers_are_known() -> None:
    known = {i.name for i in BY_NAME.values()}
    known |= {alias for i in BY_NAME.values() for alias in i.aliases}
    eight = {"SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "Adamax", "Nadam"}
    assert eight | {"TFOptimizer"} <= known
    family = [i for i in TEXTBOOK if "TFOptimizer" in i.aliases]
    assert {i.family for i in family} == {"TF/Keras-compatible"}
    assert all(any("wrapped" in note for note in i.notes) for i in family)
