"""The trials of two optimizers that a verdict compares, seed by seed."""

import math
import tomllib
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from optlab.analysis.certificate import Budget, Certificate, certify
from optlab.analysis.evidence import Findings, Measured
from optlab.records import State

# Budgets that differ by less were meant to be the same: steps of rungs are whole.
_SAME_BUDGET: Final = 0.05
# A learning rate that falls has come down when it is at most so much of its highest.
_DECAYED: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Matched:
    """The trials of two optimizers that have a seed in common.

    Attributes:
        label: One optimizer.
        baseline: The other.
        ended: Pairs that both came to their own end, in the order in which they were
            recorded.
        running: Pairs of which one at least still runs or waits.
        stopped: How many pairs are left out, as one of them was stopped before its end.
        certificate: What is known of the fairness of the pairs that ended.
        repeats: Whether nothing is drawn by seeds, so that one says as much as many.
    """

    label: str
    baseline: str
    ended: tuple[tuple[Measured, Measured], ...]
    running: tuple[tuple[Measured, Measured], ...]
    stopped: int
    certificate: Certificate
    repeats: bool = False

    @property
    def differences(self) -> tuple[float, ...]:
        """Cost of ``label`` less that of ``baseline``, for each pair that ended."""
        return tuple(difference(own, other) for own, other in self.ended)

    @property
    def alike(self) -> bool:
        """Whether seeds change nothing: all trials of either ended the same.

        Of one seed that is known where nothing is drawn by it.
        """
        if len(self.ended) == 1:
            return self.repeats
        sides = zip(*self.ended, strict=True)
        return len(self.ended) > 1 and all(
            len({m.cost for m in side}) == 1 for side in sides
        )

    @property
    def lasted(self) -> tuple[int, int]:
        """In how many of the pairs that ended each neither diverged nor failed."""
        mine = sum(math.isfinite(own.cost) for own, _ in self.ended)
        theirs = sum(math.isfinite(other.cost) for _, other in self.ended)
        return mine, theirs

    @property
    def budgets(self) -> tuple[Budget | None, Budget | None]:
        """What was spent on tuning either; None where nothing was."""
        known = {b.label: b for b in self.certificate.budgets if b.trials}
        return known.get(self.label), known.get(self.baseline)

    @property
    def tuned_with(self) -> int | None:
        """With how many trials both were tuned; None where not with as much."""
        own, other = self.budgets
        if own is None or other is None or own.trials != other.trials:
            return None
        most = max(own.granted, other.granted)
        near = abs(own.granted - other.granted) <= _SAME_BUDGET * max(1.0, most)
        return own.trials if near else None

    @property
    def provisional(self) -> bool:
        """Whether it may still change: trials go on, or a rate has not decayed."""
        if self.running or self.stopped:
            return True
        return not all(decayed(m) for pair in self.ended for m in pair)


def difference(own: Measured, other: Measured) -> float:
    """Return how much more one trial cost than another; NaN where neither lasted."""
    if math.isinf(own.cost) and math.isinf(other.cost):
        return math.nan
    return own.cost - other.cost


def comparisons(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Return which optimizer is held against which: every one against the baseline."""
    labels = [label for label in findings.labels if findings.of(label)]
    labels = labels or list(findings.labels)
    base = findings.baseline if findings.baseline in labels else labels[0]
    if findings.spec.comparison.all_pairs:
        first = [base, *(label for label in labels if label != base)]
        return tuple((own, other) for other, own in combinations(first, 2))
    return tuple((label, base) for label in labels if label != base)


def match(
    findings: Findings, label: str, baseline: str, *, certificate: Certificate
) -> Matched:
    """Return the trials of two optimizers that can be compared.

    Args:
        findings: What is known of the problem.
        label: One optimizer.
        baseline: The other.
        certificate: What is known of the fairness of all.
    """
    # In the order in which they were recorded, not by the number of the seed: what
    # came later must not stand before what was looked at.
    order = {id(m): i for i, m in enumerate(findings.measured)}
    ended, running, stopped = [], [], 0
    for pair in sorted(findings.pairs(label, baseline), key=lambda p: order[id(p[0])]):
        states = [m.run.status(m.start.trial).state for m in pair]
        if State.STOPPED in states:
            stopped += 1
        elif all(state.ended for state in states):
            ended.append(pair)
        else:
            running.append(pair)
    if ended and not certificate.paired:
        # Others may have spoilt it, or may still be running: these two alone.
        alone = tuple(m for pair in ended for m in pair)
        own = certify(replace(findings, measured=alone, labels=(label, baseline)))
        certificate = replace(own, budgets=certificate.budgets)
    return Matched(
        label=label,
        baseline=baseline,
        ended=tuple(ended),
        running=tuple(running),
        stopped=stopped,
        certificate=certificate,
        repeats=findings.repeats,
    )


def seeds_shared(findings: Findings, label: str, baseline: str) -> tuple[int, int]:
    """Return how many seeds the runs have for both of two optimizers, and for either.

    Trials that have not ended yet count as well.
    """
    trials = [trial for run in findings.runs for trial in run.trials]
    own, other = (
        {trial.seed for trial in trials if trial.label == name}
        for name in (label, baseline)
    )
    return len(own & other), len(own | other)


def seeds_fixed(findings: Findings) -> int:
    """Return how many seeds were fixed beforehand, as far as run files say it.

    While a study goes on each of its run files holds one seed, and says how many there
    will be.
    """
    part = findings.spec.part
    return max(len(findings.spec.training.seeds), 0 if part is None else part.seeds)


def seeds_added(findings: Findings) -> bool:
    """Return whether seeds are in several runs that were not planned as one."""
    sources: dict[str, set[int]] = {}
    for number, run in enumerate(findings.runs):
        try:
            part = tomllib.loads(run.spec_text).get("part", {})
        except tomllib.TOMLDecodeError:
            part = {}
        source = str(part.get("study") or f"run {number}")
        sources.setdefault(source, set()).update(t.seed for t in run.trials)
    return len({frozenset(seeds) for seeds in sources.values()}) > 1


def decayed(measured: Measured) -> bool:
    """Return whether a learning rate that falls has come down by the end.

    A rate that is constant, or rises to its highest and stays there, has nowhere to
    fall to; nor need one that a person changed, or that of a trial that did not last.
    """
    run, trial = measured.run, measured.start.trial
    if not math.isfinite(measured.cost) or "lr" not in run.metrics:
        return True
    if any(event.name == "lr" and event.trial == trial for event in run.events()):
        return True
    _, rates = run.series(trial, "lr").arrays()
    rates = rates[np.isfinite(rates)]
    if not len(rates):
        return True
    last, most = rates[-1], np.max(rates)
    return bool(last == most or last <= _DECAYED * most)
