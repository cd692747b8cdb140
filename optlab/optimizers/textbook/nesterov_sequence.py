"""Nesterov's method as he wrote it: two sequences and a momentum that grows.

x_t = y_t − η·∇f(y_t),   y_{t+1} = x_t + μ_t·(x_t − x_{t−1}),   μ_t = (a_t − 1)/a_{t+1},
a_{t+1} = (1 + √(4·a_t² + 1))/2,   a_1 = 1   (Nesterov 1983, Soviet Math. Dokl.
27:372–376, with a constant step)
"""

from typing import Any, Final

from optlab.optimizers.shared import lr, weight_decay
from optlab.optimizers.textbook.rule import Array, Settings, State, UpdateRule
from optlab.optimizers.textbook.shared import (
    HOME,
    LICENCE,
    MOMENTUM_FAMILY,
    momentum,
)
from optlab.optimizers.translations import sequence_to_nesterov
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with both sequences at the first weights."""
    return {"x": 1 * theta, "a": 1.0}


def step(
    theta: Array, g: Array, state: State, t: int, values: Settings
) -> tuple[Any, State]:
    """Go along the gradient, and from there on in the direction of travel.

    The weights are y, where gradients are taken.
    """
    g = g + values["weight_decay"] * theta
    x = theta - values["lr"] * g
    a = (1 + (4 * state["a"] ** 2 + 1) ** 0.5) / 2
    if values["schedule"] == "growing":
        mu = (state["a"] - 1) / a
    elif values["schedule"] == "constant":
        mu = values["momentum"]
    else:
        mu = (t - 1) / (t + 2)
    return x + mu * (x - state["x"]), {"x": x, "a": a}


RULE: Final = UpdateRule(start=start, step=step)

NESTEROV_1983: Final = OptimizerInfo(
    name="momentum-nesterov-1983",
    label="Nesterov momentum (1983)",
    family=MOMENTUM_FAMILY,
    year=1983,
    description="Nesterov's accelerated gradient as he wrote it: momentum grows from 0 "
    "towards 1, at the pace that gives the error bound 1/t² on convex functions.",
    factory="optlab.optimizers.textbook.nesterov_sequence:RULE.build",
    params=(
        lr(1e-2, 3e-3, 1e-1),
        ParamSpec(
            name="schedule",
            kind=Kind.CHOICE,
            default="growing",
            choices=("growing", "simple", "constant"),
            meaning="How μ_t goes: growing is Nesterov's own, simple is "
            "(t − 1)/(t + 2), constant is momentum.",
        ),
        momentum(),
        weight_decay(),
    ),
    notes=(
        "With schedule constant it is PyTorch's Nesterov momentum, step by step, while "
        "lr stays the same.",
        "momentum counts with schedule constant only. Where momentum has grown near 1 "
        "the loss ripples: the method forgets to brake.",
    ),
    formula="x_t = y_t − η·∇f(y_t)\n"
    "y_{t+1} = x_t + μ_t·(x_t − x_{t−1})\n"
    "μ_t = (a_t − 1)/a_{t+1},   a_{t+1} = (1 + √(4·a_t² + 1))/2,   a_1 = 1\n"
    "η lr; the weights are y",
    source="Nesterov 1983, Soviet Math. Dokl. 27:372–376",
    typical_lr=(3e-3, 1e-1),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("NAG", "Nesterov accelerated gradient", "FISTA sequence"),
    translations=(
        Translation(
            to="momentum-nesterov",
            label="As Nesterov momentum of PyTorch",
            convert=sequence_to_nesterov,
            note="Equal with schedule constant, while lr and momentum stay the same.",
        ),
    ),
)
