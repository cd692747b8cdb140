"""Differences by seed, held against SciPy, published examples and counting."""

import math
from itertools import combinations, product
from typing import Any, Literal

import numpy as np
import pytest
from scipy import stats

from optlab.analysis.paired import (
    RESAMPLES,
    bootstrap_interval,
    effect_size,
    exact_interval,
    holm,
    median,
    median_interval,
    paired_p,
    seeds_needed,
    sign_flip_p,
    smallest_p,
    summary,
    wilcoxon_p,
)

# Heights of maize, crossed less self-fertilised, in eighths of an inch: C. Darwin's
# experiment, as R. A. Fisher works it out in The Design of Experiments.
DARWIN = (6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75)


def scipy_p(values: list[float]) -> float:
    found = stats.permutation_test(
        (values,),
        np.mean,
        permutation_type="samples",
        n_resamples=2 ** len(values),
        vectorized=True,
    )
    return float(found.pvalue)


@pytest.mark.parametrize("n", range(2, 11))
def test_that_the_sign_flip_test_agrees_with_scipy(n: int) -> None:
    rng = np.random.default_rng(n)
    for values in (
        rng.normal(0.7, 1, n),
        rng.standard_cauchy(n),
        rng.integers(-2, 3, n),
    ):
        assert sign_flip_p(values.tolist()) == pytest.approx(
            scipy_p(values.astype(float).tolist()), abs=1e-9
        )


def test_that_equal_signs_give_the_smallest_p_there_is() -> None:
    for n in range(1, 13):
        assert sign_flip_p([0.1 * k for k in range(1, n + 1)]) == smallest_p(n)
        assert sign_flip_p([-3.0] * n) == smallest_p(n)
    # Five seeds never do: 2/2⁵ > 0.05 ≥ 2/2⁶.
    assert smallest_p(5) > 0.05 >= smallest_p(6)


def test_that_more_seeds_than_can_be_gone_through_are_left_to_wilcoxon() -> None:
    with pytest.raises(ValueError, match="15 differences"):
        sign_flip_p(DARWIN)
    assert paired_p(DARWIN) == wilcoxon_p(DARWIN)
    assert paired_p(DARWIN[:12]) == sign_flip_p(DARWIN[:12])


def test_that_wilcoxons_test_gives_the_published_p_of_darwins_maize() -> None:
    # The example of SciPy's documentation; 1352 of 2¹⁵ sign patterns.
    assert wilcoxon_p(DARWIN) == pytest.approx(0.041259765625, abs=1e-12)
    values = np.random.default_rng(0).normal(0.5, 1, 30)
    expected = stats.wilcoxon(values).pvalue
    assert wilcoxon_p(values.tolist()) == pytest.approx(expected, abs=1e-9)
    assert wilcoxon_p([0.0] * 14) == 1.0


def test_that_an_infinite_difference_outranks_every_finite_one() -> None:
    # Ranks 1, 2, 3 and twice 4.5: the sum of all with their signs, over all patterns.
    ranks = (1.0, -2.0, 3.0, 4.5, 4.5)
    values = [0.1, -0.2, 0.3, math.inf, math.inf]
    sums = [abs(sum(s * r for s, r in zip(p, ranks, strict=True))) for p in patterns(5)]
    seen = abs(sum(ranks))
    assert sign_flip_p(values) == np.mean([s >= seen for s in sums])
    # How large the finite ones are makes no difference then.
    assert sign_flip_p([1e-9, -20.0, 1e9, math.inf, math.inf]) == sign_flip_p(values)
    assert sign_flip_p([math.inf] * 8) == smallest_p(8)
    assert sign_flip_p([math.inf, -math.inf]) == 1.0


def test_that_a_seed_in_which_neither_lasted_tells_nothing() -> None:
    with_it = sign_flip_p([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, math.nan])
    assert with_it == sign_flip_p([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 0.0])
    assert with_it == smallest_p(7)
    assert sign_flip_p([math.nan] * 6) == 1.0


def test_that_holms_adjustment_gives_the_textbook_example() -> None:
    # The four p values of the article on Holm's method in Wikipedia: at 5 % the first
    # and the last hypothesis are rejected, and no other.
    adjusted = holm([0.01, 0.04, 0.03, 0.005])
    assert adjusted == pytest.approx((0.03, 0.06, 0.06, 0.02), abs=1e-12)
    assert holm([]) == ()


def test_that_holm_is_the_closed_test_of_bonferroni() -> None:
    # R. Marcus, E. Peritz, K. Gabriel, 1976: a hypothesis falls if every set that
    # holds it falls; Bonferroni's p of a set is its size times its smallest p.
    ps = np.random.default_rng(4).random(6) ** 3
    for i, found in enumerate(holm(ps.tolist())):
        sets = [
            chosen
            for size in range(1, 7)
            for chosen in combinations(range(6), size)
            if i in chosen
        ]
        closed = max(min(1.0, len(c) * min(ps[j] for j in c)) for c in sets)
        assert found == pytest.approx(closed, abs=1e-12)


@pytest.mark.parametrize("n", [6, 8, 10])
def test_that_the_exact_interval_is_where_the_test_does_not_reject(n: int) -> None:
    values = np.random.default_rng(n).standard_t(3, n) + 0.4
    found = exact_interval(values.tolist())
    assert found is not None
    low, high = found
    for inside in (low + 1e-6, (low + high) / 2, high - 1e-6):
        assert scipy_p((values - inside).tolist()) > 0.05
    for outside in (low - 1e-6, high + 1e-6):
        assert scipy_p((values - outside).tolist()) <= 0.05


def test_that_the_exact_interval_misses_as_often_as_it_says() -> None:
    sizes = np.random.default_rng(1).lognormal(size=8)
    missed = 0
    for signs in patterns(8):
        found = exact_interval((sizes * signs).tolist())
        assert found is not None
        missed += not found[0] <= 0.0 <= found[1]
    # Of 2⁸ - 1 means of subsets six are cut off on either side: 12/256 < 5 %.
    assert missed == 12


def test_that_too_few_seeds_have_no_exact_interval() -> None:
    assert exact_interval([1.0] * 5) is None
    assert median_interval([1.0] * 5) is None
    assert exact_interval([1.0] * 6) == (1.0, 1.0)
    assert exact_interval([1.0] * 7 + [math.inf]) is None


@pytest.mark.parametrize("n", [6, 7, 9, 20])
def test_that_the_interval_of_the_median_agrees_with_scipy(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    expected: Any = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    ends = expected.low, expected.high
    assert median_interval(values.tolist()) == pytest.approx(ends, abs=1e-12)
    # It needs no mean: the largest may as well be infinite.
    found = median_interval([*np.sort(values)[:-1].tolist(), math.inf])
    assert found is not None
    assert found[0] == pytest.approx(expected.low)


@pytest.mark.parametrize(("n", "method"), [(9, "percentile"), (10, "BCa")])
def test_that_bootstrap_intervals_are_scipys(
    n: int, method: Literal["percentile", "BCa"]
) -> None:
    values = np.random.default_rng(n).lognormal(size=n)
    found = bootstrap_interval(values.tolist())
    assert found == bootstrap_interval(values.tolist())
    expected = stats.bootstrap(
        (values.tolist(),),
        np.mean,
        n_resamples=RESAMPLES,
        method=method,
        rng=np.random.default_rng(20260),
    ).confidence_interval
    assert found == pytest.approx(tuple(expected), abs=1e-9)


def test_that_values_without_spread_have_an_interval_without_width() -> None:
    assert bootstrap_interval([2.0] * 12) == (2.0, 2.0)
    assert bootstrap_interval([2.0] * 3) == (2.0, 2.0)
    found = bootstrap_interval([2.0] * 11 + [3.0])
    assert found is not None
    assert 2.0 <= found[0] < found[1] <= 3.0
    assert bootstrap_interval([1.0]) is None
    assert bootstrap_interval([1.0, math.inf]) is None


def test_that_what_diverged_stays_in_a_summary_as_infinitely_bad() -> None:
    told = summary([3.0, 1.0, math.inf, 2.0])
    assert (told.n, told.lasted) == (4, 3)
    assert told.median == 2.5
    assert told.quartiles == (2.0, 3.0)
    assert told.mean is None
    assert told.interval is None
    assert summary([1.0, math.inf]).median == math.inf
    assert summary([math.inf] * 3).quartiles == (math.inf, math.inf)
    assert summary([3.0, 1.0, 2.5]) == summary([1.0, 2.5, 3.0])
    alone = summary([4.0])
    assert (alone.mean, alone.median, alone.interval) == (4.0, 4.0, None)
    assert median([-math.inf, math.inf]) == 0.0


@pytest.mark.parametrize(("size", "n"), [(0.5, 34), (0.8, 15), (1.0, 10)])
def test_that_seeds_needed_are_those_of_published_tables(size: float, n: int) -> None:
    # G*Power: one-sample t test, two-sided, α = 0.05, power 0.8.
    base = np.array([-1.0, 0.0, 1.0])
    values = (base / np.std(base, ddof=1) + size).tolist()
    assert effect_size(values) == pytest.approx(size)
    assert seeds_needed(values) == n


def test_that_no_number_of_seeds_is_named_without_anything_to_go_by() -> None:
    assert seeds_needed([1.0]) is None
    assert seeds_needed([2.0, 2.0, 2.0]) is None
    assert seeds_needed([-1.0, 1.0]) is None
    assert seeds_needed([-1.0, 1.001]) is None
    # However clear it is, six seeds are the fewest, and eight for four comparisons.
    assert seeds_needed([1.0, 1.01, 0.99]) == 6
    assert seeds_needed([1.0, 1.01, 0.99], level=0.05 / 4) == 8


def patterns(n: int) -> list[tuple[int, ...]]:
    return list(product((-1, 1), repeat=n))
