"""Ranks over problems: the Friedman test and the critical difference of Nemenyi.

After Demšar 2006, "Statistical Comparisons of Classifiers over Multiple Data Sets",
section 3.2.2: on every problem the optimizers are ranked, rank 1 for the best, ties
sharing their rank; two differ where their mean ranks differ by the critical difference
or more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from optlab.analysis.evidence import Evidence
from optlab.records import Floats
from optlab.translate import tr

FEWEST_PROBLEMS: Final = 5
FEWEST_OPTIMIZERS: Final = 3
ALPHA: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """How optimizers rank over several problems.

    Attributes:
        labels: Their labels, best mean rank first.
        mean_ranks: Their mean ranks.
        problems: How many problems there are.
        statistic: Friedman's χ², corrected for ties.
        p: Its p-value: how likely ranks as different as these are by chance.
        critical_difference: By how much two mean ranks must differ.
        alpha: How often that is exceeded by chance.
        groups: Labels that cannot be told apart, each as first and last place in
            ``labels``; groups may overlap, single ones are left out.
        refused: Why there is no ranking, in a sentence; empty where there is one.
    """

    labels: tuple[str, ...] = ()
    mean_ranks: tuple[float, ...] = ()
    problems: int = 0
    statistic: float = math.nan
    p: float = math.nan
    critical_difference: float = math.nan
    alpha: float = ALPHA
    groups: tuple[tuple[int, int], ...] = ()
    refused: str = ""


def ranking(evidence: Evidence, alpha: float = ALPHA) -> Ranking:
    """Return how the optimizers of a study rank over its problems.

    On each problem they are ranked by the median over seeds of how they ended; what
    did not last with half of its seeds ends infinitely badly. Only optimizers that
    were run on every problem are ranked.

    Args:
        evidence: What is known of the study.
        alpha: How often ranks may be told apart by chance.
    """
    found = evidence.findings
    everywhere = [label for label in found[0].labels if all(f.of(label) for f in found)]
    costs = [
        [median(m.cost for m in f.of(label)) for label in everywhere] for f in found
    ]
    return rank_table(np.array(costs), everywhere, alpha=alpha)


def rank_table(
    costs: Floats, labels: Sequence[str], *, alpha: float = ALPHA
) -> Ranking:
    """Return how optimizers rank over problems.

    Args:
        costs: One row for each problem, one column for each optimizer; less is better,
            infinite for what did not last.
        labels: The labels of the columns.
        alpha: How often ranks may be told apart by chance.
    """
    n, k = len(costs), len(labels)
    if n < FEWEST_PROBLEMS:
        text = "A ranking takes at least {fewest} problems, not {n}."
        return Ranking(refused=tr(text, fewest=FEWEST_PROBLEMS, n=n))
    if k < FEWEST_OPTIMIZERS:
        text = "A ranking takes at least {fewest} optimizers that ran on every problem."
        return Ranking(refused=tr(text, fewest=FEWEST_OPTIMIZERS))
    from scipy.stats import friedmanchisquare, rankdata

    ranks = np.asarray(rankdata(costs, axis=1), dtype=np.float64)
    means = ranks.mean(axis=0)
    order = sorted(range(k), key=lambda j: (float(means[j]), j))
    if (ranks == ranks[:, :1]).all():
        # All tie everywhere: SciPy divides by zero.
        statistic, p = 0.0, 1.0
    else:
        test = friedmanchisquare(*ranks.T)
        statistic, p = float(test.statistic), float(test.pvalue)
    difference = critical_difference(k, n, alpha=alpha)
    ordered = tuple(float(means[j]) for j in order)
    return Ranking(
        labels=tuple(labels[j] for j in order),
        mean_ranks=ordered,
        problems=n,
        statistic=statistic,
        p=p,
        critical_difference=difference,
        alpha=alpha,
        groups=((0, k - 1),) if p > alpha else groups_of(ordered, difference),
    )


def critical_difference(
    optimizers: int, problems: int, *, alpha: float = ALPHA
) -> float:
    """Return by how much two mean ranks must differ to be told apart.

    CD = q_α · √(k(k + 1) / 6N) with q_α the studentized range over √2 (Demšar 2006,
    table 5a).

    Args:
        optimizers: k, how many are compared.
        problems: N, over how many problems.
        alpha: How often the largest difference may exceed it by chance.
    """
    from scipy.stats import studentized_range

    q = float(studentized_range.ppf(1 - alpha, optimizers, np.inf)) / math.sqrt(2)
    return q * math.sqrt(optimizers * (optimizers + 1) / (6 * problems))


def groups_of(
    mean_ranks: Sequence[float], difference: float
) -> tuple[tuple[int, int], ...]:
    """Return the widest runs of mean ranks that lie closer than a difference.

    Args:
        mean_ranks: Increasing.
        difference: The critical difference.
    """
    found: list[tuple[int, int]] = []
    for first, rank in enumerate(mean_ranks):
        near = [
            j for j, r in enumerate(mean_ranks) if j >= first and r - rank < difference
        ]
        last = near[-1]
        if last > first and not (found and last <= found[-1][1]):
            found.append((first, last))
    return tuple(found)
