"""An experiment as frozen data: what was given, its trials and their labels.

Nothing is filled in: defaults live in the catalog's `ParamSpec`s, so that a saved
experiment stays as short as it was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import Catalog
from optlab.spec.study import ComparisonSpec, PartSpec, Range, TuningSpec
from optlab.translate import tr

NO_VALUES: Final = Values()
NO_COMPARISON: Final = ComparisonSpec()

TRAINING_PARAMS: Final = (
    ParamSpec(
        name="steps",
        label="steps",
        kind=Kind.INT,
        default=None,
        low=1,
        optional=True,
        meaning="Optimizer updates of each trial; give this or epochs.",
    ),
    ParamSpec(
        name="epochs",
        label="epochs",
        kind=Kind.FLOAT,
        default=None,
        low=0,
        low_open=True,
        optional=True,
        meaning="Passes over the training data; give this or steps.",
    ),
    ParamSpec(
        name="seeds",
        label="seeds",
        kind=Kind.INTS,
        default=(0,),
        low=0,
        distinct=True,
        meaning="One trial of every optimizer for each of these seeds; 0..9 stands "
        "for the ten from 0 to 9.",
    ),
    ParamSpec(
        name="eval_every",
        kind=Kind.INT,
        default=100,
        low=1,
        meaning="Steps between two evaluations, on held-out data where there is any "
        "(never timed).",
        label="Evaluate every",
        unit="steps",
    ),
    ParamSpec(
        name="threads",
        label="threads",
        kind=Kind.INT,
        default=1,
        low=1,
        high=256,
        meaning="Processor threads inside each operation of a trial.",
    ),
    ParamSpec(
        name="loss",
        label="loss",
        kind=Kind.CHOICE,
        default="mean",
        choices=("mean", "sum"),
        meaning="Whether the loss of a batch is the mean or the sum over its samples.",
    ),
    ParamSpec(
        name="shuffle",
        label="shuffle",
        kind=Kind.BOOL,
        default=True,
        meaning="Whether every epoch goes through the data in a new random order.",
    ),
    ParamSpec(
        name="split",
        label="split",
        kind=Kind.CHOICE,
        default="train",
        choices=("train", "test", "tune"),
        meaning="Part of the dataset that is trained on; evaluation uses the other. "
        "tune is for picking settings: a fifth of the training part is held out for "
        "evaluation, and the test part is not touched.",
    ),
    ParamSpec(
        name="zero_grad",
        label="zero grad",
        kind=Kind.BOOL,
        default=True,
        meaning="Whether gradients are cleared before each step, as they should be.",
    ),
    ParamSpec(
        name="diagnostics",
        label="diagnostics",
        kind=Kind.WORDS,
        default=(),
        meaning="Further measurements at each evaluation, such as sharpness; none "
        "changes the training.",
    ),
    ParamSpec(
        name="divergence_limit",
        label="divergence limit",
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
    label="batch size",
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
class SchedulerSpec:
    """A schedule of the learning rate.

    Attributes:
        name: Name in the catalog.
        values: The parameters that were given.
        parts: The schedules that a composite one is made of, in order.
    """

    name: str
    values: Values = NO_VALUES
    parts: tuple["SchedulerSpec", ...] = ()


@dataclass(frozen=True, kw_only=True)
class GroupSpec:
    """Parameters that are trained with other values than the rest.

    Attributes:
        match: Patterns of parameter names, see `optlab.spec.groups`.
        name: What the group is called; empty for ``match``.
        optimizer: The optimizer that trains them; empty for that of the entry.
        values: The hyperparameters that were given for them; all others are those
            of the entry, or the defaults where ``optimizer`` is another.
    """

    match: str
    name: str = ""
    optimizer: str = ""
    values: Values = NO_VALUES

    @property
    def title(self) -> str:
        """The name, or what stands for it."""
        return self.name or self.match


@dataclass(frozen=True, kw_only=True)
class OptimizerSpec:
    """One entry of the comparison.

    Attributes:
        name: Name in the catalog.
        label: The label that was typed; empty for an automatic one.
        values: The hyperparameters that were given.
        batch_size: Its own batch size, or None for the problem's.
        scheduler: What moves its learning rate, or None for a constant one.
        groups: Param groups besides the default one.
        space: Where its hyperparameters are searched; nothing for its learning rate
            around the default.
    """

    name: str
    label: str = ""
    values: Values = NO_VALUES
    batch_size: int | None = None
    scheduler: SchedulerSpec | None = None
    groups: tuple[GroupSpec, ...] = ()
    space: tuple[Range, ...] = ()


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
    diagnostics: tuple[str, ...] = ()
    divergence_limit: float = 1e12


@dataclass(frozen=True, kw_only=True)
class ExperimentSpec:
    """What is to be compared: a problem, a training and several optimizers.

    Attributes:
        title: Its title.
        problem: The problem of a run.
        training: How it is trained.
        optimizers: What is compared.
        further_problems: More problems, on which a study repeats the comparison; a
            run leaves them alone.
        tuning: How a study tunes; None where nothing is tuned.
        comparison: What a verdict is about.
        part: Which part of a study this is; None for an experiment of its own.
    """

    title: str
    problem: ProblemSpec
    training: TrainingSpec
    optimizers: tuple[OptimizerSpec, ...]
    further_problems: tuple[ProblemSpec, ...] = ()
    tuning: TuningSpec | None = None
    comparison: ComparisonSpec = NO_COMPARISON
    part: PartSpec | None = None


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


def labels(spec: ExperimentSpec, catalog: Catalog) -> tuple[str, ...]:
    """Return one unique label for each optimizer of ``spec``.

    A typed label stays as it is; the others are made of the name and of what differs
    from the defaults, and numbered where that is not enough. Where settings are tuned,
    what is searched is no part of a label: it will be another one.
    """
    taken = {entry.label for entry in spec.optimizers if entry.label}
    result = []
    for entry in spec.optimizers:
        searched = () if spec.tuning is None else searched_names(entry)
        automatic = automatic_label(entry, catalog, without=searched)
        label = entry.label or _free(automatic, taken)
        taken.add(label)
        result.append(label)
    return tuple(result)


def searched_names(entry: OptimizerSpec) -> tuple[str, ...]:
    """Return the hyperparameters of an entry that tuning searches."""
    return tuple(one.name for one in entry.space) or ("lr",)


def automatic_label(
    entry: OptimizerSpec, catalog: Catalog, *, without: Sequence[str] = ()
) -> str:
    """Return the label of an entry that has none: ``SGD (lr 0.1)``.

    It is made in the language in force; a run keeps the one that it began with.

    Args:
        entry: The entry.
        catalog: Where optimizers are.
        without: Hyperparameters that are left out.
    """
    kept = {name: v for name, v in entry.values.items() if name not in without}
    differs = differences(replace(entry, values=Values(kept)), catalog)
    name = tr(catalog.optimizers.get(entry.name).label)
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
    if entry.scheduler is not None:
        differs.append(tr(catalog.schedulers.get(entry.scheduler.name).label))
    differs.extend(_group_difference(group) for group in entry.groups)
    return tuple(differs)


def _group_difference(group: GroupSpec) -> str:
    if group.optimizer:
        return tr(
            "{group} by {optimizer}", group=group.title, optimizer=group.optimizer
        )
    return group.title


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


def resolved(spec: ExperimentSpec, catalog: Catalog) -> ExperimentSpec:
    """Return ``spec`` with every default and every label written out."""
    problem = catalog.problems.get(spec.problem.name)
    entries = tuple(
        replace(
            entry,
            label=label,
            values=catalog.optimizers.get(entry.name).complete(entry.values),
            scheduler=entry.scheduler and _resolved_schedule(entry.scheduler, catalog),
            groups=tuple(_resolved_group(group, catalog) for group in entry.groups),
        )
        for entry, label in zip(spec.optimizers, labels(spec, catalog), strict=True)
    )
    values = problem.complete(spec.problem.values)
    return replace(
        spec, problem=replace(spec.problem, values=values), optimizers=entries
    )


def _resolved_group(group: GroupSpec, catalog: Catalog) -> GroupSpec:
    """Return a row with the defaults of its own optimizer, if it has one."""
    if not group.optimizer:
        return group
    info = catalog.optimizers.get(group.optimizer)
    return replace(group, values=info.complete(group.values))


def _resolved_schedule(schedule: SchedulerSpec, catalog: Catalog) -> SchedulerSpec:
    info = catalog.schedulers.get(schedule.name)
    parts = tuple(_resolved_schedule(part, catalog) for part in schedule.parts)
    return replace(schedule, values=info.complete(schedule.values), parts=parts)


def _free(label: str, taken: set[str]) -> str:
    candidate, number = label, 2
    while candidate in taken:
        candidate, number = f"{label} #{number}", number + 1
    return candidate
