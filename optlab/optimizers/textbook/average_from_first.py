"""Momentum as an exponential average that starts at the first gradient.

v ← β·v + (1 − β)·g,   θ ← θ − η·v,   v₀ = g₀   (torch.optim.SGD with
dampening = momentum)
"""

from typing import Any, Final

from optlab.optimizers.shared import lr
from optlab.optimizers.textbook.average import step
from optlab.optimizers.textbook.rule import Array, Settings, State, UpdateRule, decayed
from optlab.optimizers.textbook.shared import (
    DECAY,
    HOME,
    LICENCE,
    MOMENTUM_FAMILY,
    WEIGHT_DECAY,
    momentum,
)
from optlab.optimizers.translations import average_from_first_to_sgd
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, g: Array, values: Settings) -> State:
    """Begin at the first gradient: it is its own average."""
    first: Any = decayed(theta, g, values)[1]
    return {"v": first}


RULE: Final = UpdateRule(start=start, step=step)

MOMENTUM_EMA_G0: Final = OptimizerInfo(
    name="momentum-ema-g0",
    label="Momentum (average from g₀)",
    family=MOMENTUM_FAMILY,
    year=1964,
    description="The step is an exponential average of gradients that starts at the "
    "first one: the first step is that of gradient descent.",
    factory="optlab.optimizers.textbook.average_from_first:RULE.build",
    params=(lr(1e-1, 1e-2, 1.0), momentum(average=True), WEIGHT_DECAY, DECAY),
    notes=(
        "This is what dampening = momentum gives in PyTorch: its first gradient enters "
        "undampened.",
        "The first gradient counts 1/(1 − β) times as much as it would in a mean.",
    ),
    formula="v ← β·v + (1 − β)·∇f(θ),   v₀ = ∇f(θ₀)\nθ ← θ − η·v\nη lr, β momentum",
    source="code: torch.optim.SGD, with dampening = momentum",
    typical_lr=(1e-2, 1.0),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Momentum", "Momentum with dampening"),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=average_from_first_to_sgd,
            note="Equal: dampening becomes momentum.",
        ),
    ),
)
