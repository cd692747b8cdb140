"""Walking on a surface: the history of a run, the start, the readout."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from optlab.records import Columns, State
from optlab.store.run_data import RunData
from optlab.ui.clock import ViewClock
from optlab.ui.contour import SurfaceLike
from optlab.ui.line_view import LineCard
from optlab.ui.surface_view import SurfaceCard
from optlab.ui.terrain import TerrainCard
from optlab.ui.theme import LIGHT, apply_theme
from optlab.ui.view_state import ViewState
from tests.ui.views.runs import Valley, begin, race, stop, surface_columns
from tests.ui.views.test_line_view import Parabola, descent

LEFT = Qt.MouseButton.LeftButton


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A card of a surface on a window of its own."""

    window: QWidget
    state: ViewState
    clock: ViewClock
    card: TerrainCard

    def draw(self) -> None:
        """Draw everything, after what Qt has to do first."""
        QApplication.processEvents()
        self.clock.refresh_now()

    def at(self, *point: float) -> QPoint:
        """Return the pixel of the plot at which a point lies."""
        return self.card.pixel(point).toPoint()

    def press(self, *point: float) -> None:
        """Press the left button over a point."""
        QTest.mousePress(self.card.canvas.viewport(), LEFT, pos=self.at(*point))

    def move(self, *point: float) -> None:
        """Move the mouse to a point."""
        QTest.mouseMove(self.card.canvas.viewport(), self.at(*point))
        QApplication.processEvents()

    def release(self, *point: float) -> None:
        """Let the left button go over a point."""
        QTest.mouseRelease(self.card.canvas.viewport(), LEFT, pos=self.at(*point))


Show = Callable[..., Scene]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    """Return a function that shows a surface and a run on it."""
    kept: list[Scene] = []

    def set_up(
        data: RunData | None,
        surface: SurfaceLike,
        *,
        size: tuple[int, int] = (700, 520),
    ) -> Scene:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, LIGHT)
        window = QWidget()
        qtbot.addWidget(window)
        state, clock = ViewState(window), ViewClock(window)
        card: TerrainCard
        if surface.dim == 1:
            card = LineCard(surface, state)
        else:
            card = SurfaceCard(surface, state)
        QVBoxLayout(window).addWidget(card)
        clock.register(card)
        card.set_run(data)
        window.resize(*size)
        with qtbot.waitExposed(window):
            window.show()
        scene = Scene(window=window, state=state, clock=clock, card=card)
        kept.append(scene)
        scene.draw()
        return scene

    yield set_up
    kept.clear()


# -- the history of a run -----------------------------------------------------------


def test_that_there_is_no_bar_before_there_is_a_run(show: Show) -> None:
    scene = show(None, Valley())
    assert scene.card.bar.isHidden()
    height = scene.card.canvas.height()
    scene.card.set_run(race(steps=50))
    scene.draw()
    scene.draw()
    assert scene.card.bar.isVisible()
    assert height - 40 < scene.card.canvas.height() < height


@pytest.mark.parametrize("moment", [0, 7, 399])
def test_that_ways_end_at_the_moment_looked_at(show: Show, moment: int) -> None:
    data = race(steps=400)
    scene = show(data, Valley())
    scene.card.bar.slider.setValue(moment)
    scene.draw()
    for trial in range(6):
        x, y = scene.card.plotted(trial)
        np.testing.assert_array_equal(x, data.series(trial, "x0").values[: moment + 1])
        np.testing.assert_array_equal(y, data.series(trial, "x1").values[: moment + 1])
    scene.card.bar.newest.click()
    scene.draw()
    assert len(scene.card.plotted(0)[0]) == 401
    assert not scene.card.bar.newest.isEnabled()


def test_that_a_graph_can_be_scrubbed_too(show: Show) -> None:
    scene = show(descent(steps=30), Parabola())
    scene.card.bar.slider.setValue(3)
    scene.draw()
    assert len(scene.card.plotted(0)[0]) == 4


def test_that_the_bar_says_where_it_stands(show: Show) -> None:
    scene = show(race(steps=1200), Valley())
    bar = scene.card.bar
    assert bar.text.text() == "step 1200 of 1200"
    scene.state.playback.set_moment(90)
    assert bar.text.text() == "step 90 of 1200"
    assert bar.slider.value() == 90
    scene.window.resize(330, 300)
    QApplication.processEvents()
    assert bar.text.text() == "90 / 1200"


def test_that_keys_step_through_the_run(show: Show) -> None:
    scene = show(race(steps=100), Valley())
    canvas, state = scene.card.canvas, scene.state
    canvas.setFocus()
    seen = []
    for key in (
        Qt.Key.Key_Left,
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
    ):
        QTest.keyClick(canvas, key)
        seen.append(state.moment)
    assert seen == [99, 98, 99, 0, None]
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert state.moment == 95
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert state.playback.playing
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert not state.playback.playing


def test_that_playing_goes_on_to_the_end_and_stops(qtbot: QtBot, show: Show) -> None:
    scene = show(race(steps=40), Valley())
    scene.state.playback.set_speed(16.0)
    with qtbot.waitSignal(scene.state.moment_changed):
        scene.card.bar.play.click()
    assert scene.card.bar.play.accessibleName() == "Pause (Space)"
    qtbot.waitUntil(lambda: not scene.state.playback.playing)
    assert scene.state.moment is None
    assert scene.card.bar.play.accessibleName() == "Play (Space)"


def test_that_speed_is_chosen_from_a_menu(show: Show) -> None:
    scene = show(race(steps=40), Valley())
    texts = [action.text() for action in scene.card.bar.menu.actions()]
    assert texts == ["0.25×", "0.5×", "1×", "2×", "4×", "8×", "16×"]
    scene.card.bar.menu.actions()[4].trigger()
    assert scene.state.playback.speed == 4.0
    assert scene.card.bar.speed.text() == "4×"


def test_that_what_is_not_seen_does_not_play(show: Show) -> None:
    scene = show(race(steps=400), Valley())
    scene.card.bar.play.click()
    scene.card.hide()
    assert not scene.state.playback.playing


def test_that_a_moment_stays_while_the_run_goes_on(show: Show) -> None:
    metrics = ("train_loss", "param_norm", "value", "x0", "x1")
    data, _ = begin(["one"], steps=20, metrics=metrics, surface=True)
    way = np.linspace([-1.2, 1.0], [1.0, 1.0], 21)

    def grow(first: int, last: int) -> None:
        columns = surface_columns(0, way[first:last], Valley(), first=first)
        kept = {name: columns.values[name] for name in metrics}
        data.append(Columns(trial=0, first=first, values=kept))

    grow(0, 10)
    scene = show(data, Valley())
    assert scene.state.playback.step == 9
    scene.state.playback.set_moment(4)
    grow(10, 16)
    scene.draw()
    assert scene.state.moment == 4
    assert len(scene.card.plotted(0)[0]) == 5
    scene.state.playback.go_live()
    grow(16, 21)
    scene.draw()
    assert scene.state.playback.step == 20
    assert len(scene.card.plotted(0)[0]) == 21


def test_that_who_has_diverged_is_crossed_from_that_step_on(show: Show) -> None:
    metrics = ("train_loss", "param_norm", "value", "x0", "x1")
    labels = ["wild", "tame"]
    data, _ = begin(labels, steps=30, metrics=metrics, surface=True)
    for trial, steps in enumerate((11, 31)):
        way = np.linspace([-1.2, 1.0], [1.0, 1.0], steps)
        columns = surface_columns(trial, way, Valley(), first=0)
        kept = {name: columns.values[name] for name in metrics}
        data.append(Columns(trial=trial, first=0, values=kept))
    stop(data, 0, State.DIVERGED)
    scene = show(data, Valley())
    card = scene.card
    assert isinstance(card, SurfaceCard)
    assert scene.state.playback.length == 30

    def symbols(moment: int | None) -> list[str]:
        scene.state.playback.set_moment(moment)
        scene.draw()
        return [head.symbol() for head in card._heads.points()]

    assert symbols(9) == ["o", "o"]
    assert symbols(10) == ["x", "o"]
    assert symbols(None) == ["x", "o"]
    # The shorter of the two waits where it ended.
    assert len(card.plotted(0)[0]) == 11


# -- the start ----------------------------------------------------------------------


def test_that_a_start_is_moved_by_dragging_its_ring(show: Show, qtbot: QtBot) -> None:
    scene = show(None, Valley())
    scene.card.offer_start((-1.2, 1.0))
    view = scene.card.canvas.view()
    with qtbot.waitSignal(scene.card.start_chosen) as chosen:
        scene.press(-1.2, 1.0)
        scene.move(0.2, 2.0)
        scene.release(0.5, 2.5)
    assert chosen.args is not None
    (point,) = chosen.args
    assert point == pytest.approx((0.5, 2.5), abs=0.02)
    # As round as a pixel allows.
    assert point == tuple(round(x, 2) for x in point)
    assert scene.card.canvas.view() == view
    assert scene.card.starts_shown()[-1] == point


def test_that_a_drag_elsewhere_moves_the_plot(show: Show, qtbot: QtBot) -> None:
    scene = show(None, Valley())
    scene.card.offer_start((-1.2, 1.0))
    view = scene.card.canvas.view()
    with qtbot.assertNotEmitted(scene.card.start_chosen):
        scene.press(0.5, 0.5)
        scene.move(0.8, 0.8)
        scene.move(1.0, 1.0)
        scene.release(1.0, 1.0)
    assert scene.card.canvas.view() != view


def test_that_a_press_without_a_move_chooses_nothing(show: Show, qtbot: QtBot) -> None:
    scene = show(None, Valley())
    scene.card.offer_start((-1.2, 1.0))
    with qtbot.assertNotEmitted(scene.card.start_chosen):
        scene.press(-1.2, 1.0)
        scene.release(-1.2, 1.0)


def test_that_a_click_sets_the_start_once_the_button_is_down(
    show: Show, qtbot: QtBot
) -> None:
    scene = show(None, Valley())
    card = scene.card
    assert card.start_button.isHidden()
    card.offer_start((-1.2, 1.0))
    card.start_button.click()
    assert card.canvas.viewport().cursor().shape() is Qt.CursorShape.CrossCursor
    with qtbot.waitSignal(card.start_chosen) as chosen:
        scene.press(1.5, -0.5)
        scene.release(1.5, -0.5)
    assert chosen.args is not None
    assert chosen.args[0] == pytest.approx((1.5, -0.5), abs=0.02)
    assert not card.start_button.isChecked()
    card.start_button.click()
    QTest.keyClick(card.canvas, Qt.Key.Key_Escape)
    assert not card.start_button.isChecked()


def test_that_no_start_is_moved_while_a_run_goes_on(show: Show, qtbot: QtBot) -> None:
    scene = show(None, Valley())
    scene.card.offer_start((-1.2, 1.0))
    scene.card.start_button.click()
    scene.card.offer_start(None)
    assert scene.card.start_button.isHidden()
    with qtbot.assertNotEmitted(scene.card.start_chosen):
        scene.press(-1.2, 1.0)
        scene.move(0.0, 0.0)
        scene.release(0.0, 0.0)


def test_that_the_next_start_is_ringed_beside_that_of_the_run(show: Show) -> None:
    scene = show(race(steps=5), Valley())
    scene.card.offer_start((0.5, 0.5))
    assert scene.card.starts_shown() == ((-1.2, 1.0), (0.5, 0.5))


def test_that_a_start_on_a_line_is_dragged_along_it(show: Show, qtbot: QtBot) -> None:
    scene = show(None, Parabola())
    scene.card.offer_start((10.0,))
    with qtbot.waitSignal(scene.card.start_chosen) as chosen:
        scene.press(10.0)
        scene.move(0.0)
        scene.release(-5.0)
    assert chosen.args is not None
    assert chosen.args[0] == pytest.approx((-5.0,), abs=0.1)


def test_that_a_surface_with_another_start_keeps_the_zoom(show: Show) -> None:
    scene = show(None, Valley())
    scene.card.canvas.set_view((0.0, 1.0), (0.0, 1.0))
    assert scene.card.take(replace(Valley(), start=(0.5, 0.5)))
    assert scene.card.starts_shown() == ((0.5, 0.5),)
    assert scene.card.canvas.view() == ((0.0, 1.0), (0.0, 1.0))
    assert not scene.card.take(replace(Valley(), domain=((-9.0, 9.0), (-9.0, 9.0))))
    assert not scene.card.take(Shifted())


@dataclass(frozen=True, kw_only=True)
class Shifted(Valley):
    """Another function over the same domain."""

    def value(self, x: np.ndarray, /) -> np.ndarray:
        """Return f."""
        return super().value(x) + 1.0


# -- the readout --------------------------------------------------------------------


def test_that_the_point_under_the_mouse_is_read(show: Show) -> None:
    scene = show(None, Valley())
    readout = scene.card._readout
    assert not readout.isVisible()
    scene.card.canvas.pointed.emit(QPointF(scene.at(0.5, 2.0)))
    assert readout.isVisible()
    x, y = scene.card.place(QPointF(scene.at(0.5, 2.0)))
    f = float(Valley().value(np.array([round(x, 2), round(y, 2)])))
    assert readout.title == f"f({x:.2g}, {y:.2g}) = {f:.4g}"
    scene.card.canvas.left.emit()
    assert not readout.isVisible()


def test_that_a_minimum_under_the_mouse_is_named(show: Show) -> None:
    one = show(None, Valley())
    one.card.canvas.pointed.emit(QPointF(one.at(1.0, 1.0)))
    assert one.card._readout.title == "minimum: f(1, 1) = 0"
    four = show(None, replace(Valley(), minima=((1.0, 1.0), (0.0, 0.0))))
    four.card.canvas.pointed.emit(QPointF(four.at(0.0, 0.0)))
    assert four.card._readout.title.startswith("minimum 2 of 2: ")


def test_that_the_start_is_read_while_it_moves(show: Show) -> None:
    scene = show(None, Valley())
    scene.card.offer_start((-1.2, 1.0))
    scene.card.canvas.pointed.emit(QPointF(scene.at(-1.2, 1.0)))
    assert scene.card._readout.title.startswith("start, drag to move it: f(")
    scene.press(-1.2, 1.0)
    scene.move(0.0, 1.0)
    assert scene.card._readout.title.startswith("start: f(")
    scene.release(0.0, 1.0)
