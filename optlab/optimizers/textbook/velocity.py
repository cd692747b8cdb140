"""Momentum as a velocity, as Keras writes it.

v ← μ·v − η·g,   θ ← θ + v   (Rumelhart, Hinton & Williams 1986, doi:10.1038/323533a0,
eq. 9; code: keras.optimizers.SGD)
"""

from typing import Any, Final

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
    NESTEROV,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
    momentum,
)
from optlab.optimizers.translations import velocity_to_heavy_ball, velocity_to_sgd
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin at rest."""
    return {"v": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Let the gradient change the velocity, and go with it."""
    lr, mu = values["lr"], values["momentum"]
    theta, g = decayed(theta, g, values)
    v = mu * state["v"] - lr * g
    if values["nesterov"]:
        return theta + mu * v - lr * g, {"v": v}
    return theta + v, {"v": v}


RULE: Final = UpdateRule(start=start, step=step)

MOMENTUM_VELOCITY: Final = OptimizerInfo(
    name="momentum-velocity",
    label="Momentum (velocity, as Keras)",
    family=TF_FAMILY,
    year=1986,
    description="The learning rate sits inside the velocity: a changed lr acts on new "
    "gradients only, while the old ones roll on at the rate that they came with.",
    factory="optlab.optimizers.textbook.velocity:RULE.build",
    params=(lr(1e-2, 3e-3, 1e-1), momentum(), NESTEROV, WEIGHT_DECAY, DECAY),
    notes=(
        "At a constant lr it is the heavy ball of PyTorch. When lr is cut to a tenth, "
        "PyTorch's step is cut with it at once; this one takes some steps to follow.",
        "TensorFlow 1's own MomentumOptimizer keeps lr outside, as PyTorch does: it is "
        "momentum-heavy-ball.",
        TF_OPTIMIZER,
    ),
    formula="v ← μ·v − η·∇f(θ),   v₀ = 0\n"
    "θ ← θ + v   (Nesterov: θ ← θ + μ·v − η·∇f(θ))\n"
    "η lr, μ momentum",
    source="Rumelhart, Hinton & Williams 1986, doi:10.1038/323533a0, eq. 9; code: "
    "keras.optimizers.SGD",
    typical_lr=(3e-3, 1e-1),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Momentum", "Velocity", "Classical momentum", TF_ALIAS),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=velocity_to_sgd,
            note="Equal while lr is constant.",
        ),
        Translation(
            to="momentum-heavy-ball",
            label="As a heavy ball",
            convert=velocity_to_heavy_ball,
            note="Equal while lr is constant.",
        ),
    ),
)
