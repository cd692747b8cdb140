"""An experiment as frozen data, and its two-way road to TOML.

A spec knows nothing of torch or Qt. It holds what a person gave and nothing that was
filled in: defaults live in the catalog's `ParamSpec`s, so that a saved experiment
stays as short as it was written.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

import tomli_w

from optlab.params import (
    InputError,
    Kind,
    ParamSpec,
    ParamValue,
    Values,
    check_values,
    complete,
    literal,
    printable,
    unknown_name,
)
from optlab.registry import (
    Catalog,
    Info,
    OptimizerInfo,
    ProblemInfo,
    Rule,
    broken_rule,
)
from optlab.translate import tr

FORMAT: Final = 1
NO_VALUES: Final = Values()

TRAINING_PARAMS: Final = (
    ParamSpec(
        name="steps",
        kind=Kind.INT,
        default=None,
        low=1,
        optional=True,
        meaning="Optimizer updates of each trial; give this or epochs.",
    ),
    ParamSpec(
        name="epochs",
        kind=Kind.FLOAT,
        default=None,
        low=0,
        low_open=True,
        optional=True,
        meaning="Passes over the training data; give this or steps.",
    ),
    ParamSpec(
        name="seeds",
        kind=Kind.INTS,
        default=(0,),
        low=0,
        distinct=True,
        meaning="One trial of every optimizer for each of these seeds.",
    ),
    ParamSpec(
        name="eval_every",
        kind=Kind.INT,
        default=100,
        low=1,
        meaning="Steps between two evaluations on held-out data (never timed).",
        label="Evaluate every",
        unit="steps",
    ),
    ParamSpec(
        name="threads",
        kind=Kind.INT,
        default=1,
        low=1,
        high=256,
        meaning="Processor threads inside each operation of a trial.",
    ),
    ParamSpec(
        name="loss",
        kind=Kind.CHOICE,
        default="mean",
        choices=("mean", "sum"),
        meaning="Whether the loss of a batch is the mean or the sum over its samples.",
    ),
    ParamSpec(
        name="shuffle",
        kind=Kind.BOOL,
        default=True,
        meaning="Whether every epoch goes through the data in a new random order.",
    ),
    ParamSpec(
        name="split",
        kind=Kind.CHOICE,
        default="train",
        choices=("train", "test"),
        meaning="Part of the dataset that is trained on; evaluation uses the other.",
    ),
    ParamSpec(
        name="zero_grad",
        kind=Kind.BOOL,
        default=True,
        meaning="Whether gradients are cleared before each step, as they should be.",
    ),
    ParamSpec(
        name="divergence_limit",
        kind=Kind.FLOAT,
        default=1e12,
        low=0,
        low_open=True,
        allow_inf=True,
        log=True,
        meaning="A trial has diverged when its loss exceeds the first one by this "
        "many times max(1, |first loss|); inf switches that rule off.",
    ),
)

BATCH_SIZE: Final = ParamSpec(
    name="batch_size",
    kind=Kind.INT,
    default=None,
    low=1,
    optional=True,
    none_word="as the problem",
    meaning="Batch size of this optimizer alone; all trials then share the same "
    "order of samples and the same number of samples.",
)


@dataclass(frozen=True, kw_only=True)
class ProblemSpec:
    """Which problem, with the parameters that were given."""

    name: str
    values: Values = NO_VALUES


@dataclass(frozen=True, kw_only=True)
class OptimizerSpec:
    """One entry of the comparison.

    Attributes:
        name: Name in the catalog.
        label: The label that was typed; empty for an automatic one.
        values: The hyperparameters that were given.
        batch_size: Its own batch size, or None for the problem's.
    """

    name: str
    label: str = ""
    values: Values = NO_VALUES
    batch_size: int | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """How long, how often and how to train; see `TRAINING_PARAMS` for the meanings."""

    steps: int | None = None
    epochs: float | None = None
    seeds: tuple[int, ...] = (0,)
    eval_every: int = 100
    threads: int = 1
    loss: str = "mean"
    shuffle: bool = True
    split: str = "train"
    zero_grad: bool = True
    divergence_limit: float = 1e12


@dataclass(frozen=True, kw_only=True)
class ExperimentSpec:
    """What is to be compared: a problem, a training and several optimizers."""

    title: str
    problem: ProblemSpec
    training: TrainingSpec
    optimizers: tuple[OptimizerSpec, ...]


@dataclass(frozen=True, kw_only=True)
class TrialPlan:
    """One trial of a run, before it starts.

    Attributes:
        trial: Its number from 0, the key of everything that is recorded of it.
        entry: Index of its optimizer in the spec.
        label: Unique among the optimizers of the experiment (seeds share it).
        optimizer: Name of the optimizer in the catalog.
        seed: Its seed.
    """

    trial: int
    entry: int
    label: str
    optimizer: str
    seed: int


def parse_spec(tree: Mapping[str, object], catalog: Catalog) -> ExperimentSpec:
    """Check a TOML tree and return the experiment that it describes.

    Raises:
        InputError: Anything in it is unknown, missing or not allowed.
    """
    _check_keys(tree, ("format", "title", "problem", "training", "optimizers"), "")
    if "format" in tree and (tree["format"] != FORMAT or tree["format"] is True):
        raise InputError("format", tree["format"], tr("1, the only format there is"))
    title = _text(tree, "title", "")
    problem = _parse_problem(_table(tree, "problem"), catalog)
    training = _parse_training(_table(tree, "training"))
    entries = tree.get("optimizers")
    if not isinstance(entries, list) or not entries:
        raise InputError("optimizers", entries, tr("at least one [[optimizers]] table"))
    optimizers = tuple(
        _parse_optimizer(entry, f"optimizers.{i}", catalog)
        for i, entry in enumerate(entries)
    )
    spec = ExperimentSpec(
        title=title, problem=problem, training=training, optimizers=optimizers
    )
    check_spec(spec, catalog)
    return spec


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
    yield from _value_errors(TRAINING_PARAMS, given, "training")
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
        yield from _rule_errors(problem, problem.rules, spec.problem.values, "problem")
    if not spec.optimizers:
        yield InputError("optimizers", None, tr("at least one [[optimizers]] table"))
    for i, entry in enumerate(spec.optimizers):
        yield from _entry_errors(entry, f"optimizers.{i}", problem, catalog)
    yield from _label_errors(spec)


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


def incompatible(optimizer: OptimizerInfo, problem: ProblemInfo) -> str:
    """Return why an optimizer cannot work on a problem; empty if it can."""
    if optimizer.matrices_only and not problem.matrices:
        return tr(
            "{optimizer} updates matrices only and {problem} has none; choose another "
            "optimizer or problem",
            optimizer=optimizer.label,
            problem=problem.label,
        )
    if not optimizer.dense_gradients and not problem.sparse:
        return tr(
            "{optimizer} takes sparse gradients only and those of {problem} are dense; "
            "choose another optimizer or the problem sparse-embedding",
            optimizer=optimizer.label,
            problem=problem.label,
        )
    return ""


def spec_warnings(spec: ExperimentSpec, catalog: Catalog) -> tuple[str, ...]:
    """Return what a person should know before a run that is allowed to start."""
    problem = catalog.problems.get(spec.problem.name)
    warnings = []
    for label, entry in zip(labels(spec, catalog), spec.optimizers, strict=True):
        info = catalog.optimizers.get(entry.name)
        if info.full_batch_only and problem.stochastic:
            text = "{label}: {optimizer} is meant for full batches; on mini-batches its steps follow noise"  # noqa: E501
            warnings.append(tr(text, label=label, optimizer=info.label))
    return tuple(warnings)


def labels(spec: ExperimentSpec, catalog: Catalog) -> tuple[str, ...]:
    """Return one unique label for each optimizer of ``spec``.

    A typed label stays as it is; the others are made of the name and of what differs
    from the defaults, and numbered where that is not enough.
    """
    taken = {entry.label for entry in spec.optimizers if entry.label}
    result = []
    for entry in spec.optimizers:
        label = entry.label or _free(automatic_label(entry, catalog), taken)
        taken.add(label)
        result.append(label)
    return tuple(result)


def automatic_label(entry: OptimizerSpec, catalog: Catalog) -> str:
    """Return the label of an entry that has none: ``SGD (lr 0.1)``."""
    differs = differences(entry, catalog)
    name = catalog.optimizers.get(entry.name).label
    return f"{name} ({', '.join(differs)})" if differs else name


def differences(entry: OptimizerSpec, catalog: Catalog) -> tuple[str, ...]:
    """Return what in an entry differs from the defaults: ``("lr 0.1", "nesterov")``."""
    info = catalog.optimizers.get(entry.name)
    differs = []
    for spec in info.params:
        value = entry.values.get(spec.name, spec.default)
        if value != spec.default:
            shown = spec.title if value is True else f"{spec.title} {spec.show(value)}"
            differs.append(shown)
    if entry.batch_size is not None:
        differs.append(tr("batch {size}", size=entry.batch_size))
    return tuple(differs)


def trial_plans(spec: ExperimentSpec, catalog: Catalog) -> tuple[TrialPlan, ...]:
    """Return the trials of an experiment: for each optimizer, one for each seed."""
    plans: list[TrialPlan] = []
    for i, label in enumerate(labels(spec, catalog)):
        for seed in spec.training.seeds:
            plans.append(
                TrialPlan(
                    trial=len(plans),
                    entry=i,
                    label=label,
                    optimizer=spec.optimizers[i].name,
                    seed=seed,
                )
            )
    return tuple(plans)


def read_spec(
    path: Path, catalog: Catalog, *, sets: Iterable[str] = ()
) -> ExperimentSpec:
    """Read an experiment from a TOML file.

    Args:
        path: The file.
        catalog: What it can be made of.
        sets: Changes of the form ``optimizers.0.lr=0.1``.

    Raises:
        InputError: The file cannot be read, is not TOML, or holds something wrong.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            str(path), None, tr("cannot be read: {reason}", reason=reason)
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            str(path), None, tr("not a text file; give an experiment in TOML")
        ) from None
    return spec_from_text(text, catalog, name=str(path), sets=sets)


def spec_from_text(
    text: str, catalog: Catalog, *, name: str = "", sets: Iterable[str] = ()
) -> ExperimentSpec:
    """Return the experiment that a TOML text describes.

    Args:
        text: The text.
        catalog: What it can be made of.
        name: The file's name, for messages.
        sets: Changes of the form ``optimizers.0.lr=0.1``.

    Raises:
        InputError: The text is not TOML, or holds something wrong.
    """
    try:
        tree = tomllib.loads(text)
    # ValueError: besides TOMLDecodeError, an integer of too many digits.
    except (ValueError, RecursionError) as error:
        reason = str(error).replace("\n", " ")
        raise InputError(
            name or "TOML", None, tr("not valid TOML: {reason}", reason=reason)
        ) from None
    for change in sets:
        _apply(tree, change)
    if not tree:
        raise InputError(name or "TOML", None, tr("empty; give an experiment in TOML"))
    return parse_spec(tree, catalog)


def dump_spec(spec: ExperimentSpec, catalog: Catalog) -> str:
    """Return ``spec`` as TOML, which `spec_from_text` reads back to an equal spec."""
    problem = catalog.problems.get(spec.problem.name)
    training = {
        p.name: p.to_toml(getattr(spec.training, p.name))
        for p in TRAINING_PARAMS
        if getattr(spec.training, p.name) != p.default
    }
    entries: list[dict[str, object]] = []
    for entry in spec.optimizers:
        table: dict[str, object] = {"name": entry.name}
        if entry.label:
            table["label"] = entry.label
        if entry.batch_size is not None:
            table["batch_size"] = entry.batch_size
        info = catalog.optimizers.get(entry.name)
        entries.append(table | _toml_values(info.params, entry.values))
    tree = {
        "format": FORMAT,
        "title": spec.title,
        "problem": {"name": spec.problem.name}
        | _toml_values(problem.params, spec.problem.values),
        "training": training,
        "optimizers": entries,
    }
    return tomli_w.dumps(tree)


def resolved(spec: ExperimentSpec, catalog: Catalog) -> ExperimentSpec:
    """Return ``spec`` with every default and every label written out."""
    problem = catalog.problems.get(spec.problem.name)
    entries = tuple(
        replace(
            entry,
            label=label,
            values=catalog.optimizers.get(entry.name).complete(entry.values),
        )
        for entry, label in zip(spec.optimizers, labels(spec, catalog), strict=True)
    )
    values = problem.complete(spec.problem.values)
    return replace(
        spec, problem=replace(spec.problem, values=values), optimizers=entries
    )


def training_defaults() -> Values:
    """Return the defaults of `TRAINING_PARAMS`."""
    return complete(TRAINING_PARAMS, {})


def _parse_problem(table: Mapping[str, object], catalog: Catalog) -> ProblemSpec:
    name = _name(table, "problem", catalog.problems.names())
    info = catalog.problems.get(name, "problem.name")
    given = {k: v for k, v in table.items() if k != "name"}
    return ProblemSpec(name=name, values=check_values(info.params, given, "problem"))


def _parse_training(table: Mapping[str, object]) -> TrainingSpec:
    values = check_values(TRAINING_PARAMS, table, "training")
    return TrainingSpec(**dict(values))  # type: ignore[arg-type]


def _parse_optimizer(entry: object, where: str, catalog: Catalog) -> OptimizerSpec:
    if not isinstance(entry, dict):
        raise InputError(where, entry, tr("a table with at least a name"))
    name = _name(entry, where, catalog.optimizers.names())
    info = catalog.optimizers.get(name, f"{where}.name")
    label = _text(entry, "label", where)
    own = {k: v for k, v in entry.items() if k not in ("name", "label")}
    checked = check_values((*info.params, BATCH_SIZE), own, where)
    batch_size = checked.get("batch_size")
    return OptimizerSpec(
        name=name,
        label=label.strip(),
        values=checked.without("batch_size"),
        batch_size=batch_size if isinstance(batch_size, int) else None,
    )


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
    rule = broken_rule(rules, info.complete(values))
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


def _check_keys(tree: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in tree:
        if key not in known:
            raise unknown_name(f"{where}.{key}" if where else key, key, known)


def _table(tree: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = tree.get(key, {})
    if not isinstance(table, dict):
        raise InputError(key, table, tr("a table [{key}]", key=key))
    return table


def _name(table: Mapping[str, object], where: str, known: Iterable[str]) -> str:
    name = table.get("name")
    if not isinstance(name, str):
        text = tr("one of {choices}", choices=", ".join(known))
        raise InputError(f"{where}.name", name, text)
    return name


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    text = table.get(key, "")
    if not isinstance(text, str) or printable(text) != text:
        raise InputError(
            f"{where}.{key}" if where else key, text, tr("one line of text in quotes")
        )
    return text


def _toml_values(
    specs: Iterable[ParamSpec], values: Mapping[str, ParamValue]
) -> dict[str, object]:
    by_name = {spec.name: spec for spec in specs}
    return {name: by_name[name].to_toml(value) for name, value in values.items()}


def _free(label: str, taken: set[str]) -> str:
    candidate, number = label, 2
    while candidate in taken:
        candidate, number = f"{label} #{number}", number + 1
    return candidate


def _apply(tree: dict[str, object], change: str) -> None:
    path, equals, text = change.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise InputError("--set", change, tr("KEY=VALUE, such as optimizers.0.lr=0.1"))
    node: object = tree
    for depth, key in enumerate(keys[:-1]):
        if isinstance(node, dict):
            node = node.setdefault(key, {})
        elif isinstance(node, list) and key in map(str, range(len(node))):
            node = node[int(key)]
        else:
            raise InputError(
                "--set",
                change,
                tr("{key} is no table", key=".".join(keys[: depth + 1])),
            )
    if not isinstance(node, dict):
        raise InputError(
            "--set", change, tr("{key} is no table", key=".".join(keys[:-1]))
        )
    node[keys[-1]] = literal(text)
