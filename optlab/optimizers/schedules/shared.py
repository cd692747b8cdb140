"""What the catalog entries of several schedules share: parameters, rules and words.

Data only; imports no torch.
"""

from typing import Final

from optlab.params import NONE_WORD, Kind, ParamSpec, Values
from optlab.registry import Rule

WHOLE_RUN: Final = "whole run"
REQUIRED: Final = "required"

EVERY: Final = ParamSpec(
    name="every",
    kind=Kind.CHOICE,
    default="step",
    choices=("step", "epoch"),
    meaning="What k counts: optimizer updates, or passes over the data.",
    label="Counts every",
)

CYCLE_MOMENTUM: Final = ParamSpec(
    name="cycle_momentum",
    kind=Kind.BOOL,
    default=True,
    meaning="Whether momentum (or the first of betas) moves against the rate; the "
    "optimizer must have one of them.",
)

LENGTH_NOTE: Final = (
    f'With "{WHOLE_RUN}", a run that is made longer afterwards keeps the length that '
    "it began with: the rate then stays as it is at the end."
)

PER_GROUP_NOTE: Final = (
    "A single rate holds for all param groups; a list gives one for each, the default "
    "group first. The optimizer's own lr is not used."
)


def required(
    name: str,
    kind: Kind,
    meaning: str,
    *,
    suggested: tuple[float, float],
    low: float = 0,
    low_open: bool = False,
    log: bool = False,
    unit: str = "",
) -> ParamSpec:
    """Return a parameter that has to be given."""
    return ParamSpec(
        name=name,
        kind=kind,
        default=None,
        optional=kind is not Kind.FLOATS and kind is not Kind.INTS,
        none_word=REQUIRED,
        required=True,
        meaning=meaning,
        low=low,
        low_open=low_open,
        suggested=suggested,
        log=log,
        unit=unit,
    )


def given(name: str, what: str) -> Rule:
    """Return the rule that ``name`` was given; ``what`` says what it is."""
    return Rule(
        keys=(name,),
        holds=lambda values: values[name] is not None,
        message=f"give {name}, {what}",
    )


def expression(name: str, meaning: str) -> ParamSpec:
    """Return a factor that is typed as an expression in k."""
    return ParamSpec(
        name=name,
        kind=Kind.TEXT,
        default=None,
        optional=True,
        none_word=REQUIRED,
        required=True,
        meaning=meaning,
    )


def length(name: str, meaning: str) -> ParamSpec:
    """Return a length that spans the run where it is not given."""
    return ParamSpec(
        name=name,
        kind=Kind.INT,
        default=None,
        optional=True,
        none_word=WHOLE_RUN,
        low=1,
        suggested=(100, 100000),
        log=True,
        meaning=meaning,
    )


def count(
    name: str,
    default: int,
    meaning: str,
    *,
    low: float = 1,
    suggested: tuple[float, float] = (5, 1000),
) -> ParamSpec:
    """Return a number of counts."""
    return ParamSpec(
        name=name,
        kind=Kind.INT,
        default=default,
        low=low,
        suggested=suggested,
        log=True,
        meaning=meaning,
    )


def gamma(default: float | None, meaning: str) -> ParamSpec:
    """Return the factor of a decay."""
    return ParamSpec(
        name="gamma",
        kind=Kind.FLOAT,
        default=default,
        optional=default is None,
        none_word=REQUIRED if default is None else NONE_WORD,
        required=default is None,
        low=0,
        low_open=True,
        suggested=(0.1, 0.999),
        meaning=meaning,
    )


def eta_min(meaning: str = "The rate at the lowest point.") -> ParamSpec:
    """Return the lowest rate."""
    return ParamSpec(
        name="eta_min",
        kind=Kind.FLOAT,
        default=0.0,
        low=0,
        suggested=(1e-6, 1e-2),
        log=True,
        meaning=meaning,
    )


def momentum(name: str, default: float, meaning: str) -> ParamSpec:
    """Return an end of the range that momentum moves in."""
    return ParamSpec(
        name=name,
        kind=Kind.FLOAT,
        default=default,
        low=0,
        high=1,
        high_open=True,
        suggested=(0.7, 0.99),
        meaning=meaning,
    )


def anneal_strategy(meaning: str) -> ParamSpec:
    """Return the choice between a cosine and a straight line."""
    return ParamSpec(
        name="anneal_strategy",
        kind=Kind.CHOICE,
        default="cos",
        choices=("cos", "linear"),
        meaning=meaning,
    )


def factor(
    name: str,
    default: float,
    meaning: str,
    *,
    low_open: bool = False,
    suggested: tuple[float, float] = (0.01, 1.0),
) -> ParamSpec:
    """Return a factor between 0 and 1."""
    return ParamSpec(
        name=name,
        kind=Kind.FLOAT,
        default=default,
        low=0,
        low_open=low_open,
        high=1,
        suggested=suggested,
        meaning=meaning,
    )


def has(values: Values, name: str) -> bool:
    """Return whether a parameter has a value."""
    return values[name] is not None
