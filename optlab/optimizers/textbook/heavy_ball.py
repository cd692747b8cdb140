"""Momentum as a heavy ball, in PyTorch's form.

b ← μ·b + g,   θ ← θ − η·b   (Polyak 1964, doi:10.1016/0041-5553(64)90137-5, eq. 9)
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
    MOMENTUM_FAMILY,
    WEIGHT_DECAY,
    momentum,
)
from optlab.optimizers.translations import (
    heavy_ball_to_average,
    heavy_ball_to_velocity,
    momentum_to_sgd,
)
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin at rest."""
    return {"b": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Add the gradient to what is left of the sum of all before, and go along it."""
    lr, mu = values["lr"], values["momentum"]
    theta, g = decayed(theta, g, values)
    b = mu * state["b"] + g
    return theta - lr * b, {"b": b}


RULE: Final = UpdateRule(start=start, step=step)

HEAVY_BALL: Final = OptimizerInfo(
    name="momentum-heavy-ball",
    label="Momentum (heavy ball, as PyTorch)",
    family=MOMENTUM_FAMILY,
    year=1964,
    description="The step is a fading sum of all gradients: where they agree it grows "
    "up to 1/(1 − μ) times as long, where they alternate they cancel.",
    factory="optlab.optimizers.textbook.heavy_ball:RULE.build",
    params=(lr(1e-2, 3e-3, 1e-1), momentum(), WEIGHT_DECAY, DECAY),
    notes=(
        "Steps are up to 1/(1 − μ) times as long as those of the average of gradients "
        "at the same lr: ten times at 0.9.",
        "On a parabola of curvature L it converges where lr < 2·(1 + μ)/L.",
    ),
    formula="b ← μ·b + ∇f(θ),   b₀ = 0\nθ ← θ − η·b\nη lr, μ momentum",
    source="Polyak 1964, doi:10.1016/0041-5553(64)90137-5, eq. 9",
    typical_lr=(3e-3, 1e-1),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=(
        "Heavy ball",
        "Polyak momentum",
        "Momentum",
        "SGD with momentum",
        "MomentumOptimizer",
    ),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=momentum_to_sgd,
            note="Equal.",
        ),
        Translation(
            to="momentum-ema",
            label="As an average of gradients",
            convert=heavy_ball_to_average,
            note="Equal: lr is divided by 1 − momentum.",
        ),
        Translation(
            to="momentum-velocity",
            label="As a velocity",
            convert=heavy_ball_to_velocity,
            note="Equal while lr is constant; the velocity has lr inside, so that a "
            "changed lr acts on later gradients only.",
        ),
    ),
)
