"""A surface from the side: its numbers, and the switch where there is no OpenGL."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from optlab.export.levels import levels_of
from optlab.ui.open_gl import open_context
from optlab.ui.relief import CELLS, HEIGHT, LIFT, Relief
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.theme import DARK, LIGHT, series_style
from tests.ui.views.runs import Valley, race
from tests.ui.views.test_terrain import Scene, Show, show

__all__ = ["show"]


def relief() -> Relief:
    """Return Rosenbrock's valley as a relief."""
    valley = Valley()
    levels = levels_of(valley.value, *valley.domain, minimum=0.0)
    x, y = valley.domain
    return Relief(surface=valley, levels=levels, x=x, y=y)


def test_that_points_lie_in_the_box_at_the_height_of_their_level() -> None:
    points = np.array([[1.0, -2.0, 0.0, 9.0], [1.0, 3.0, 1.0, 0.0]])
    placed = relief().place(points)
    assert placed[0] == pytest.approx([0.25, 0.0, 0.0])
    assert placed[1, :2] == pytest.approx([-0.5, 0.5])
    assert 0.0 < placed[2, 2] < HEIGHT
    assert np.isnan(placed[3]).all()


def test_that_the_mesh_covers_the_box_without_holes() -> None:
    vertices, faces, colors = relief().mesh(LIGHT)
    assert np.isfinite(vertices).all()
    assert len(vertices) == len(colors) == (CELLS + 1) ** 2
    flat = vertices[faces][:, :, :2]
    first, second = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    areas = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(1.0)
    assert ((colors >= 0) & (colors <= 1)).all()
    assert not np.array_equal(colors, relief().mesh(DARK)[2])


def test_that_the_lines_between_bands_lie_at_their_levels() -> None:
    heights = np.unique(relief().lines()[:, 2].round(6))
    edges = HEIGHT * np.arange(1, 14) / 14 + LIFT / 4
    assert heights == pytest.approx(edges, abs=1e-5)


def test_that_a_way_follows_the_ground_and_fades() -> None:
    shape = relief()
    pairs, opacity = shape.way(np.array([-1.9, 1.9]), np.array([0.0, 0.0]))
    x = (pairs[:, 0] + 0.5) * 4.0 - 2.0
    ground = shape.place(np.stack((x, np.zeros_like(x))))[:, 2]
    assert pairs[:, 2] == pytest.approx(ground + LIFT)
    assert opacity[0] == pytest.approx(0.25)
    assert opacity[-1] == pytest.approx(1.0)
    assert (np.diff(opacity) >= 0).all()


def test_that_a_way_breaks_off_at_the_edge_of_the_box() -> None:
    x, y = np.array([0.0, 5.0, np.nan, 0.5, 0.6]), np.zeros(5)
    pairs, _ = relief().way(x, y)
    assert np.isfinite(pairs).all()
    assert np.abs(pairs[:, :2]).max() <= 0.5
    assert pairs[-1, 0] == pytest.approx(0.15)


def test_that_a_long_way_stays_bounded() -> None:
    angle = np.linspace(0.0, 900.0, 3000)
    pairs, _ = relief().way(np.cos(angle), np.sin(angle))
    assert len(pairs) <= 2 * 12_000 + 3000


# -- the switch -----------------------------------------------------------------------


def flat_card(scene: Scene) -> SurfaceCard:
    """Return the card of a scene."""
    assert isinstance(scene.card, SurfaceCard)
    return scene.card


@pytest.mark.skipif(
    os.environ.get("QT_QPA_PLATFORM", "offscreen") != "offscreen",
    reason="this screen may have OpenGL",
)
def test_that_without_opengl_the_card_stays_flat_and_says_why(show: Show) -> None:
    scene = show(race(steps=20), Valley())
    card = flat_card(scene)
    assert card.side.switch.solid.isEnabled()
    card.side.switch.solid.click()
    scene.draw()
    assert card.canvas.isVisible()
    assert card.side.view is None
    assert card.side.switch.flat.isChecked()
    assert not card.side.switch.solid.isEnabled()
    assert "no OpenGL" in card.side.switch.solid.toolTip()
    assert "no OpenGL" in card.subtitle_text
    assert not scene.state.solid


@pytest.fixture
def solid(show: Show) -> Iterator[Scene]:
    """A scene that is seen from the side."""
    QApplication.processEvents()
    if open_context() is None:
        pytest.skip("there is no OpenGL on this screen")
    scene = show(race(steps=200), Valley())
    flat_card(scene).side.switch.solid.click()
    scene.draw()
    yield scene
    scene.window.close()


def colors_of(scene: Scene) -> set[str]:
    """Return the colours that the relief shows."""
    view = flat_card(scene).side.view
    assert view is not None
    image = view.grab().toImage()
    places = itertools.product(range(0, image.width(), 2), range(0, image.height(), 2))
    return {image.pixelColor(x, y).name() for x, y in places}


def test_that_the_relief_takes_the_place_of_the_plot(solid: Scene) -> None:
    card = flat_card(solid)
    assert not card.canvas.isVisible()
    view = card.side.view
    assert view is not None
    assert view.isVisible()
    found = colors_of(solid)
    assert len(found) > 100
    # Some heads lie on each other.
    heads = {series_style(entry, LIGHT).color.name() for entry in range(6)}
    assert len(heads & found) >= 3
    card.side.switch.flat.click()
    solid.draw()
    assert card.canvas.isVisible()
    assert not view.isVisible()
    assert not view.isValid()
    card.side.switch.solid.click()
    solid.draw()
    assert len(colors_of(solid)) > 100


def test_that_the_relief_follows_hidden_ones_moment_and_theme(solid: Scene) -> None:
    view = flat_card(solid).side.view
    assert view is not None
    solid.state.set_hidden(frozenset({0, 1, 2, 3, 4}))
    solid.state.playback.set_moment(10)
    solid.draw()
    (walker,) = view._walkers
    assert len(walker.x) == 11
    solid.state.set_theme(DARK)
    solid.draw()
    image = view.grab().toImage()
    assert image.pixelColor(2, 2) == QColor(DARK.card)


def test_that_the_relief_is_turned_by_keys_and_mouse(solid: Scene) -> None:
    view = flat_card(solid).side.view
    assert view is not None
    before = dict(view.opts)
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.opts["azimuth"] == before["azimuth"] + 5
    assert view.opts["elevation"] == before["elevation"] + 5
    assert view.opts["distance"] < before["distance"]
    QTest.keyClick(view, Qt.Key.Key_A)
    assert view.opts["azimuth"] == before["azimuth"]
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert solid.state.moment == 0


def test_that_another_surface_makes_another_relief(solid: Scene) -> None:
    card = flat_card(solid)
    assert card.take(replace(Valley(), start=(0.5, 0.5)))
    solid.draw()
    assert card.side.view is not None
    assert card.side.view._start == ((0.5, 0.5),)
