"""Across problems: performance profiles, AlgoPerf's score, geometric-mean speed-ups.

A table holds the time that each optimizer took to the target of each problem; what
never got there took infinitely long. A profile says in which share of the problems an
optimizer is within a factor τ of the fastest one (Dolan & Moré 2002, eq. 2.1 and 2.2);
the score is the area under it (Dahl et al. 2023, "Benchmarking Neural Network Training
Algorithms", section 4.4, and the scoring code of the AlgoPerf benchmark).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from optlab.analysis.costs import Axis, courses
from optlab.analysis.evidence import Evidence, Findings
from optlab.analysis.targets import Targets, targets
from optlab.records import Floats
from optlab.translate import tr

R_MAX: Final = 4.0
"""AlgoPerf's: whoever takes more than so many times the fastest has missed."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One optimizer's profile, a function that is constant between steps.

    Attributes:
        label: Its label.
        tau: Where it steps up, increasing, from 1 on.
        rho: The share of problems from there on.
        score: AlgoPerf's score, from 0 to 1.
        speedup: Geometric mean over the problems of the baseline's time over its own;
            None where there is none.
    """

    label: str
    tau: tuple[float, ...]
    rho: tuple[float, ...]
    score: float
    speedup: float | None


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """Profiles of all optimizers over all problems.

    Attributes:
        axis: What is counted.
        baseline: What the speed-ups are over.
        problems: The problems in a few words.
        labels: The optimizers.
        times: Time to target, one row for each problem, one column for each optimizer;
            infinite where it was not reached.
        profiles: One for each optimizer.
        sentences: What is to be said of it.
    """

    axis: Axis
    baseline: str
    problems: tuple[str, ...]
    labels: tuple[str, ...]
    times: Floats
    profiles: tuple[Profile, ...]
    sentences: tuple[str, ...]


def profiles(evidence: Evidence, axis: Axis = "step") -> Profiles:
    """Return the profiles of all optimizers over the problems of a study.

    Each seed counts as one of AlgoPerf's studies with one trial, that of the tuned
    optimizer: the time of a problem is the median over seeds, infinite where half of
    them miss the target.

    Args:
        evidence: What is known of the study.
        axis: What is counted.
    """
    found = evidence.findings
    labels = tuple(dict.fromkeys(label for f in found for label in f.labels))
    reached = [targets(f) for f in found]
    times = np.full((len(found), len(labels)), np.inf)
    for i, to in enumerate(reached):
        for j, label in enumerate(labels):
            row = to.of(label, axis)
            if row is not None:
                times[i, j] = problem_time([[t] for t in row.times])
    baseline = found[0].baseline
    column = labels.index(baseline)
    budgets = [_budget(f, axis) for f in found]
    speedups = geometric_speedups(times, column, budgets=budgets)
    scores = algoperf_scores(times)
    steps = [profile_steps(times, j) for j in range(len(labels))]
    return Profiles(
        axis=axis,
        baseline=baseline,
        problems=tuple(f.problem for f in found),
        labels=labels,
        times=times,
        profiles=tuple(
            Profile(
                label=label,
                tau=steps[j][0],
                rho=steps[j][1],
                score=float(scores[j]),
                speedup=float(speedups[j]) if np.isfinite(speedups[j]) else None,
            )
            for j, label in enumerate(labels)
        ),
        sentences=_sentences(found, reached, times, labels=labels),
    )


def problem_time(studies: Sequence[Sequence[float]]) -> float:
    """Return the time of an optimizer on a problem, by AlgoPerf's rule.

    Of each study the fastest trial counts, and of these the median; a miss is
    infinite and takes part in it.

    Args:
        studies: The times of the trials of each study, infinite for a miss.
    """
    best = sorted(min(trials, default=math.inf) for trials in studies)
    if not best:
        return math.inf
    low, high = best[(len(best) - 1) // 2], best[len(best) // 2]
    return low if low == high else (low + high) / 2


def performance_ratios(times: Floats) -> Floats:
    """Return each time over the fastest one of its problem.

    Infinite for whatever missed; on a problem on which nobody arrives that is everyone.

    Args:
        times: One row for each problem, one column for each optimizer.
    """
    best = times.min(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = times / best
    # 0/0: had arrived before the first step, as had the fastest.
    ratios = np.where((times == 0) & (best == 0), 1.0, ratios)
    found: Floats = np.where(np.isfinite(times), ratios, np.inf)
    return found


def profile_at(times: Floats, tau: float) -> Floats:
    """Return in which share of the problems each optimizer is within a factor τ."""
    found: Floats = (performance_ratios(times) <= tau).mean(axis=0)
    return found


def profile_steps(
    times: Floats, column: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return where one optimizer's profile steps up, and the share from there on.

    Args:
        times: One row for each problem, one column for each optimizer.
        column: The optimizer.
    """
    ratios = performance_ratios(times)[:, column]
    tau = np.unique(np.append(ratios[np.isfinite(ratios)], 1.0))
    rho = [(ratios <= t).mean() for t in tau]
    return tuple(float(t) for t in tau), tuple(float(r) for r in rho)


def algoperf_scores(times: Floats, r_max: float = R_MAX) -> Floats:
    """Return the score of each optimizer, from 0 to 1.

    B = 1/(r_max − 1) · ∫₁^r_max ρ(τ) dτ, exactly: a problem with the ratio r adds
    (r_max − r)/(r_max − 1) over the number of problems, nothing from r_max on. The
    program of AlgoPerf takes the integral by trapezoids at 100 points.

    Args:
        times: One row for each problem, one column for each optimizer.
        r_max: The ratio from which on nothing counts.
    """
    ratios = performance_ratios(times)
    areas = np.clip(r_max - np.minimum(ratios, r_max), 0.0, None) / (r_max - 1)
    found: Floats = areas.mean(axis=0)
    return found


def geometric_speedups(
    times: Floats, reference: int, *, budgets: Sequence[float] | None = None
) -> Floats:
    """Return the geometric mean over problems of the reference's time over each one's.

    Args:
        times: One row for each problem, one column for each optimizer.
        reference: The column of the reference.
        budgets: What each problem could have cost at most: a miss counts as that and
            one more, as in AlgoPerf's program. Without, a miss makes the mean 0, and
            one of the reference makes it infinite.

    Returns:
        Above 1 where an optimizer is faster; NaN where that cannot be said.
    """
    filled = np.array(times, dtype=np.float64)
    if budgets is not None:
        misses = np.broadcast_to(np.array(budgets)[:, np.newaxis] + 1, filled.shape)
        filled = np.where(np.isfinite(filled), filled, misses)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(filled[:, [reference]]) - np.log(filled)
        # Both had arrived before the first step, or neither ever did.
        logs = np.where(filled[:, [reference]] == filled, 0.0, logs)
        found: Floats = np.exp(logs.mean(axis=0))
    return found


def _budget(findings: Findings, axis: Axis) -> float:
    """Return the most that a trial of a problem has cost in all."""
    ends = [
        one.ends[axis] for label in findings.labels for one in courses(findings, label)
    ]
    return max((end for end in ends if math.isfinite(end)), default=0.0)


def _sentences(
    found: Sequence[Findings],
    reached: Sequence[Targets],
    times: Floats,
    *,
    labels: Sequence[str],
) -> tuple[str, ...]:
    said = []
    for f, to, row in zip(found, reached, times, strict=True):
        if not np.isfinite(row).any():
            text = (
                "On {problem} no optimizer reaches the target with more than half of "
                "its seeds: the problem counts as missed by all."
            )
            said.append(tr(text, problem=f.problem))
            said += [f"{f.problem}: {sentence}" for sentence in to.sentences]
        for label in labels:
            if not f.of(label):
                text = "{label} was not run on {problem}, which counts as a miss."
                said.append(tr(text, label=label, problem=f.problem))
    if len(found) < 2:
        said.append(tr("One problem alone makes no profile: add further problems."))
    return tuple(said)
