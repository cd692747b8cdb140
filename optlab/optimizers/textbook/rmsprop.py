"""RMSprop, in PyTorch's form.

v ← α·v + (1 − α)·g²,   θ ← θ − η·g/(√v + ε)   (Tieleman & Hinton 2012, lecture 6e;
centred form: Graves 2013, arXiv:1308.0850, eq. 38 to 45)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import rmsprop_to_torch
from optlab.optimizers.shared import ADAPTIVE, eps, lr
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
    DECAY,
    HOME,
    LICENCE,
    WEIGHT_DECAY,
    decay_rate,
    momentum,
)
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, values: Settings) -> State:
    """Begin with averages of zero; only those that are asked for are kept."""
    state = {"v": zeros(theta)}
    if values["centered"]:
        state["mean"] = zeros(theta)
    if values["momentum"]:
        state["b"] = zeros(theta)
    return state


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Divide the gradient by its usual size."""
    lr, alpha = values["lr"], values["alpha"]
    theta, g = decayed(theta, g, values)
    v = alpha * state["v"] + (1 - alpha) * g**2
    after, square = {"v": v}, v
    if values["centered"]:
        after["mean"] = alpha * state["mean"] + (1 - alpha) * g
        square = v - after["mean"] ** 2
    along = g / (square**0.5 + values["eps"])
    if values["momentum"]:
        # A schedule may switch momentum on in mid-run.
        along = values["momentum"] * state.get("b", 0.0) + along
        after["b"] = along
    return theta - lr * along, after


RULE: Final = UpdateRule(start=start, step=step)

TEXTBOOK_RMSPROP: Final = OptimizerInfo(
    name="textbook-rmsprop",
    label="RMSprop (as PyTorch)",
    family=ADAPTIVE,
    year=2012,
    description="Divides each gradient by the root of a running average of its square, "
    "so that every weight moves by about lr in a step.",
    factory="optlab.optimizers.textbook.rmsprop:RULE.build",
    params=(
        lr(1e-2, 1e-4, 1e-2),
        decay_rate("alpha", 0.99, "squared gradients"),
        eps(1e-8),
        momentum(0.0),
        CENTERED,
        WEIGHT_DECAY,
        DECAY,
    ),
    notes=(
        "A gradient divided by its own size leaves its sign, which is Rprop. On "
        "mini-batches the sizes differ from batch to batch: RMSprop divides by an "
        "average of them, so that large gradients still count for more.",
        "The average starts at zero and is not corrected for it: the first step is "
        "lr/√(1 − alpha), ten times lr at the default.",
    ),
    formula="v ← α·v + (1 − α)·∇f(θ)²,   v₀ = 0\n"
    "θ ← θ − η·∇f(θ) / (√v + ε)\n"
    "centered: ḡ ← α·ḡ + (1 − α)·∇f(θ), √(v − ḡ²) in place of √v\n"
    "momentum: b ← μ·b + ∇f(θ)/(√v + ε), θ ← θ − η·b\n"
    "η lr, α alpha, ε eps, μ momentum",
    source="Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6e; "
    "centred form: Graves 2013, arXiv:1308.0850, eq. 38 to 45",
    typical_lr=(1e-4, 1e-2),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("RMSprop", "RMSProp"),
    translations=(
        Translation(
            to="RMSprop",
            label="As RMSprop of PyTorch",
            convert=rmsprop_to_torch,
            note="Equal.",
        ),
    ),
)
