"""What a fair comparison needs beside an experiment: tuning, a baseline, a space.

A study tunes every optimizer of an experiment with the same budget, on seeds of its
own, and then trains the winners on the experiment's seeds, on each of its problems.
"""

from dataclasses import dataclass
from typing import Final

from optlab.params import Kind, ParamSpec

SEARCHES: Final = ("grid", "sobol", "optuna")

TUNING_PARAMS: Final = (
    ParamSpec(
        name="trials",
        label="trials",
        kind=Kind.INT,
        default=25,
        low=1,
        high=1000,
        meaning="Tuning trials of each optimizer: the budget, the same for all.",
    ),
    ParamSpec(
        name="search",
        label="search",
        kind=Kind.CHOICE,
        default="grid",
        choices=SEARCHES,
        meaning="How settings are picked: a logarithmic grid, Sobol points, or "
        "Optuna's tree of Parzen estimators.",
    ),
    ParamSpec(
        name="rungs",
        label="rungs",
        kind=Kind.INT,
        default=1,
        low=1,
        high=8,
        meaning="Rungs of successive halving; 1 takes every trial to the end.",
    ),
    ParamSpec(
        name="eta",
        label="η",
        kind=Kind.INT,
        default=3,
        low=2,
        high=8,
        meaning="At each rung one trial in so many goes on, to so many times the "
        "steps; schedules are always those of all steps.",
    ),
    ParamSpec(
        name="refine",
        label="refine",
        kind=Kind.INT,
        default=0,
        low=0,
        high=100,
        meaning="Trials of the budget that are kept for a second round: beyond the "
        "border of the grid where the best lies on it, beside the best elsewhere.",
    ),
    ParamSpec(
        name="seeds",
        label="tuning seeds",
        kind=Kind.INTS,
        default=(1000,),
        low=0,
        distinct=True,
        meaning="Seeds of the tuning trials; none of them may be a seed of the "
        "comparison, or the winner would be judged on what it was picked by.",
    ),
    ParamSpec(
        name="metric",
        label="tuned by",
        kind=Kind.CHOICE,
        default="",
        choices=("", "val_loss", "val_accuracy", "value", "train_loss"),
        meaning="What the best setting is picked by; the first of val_loss, value and "
        "train_loss that is measured if nothing is given.",
    ),
)

COMPARISON_PARAMS: Final = (
    ParamSpec(
        name="baseline",
        label="baseline",
        kind=Kind.TEXT,
        default="",
        meaning="Label of the optimizer that all others are compared with; the first "
        "one if nothing is given.",
    ),
    ParamSpec(
        name="metric",
        label="judged by",
        kind=Kind.CHOICE,
        default="",
        choices=("", "val_loss", "val_accuracy", "value", "train_loss"),
        meaning="What the optimizers are judged by at the end; the first of val_loss, "
        "value and train_loss that is measured if nothing is given.",
    ),
    ParamSpec(
        name="target",
        label="target",
        kind=Kind.FLOAT,
        default=None,
        optional=True,
        meaning="What is to be reached; by default what half of the optimizers end at.",
    ),
    ParamSpec(
        name="looks",
        label="looks",
        kind=Kind.CHOICE,
        default="end",
        choices=("end", "any"),
        meaning="When the verdict is read: once at the end, with the number of seeds "
        "fixed beforehand, or at any time, with intervals that allow for it.",
    ),
    ParamSpec(
        name="all_pairs",
        label="all pairs",
        kind=Kind.BOOL,
        default=False,
        meaning="Whether every optimizer is compared with every other.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class TuningSpec:
    """How settings are searched for; see `TUNING_PARAMS` for the meanings."""

    trials: int = 25
    search: str = "grid"
    rungs: int = 1
    eta: int = 3
    refine: int = 0
    seeds: tuple[int, ...] = (1000,)
    metric: str = ""


@dataclass(frozen=True, kw_only=True)
class ComparisonSpec:
    """What is compared and when it is read; see `COMPARISON_PARAMS`."""

    baseline: str = ""
    metric: str = ""
    target: float | None = None
    looks: str = "end"
    all_pairs: bool = False


@dataclass(frozen=True, kw_only=True)
class Range:
    """Where one hyperparameter of one optimizer is searched.

    Attributes:
        name: The parameter.
        values: Two numbers are the ends of a range, on the parameter's own scale;
            one, or more than two, are the only values that are tried.
    """

    name: str
    values: tuple[float, ...]


PARTS: Final = ("tuning", "final")


@dataclass(frozen=True, kw_only=True)
class PartSpec:
    """Which part of a study one run is.

    Attributes:
        study: What all runs of the study share: a hash of its experiment.
        part: ``tuning`` or ``final``.
        problem: Index of the problem, 0 for the experiment's own.
        trial: Number of the tuning trial among those of its optimizer; 0 in a final.
        seeds: How many seeds the comparison has in all, of which this may be one; 0
            where that is not known.
    """

    study: str
    part: str
    problem: int = 0
    trial: int = 0
    seeds: int = 0
