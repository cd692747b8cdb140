"""The range that an axis shows is not spoilt by outliers."""

import numpy as np
import pytest

from optlab.export.ranges import robust_range


def test_that_a_diverged_trial_does_not_flatten_the_others() -> None:
    good = np.linspace(1.0, 3.0, 500)
    bad = np.array([2.0, 5.0, 1e12, 1e300, np.inf, np.nan])
    found = robust_range([good], [bad])
    assert found is not None
    assert found == pytest.approx((1.0, 3.5))


def test_that_a_single_spike_does_not_flatten_its_own_curve() -> None:
    curve = np.concatenate((np.linspace(1.0, 2.0, 999), [1e9]))
    found = robust_range([curve])
    assert found is not None
    assert found[1] < 4.0


def test_that_nothing_finite_has_no_range() -> None:
    assert robust_range([np.array([np.nan, np.inf])]) is None
