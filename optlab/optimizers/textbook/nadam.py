"""Nadam: Adam that looks ahead along its momentum, with three momentum schedules.

m̂ = μ_{t+1}·m/(1 − Π_{i≤t+1} μ_i) + (1 − μ_t)·g/(1 − Π_{i≤t} μ_i),
θ ← θ − η·m̂/(√v̂ + ε)   (Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR
workshop, Algorithm 2)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import nadam_to_torch
from optlab.optimizers.shared import ADAPTIVE, betas, eps, lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    zeros,
)
from optlab.optimizers.textbook.shared import DECAY, HOME, LICENCE, WEIGHT_DECAY
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo, Translation

MOMENTUM_SCHEDULE: Final = ParamSpec(
    name="momentum_schedule",
    kind=Kind.CHOICE,
    default="warm-up",
    choices=("warm-up", "constant"),
    meaning="How μ_t goes: warm-up rises from half of β₁ to β₁ as momentum_decay "
    "says, constant is β₁ throughout.",
)

MOMENTUM_DECAY: Final = ParamSpec(
    name="momentum_decay",
    kind=Kind.FLOAT,
    default=4e-3,
    low=0,
    suggested=(1e-3, 1.0),
    log=True,
    # 0.96^(t·ψ) is a half at t = ln 2 / (−ln 0.96 · ψ) = 17/ψ.
    meaning="How fast a warm-up goes: it is half done after 17/ψ steps, 4250 with "
    "0.004 and 17 with 1.",
)


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with averages of zero and an empty product of momenta."""
    return {"m": zeros(theta), "v": zeros(theta), "product": 1.0}


def _momentum(t: int, values: Settings) -> Any:
    beta = values["betas"][0]
    if values["momentum_schedule"] == "constant":
        return beta
    return beta * (1 - 0.5 * 0.96 ** (t * values["momentum_decay"]))


def step(
    theta: Array, g: Array, state: State, t: int, values: Settings
) -> tuple[Any, State]:
    """Step as Adam, with the momentum that the next step will have."""
    lr, eps, (beta1, beta2) = values["lr"], values["eps"], values["betas"]
    theta, g = decayed(theta, g, values)
    mu, mu_next = _momentum(t, values), _momentum(t + 1, values)
    product = state["product"] * mu
    m = beta1 * state["m"] + (1 - beta1) * g
    v = beta2 * state["v"] + (1 - beta2) * g**2
    m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
    v_hat = v / (1 - beta2**t)
    after = {"m": m, "v": v, "product": product}
    return theta - lr * m_hat / (v_hat**0.5 + eps), after


RULE: Final = UpdateRule(start=start, step=step)

TEXTBOOK_NADAM: Final = OptimizerInfo(
    name="textbook-nadam",
    label="Nadam (textbook)",
    family=ADAPTIVE,
    year=2016,
    description="Adam with Nesterov's look ahead, and a choice of how its momentum "
    "warms up: PyTorch's, Keras' or not at all.",
    factory="optlab.optimizers.textbook.nadam:RULE.build",
    params=(
        lr(2e-3, 1e-4, 1e-2),
        betas(),
        eps(1e-8),
        MOMENTUM_SCHEDULE,
        MOMENTUM_DECAY,
        WEIGHT_DECAY,
        DECAY,
    ),
    notes=(
        "momentum_decay is ψ: 0.004 in PyTorch and in the paper, 1 in Keras. With "
        "momentum_schedule constant it does not count.",
    ),
    formula="warm-up: μ_t = β₁·(1 − ½·0.96^(t·ψ));   constant: μ_t = β₁\n"
    "m ← β₁·m + (1 − β₁)·g,   v ← β₂·v + (1 − β₂)·g²,   g = ∇f(θ)\n"
    "m̂ = μ_{t+1}·m / (1 − Π_{i≤t+1} μ_i) + (1 − μ_t)·g / (1 − Π_{i≤t} μ_i)\n"
    "θ ← θ − η·m̂ / (√(v / (1 − β₂^t)) + ε)\n"
    "η lr, (β₁, β₂) betas, ε eps, ψ momentum_decay",
    source="Dozat 2016, Incorporating Nesterov Momentum into Adam, ICLR workshop, "
    "Algorithm 2",
    typical_lr=(1e-4, 1e-2),
    state_floats=2.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Nadam", "NAdam"),
    translations=(
        Translation(
            to="NAdam",
            label="As NAdam of PyTorch",
            convert=nadam_to_torch,
            note="Equal, but for PyTorch's product of momenta, which it keeps in "
            "single precision.",
        ),
    ),
)
