"""The start of the next run, moved on the surface of the real window."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from optlab.spec import ExperimentSpec
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.terrain import TerrainCard
from tests.ui.shell.support import Hands

LEFT = Qt.MouseButton.LeftButton
Until = Callable[[Phase], None]


def surface(window: MainWindow) -> TerrainCard:
    """Return the card of the surface, drawn."""
    QApplication.processEvents()
    window.clock.refresh_now()
    card = window.grid.run_cards["surface"]
    assert isinstance(card, TerrainCard)
    return card


def drag(card: TerrainCard, begin: QPoint, end: QPoint) -> None:
    """Drag with the left button over a plot."""
    view = card.canvas.viewport()
    QTest.mousePress(view, LEFT, pos=begin)
    QTest.mouseMove(view, (begin + end) / 2)
    QTest.mouseMove(view, end)
    QApplication.processEvents()
    QTest.mouseRelease(view, LEFT, pos=end)
    QApplication.processEvents()


def pixel(card: TerrainCard, *point: float) -> QPoint:
    """Return where a point lies in the plot."""
    return card.pixel(point).toPoint()


def start_of(window: MainWindow) -> object:
    """Return the start that the experiment names."""
    return window.editor.value("problem.start")


def moment(window: MainWindow) -> int | None:
    """Return the step that is looked at."""
    return window.state.moment


def test_that_dragging_the_ring_changes_the_experiment_and_can_be_undone(
    window: MainWindow,
) -> None:
    window.specs.load_preset("first-look")
    card = surface(window)
    assert start_of(window) is None
    drag(card, pixel(card, -1.2, 1.0), pixel(card, 0.0, 2.0))
    assert start_of(window) == pytest.approx((0.0, 2.0), abs=0.05)
    card = surface(window)
    assert card.starts_shown() == (start_of(window),)
    drag(card, card.pixel(card.starts_shown()[0]).toPoint(), pixel(card, 1.0, 0.0))
    assert start_of(window) == pytest.approx((1.0, 0.0), abs=0.05)
    window.editor.undo()
    assert start_of(window) == pytest.approx((0.0, 2.0), abs=0.05)
    window.editor.undo()
    assert start_of(window) is None
    assert surface(window).starts_shown() == ((-1.2, 1.0),)


def test_that_the_card_and_its_zoom_stay_when_the_start_moves(
    window: MainWindow,
) -> None:
    window.specs.load_preset("first-look")
    card = surface(window)
    card.canvas.set_view((-2.0, 0.0), (0.0, 2.0))
    view = card.canvas.view()
    drag(card, pixel(card, -1.2, 1.0), pixel(card, -0.5, 0.5))
    assert surface(window) is card
    assert card.canvas.view() == view


def test_that_a_click_sets_the_start_after_the_button(
    window: MainWindow, hands: Hands
) -> None:
    window.specs.load_preset("first-look")
    card = surface(window)
    hands.press("card-surface-start")
    QTest.mouseClick(card.canvas.viewport(), LEFT, pos=pixel(card, 0.5, -0.5))
    QApplication.processEvents()
    assert start_of(window) == pytest.approx((0.5, -0.5), abs=0.05)
    assert not card.start_button.isChecked()


def test_that_the_start_of_a_line_is_moved_along_it(window: MainWindow) -> None:
    window.editor.set_problem("quadratic-1d")
    card = surface(window)
    drag(card, pixel(card, 10.0), pixel(card, -5.0))
    assert start_of(window) == pytest.approx((-5.0,), abs=0.2)


def test_that_no_start_is_offered_where_seeds_are_spread(window: MainWindow) -> None:
    window.specs.load_preset("first-look")
    assert surface(window).start_button.isVisible()
    window.editor.set_value("problem.starts", "grid")
    assert not surface(window).start_button.isVisible()


def test_that_no_start_is_offered_while_a_run_goes_on(
    window: MainWindow,
    qtbot: QtBot,
    hands: Hands,
    until: Until,
    endless: ExperimentSpec,
) -> None:
    window.editor.open(endless, source="endless.toml")
    assert surface(window).start_button.isVisible()
    hands.press("start")
    until(Phase.RUNNING)
    assert not surface(window).start_button.isVisible()
    window.controller.stop()
    until(Phase.IDLE)
    assert surface(window).start_button.isVisible()


def test_that_the_next_start_is_shown_beside_a_run_that_is_over(
    ran: MainWindow,
) -> None:
    card = surface(ran)
    (old,) = card.starts_shown()
    drag(card, card.pixel(old).toPoint(), card.pixel(old).toPoint() + QPoint(60, -40))
    card = surface(ran)
    assert card.starts_shown()[0] == old
    assert card.starts_shown()[1] == start_of(ran)
    assert ran.controller.data is not None
    ran.editor.undo()
    assert surface(ran).starts_shown() == (old,)


def test_that_the_space_bar_plays_on_the_surface_once_a_run_is_over(
    ran: MainWindow,
) -> None:
    card = surface(ran)
    data = ran.controller.data
    card.canvas.setFocus()
    QTest.keyClick(card.canvas, Qt.Key.Key_Space)
    assert card.bar.play.accessibleName() == "Pause (Space)"
    QTest.keyClick(card.canvas, Qt.Key.Key_Space)
    assert card.bar.play.accessibleName() == "Play (Space)"
    assert ran.controller.data is data
    assert not ran.controller.active


def test_that_the_space_bar_pauses_a_run_that_is_followed(
    window: MainWindow,
    hands: Hands,
    until: Until,
    endless: ExperimentSpec,
    qtbot: QtBot,
) -> None:
    window.editor.open(endless, source="endless.toml")
    hands.press("start")
    until(Phase.RUNNING)
    qtbot.waitUntil(lambda: window.state.playback.length > 0)
    card = surface(window)
    card.canvas.setFocus()
    QTest.keyClick(card.canvas, Qt.Key.Key_Space)
    until(Phase.PAUSED)
    assert not window.state.playback.playing
    window.controller.stop()
    until(Phase.IDLE)


def test_that_a_finished_run_can_be_scrubbed(ran: MainWindow, hands: Hands) -> None:
    card = surface(ran)
    assert card.bar.isVisible()
    card.bar.slider.setFocus()
    QTest.keyClick(card.bar.slider, Qt.Key.Key_Home)
    assert moment(ran) == 0
    assert len(surface(ran).plotted(0)[0]) == 1
    hands.press("surface-newest")
    assert moment(ran) is None
    assert len(surface(ran).plotted(0)[0]) == 61
    ran.state.playback.set_moment(5)
    ran.specs.load_preset("first-look")
    assert moment(ran) is None
    assert ran.state.playback.length == 0
