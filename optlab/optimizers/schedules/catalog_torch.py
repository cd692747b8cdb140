"""Catalog entries of torch's schedules that follow one formula in k.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.schedules.shared import (
    EVERY,
    LENGTH_NOTE,
    count,
    eta_min,
    expression,
    factor,
    gamma,
    given,
    length,
    required,
)
from optlab.params import Kind, ParamSpec
from optlab.registry import SchedulerInfo

_CODE: Final = "code: torch.optim.lr_scheduler."
_HOME: Final = "torch.optim.lr_scheduler:"

LAMBDA: Final = SchedulerInfo(
    name="LambdaLR",
    label="Formula",
    description="The rate times a factor that you type as a formula in k.",
    factory=_HOME + "LambdaLR",
    params=(
        expression("lr_lambda", "The factor as a formula in k = 0, 1, 2, …: 0.95**k."),
        EVERY,
    ),
    rules=(given("lr_lambda", "a factor as a formula in k, such as 0.95**k"),),
    formula="η(k) = η₀·λ(k)",
    source=_CODE + "LambdaLR",
)

MULTIPLICATIVE: Final = SchedulerInfo(
    name="MultiplicativeLR",
    label="Multiplied by a formula",
    description="At each count the rate is multiplied by a factor that you type as a "
    "formula in k.",
    factory=_HOME + "MultiplicativeLR",
    params=(
        expression(
            "lr_lambda", "The factor at k = 1, 2, 3, … as a formula in k: 1 - 1/(k+9)."
        ),
        EVERY,
    ),
    rules=(given("lr_lambda", "a factor as a formula in k, such as 0.95"),),
    formula="η(k) = η₀·λ(1)·λ(2)·…·λ(k)",
    source=_CODE + "MultiplicativeLR",
)

STEP: Final = SchedulerInfo(
    name="StepLR",
    label="Staircase",
    description="The rate drops by the same factor at equal distances: a staircase.",
    factory=_HOME + "StepLR",
    params=(
        required(
            "step_size",
            Kind.INT,
            "Counts between two drops.",
            low=1,
            suggested=(10, 10000),
            log=True,
        ),
        gamma(0.1, "Factor of each drop."),
        EVERY,
    ),
    rules=(given("step_size", "the number of counts between two drops, such as 30"),),
    formula="η(k) = η₀·γ^⌊k / s⌋\ns step_size, γ gamma",
    source=_CODE + "StepLR",
)

MULTI_STEP: Final = SchedulerInfo(
    name="MultiStepLR",
    label="Steps at milestones",
    description="The rate drops by the same factor at each of the given counts.",
    factory=_HOME + "MultiStepLR",
    params=(
        required(
            "milestones",
            Kind.INTS,
            "Counts after which the rate drops; one that is named twice drops twice.",
            low=1,
            suggested=(10, 10000),
        ),
        gamma(0.1, "Factor of each drop."),
        EVERY,
    ),
    rules=(given("milestones", "the counts of the drops, such as [30, 80]"),),
    formula="η(k) = η₀·γ^(number of milestones ≤ k)\nγ gamma",
    source="as in He et al. 2015, arXiv:1512.03385, section 4.2; "
    + _CODE
    + "MultiStepLR",
)

CONSTANT: Final = SchedulerInfo(
    name="ConstantLR",
    label="Smaller at first",
    description="The rate is smaller by a factor at first and then jumps to its full "
    "height: the plainest warm-up.",
    factory=_HOME + "ConstantLR",
    params=(
        factor("factor", 1.0 / 3, "Factor before the jump.", low_open=True),
        count("total_iters", 5, "Counts before the jump."),
        EVERY,
    ),
    formula="η(k) = η₀·f for k < N, then η₀\nf factor, N total_iters",
    source="as in He et al. 2015, arXiv:1512.03385, section 4.2; "
    + _CODE
    + "ConstantLR",
)

LINEAR: Final = SchedulerInfo(
    name="LinearLR",
    label="Linear",
    description="The factor of the rate goes along a straight line and then stays: a "
    "warm-up, or a linear decay.",
    factory="optlab.optimizers.schedules.own:Linear",
    params=(
        factor("start_factor", 1.0 / 3, "Factor at k = 0.", low_open=True),
        factor("end_factor", 1.0, "Factor at the end of the line.", suggested=(0, 1)),
        count("total_iters", 5, "Counts that the line takes."),
        EVERY,
    ),
    formula="η(k) = η₀·(a + (b − a)·min(k, N) / N)\n"
    "a start_factor, b end_factor, N total_iters",
    source="Goyal et al. 2017, arXiv:1706.02677, section 2.2, for warm-up; "
    + _CODE
    + "LinearLR",
)

EXPONENTIAL: Final = SchedulerInfo(
    name="ExponentialLR",
    label="Exponential",
    description="The rate is multiplied by the same factor at each count.",
    factory=_HOME + "ExponentialLR",
    params=(gamma(None, "Factor of each count."), EVERY),
    rules=(given("gamma", "the factor of each count, such as 0.999"),),
    formula="η(k) = η₀·γ^k\nγ gamma",
    source=_CODE + "ExponentialLR",
)

POLYNOMIAL: Final = SchedulerInfo(
    name="PolynomialLR",
    label="Polynomial",
    description="The rate falls to zero along a power of the share of the run that is "
    "left; power 1 is a straight line.",
    factory=_HOME + "PolynomialLR",
    params=(
        length("total_iters", "Counts until the rate is zero."),
        ParamSpec(
            name="power",
            kind=Kind.FLOAT,
            default=1.0,
            low=0,
            low_open=True,
            suggested=(0.5, 3.0),
            meaning="Exponent: 1 is a straight line, more falls fast at first.",
        ),
        EVERY,
    ),
    notes=("torch's own default of total_iters is 5.", LENGTH_NOTE),
    formula="η(k) = η₀·(1 − min(k, N) / N)^p\nN total_iters, p power",
    source="as in Chen et al. 2016, arXiv:1606.00915; " + _CODE + "PolynomialLR",
)

COSINE: Final = SchedulerInfo(
    name="CosineAnnealingLR",
    label="Cosine",
    description="The rate falls along half a cosine: slowly, fast, and slowly again. "
    "After T_max it rises the same way.",
    factory="optlab.optimizers.schedules.own:CosineAnnealing",
    params=(
        length("T_max", "Counts from the highest rate to the lowest."),
        eta_min(),
        EVERY,
    ),
    notes=(LENGTH_NOTE,),
    formula="η(k) = η_min + (η₀ − η_min)·(1 + cos(π·k / T_max)) / 2",
    source="Loshchilov & Hutter 2016, arXiv:1608.03983, equation 5, without restarts; "
    + _CODE
    + "CosineAnnealingLR",
)

WARM_RESTARTS: Final = SchedulerInfo(
    name="CosineAnnealingWarmRestarts",
    label="Cosine with warm restarts",
    description="The rate falls along half a cosine, jumps back to its full height and "
    "falls again, each time more slowly where T_mult is above 1.",
    factory=_HOME + "CosineAnnealingWarmRestarts",
    params=(
        required(
            "T_0",
            Kind.INT,
            "Counts until the first restart.",
            low=1,
            suggested=(10, 10000),
            log=True,
        ),
        ParamSpec(
            name="T_mult",
            kind=Kind.INT,
            default=1,
            low=1,
            suggested=(1, 4),
            meaning="Factor by which the time between restarts grows.",
        ),
        eta_min("The rate just before a restart."),
        EVERY,
    ),
    rules=(given("T_0", "the number of counts until the first restart, such as 100"),),
    formula="η(k) = η_min + (η₀ − η_min)·(1 + cos(π·T_cur / T_i)) / 2\n"
    "T_cur counts since the last restart, T_i = T_0·T_mult^i for the i-th period",
    source="Loshchilov & Hutter 2016, arXiv:1608.03983, equation 5 (SGDR); "
    + _CODE
    + "CosineAnnealingWarmRestarts",
)
