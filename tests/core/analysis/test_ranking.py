"""Ranks over problems, held against Demšar 2006 and SciPy."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import friedmanchisquare, norm

from optlab.analysis.ranking import (
    critical_difference,
    groups_of,
    rank_table,
    ranking,
)
from tests.core.analysis.recorded import gathered, recorded

# Demšar 2006, table 6: ranks of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf on 14 data sets.
LABELS = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
DEMSAR = np.array(
    [
        [4, 3, 2, 1],
        [1, 2, 3, 4],
        [4, 1, 2, 3],
        [4, 1, 3, 2],
        [4, 2, 3, 1],
        [1, 2.5, 4, 2.5],
        [3, 2, 4, 1],
        [2.5, 2.5, 4, 1],
        [4, 3, 2, 1],
        [2.5, 2.5, 2.5, 2.5],
        [4, 2.5, 1, 2.5],
        [3, 2, 4, 1],
        [4, 1, 2, 3],
        [3, 1, 4, 2],
    ]
)


def test_that_the_worked_example_of_demsar_comes_out() -> None:
    found = rank_table(DEMSAR, LABELS)
    by_label = dict(zip(found.labels, found.mean_ranks, strict=True))
    printed = {"C4.5": 3.143, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}
    assert by_label == pytest.approx(printed, abs=5e-4)
    assert found.labels == ("C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5")
    # He does not correct for ties: 12N/k(k+1) · (ΣR² − k(k+1)²/4) = 9.28.
    squares = sum(rank**2 for rank in found.mean_ranks)
    assert 12 * 14 / 20 * (squares - 25) == pytest.approx(9.28, abs=5e-3)
    oracle = friedmanchisquare(*DEMSAR.T)
    assert found.statistic == pytest.approx(oracle.statistic, abs=1e-9)
    assert found.p == pytest.approx(oracle.pvalue, abs=1e-9)
    # "The critical value for 4 classifiers and α = 0.10 is 2.291, so CD = 1.12."
    assert critical_difference(4, 14, alpha=0.10) == pytest.approx(1.12, abs=5e-3)
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    # At 0.10 he tells C4.5 from the two with m, and no others.
    told = rank_table(DEMSAR, LABELS, alpha=0.10)
    assert told.groups == ((0, 2), (2, 3))


@pytest.mark.parametrize(
    ("alpha", "printed"),
    [
        (0.05, [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]),
        (0.10, [1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920]),
    ],
)
def test_that_the_critical_values_are_those_of_table_5a(
    alpha: float, printed: list[float]
) -> None:
    for k, q in zip(range(2, 11), printed, strict=True):
        # With N = k(k + 1)/6 problems the difference is the critical value itself.
        found = critical_difference(k, 6, alpha=alpha) / math.sqrt(k * (k + 1) / 36)
        assert found == pytest.approx(q, abs=1.1e-3)


def test_that_the_critical_values_are_exact() -> None:
    # Of two it is the normal quantile.
    two = critical_difference(2, 1)
    assert two == pytest.approx(norm.ppf(0.975), abs=1e-9)

    # Of more: P(range ≤ q) = k ∫ φ(z) [Φ(z) − Φ(z − q)]^(k−1) dz.
    def below(q: float, k: int) -> float:
        def density(z: float) -> float:
            inside = float(norm.cdf(z) - norm.cdf(z - q))
            return k * float(norm.pdf(z)) * inside ** (k - 1)

        return float(quad(density, -10, 10 + q, epsabs=1e-12)[0])

    for k in (3, 6):
        q = critical_difference(k, 6) / math.sqrt(k * (k + 1) / 36) * math.sqrt(2)
        assert below(q, k) == pytest.approx(0.95, abs=1e-9)


def test_that_friedman_is_what_is_reckoned_by_hand() -> None:
    costs = np.array([[1, 2, 3], [1, 2, 3], [2, 1, 3], [1, 3, 2], [1, 2, 3.0]])
    found = rank_table(costs, ("A", "B", "C"))
    # Rank sums 6, 10, 14: 12/(5·3·4) · (36 + 100 + 196) − 3·5·4 = 6.4, and with two
    # degrees of freedom p = exp(−3.2).
    assert found.mean_ranks == (1.2, 2.0, 2.8)
    assert found.statistic == pytest.approx(6.4, abs=1e-9)
    assert found.p == pytest.approx(math.exp(-3.2), abs=1e-9)
    # 2.343 · √(12/30) = 1.48: A and C differ by 1.6, neighbours by 0.8.
    assert found.groups == ((0, 1), (1, 2))


def test_that_what_did_not_last_ties_at_the_end() -> None:
    row = [1.0, math.inf, math.inf]
    found = rank_table(np.array([row] * 6), ("A", "B", "C"))
    assert found.mean_ranks == (1.0, 2.5, 2.5)
    even = rank_table(np.ones((6, 3)), ("A", "B", "C"))
    assert (even.statistic, even.p, even.groups) == (0.0, 1.0, ((0, 2),))


def test_that_nobody_is_told_apart_where_the_test_does_not() -> None:
    costs = np.array([[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 2, 3], [3, 1, 2.0]])
    found = rank_table(costs, ("A", "B", "C"))
    assert found.p > 0.05
    assert found.groups == ((0, 2),)


def test_that_groups_are_the_widest_and_none_is_inside_another() -> None:
    assert groups_of((1.0, 1.5, 2.0, 4.0), 1.2) == ((0, 2),)
    assert groups_of((1.0, 2.0, 3.0), 1.0) == ()
    assert groups_of((1.0, 2.0, 3.0), 1.1) == ((0, 1), (1, 2))


def test_that_too_few_problems_or_optimizers_are_refused_in_a_sentence() -> None:
    four = rank_table(np.ones((4, 3)), ("A", "B", "C"))
    assert four.refused == "A ranking takes at least 5 problems, not 4."
    assert four.labels == ()
    two = rank_table(np.ones((5, 2)), ("A", "B"))
    assert two.refused == (
        "A ranking takes at least 3 optimizers that ran on every problem."
    )
    alone = gathered(recorded({"A": {0: [8.0, 1.0]}}))
    assert "not 1" in ranking(alone).refused
