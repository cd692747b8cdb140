"""What a comparison is judged from: the trials of one or more run files, by problem.

Everything that a verdict, a certificate, an alarm or a report says is computed from
this, and this from run files alone. Two runs are of one problem if problem, model and
data, loss and number of steps agree; their optimizers are matched by label, their
trials by seed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from optlab.analysis.outcomes import JUDGED, Outcome, outcomes
from optlab.diagnostics.catalog import METRICS
from optlab.params import InputError, ParamValue
from optlab.records import State, TrialStart
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, resolved, spec_from_text
from optlab.store.run_data import RunData
from optlab.translate import tr

SUFFIX: Final = ".optlab"
_LATE: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One trial of the comparison.

    Attributes:
        run: Where it is recorded.
        start: What it began with; ``start.label`` names its optimizer.
        outcome: How it ended.
        value: What it is judged by at the end; NaN where it did not last.
        cost: The same as a number of which less is better; infinite where it did not
            last.
    """

    run: RunData
    start: TrialStart
    outcome: Outcome
    value: float
    cost: float


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """One trial of the tuning.

    Attributes:
        run: Where it is recorded.
        start: What it began with.
        number: Its number among the tuning trials of its optimizer.
        values: The values that were searched, by parameter.
        share: Share of all steps that it was meant to take and took, in (0, 1].
        value: Median of the last tenth of its evaluations; NaN where it did not last.
        cost: The same as a number of which less is better; infinite where it did not
            last.
    """

    run: RunData
    start: TrialStart
    number: int
    values: tuple[tuple[str, ParamValue], ...]
    share: float
    value: float
    cost: float


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that is known of one problem.

    Attributes:
        problem: The problem in a few words: ``lobes-32``, ``Rosenbrock``.
        spec: The experiment as it was run, with all seeds of all its runs.
        metric: What trials are judged by.
        higher_is_better: Whether more of it is better.
        labels: Labels of the optimizers, in the order of the experiment.
        runs: The runs of the comparison.
        measured: Their trials.
        tuned: The tuning trials.
        faults: What is wrong with the runs in plain sentences.
        repeats: Whether a seed repeats another one, as nothing is drawn by it.
    """

    problem: str
    spec: ExperimentSpec
    metric: str
    higher_is_better: bool
    labels: tuple[str, ...]
    runs: tuple[RunData, ...]
    measured: tuple[Measured, ...]
    tuned: tuple[Tuned, ...]
    faults: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def baseline(self) -> str:
        """Label of the optimizer that all others are compared with."""
        declared = self.spec.comparison.baseline
        return declared if declared in self.labels else self.labels[0]

    def of(self, label: str) -> tuple[Measured, ...]:
        """Return the trials of one optimizer, by seed."""
        own = [m for m in self.measured if m.start.label == label]
        return tuple(sorted(own, key=lambda m: m.start.seed))

    def tuned_of(self, label: str) -> tuple[Tuned, ...]:
        """Return the tuning trials of one optimizer, by number."""
        own = [t for t in self.tuned if t.start.label == label]
        return tuple(sorted(own, key=lambda t: t.number))

    def pairs(self, label: str, other: str) -> tuple[tuple[Measured, Measured], ...]:
        """Return the trials of two optimizers that have a seed in common."""
        theirs = {m.start.seed: m for m in self.of(other)}
        return tuple(
            (mine, theirs[mine.start.seed])
            for mine in self.of(label)
            if mine.start.seed in theirs
        )


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known of a study, or of a few runs.

    Attributes:
        title: Title of the experiment.
        findings: One for each problem.
    """

    title: str
    findings: tuple[Findings, ...]


def run_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return run files: those given, and those in and below folders that are given.

    Raises:
        InputError: Something is not there, or a folder holds no run file.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob(f"*{SUFFIX}"))
            if not inside:
                text = tr("a run file, or a folder that holds some")
                raise InputError(str(path), None, text)
            found.extend(inside)
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def gather(paths: Iterable[Path], catalog: Catalog) -> Evidence:
    """Return what run files say; folders stand for all run files below them.

    Raises:
        InputError: Nothing is there, or a file cannot be read.
    """
    return evidence([RunData.open(path) for path in run_files(paths)], catalog)


def evidence(runs: Sequence[RunData], catalog: Catalog) -> Evidence:
    """Return what runs say, live ones too.

    Raises:
        InputError: There is no run, or none of a comparison.
    """
    groups: dict[object, list[tuple[RunData, ExperimentSpec]]] = {}
    tuning: dict[object, list[tuple[RunData, ExperimentSpec]]] = {}
    for run in runs:
        spec = spec_from_text(run.spec_text, catalog, name=str(run.path or ""))
        tuned = spec.part is not None and spec.part.part == "tuning"
        place = tuning if tuned else groups
        place.setdefault(_key(spec, catalog), []).append((run, spec))
    # Where nothing is finished yet, what is being tuned is all there is.
    keys = list(groups) or list(tuning)
    if not keys:
        raise InputError("runs", None, tr("at least one run file"))
    found = [
        _findings(groups.get(k, []), tuning.get(k, []), catalog=catalog) for k in keys
    ]
    ordered = sorted(
        found, key=lambda f: 0 if f.spec.part is None else f.spec.part.problem
    )
    return Evidence(title=ordered[0].spec.title, findings=tuple(ordered))


def higher_is_better(metric: str) -> bool:
    """Return whether more of a metric is better."""
    return any(m.name == metric and m.higher_is_better for m in METRICS)


def judged_metric(spec: ExperimentSpec, metrics: Sequence[str], *, tuning: bool) -> str:
    """Return what trials are judged by, or tuned by: as given, or what is measured."""
    given = spec.comparison.metric
    if tuning and spec.tuning is not None:
        given = spec.tuning.metric or given
    if given in metrics:
        return given
    return next((name for name in JUDGED if name in metrics), JUDGED[-1])


def late_value(
    run: RunData, trial: TrialStart, metric: str, *, until: int | None = None
) -> float:
    """Return the median of the last tenth of a metric's finite values so far.

    NaN where the trial diverged or failed, or there is no value yet.

    Args:
        run: The run.
        trial: The trial.
        metric: The metric.
        until: The step at which one would have looked; None for the last one.
    """
    status = run.status(trial.trial)
    ended = until is None or status.step <= until
    if ended and status.state in (State.DIVERGED, State.FAILED):
        return math.nan
    steps, values = run.series(trial.trial, metric).arrays()
    if until is not None:
        values = values[steps <= until]
    measured = values[1:] if len(values) > 1 else values
    late = measured[-max(1, math.ceil(_LATE * len(measured))) :]
    if not len(late) or not np.isfinite(late).all():
        return math.nan
    return float(np.median(late))


def seeds_repeat(spec: ExperimentSpec, catalog: Catalog) -> bool:
    """Return whether a seed repeats another one, as nothing is drawn by it.

    So it is on a surface without noise where all start at the same point, unless an
    optimizer draws numbers itself.
    """
    problem = catalog.problems.get(spec.problem.name)
    values = resolved(spec, catalog).problem.values
    return (
        problem.kind == "surface"
        and not values.get("noise", 0.0)
        and values.get("starts", "fixed") == "fixed"
        and not any(catalog.optimizers.get(o.name).draws for o in spec.optimizers)
    )


def problem_words(spec: ExperimentSpec) -> str:
    """Return a problem in a few words: its data if it has such, else its name."""
    dataset = spec.problem.values.get("dataset")
    return str(dataset) if dataset else spec.problem.name


def _key(spec: ExperimentSpec, catalog: Catalog) -> object:
    """Return what two runs have in common if they are of one problem."""
    full = resolved(spec, catalog)
    training = full.training
    return (
        full.problem,
        training.steps,
        training.epochs,
        training.loss,
        training.shuffle,
        "train" if training.split == "tune" else training.split,
    )


def _number(findings: Findings) -> int:
    return 0 if findings.spec.part is None else findings.spec.part.problem


def _findings(
    runs: Sequence[tuple[RunData, ExperimentSpec]],
    tuning: Sequence[tuple[RunData, ExperimentSpec]],
    *,
    catalog: Catalog,
) -> Findings:
    spec = (runs or tuning)[0][1]
    seeds = sorted({s for _, own in runs for s in own.training.seeds})
    if seeds:
        spec = replace(spec, training=replace(spec.training, seeds=tuple(seeds)))
    first = (runs or tuning)[0][0]
    metric = judged_metric(spec, first.metrics, tuning=False)
    measured: dict[tuple[str, int], Measured] = {}
    faults: list[str] = []
    for run, _ in runs:
        found = outcomes(run, metric=metric)
        for start, outcome in zip(run.trials, found, strict=True):
            if (start.label, start.seed) in measured:
                text = "{label}, seed {seed} is in several runs; the first one counts"
                faults.append(tr(text, label=start.label, seed=start.seed))
                continue
            measured[start.label, start.seed] = _measured(run, start, outcome, metric)
    labels = tuple(
        dict.fromkeys(t.label for run, _ in (*runs, *tuning) for t in run.trials)
    )
    tuned = [t for run, own in tuning for t in _tuned(run, own)]
    return Findings(
        problem=problem_words(spec),
        spec=spec,
        metric=metric,
        higher_is_better=higher_is_better(metric),
        labels=labels,
        runs=tuple(run for run, _ in runs),
        measured=tuple(measured.values()),
        tuned=tuple(tuned),
        faults=tuple(faults),
        repeats=all(seeds_repeat(own, catalog) for _, own in runs or tuning),
    )


def _measured(
    run: RunData, start: TrialStart, outcome: Outcome, metric: str
) -> Measured:
    lasted = math.isfinite(outcome.final)
    sign = -1.0 if higher_is_better(metric) else 1.0
    return Measured(
        run=run,
        start=start,
        outcome=outcome,
        value=outcome.final if lasted else math.nan,
        cost=sign * outcome.final if lasted else math.inf,
    )


def _tuned(run: RunData, spec: ExperimentSpec) -> list[Tuned]:
    assert spec.part is not None
    metric = judged_metric(spec, run.metrics, tuning=True)
    sign = -1.0 if higher_is_better(metric) else 1.0
    found = []
    for start in run.trials:
        value = late_value(run, start, metric)
        entry = spec.optimizers[start.entry]
        searched = [r.name for r in entry.space] or ["lr"]
        found.append(
            Tuned(
                run=run,
                start=start,
                number=spec.part.trial,
                values=tuple((n, entry.values.get(n)) for n in searched),
                share=max(run.status(start.trial).step, 0) / start.steps,
                value=value,
                cost=math.inf if math.isnan(value) else sign * value,
            )
        )
    return found
