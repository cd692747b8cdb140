"""Read a study's folder: basins, winners, final seeds and verdicts as plain data.

Takes time that grows with the study, so it happens in a thread of its own. Files that
have not changed are not read again.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from optlab.analysis.alarms import alarms
from optlab.analysis.certificate import Certificate, certify
from optlab.analysis.evidence import (
    Findings,
    Measured,
    evidence,
    higher_is_better,
    judged_metric,
    run_files,
)
from optlab.analysis.paired import summary
from optlab.analysis.tuning import BasinPoint, Tuning, tunings
from optlab.analysis.verdict import judge
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, labels
from optlab.store.run_data import RunData
from optlab.translate import tr
from optlab.ui.tune_picture import (
    Basin,
    Chances,
    ProblemPicture,
    Row,
    Spot,
    StudyPicture,
)

Stamp = tuple[int, int]
_LOOKS: Final = 3


@dataclass
class StudyReader:
    """Reads one study again and again.

    Args:
        folder: The study.
        spec: Its experiment.
        catalog: What that is made of.
    """

    folder: Path
    spec: ExperimentSpec
    catalog: Catalog
    _kept: dict[Path, tuple[Stamp, RunData]] = field(default_factory=dict)

    def picture(self) -> StudyPicture:
        """Return what there is now.

        Raises:
            InputError: Something cannot be read.
        """
        for _ in range(_LOOKS - 1):
            # Run files of single seeds go when there is one of all of them.
            with suppress(InputError, OSError):
                return self._picture()
            self._kept.clear()
        return self._picture()

    def _picture(self) -> StudyPicture:
        runs = self._runs()
        if not runs:
            return StudyPicture(title=self.spec.title)
        found = evidence(runs, self.catalog)
        order = labels(self.spec, self.catalog)
        return StudyPicture(
            title=found.title,
            problems=tuple(
                _problem(each, order, seeds=len(self.spec.training.seeds))
                for each in found.findings
            ),
        )

    def _runs(self) -> list[RunData]:
        try:
            paths = run_files([self.folder])
        except InputError:
            return []
        kept: dict[Path, tuple[Stamp, RunData]] = {}
        for path in paths:
            try:
                about = path.stat()
                stamp = about.st_mtime_ns, about.st_size
                old = self._kept.get(path)
                if old is not None and old[0] == stamp:
                    kept[path] = old
                else:
                    kept[path] = stamp, RunData.open(path)
            # It may be in the act of being replaced; the next look finds it.
            except (InputError, OSError):
                continue
        self._kept = kept
        return [run for _, run in kept.values()]


def _problem(findings: Findings, order: Sequence[str], *, seeds: int) -> ProblemPicture:
    tuned = {t.label: t for t in tunings(findings)}
    names = (*order, *(label for label in findings.labels if label not in order))
    entries = {label: k for k, label in enumerate(names)}
    metric = next((t.metric for t in tuned.values()), "")
    metric = metric or judged_metric(findings.spec, (findings.metric,), tuning=True)
    certificate = certify(findings) if findings.measured else None
    return ProblemPicture(
        problem=findings.problem,
        tuned_by=metric,
        metric=findings.metric,
        higher_is_better=higher_is_better(metric),
        basins=tuple(
            _basin(tuned[name], entries[name]) for name in names if name in tuned
        ),
        chances=tuple(
            _chances(tuned[name], entries[name]) for name in names if name in tuned
        ),
        rows=tuple(_row(n, entries[n], tuned.get(n), findings) for n in names),
        verdicts=_verdicts(findings, certificate, seeds=seeds),
        certificate="" if certificate is None else certificate.level,
        fairness="" if certificate is None else _fairness(certificate),
        doubts=() if certificate is None else _doubts(findings, certificate),
        run=next((run.path for run in findings.runs if run.path is not None), None),
    )


def _basin(tuning: Tuning, entry: int) -> Basin:
    spots = sorted(map(_spot, tuning.points), key=lambda s: s.value)
    finals = sorted(map(_spot, tuning.finalists), key=lambda s: s.value)
    default = next((p for p in tuning.points if p.number == tuning.default), None)
    best = next((p for p in tuning.finalists if p.number == tuning.best), None)
    return Basin(
        label=tuning.label,
        entry=entry,
        parameter=tuning.parameters[0] if tuning.parameters else "",
        spots=tuple(s for s in spots if math.isfinite(s.value)),
        finals=() if tuning.share >= 1.0 else tuple(finals),
        default=None if default is None else _spot(default).value,
        best=None if best is None else _spot(best).value,
        width=tuning.width,
    )


def _spot(point: BasinPoint) -> Spot:
    value = point.values[0][1] if point.values else None
    number = float(value) if isinstance(value, int | float) else math.nan
    return Spot(value=number, result=point.value, share=point.share)


def _chances(tuning: Tuning, entry: int) -> Chances:
    return Chances(
        label=tuning.label,
        entry=entry,
        expected=tuple(best.value for best in tuning.best_of),
        low=tuple(best.low for best in tuning.best_of),
        high=tuple(best.high for best in tuning.best_of),
    )


def _row(label: str, entry: int, tuning: Tuning | None, findings: Findings) -> Row:
    over = [m for m in findings.of(label) if m.run.status(m.start.trial).state.ended]
    low, middle, high = _quartiles(over, findings)
    found = Row(
        label=label,
        entry=entry,
        final=middle,
        low=low,
        high=high,
        seeds=len(over),
        lost_seeds=sum(not math.isfinite(m.cost) for m in over),
    )
    if tuning is None:
        return found
    won = tuning.best is not None
    return Row(
        label=label,
        entry=entry,
        winner=tuning.winner if won else (),
        tuned=tuning.value if won else None,
        width=tuning.width,
        trials=tuning.trials,
        lost=sum(not math.isfinite(p.cost) for p in tuning.points),
        note=_note(tuning),
        final=found.final,
        low=found.low,
        high=found.high,
        seeds=found.seeds,
        lost_seeds=found.lost_seeds,
    )


def _note(tuning: Tuning) -> str:
    if not tuning.edges:
        return ""
    names = ", ".join(tuning.edges)
    return tr(
        "The best {names} lies on the border of what was tried: better values may lie "
        "beyond it.",
        names=names,
    )


def _quartiles(
    over: Sequence[Measured], findings: Findings
) -> tuple[float | None, float | None, float | None]:
    """Return lower quartile, median and upper quartile over seeds.

    None where that is a trial that did not last, or there are none.
    """
    if not over:
        return None, None, None
    sign = -1.0 if findings.higher_is_better else 1.0
    told = summary([sign * m.cost for m in over])
    low, high = told.quartiles
    return _finite(low), _finite(told.median), _finite(high)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _fairness(certificate: Certificate) -> str:
    return tr(
        "Fairness certificate: {level}. {sentence}",
        level=certificate.level_word,
        sentence=certificate.sentence,
    )


def _doubts(findings: Findings, certificate: Certificate) -> tuple[str, ...]:
    """Return why a comparison is not to be believed blindly, each reason once."""
    told = (*certificate.reasons, *(alarm.text for alarm in alarms(findings)))
    return tuple(dict.fromkeys(t for t in told if t != certificate.sentence))


def _verdicts(
    findings: Findings, certificate: Certificate | None, *, seeds: int
) -> tuple[str, ...]:
    if certificate is None:
        return ()
    told = judge(findings, certificate=certificate, declared=seeds)
    return (*(verdict.sentence for verdict in told.verdicts), *told.notes)
