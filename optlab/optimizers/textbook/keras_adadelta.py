"""Adadelta with the defaults of Keras.

v ← ρ·v + (1 − ρ)·g²,   Δ = g·√(u + ε)/√(v + ε),   u ← ρ·u + (1 − ρ)·Δ²,   θ ← θ − η·Δ
(Zeiler 2012, arXiv:1212.5701, Algorithm 1; code: keras.optimizers.Adadelta)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import keras_adaptive_to_torch
from optlab.optimizers.shared import eps, lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    zeros,
)
from optlab.optimizers.textbook.shared import (
    HOME,
    KERAS_DECAY,
    LICENCE,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
    decay_rate,
)
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with averages of zero."""
    return {"v": zeros(theta), "u": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Measure the step by earlier steps, as the gradient by earlier gradients."""
    lr, rho, eps = values["lr"], values["rho"], values["eps"]
    theta, g = decayed(theta, g, values)
    v = rho * state["v"] + (1 - rho) * g**2
    delta = g * (state["u"] + eps) ** 0.5 / (v + eps) ** 0.5
    u = rho * state["u"] + (1 - rho) * delta**2
    return theta - lr * delta, {"v": v, "u": u}


RULE: Final = UpdateRule(start=start, step=step)

KERAS_ADADELTA: Final = OptimizerInfo(
    name="keras-adadelta",
    label="Adadelta (Keras)",
    family=TF_FAMILY,
    year=2012,
    description="Adadelta with Keras' defaults: its learning rate of 0.001 makes it "
    "about a thousand times slower than the paper's.",
    factory="optlab.optimizers.textbook.keras_adadelta:RULE.build",
    params=(
        lr(1e-3, 1e-1, 10.0),
        decay_rate("rho", 0.95, "squared gradients and squared steps"),
        eps(1e-7, "Added under both roots; it sets the size of the first step."),
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "The default lr of 0.001 is Keras' own and hardly moves: the paper has no "
        "learning rate at all, which is lr = 1.",
        TF_OPTIMIZER,
    ),
    formula="v ← ρ·v + (1 − ρ)·g²,   g = ∇f(θ)\n"
    "Δ = g·√(u + ε) / √(v + ε)\n"
    "u ← ρ·u + (1 − ρ)·Δ²\n"
    "θ ← θ − η·Δ\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, ρ rho, ε eps, λ weight_decay",
    source="Zeiler 2012, arXiv:1212.5701, Algorithm 1; code: "
    "keras.optimizers.Adadelta (Keras 3)",
    typical_lr=(1e-3, 10.0),
    state_floats=2.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Adadelta", TF_ALIAS),
    translations=(
        Translation(
            to="Adadelta",
            label="As Adadelta of PyTorch",
            convert=keras_adaptive_to_torch,
            note="Equal without weight decay, which PyTorch adds to the gradient.",
        ),
    ),
)
