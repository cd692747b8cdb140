"""What must hold before a run starts: the one gate for specs from wherever.

TOML, panels and code all come through `check_spec`; a form asks `spec_errors` for
everything at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final

from optlab.params import (
    InputError,
    Kind,
    ParamSpec,
    ParamValue,
    Values,
    printable,
    unknown_name,
)
from optlab.registry import (
    Catalog,
    DatasetInfo,
    Info,
    ModelInfo,
    OptimizerInfo,
    ProblemInfo,
    Registry,
    Rule,
    SchedulerInfo,
    broken_rule,
)
from optlab.spec.data import (
    BATCH_SIZE,
    TRAINING_PARAMS,
    ExperimentSpec,
    GroupSpec,
    OptimizerSpec,
    SchedulerSpec,
    TrainingSpec,
    labels,
)
from optlab.spec.groups import group_params, pattern_error
from optlab.spec.study import COMPARISON_PARAMS, TUNING_PARAMS, Range
from optlab.translate import tr

MAX_TRIALS: Final = 5_000
"""Trials of a run; each one is built before the first step."""


def check_spec(spec: ExperimentSpec, catalog: Catalog) -> None:
    """Check everything that must hold before a run starts.

    This is the one gate for specs from TOML, from panels and from code.

    Raises:
        InputError: The first thing that does not hold.
    """
    for error in spec_errors(spec, catalog):
        raise error


def spec_errors(spec: ExperimentSpec, catalog: Catalog) -> Iterable[InputError]:
    """Yield everything that keeps ``spec`` from being run, in the order of a form."""
    try:
        problem = catalog.problems.get(spec.problem.name, "problem.name")
    except InputError as error:
        yield error
        return
    yield from _line_errors(spec.title, "title")
    wrong = list(_value_errors(problem.params, spec.problem.values, "problem"))
    yield from wrong
    given = {f.name: getattr(spec.training, f.name) for f in fields(TrainingSpec)}
    wrong_training = list(_value_errors(TRAINING_PARAMS, given, "training"))
    yield from wrong_training
    if (spec.training.steps is None) == (spec.training.epochs is None):
        value = None if spec.training.steps is None else spec.training.steps
        yield InputError("training.steps", value, tr("give either steps or epochs"))
    if spec.training.epochs is not None and not problem.stochastic:
        yield InputError(
            "training.epochs",
            spec.training.epochs,
            tr("{problem} has no epochs; give steps", problem=problem.label),
        )
    if not wrong:
        yield from _own_errors(problem, spec.problem.values, catalog)
        yield from _rule_errors(problem, problem.rules, spec.problem.values, "problem")
    for name in () if wrong_training else spec.training.diagnostics:
        if name not in catalog.diagnostics:
            known = catalog.diagnostics.names()
            yield unknown_name("training.diagnostics", name, known, value=name)
    if not spec.optimizers:
        yield InputError("optimizers", None, tr("at least one [[optimizers]] table"))
    if not wrong_training:
        seeds = spec.training.seeds
        trials = len(seeds) * len(spec.optimizers)
        if trials > MAX_TRIALS:
            text = tr(
                "at most {n} trials in a run, seeds times optimizers", n=MAX_TRIALS
            )
            yield InputError("training.seeds", f"{len(seeds)} seeds", text)
    for i, entry in enumerate(spec.optimizers):
        yield from _entry_errors(entry, f"optimizers.{i}", problem, catalog)
    yield from _label_errors(spec)
    yield from study_errors(spec, catalog)


def study_errors(spec: ExperimentSpec, catalog: Catalog) -> Iterable[InputError]:
    """Yield what is wrong with what only a study uses."""
    for i, further in enumerate(spec.further_problems):
        where = f"further_problems.{i}"
        try:
            info = catalog.problems.get(further.name, f"{where}.name")
        except InputError as error:
            yield error
            continue
        wrong = list(_value_errors(info.params, further.values, where))
        yield from wrong
        if not wrong:
            yield from _rule_errors(info, info.rules, further.values, where)
        for entry in spec.optimizers:
            if entry.name in catalog.optimizers:
                reason = incompatible(catalog.optimizers.get(entry.name), info)
                if reason:
                    yield InputError(f"{where}.name", further.name, reason)
    given = {f.name: getattr(spec.comparison, f.name) for f in fields(spec.comparison)}
    yield from _value_errors(COMPARISON_PARAMS, given, "comparison")
    if spec.tuning is not None:
        given = {f.name: getattr(spec.tuning, f.name) for f in fields(spec.tuning)}
        wrong = list(_value_errors(TUNING_PARAMS, given, "tuning"))
        yield from wrong
        if not wrong and (spec.part is None or spec.part.part != "tuning"):
            yield from _seed_errors(spec.tuning.seeds, spec.training.seeds)
    for i, entry in enumerate(spec.optimizers):
        if entry.name in catalog.optimizers:
            params = {p.name: p for p in catalog.optimizers.get(entry.name).params}
            for given_range in entry.space:
                where = f"optimizers.{i}.space.{given_range.name}"
                yield from _range_errors(given_range, params, where)


def _seed_errors(
    tuning: tuple[int, ...], training: tuple[int, ...]
) -> Iterable[InputError]:
    both = sorted(set(tuning) & set(training))
    if both:
        text = tr(
            "seeds that the comparison does not use (training.seeds), or winners would "
            "be judged by what they were picked by; {seed} is in both",
            seed=both[0],
        )
        yield InputError("tuning.seeds", list(tuning), text)


def _range_errors(
    given: Range, params: Mapping[str, ParamSpec], where: str
) -> Iterable[InputError]:
    if given.name not in params:
        yield unknown_name(where, given.name, params)
        return
    param = params[given.name]
    if param.kind not in (Kind.FLOAT, Kind.INT):
        yield InputError(where, None, tr("a parameter that is one number"))
        return
    ends = given.values
    if len(ends) == 2 and not ends[0] < ends[1]:
        text = tr("two different ends of a range, the smaller one first")
        yield InputError(where, list(ends), text)
    for value in ends:
        try:
            param.check(int(value) if param.kind is Kind.INT else value, where)
        except InputError as error:
            yield error


def _own_errors(
    problem: ProblemInfo, values: Values, catalog: Catalog
) -> Iterable[InputError]:
    """Yield what is wrong with files of the user's own."""
    registries: Mapping[str, Registry[ModelInfo] | Registry[DatasetInfo]] = {
        "model": catalog.models,
        "dataset": catalog.datasets,
    }
    for spec in problem.params:
        registry = registries.get(spec.name)
        if spec.own and spec.name in values and registry is not None:
            try:
                registry.get(str(values[spec.name]), f"problem.{spec.name}")
            except InputError as error:
                yield error


def _entry_errors(
    entry: OptimizerSpec, where: str, problem: ProblemInfo, catalog: Catalog
) -> Iterable[InputError]:
    try:
        info = catalog.optimizers.get(entry.name, f"{where}.name")
    except InputError as error:
        yield error
        return
    yield from _line_errors(entry.label, f"{where}.label")
    wrong = list(_value_errors(info.params, entry.values, where))
    yield from wrong
    if not wrong:
        yield from _rule_errors(info, info.rules, entry.values, where)
    reason = incompatible(info, problem)
    if reason:
        yield InputError(f"{where}.name", entry.name, reason)
    if entry.batch_size is not None:
        yield from _value_errors((BATCH_SIZE,), {"batch_size": entry.batch_size}, where)
        if not problem.stochastic:
            text = tr("{problem} has no batches", problem=problem.label)
            yield InputError(f"{where}.batch_size", entry.batch_size, text)
    if entry.scheduler is not None:
        where_s = f"{where}.scheduler"
        yield from _schedule_errors(entry.scheduler, where_s, problem, catalog)
    yield from _group_errors(entry, where, problem, catalog)


def _schedule_errors(
    schedule: SchedulerSpec, where: str, problem: ProblemInfo, catalog: Catalog
) -> Iterable[InputError]:
    try:
        info = catalog.schedulers.get(schedule.name, f"{where}.name")
    except InputError as error:
        yield error
        return
    wrong = list(_value_errors(info.params, schedule.values, where))
    yield from wrong
    if not wrong:
        yield from _rule_errors(info, info.rules, schedule.values, where)
        if info.complete(schedule.values).get("every") == "epoch" and (
            not problem.stochastic
        ):
            text = tr("{problem} has no epochs", problem=problem.label)
            yield InputError(f"{where}.every", "epoch", text)
        yield from _metric_errors(info, schedule, where, problem)
    if info.composite and not schedule.parts:
        text = tr("a list of at least one table, each with a name")
        yield InputError(f"{where}.schedulers", None, text)
    for i, part in enumerate(schedule.parts):
        yield from _schedule_errors(part, f"{where}.schedulers.{i}", problem, catalog)


def _metric_errors(
    info: SchedulerInfo, schedule: SchedulerSpec, where: str, problem: ProblemInfo
) -> Iterable[InputError]:
    """Yield an error where a schedule waits for a metric that is never measured."""
    metric = info.complete(schedule.values).get("metric")
    if not info.needs_metric or metric in (None, "train_loss", *problem.metrics):
        return
    known = [m for m in info.param("metric").choices if m in problem.metrics]
    text = tr(
        "{problem} is not measured so; give metric, one of {names}",
        problem=tr(problem.label),
        names=", ".join((*known, "train_loss")),
    )
    yield InputError(f"{where}.metric", metric, text)


def _group_errors(
    entry: OptimizerSpec, where: str, problem: ProblemInfo, catalog: Catalog
) -> Iterable[InputError]:
    """Yield what is wrong with the rows, as far as it shows without the model."""
    info = catalog.optimizers.get(entry.name)
    if entry.groups and problem.kind == "surface":
        text = tr("{problem} has one parameter only, x", problem=problem.label)
        yield InputError(f"{where}.param_groups", None, text)
    titles: set[str] = set()
    for i, group in enumerate(entry.groups):
        key = f"{where}.param_groups.{i}"
        yield from _line_errors(group.title, f"{key}.name")
        error = pattern_error(group.match, f"{key}.match")
        if error is not None:
            yield error
        if group.title in titles:
            text = tr("a name of its own; another group has it")
            yield InputError(f"{key}.name", group.title, text)
        titles.add(group.title)
        yield from _group_value_errors(entry, group, info, key, catalog)


def _group_value_errors(
    entry: OptimizerSpec,
    group: GroupSpec,
    info: OptimizerInfo,
    key: str,
    catalog: Catalog,
) -> Iterable[InputError]:
    values = group.values
    if group.optimizer:
        try:
            info = catalog.optimizers.get(group.optimizer, f"{key}.optimizer")
        except InputError as error:
            yield error
            return
        if info.needs_closure or not info.dense_gradients:
            text = tr("an optimizer that takes one ordinary step with given gradients")
            yield InputError(f"{key}.optimizer", group.optimizer, text)
    elif info.group_params == ():
        text = tr("{optimizer} has one param group only", optimizer=info.label)
        yield InputError(key, None, text)
        return
    allowed = group_params(info, own=not group.optimizer)
    wrong = list(_value_errors(allowed, values, key))
    yield from wrong
    if not wrong:
        base = {} if group.optimizer else dict(entry.values)
        yield from _rule_errors(info, info.rules, Values(base | dict(values)), key)


def incompatible(optimizer: OptimizerInfo, problem: ProblemInfo) -> str:
    """Return why an optimizer cannot work on a problem; empty if it can."""
    if optimizer.matrices_only and not problem.matrices:
        return tr(
            "{optimizer} updates matrices only and {problem} has none; choose another "
            "optimizer or problem",
            optimizer=tr(optimizer.label),
            problem=tr(problem.label),
        )
    if not optimizer.dense_gradients and not problem.sparse:
        return tr(
            "{optimizer} takes sparse gradients only and those of {problem} are dense; "
            "choose another optimizer or the problem sparse-embedding",
            optimizer=tr(optimizer.label),
            problem=tr(problem.label),
        )
    return ""


def spec_warnings(spec: ExperimentSpec, catalog: Catalog) -> tuple[str, ...]:
    """Return what a person should know before a run that is allowed to start."""
    problem = catalog.problems.get(spec.problem.name)
    warnings = []
    parted = any(param.name == "dataset" for param in problem.params)
    if spec.training.split == "test" and parted:
        text = "trained on the test split: the numbers say nothing about images that were never seen"  # noqa: E501
        warnings.append(tr(text))
    for label, entry in zip(labels(spec, catalog), spec.optimizers, strict=True):
        info = catalog.optimizers.get(entry.name)
        if info.full_batch_only and problem.stochastic:
            text = "{label}: {optimizer} is meant for full batches; on mini-batches its steps follow noise"  # noqa: E501
            warnings.append(tr(text, label=label, optimizer=tr(info.label)))
    return tuple(warnings)


def _value_errors(
    specs: Iterable[ParamSpec], values: Mapping[str, ParamValue], where: str
) -> Iterable[InputError]:
    by_name = {spec.name: spec for spec in specs}
    for name, value in values.items():
        key = f"{where}.{name}"
        if name not in by_name:
            yield unknown_name(key, name, by_name)
            continue
        try:
            by_name[name].check(value, key)
        except InputError as error:
            yield error


def _rule_errors(
    info: Info, rules: Iterable[Rule], values: Values, where: str
) -> Iterable[InputError]:
    """Yield the first broken rule; ``values`` are legal, each for itself."""
    try:
        rule = broken_rule(rules, info.complete(values))
    except InputError as error:
        yield error
        return
    if rule is not None:
        name = rule.keys[0]
        yield InputError(f"{where}.{name}", values.get(name), tr(rule.message))


def _line_errors(text: str, key: str) -> Iterable[InputError]:
    if printable(text) != text:
        yield InputError(key, text, tr("one line of text in quotes"))


def _label_errors(spec: ExperimentSpec) -> Iterable[InputError]:
    seen: dict[str, int] = {}
    for i, entry in enumerate(spec.optimizers):
        if entry.label and entry.label in seen:
            text = tr("a label of its own; optimizers.{i} has it", i=seen[entry.label])
            yield InputError(f"optimizers.{i}.label", entry.label, text)
        seen.setdefault(entry.label, i)
