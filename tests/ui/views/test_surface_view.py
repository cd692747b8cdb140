"""The surface from above: ways, heads, minima, bands."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from optlab.records import Columns, State
from optlab.store.run_data import RunData
from optlab.ui.contour import band_colors
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.tails import Tail
from optlab.ui.theme import DARK, LIGHT, Theme, series_style
from optlab.ui.traces import Bundle
from optlab.ui.ways import thinned
from tests.ui.views.conftest import SetUp, Stage
from tests.ui.views.runs import (
    COMMON,
    NORMS,
    Valley,
    begin,
    race,
    stop,
    surface_columns,
)


def pixel(shown: Stage, x: float, y: float) -> str:
    """Return the colour of the surface card at a point of the plane."""
    card = shown.surface()
    image = card.canvas.grab().toImage()
    at: QPointF = card.canvas.to_pixels(x, y) * image.devicePixelRatio()
    return image.pixelColor(at.toPoint()).name()


def tails(card: SurfaceCard) -> list[Tail]:
    """Return the ways that are drawn one by one."""
    return [item for item in card._items() if isinstance(item, Tail)]


def test_that_ways_are_exactly_the_recorded_positions(stage: SetUp) -> None:
    data = race(steps=400)
    card = stage(data, Valley()).surface()
    for trial in range(6):
        x, y = card.plotted(trial)
        np.testing.assert_array_equal(x, data.series(trial, "x0").values)
        np.testing.assert_array_equal(y, data.series(trial, "x1").values)
        assert card.heads()[trial] == (x[-1], y[-1])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_that_bands_have_the_colours_of_the_theme(stage: SetUp, theme: Theme) -> None:
    shown = stage(None, replace(Valley(), minima=()), theme=theme)
    bands = {
        f"#{r:02x}{g:02x}{b:02x}"
        for r, g, b in np.rint(band_colors(theme)).astype(int).tolist()
    }
    assert (
        pixel(shown, 1.0, 1.0) == sorted(bands, key=lambda c: c == theme.surface[0])[-1]
    )
    found = {pixel(shown, x, y) for x in (-1.5, 0.1, 0.6) for y in (-0.6, 1.1, 2.7)}
    assert len(found & bands) >= 4


def test_that_pictures_of_marks_are_not_made_anew_in_each_frame(stage: SetUp) -> None:
    shown = stage(race(), Valley())
    card = shown.surface()
    for smoothing in (0.0, 0.5) * 10:
        shown.state.set_smoothing(smoothing)
        shown.draw()
        card._restyle_ways()
        card._place_marks()
    assert len(card._heads.fragmentAtlas) == len(card.heads()) == 6
    assert len(card._minima.fragmentAtlas) == 1
    assert len(card._start.fragmentAtlas) == 1


def test_that_heads_and_minima_are_seen(stage: SetUp) -> None:
    shown = stage(race(steps=200), Valley())
    x, y = shown.surface().heads()[0]
    assert pixel(shown, x, y) == series_style(0, LIGHT).color.name()
    assert pixel(shown, 1.0, 1.0) == LIGHT.cross


def test_that_hidden_optimizers_leave_the_surface(stage: SetUp) -> None:
    shown = stage(race(steps=200), Valley())
    card = shown.surface()
    shown.state.set_hidden(frozenset({0}))
    shown.draw()
    assert len(card._heads.points()) == 5
    assert [[part.item.isVisible() for part in tail.parts] for tail in tails(card)] == [
        4 * [False],
        *(5 * [4 * [True]]),
    ]


def test_that_who_has_left_the_domain_is_crossed_at_its_edge(stage: SetUp) -> None:
    valley = Valley()
    data, _ = begin(
        ["wild"],
        steps=100,
        metrics=("train_loss", "param_norm", "x0", "x1"),
        surface=True,
    )
    way = np.array([[-1.2, 1.0], [-1.0, 2.0], [40.0, -1e200]])
    with np.errstate(over="ignore", invalid="ignore"):
        columns = surface_columns(0, way, valley, first=0)
    kept = {name: columns.values[name] for name in data.metrics}
    data.append(Columns(trial=0, first=0, values=kept))
    stop(data, 0, State.DIVERGED)
    shown = stage(data, valley)
    (head,) = shown.surface()._heads.points()
    (x0, x1), (y0, y1) = shown.surface().canvas.view()
    assert head.symbol() == "x"
    assert x1 - 0.05 * (x1 - x0) < head.pos().x() < x1
    assert y0 < head.pos().y() < y0 + 0.05 * (y1 - y0)


def test_that_the_domain_is_shown_with_the_start_in_it(stage: SetUp) -> None:
    card = stage(None, replace(Valley(), start=(-3.0, 0.0))).surface()
    (x0, x1), y = card.canvas.view()
    assert x0 < -3.0
    assert x1 == 2.0
    assert y == (-1.0, 3.0)


def test_that_the_start_is_ringed_where_all_seeds_share_it(stage: SetUp) -> None:
    (ring,) = stage(None, Valley()).surface()._start.points()
    assert (ring.pos().x(), ring.pos().y()) == (-1.2, 1.0)
    spread = stage(None, replace(Valley(), starts="grid")).surface()
    assert len(spread._start.points()) == 0


def test_that_a_long_way_is_thinned_but_keeps_both_ends() -> None:
    kept = np.arange(1_000_000)[thinned(1_000_000)]
    assert len(kept) < 4000
    assert kept[0] == 0
    assert kept[-1] == 999_999
    assert len(np.arange(3000)[thinned(3000)]) == 3000


def test_that_bands_are_painted_again_only_when_the_view_moves(stage: SetUp) -> None:
    data = race(steps=50)
    shown = stage(data, Valley())
    card = shown.surface()
    before = card._image.image
    card.draw()
    assert card._image.image is before
    card.canvas.set_view((0.0, 1.0), (0.0, 1.0))
    card.draw()
    assert card._image.image is not before


def seeds_on_a_grid(count: int, *, entries: int = 1) -> tuple[RunData, Valley]:
    """Return a run of many seeds, each from a place of its own to the minimum."""
    valley = replace(Valley(), starts="grid")
    metrics = (*COMMON, *NORMS, "value", "x0", "x1")
    labels = [f"rule {k}" for k in range(entries)]
    data, start = begin(
        labels, steps=100, seeds=range(count), metrics=metrics, surface=True
    )
    share = np.linspace(1.0, 0.0, 101)[:, np.newaxis]
    for trial in start.trials:
        angle = 2 * np.pi * trial.seed / count
        away = np.array([np.cos(angle), np.sin(angle)])
        way = np.array([1.0, 1.0]) + share * away
        data.append(surface_columns(trial.trial, way, valley, first=0))
    return data, valley


def test_that_many_seeds_are_drawn_as_one_line(stage: SetUp) -> None:
    # An item for each of 400 took a second to make and 0.3 s to paint.
    data, valley = seeds_on_a_grid(400)
    card = stage(data, valley).surface()
    assert len(card._items()) == 1
    for trial in (0, 399):
        x, y = card.plotted(trial)
        np.testing.assert_array_equal(x, data.series(trial, "x0").values)
        np.testing.assert_array_equal(y, data.series(trial, "x1").values)
    (bundle,) = card._items()
    # Ways do not run into each other: 400 gaps, nothing else added.
    assert np.isnan(bundle.x).sum() == 400
    assert len(bundle.x) == 400 * 102
    assert len(card.heads()) == 400


def test_that_the_ways_of_many_seeds_can_be_hidden_and_take_the_theme(
    stage: SetUp,
) -> None:
    data, valley = seeds_on_a_grid(40, entries=2)
    shown = stage(data, valley)
    card = shown.surface()
    shown.state.set_hidden(frozenset({1}))
    shown.state.set_theme(DARK)
    shown.draw()
    first, second = card._items()
    assert isinstance(first, Bundle)
    assert isinstance(second, Bundle)
    assert first.item.isVisible()
    assert not second.item.isVisible()
    pen = first.item.opts["pen"].color()
    assert pen.rgb() == series_style(0, DARK).color.rgb()
    assert len(card._heads.points()) == 40
    shown.grid.set_run(None, valley)
    shown.draw()
    assert card._items() == ()


def test_that_few_seeds_keep_tails_and_halos(stage: SetUp) -> None:
    data, valley = seeds_on_a_grid(6)
    card = stage(data, valley).surface()
    assert len(tails(card)) == 6
    assert all(tail._halo and tail._halo.item.isVisible() for tail in tails(card))


def test_that_a_way_fades_towards_its_beginning(stage: SetUp) -> None:
    data, valley = seeds_on_a_grid(1)
    (tail,) = tails(stage(data, valley).surface())
    alphas = [part.item.opts["pen"].color().alphaF() for part in tail.parts]
    assert alphas == pytest.approx([0.25, 0.45, 0.7, 1.0], abs=0.01)
    # From the minimum plus (1, 0) straight to it: what is old is so by its length.
    ends = [float(part.x[-1]) for part in tail.parts]
    assert ends == pytest.approx([1.5, 1.25, 1.1, 1.0], abs=0.02)
    for part, following in itertools.pairwise(tail.parts):
        assert following.x[0] == part.x[-1]


def test_that_who_stands_still_shows_the_road_there(stage: SetUp) -> None:
    metrics = (*COMMON, *NORMS, "value", "x0", "x1")
    data, _ = begin(["fast"], steps=5000, metrics=metrics, surface=True)
    share = np.maximum(1.0 - np.arange(5001) / 50, 0.0)[:, np.newaxis]
    way = np.array([1.0, 1.0]) + share * np.array([-2.2, 0.0])
    data.append(surface_columns(0, way, Valley(), first=0))
    (tail,) = tails(stage(data, Valley()).surface())
    strong = tail.parts[-1]
    assert strong.x[-1] - strong.x[0] == pytest.approx(0.22, abs=0.05)


def test_that_too_many_ways_to_fade_are_drawn_in_one_part_each(stage: SetUp) -> None:
    data, valley = seeds_on_a_grid(10, entries=3)
    card = stage(data, valley).surface()
    assert [len(tail.parts) for tail in tails(card)] == 30 * [1]


def test_that_points_in_one_pixel_are_drawn_once_but_kept_in_full(
    stage: SetUp,
) -> None:
    metrics = (*COMMON, *NORMS, "value", "x0", "x1")
    data, _ = begin(["still"], steps=2000, metrics=metrics, surface=True)
    way = np.full((2001, 2), 0.5) + np.linspace(0, 1e-6, 2001)[:, np.newaxis]
    data.append(surface_columns(0, way, Valley(), first=0))
    card = stage(data, Valley()).surface()
    (tail,) = tails(card)
    assert len(card.plotted(0)[0]) == 2001
    assert sum(len(part.x) for part in tail.parts) < 12


def test_that_a_gap_stays_a_gap(stage: SetUp) -> None:
    metrics = (*COMMON, *NORMS, "value", "x0", "x1")
    data, _ = begin(["broken"], steps=4, metrics=metrics, surface=True)
    way = np.array([[0.0, 0.0], [0.5, 0.0], [np.nan, np.nan], [0.5, 1.0], [0.0, 1.0]])
    data.append(surface_columns(0, way, Valley(), first=0))
    (tail,) = tails(stage(data, Valley()).surface())
    drawn = np.concatenate([part.x for part in tail.parts])
    assert np.isnan(drawn).any()
