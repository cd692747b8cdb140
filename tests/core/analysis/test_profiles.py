"""Profiles and scores, held against tables that were worked by hand."""

import math

import numpy as np
import pytest

from optlab.analysis.profiles import (
    algoperf_scores,
    geometric_speedups,
    performance_ratios,
    problem_time,
    profile_at,
    profile_steps,
    profiles,
)
from optlab.records import Floats
from tests.core.analysis.recorded import gathered, recorded

INF = math.inf

# Two problems, two optimizers. Ratios 1, 2 and 2, 1; r_max is 4.
# Each adds (4 − 1)/3 = 1 on the one and (4 − 2)/3 = 2/3 on the other problem:
# (1 + 2/3)/2 = 5/6.
PLAIN = [[10.0, 20.0], [30.0, 15.0]]
PLAIN_SCORES = [5 / 6, 5 / 6]

# A tie on the first problem: both are the fastest and both have ratio 1.
# A misses the last one. C misses the first, has ratio 4 on the second, of which the
# integral to 4 sees nothing, and ratio 5 > 4 on the third.
#     ratios   A    B    C       areas   A    B    C
#              1    1    ∞               1    1    0
#              1    2    4               1   2/3   0
#              ∞    1    5               0    1    0
# A: 2/3, B: (8/3)/3 = 8/9, C: 0.
TIE = [[10.0, 10.0, INF], [20.0, 40.0, 80.0], [INF, 5.0, 25.0]]
TIE_SCORES = [2 / 3, 8 / 9, 0.0]

# Nobody arrives on the first problem: a miss for both, and it still counts among four.
#     ratios   A     B         areas   A     B
#              ∞     ∞                 0     0
#              1    3/2                1    5/6
#              2     1                2/3    1
#              1     1                 1     1
# A: (8/3)/4 = 2/3, B: (17/6)/4 = 17/24.
NOBODY = [[INF, INF], [6.0, 9.0], [8.0, 4.0], [12.0, 12.0]]
NOBODY_SCORES = [2 / 3, 17 / 24]

TABLES = pytest.mark.parametrize(
    ("table", "scores"),
    [(PLAIN, PLAIN_SCORES), (TIE, TIE_SCORES), (NOBODY, NOBODY_SCORES)],
    ids=["plain", "a tie and infinite times", "nobody arrives"],
)


@TABLES
def test_that_scores_are_those_worked_by_hand(
    table: list[list[float]], scores: list[float]
) -> None:
    found = algoperf_scores(np.array(table))
    np.testing.assert_allclose(found, scores, rtol=0, atol=1e-9)


def program_of_algoperf(times: Floats, points: int) -> Floats:
    """Score as scoring/performance_profile.py and score_submissions.py do it."""
    times = times.copy()
    best = times.min(axis=0)
    times[times > 4 * best] = np.inf
    with np.errstate(invalid="ignore"):
        ratios = times / best
    tau = np.linspace(1.0, 4.0, points)
    rho = np.array([(ratios <= t).sum(axis=1) / times.shape[1] for t in tau])
    area: Floats = np.trapezoid(rho, x=tau, axis=0) / (tau.max() - tau.min())
    return area


@TABLES
def test_that_the_program_of_algoperf_comes_near_them(
    table: list[list[float]], scores: list[float]
) -> None:
    # Its trapezoids are wrong by half a point's width at each step of a profile.
    times = np.array(table).T
    near = program_of_algoperf(times, 100)
    np.testing.assert_allclose(near, scores, rtol=0, atol=0.01)
    near = program_of_algoperf(times, 30_001)
    np.testing.assert_allclose(near, scores, rtol=0, atol=1e-4)


def test_that_profiles_step_where_the_ratios_are() -> None:
    table = np.array(TIE)
    np.testing.assert_array_equal(
        performance_ratios(table), [[1, 1, INF], [1, 2, 4], [INF, 1, 5]]
    )
    assert profile_steps(table, 0) == ((1.0,), (2 / 3,))
    assert profile_steps(table, 1) == ((1.0, 2.0), (2 / 3, 1.0))
    assert profile_steps(table, 2) == ((1.0, 4.0, 5.0), (0.0, 1 / 3, 2 / 3))
    np.testing.assert_array_equal(profile_at(table, 1.999), [2 / 3, 2 / 3, 0])
    np.testing.assert_array_equal(profile_at(table, 4.0), [2 / 3, 1, 1 / 3])


def test_that_who_had_arrived_before_the_start_is_the_fastest() -> None:
    table = np.array([[0.0, 0.0, 3.0]])
    np.testing.assert_array_equal(performance_ratios(table), [[1, 1, INF]])
    np.testing.assert_array_equal(algoperf_scores(table), [1, 1, 0])


@pytest.mark.parametrize(
    ("studies", "time"),
    [
        # The fastest of five in each of three studies are 3, 7 and a miss.
        ([[9.0, 3.0, INF, 5.0, 8.0], [7.0] * 5, [INF] * 5], 7.0),
        ([[3.0, INF], [INF, INF], [INF, INF]], INF),
        ([[2.0], [4.0]], 3.0),
        ([[2.0], [INF]], INF),
        ([], INF),
    ],
)
def test_that_the_median_of_the_fastest_trials_counts(
    studies: list[list[float]], time: float
) -> None:
    assert problem_time(studies) == time


def test_that_geometric_means_are_those_worked_by_hand() -> None:
    # B takes twice and half as long: √(1/2 · 2) = 1.
    np.testing.assert_allclose(
        geometric_speedups(np.array(PLAIN), 0), [1, 1], rtol=0, atol=1e-9
    )
    # 2, 8 and 4 times as fast as A: ∛64 = 4.
    table = np.array([[10.0, 5.0], [80.0, 10.0], [4.0, 1.0]])
    np.testing.assert_allclose(geometric_speedups(table, 0), [1, 4], rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        geometric_speedups(table, 1), [1 / 4, 1], rtol=0, atol=1e-9
    )


def test_that_a_miss_costs_the_budget_and_one_more() -> None:
    table = np.array([[10.0, INF, INF], [INF, INF, 10.0]])
    # B: √(10/40 · 20/20) = 1/2; C: √(10/40 · 20/10) = √(1/2).
    found = geometric_speedups(table, 0, budgets=[39.0, 19.0])
    np.testing.assert_allclose(found, [1, 0.5, math.sqrt(0.5)], rtol=0, atol=1e-9)
    bare = geometric_speedups(table, 0)
    assert bare[1] == 0
    assert math.isnan(bare[2])


def test_that_a_study_is_profiled_over_its_problems() -> None:
    seeds = range(3)
    first = {
        "A": {s: [8.0, 4.0, 1.0, 1.0] for s in seeds},
        "B": {s: [8.0, 1.0, 1.0, 1.0] for s in seeds},
        "C": {s: [8.0, 8.0, 8.0, 8.0] for s in seeds},
    }
    second = {
        "A": {0: [8.0, 1.0], 1: [8.0, 1.0], 2: [8.0, 5.0]},
        "B": {0: [8.0, 1.0], 1: [8.0, 5.0], 2: [8.0, 5.0]},
    }
    found = profiles(
        gathered(
            recorded(first, target=2.0),
            recorded(second, target=2.0, data="five-points"),
        )
    )
    assert found.labels == ("A", "B", "C")
    # The median of 10, ∞, ∞ is a miss.
    np.testing.assert_array_equal(found.times, [[20, 10, INF], [10, INF, INF]])
    # A: ratios 2 and 1; B: 1 and a miss.
    assert [p.score for p in found.profiles] == pytest.approx([5 / 6, 1 / 2, 0])
    # Over A: B is √(20/10 · 10/11), C √(20/31 · 10/11).
    speedups = [p.speedup for p in found.profiles]
    wanted = [1, math.sqrt(20 / 11), math.sqrt(20 / 31 * 10 / 11)]
    assert speedups == pytest.approx(wanted, abs=1e-9)
    (sentence,) = found.sentences
    assert sentence.startswith("C was not run on linear-regression")


def test_that_a_problem_on_which_nobody_arrives_is_named() -> None:
    found = profiles(gathered(recorded({"A": {0: [8.0, 4.0]}}, target=0.5)))
    assert found.profiles[0].score == 0
    missed, nobody, alone = found.sentences
    assert missed.startswith("On linear-regression no optimizer reaches the target")
    assert "is reached by no trial; the best comes to 4." in nobody
    assert alone.startswith("One problem alone makes no profile")
