"""Intervals at any time, held against counting, integration and simulation."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad

from optlab.analysis.sequential import (
    SIZES,
    anytime_p,
    anytime_seeds_needed,
    confidence_sequence,
    log_capital,
)

LIMIT = math.log(20)


def by_integration(values: list[float], centre: float) -> float:
    """Return the capital at the end, word for word as the module describes it."""

    def won(size: float) -> float:
        product_ = 1.0
        squares: list[float] = []
        for value in values:
            away = value - centre
            squares.append(away**2)
            rms = math.sqrt(sum(squares) / len(squares))
            stake = size * math.sqrt(1 + size**2)
            product_ *= 1 + math.tanh(stake * away / rms)
        return product_

    low, high = map(math.log, SIZES)
    whole, _ = quad(
        lambda x: (won(math.exp(x)) + won(-math.exp(x))) / 2,
        low,
        high,
        epsabs=0,
        epsrel=1e-12,
    )
    return float(whole / (high - low))


@pytest.mark.parametrize("centre", [0.0, 0.7, -2.0])
def test_that_the_capital_is_the_integral_over_all_bets(centre: float) -> None:
    values = np.random.default_rng(0).normal(0.8, 1, 14).tolist()
    found = log_capital(values, [centre])[0]
    for n in (1, 2, 8, 14):
        expected = by_integration(values[:n], centre)
        assert math.exp(found[n - 1]) == pytest.approx(expected, rel=1e-9)


def test_that_nobody_wins_against_fair_coins() -> None:
    # Whatever the sizes, over all 2¹⁰ patterns of signs: the mean capital stays 1, and
    # at most one in twenty ever has twenty times what it began with.
    rng = np.random.default_rng(2)
    for sizes in (
        rng.lognormal(0, 2, 10),
        np.ones(10),
        np.abs(rng.standard_cauchy(10)),
    ):
        paths = np.array(
            [
                log_capital((sizes * signs).tolist(), [0.0])[0]
                for signs in product((-1, 1), repeat=10)
            ]
        )
        assert np.mean(np.exp(paths), axis=0) == pytest.approx(np.ones(10), rel=1e-12)
        assert np.mean(np.max(paths, axis=1) >= LIMIT) <= 0.05


@pytest.mark.parametrize("tails", ["normal", "Cauchy"])
def test_that_all_intervals_hold_the_centre_at_once(tails: str) -> None:
    rng = np.random.default_rng(3)
    missed = 0
    for _ in range(400):
        drawn = rng.normal(size=30) if tails == "normal" else rng.standard_cauchy(30)
        missed += anytime_p(drawn.tolist()) <= 0.05
    # 20 are expected at most; 32 would be seen once in a hundred times.
    assert missed <= 32


def test_that_ends_are_where_the_capital_reaches_the_limit() -> None:
    values = np.random.default_rng(5).normal(1.0, 1, 15).tolist()
    found = confidence_sequence(values)
    low, high = found[-1]
    # Each interval lies in the one before: an end may come from an earlier look.
    ends = np.max(log_capital(values, [low, high]), axis=1)
    assert ends == pytest.approx([LIMIT, LIMIT], abs=1e-9)
    # No centre farther out would do, which a fine search confirms.
    far = np.concatenate(
        [np.linspace(low - 9, low, 500), np.linspace(high, high + 9, 500)]
    )
    assert (np.max(log_capital(values, far), axis=1) >= LIMIT - 1e-9).all()


def test_that_intervals_shrink_and_need_six_seeds() -> None:
    values = np.random.default_rng(6).normal(1.0, 1, 40).tolist()
    found = confidence_sequence(values)
    assert len(found) == 40
    assert found[:5] == [(-math.inf, math.inf)] * 5
    for (low, high), (lower, higher) in zip(found[1:], found, strict=False):
        assert low >= lower
        assert high <= higher
    assert found[-1][1] - found[-1][0] < 1.6
    assert found[-1][0] < 1.0 < found[-1][1]


def test_that_the_p_is_below_the_level_exactly_where_zero_is_left_out() -> None:
    for seed in range(30):
        values = np.random.default_rng(seed).normal(0.9, 1, 12).tolist()
        low, high = confidence_sequence(values)[-1]
        assert (anytime_p(values) < 0.05) == (not low <= 0.0 <= high)
    assert anytime_p([]) == 1.0
    assert anytime_p([0.0] * 9) == 1.0


def test_that_units_make_no_difference() -> None:
    values = np.random.default_rng(7).normal(1.0, 1, 12)
    low, high = confidence_sequence(values.tolist())[-1]
    for scale in (1e-12, 1e12):
        found = confidence_sequence((values * scale).tolist())[-1]
        assert found == pytest.approx((low * scale, high * scale), rel=1e-9)
    turned = confidence_sequence((-values).tolist())[-1]
    assert turned == pytest.approx((-high, -low), rel=1e-9)
    moved = confidence_sequence((values + 100).tolist())[-1]
    assert moved == pytest.approx((low + 100, high + 100), rel=1e-9)


def test_that_infinite_differences_are_bet_on_as_the_largest_so_far() -> None:
    finite = log_capital([1.0, 2.0, -0.5], [0.0])[0]
    with_it = log_capital([1.0, 2.0, math.inf, -0.5], [0.0])[0]
    assert with_it[:2] == pytest.approx(finite[:2])
    assert with_it[2] > finite[1]
    assert np.isfinite(log_capital([1.0, -math.inf, -1.0, -2.0], [0.0])).all()
    # One that did not last is no ruin, and all of them are as clear as can be.
    assert anytime_p([math.inf] * 9) == anytime_p([1.0] * 9) < 0.05
    assert confidence_sequence([math.inf] * 3) == [(-math.inf, math.inf)] * 3
    assert confidence_sequence([math.inf, *[1.0, 1.1, 0.9] * 4])[-1][0] > 0


def test_that_what_neither_lasted_through_is_passed_over() -> None:
    values = [1.0, 1.2, 0.7, 1.1, 0.9, 1.3, 0.8, 1.05]
    gaps = [*values[:4], math.nan, *values[4:], math.nan]
    assert confidence_sequence(gaps)[-1] == pytest.approx(
        confidence_sequence(values)[-1]
    )
    assert anytime_p(gaps) == pytest.approx(anytime_p(values))
    assert confidence_sequence([]) == []


def test_that_equal_differences_leave_no_doubt() -> None:
    assert confidence_sequence([2.0] * 12)[-1] == (2.0, 2.0)
    assert confidence_sequence([0.0] * 12)[-1] == (0.0, 0.0)


@pytest.mark.parametrize("size", [1.0, 1.5])
def test_that_seeds_needed_are_about_those_that_it_takes(size: float) -> None:
    rng = np.random.default_rng(8)
    took = []
    for _ in range(300):
        paths = log_capital(rng.normal(size, 1, 60).tolist(), [0.0])[0]
        reached = np.flatnonzero(paths >= LIMIT)
        took.append(reached[0] + 1 if len(reached) else 60)
    base = np.array([-1.0, 0.0, 1.0])
    values = (base / np.std(base, ddof=1) + size).tolist()
    said = anytime_seeds_needed(values)
    assert said is not None
    # Four of five sequences are there by then, give or take a third.
    assert 0.67 <= said / np.quantile(took, 0.8) <= 1.5
    assert anytime_seeds_needed([1.0, 1.0]) is None
    assert anytime_seeds_needed([1.0, -1.001]) is None
