"""Gradient descent with the norm of the gradient clipped.

θ ← θ − η·min(1, c/‖g‖)·g   (Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063,
Algorithm 1)
"""

from collections.abc import Sequence
from typing import Final

from optlab.optimizers.shared import GRADIENT_DESCENT, lr
from optlab.optimizers.textbook.gradient_descent import step
from optlab.optimizers.textbook.rule import Array, Settings, UpdateRule, larger
from optlab.optimizers.textbook.shared import DECAY, HOME, LICENCE, WEIGHT_DECAY
from optlab.params import Kind, ParamSpec
from optlab.registry import OptimizerInfo


def clip(gradients: Sequence[Array], values: Settings) -> Sequence[Array]:
    """Scale all gradients so that together they are no longer than ``max_norm``."""
    longest = values["max_norm"]
    if not gradients:
        return gradients
    norm = sum((g * g).sum() for g in gradients) ** 0.5
    scale = longest / larger(norm, longest)
    return [scale * g for g in gradients]


RULE: Final = UpdateRule(step=step, prepare=clip)

CLIPPED_GD: Final = OptimizerInfo(
    name="clipped-gd",
    label="Gradient descent, clipped",
    family=GRADIENT_DESCENT,
    year=2013,
    description="Gradient descent that never takes a step longer than lr·max_norm: "
    "where the gradient is longer, only its direction counts.",
    factory="optlab.optimizers.textbook.clipped:RULE.build",
    params=(
        lr(1e-2, 1e-2, 1e-1),
        ParamSpec(
            name="max_norm",
            kind=Kind.FLOAT,
            default=1.0,
            low=0,
            low_open=True,
            suggested=(0.1, 10.0),
            log=True,
            meaning="Length to which a longer gradient is cut.",
        ),
        WEIGHT_DECAY,
        DECAY,
    ),
    notes=(
        "It is made for cliffs: one gradient of a thousand would throw the weights far "
        "away.",
        "The length is that of all gradients of a param group together.",
    ),
    formula="g = ∇f(θ)\n"
    "θ ← θ − η·min(1, c/‖g‖)·g\n"
    "η lr, c max_norm; weight decay acts after clipping",
    source="Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, Algorithm 1",
    typical_lr=(1e-2, 1.0),
    state_floats=0.0,
    home=HOME,
    licence=LICENCE,
    aliases=("Gradient clipping", "clipnorm", "Clipped SGD"),
    elementwise=False,
)
