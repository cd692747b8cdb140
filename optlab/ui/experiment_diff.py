"""What two experiments have in common and what not, parameter by parameter.

Pure functions of frozen specs; knows nothing of Qt.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optlab.params import ParamSpec, ParamValue
from optlab.registry import Catalog
from optlab.spec import (
    BATCH_SIZE,
    TRAINING_PARAMS,
    ExperimentSpec,
    GroupSpec,
    OptimizerSpec,
    SchedulerSpec,
    labels,
)
from optlab.translate import tr


@dataclass(frozen=True, kw_only=True)
class Row:
    """One parameter of two experiments.

    Attributes:
        section: Where it stands: problem, training, the label of an optimizer.
        name: The parameter, as forms name it.
        left: Its value in the first experiment; None where it is not there.
        right: Its value in the second.
    """

    section: str
    name: str
    left: str | None
    right: str | None

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.left != self.right


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """An optimizer of an experiment with everything that is set in it."""

    label: str
    optimizer: str
    values: Mapping[str, str]


def experiment_diff(
    left: ExperimentSpec, right: ExperimentSpec, catalog: Catalog
) -> tuple[Row, ...]:
    """Return every parameter of two experiments, defaults written out.

    Optimizers are matched by label; of what is left, those of one kind in order.

    Raises:
        InputError: Something that an experiment is made of is not there any more.
    """
    rows = _rows(
        tr("Experiment"), {tr("title"): left.title}, {tr("title"): right.title}
    )
    rows += _rows(tr("Problem"), _problem(left, catalog), _problem(right, catalog))
    rows += _rows(tr("Training"), _training(left), _training(right))
    for mine, theirs in _matched(_entries(left, catalog), _entries(right, catalog)):
        rows += _rows(
            _section(mine, theirs),
            {} if mine is None else mine.values,
            {} if theirs is None else theirs.values,
        )
    return tuple(rows)


def diff_text(rows: Iterable[Row], left: str, right: str) -> str:
    """Return rows as a table with tabs, under the names of the two experiments."""
    lines = [("", "", left, right)]
    lines += [(r.section, r.name, r.left or "", r.right or "") for r in rows]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def _rows(section: str, left: Mapping[str, str], right: Mapping[str, str]) -> list[Row]:
    return [
        Row(section=section, name=name, left=left.get(name), right=right.get(name))
        for name in dict.fromkeys((*left, *right))
    ]


def _section(mine: _Entry | None, theirs: _Entry | None) -> str:
    names = dict.fromkeys(entry.label for entry in (mine, theirs) if entry is not None)
    return " → ".join(names)


def _problem(spec: ExperimentSpec, catalog: Catalog) -> dict[str, str]:
    info = catalog.problems.get(spec.problem.name)
    named = {tr("problem"): tr(info.label)}
    return named | _shown(info.params, info.complete(spec.problem.values))


def _training(spec: ExperimentSpec) -> dict[str, str]:
    values = {p.name: getattr(spec.training, p.name) for p in TRAINING_PARAMS}
    return _shown(TRAINING_PARAMS, values)


def _entries(spec: ExperimentSpec, catalog: Catalog) -> list[_Entry]:
    return [
        _Entry(label=label, optimizer=entry.name, values=_entry(entry, catalog))
        for entry, label in zip(spec.optimizers, labels(spec, catalog), strict=True)
    ]


def _entry(entry: OptimizerSpec, catalog: Catalog) -> dict[str, str]:
    info = catalog.optimizers.get(entry.name)
    values = {tr("optimizer"): tr(info.label)}
    values |= _shown(info.params, info.complete(entry.values))
    values[BATCH_SIZE.title] = BATCH_SIZE.show(entry.batch_size)
    values |= _schedule(entry.scheduler, catalog, tr("scheduler"))
    for group in entry.groups:
        values |= _group(group, entry, catalog)
    return values


def _schedule(
    schedule: SchedulerSpec | None, catalog: Catalog, place: str
) -> dict[str, str]:
    if schedule is None:
        return {place: tr("none")}
    info = catalog.schedulers.get(schedule.name)
    values = {place: tr(info.label)}
    given = _shown(info.params, info.complete(schedule.values))
    values |= {f"{place} · {name}": text for name, text in given.items()}
    for number, part in enumerate(schedule.parts, start=1):
        values |= _schedule(part, catalog, f"{place} · {number}")
    return values


def _group(group: GroupSpec, entry: OptimizerSpec, catalog: Catalog) -> dict[str, str]:
    """Return what a param group sets; what it leaves out is that of the entry."""
    info = catalog.optimizers.get(group.optimizer or entry.name)
    place = tr("group {name}", name=group.title)
    values = {place: group.match}
    given: Mapping[str, ParamValue] = group.values
    if group.optimizer:
        values[f"{place} · {tr('optimizer')}"] = tr(info.label)
        given = info.complete(group.values)
    shown = _shown(info.params, given)
    return values | {f"{place} · {name}": text for name, text in shown.items()}


def _shown(
    params: Iterable[ParamSpec], values: Mapping[str, ParamValue]
) -> dict[str, str]:
    return {p.title: p.show(values[p.name]) for p in params if p.name in values}


def _matched(
    left: Sequence[_Entry], right: Sequence[_Entry]
) -> list[tuple[_Entry | None, _Entry | None]]:
    """Return pairs in the order of the left, then what only the right has."""
    free = list(right)
    partners: dict[int, _Entry] = {}
    for alike in (_same_label, _same_optimizer):
        for k, entry in enumerate(left):
            found = next((e for e in free if alike(entry, e)), None)
            if k not in partners and found is not None:
                partners[k] = found
                free.remove(found)
    pairs: list[tuple[_Entry | None, _Entry | None]] = [
        (entry, partners.get(k)) for k, entry in enumerate(left)
    ]
    return [*pairs, *((None, entry) for entry in free)]


def _same_label(one: _Entry, other: _Entry) -> bool:
    return (one.label, one.optimizer) == (other.label, other.optimizer)


def _same_optimizer(one: _Entry, other: _Entry) -> bool:
    return one.optimizer == other.optimizer
