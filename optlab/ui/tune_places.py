"""Places of what only a study uses: tuning, comparison, and where one searches.

``tuning.trials``, ``comparison.baseline``, ``optimizers.0.space.lr``. Pure functions of
frozen specs; knows nothing of Qt.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Final

from optlab.params import InputError, Kind, ParamSpec, ParamValue
from optlab.registry import Catalog, OptimizerInfo
from optlab.spec import (
    COMPARISON_PARAMS,
    TUNING_PARAMS,
    ComparisonSpec,
    ExperimentSpec,
    OptimizerSpec,
    Range,
    TuningSpec,
    labels,
)
from optlab.sweep.search import dimensions
from optlab.translate import tr

TUNING: Final = "tuning"
COMPARISON: Final = "comparison"
SPACE: Final = "space"
RATE: Final = "lr"


def is_space(name: str) -> bool:
    """Return whether a name within an entry is a place of its search space."""
    return name.partition(".")[0] == SPACE


def belongs_to_study(key: str) -> bool:
    """Return whether a place of an experiment matters to a study only."""
    parts = key.split(".")
    return parts[0] in (TUNING, COMPARISON) or parts[2:3] == [SPACE]


# -- tuning and comparison -----------------------------------------------------------


def study_param(place: str, name: str) -> ParamSpec:
    """Return the parameter ``name`` of the tuning or of the comparison."""
    params = TUNING_PARAMS if place == TUNING else COMPARISON_PARAMS
    return next(p for p in params if p.name == name)


def study_value(place: str, name: str, spec: ExperimentSpec) -> ParamValue:
    """Return a value of the tuning or of the comparison; the default where none is."""
    if place == TUNING:
        given: ParamValue = getattr(spec.tuning or TuningSpec(), name)
        return given
    value: ParamValue = getattr(spec.comparison, name)
    return value


def with_study_value(
    place: str, name: str, *, value: ParamValue, spec: ExperimentSpec
) -> ExperimentSpec:
    """Return the experiment with another value in its tuning or its comparison."""
    # mypy cannot know which field it is; the parameter has checked the kind.
    changes: dict[str, object] = {name: value}
    if place == TUNING:
        tuning = replace(spec.tuning or TuningSpec(), **changes)  # type: ignore[arg-type]
        return replace(spec, tuning=tuning)
    comparison = replace(spec.comparison, **changes)  # type: ignore[arg-type]
    return replace(spec, comparison=comparison)


# -- where one searches --------------------------------------------------------------


def searched(entry: OptimizerSpec) -> tuple[str, ...]:
    """Return the parameters of an entry that are searched."""
    return tuple(r.name for r in entry.space) or (RATE,)


def searchable(info: OptimizerInfo) -> tuple[ParamSpec, ...]:
    """Return the parameters of an optimizer that can be searched."""
    kinds = (Kind.FLOAT, Kind.INT)
    return tuple(p for p in info.params if p.kind in kinds and not p.fixed)


def usual_range(
    entry: OptimizerSpec, name: str, catalog: Catalog
) -> tuple[float, float] | None:
    """Return two ends between which a parameter may be searched; None for none.

    Those of the learning rate are what a study takes where nothing is said.
    """
    param = catalog.optimizers.get(entry.name).param(name)
    if name != RATE:
        return param.suggested
    try:
        (dim,) = dimensions(replace(entry, space=()), catalog, "")
    except InputError:
        return None
    return dim.tidy(dim.low), dim.tidy(dim.high)


def space_param(name: str, entry: OptimizerSpec, catalog: Catalog) -> ParamSpec:
    """Return the range of one parameter, as a list of numbers."""
    param = catalog.optimizers.get(entry.name).param(name.partition(".")[2])
    return ParamSpec(
        name=param.name,
        kind=Kind.FLOATS,
        default=None,
        label=param.label,
        low=param.low,
        high=param.high,
        low_open=param.low_open,
        high_open=param.high_open,
        none_word=tr("around its default"),
        meaning="Where it is searched: two ends of a range, or all values that are to "
        "be tried.",
    )


def space_value(name: str, entry: OptimizerSpec) -> ParamValue:
    """Return where a parameter is searched; None where the entry does not say."""
    own = name.partition(".")[2]
    return next((r.values for r in entry.space if r.name == own), None)


def with_space(name: str, value: ParamValue, entry: OptimizerSpec) -> OptimizerSpec:
    """Return the entry with another range of a parameter; None takes it off."""
    own = name.partition(".")[2]
    if value is None:
        rest = tuple(r for r in entry.space if r.name != own)
        return replace(entry, space=rest)
    numbers = value if isinstance(value, tuple) else (value,)
    values = tuple(float(v) for v in numbers if isinstance(v, int | float))
    new = Range(name=own, values=values)
    if all(r.name != own for r in entry.space):
        return replace(entry, space=(*entry.space, new))
    return replace(entry, space=tuple(new if r.name == own else r for r in entry.space))


# -- what becomes another ------------------------------------------------------------


def changed_in_study(old: ExperimentSpec, new: ExperimentSpec) -> Iterator[str]:
    """Yield the places of tuning and comparison at which two experiments differ."""
    if (old.tuning is None) != (new.tuning is None):
        yield TUNING
    before, after = old.tuning or TuningSpec(), new.tuning or TuningSpec()
    for field in fields(TuningSpec):
        if getattr(before, field.name) != getattr(after, field.name):
            yield f"{TUNING}.{field.name}"
    for field in fields(ComparisonSpec):
        if getattr(old.comparison, field.name) != getattr(new.comparison, field.name):
            yield f"{COMPARISON}.{field.name}"


def changed_space(old: OptimizerSpec, new: OptimizerSpec) -> Iterator[str]:
    """Yield the names within an entry at which two search spaces differ."""
    for name in dict.fromkeys((*searched(new), *searched(old))):
        place = f"{SPACE}.{name}"
        if space_value(place, old) != space_value(place, new):
            yield place


def following_baseline(
    old: ExperimentSpec,
    new: ExperimentSpec,
    catalog: Catalog,
    *,
    ids: tuple[tuple[int, ...], tuple[int, ...]],
) -> ExperimentSpec:
    """Return ``new`` with the baseline under the label that it has there.

    A label that nobody typed is made of the values, and changes with them.

    Args:
        old: What there was.
        new: What there is to be.
        catalog: What both are made of.
        ids: The lasting numbers of the optimizers of both.
    """
    baseline = old.comparison.baseline
    if not baseline or new.comparison != old.comparison:
        return new
    before = dict(zip(labels(old, catalog), ids[0], strict=True))
    after = dict(zip(ids[1], labels(new, catalog), strict=True))
    if baseline not in before:
        return new
    label = after.get(before[baseline], "")
    if label == baseline:
        return new
    return replace(new, comparison=replace(new.comparison, baseline=label))
