"""signSGD: gradient descent that looks at signs alone.

θ ← θ − η·sign(g)   (Bernstein et al. 2018, arXiv:1802.04434)
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
)
from optlab.optimizers.textbook.shared import DECAY, HOME, LICENCE, WEIGHT_DECAY
from optlab.registry import OptimizerInfo


def step(
    theta: Array, g: Array, _state: State, _t: int, values: Settings
) -> tuple[Any, State]:
    """Move every weight by lr, against the sign of its gradient."""
    theta, g = decayed(theta, g, values)
    return theta - values["lr"] * sign(g), {}


RULE: Final = UpdateRule(step=step)

SIGN_SGD: Final = OptimizerInfo(
    name="signsgd",
    label="signSGD",
    family=SIGN,
    year=2018,
    description="Every weight moves by exactly lr in every step: only the sign of its "
    "gradient counts.",
    factory="optlab.optimizers.textbook.sign_descent:RULE.build",
    params=(lr(1e-3, 1e-5, 1e-2), WEIGHT_DECAY, DECAY),
    notes=(
        "It cannot come closer to a minimum than about lr: it needs a schedule.",
        "Rprop adds a step size for each weight that learns from the signs; Adam "
        "without averages (betas 0) is this.",
    ),
    formula="θ ← θ − η·sign(∇f(θ))\nη lr",
    source="Bernstein et al. 2018, arXiv:1802.04434, signSGD",
    typical_lr=(1e-5, 1e-2),
    state_floats=0.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Sign gradient descent",),
)
