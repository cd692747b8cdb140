"""Translations: the same steps in the words of another optimizer, or nearly."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from optlab.optimizers.textbook.catalog import TEXTBOOK
from optlab.params import InputError, Values, check_values
from optlab.registry import OptimizerInfo, Translation, broken_rule
from tests.core.optimizers.toy import BY_NAME, TORCH, Named, make, parameters

STEPS = 200
SHAPES = {"w": (4, 3), "b": (3,)}
ALL = [(info, t) for info in (*TORCH, *TEXTBOOK) for t in info.translations]

WD: dict[str, Any] = {"weight_decay": 0.05}
BY_LR: dict[str, Any] = WD | {"decay": "decoupled-by-lr"}
MOMENTA: list[dict[str, Any]] = [
    {"lr": 0.03, "momentum": 0.8} | WD,
    {"lr": 0.05, "momentum": 0.0},
]
TORCH_MOMENTA: list[dict[str, Any]] = [*MOMENTA, {"momentum": 0.9}]
ADAMS: list[dict[str, Any]] = [
    {"lr": 0.02, "betas": (0.8, 0.95), "eps": 0.1},
    {"lr": 0.02, "amsgrad": True},
]

# What is translated besides the defaults; where these cannot be, ``None`` is first.
CASES: dict[tuple[str, str], list[dict[str, Any] | None]] = {
    ("SGD", "textbook-gd"): [{"lr": 0.1} | WD],
    ("SGD", "momentum-heavy-ball"): [*TORCH_MOMENTA],
    ("SGD", "momentum-ema"): [*TORCH_MOMENTA],
    ("SGD", "momentum-ema-g0"): [
        {"lr": 0.1, "momentum": 0.8, "dampening": 0.8} | WD,
    ],
    ("SGD", "momentum-nesterov"): [
        None,
        {"lr": 0.03, "momentum": 0.8, "nesterov": True} | WD,
    ],
    ("SGD", "momentum-velocity"): [
        *TORCH_MOMENTA,
        {"lr": 0.03, "momentum": 0.8, "nesterov": True} | WD,
    ],
    ("Adagrad", "textbook-adagrad"): [
        {"lr": 0.3, "eps": 0.5, "initial_accumulator_value": 0.7} | WD
    ],
    ("RMSprop", "textbook-rmsprop"): [
        {"eps": 0.5, "alpha": 0.9} | WD,
        {"lr": 1e-3, "momentum": 0.9, "centered": True, "eps": 1e-2},
    ],
    ("Adam", "AdamW"): [*ADAMS, WD | {"decoupled_weight_decay": True}],
    ("Adam", "textbook-adam"): [*ADAMS, WD, WD | {"decoupled_weight_decay": True}],
    ("AdamW", "Adam"): [*ADAMS, WD],
    ("AdamW", "textbook-adam"): [*ADAMS, WD],
    ("NAdam", "textbook-nadam"): [
        {"lr": 0.02, "momentum_decay": 0.5} | WD,
        {"lr": 0.02, "decoupled_weight_decay": True} | WD,
    ],
    ("textbook-gd", "SGD"): [{"lr": 0.1} | WD, {"lr": 0.1} | BY_LR],
    ("momentum-heavy-ball", "SGD"): [*MOMENTA],
    ("momentum-heavy-ball", "momentum-ema"): [*MOMENTA, BY_LR | {"decay": "l2"}],
    ("momentum-heavy-ball", "momentum-velocity"): [*MOMENTA, BY_LR],
    ("momentum-ema", "SGD"): [*MOMENTA],
    ("momentum-ema", "momentum-heavy-ball"): [*MOMENTA],
    ("momentum-ema-g0", "SGD"): [{"lr": 0.1, "momentum": 0.7} | WD],
    ("momentum-nesterov", "SGD"): [*MOMENTA],
    ("momentum-nesterov", "momentum-nesterov-1983"): [*MOMENTA],
    ("momentum-nesterov-1983", "momentum-nesterov"): [
        None,
        {"schedule": "constant", "momentum": 0.8, "lr": 0.03} | WD,
    ],
    ("momentum-velocity", "SGD"): [
        *MOMENTA,
        {"nesterov": True, "momentum": 0.8} | WD,
        {"nesterov": True, "momentum": 0.0},
    ],
    ("momentum-velocity", "momentum-heavy-ball"): [*MOMENTA],
    ("keras-sgd", "SGD"): [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    ("textbook-adagrad", "Adagrad"): [
        None,
        {"eps_placement": "outside", "eps": 0.5, "initial_accumulator": 0.3} | WD,
    ],
    ("keras-adagrad", "textbook-adagrad"): [{"lr": 0.3, "eps": 0.5} | WD],
    ("textbook-rmsprop", "RMSprop"): [
        {"eps": 0.5, "alpha": 0.9} | WD,
        {"lr": 1e-3, "momentum": 0.9, "centered": True, "eps": 1e-2},
    ],
    ("keras-rmsprop", "tf1-rmsprop"): [
        {"lr": 0.01, "eps": 0.5, "centered": True, "momentum": 0.5} | WD
    ],
    ("textbook-adam", "Adam"): [*ADAMS, WD, BY_LR],
    ("textbook-adam", "AdamW"): [*ADAMS, BY_LR],
    ("keras-adam", "textbook-adam"): [*ADAMS, WD],
    ("textbook-nadam", "NAdam"): [{"lr": 0.02, "momentum_decay": 0.5} | WD, BY_LR],
    ("keras-nadam", "textbook-nadam"): [{"lr": 0.02} | WD],
    ("keras-nadam", "NAdam"): [{"lr": 0.02} | WD],
    ("keras-adadelta", "Adadelta"): [{"lr": 1.0, "rho": 0.8, "eps": 1e-3}],
}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    # NAdam keeps its product of momenta in the default type.
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def translated(
    info: OptimizerInfo, translation: Translation, values: dict[str, Any]
) -> Values:
    """Return legal values of the other entry."""
    other = BY_NAME[translation.to]
    assert broken_rule(info.rules, info.complete(values)) is None
    said = translation.convert(info.complete(values))
    checked = check_values(other.params, said, "")
    assert broken_rule(other.rules, other.complete(checked)) is None
    return checked


def trained(info: OptimizerInfo, values: Any) -> list[torch.Tensor]:
    named = parameters(SHAPES)
    optimizer = make(info, named, **values)
    path = []
    for t in range(1, STEPS + 1):
        slope(named, t)
        optimizer.step()
        path.append(torch.cat([p.detach().flatten() for _, p in named]))
    return path


def slope(named: Named, t: int) -> None:
    for i, (_, p) in enumerate(named):
        x = p.detach()
        p.grad = (1 + i) * x + 0.3 * torch.cos(3 * x + t)


def gap(one: list[torch.Tensor], other: list[torch.Tensor]) -> float:
    a, b = torch.stack(one), torch.stack(other)
    return float(((a - b).abs() / b.abs().clip(min=1.0)).max())


def cases_of(info: OptimizerInfo, translation: Translation) -> list[dict[str, Any]]:
    given = CASES[info.name, translation.to]
    at_defaults: list[dict[str, Any]] = [] if given[0] is None else [{}]
    return at_defaults + [values for values in given if values is not None]


EXACT = [(i, t, values) for i, t in ALL if t.exact for values in cases_of(i, t)]


@pytest.mark.parametrize(
    ("info", "translation", "values"),
    EXACT,
    ids=[f"{i.name}-{t.to}-{v}" for i, t, v in EXACT],
)
def test_that_an_exact_translation_takes_the_same_200_steps(
    info: OptimizerInfo, translation: Translation, values: dict[str, Any]
) -> None:
    said = translated(info, translation, values)
    path = trained(info, values)
    assert not torch.equal(path[0], path[-1])
    assert gap(path, trained(BY_NAME[translation.to], said)) < 1e-12


def test_that_every_translation_has_its_test() -> None:
    told = {(i.name, t.to, t.exact) for i, t in ALL}
    assert {(a, b) for a, b, exact in told if exact} == set(CASES)
    assert {(a, b) for a, b, exact in told if not exact} == {
        ("momentum-ema-corrected", "textbook-adam"),
        ("momentum-ema-corrected", "Adam"),
        ("textbook-adagrad", "textbook-adagrad"),
        ("textbook-adam", "textbook-adam"),
        ("keras-rmsprop", "textbook-rmsprop"),
        ("tf1-rmsprop", "textbook-rmsprop"),
        ("keras-adam", "Adam"),
        ("keras-adamax", "Adamax"),
    }


@pytest.mark.parametrize(("info", "translation"), ALL)
def test_that_a_translation_is_described(
    info: OptimizerInfo, translation: Translation
) -> None:
    assert translation.label.startswith(("As ", "With "))
    assert translation.note.startswith("Equal" if translation.exact else ("N", "E"))
    assert translation.note.endswith(".")
    assert "\n" not in translation.note


def nearly(name: str, to: str, values: dict[str, Any]) -> list[float]:
    """Return how far apart the two are after each step."""
    info = BY_NAME[name]
    found = [t for t in info.translations if t.to == to and not t.exact]
    said = translated(info, found[0], values)
    one, other = trained(info, values), trained(BY_NAME[to], said)
    return [gap([a], [b]) for a, b in zip(one, other, strict=True)]


@pytest.mark.parametrize("to", ["textbook-adam", "Adam"])
def test_that_adam_with_a_huge_eps_is_momentum_to_seven_digits(to: str) -> None:
    values = {"lr": 0.2, "momentum": 0.8} | WD
    gaps = nearly("momentum-ema-corrected", to, values)
    assert 0 < max(gaps) < 1e-6


def test_that_eps_moves_through_the_root_of_adagrad_almost_unseen_if_small() -> None:
    for placement in ("inside", "outside"):
        small = {"lr": 0.3, "eps": 1e-8, "eps_placement": placement}
        # √(G + ε) and √G + √ε: apart by √(ε/G) of a step of 0.3, G of 4e-5 at least.
        assert 0 < max(nearly("textbook-adagrad", "textbook-adagrad", small)) < 0.02
        large = {"lr": 0.3, "eps": 100.0, "eps_placement": placement}
        assert max(nearly("textbook-adagrad", "textbook-adagrad", large)) > 0.05


def test_that_eps_hat_differs_in_early_steps_and_less_in_late_ones() -> None:
    values = {"lr": 0.02, "eps": 0.01, "betas": (0.9, 0.95)}
    for name, to in (("textbook-adam", "textbook-adam"), ("keras-adam", "Adam")):
        gaps = nearly(name, to, values)
        assert gaps[0] > 1e-4
        assert gaps[-1] < 0.5 * max(gaps)


@pytest.mark.parametrize(
    ("name", "to", "values", "far"),
    [
        ("keras-rmsprop", "textbook-rmsprop", {}, 1e-3),
        ("tf1-rmsprop", "textbook-rmsprop", {}, 0.1),
        ("keras-adamax", "Adamax", {}, 1e-4),
    ],
)
def test_that_other_near_translations_stay_near(
    name: str, to: str, values: dict[str, Any], far: float
) -> None:
    assert 0 < max(nearly(name, to, values)) < far


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("SGD", "textbook-gd", {"momentum": 0.9}, "momentum"),
    ("SGD", "momentum-heavy-ball", {"momentum": 0.9, "dampening": 0.5}, "dampening"),
    ("SGD", "momentum-heavy-ball", {"momentum": 0.9, "nesterov": True}, "nesterov"),
    ("SGD", "momentum-ema", {"momentum": 1.0}, "momentum"),
    ("SGD", "momentum-ema", {"maximize": True}, "maximize"),
    ("SGD", "momentum-ema-g0", {"momentum": 0.9}, "dampening"),
    ("SGD", "momentum-nesterov", {"momentum": 0.9}, "nesterov"),
    ("Adagrad", "textbook-adagrad", {"lr_decay": 0.1}, "lr_decay"),
    ("RMSprop", "textbook-rmsprop", {"alpha": 1.0}, "alpha"),
    ("Adam", "AdamW", WD, "decoupled_weight_decay"),
    ("momentum-heavy-ball", "momentum-ema", {"momentum": 1.5}, "momentum"),
    ("momentum-ema", "SGD", BY_LR, "decay"),
    ("momentum-nesterov-1983", "momentum-nesterov", {}, "schedule"),
    ("momentum-velocity", "momentum-heavy-ball", {"nesterov": True}, "nesterov"),
    ("keras-sgd", "SGD", WD, "decay"),
    ("textbook-gd", "SGD", WD | {"decay": "decoupled"}, "decay"),
    ("textbook-adagrad", "Adagrad", {}, "eps_placement"),
    ("textbook-adam", "Adam", {"eps_form": "eps-hat"}, "eps_form"),
    ("textbook-adam", "AdamW", WD, "decay"),
    ("textbook-adam", "Adam", WD | {"decay": "decoupled"}, "decay"),
    ("textbook-nadam", "NAdam", {"momentum_schedule": "constant"}, "momentum_schedule"),
]


@pytest.mark.parametrize(("name", "to", "values", "key"), REFUSED)
def test_that_what_has_no_counterpart_is_refused_in_one_line(
    name: str, to: str, values: dict[str, Any], key: str
) -> None:
    info = BY_NAME[name]
    translation = next(t for t in info.translations if t.to == to and t.exact)
    with pytest.raises(InputError) as error:
        translation.convert(info.complete(values))
    assert str(error.value).startswith(f"{key} = ")
    assert "translated" in str(error.value)
    assert "\n" not in str(error.value)


def test_that_there_and_back_is_where_one_was() -> None:
    pairs = [
        ("momentum-ema", "momentum-heavy-ball"),
        ("momentum-nesterov", "momentum-nesterov-1983"),
        ("AdamW", "Adam"),
    ]
    for name, to in pairs:
        info, other = BY_NAME[name], BY_NAME[to]
        there = next(t for t in info.translations if t.to == to)
        back = next(t for t in other.translations if t.to == name)
        values = info.complete({"lr": 0.03})
        again = info.complete(back.convert(other.complete(there.convert(values))))
        assert math.isclose(float(str(again["lr"])), 0.03, rel_tol=1e-15)
        assert again.without("lr") == values.without("lr")
