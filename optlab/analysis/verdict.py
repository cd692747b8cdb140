"""The verdict: is one optimizer better than another, how much, and how sure is that?

Every optimizer is held against the baseline (or every other), by the differences of
what their trials cost at the end, seed by seed. With a number of seeds that was fixed
beforehand and is reached, the exact sign-flip test speaks (Wilcoxon's beyond twelve
seeds), adjusted for the number of comparisons after Holm. In every other case only a
confidence sequence does, which holds however often one looks. The word "better" is kept
for what stands up; where it is refused, it is said what is missing.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from optlab.analysis.certificate import Certificate, certify, least_seeds
from optlab.analysis.evidence import Findings
from optlab.analysis.lacking import lacking
from optlab.analysis.matched import (
    Matched,
    comparisons,
    difference,
    match,
    seeds_added,
    seeds_fixed,
    seeds_shared,
)
from optlab.analysis.paired import (
    EXACT,
    LEVEL,
    Summary,
    bootstrap_interval,
    by_rank,
    exact_interval,
    holm,
    median,
    median_interval,
    paired_p,
    seeds_needed,
    summary,
)
from optlab.analysis.sequential import (
    anytime_p,
    anytime_seeds_needed,
    confidence_sequence,
)
from optlab.analysis.verdict_words import Interval, Judgement, Kind, Verdict
from optlab.records import State
from optlab.translate import tr

_ENDED: Final = (State.FINISHED, State.DIVERGED, State.FAILED)

__all__ = ["Judgement", "Verdict", "judge", "summaries"]


def summaries(findings: Findings) -> tuple[tuple[str, Summary], ...]:
    """Return for each optimizer how its trials ended, by the metric.

    Trials that diverged or failed are among them; those that still run or were stopped
    are not, unless no trial has come to its own end: then all count as they stand.
    """
    sign = -1.0 if findings.higher_is_better else 1.0
    ended = [
        m for m in findings.measured if m.run.status(m.start.trial).state in _ENDED
    ]
    costs: dict[str, list[float]] = {label: [] for label in findings.labels}
    for measured in ended or findings.measured:
        costs[measured.start.label].append(sign * measured.cost)
    return tuple((label, _summary(found)) for label, found in costs.items() if found)


def _summary(costs: Sequence[float]) -> Summary:
    """Return a summary, without an interval where seeds change nothing."""
    found = summary(costs)
    return replace(found, interval=None) if len(set(costs)) == 1 else found


def judge(
    findings: Findings,
    *,
    certificate: Certificate | None = None,
    declared: int | None = None,
) -> Judgement:
    """Return the verdict on every comparison of one problem.

    Args:
        findings: What is known of the problem.
        certificate: What is known of its fairness; made here if it is not given.
        declared: Number of seeds that was fixed beforehand; by default that of the
            experiment.
    """
    certificate = certify(findings) if certificate is None else certificate
    # Losses at the end of the range of floats: sums of them are infinite, and so told.
    with np.errstate(over="ignore", invalid="ignore"):
        return _judgement(findings, certificate, declared)


def _judgement(
    findings: Findings, certificate: Certificate, declared: int | None
) -> Judgement:
    pairs = [
        match(findings, *names, certificate=certificate)
        for names in comparisons(findings)
    ]
    added = seeds_added(findings)
    fixed = [_fixed(findings, matched, declared, added=added) for matched in pairs]
    looked = added or findings.spec.comparison.looks == "any"
    anytime = [
        looked or len(own.ended) != n for own, n in zip(pairs, fixed, strict=True)
    ]
    ps = [_p(own, anytime=now) for own, now in zip(pairs, anytime, strict=True)]
    adjusted = holm([1.0 if p is None else p for p in ps])
    verdicts = [
        _verdict(
            findings,
            matched,
            (p, None if p is None else q),
            anytime=now,
            fixed=n,
            missing=lacking(findings, matched, fixed=n, m=len(pairs)),
            m=len(pairs),
        )
        for matched, p, q, now, n in zip(
            pairs, ps, adjusted, anytime, fixed, strict=True
        )
    ]
    return Judgement(
        problem=findings.problem,
        metric=findings.metric,
        higher_is_better=findings.higher_is_better,
        verdicts=tuple(verdicts),
        notes=_notes(findings, verdicts, added=added),
    )


def _fixed(
    findings: Findings, matched: Matched, declared: int | None, *, added: bool
) -> int:
    """Return how many seeds two optimizers were to have in common."""
    if declared is not None:
        return declared
    if added:
        # Of several runs none knows of the others: what all have together was never
        # planned for these two.
        return seeds_shared(findings, matched.label, matched.baseline)[0]
    return seeds_fixed(findings)


def _p(matched: Matched, *, anytime: bool) -> float | None:
    if len(matched.ended) < 2 or matched.alike or not matched.certificate.paired:
        return None
    test = anytime_p if anytime else paired_p
    return test(matched.differences)


def _verdict(
    findings: Findings,
    matched: Matched,
    ps: tuple[float | None, float | None],
    *,
    anytime: bool,
    fixed: int,
    missing: tuple[str, ...],
    m: int,
) -> Verdict:
    differences = matched.differences
    p, adjusted = ps
    told = adjusted is not None and adjusted <= LEVEL
    effect, share = _effect(matched)
    interval, kind = (None, "") if p is None else _interval(differences, anytime)
    direction = int(np.sign(np.sum(by_rank(differences)))) if differences else 0
    every = (*matched.ended, *matched.running)
    return Verdict(
        label=matched.label,
        baseline=matched.baseline,
        metric=findings.metric,
        higher_is_better=findings.higher_is_better,
        comparisons=m,
        n=len(differences),
        seeds=tuple(own.start.seed for own, _ in matched.ended),
        differences=differences,
        lasted=matched.lasted,
        effect=effect,
        share=share,
        interval=interval,
        kind=kind,
        p=p,
        adjusted_p=adjusted,
        anytime=anytime,
        direction=direction,
        better=direction < 0 if told and direction and not missing else None,
        provisional=matched.provisional or 0 < len(differences) < fixed,
        more_seeds=None if told or p is None else _more_seeds(differences, anytime, m),
        missing=missing,
        alike=matched.alike,
        tuned_with=matched.tuned_with,
        running=len(matched.running),
        so_far=_mean([difference(own, other) for own, other in every]),
    )


def _effect(matched: Matched) -> tuple[float | None, float | None]:
    """Return the mean difference, and its share of what the baseline costs."""
    differences = matched.differences
    if all(map(math.isnan, differences)):
        return None, None
    mean = _mean(differences)
    if mean is None:
        return median(differences), None
    theirs = [other.cost for _, other in matched.ended]
    # A share says nothing of a number that may be zero or below, such as a value on
    # a surface; costs of accuracies are negative.
    return mean, mean / float(np.mean(theirs)) if min(theirs) > 0 else None


def _mean(values: Sequence[float]) -> float | None:
    if not values or not all(map(math.isfinite, values)):
        return None
    return float(np.mean(values))


def _interval(
    differences: Sequence[float], anytime: bool
) -> tuple[Interval | None, Kind]:
    if anytime:
        return confidence_sequence(differences)[-1], "sequence"
    if not all(map(math.isfinite, differences)):
        return median_interval(differences), "median"
    if len(differences) <= EXACT:
        return exact_interval(differences), "exact"
    return bootstrap_interval(differences), "bootstrap"


def _more_seeds(differences: Sequence[float], anytime: bool, m: int) -> int | None:
    needed = anytime_seeds_needed if anytime else seeds_needed
    found = needed(differences, level=LEVEL / m)
    n = len(differences)
    return None if found is None else max(1, found - n, least_seeds(m) - n)


def _notes(
    findings: Findings, verdicts: Sequence[Verdict], *, added: bool
) -> tuple[str, ...]:
    if not verdicts:
        return (tr("There is one optimizer only: nothing is compared."),)
    if added:
        text = tr(
            "Seeds are in several runs that were not planned as one: only intervals "
            "that hold at any time speak."
        )
        return (text,)
    if findings.spec.comparison.looks == "any":
        return (tr("Intervals hold at any time, however often one looks."),)
    return ()
