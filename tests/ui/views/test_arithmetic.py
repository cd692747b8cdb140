"""What needs no window: ticks, bands, cells, thinned lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optlab.export.levels import grid, levels_of
from optlab.export.palette import SURFACE_BANDS
from optlab.ui.axes import linear_texts, linear_ticks, log_texts, log_ticks
from optlab.ui.contour import band_colors, paint_bands
from optlab.ui.grid_layout import plan
from optlab.ui.pane_tree import names_in, places
from optlab.ui.sampler import finite_means, pen_places, spaced
from optlab.ui.theme import DARK, LIGHT, Theme
from tests.ui.views.runs import Floats, Valley


def test_that_a_log_axis_names_decades_only() -> None:
    assert log_ticks(-3.2, 1.3, 10) == [-3, -2, -1, 0, 1]
    assert log_texts([-5, -4, -1, 0, 3, 4, 5]) == [
        "10⁻⁵",
        "0.0001",
        "0.1",
        "1",
        "1000",
        "10\u2009000",
        "10⁵",
    ]


def test_that_a_log_axis_of_many_decades_names_some_of_them() -> None:
    assert log_ticks(-300, 0, 4) == [-300, -200, -100, 0]


@pytest.mark.parametrize("lo", np.arange(-7.0, 2.0, 0.37))
@pytest.mark.parametrize("span", [2.2, 4.1, 6.1, 9.3])
def test_that_a_log_axis_never_has_a_tick_alone(lo: float, span: float) -> None:
    for room in (0.5, 1.0, 2.0, 5.0):
        assert len(log_ticks(lo, lo + span, room)) >= 2


def test_that_a_log_axis_within_one_decade_still_has_ticks() -> None:
    assert len(log_ticks(0.1, 0.9, 5)) >= 2
    assert len(log_ticks(2.001, 2.01, 5)) >= 2


@given(
    lo=st.floats(-1e9, 1e9),
    span=st.floats(1e-6, 1e9),
    ticks=st.floats(1, 12),
)
def test_that_ticks_are_round_few_and_inside(
    lo: float, span: float, ticks: float
) -> None:
    step, values = linear_ticks(lo, lo + span, ticks)
    assert len(values) <= 2.1 * ticks + 2
    assert all(lo - 1e-6 * step <= v <= lo + span + 1e-6 * step for v in values)


def test_that_tick_texts_have_the_digits_of_their_step() -> None:
    assert linear_texts([-0.5, 0.0, 0.5], 0.5) == ["−0.5", "0.0", "0.5"]
    assert linear_texts([0, 20000, 40000], 20000) == ["0", "20\u2009000", "40\u2009000"]
    assert linear_texts([0, 2e7], 2e7) == ["0", "2×10⁷"]
    between = np.log10([0.2, 500, 2000, 2e9]).tolist()
    assert log_texts(between) == ["0.2", "500", "2000", "2·10⁹"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_that_the_lowest_band_is_where_the_minimum_is(theme: Theme) -> None:
    valley = Valley()
    x, y = valley.domain
    levels = levels_of(valley.value, x, y, minimum=0.0)
    points = grid(x, y, columns=200, rows=200)
    image = paint_bands(valley.value(points), levels, theme)
    lowest = np.rint(band_colors(theme)[0])
    nearest = np.hypot(points[0] - 1, points[1] - 1).argmin()
    assert image.shape == (200, 200, 3)
    assert (image.reshape(-1, 3)[nearest] == lowest).all()
    far = np.rint(band_colors(theme)[SURFACE_BANDS - 1])
    # f(-2, -1) = 2509 is the highest value of the domain.
    assert np.abs(image[0, 0] - far).max() <= 2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_that_the_lower_a_band_is_the_bluer_it_is(theme: Theme) -> None:
    colors = band_colors(theme)
    blueness = colors[:, 2] - colors[:, 0]
    assert (np.diff(blueness) < 0).all()


def test_that_bands_begin_where_figures_draw_their_edges() -> None:
    valley = Valley()
    x, y = valley.domain
    levels = levels_of(valley.value, x, y, minimum=0.0)
    found = levels.position(levels.edges())
    np.testing.assert_allclose(found, np.arange(SURFACE_BANDS + 1), atol=1e-9)


def test_that_a_surface_without_minimum_or_with_holes_has_bands() -> None:
    def saddle(x: Floats) -> Floats:
        return np.where(x[0] > 0.9, np.nan, x[0] ** 2 - x[1] ** 2)

    levels = levels_of(saddle, (-1, 1), (-1, 1), minimum=None)
    points = grid((-1, 1), (-1, 1), columns=50, rows=40)
    assert paint_bands(saddle(points), levels, LIGHT).shape == (40, 50, 3)


@given(
    n=st.integers(1, 6),
    width=st.integers(200, 3000),
    height=st.integers(150, 2000),
    surface=st.booleans(),
)
def test_that_cards_have_cells_of_their_own(
    n: int, width: int, height: int, surface: bool
) -> None:
    names = [f"card {k}" for k in range(n)]
    found = plan(names, width=width, height=height, surface=surface)
    shown = names_in(found)
    assert shown == tuple(names[: len(shown)])
    assert found is not None
    # No pane is left empty.
    areas = [rect.width * rect.height for rect in places(found).values()]
    assert len(areas) == len(shown) >= 1
    assert sum(areas) == pytest.approx(1.0)
    assert min(areas) > 0


def test_that_steps_are_spaced_evenly_up_to_the_last() -> None:
    steps = spaced(3, 1000, 100)
    assert steps[-1] == 999
    assert steps[0] >= 3
    assert len(set(np.diff(steps))) == 1
    assert 100 <= len(steps) <= 120
    assert spaced(0, 5, 100).tolist() == [0, 1, 2, 3, 4]


def test_that_a_line_finer_than_its_pen_is_averaged_and_gaps_have_no_weight() -> None:
    values = np.tile([1.0, 3.0], 5000)
    values[::10] = np.nan
    steps = spaced(0, len(values), 50)
    means = finite_means(values[pen_places(steps)])
    assert np.abs(means - 2.0).max() < 0.8
    assert np.isfinite(means).all()
    few = spaced(0, 20, 50)
    found = finite_means(values[pen_places(few)])
    np.testing.assert_array_equal(found, values[:20])
