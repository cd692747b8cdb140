"""Nesterov's momentum, in PyTorch's form.

b ← μ·b + g,   θ ← θ − η·(g + μ·b)   (Sutskever et al., ICML 2013, eq. 3 and 4, in the
weights at which the gradient is taken)
"""

from typing import Any, Final

from optlab.optimizers.shared import lr
from optlab.optimizers.textbook.heavy_ball import start
from optlab.optimizers.textbook.rule import Array, Settings, State, UpdateRule, decayed
from optlab.optimizers.textbook.shared import (
    DECAY,
    HOME,
    LICENCE,
    MOMENTUM_FAMILY,
    WEIGHT_DECAY,
    momentum,
)
from optlab.optimizers.translations import nesterov_to_sequence, nesterov_to_sgd
from optlab.registry import OptimizerInfo, Translation


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Go where the heavy ball would be after its next step along this gradient."""
    lr, mu = values["lr"], values["momentum"]
    theta, g = decayed(theta, g, values)
    b = mu * state["b"] + g
    return theta - lr * (g + mu * b), {"b": b}


RULE: Final = UpdateRule(start=start, step=step)

NESTEROV: Final = OptimizerInfo(
    name="momentum-nesterov",
    label="Nesterov momentum",
    family=MOMENTUM_FAMILY,
    year=1983,
    description="A heavy ball that takes the gradient where it is about to be, and so "
    "brakes before it overshoots.",
    factory="optlab.optimizers.textbook.nesterov:RULE.build",
    params=(lr(1e-2, 3e-3, 1e-1), momentum(), WEIGHT_DECAY, DECAY),
    notes=(
        "The weights are those at which the gradient is taken, a look ahead of the "
        "ball: this is what every library keeps.",
        "With curvatures from 1 to κ and lr = 1/κ, momentum (√κ − 1)/(√κ + 1) is best.",
    ),
    formula="b ← μ·b + ∇f(θ),   b₀ = 0\nθ ← θ − η·(∇f(θ) + μ·b)\nη lr, μ momentum",
    source="Nesterov 1983, Soviet Math. Dokl. 27:372–376; in the form of Sutskever et "
    "al., ICML 2013, eq. 3 and 4",
    typical_lr=(3e-3, 1e-1),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("NAG", "Nesterov", "Nesterov accelerated gradient"),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=nesterov_to_sgd,
            note="Equal.",
        ),
        Translation(
            to="momentum-nesterov-1983",
            label="As Nesterov's sequence",
            convert=nesterov_to_sequence,
            note="Equal while lr and momentum are constant.",
        ),
    ),
)
