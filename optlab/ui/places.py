"""Places in an experiment, named as in TOML: what stands there, and something else.

``problem.start``, ``training.steps``, ``optimizers.0.lr``; what lies deeper in an entry
(``optimizers.0.scheduler.T_max``) is known to `optlab.ui.nested`, what a study uses
(``tuning.trials``) to `optlab.ui.tune_places`. Pure functions of frozen specs; knows
nothing of Qt.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from optlab.params import Kind, ParamSpec, ParamValue, Values
from optlab.registry import Catalog, ProblemInfo
from optlab.spec import (
    BATCH_SIZE,
    TRAINING_PARAMS,
    ExperimentSpec,
    OptimizerSpec,
    ProblemSpec,
)
from optlab.translate import tr
from optlab.ui.nested import is_nested, nested_param, nested_value, with_nested
from optlab.ui.tune_places import (
    COMPARISON,
    TUNING,
    is_space,
    space_param,
    space_value,
    study_param,
    study_value,
    with_space,
    with_study_value,
)

PROBLEM: Final = "problem"
TRAINING: Final = "training"
OPTIMIZERS: Final = "optimizers"
LABEL: Final = ParamSpec(
    name="label",
    label="label",
    kind=Kind.TEXT,
    default="",
    meaning="Name of this entry in every plot and table; empty for an automatic one.",
)
DEFAULT_STEPS: Final = 1000
# One of the two has to be given: neither goes back to what stands for nothing.
WITHOUT_DEFAULT: Final = (f"{TRAINING}.steps", f"{TRAINING}.epochs")


def split(key: str) -> tuple[str, int, str]:
    """Return the part of the experiment, the index in it (0 if none) and the name."""
    place, _, rest = key.partition(".")
    if place != OPTIMIZERS:
        return place, 0, rest
    index, _, name = rest.partition(".")
    return place, int(index), name


def param_at(key: str, spec: ExperimentSpec, catalog: Catalog) -> ParamSpec:
    """Return the parameter at ``key``."""
    place, index, name = split(key)
    if place == PROBLEM:
        return catalog.problems.get(spec.problem.name).param(name)
    if place == TRAINING:
        return next(p for p in TRAINING_PARAMS if p.name == name)
    if place in (TUNING, COMPARISON):
        return study_param(place, name)
    if is_space(name):
        return space_param(name, spec.optimizers[index], catalog)
    if name == BATCH_SIZE.name:
        return BATCH_SIZE
    if name == LABEL.name:
        return LABEL
    if is_nested(name):
        return nested_param(name, spec.optimizers[index], catalog)
    return catalog.optimizers.get(spec.optimizers[index].name).param(name)


def value_at(key: str, spec: ExperimentSpec, catalog: Catalog) -> ParamValue:
    """Return the value at ``key``, the default where none was given."""
    place, index, name = split(key)
    if place == TRAINING:
        given: ParamValue = getattr(spec.training, name)
        return given
    if place in (TUNING, COMPARISON):
        return study_value(place, name, spec)
    if is_space(name):
        return space_value(name, spec.optimizers[index])
    if is_nested(name):
        return nested_value(name, spec.optimizers[index], catalog)
    default = param_at(key, spec, catalog).default
    if place == PROBLEM:
        return spec.problem.values.get(name, default)
    entry = spec.optimizers[index]
    if name == BATCH_SIZE.name:
        return entry.batch_size
    if name == LABEL.name:
        return entry.label
    return entry.values.get(name, default)


def with_value(
    key: str, value: ParamValue, spec: ExperimentSpec, catalog: Catalog
) -> ExperimentSpec:
    """Return the experiment with another value at ``key``; its default is no word."""
    place, index, name = split(key)
    if place == TRAINING:
        return _with_training(name, value, spec)
    if place in (TUNING, COMPARISON):
        return with_study_value(place, name, value=value, spec=spec)
    if is_space(name):
        entry = with_space(name, value, spec.optimizers[index])
        return with_entry(spec, index, entry)
    default = param_at(key, spec, catalog).default
    if place == PROBLEM:
        values = _with(spec.problem.values, name, value, default)
        return replace(spec, problem=replace(spec.problem, values=values))
    entry = spec.optimizers[index]
    if is_nested(name):
        return with_entry(spec, index, with_nested(name, value, entry, catalog))
    if name in (BATCH_SIZE.name, LABEL.name):
        # mypy cannot know which of the two it is; the parameter has checked the kind.
        changes: Mapping[str, object] = {name: value}
        entry = replace(entry, **changes)  # type: ignore[arg-type]
    else:
        entry = replace(entry, values=_with(entry.values, name, value, default))
    return with_entry(spec, index, entry)


def with_entry(
    spec: ExperimentSpec, index: int, entry: OptimizerSpec
) -> ExperimentSpec:
    """Return the experiment with another entry ``index``."""
    entries = (*spec.optimizers[:index], entry, *spec.optimizers[index + 1 :])
    return replace(spec, optimizers=entries)


def with_problem(
    problem: ProblemInfo, spec: ExperimentSpec, catalog: Catalog
) -> ExperimentSpec:
    """Return the experiment on another problem, with its defaults."""
    old, training = catalog.problems.get(spec.problem.name), spec.training
    if training.epochs is not None and not problem.stochastic:
        training = replace(training, epochs=None, steps=DEFAULT_STEPS)
    entries = spec.optimizers
    if not problem.stochastic:
        entries = tuple(replace(entry, batch_size=None) for entry in entries)
    if problem.kind == "surface":
        entries = tuple(replace(entry, groups=()) for entry in entries)
    return replace(
        spec,
        title=spec.title.replace(old.label, problem.label).replace(
            tr(old.label), tr(problem.label)
        ),
        problem=ProblemSpec(name=problem.name),
        training=training,
        optimizers=entries,
        # What is to be reached on one problem says nothing of another.
        comparison=replace(spec.comparison, target=None),
    )


def _with_training(
    name: str, value: ParamValue, spec: ExperimentSpec
) -> ExperimentSpec:
    changes: dict[str, object] = {name: value}
    # Steps and epochs say the same thing: whoever gives one means it alone.
    if value is not None and name in ("steps", "epochs"):
        changes["epochs" if name == "steps" else "steps"] = None
    training = replace(spec.training, **changes)  # type: ignore[arg-type]
    return replace(spec, training=training)


def _with(values: Values, name: str, value: ParamValue, default: ParamValue) -> Values:
    """Return ``values`` with one more; the default needs no word."""
    return values.without(name) if value == default else values.with_value(name, value)
