"""What the sections of a report are made from: computed once, from run files alone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from optlab.analysis.alarms import Alarm, alarms
from optlab.analysis.certificate import Certificate, across, certify
from optlab.analysis.evidence import Evidence, Findings
from optlab.analysis.speedup import SpeedUp, speedup
from optlab.analysis.verdict import Judgement, judge

Advance: TypeAlias = Callable[[str], None]
"""Is told what is being worked out now; may raise to give up."""

MOST_TOLD: Final = 8
"""With more comparisons than that the answer tells of those that are decided."""


def unheard(_what: str) -> None:
    """Take no notice."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem of a report.

    Attributes:
        number: Its place among the problems, from 0; part of names in the report.
        name: What it is called, unlike all others.
        findings: What is known of it.
        judgement: The verdicts.
        certificate: Whether it was fair.
        alarms: What looks wrong.
        speed: How much faster each optimizer is than the baseline, in steps.
    """

    number: int
    name: str
    findings: Findings
    judgement: Judgement
    certificate: Certificate
    alarms: tuple[Alarm, ...]
    speed: tuple[SpeedUp, ...]

    @property
    def headlines(self) -> tuple[str, ...]:
        """How fast optimizers reach the target, where there is a ratio to be told."""
        if len(self.speed) > MOST_TOLD:
            return ()
        return tuple(s.headline for s in self.speed if s.share is not None)

    @property
    def provisional(self) -> bool:
        """Whether something may still change."""
        return any(v.provisional for v in self.judgement.verdicts)


@dataclass(frozen=True, kw_only=True)
class Study:
    """All that a report tells of.

    Attributes:
        evidence: What the run files say.
        problems: Its problems.
        advance: Is told what is being worked out.
    """

    evidence: Evidence
    problems: tuple[Problem, ...]
    advance: Advance

    @property
    def several(self) -> bool:
        """Whether there is more than one problem."""
        return len(self.problems) > 1

    @property
    def apart(self) -> bool:
        """Whether its problems are not compared with each other."""
        return bool(across(self.evidence))

    @property
    def begun(self) -> bool:
        """Whether there is a trial of the comparison, not of the tuning alone."""
        return any(problem.findings.measured for problem in self.problems)


def study_of(evidence: Evidence, advance: Advance) -> Study:
    """Return what a report is made from."""
    problems = []
    words = [findings.problem for findings in evidence.findings]
    for number, findings in enumerate(evidence.findings):
        name = words[number]
        if words.count(name) > 1:
            name = f"{name} ({words[: number + 1].count(name)})"
        advance(name)
        certificate = certify(findings)
        problems.append(
            Problem(
                number=number,
                name=name,
                findings=findings,
                judgement=judge(findings, certificate=certificate),
                certificate=certificate,
                alarms=alarms(findings),
                speed=_speed(findings),
            )
        )
    return Study(evidence=evidence, problems=tuple(problems), advance=advance)


def _speed(findings: Findings) -> tuple[SpeedUp, ...]:
    if not findings.of(findings.baseline):
        return ()
    return tuple(
        speedup(findings, label)
        for label in findings.labels
        if label != findings.baseline and findings.of(label)
    )


def file_names(findings: Findings) -> tuple[Path, ...]:
    """Return the run files of one problem, those of the comparison first."""
    runs = (*findings.runs, *(t.run for t in findings.tuned))
    return tuple(dict.fromkeys(run.path for run in runs if run.path is not None))
