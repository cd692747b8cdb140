"""The range that an axis shows is not spoilt by outliers."""

import numpy as np
import pytest

from optlab.export.ranges import robust_range, shown_range, suits_log


def test_that_a_diverged_trial_does_not_flatten_the_others() -> None:
    good = np.linspace(1.0, 3.0, 500)
    bad = np.array([2.0, 5.0, 1e12, 1e300, np.inf, np.nan])
    found = robust_range([good], [bad])
    assert found == (1.0, 3.0)
    # What it was before it left is to be seen, if that is not too far away.
    assert robust_range([good], [np.array([2.0, 0.1, 1e9])]) == (0.92, 3.0)
    assert robust_range([], [np.array([2.0, 5.0, np.inf])]) == (2.0, 5.0)


def test_that_a_single_spike_does_not_flatten_its_own_curve() -> None:
    curve = np.concatenate((np.linspace(1.0, 2.0, 999), [1e9]))
    found = robust_range([curve])
    assert found is not None
    assert found[1] < 4.0


def test_that_nothing_finite_has_no_range() -> None:
    assert robust_range([np.array([np.nan, np.inf])]) is None


def test_that_ranges_are_not_spoilt_by_one_that_diverged() -> None:
    calm = np.linspace(1.0, 2.0, 100)
    wild = np.array([1.0, 1e6, 1e200])
    low, high = shown_range([calm], [wild], log=False) or (0, 0)
    assert low < 1 < 2 < high < 2.5
    assert shown_range([calm], [], log=False) == pytest.approx((0.95, 2.05))
    assert shown_range([], [], log=True) is None
    assert shown_range([np.array([np.nan, np.inf])], [], log=True) is None
    assert not suits_log([np.array([1.0, -1.0])])
    assert suits_log([np.array([1.0, 1e-3, 0.0])])
