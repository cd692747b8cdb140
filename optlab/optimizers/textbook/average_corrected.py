"""Momentum as an exponential average that is corrected for its start at zero.

m ← β·m + (1 − β)·g,   θ ← θ − η·m/(1 − β^t)   (the first moment of Kingma & Ba 2014,
arXiv:1412.6980, Algorithm 1)
"""

from typing import Any, Final

from optlab.optimizers.adaptive_translations import (
    average_to_adam,
    average_to_textbook_adam,
)
from optlab.optimizers.shared import lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    zeros,
)
from optlab.optimizers.textbook.shared import (
    DECAY,
    HOME,
    LICENCE,
    MOMENTUM_FAMILY,
    WEIGHT_DECAY,
    momentum,
)
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with an average of zero."""
    return {"m": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, t: int, values: Settings
) -> tuple[Any, State]:
    """Average the gradient in, and go along the average over the weights it has."""
    lr, beta = values["lr"], values["momentum"]
    theta, g = decayed(theta, g, values)
    m = beta * state["m"] + (1 - beta) * g
    return theta - lr * m / (1 - beta**t), {"m": m}


RULE: Final = UpdateRule(start=start, step=step)

MOMENTUM_EMA_CORRECTED: Final = OptimizerInfo(
    name="momentum-ema-corrected",
    label="Momentum (average, bias-corrected)",
    family=MOMENTUM_FAMILY,
    year=2014,
    description="The step is the true mean of the gradients seen so far, weighted by "
    "age: the first steps are as long as those of gradient descent.",
    factory="optlab.optimizers.textbook.average_corrected:RULE.build",
    params=(lr(1e-1, 1e-2, 1.0), momentum(average=True), WEIGHT_DECAY, DECAY),
    notes=(
        "Adam with a huge eps is this: its denominator is a constant then.",
        "After about 5/(1 − β) steps the correction is lost in the second digit.",
    ),
    formula="m ← β·m + (1 − β)·∇f(θ),   m₀ = 0\n"
    "θ ← θ − η·m / (1 − β^t)\n"
    "η lr, β momentum",
    source="Kingma & Ba 2014, arXiv:1412.6980, the first moment of Algorithm 1",
    typical_lr=(1e-2, 1.0),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Momentum", "Momentum (EMA, bias-corrected)"),
    translations=(
        Translation(
            to="textbook-adam",
            label="As Adam with a huge ε",
            convert=average_to_textbook_adam,
            note="Nearly equal: beside ε = 1e8 the denominator is constant to about "
            "eight digits, and lr is multiplied by ε.",
            exact=False,
        ),
        Translation(
            to="Adam",
            label="As Adam of PyTorch with a huge ε",
            convert=average_to_adam,
            note="Nearly equal: beside ε = 1e8 the denominator is constant to about "
            "eight digits, and lr is multiplied by ε.",
            exact=False,
        ),
    ),
)
