"""What the run on the screen comes to: certificate, verdicts, alarms, speed-ups.

All of it is worked out in the background, from what the run has recorded so far. Views
ask when they are drawn, so that nothing is worked out that nobody sees; while a run
goes on there is a new answer every second at most, and the last one stays meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf, isfinite, nan
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Final, Literal, get_args

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from optlab.analysis.alarms import Alarm, alarms
from optlab.analysis.certificate import Certificate, certify, certify_run
from optlab.analysis.costs import Axis
from optlab.analysis.evidence import (
    Evidence,
    Findings,
    Measured,
    evidence,
    higher_is_better,
    run_files,
)
from optlab.analysis.matched import comparisons
from optlab.analysis.outcomes import Outcome, outcomes
from optlab.analysis.speedup import SpeedUp, speedup
from optlab.analysis.verdict import Judgement, judge
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.store.overlay import Overlay
from optlab.store.run_data import RunData
from optlab.sweep.folder import STUDY_FILE
from optlab.ui.background import BackgroundTask, Report

Part = Literal["certificate", "verdict", "speedup"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
PAUSE_MS: Final = 1000
"""Between two answers while a run goes on."""
_SHARE: Final = 5.0
# A study lies at most so many folders above its run files.
_DEEPEST: Final = 4
_WAIT_MS: Final = 15_000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a person wants compared, where that is not what the experiment says.

    Attributes:
        baseline: Label of the optimizer that others are compared with.
        metric: What they are judged by.
        target: What is to be reached.
        all_pairs: Whether every optimizer is compared with every other.
        problem: Index of the problem, of several; None for that of the run.
        axis: What a speed-up counts.
    """

    baseline: str = ""
    metric: str = ""
    target: float | None = None
    all_pairs: bool | None = None
    problem: int | None = None
    axis: Axis = "step"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What is known of the run.

    Attributes:
        problems: The problems that there is something of.
        problem: Index of the one that the rest is about.
        findings: What was measured on it; None before anything is known.
        certificate: Whether the comparison is fair.
        judgement: The verdicts; None while nobody has asked for them.
        alarms: What to look at before a verdict is believed.
        speedups: At equal loss, one for each comparison.
        reason: Why nothing can be said; empty where something can.
    """

    problems: tuple[str, ...] = ()
    problem: int = 0
    findings: Findings | None = None
    certificate: Certificate | None = None
    judgement: Judgement | None = None
    alarms: tuple[Alarm, ...] = ()
    speedups: tuple[SpeedUp, ...] = ()
    reason: str = ""


NOTHING: Final = Answers()


@dataclass(kw_only=True)
class _Job:
    """One question, and its answer once there is one."""

    runs: tuple[RunData, ...]
    choice: Choice
    keys: Mapping[Part, Hashable]
    before: Answers
    found: Answers = field(default=NOTHING)


class VerdictReader(QObject):
    """Works out what the run comes to; lives in the GUI thread.

    Args:
        catalog: What experiments are made of.
    """

    changed = Signal()
    """There are other answers, or another choice."""
    reasons_wanted = Signal()
    """A person wants to know why the certificate is as it is."""

    def __init__(self, catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._data: RunData | None = None
        self.choice = Choice()
        self.answers = NOTHING
        self.revision = 0
        self._known: dict[Part, Hashable] = {}
        self._wanted: dict[Part, Hashable] = {}
        self._files: dict[Path, tuple[float, RunData]] = {}
        self._task: BackgroundTask | None = None
        self._job: _Job | None = None
        self._begun = self._rest = 0.0
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._begin)

    # -- what is asked -----------------------------------------------------------

    @property
    def data(self) -> RunData | None:
        """The run that is judged."""
        return self._data

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self._data is not None and not self._data.state.ended

    @property
    def busy(self) -> bool:
        """Whether an answer is being worked out, or is about to be."""
        return self._task is not None or self._timer.isActive()

    def show(self, data: RunData | None) -> None:
        """Judge another run, or none."""
        if data is self._data:
            return
        self._data = data
        self.choice = Choice(axis=self.choice.axis)
        self.forget()

    def forget(self) -> None:
        """Say everything anew, as in another language."""
        self.answers = NOTHING
        self._known.clear()
        self._wanted.clear()
        self._job = None
        self._timer.stop()
        self._tell()

    def choose(self, **changes: object) -> None:
        """Compare something else."""
        choice = replace(self.choice, **changes)  # type: ignore[arg-type]
        if choice != self.choice:
            self.choice = choice
            self._rest = 0.0
            self._tell()

    def look(self, part: Part) -> Answers:
        """Return what is known, and see to it that ``part`` becomes so."""
        data = self._data
        if data is None or not data.trials or self._closed:
            return self.answers
        key = self._key(data, part)
        if self._known.get(part) == key:
            return self.answers
        self._wanted[part] = key
        if self._task is None and not self._timer.isActive():
            waited = perf_counter() - self._begun
            self._timer.start(max(0, round(1000 * (self._rest - waited))))
        return self.answers

    def gatherer(self) -> Callable[[], Evidence]:
        """Return what reads all there is about the run, in any thread."""
        data, catalog = self._data, self._catalog
        runs = data.runs if isinstance(data, Overlay) else (data,) if data else ()

        def gather() -> Evidence:
            others = [RunData.open(path) for path in siblings(runs)]
            return evidence((*runs, *others), catalog)

        return gather

    def shutdown(self) -> bool:
        """Ask nothing more and wait, bounded; return whether the work has ended."""
        self._closed = True
        self._timer.stop()
        self._job = None
        return self._task is None or self._task.shutdown(wait_ms=_WAIT_MS)

    def speedup_of(self, label: str, baseline: str) -> SpeedUp | None:
        """Return how much faster one optimizer is than another, where that is known."""
        found = self.answers.speedups
        return next(
            (s for s in found if (s.label, s.baseline) == (label, baseline)), None
        )

    def _key(self, data: RunData, part: Part) -> Hashable:
        """Return what an answer depends on."""
        if part == "certificate":
            # Hashes come with ends: losses that grow change nothing.
            stands = tuple(
                (status.state, status.batch_hash)
                for status in (data.status(t.trial) for t in data.trials)
            )
            return data.trials, stands, len(data.events()), self.choice
        return data.revision, data.state, self.choice

    # -- what is answered ----------------------------------------------------------

    @Slot()
    def _begin(self) -> None:
        data = self._data
        if self._task is not None or data is None or not self._wanted:
            return
        runs = data.runs if isinstance(data, Overlay) else (data,)
        job = _Job(
            runs=runs,
            choice=self.choice,
            keys=MappingProxyType(dict(self._wanted)),
            before=self.answers,
        )
        self._wanted.clear()
        self._job = job
        self._begun = perf_counter()
        self._task = BackgroundTask(partial(self._work, job), parent=self)
        self._task.ended.connect(self._finish)
        self._task.start()

    def _work(self, job: _Job, report: Report) -> None:
        """Find the answer; in another thread."""
        try:
            job.found = self._answer(job, report)
        except InputError as error:
            job.found = replace(job.before, reason=str(error))

    def _answer(self, job: _Job, report: Report) -> Answers:
        first, choice = job.runs[0], job.choice
        try:
            found = evidence(self._with_study(job.runs), self._catalog)
        except InputError as error:
            # What cannot be read as an experiment still has hashes.
            return Answers(certificate=certify_run(first), reason=str(error))
        place = _place_of(first, found) if choice.problem is None else choice.problem
        place = min(place, len(found.findings) - 1)
        findings = chosen(found.findings[place], choice)
        certificate = certify(findings)
        judgement, told = job.before.judgement, job.before.alarms
        if "verdict" in job.keys:
            judgement = judge(findings, certificate=certificate)
            told = alarms(findings)
        speedups = job.before.speedups
        if {"verdict", "speedup"} & set(job.keys):
            pairs = comparisons(findings)
            speedups = tuple(
                speedup(findings, own, choice.axis, baseline=other)
                for own, other in pairs
                if not report.cancelled.is_set()
            )
        return Answers(
            problems=tuple(f.problem for f in found.findings),
            problem=place,
            findings=findings,
            certificate=certificate,
            judgement=judgement,
            alarms=told,
            speedups=speedups,
        )

    def _with_study(self, runs: tuple[RunData, ...]) -> tuple[RunData, ...]:
        """Return runs and, where one is the end of a study, its tuning."""
        self._files = {path: self._opened(path) for path in siblings(runs)}
        return (*runs, *(run for _, run in self._files.values()))

    def _opened(self, path: Path) -> tuple[float, RunData]:
        """Return a run file as it was read last, if it has not changed."""
        when = path.stat().st_mtime
        kept = self._files.get(path)
        return kept if kept and kept[0] == when else (when, RunData.open(path))

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        job, self._job = self._job, None
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        cost = perf_counter() - self._begun
        self._rest = max(PAUSE_MS / 1000, _SHARE * cost) if self.live else 0.0
        if job is None or self._closed:
            return
        self._known.update(job.keys)
        self.answers = job.found if well else replace(job.before, reason=reason)
        self._tell()

    def _tell(self) -> None:
        self.revision += 1
        self.changed.emit()


def chosen(findings: Findings, choice: Choice) -> Findings:
    """Return findings as a person wants them compared."""
    if choice.metric and choice.metric != findings.metric:
        findings = judged_by(findings, choice.metric)
    spec = findings.spec
    comparison = spec.comparison
    if choice.baseline in findings.labels:
        comparison = replace(comparison, baseline=choice.baseline)
    if choice.target is not None:
        comparison = replace(comparison, target=choice.target)
    if choice.all_pairs is not None:
        comparison = replace(comparison, all_pairs=choice.all_pairs)
    return replace(findings, spec=replace(spec, comparison=comparison))


def judged_by(findings: Findings, metric: str) -> Findings:
    """Return findings with trials judged by another metric that was recorded."""
    found: dict[int, dict[int, Outcome]] = {}
    for run in findings.runs:
        if metric in run.metrics:
            own = outcomes(run, metric=metric)
            found[id(run)] = {outcome.trial: outcome for outcome in own}
    sign = -1.0 if higher_is_better(metric) else 1.0
    measured: list[Measured] = []
    for one in findings.measured:
        if id(one.run) not in found:
            continue
        outcome = found[id(one.run)][one.start.trial]
        lasted = isfinite(outcome.final)
        measured.append(
            replace(
                one,
                outcome=outcome,
                value=outcome.final if lasted else nan,
                cost=sign * outcome.final if lasted else inf,
            )
        )
    comparison = replace(findings.spec.comparison, metric=metric, target=None)
    return replace(
        findings,
        spec=replace(findings.spec, comparison=comparison),
        metric=metric,
        higher_is_better=higher_is_better(metric),
        measured=tuple(measured),
    )


def siblings(runs: Sequence[RunData]) -> tuple[Path, ...]:
    """Return the other run files of the study that a single run belongs to."""
    path = runs[0].path if len(runs) == 1 else None
    folder = None if path is None else study_folder(path)
    if folder is None:
        return ()
    return tuple(other for other in run_files([folder]) if other != path)


def study_folder(path: Path) -> Path | None:
    """Return the folder of the study that a run file belongs to; None for none."""
    above = list(path.parents)[:_DEEPEST]
    return next((f for f in above if (f / STUDY_FILE).is_file()), None)


def _place_of(run: RunData, found: Evidence) -> int:
    for place, findings in enumerate(found.findings):
        if any(r is run for r in findings.runs):
            return place
    return 0
