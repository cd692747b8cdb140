"""Series give back what was appended, and envelopes that hide no extreme."""

import math
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optlab.records import Floats, Ints
from optlab.store.series import NOTHING_YET, Series


def dense(values: Floats, *, pieces: int = 1) -> Series:
    series = Series("m")
    for part in np.array_split(values, pieces):
        series.append(part)
    return series


def sparse(steps: Ints, values: Floats) -> Series:
    series = Series("m", dense=False)
    series.append_at(steps, values)
    return series


def assert_envelope(
    series: Series, lo: float, hi: float, columns: int, *, exact: bool | None = None
) -> None:
    """Check every column against the values in it."""
    steps, values = series.arrays()
    x, y = series.envelope(lo, hi, columns)
    assert (np.diff(x) > 0).all()
    edges = lo + (hi - lo) / columns * np.arange(columns + 1)
    for j in range(columns):
        last = j == columns - 1
        inside = (steps >= edges[j]) & ((steps < edges[j + 1]) | last) & (steps <= hi)
        shown = (x >= edges[j]) & ((x < edges[j + 1]) | last) & (x <= hi)
        here = values[inside]
        finite = here[np.isfinite(here)]
        assert shown.sum() <= max(2, 0 if exact is False else len(here))
        assert shown.sum() <= 2
        assert bool(shown.any()) == bool(inside.any())
        if len(finite):
            assert np.nanmin(y[shown]) == finite.min()
            assert np.nanmax(y[shown]) == finite.max()
        else:
            assert np.isnan(y[shown]).all()
        for at, value in zip(x[shown], y[shown], strict=True):
            if not math.isnan(value):
                assert value == values[steps == at][0]


@pytest.mark.parametrize("n", [3, 63, 64, 65, 700, 5000, 40_000])
@pytest.mark.parametrize("columns", [1, 7, 300])
def test_that_an_envelope_holds_the_extremes_of_every_column(
    n: int, columns: int
) -> None:
    rng = np.random.default_rng(n)
    values = rng.standard_normal(n) * 10.0 ** rng.integers(-60, 60, n)
    values[rng.random(n) < 0.05] = np.nan
    values[rng.random(n) < 0.02] = np.inf
    values[n // 3 : n // 2] = np.nan
    series = dense(values, pieces=9)
    if n < 2 * columns:
        x, y = series.envelope(0, n - 1, columns)
        assert x.tolist() == list(range(n))
        assert (y == values)[np.isfinite(values)].all()
        return
    for lo, hi in ((0, n - 1), (0.3, n * 0.77), (-n, 2 * n), (n / 3, n / 3 + columns)):
        assert_envelope(series, lo, hi, columns)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(width=32) | st.just(math.nan), min_size=1, max_size=700),
    st.integers(1, 40),
    st.floats(-50, 800),
    st.floats(0.001, 900),
)
def test_that_an_envelope_of_any_values_hides_no_extreme(
    values: list[float], columns: int, lo: float, width: float
) -> None:
    series = dense(np.array(values, dtype=np.float64), pieces=3)
    steps = series.arrays()[0]
    hi = lo + width
    bounds = np.linspace(lo, hi, columns + 1)
    crowded = np.histogram(steps, bounds)[0].max(initial=0) > 2 if width else False
    x, _ = series.envelope(lo, hi, columns)
    inside = x[(x >= lo) & (x <= hi)]
    if crowded:
        assert len(inside) <= 2 * columns
    else:
        assert len(inside) <= 3 * columns + 1
    assert set(inside) <= set(steps.tolist())


def test_that_a_sparse_envelope_holds_the_extremes_of_every_column() -> None:
    rng = np.random.default_rng(1)
    steps = np.unique(rng.integers(0, 100_000, 3000))
    series = sparse(steps, rng.standard_normal(len(steps)))
    assert_envelope(series, 0, 100_000, 50)
    assert_envelope(series, 500, 700.5, 3)


def test_that_few_points_come_exactly_and_with_their_neighbours() -> None:
    series = dense(np.arange(1000.0) ** 2)
    x, y = series.envelope(10.5, 14.5, 800)
    assert x.tolist() == [10, 11, 12, 13, 14, 15]
    assert y.tolist() == [100, 121, 144, 169, 196, 225]


def test_that_an_envelope_follows_a_series_that_grows() -> None:
    values = np.random.default_rng(2).standard_normal(20_000)
    series = Series("m")
    done = 0
    for size in (1, 63, 64, 500, 1, 8000, 3000, 8371):
        series.append(values[done : done + size])
        done += size
        if done > 400:
            assert_envelope(series, 0, done - 1, 100)
    assert done == len(values)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_that_a_view_that_stays_reads_what_is_new_as_a_new_series_does(
    kind: str,
) -> None:
    rng = np.random.default_rng(7)
    values = np.where(rng.random(30_000) < 0.01, np.nan, rng.standard_normal(30_000))
    values[4000:9000] = np.inf
    steps = np.cumsum(rng.integers(1, 4, len(values)))
    series, done = Series("m", dense=kind == "dense"), 0
    while done < len(values):
        new = slice(done, done + int(rng.integers(1, 900)))
        if kind == "dense":
            series.append(values[new])
        else:
            series.append_at(steps[new], values[new])
        done = min(new.stop, len(values))
        fresh = (
            dense(values[:done])
            if kind == "dense"
            else sparse(steps[:done], values[:done])
        )
        for got, wanted in zip(
            series.envelope(500.0, 32_000.0, 150),
            fresh.envelope(500.0, 32_000.0, 150),
            strict=True,
        ):
            np.testing.assert_array_equal(got, wanted)
    series.cut(10_000)
    last = series.last_step
    assert last < 10_000
    assert_envelope(series, 500.0, 32_000.0, 150)


def test_that_extremes_beyond_float32_are_exact() -> None:
    values = np.full(10_000, 1e-60)
    values[5000], values[7000] = 1e-320, 1e300
    _, y = dense(values).envelope(0, 9999, 10)
    assert {1e-320, 1e300, 1e-60} == set(y.tolist())


def test_that_an_empty_series_has_no_points_and_no_last_value() -> None:
    for series in (Series("m"), Series("m", dense=False)):
        assert len(series) == 0
        assert series.last_step == NOTHING_YET
        assert math.isnan(series.last)
        assert series.lowest() is None
        assert series.at(0) is None
        assert len(series.envelope(0, 10, 5)[0]) == 0
        assert np.isnan(series.values_at(np.array([0, 3]))).all()


def test_that_a_view_outside_the_series_is_empty() -> None:
    series = dense(np.arange(10.0))
    for lo, hi in ((20, 30), (-9, -1), (5, 4), (math.nan, 3)):
        assert len(series.envelope(lo, hi, 10)[0]) == 0
    assert len(series.envelope(-math.inf, math.inf, 10)[0]) == 10


def test_that_a_sparse_value_holds_until_the_next_one() -> None:
    series = sparse(np.array([10, 20]), np.array([1.0, 2.0]))
    assert [series.at(step) for step in (9, 10, 19, 20, 99)] == [None, 1, 1, 2, 2]
    found = series.values_at(np.array([9, 10, 19, 20, 99]))
    assert found.tolist()[1:] == [1, 1, 2, 2]
    assert math.isnan(found[0])
    assert (series.last_step, series.last) == (20, 2.0)


def test_that_arrays_keep_their_content_whatever_comes_later() -> None:
    series = dense(np.arange(5.0))
    _, before = series.arrays()
    series.cut(3)
    series.append(np.array([7.0, 8.0, 9.0]))
    assert before.tolist() == [0, 1, 2, 3, 4]
    assert series.values.tolist() == [0, 1, 2, 7, 8, 9]
    with pytest.raises(ValueError, match="read-only"):
        before[0] = 1.0


def test_that_a_cut_drops_the_step_and_what_follows() -> None:
    series = dense(np.arange(500.0)[::-1].copy())
    series.envelope(0, 499, 10)
    assert series.lowest() == (499, 0.0)
    series.cut(100)
    assert len(series) == 100
    assert series.lowest() == (99, 400.0)
    series.append(np.zeros(300))
    assert_envelope(series, 0, 399, 10)
    measured = sparse(np.array([0, 10, 20]), np.arange(3.0))
    measured.cut(10)
    assert measured.arrays()[0].tolist() == [0]


def test_that_the_lowest_is_the_first_of_equal_ones_and_finite() -> None:
    series = dense(np.array([np.nan, 3.0, -np.inf, 1.0, 1.0]))
    assert series.lowest() == (3, 1.0)
    series.append(np.array([1.0, 0.5]))
    assert series.lowest() == (6, 0.5)
    assert sparse(np.array([7]), np.array([2.0])).lowest() == (7, 2.0)


def test_that_a_reader_sees_whole_values_while_another_thread_appends() -> None:
    series = Series("m")
    total = 60_000

    def write() -> None:
        for first in range(0, total, 40):
            series.append(np.arange(first, first + 40, dtype=np.float64))

    writer = Thread(target=write)
    writer.start()
    while writer.is_alive():
        steps, values = series.arrays()
        assert (steps == values).all()
        x, y = series.envelope(0, total, 100)
        assert (x == y).all()
    writer.join()
    assert len(series) == total
