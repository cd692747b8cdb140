"""Catalog entries of torch's cycles, of the plateau, of SWA and of composites.

Data only; imports no torch.
"""

from itertools import pairwise
from typing import Final

from optlab.optimizers.schedules.shared import (
    CYCLE_MOMENTUM,
    EVERY,
    PER_GROUP_NOTE,
    WHOLE_RUN,
    anneal_strategy,
    count,
    factor,
    given,
    has,
    length,
    momentum,
    required,
)
from optlab.params import Kind, ParamSpec, Values
from optlab.registry import Rule, SchedulerInfo

_CODE: Final = "code: torch.optim.lr_scheduler."
_HOME: Final = "torch.optim.lr_scheduler:"


def _rate(name: str, meaning: str) -> ParamSpec:
    return required(
        name, Kind.FLOATS, meaning, suggested=(1e-5, 1.0), low_open=False, log=True
    )


CYCLIC: Final = SchedulerInfo(
    name="CyclicLR",
    label="Cycles",
    description="The rate goes up and down between two bounds along straight lines; "
    "momentum moves against it.",
    factory=_HOME + "CyclicLR",
    moves_momentum=True,
    params=(
        _rate("base_lr", "The lower bound of the rate."),
        _rate("max_lr", "The upper bound of the rate."),
        count("step_size_up", 2000, "Counts of the way up.", suggested=(100, 10000)),
        ParamSpec(
            name="step_size_down",
            kind=Kind.INT,
            default=None,
            optional=True,
            none_word="as up",
            low=1,
            suggested=(100, 10000),
            log=True,
            meaning="Counts of the way down.",
        ),
        ParamSpec(
            name="mode",
            kind=Kind.CHOICE,
            default="triangular",
            choices=("triangular", "triangular2", "exp_range"),
            meaning="All cycles alike, each half as high as the last one, or lower by "
            "gamma at each count.",
        ),
        ParamSpec(
            name="gamma",
            kind=Kind.FLOAT,
            default=1.0,
            low=0,
            low_open=True,
            suggested=(0.99, 1.0),
            meaning="Factor of the height at each count, in mode exp_range.",
        ),
        ParamSpec(
            name="scale_fn",
            kind=Kind.TEXT,
            default=None,
            optional=True,
            none_word="by mode",
            meaning="Factor of the height as a formula in x, instead of mode: 1/x.",
        ),
        ParamSpec(
            name="scale_mode",
            kind=Kind.CHOICE,
            default="cycle",
            choices=("cycle", "iterations"),
            meaning="What x is in scale_fn: the number of the cycle from 1, or k.",
        ),
        CYCLE_MOMENTUM,
        momentum("base_momentum", 0.8, "Momentum where the rate is highest."),
        momentum("max_momentum", 0.9, "Momentum where the rate is lowest."),
        EVERY,
    ),
    rules=(
        given("base_lr", "the lower bound of the rate, such as 0.001"),
        given("max_lr", "the upper bound of the rate, such as 0.1"),
    ),
    notes=(PER_GROUP_NOTE,),
    formula="η(k) = η_base + (η_max − η_base)·h·s\n"
    "h = 0 → 1 → 0 along straight lines, s the height of the cycle: 1 (triangular), "
    "2^(1 − cycle) (triangular2), γ^k (exp_range)\n"
    "μ(k) = μ_max − (μ_max − μ_base)·h·s",
    source="Smith 2015, arXiv:1506.01186, section 3; " + _CODE + "CyclicLR",
)


def _one_total(values: Values) -> bool:
    return not (has(values, "total_steps") and has(values, "epochs"))


def _both_or_none(values: Values) -> bool:
    return has(values, "epochs") == has(values, "steps_per_epoch")


ONE_CYCLE: Final = SchedulerInfo(
    name="OneCycleLR",
    label="One cycle",
    description="One rise to a high rate and a long fall far below the start, over the "
    "whole run; momentum moves against it.",
    factory=_HOME + "OneCycleLR",
    moves_momentum=True,
    params=(
        _rate("max_lr", "The highest rate."),
        length("total_steps", "Counts of the cycle."),
        ParamSpec(
            name="epochs",
            kind=Kind.INT,
            default=None,
            optional=True,
            none_word="not used",
            low=1,
            suggested=(1, 300),
            meaning="With steps_per_epoch, another way to give total_steps.",
        ),
        ParamSpec(
            name="steps_per_epoch",
            kind=Kind.INT,
            default=None,
            optional=True,
            none_word="not used",
            low=1,
            suggested=(10, 10000),
            meaning="With epochs, another way to give total_steps.",
        ),
        factor("pct_start", 0.3, "Share of it that rises.", suggested=(0.1, 0.5)),
        anneal_strategy("Whether the rate goes along cosines or straight lines."),
        CYCLE_MOMENTUM,
        momentum("base_momentum", 0.85, "Momentum where the rate is highest."),
        momentum("max_momentum", 0.95, "Momentum where the rate is lowest."),
        ParamSpec(
            name="div_factor",
            kind=Kind.FLOAT,
            default=25.0,
            low=0,
            low_open=True,
            suggested=(5, 100),
            meaning="The first rate is max_lr divided by this.",
        ),
        ParamSpec(
            name="final_div_factor",
            kind=Kind.FLOAT,
            default=1e4,
            low=0,
            low_open=True,
            suggested=(10, 1e5),
            log=True,
            meaning="The last rate is the first one divided by this.",
        ),
        ParamSpec(
            name="three_phase",
            kind=Kind.BOOL,
            default=False,
            meaning="Whether the fall first mirrors the rise and then goes on down.",
        ),
        EVERY,
    ),
    rules=(
        given("max_lr", "the highest rate, such as 0.1"),
        Rule(
            keys=("epochs", "steps_per_epoch"),
            holds=_both_or_none,
            message="give epochs and steps_per_epoch together, or neither",
        ),
        Rule(
            keys=("total_steps", "epochs"),
            holds=_one_total,
            message="give either total_steps or epochs and steps_per_epoch",
        ),
    ),
    notes=(
        PER_GROUP_NOTE,
        "After the cycle the rate stays where it is; torch raises an error there.",
    ),
    formula="η: η_max/d → η_max in the first p·N counts, → η_max/(d·f) at k = N − 1\n"
    "along a cosine: a → b is b + (a − b)·(1 + cos(π·t)) / 2, t from 0 to 1\n"
    "d div_factor, f final_div_factor, p pct_start, N total_steps; "
    "μ: μ_max → μ_base → μ_max",
    source="Smith & Topin 2017, arXiv:1708.07120; " + _CODE + "OneCycleLR",
)

PLATEAU: Final = SchedulerInfo(
    name="ReduceLROnPlateau",
    label="Drop on a plateau",
    description="The rate drops when a metric has not got better for some evaluations.",
    factory=_HOME + "ReduceLROnPlateau",
    needs_metric=True,
    params=(
        ParamSpec(
            name="metric",
            kind=Kind.CHOICE,
            default="val_loss",
            choices=("val_loss", "val_accuracy", "train_loss"),
            meaning="What is watched, at each evaluation.",
        ),
        ParamSpec(
            name="mode",
            kind=Kind.CHOICE,
            default=None,
            optional=True,
            none_word="as the metric",
            choices=("min", "max"),
            meaning="Whether smaller or larger is better.",
        ),
        ParamSpec(
            name="factor",
            kind=Kind.FLOAT,
            default=0.1,
            low=0,
            low_open=True,
            high=1,
            high_open=True,
            suggested=(0.1, 0.5),
            meaning="Factor of each drop.",
        ),
        count(
            "patience",
            10,
            "Evaluations without a gain that are still waited for.",
            low=0,
            suggested=(2, 20),
        ),
        ParamSpec(
            name="threshold",
            kind=Kind.FLOAT,
            default=1e-4,
            low=0,
            suggested=(1e-5, 1e-2),
            log=True,
            meaning="How much better than the best is a gain.",
        ),
        ParamSpec(
            name="threshold_mode",
            kind=Kind.CHOICE,
            default="rel",
            choices=("rel", "abs"),
            meaning="Whether threshold is a share of the best value or a difference.",
        ),
        count(
            "cooldown",
            0,
            "Evaluations after a drop that do not count.",
            low=0,
            suggested=(0, 10),
        ),
        ParamSpec(
            name="min_lr",
            kind=Kind.FLOAT,
            default=0.0,
            low=0,
            suggested=(1e-7, 1e-3),
            log=True,
            meaning="The rate never drops below this.",
        ),
        ParamSpec(
            name="eps",
            kind=Kind.FLOAT,
            default=1e-8,
            low=0,
            suggested=(1e-10, 1e-6),
            log=True,
            meaning="Drops smaller than this are left out.",
        ),
        ParamSpec(
            name="every",
            kind=Kind.CHOICE,
            default="evaluation",
            choices=("evaluation",),
            fixed="it acts when the metric is measured",
            meaning="What it counts: evaluations, see eval_every.",
            label="Counts every",
        ),
    ),
    notes=("What it does depends on the run, so there is no curve beforehand.",),
    formula="more than p evaluations without m < best·(1 − t): η ← max(η·f, η_min)\n"
    "m metric, p patience, t threshold, f factor, η_min min_lr",
    source=_CODE + "ReduceLROnPlateau",
)

SEQUENTIAL: Final = SchedulerInfo(
    name="SequentialLR",
    label="One after another",
    description="Several schedules in a row; each begins anew, with the optimizer's "
    "lr, at its milestone.",
    factory=_HOME + "SequentialLR",
    composite=True,
    params=(
        required(
            "milestones",
            Kind.INTS,
            "Counts at which the next schedule takes over; one fewer than schedules.",
            low=1,
            suggested=(10, 10000),
        ),
        EVERY,
    ),
    rules=(
        given("milestones", "the counts at which the next schedule takes over"),
        Rule(
            keys=("milestones",),
            holds=lambda values: _rising(values["milestones"]),
            message="milestones that grow",
        ),
    ),
    notes=(
        "Its schedules count in its own unit.",
        f'In a schedule of a row "{WHOLE_RUN}" is the stretch that it has.',
    ),
    formula="η(k) = ηᵢ(k − mᵢ) for mᵢ ≤ k < mᵢ₊₁, m₀ = 0\nm milestones",
    source=_CODE + "SequentialLR",
)

CHAINED: Final = SchedulerInfo(
    name="ChainedScheduler",
    label="Multiplied",
    description="Several schedules at the same time: their factors are multiplied.",
    factory=_HOME + "ChainedScheduler",
    composite=True,
    params=(EVERY,),
    notes=(
        "Its schedules count in its own unit.",
        "It takes schedules that multiply the rate; one that sets it would undo the "
        "others.",
    ),
    formula="η(k) = η₀·f₁(k)·f₂(k)·…\nfᵢ = ηᵢ / η₀ of each schedule by itself",
    source=_CODE + "ChainedScheduler",
)

SWA: Final = SchedulerInfo(
    name="SWALR",
    label="To a constant, for averaging",
    description="The rate goes from lr to a constant one, at which stochastic weight "
    "averaging (SWA) collects weights.",
    factory="torch.optim.swa_utils:SWALR",
    params=(
        _rate("swa_lr", "The rate that stays."),
        count(
            "anneal_epochs",
            10,
            "Counts of the way to it.",
            low=0,
            suggested=(0, 1000),
        ),
        anneal_strategy("Whether the way is a cosine or a straight line."),
        EVERY,
    ),
    rules=(given("swa_lr", "the rate that stays, such as 0.05"),),
    formula="η(k) = η_swa·α + η₀·(1 − α)\n"
    "α = (1 − cos(π·t)) / 2 (linear: t), t = min(1, k / N); N anneal_epochs",
    source="Izmailov et al. 2018, arXiv:1803.05407; code: torch.optim.swa_utils.SWALR",
)


def _rising(milestones: object) -> bool:
    if not isinstance(milestones, tuple):
        return True
    return all(a < b for a, b in pairwise(milestones))
