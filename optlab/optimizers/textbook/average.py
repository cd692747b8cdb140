"""Momentum as an exponential average of gradients, as articles write it.

v ← β·v + (1 − β)·g,   θ ← θ − η·v,   v₀ = 0   (Ma & Yarats 2018, arXiv:1810.06801,
eq. 1 and 2)
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
from optlab.optimizers.translations import average_to_heavy_ball, average_to_sgd
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with an average of zero."""
    return {"v": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Average the gradient in, and go along the average."""
    lr, beta = values["lr"], values["momentum"]
    theta, g = decayed(theta, g, values)
    v = beta * state["v"] + (1 - beta) * g
    return theta - lr * v, {"v": v}


RULE: Final = UpdateRule(start=start, step=step)

MOMENTUM_EMA: Final = OptimizerInfo(
    name="momentum-ema",
    label="Momentum (average, as in the articles)",
    family=MOMENTUM_FAMILY,
    year=1964,
    description="The step is an exponential average of gradients. It starts at zero, "
    "so that the first steps are short.",
    factory="optlab.optimizers.textbook.average:RULE.build",
    params=(lr(1e-1, 1e-2, 1.0), momentum(average=True), WEIGHT_DECAY, DECAY),
    notes=(
        "PyTorch's momentum is 1/(1 − β) times as fast at the same lr: divide its lr "
        "by that, or multiply this one, and the steps are equal.",
        "dampening = β in PyTorch is another form: its average starts at the first "
        "gradient.",
    ),
    formula="v ← β·v + (1 − β)·∇f(θ),   v₀ = 0\nθ ← θ − η·v\nη lr, β momentum",
    source="Polyak 1964, doi:10.1016/0041-5553(64)90137-5, in the normalised form of "
    "Ma & Yarats 2018, arXiv:1810.06801, eq. 1 and 2",
    typical_lr=(1e-2, 1.0),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Momentum", "Momentum (EMA)", "Exponential average", "EMA momentum"),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=average_to_sgd,
            note="Equal: lr is multiplied by 1 − momentum; dampening stays 0.",
        ),
        Translation(
            to="momentum-heavy-ball",
            label="As a heavy ball",
            convert=average_to_heavy_ball,
            note="Equal: lr is multiplied by 1 − momentum.",
        ),
    ),
)
