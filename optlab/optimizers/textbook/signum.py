"""Signum: momentum of which only the signs count.

m ← β·m + (1 − β)·g,   θ ← θ − η·sign(m)   (Bernstein et al. 2018, arXiv:1802.04434)
"""

from typing import Any, Final

from optlab.optimizers.shared import SIGN, lr
from optlab.optimizers.textbook.rule import (
    Array,
    Settings,
    State,
    UpdateRule,
    decayed,
    sign,
    zeros,
)
from optlab.optimizers.textbook.shared import (
    DECAY,
    HOME,
    LICENCE,
    WEIGHT_DECAY,
    momentum,
)
from optlab.registry import OptimizerInfo


def start(theta: Array, _g: Array, _values: Settings) -> State:
    """Begin with an average of zero."""
    return {"m": zeros(theta)}


def step(
    theta: Array, g: Array, state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Move every weight by lr, against the sign of its mean gradient."""
    beta = values["momentum"]
    theta, g = decayed(theta, g, values)
    m = beta * state["m"] + (1 - beta) * g
    return theta - values["lr"] * sign(m), {"m": m}


RULE: Final = UpdateRule(start=start, step=step)

SIGNUM: Final = OptimizerInfo(
    name="signum",
    label="Signum",
    family=SIGN,
    year=2018,
    description="signSGD with momentum: every weight moves by exactly lr in every "
    "step, against the sign of its mean gradient.",
    factory="optlab.optimizers.textbook.signum:RULE.build",
    params=(lr(1e-3, 1e-5, 1e-2), momentum(average=True), WEIGHT_DECAY, DECAY),
    notes=("It cannot come closer to a minimum than about lr: it needs a schedule.",),
    formula="m ← β·m + (1 − β)·∇f(θ),   m₀ = 0\nθ ← θ − η·sign(m)\nη lr, β momentum",
    source="Bernstein et al. 2018, arXiv:1802.04434, Signum",
    typical_lr=(1e-5, 1e-2),
    state_floats=1.0,
    home=HOME,
    licence=LICENCE,
    aliases=("signSGD with momentum",),
)
