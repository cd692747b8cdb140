"""Adamax with the defaults of Keras.

m ← β₁·m + (1 − β₁)·g,   u ← max(β₂·u, |g|),   θ ← θ − η/(1 − β₁^t)·m/(u + ε)
(Kingma & Ba 2014, arXiv:1412.6980, Algorithm 2; code: keras.optimizers.Adamax)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import keras_adaptive_to_torch
from optlab.optimizers.shared import betas, eps, lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    larger,
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
)
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with an average and a maximum of zero."""
    return {"m": zeros(theta), "u": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, t: int, values: Settings
) -> tuple[Any, State]:
    """Divide the mean gradient by the largest one that is not yet forgotten."""
    lr, eps, (beta1, beta2) = values["lr"], values["eps"], values["betas"]
    theta, g = decayed(theta, g, values)
    m = beta1 * state["m"] + (1 - beta1) * g
    u = larger(beta2 * state["u"], abs(g))
    return theta - lr / (1 - beta1**t) * m / (u + eps), {"m": m, "u": u}


RULE: Final = UpdateRule(start=start, step=step)

KERAS_ADAMAX: Final = OptimizerInfo(
    name="keras-adamax",
    label="Adamax (Keras)",
    family=TF_FAMILY,
    year=2014,
    description="Adam with a running maximum of the gradient's size, as Keras has it: "
    "ε is added to the maximum.",
    factory="optlab.optimizers.textbook.keras_adamax:RULE.build",
    params=(
        lr(1e-3, 5e-4, 2e-2),
        betas(),
        eps(1e-7, "Added to the largest gradient, against division by zero."),
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "PyTorch adds ε to the gradient's size before the maximum is taken, and has lr "
        "0.002; the paper has no ε here.",
        TF_OPTIMIZER,
    ),
    formula="m ← β₁·m + (1 − β₁)·g,   u ← max(β₂·u, |g|),   g = ∇f(θ)\n"
    "θ ← θ − η/(1 − β₁^t)·m / (u + ε)\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, (β₁, β₂) betas, ε eps, λ weight_decay",
    source="Kingma & Ba 2014, arXiv:1412.6980, Algorithm 2; code: "
    "keras.optimizers.Adamax (Keras 3)",
    typical_lr=(5e-4, 2e-2),
    state_floats=2.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Adamax", TF_ALIAS),
    translations=(
        Translation(
            to="Adamax",
            label="As Adamax of PyTorch",
            convert=keras_adaptive_to_torch,
            note="Nearly equal: ε stands inside the maximum there, which shows where "
            "gradients are as small as ε.",
            exact=False,
        ),
    ),
)
