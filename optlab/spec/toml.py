"""The two-way road between an experiment and TOML."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import tomli_w

from optlab.params import (
    InputError,
    ParamSpec,
    ParamValue,
    check_values,
    literal,
    printable,
    unknown_name,
)
from optlab.registry import Catalog, OptimizerInfo
from optlab.spec.checks import check_spec
from optlab.spec.data import (
    BATCH_SIZE,
    TRAINING_PARAMS,
    ExperimentSpec,
    GroupSpec,
    OptimizerSpec,
    ProblemSpec,
    SchedulerSpec,
    TrainingSpec,
)
from optlab.spec.groups import group_params
from optlab.spec.study import (
    COMPARISON_PARAMS,
    PARTS,
    TUNING_PARAMS,
    ComparisonSpec,
    PartSpec,
    Range,
    TuningSpec,
)
from optlab.translate import tr

FORMAT: Final = 1
# No experiment that a person wrote is longer.
_MOST_BYTES: Final = 4_000_000
_KEYS: Final = (
    "format",
    "title",
    "problem",
    "further_problems",
    "training",
    "tuning",
    "comparison",
    "part",
    "optimizers",
)


def parse_spec(tree: Mapping[str, object], catalog: Catalog) -> ExperimentSpec:
    """Check a TOML tree and return the experiment that it describes.

    Raises:
        InputError: Anything in it is unknown, missing or not allowed.
    """
    _check_keys(tree, _KEYS, "")
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
        title=title,
        problem=problem,
        training=training,
        optimizers=optimizers,
        further_problems=_parse_further(tree.get("further_problems", []), catalog),
        tuning=_parse_tuning(tree),
        comparison=_parse_comparison(tree),
        part=_parse_part(tree),
    )
    check_spec(spec, catalog)
    return spec


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
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            text = tr("a file of at most {n} bytes", n=_MOST_BYTES)
            raise InputError(str(path), None, text)
        text = data.decode("utf-8-sig")
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
    training = _given(TRAINING_PARAMS, spec.training)
    entries: list[dict[str, object]] = []
    for entry in spec.optimizers:
        table: dict[str, object] = {"name": entry.name}
        if entry.label:
            table["label"] = entry.label
        if entry.batch_size is not None:
            table["batch_size"] = entry.batch_size
        info = catalog.optimizers.get(entry.name)
        table |= _toml_values(info.params, entry.values)
        if entry.scheduler is not None:
            table["scheduler"] = _schedule_table(entry.scheduler, catalog)
        if entry.groups:
            table["param_groups"] = [
                _group_table(group, info, catalog) for group in entry.groups
            ]
        if entry.space:
            table["space"] = {r.name: list(r.values) for r in entry.space}
        entries.append(table)
    tree: dict[str, object] = {
        "format": FORMAT,
        "title": spec.title,
        "problem": _problem_table(spec.problem, catalog),
        "training": training,
    }
    if spec.further_problems:
        further = [_problem_table(p, catalog) for p in spec.further_problems]
        tree["further_problems"] = further
    if spec.tuning is not None:
        tree["tuning"] = _given(TUNING_PARAMS, spec.tuning)
    if comparison := _given(COMPARISON_PARAMS, spec.comparison):
        tree["comparison"] = comparison
    if spec.part is not None:
        tree["part"] = asdict(spec.part)
    tree["optimizers"] = entries
    return tomli_w.dumps(tree)


def _problem_table(problem: ProblemSpec, catalog: Catalog) -> dict[str, object]:
    info = catalog.problems.get(problem.name)
    return {"name": problem.name} | _toml_values(info.params, problem.values)


def _given(
    params: Iterable[ParamSpec], spec: TrainingSpec | TuningSpec | ComparisonSpec
) -> dict[str, object]:
    """Return what differs from the defaults."""
    return {
        p.name: p.to_toml(getattr(spec, p.name))
        for p in params
        if getattr(spec, p.name) != p.default
    }


def _schedule_table(schedule: SchedulerSpec, catalog: Catalog) -> dict[str, object]:
    info = catalog.schedulers.get(schedule.name)
    table = {"name": schedule.name} | _toml_values(info.params, schedule.values)
    if schedule.parts:
        parts = [_schedule_table(part, catalog) for part in schedule.parts]
        table |= {"schedulers": parts}
    return table


def _group_table(
    group: GroupSpec, info: OptimizerInfo, catalog: Catalog
) -> dict[str, object]:
    table: dict[str, object] = {"match": group.match}
    if group.name:
        table["name"] = group.name
    if group.optimizer:
        table["optimizer"] = group.optimizer
        info = catalog.optimizers.get(group.optimizer)
    return table | _toml_values(info.params, group.values)


def _parse_problem(
    table: Mapping[str, object], catalog: Catalog, where: str = "problem"
) -> ProblemSpec:
    name = _name(table, where, catalog.problems.names())
    info = catalog.problems.get(name, f"{where}.name")
    given = {k: v for k, v in table.items() if k != "name"}
    return ProblemSpec(name=name, values=check_values(info.params, given, where))


def _parse_further(tables: object, catalog: Catalog) -> tuple[ProblemSpec, ...]:
    if not isinstance(tables, list):
        text = tr("a list of tables, each with a name")
        raise InputError("further_problems", tables, text)
    found = []
    for i, table in enumerate(tables):
        where = f"further_problems.{i}"
        if not isinstance(table, dict):
            raise InputError(where, table, tr("a table with at least a name"))
        found.append(_parse_problem(table, catalog, where))
    return tuple(found)


def _parse_tuning(tree: Mapping[str, object]) -> TuningSpec | None:
    if "tuning" not in tree:
        return None
    values = check_values(TUNING_PARAMS, _table(tree, "tuning"), "tuning")
    return TuningSpec(**dict(values))  # type: ignore[arg-type]


def _parse_comparison(tree: Mapping[str, object]) -> ComparisonSpec:
    table = _table(tree, "comparison")
    values = check_values(COMPARISON_PARAMS, table, "comparison")
    return ComparisonSpec(**dict(values))  # type: ignore[arg-type]


def _parse_part(tree: Mapping[str, object]) -> PartSpec | None:
    if "part" not in tree:
        return None
    table = _table(tree, "part")
    _check_keys(table, ("study", "part", "problem", "trial", "seeds"), "part")
    part = _text(table, "part", "part")
    if part not in PARTS:
        text = tr("one of {choices}", choices=", ".join(PARTS))
        raise InputError("part.part", part, text)
    numbers = {name: table.get(name, 0) for name in ("problem", "trial", "seeds")}
    for name, number in numbers.items():
        if type(number) is not int or number < 0:
            raise InputError(f"part.{name}", number, tr("a whole number ≥ 0"))
    study = _text(table, "study", "part")
    return PartSpec(study=study, part=part, **numbers)  # type: ignore[arg-type]


def _parse_space(table: object, info: OptimizerInfo, where: str) -> tuple[Range, ...]:
    where = f"{where}.space"
    if not isinstance(table, dict):
        text = tr("a table such as {example}", example="{ lr = [1e-4, 1.0] }")
        raise InputError(where, table, text)
    _check_keys(table, tuple(spec.name for spec in info.params), where)
    return tuple(
        Range(name=name, values=_numbers(values, f"{where}.{name}"))
        for name, values in table.items()
    )


def _numbers(values: object, where: str) -> tuple[float, ...]:
    given = values if isinstance(values, list) else [values]
    numbers = tuple(float(v) for v in given if isinstance(v, int | float))
    whole = len(numbers) == len(given) > 0 and not any(v is True for v in given)
    if not whole or not all(map(math.isfinite, numbers)):
        text = tr("two ends of a range, or a list of numbers to be tried")
        raise InputError(where, values, text)
    return numbers


def _parse_training(table: Mapping[str, object]) -> TrainingSpec:
    values = check_values(TRAINING_PARAMS, table, "training")
    return TrainingSpec(**dict(values))  # type: ignore[arg-type]


def _parse_optimizer(entry: object, where: str, catalog: Catalog) -> OptimizerSpec:
    if not isinstance(entry, dict):
        raise InputError(where, entry, tr("a table with at least a name"))
    name = _name(entry, where, catalog.optimizers.names())
    info = catalog.optimizers.get(name, f"{where}.name")
    label = _text(entry, "label", where)
    apart = ("name", "label", "scheduler", "param_groups", "space")
    own = {k: v for k, v in entry.items() if k not in apart}
    known = (*(spec.name for spec in info.params), BATCH_SIZE.name, *apart)
    _check_keys(own, known, where)
    checked = check_values((*info.params, BATCH_SIZE), own, where)
    batch_size = checked.get("batch_size")
    return OptimizerSpec(
        name=name,
        label=label.strip(),
        values=checked.without("batch_size"),
        batch_size=batch_size if isinstance(batch_size, int) else None,
        scheduler=_parse_schedule(
            entry.get("scheduler"), f"{where}.scheduler", catalog
        ),
        groups=_parse_groups(entry.get("param_groups", []), info, where, catalog),
        space=_parse_space(entry.get("space", {}), info, where),
    )


def _parse_schedule(
    table: object, where: str, catalog: Catalog
) -> SchedulerSpec | None:
    if table is None:
        return None
    if not isinstance(table, dict):
        raise InputError(where, table, tr("a table with at least a name"))
    name = _name(table, where, catalog.schedulers.names())
    info = catalog.schedulers.get(name, f"{where}.name")
    parts: list[SchedulerSpec] = []
    if info.composite:
        given = table.get("schedulers", [])
        if not isinstance(given, list):
            raise InputError(f"{where}.schedulers", given, tr("a list of tables"))
        for i, part in enumerate(given):
            parsed = _parse_schedule(part, f"{where}.schedulers.{i}", catalog)
            assert parsed is not None
            parts.append(parsed)
    apart = ("name", "schedulers") if info.composite else ("name",)
    own = {k: v for k, v in table.items() if k not in apart}
    values = check_values(info.params, own, where)
    return SchedulerSpec(name=name, values=values, parts=tuple(parts))


def _parse_groups(
    rows: object, info: OptimizerInfo, where: str, catalog: Catalog
) -> tuple[GroupSpec, ...]:
    where = f"{where}.param_groups"
    if not isinstance(rows, list):
        raise InputError(where, rows, tr("a list of tables, each with a match"))
    return tuple(
        _parse_group(row, info, f"{where}.{i}", catalog) for i, row in enumerate(rows)
    )


def _parse_group(
    row: object, info: OptimizerInfo, where: str, catalog: Catalog
) -> GroupSpec:
    if not isinstance(row, dict) or not isinstance(row.get("match"), str):
        text = tr("a table with a match, such as {example}", example='"*.bias"')
        raise InputError(where, row, text)
    optimizer = _text(row, "optimizer", where)
    own = {k: v for k, v in row.items() if k not in ("match", "name", "optimizer")}
    if optimizer:
        info = catalog.optimizers.get(optimizer, f"{where}.optimizer")
    return GroupSpec(
        match=_text(row, "match", where),
        name=_text(row, "name", where),
        optimizer=optimizer,
        values=check_values(group_params(info, own=not optimizer), own, where),
    )


def _check_keys(tree: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in tree:
        if key not in known:
            # A key of TOML may be any text; one that does not show is quoted.
            shown = key if key.strip() else repr(key)
            place = f"{where}.{shown}" if where else shown
            raise unknown_name(place, key, known)


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
