"""Catalog entries of the schedules that torch has no class for.

Data only; imports no torch.
"""

from typing import Final

from optlab.optimizers.schedules.shared import (
    EVERY,
    LENGTH_NOTE,
    count,
    factor,
    length,
)
from optlab.params import Kind, ParamSpec, Values
from optlab.registry import Rule, SchedulerInfo

_HOME: Final = "optlab.optimizers.schedules.own:"

_WARMUP: Final = count(
    "warmup",
    100,
    "Counts of the ramp; the last of them has the full rate.",
    low=0,
    suggested=(10, 10000),
)

HELD: Final = SchedulerInfo(
    name="Constant",
    label="Constant",
    description="The rate stays as it is; of use as a part of others.",
    factory=_HOME + "constant",
    params=(EVERY,),
    formula="η(k) = η₀",
    source="gradient descent as it is written down",
)

WARMUP: Final = SchedulerInfo(
    name="Warmup",
    label="Warm-up",
    description="The rate grows along a straight line to its full height and stays.",
    factory=_HOME + "warmup",
    params=(
        _WARMUP,
        factor(
            "start_factor",
            0.0,
            "Factor where the line begins, one count before the first.",
            suggested=(0.0, 0.5),
        ),
        EVERY,
    ),
    formula="η(k) = η₀·(a + (1 − a)·min(1, (k + 1) / W))\na start_factor, W warmup",
    source="Goyal et al. 2017, arXiv:1706.02677, section 2.2; "
    "Ma & Yarats 2019, arXiv:1910.04209",
)

WARMUP_COSINE: Final = SchedulerInfo(
    name="WarmupCosine",
    label="Warm-up and cosine",
    description="The rate grows along a straight line and then falls along half a "
    "cosine to the end of the run.",
    factory=_HOME + "warmup_cosine",
    params=(
        _WARMUP,
        length("total", "Counts of both parts together."),
        factor(
            "final_factor", 0.0, "Factor that is left at the end.", suggested=(0.0, 0.1)
        ),
        EVERY,
    ),
    notes=(LENGTH_NOTE,),
    formula="η(k) = η₀·(k + 1) / W for k < W, then\n"
    "η₀·(f + (1 − f)·(1 + cos(π·u)) / 2), u = min(1, (k − W) / (N − W))\n"
    "W warmup, N total, f final_factor",
    source="Goyal et al. 2017, arXiv:1706.02677, section 2.2, and Loshchilov & Hutter "
    "2016, arXiv:1608.03983, equation 5",
)


def _can_be_reached(values: Values) -> bool:
    return values["shape"] != "exponential" or values["final_factor"] != 0


WSD: Final = SchedulerInfo(
    name="WSD",
    label="Warm-up, stable, decay",
    description="A short ramp, a long plateau at the full rate, and a short fall at "
    "the end (a trapezoid): the plateau can be made longer at any time.",
    factory=_HOME + "wsd",
    params=(
        _WARMUP,
        ParamSpec(
            name="decay",
            kind=Kind.INT,
            default=None,
            optional=True,
            none_word="a tenth",
            low=1,
            suggested=(10, 10000),
            log=True,
            meaning="Counts of the fall; by default a tenth of total.",
        ),
        length("total", "Counts of the three parts together."),
        ParamSpec(
            name="shape",
            kind=Kind.CHOICE,
            default="linear",
            choices=("linear", "1-sqrt", "cosine", "exponential"),
            meaning="How the rate falls.",
        ),
        factor(
            "final_factor", 0.0, "Factor that is left at the end.", suggested=(0.0, 0.1)
        ),
        EVERY,
    ),
    rules=(
        Rule(
            keys=("final_factor", "shape"),
            holds=_can_be_reached,
            message="a number > 0 for an exponential fall, such as 0.1",
        ),
    ),
    notes=(LENGTH_NOTE,),
    formula="η(k) = η₀·(k + 1) / W for k < W, η₀ for k < N − D, then η₀·g(u), "
    "u = min(1, (k − N + D) / D)\n"
    "g: f + (1 − f)·(1 − u), f + (1 − f)·(1 − √u), f + (1 − f)·(1 + cos(π·u)) / 2, "
    "or f^u\n"
    "W warmup, D decay, N total, f final_factor",
    source="Hu et al. 2024, arXiv:2404.06395, section 4 (MiniCPM); "
    "Hägele et al. 2024, arXiv:2405.18392, for 1-sqrt",
)
