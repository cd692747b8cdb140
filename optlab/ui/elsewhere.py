"""Where else in an experiment the same parameter stands, and what became another.

Pure functions of frozen specs; knows nothing of Qt.
"""

from collections.abc import Iterator, Mapping

import tomli_w

from optlab.params import InputError, ParamSpec, ParamValue
from optlab.registry import Catalog
from optlab.spec import TRAINING_PARAMS, ExperimentSpec, OptimizerSpec, SchedulerSpec
from optlab.ui.history import State
from optlab.ui.nested import GROUPS, PARTS, SCHEDULER
from optlab.ui.places import (
    LABEL,
    OPTIMIZERS,
    PROBLEM,
    TRAINING,
    param_at,
    split,
    value_at,
)
from optlab.ui.tune_places import changed_in_study, changed_space, is_space


def same_elsewhere(key: str, spec: ExperimentSpec, catalog: Catalog) -> tuple[str, ...]:
    """Return the places at which entries have the parameter at ``key``.

    Its own is among them. Only those count at which its value is allowed, too; in
    param groups those of rows that match the same parameters.
    """
    place, index, name = split(key)
    if place != OPTIMIZERS or name == LABEL.name or is_space(name):
        return ()
    value = value_at(key, spec, catalog)
    row = _row(name, spec.optimizers[index])
    found = []
    for number, entry in enumerate(spec.optimizers):
        other = f"{OPTIMIZERS}.{number}.{name}"
        param = _param(other, spec, catalog)
        if param is None or param.fixed or _row(name, entry) != row:
            continue
        try:
            param.check(value, other)
        except InputError:
            continue
        found.append(other)
    return tuple(found)


def _param(key: str, spec: ExperimentSpec, catalog: Catalog) -> ParamSpec | None:
    try:
        return param_at(key, spec, catalog)
    # There is no such parameter, no such row, or no schedule with such a part.
    except (StopIteration, LookupError):
        return None


def _row(name: str, entry: OptimizerSpec) -> str:
    """Return the pattern of the row of param groups in which a name is; else none."""
    head, _, rest = name.partition(".")
    number = rest.partition(".")[0]
    if head != GROUPS or int(number) >= len(entry.groups):
        return ""
    return entry.groups[int(number)].match


def changed_place(old: State, new: State) -> str:
    """Return the first place at which two states differ; empty for none.

    It is that of a parameter, that of a whole entry, or ``title``.
    """
    if new.ids != old.ids:
        return _changed_entry(old.ids, new.ids)
    return _changed_value(old.spec, new.spec)


def _changed_entry(old: tuple[int, ...], new: tuple[int, ...]) -> str:
    """Return the place of an entry that came, moved, or has taken that of another."""
    added = [index for index, number in enumerate(new) if number not in old]
    moved = [i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b]
    index = next(iter((*added, *moved)), len(new) - 1)
    return f"{OPTIMIZERS}.{index}" if new else ""


def _changed_value(old: ExperimentSpec, new: ExperimentSpec) -> str:
    if old.problem.name != new.problem.name:
        return f"{PROBLEM}.name"
    for name in _names(old.problem.values, new.problem.values):
        return f"{PROBLEM}.{name}"
    # Steps and epochs follow each other: that which is given now is the one to see.
    given = sorted(TRAINING_PARAMS, key=lambda p: getattr(new.training, p.name) is None)
    for spec in given:
        if getattr(old.training, spec.name) != getattr(new.training, spec.name):
            return f"{TRAINING}.{spec.name}"
    for place in changed_in_study(old, new):
        return place
    for index, (before, entry) in enumerate(
        zip(old.optimizers, new.optimizers, strict=True)
    ):
        if before != entry:
            return f"{OPTIMIZERS}.{index}{next(_within(before, entry), '')}"
    return "title" if old.title != new.title else ""


def _within(old: OptimizerSpec, new: OptimizerSpec) -> Iterator[str]:
    """Yield the places within an entry at which it differs, if it is the same one."""
    if old.name != new.name:
        return
    for name in ("label", "batch_size"):
        if getattr(old, name) != getattr(new, name):
            yield f".{name}"
    yield from (f".{name}" for name in _names(old.values, new.values))
    if old.scheduler != new.scheduler:
        yield f".{_within_schedule(old.scheduler, new.scheduler, SCHEDULER)}"
    yield from (f".{name}" for name in changed_space(old, new))
    if len(old.groups) != len(new.groups):
        yield f".{GROUPS}"
        return
    for row, (a, b) in enumerate(zip(old.groups, new.groups, strict=True)):
        at = f".{GROUPS}.{row}"
        if a.match != b.match:
            yield f"{at}.match"
        yield from (f"{at}.{name}" for name in _names(a.values, b.values))
        if a != b:
            yield at


def _within_schedule(
    old: SchedulerSpec | None, new: SchedulerSpec | None, where: str
) -> str:
    if old is None or new is None or old.name != new.name:
        return f"{where}.name"
    for name in _names(old.values, new.values):
        return f"{where}.{name}"
    if len(old.parts) == len(new.parts):
        for number, pair in enumerate(zip(old.parts, new.parts, strict=True)):
            if pair[0] != pair[1]:
                return _within_schedule(*pair, f"{where}.{PARTS}.{number}")
    return f"{where}.name"


def _names(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    """Yield the names whose values differ."""
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            yield name


def toml_line(spec: ParamSpec, value: ParamValue) -> str:
    """Return a value as one line of TOML: ``betas = [0.9, 0.99]``."""
    given = spec.to_toml(value)
    if isinstance(given, list):
        shown = f"[{', '.join(_toml(element) for element in given)}]"
    else:
        shown = _toml(given)
    return f"{spec.name} = {shown}"


def _toml(value: object) -> str:
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")
