"""Speed-up at equal loss: paired by seed, never interpolated, censored at both ends."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, quantile_test

from optlab.analysis.ratios import log_ratios, medians, percentile_interval
from optlab.analysis.speed_words import ratio_text
from optlab.analysis.speedup import MOST_LEVELS, speedup
from tests.core.analysis.recorded import findings, recorded

# Halves at each measurement, at each second, at each third one.
FAST = [8.0, 4.0, 2.0, 1.0, 0.5]
HALF = [8.0, 8.0, 4.0, 4.0, 2.0, 2.0, 1.0, 1.0, 0.5]
THIRD = [8.0, 8.0, 8.0, 4.0, 4.0, 4.0, 2.0, 2.0, 2.0, 1.0]


def test_that_at_every_level_the_baseline_pays_twice() -> None:
    curves = {"B": dict.fromkeys(range(8), HALF), "A": dict.fromkeys(range(8), FAST)}
    found = speedup(findings(recorded(curves, target=1.0)), "A")
    assert (found.label, found.baseline, found.seeds) == ("A", "B", tuple(range(8)))
    assert found.log
    assert len(found.levels) == MOST_LEVELS
    # From just below the start to the last that both reach.
    assert found.levels[0] < 8
    assert found.levels[-1] == 0.5
    for values in (found.ratios.middle, found.ratios.low, found.ratios.high):
        np.testing.assert_allclose(values, 2.0, rtol=1e-9)
    assert (found.ratios.both == 8).all()
    # All seeds are one: that they agree says nothing of others.
    assert found.alike
    assert found.headline == (
        "A reaches validation loss 1 in 0.50 of B's steps, no interval as seeds change "
        "nothing, 8 seeds."
    )
    assert found.share == pytest.approx((0.5, math.nan, math.nan), nan_ok=True)
    # They agree on the ratio, and differ further down.
    curves["A"] = {seed: [*FAST[:-1], 0.5 + 0.01 * seed] for seed in range(8)}
    found = speedup(findings(recorded(curves, target=1.0)), "A")
    assert found.headline == (
        "A reaches validation loss 1 in 0.50 of B's steps (median of the ratios seed "
        "by seed), 95 % interval 0.50 to 0.50, 8 seeds."
    )
    assert found.share == pytest.approx((0.5, 0.5, 0.5))


def test_that_seconds_weigh_what_a_step_costs() -> None:
    curves = {"B": dict.fromkeys(range(6), HALF), "A": dict.fromkeys(range(6), FAST)}
    run = findings(recorded(curves, seconds={"A": 4.0}, target=1.0))
    found = speedup(run, "A", "wall_time_s")
    np.testing.assert_allclose(found.ratios.middle, 0.5, rtol=1e-9)
    assert "in 2.00 of B's seconds" in found.headline
    turned = speedup(run, "B", "wall_time_s", baseline="A")
    np.testing.assert_allclose(turned.ratios.middle, 2.0, rtol=1e-9)


def test_that_nothing_is_interpolated() -> None:
    curves = {"B": {0: [8.0, 6.0, 0.5, 0.5]}, "A": {0: [8.0, 2.0, 3.0, 0.5]}}
    found = speedup(findings(recorded(curves)), "A")
    # Down to 6 both are there at step 10; down to 2 it is 20 against 10, and then 20
    # against 30: that A came back to 3 is not seen.
    levels, middle = found.levels, found.ratios.middle
    np.testing.assert_allclose(middle[levels >= 6], 1.0)
    np.testing.assert_allclose(middle[(levels < 6) & (levels >= 2)], 2.0)
    np.testing.assert_allclose(middle[levels < 2], 2 / 3)


def test_that_the_median_is_over_seeds_that_belong_together() -> None:
    slower = dict(enumerate([FAST, HALF, HALF, THIRD, HALF, THIRD, HALF]))
    curves = {"B": slower | {20: FAST}, "A": dict.fromkeys([*range(7), 30], FAST)}
    found = speedup(findings(recorded(curves)), "A", target=2.0)
    assert found.seeds == tuple(range(7))
    assert found.at_target is not None
    # 1, 2, 2, 2, 2, 3, 3: the median is 2, its exact interval the whole range.
    assert found.at_target.middle[0] == pytest.approx(2)
    assert found.at_target.low[0] == pytest.approx(1)
    assert found.at_target.high[0] == pytest.approx(3)
    assert found.share == pytest.approx((1 / 2, 1 / 3, 1))


def test_that_halfway_between_two_ratios_is_their_geometric_mean() -> None:
    curves = {"B": {0: FAST, 1: THIRD}, "A": dict.fromkeys(range(2), FAST)}
    found = speedup(findings(recorded(curves)), "A", target=2.0)
    assert found.at_target is not None
    assert found.at_target.middle[0] == pytest.approx(math.sqrt(3))
    assert found.headline.endswith("too few seeds for an interval, 2 seeds.")


def arriving(measurement: int) -> list[float]:
    """Return a loss that falls at one measurement and then goes on for long."""
    return [8.0] * measurement + [1.0] * (60 - measurement)


@pytest.mark.parametrize("n", [5, 6, 7, 8, 10, 13])
def test_that_the_interval_is_the_exact_one_of_scipy(n: int) -> None:
    own, theirs = np.random.default_rng(n).integers(1, 50, size=(2, n))
    curves = {
        "B": {s: arriving(int(k)) for s, k in enumerate(theirs)},
        "A": {s: arriving(int(k)) for s, k in enumerate(own)},
    }
    found = speedup(findings(recorded(curves)), "A", target=1.0).at_target
    assert found is not None
    oracle = quantile_test(np.log(theirs / own), p=0.5).confidence_interval(0.95)
    ends = np.log([found.low[0], found.high[0]])
    np.testing.assert_allclose(ends, oracle, rtol=0, atol=1e-9)
    assert math.isnan(found.low[0]) == (n < 6)
    middle = np.median(np.log(theirs / own))
    assert math.log(found.middle[0]) == pytest.approx(middle, abs=1e-9)


def test_that_the_bootstrap_has_the_quantiles_that_can_be_reckoned() -> None:
    # The median of n resampled values is at most the k-th smallest with the
    # probability that a binomial of n and k/n is at least (n + 1)/2.
    n = 9
    values = np.arange(1.0, n + 1)
    below = [1 - binom.cdf((n - 1) / 2, n, k / n) for k in range(1, n + 1)]
    low = 1 + int(np.searchsorted(below, 0.025))
    chosen = np.random.default_rng(5).integers(0, n, size=(20_000, n))
    middles = medians(values[chosen])
    assert percentile_interval(middles, middles) == (low, n + 1 - low)


def test_that_a_seed_with_which_one_never_arrives_is_censored_not_dropped() -> None:
    stuck = [8.0, 4.0, 3.0, 3.0]
    curves = {
        "B": {0: HALF, 1: HALF, 2: stuck, 3: stuck},
        "A": {0: FAST, 1: FAST, 2: FAST, 3: FAST},
    }
    found = speedup(findings(recorded(curves)), "A", target=2.0)
    assert found.at_target is not None
    counts = (found.at_target.both[0], found.at_target.only[0])
    assert counts == (2, 2)
    # 2, 2, ∞, ∞ has no median; with a third it would be 2.
    assert found.share is None
    assert math.isnan(found.at_target.middle[0])
    turned = speedup(findings(recorded(curves)), "B", baseline="A", target=2.0)
    assert turned.share is None
    assert turned.at_target is not None
    assert math.isnan(turned.at_target.middle[0])
    # The curve ends with the last level that has a median, at 3 where all arrive.
    assert found.levels[-1] == pytest.approx(3, rel=0.02)
    assert np.isfinite(found.ratios.middle).all()
    assert found.headline == (
        "A reaches validation loss 2 with 4 of 4 seeds, B with 2: that settles no "
        "ratio. To validation loss 3, which both reach with all 4 seeds, A takes 0.71 "
        "of B's steps (median of the ratios seed by seed), too few seeds for an "
        "interval."
    )
    # 20 steps against 40, 40, 20 and 20: √2 times as fast, if in the middle of two.
    assert found.at_common is not None
    np.testing.assert_allclose(found.at_common.middle, math.sqrt(2))
    curves["B"][3] = HALF
    more = speedup(findings(recorded(curves)), "A", target=2.0)
    assert more.at_target is not None
    assert more.at_target.middle[0] == pytest.approx(2)
    assert "4 seeds, but both arrive with only 3. To validation" in more.headline


def test_that_a_median_that_is_open_still_has_an_interval() -> None:
    # Five seeds say 2 and 3; of three it is known that B takes more than 1.5.
    stuck = [8.0] * 4
    curves = {
        "B": dict(enumerate([HALF, HALF, HALF, THIRD, THIRD, stuck, stuck, stuck])),
        "A": dict.fromkeys(range(8), FAST),
    }
    found = speedup(findings(recorded(curves)), "A", target=2.0)
    assert found.share is None
    assert found.at_target is not None
    assert found.at_target.low[0] == pytest.approx(1.5)
    assert found.at_target.high[0] == math.inf
    assert found.headline.startswith(
        "A reaches validation loss 2 with 8 of 8 seeds, B with 5: the median share of "
        "B's steps is open, 95 % interval 0.00 to 0.67."
    )


def test_that_one_seed_in_the_middle_carries_no_ratio() -> None:
    stuck = [8.0, 4.0, 3.0, 3.0]
    curves = {
        "B": dict(enumerate([HALF, stuck, stuck, HALF, HALF])),
        "A": dict(enumerate([FAST, FAST, FAST, stuck, stuck])),
    }
    # −∞, −∞, 2, ∞, ∞: with a middle, but with one seed alone do both arrive.
    assert speedup(findings(recorded(curves)), "A", target=2.0).share is None


def test_that_an_end_without_a_bound_says_so() -> None:
    seeds = range(6)
    never = [8.0, 8.0]
    # With seed 5 A has not arrived at step 10, where B is at step 40: a quarter of the
    # steps at least, and no bound above.
    curves = {
        "B": {s: [*HALF] for s in seeds},
        "A": {s: FAST if s < 5 else never for s in seeds},
    }
    found = speedup(findings(recorded(curves)), "A", target=2.0)
    assert found.share is not None
    assert found.share[2] == math.inf
    assert "95 % interval from 0.25 on" in found.headline


def test_that_the_curve_ends_where_fewer_than_half_arrive() -> None:
    curves = {
        "B": dict(enumerate([HALF, HALF, HALF, [8.0, 3.0], [8.0, 7.0]])),
        "A": dict.fromkeys(range(5), FAST),
    }
    found = speedup(findings(recorded(curves)), "A")
    assert found.levels[-1] == 0.5
    (sentence,) = found.sentences
    assert sentence == (
        "The curve ends at validation loss 0.5: with too few of the 5 seeds do both "
        "get further."
    )
    assert list(np.unique(found.ratios.both)) == [3, 4, 5]


def test_that_accuracy_climbs_on_a_linear_grid() -> None:
    curves = {"B": {0: [0.1, 0.1, 0.5, 0.9]}, "A": {0: [0.1, 0.5, 0.9]}}
    run = replace(
        findings(recorded(curves, metric="val_accuracy")),
        metric="val_accuracy",
        higher_is_better=True,
    )
    found = speedup(run, "A", target=0.5)
    assert not found.log
    assert found.levels[0] > 0.1
    assert found.levels[-1] == 0.9
    np.testing.assert_allclose(found.ratios.middle[found.levels <= 0.5], 2)
    np.testing.assert_allclose(found.ratios.middle[found.levels > 0.5], 1.5)
    assert found.headline.startswith("A reaches validation accuracy 0.5 in 0.50")


def test_that_a_loss_of_exactly_zero_ends_the_grid_above_it() -> None:
    curves = {"B": {0: [8.0, 1.0, 0.0]}, "A": {0: [8.0, 0.0]}}
    found = speedup(findings(recorded(curves)), "A")
    assert found.log
    assert 0 < found.levels[-1] < 1e-20
    assert np.isfinite(found.ratios.middle).all()


@pytest.mark.parametrize(
    ("curves", "sentence"),
    [
        ({"B": {0: FAST}, "A": {1: FAST}},
         "A and B have no seed in common that was measured."),
        ({"B": {0: [8.0, 9.0]}, "A": {0: [8.0, 1.0]}},
         "There is no level that A and B both reach with half of their seeds."),
    ],
)  # fmt: skip
def test_that_what_cannot_be_compared_is_said_in_a_sentence(
    curves: dict[str, dict[int, list[float]]], sentence: str
) -> None:
    found = speedup(findings(recorded(curves)), "A")
    assert found.sentences == (sentence,)
    assert len(found.levels) == 0


def test_that_all_diverged_leaves_sentences_and_no_number() -> None:
    curves = {"B": {0: [8.0]}, "A": {0: [8.0]}}
    run = recorded(curves, diverged=[("A", 0), ("B", 0)])
    found = speedup(findings(run), "A")
    assert (found.target, found.share, found.headline) == (None, None, "")
    assert len(found.sentences) == 1


def test_that_medians_bear_what_is_infinite_or_unknown() -> None:
    table = np.array(
        [
            [1.0, 2.0, np.inf, np.nan],
            [-np.inf, np.inf, np.nan, np.nan],
            [np.inf, np.inf, 1.0, np.nan],
            [np.nan] * 4,
            [1.0, 2.0, 3.0, 5.0],
        ]
    )
    np.testing.assert_array_equal(medians(table), [2, np.nan, np.inf, np.nan, 2.5])


def test_that_one_arrival_bounds_the_ratio_and_two_give_it() -> None:
    inf, nan = np.inf, np.nan
    # Both arrive, only the baseline, only the other one, neither, both at once; and
    # only the other one while the baseline was lost.
    logs = log_ratios(
        np.array([2.0, inf, 2.0, inf, 0.0, 2.0]),
        np.array([6.0, 2.0, inf, inf, 0.0, inf]),
        own_end=np.full(6, 10.0),
        baseline_end=np.array([10.0, 10.0, 10.0, 10.0, 10.0, inf]),
    )
    with np.errstate(divide="ignore"):
        low, high = np.log([3, 0, 5, nan, 1, inf]), np.log([3, 0.2, inf, nan, 1, inf])
    np.testing.assert_allclose(logs.low, low, atol=1e-12)
    np.testing.assert_allclose(logs.high, high, atol=1e-12)


def test_that_a_median_beyond_a_bound_is_not_given() -> None:
    curves = {
        "B": {0: HALF, 1: THIRD, 2: [8.0] * 4},
        "A": {0: FAST, 1: FAST, 2: FAST},
    }
    # 2, 3 and more than 1.5: the median may be 2 or anything up to 3.
    assert speedup(findings(recorded(curves)), "A", target=2.0).share is None
    # What was lost would never have arrived.
    run = recorded(curves, diverged=[("B", 2)])
    lost = speedup(findings(run), "A", target=2.0).share
    assert lost is not None
    assert lost[0] == pytest.approx(1 / 3)
    curves["B"][2] = [8.0] * 7
    # 2, 3 and more than 3: it is 3.
    found = speedup(findings(recorded(curves)), "A", target=2.0).share
    assert found is not None
    assert found[0] == pytest.approx(1 / 3)


def test_that_a_resample_that_says_nothing_bounds_nothing() -> None:
    found = np.append(np.ones(90), np.full(10, np.nan))
    assert percentile_interval(found, found) == (-math.inf, math.inf)
    assert percentile_interval(np.ones(100), np.full(100, 2.0)) == (1, 2)


def test_that_ratios_keep_two_digits() -> None:
    texts = [ratio_text(r) for r in (0.714, 12.345, 0.0123, 0.0)]
    assert texts == ["0.71", "12.35", "0.012", "0.00"]
