"""RMSprop, in the form of Keras.

v ← ρ·v + (1 − ρ)·g²,   b ← μ·b + η·g/√(v + ε),   θ ← θ − b   (Tieleman & Hinton 2012;
code: keras.optimizers.RMSprop)
"""

from dataclasses import replace
from typing import Any, Final

from optlab.optimizers.adaptive_translations import rmsprop_from_keras
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
    CENTERED,
    HOME,
    KERAS_DECAY,
    LICENCE,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
    decay_rate,
    initial,
    momentum,
)
from optlab.optimizers.translations import same_values
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, values: Settings) -> State:
    """Begin with the initial average; only what is asked for is kept."""
    state = {"v": zeros(theta) + values["initial_average"]}
    if values["centered"]:
        state["mean"] = zeros(theta)
    if values["momentum"]:
        state["b"] = zeros(theta)
    return state


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Divide the gradient by its usual size, with lr inside the momentum."""
    lr, rho = values["lr"], values["rho"]
    theta, g = decayed(theta, g, values)
    v = rho * state["v"] + (1 - rho) * g**2
    after, square = {"v": v}, v
    if values["centered"]:
        after["mean"] = rho * state["mean"] + (1 - rho) * g
        square = v - after["mean"] ** 2
    along = lr * g / (square + values["eps"]) ** 0.5
    if values["momentum"]:
        # A schedule may switch momentum on in mid-run.
        along = values["momentum"] * state.get("b", 0.0) + along
        after["b"] = along
    return theta - along, after


RULE: Final = UpdateRule(start=start, step=step)

KERAS_RMSPROP: Final = OptimizerInfo(
    name="keras-rmsprop",
    label="RMSprop (Keras)",
    family=TF_FAMILY,
    year=2012,
    description="RMSprop as Keras has it: ε inside the root, a shorter memory, and the "
    "learning rate inside the momentum.",
    factory="optlab.optimizers.textbook.keras_rmsprop:RULE.build",
    params=(
        lr(1e-3, 1e-4, 1e-2),
        decay_rate("rho", 0.9, "squared gradients"),
        eps(1e-7),
        momentum(0.0),
        CENTERED,
        replace(
            initial("initial_average", 0.0, "average"), fixed="Keras starts from zero"
        ),
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "The first step is lr/√(1 − rho), about three times lr at the default.",
        "With momentum, a changed lr acts on new gradients only.",
        TF_OPTIMIZER,
    ),
    formula="v ← ρ·v + (1 − ρ)·∇f(θ)²,   v₀ = 0\n"
    "b ← μ·b + η·∇f(θ) / √(v + ε)\n"
    "θ ← θ − b\n"
    "centered: ḡ ← ρ·ḡ + (1 − ρ)·∇f(θ), v − ḡ² in place of v\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, ρ rho, ε eps, μ momentum, λ weight_decay",
    source="Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6e; "
    "code: keras.optimizers.RMSprop (Keras 3)",
    typical_lr=(1e-4, 1e-2),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("RMSprop", TF_ALIAS),
    translations=(
        Translation(
            to="tf1-rmsprop",
            label="As RMSprop of TensorFlow 1",
            convert=same_values,
            note="Equal: its average then starts from zero, too.",
        ),
        Translation(
            to="textbook-rmsprop",
            label="As RMSprop of PyTorch",
            convert=rmsprop_from_keras,
            note="Nearly equal while lr is constant: ε inside the root becomes √ε "
            "outside it.",
            exact=False,
        ),
    ),
)
