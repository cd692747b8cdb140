"""Places inside one entry of the experiment: its schedule and its param groups.

``scheduler.step_size``, ``scheduler.schedulers.1.T_max``, ``param_groups.0.lr``. Pure
functions of frozen specs; knows nothing of Qt.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from optlab.params import Kind, ParamSpec, ParamValue, Values
from optlab.registry import Catalog, OptimizerInfo, SchedulerInfo
from optlab.spec import GroupSpec, OptimizerSpec, SchedulerSpec, group_params

SCHEDULER: Final = "scheduler"
PARTS: Final = "schedulers"
GROUPS: Final = "param_groups"

MATCH: Final = ParamSpec(
    name="match",
    label="match",
    kind=Kind.TEXT,
    default="",
    meaning="Patterns of parameter names with commas between them, such as *.bias, or "
    "a word for what they are, such as :vectors.",
)
GROUP_NAME: Final = ParamSpec(
    name="name",
    label="name",
    kind=Kind.TEXT,
    default="",
    meaning="What the group is called in plots; empty for its pattern.",
)
TRAINED_BY: Final = ParamSpec(
    name="optimizer",
    kind=Kind.TEXT,
    default="",
    label="Trained by",
    meaning="Another optimizer for these parameters; empty for that of the entry.",
)
_OF_GROUPS: Final = {spec.name: spec for spec in (MATCH, GROUP_NAME, TRAINED_BY)}

Path = tuple[int, ...]
T = TypeVar("T")


def is_nested(name: str) -> bool:
    """Return whether a name within an entry is one of those that are handled here."""
    return name.partition(".")[0] in (SCHEDULER, GROUPS)


def nested_param(name: str, entry: OptimizerSpec, catalog: Catalog) -> ParamSpec:
    """Return the parameter at ``name`` of an entry.

    What a row of param groups does not set is that of the entry: this is its default.
    """
    head, _, rest = name.partition(".")
    if head == SCHEDULER:
        path, last = _path(rest)
        return catalog.schedulers.get(_schedule(entry, path).name).param(last)
    row, _, last = rest.partition(".")
    if last in _OF_GROUPS:
        return _OF_GROUPS[last]
    group = entry.groups[int(row)]
    spec = trained_by(group, entry, catalog).param(last)
    if group.optimizer:
        return spec
    return replace(spec, default=entry.values.get(last, spec.default))


def nested_value(name: str, entry: OptimizerSpec, catalog: Catalog) -> ParamValue:
    """Return the value at ``name`` of an entry, the default where none was given."""
    head, _, rest = name.partition(".")
    default = nested_param(name, entry, catalog).default
    if head == SCHEDULER:
        path, last = _path(rest)
        return _schedule(entry, path).values.get(last, default)
    row, _, last = rest.partition(".")
    group = entry.groups[int(row)]
    own = {"match": group.match, "name": group.name, "optimizer": group.optimizer}
    return own[last] if last in own else group.values.get(last, default)


def with_nested(
    name: str, value: ParamValue, entry: OptimizerSpec, catalog: Catalog
) -> OptimizerSpec:
    """Return the entry with another value at ``name``; its default is no word."""
    head, _, rest = name.partition(".")
    default = nested_param(name, entry, catalog).default
    if head == SCHEDULER:
        path, last = _path(rest)

        def change(schedule: SchedulerSpec) -> SchedulerSpec:
            values = _with(schedule.values, last, value, default)
            return replace(schedule, values=values)

        return with_schedule(entry, path, change)
    row, _, last = rest.partition(".")
    group = entry.groups[int(row)]
    if last == MATCH.name:
        group = replace(group, match=str(value))
    elif last == GROUP_NAME.name:
        group = replace(group, name=str(value))
    elif last == TRAINED_BY.name:
        group = replace(group, optimizer=str(value), values=Values())
    else:
        group = replace(group, values=_with(group.values, last, value, default))
    return with_group(entry, int(row), group)


# -- schedules -----------------------------------------------------------------------


def schedule_key(path: Path) -> str:
    """Return the place of the schedule at ``path`` within an entry."""
    return ".".join((SCHEDULER, *(f"{PARTS}.{i}" for i in path)))


def with_schedule(
    entry: OptimizerSpec,
    path: Path,
    change: Callable[[SchedulerSpec], SchedulerSpec],
) -> OptimizerSpec:
    """Return the entry with the schedule at ``path`` changed."""
    if entry.scheduler is None:
        return entry
    return replace(entry, scheduler=_changed(entry.scheduler, path, change))


def with_chosen(
    entry: OptimizerSpec, path: Path, name: str, catalog: Catalog
) -> OptimizerSpec:
    """Return the entry with the schedule of that name at ``path``; none if empty.

    What the schedule that stood there has in common with it is kept.
    """
    if not name:
        return replace(entry, scheduler=None)
    info = catalog.schedulers.get(name)
    if entry.scheduler is None:
        return replace(entry, scheduler=chosen_schedule(info, None, catalog))
    return with_schedule(entry, path, lambda old: chosen_schedule(info, old, catalog))


def chosen_schedule(
    info: SchedulerInfo, old: SchedulerSpec | None, catalog: Catalog
) -> SchedulerSpec:
    """Return a schedule in the place of an old one, keeping what both know.

    A composite one begins with the old one as its part.
    """
    parts: tuple[SchedulerSpec, ...] = ()
    kept: dict[str, ParamValue] = {}
    if old is not None:
        was_composite = catalog.schedulers.get(old.name).composite
        params = {spec.name: spec for spec in info.params}
        before = {spec.name: spec for spec in catalog.schedulers.get(old.name).params}
        kept = {
            name: value
            for name, value in old.values.items()
            if name in params and params[name] == before[name]
        }
        if info.composite:
            parts = old.parts if was_composite else (old,)
    return SchedulerSpec(name=info.name, values=Values(kept), parts=parts)


def with_part_added(schedule: SchedulerSpec, part: SchedulerSpec) -> SchedulerSpec:
    """Return a composite schedule with one more part at its end."""
    return replace(schedule, parts=(*schedule.parts, part))


def with_part_removed(schedule: SchedulerSpec, index: int) -> SchedulerSpec:
    """Return a composite schedule without part ``index``."""
    return replace(schedule, parts=without(schedule.parts, index))


def with_part_moved(schedule: SchedulerSpec, index: int, to: int) -> SchedulerSpec:
    """Return a composite schedule in which part ``index`` has become part ``to``."""
    return replace(schedule, parts=moved(schedule.parts, index, to))


# -- param groups --------------------------------------------------------------------


def trained_by(
    group: GroupSpec, entry: OptimizerSpec, catalog: Catalog
) -> OptimizerInfo:
    """Return the optimizer that trains a group of an entry."""
    return catalog.optimizers.get(group.optimizer or entry.name)


def settable(
    group: GroupSpec, entry: OptimizerSpec, catalog: Catalog
) -> tuple[ParamSpec, ...]:
    """Return what a row of param groups may set."""
    info = trained_by(group, entry, catalog)
    return tuple(
        spec for spec in group_params(info, own=not group.optimizer) if not spec.fixed
    )


def with_group(entry: OptimizerSpec, row: int, group: GroupSpec) -> OptimizerSpec:
    """Return the entry with another group in a row."""
    groups = (*entry.groups[:row], group, *entry.groups[row + 1 :])
    return replace(entry, groups=groups)


def without(items: tuple[T, ...], index: int) -> tuple[T, ...]:
    """Return ``items`` without the one at ``index``."""
    return (*items[:index], *items[index + 1 :])


def moved(items: tuple[T, ...], index: int, to: int) -> tuple[T, ...]:
    """Return ``items`` with that at ``index`` put at ``to``, where there is a place."""
    if not 0 <= to < len(items):
        return items
    rest = list(without(items, index))
    rest.insert(to, items[index])
    return tuple(rest)


# -- inside --------------------------------------------------------------------------


def _path(rest: str) -> tuple[Path, str]:
    """Return the numbers of parts in ``schedulers.1.schedulers.0.T_max``, and T_max."""
    *parts, last = rest.split(".")
    return tuple(int(part) for part in parts[1::2]), last


def _schedule(entry: OptimizerSpec, path: Path) -> SchedulerSpec:
    if entry.scheduler is None:
        raise KeyError("the entry has no schedule")
    schedule = entry.scheduler
    for index in path:
        schedule = schedule.parts[index]
    return schedule


def _changed(
    schedule: SchedulerSpec,
    path: Path,
    change: Callable[[SchedulerSpec], SchedulerSpec],
) -> SchedulerSpec:
    if not path:
        return change(schedule)
    index, *rest = path
    part = _changed(schedule.parts[index], tuple(rest), change)
    parts = (*schedule.parts[:index], part, *schedule.parts[index + 1 :])
    return replace(schedule, parts=parts)


def _with(values: Values, name: str, value: ParamValue, default: ParamValue) -> Values:
    """Return ``values`` with one more; the default needs no word."""
    return values.without(name) if value == default else values.with_value(name, value)
