"""Means over seeds have the interval that SciPy finds, and hide no failure."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from optlab.export.bands import RESAMPLES, mean_band, mean_interval, mean_of


@pytest.mark.parametrize("n", [6, 10, 15])
def test_that_the_interval_of_a_mean_is_the_bootstrap_interval(n: int) -> None:
    values = np.random.default_rng(n).exponential(size=(n, 1))
    low, high = mean_interval(values)
    wanted = bootstrap(
        (values[:, 0],),
        np.mean,
        n_resamples=100_000,
        method="BCa" if n >= 10 else "percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    # Ends of 2000 resamples have an error of their own, here of a twentieth or less.
    far = 0.05 * (wanted.high - wanted.low)
    assert low[0] == pytest.approx(wanted.low, abs=far)
    assert high[0] == pytest.approx(wanted.high, abs=far)


def test_that_ten_skewed_seeds_have_an_interval_that_leans() -> None:
    values = np.random.default_rng(3).exponential(size=(10, 1))
    low, high = mean_interval(values)
    middle = values.mean()
    rng = np.random.default_rng(10)
    weights = rng.multinomial(10, [0.1] * 10, size=RESAMPLES) / 10
    plain = np.quantile(weights @ values, [0.025, 0.975])
    assert high[0] > plain[1]
    assert low[0] > plain[0]
    assert high[0] - middle > middle - low[0]


def test_that_seeds_that_agree_have_an_interval_without_width() -> None:
    low, high = mean_interval(np.full((12, 3), 0.1))
    np.testing.assert_allclose(low, 0.1)
    np.testing.assert_allclose(high, 0.1)


def test_that_a_mean_ends_where_a_seed_diverged() -> None:
    table = np.random.default_rng(0).normal(size=(6, 40))
    table[2, 25:] = np.inf
    low, middle, high = mean_band(table)
    for values in (low, middle, high):
        assert np.isfinite(values[:25]).all()
        assert np.isnan(values[25:]).all()
    assert np.isnan(mean_of(table)[-1])


def test_that_edges_follow_a_mean_with_more_steps_than_a_print_has_columns() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(8, 1)) + rng.normal(size=3000)
    low, middle, high = mean_band(table)
    # All seeds move alike: the interval is as wide at every step.
    np.testing.assert_allclose(high - low, (high - low)[0])
    np.testing.assert_allclose(middle, table.mean(axis=0))
