"""Parameters and texts that several textbook forms share.

Data only; imports no torch.
"""

from dataclasses import replace
from typing import Final

from optlab.optimizers.shared import weight_decay
from optlab.optimizers.textbook.rule import DECOUPLED, DECOUPLED_BY_LR, L2
from optlab.params import Kind, ParamSpec

MOMENTUM_FAMILY: Final = "momentum"
TF_FAMILY: Final = "TF/Keras-compatible"
HOME: Final = "optlab"
LICENCE: Final = "MIT"

WEIGHT_DECAY: Final = weight_decay(
    meaning="Strength λ with which weights are drawn to zero; decay says how."
)

DECAY: Final = ParamSpec(
    name="decay",
    kind=Kind.CHOICE,
    default=L2,
    choices=(L2, DECOUPLED_BY_LR, DECOUPLED),
    meaning="How λ acts: l2 adds λ·weight to the gradient, decoupled-by-lr takes "
    "lr·λ·weight off each weight, decoupled takes λ·weight off.",
)

KERAS_DECAY: Final = replace(
    DECAY, default=DECOUPLED_BY_LR, fixed="Keras takes lr·λ·weight off each weight"
)

NESTEROV: Final = ParamSpec(
    name="nesterov",
    kind=Kind.BOOL,
    default=False,
    meaning="Whether the step looks ahead along the momentum.",
)

CENTERED: Final = ParamSpec(
    name="centered",
    kind=Kind.BOOL,
    default=False,
    meaning="Whether the square of the mean gradient is taken off, which leaves an "
    "estimate of the variance.",
)

TF_OPTIMIZER: Final = (
    "TFOptimizer was no algorithm: up to Keras 2 it was the class that wrapped an "
    "optimizer of TensorFlow's own (tf.train). The family TF/Keras-compatible stands "
    "for what was inside."
)
TF_ALIAS: Final = "TFOptimizer"


def momentum(default: float = 0.9, *, average: bool = False) -> ParamSpec:
    """Return the momentum: the decay rate β of an average, or the share μ kept."""
    return ParamSpec(
        name="momentum",
        kind=Kind.FLOAT,
        default=default,
        low=0,
        high=1 if average else None,
        high_open=average,
        suggested=(0.0, 0.99),
        meaning="Decay rate β of the average of gradients; nearer to 1 remembers "
        "longer."
        if average
        else "Share μ of the last step that is kept; 0.9 moves up to ten times as far "
        "as without.",
    )


def decay_rate(name: str, default: float, what: str) -> ParamSpec:
    """Return the decay rate of a running average of ``what``."""
    return ParamSpec(
        name=name,
        kind=Kind.FLOAT,
        default=default,
        low=0,
        high=1,
        high_open=True,
        suggested=(0.8, 0.999),
        meaning=f"Decay rate of the running average of {what}; nearer to 1 remembers "
        "longer.",
    )


def initial(name: str, default: float, what: str) -> ParamSpec:
    """Return what the running sum or average of squared gradients starts from."""
    return ParamSpec(
        name=name,
        kind=Kind.FLOAT,
        default=default,
        low=0,
        suggested=(1e-3, 1.0),
        log=True,
        meaning=f"What the {what} of squared gradients starts from.",
    )
