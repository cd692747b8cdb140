"""SGD with the defaults of Keras.

The velocity form with momentum 0: θ ← θ − η·g   (code: keras.optimizers.SGD)
"""

from typing import Any, Final

from optlab.optimizers.shared import lr
from optlab.optimizers.textbook import velocity
from optlab.optimizers.textbook.rule import Array, Settings, State, UpdateRule, decayed
from optlab.optimizers.textbook.shared import (
    HOME,
    KERAS_DECAY,
    LICENCE,
    NESTEROV,
    TF_ALIAS,
    TF_FAMILY,
    TF_OPTIMIZER,
    WEIGHT_DECAY,
    momentum,
)
from optlab.optimizers.translations import velocity_to_sgd
from optlab.registry import OptimizerInfo, Translation


def start(theta: Array, g: Array, values: Settings) -> State:
    """Begin at rest; without momentum there is nothing to remember."""
    return velocity.start(theta, g, values) if values["momentum"] else {}


def step(
    theta: Array, g: Array, state: State, t: int, values: Settings
) -> tuple[Any, State]:
    """Step as a velocity, or without momentum as gradient descent."""
    if values["momentum"]:
        # A schedule may switch momentum on in mid-run.
        return velocity.step(theta, g, state or start(theta, g, values), t, values)
    theta, g = decayed(theta, g, values)
    return theta - values["lr"] * g, {}


RULE: Final = UpdateRule(start=start, step=step)

KERAS_SGD: Final = OptimizerInfo(
    name="keras-sgd",
    label="SGD (Keras)",
    family=TF_FAMILY,
    year=2015,
    description="Gradient descent with Keras' defaults, plain or with momentum as a "
    "velocity.",
    factory="optlab.optimizers.textbook.keras_sgd:RULE.build",
    params=(
        lr(1e-2, 1e-2, 1e-1),
        momentum(0.0),
        NESTEROV,
        WEIGHT_DECAY,
        KERAS_DECAY,
    ),
    notes=(
        "Keras has lr 0.01 by default, PyTorch 0.001.",
        "lr sits inside the velocity: a changed lr acts on new gradients only.",
        TF_OPTIMIZER,
    ),
    formula="v ← μ·v − η·∇f(θ),   v₀ = 0\n"
    "θ ← θ + v   (nesterov: θ ← θ + μ·v − η·∇f(θ))\n"
    "weight decay first: θ ← θ − η·λ·θ\n"
    "η lr, μ momentum, λ weight_decay",
    source="code: keras.optimizers.SGD (Keras 3)",
    typical_lr=(1e-2, 1e-1),
    state_floats=0.0,
    home=HOME,
    licence=LICENCE,
    aliases=("SGD", TF_ALIAS),
    translations=(
        Translation(
            to="SGD",
            label="As SGD of PyTorch",
            convert=velocity_to_sgd,
            note="Equal while lr is constant and without weight decay, which PyTorch "
            "adds to the gradient.",
        ),
    ),
)
