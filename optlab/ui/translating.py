"""An entry of the experiment in the words of another optimizer.

Pure functions; knows nothing of Qt.
"""

from dataclasses import replace
from typing import Final

from optlab.params import InputError, Values
from optlab.registry import Catalog, OptimizerInfo, Translation
from optlab.spec import GroupSpec, OptimizerSpec, group_params
from optlab.translate import tr

# Parameters of schedules that are rates, and not factors of the entry's own.
RATES: Final = frozenset({"base_lr", "max_lr", "min_lr", "swa_lr", "eta_min"})


def translated(
    entry: OptimizerSpec, translation: Translation, catalog: Catalog
) -> OptimizerSpec:
    """Return an entry in the words of another optimizer, with converted values.

    Schedule, batch size, label and param groups stay; groups are translated, too.

    Raises:
        InputError: Something in the entry has no counterpart there.
    """
    info = catalog.optimizers.get(entry.name)
    target = catalog.optimizers.get(translation.to)
    before = info.complete(entry.values)
    after = target.complete(translation.convert(before))
    _check_schedule(entry, lr_changes=before.get("lr") != after.get("lr"))
    groups = tuple(_group(group, entry, translation, catalog) for group in entry.groups)
    return replace(entry, name=target.name, values=_given(target, after), groups=groups)


def _given(info: OptimizerInfo, values: Values) -> Values:
    """Return the values that are not the defaults."""
    return Values(
        (p.name, values[p.name]) for p in info.params if values[p.name] != p.default
    )


def _group(
    group: GroupSpec, entry: OptimizerSpec, translation: Translation, catalog: Catalog
) -> GroupSpec:
    if group.optimizer:
        return group
    info = catalog.optimizers.get(entry.name)
    target = catalog.optimizers.get(translation.to)
    own = Values(dict(entry.values) | dict(group.values))
    rest = target.complete(translation.convert(info.complete(entry.values)))
    values = target.complete(translation.convert(info.complete(own)))
    differ = {name: value for name, value in values.items() if value != rest[name]}
    allowed = {spec.name for spec in group_params(target, own=True)}
    for name in differ:
        if name not in allowed:
            text = tr(
                "groups of {optimizer} cannot differ in it", optimizer=tr(target.label)
            )
            raise InputError(name, differ[name], text)
    return replace(group, values=Values(differ))


def _check_schedule(entry: OptimizerSpec, *, lr_changes: bool) -> None:
    schedule = entry.scheduler
    if schedule is None or not lr_changes:
        return
    waiting = [schedule]
    while waiting:
        part = waiting.pop()
        waiting.extend(part.parts)
        for name in part.values:
            if name in RATES and part.values[name]:
                text = tr("a rate of its own, which is not translated; take it off")
                raise InputError(f"scheduler.{name}", part.values[name], text)
