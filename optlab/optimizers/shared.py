"""What the catalog entries of several optimizers share: parameters and rules.

Data only; imports no torch.
"""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import Rule

GRADIENT_DESCENT: Final = "gradient descent"
ADAPTIVE: Final = "adaptive"
SIGN: Final = "sign"
SECOND_ORDER: Final = "matrix and second-order"


def number(values: Values, name: str) -> float:
    """Return the value of a parameter that is a number."""
    value = values[name]
    assert isinstance(value, int | float)
    return value


def numbers(values: Values, name: str) -> tuple[float | None, ...]:
    """Return the value of a parameter that is a sequence of numbers."""
    value = values[name]
    assert isinstance(value, tuple)
    return tuple(v if isinstance(v, int | float) else None for v in value)


def lr(default: float, low: float, high: float, *, low_open: bool = False) -> ParamSpec:
    """Return the learning rate, usually worth trying between ``low`` and ``high``."""
    return ParamSpec(
        name="lr",
        kind=Kind.FLOAT,
        default=default,
        low=0,
        low_open=low_open,
        suggested=(low, high),
        log=True,
        meaning="Learning rate: scales every step.",
    )


def betas(suggested: tuple[float, float] = (0.8, 0.9999)) -> ParamSpec:
    """Return the decay rates of the two running averages of the Adam family."""
    return ParamSpec(
        name="betas",
        kind=Kind.FLOATS,
        default=(0.9, 0.999),
        length=2,
        low=0,
        high=1,
        high_open=True,
        suggested=suggested,
        meaning="Decay rates of the running averages of the gradient and of its "
        "square; nearer to 1 remembers longer.",
    )


def eps(
    default: float,
    meaning: str = "Added to the denominator against division by zero; 1e-6 suits "
    "mixed precision.",
    *,
    low_open: bool = False,
) -> ParamSpec:
    """Return the small number in a denominator."""
    return ParamSpec(
        name="eps",
        kind=Kind.FLOAT,
        default=default,
        low=0,
        low_open=low_open,
        suggested=(min(default, 1e-10), 1e-4),
        log=True,
        meaning=meaning,
    )


def weight_decay(
    default: float = 0.0,
    suggested: tuple[float, float] = (1e-5, 1e-2),
    meaning: str = "Strength of the L2 penalty; λ·weight is added to the gradient.",
) -> ParamSpec:
    """Return the strength with which weights are drawn to zero."""
    return ParamSpec(
        name="weight_decay",
        kind=Kind.FLOAT,
        default=default,
        low=0,
        suggested=suggested,
        log=True,
        meaning=meaning,
    )


DECOUPLED: Final = (
    "Strength with which weights shrink by lr·λ·weight in each step, apart from the "
    "gradient."
)

DECOUPLED_FLAG: Final = ParamSpec(
    name="decoupled_weight_decay",
    kind=Kind.BOOL,
    default=False,
    meaning="Whether weight decay acts on the weights themselves, as in AdamW, and "
    "not through the gradient.",
)

AMSGRAD: Final = ParamSpec(
    name="amsgrad",
    kind=Kind.BOOL,
    default=False,
    meaning="Whether the step is divided by the largest average of squared gradients "
    "so far (arXiv:1904.09237, Algorithm 2).",
)

MAXIMIZE: Final = ParamSpec(
    name="maximize",
    kind=Kind.BOOL,
    default=False,
    meaning="Whether to climb: the loss is made larger.",
)

FOREACH: Final = ParamSpec(
    name="foreach",
    kind=Kind.BOOL,
    default=None,
    optional=True,
    none_word="auto",
    meaning="Whether all parameters are updated by one list operation; same numbers, "
    "another speed. auto: on CUDA only.",
)

FUSED: Final = ParamSpec(
    name="fused",
    kind=Kind.BOOL,
    default=None,
    optional=True,
    none_word="auto",
    meaning="Whether one fused kernel does the whole step; numbers agree to rounding. "
    "auto: no.",
)

CAPTURABLE: Final = ParamSpec(
    name="capturable",
    kind=Kind.BOOL,
    default=False,
    fixed="only of use inside CUDA graphs, which are not captured here, and an error "
    "on a CPU",
    meaning="Whether the step may be captured in a CUDA graph.",
)

DIFFERENTIABLE: Final = ParamSpec(
    name="differentiable",
    kind=Kind.BOOL,
    default=False,
    fixed="steps are taken without recording gradients, so nothing could be "
    "differentiated through them",
    meaning="Whether gradients may flow through the step itself.",
)


def _not_both(values: Values) -> bool:
    return not (values["fused"] and values["foreach"])


FUSED_OR_FOREACH: Final = Rule(
    keys=("fused", "foreach"),
    holds=_not_both,
    message="fused and foreach cannot both be on; switch one of them off or to auto",
)
