"""Smoothing: the formula, the same bits however values come, gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optlab.export.smoothing import EVERY, Smoothed, smooth


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
    weight=st.sampled_from([0.01, 0.5, 0.9, 0.999]),
    cut=st.integers(0, 400),
)
def test_that_smoothing_is_the_debiased_average_however_it_comes(
    values: list[float], weight: float, cut: int
) -> None:
    smoothed = Smoothed(weight)
    smoothed.follow(np.array(values[:cut]))
    smoothed.follow(np.array(values))
    total = mass = 0.0
    wanted = []
    for value in values:
        total = weight * total + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        wanted.append(total / mass)
    found = smoothed.at(np.arange(len(values)))
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-6)


def test_that_smoothing_goes_on_behind_values_that_are_not_finite() -> None:
    smoothed = Smoothed(0.9)
    smoothed.follow(np.array([1.0, np.nan, 1.0, np.inf, 1.0]))
    np.testing.assert_allclose(smoothed.at(np.arange(5)), [1, np.nan, 1, np.nan, 1])


@given(
    count=st.integers(1, 6000),
    weight=st.sampled_from([0.0, 0.01, 0.9, 0.97, 0.999]),
    cuts=st.lists(st.integers(1, 3000), max_size=5),
)
def test_that_smoothing_has_the_same_bits_live_and_afterwards(
    count: int, weight: float, cuts: list[int]
) -> None:
    values = np.random.default_rng(count).standard_normal(count)
    values[::7] *= 1e3
    live = Smoothed(weight)
    for cut in sorted((*cuts, count)):
        live.follow(values[:cut])
    steps = np.arange(count)
    assert live.at(steps).tobytes() == smooth(values, weight).tobytes()
    assert live.at(steps[::97]).tobytes() == smooth(values, weight)[::97].tobytes()


@pytest.mark.parametrize("log", [False, True])
def test_that_averages_that_are_kept_are_those_before(log: bool) -> None:
    values = np.random.default_rng(0).lognormal(size=5000)
    values[[63, 200, 4000]] = np.nan, np.inf, -1.0
    smoothed = Smoothed(0.9, log=log)
    smoothed.follow(values)
    steps = np.arange(70, 5000, 97)
    before = np.maximum(steps // EVERY, 1) * EVERY - 1
    found, exact = smoothed.kept_at(steps), smoothed.at(before)
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    assert np.isnan(found[0])


def test_that_a_huge_value_does_not_spoil_what_follows() -> None:
    values = np.ones(3000)
    values[100:103] = 1e199, 1e230, 1e300
    found = smooth(values, 0.5)
    assert np.isnan(found[101:103]).all()
    assert found[-1] == 1.0


def test_that_smoothing_is_the_debiased_average() -> None:
    values = np.random.default_rng(0).standard_normal(1500)
    weight, total, mass = 0.97, 0.0, 0.0
    expected = []
    for value in values:
        total = weight * total + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        expected.append(total / mass)
    assert np.allclose(smooth(values, weight), expected, rtol=1e-10)
    assert smooth(values, 0.0).tolist() == values.tolist()
    assert len(smooth(np.empty(0), 0.9)) == 0


def test_that_smoothing_passes_over_what_is_not_finite() -> None:
    values = np.array([1.0, np.nan, 1.0, np.inf, 1.0])
    found = smooth(values, 0.5)
    assert np.isnan(found[[1, 3]]).all()
    assert found[[0, 2, 4]] == pytest.approx([1.0, 1.0, 1.0])


def test_that_on_a_log_axis_the_line_follows_a_fall_by_decades() -> None:
    steps = np.arange(200)
    values = 10.0 ** (-steps / 5)
    plain, decades = smooth(values, 0.9), smooth(values, 0.9, log=True)
    # The mean lags behind by β/(1 − β) = 9 steps, which are 1.8 decades.
    lag = np.log10(decades[100:] / values[100:])
    np.testing.assert_allclose(lag, 9 / 5, rtol=1e-3)
    assert plain[-1] > 1e20 * values[-1]


def test_that_on_a_log_axis_what_cannot_be_shown_is_a_gap() -> None:
    values = np.array([1.0, 0.0, -1.0, np.nan, 100.0])
    line = smooth(values, 0.5, log=True)
    assert np.isnan(line).tolist() == [False, True, True, True, False]
    assert 1.0 < line[-1] < 100.0
