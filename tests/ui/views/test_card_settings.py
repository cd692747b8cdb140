"""How a card of curves is looked at: by its menu, its keys, the mouse and by typing."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from optlab.export import symlog
from optlab.records import Columns, Event, State
from optlab.store.run_data import RunData
from optlab.ui.arrangement import PlotSettings
from optlab.ui.curves import CurveCard
from tests.ui.views.conftest import SetUp
from tests.ui.views.runs import nets, stop
from tests.ui.views.test_curves import choose, press


def with_signs() -> RunData:
    """Return a run whose loss has both signs and three decades on either side."""
    data = nets(["one"], steps=20)
    last = {
        name: data.series(0, name).values[-1:]
        for name in data.metrics
        if name not in data.sparse
    }
    k = np.arange(21, 200)
    values = {name: value.repeat(len(k)) for name, value in last.items()}
    values["train_loss"] = np.sin(k / 10) * 10.0 ** (3 - k / 50)
    data.append(Columns(trial=0, first=21, values=values))
    return data


def field(card: CurveCard, part: str) -> QLineEdit:
    """Return a field of the editor in a card."""
    found = card.findChild(QLineEdit, f"{card.objectName()}-{part}-field")
    assert isinstance(found, QLineEdit)
    return found


def test_that_x_counts_something_else_in_one_card_alone(stage: SetUp) -> None:
    shown = stage(nets(steps=200))
    norm, loss = shown.curves("param_norm"), shown.curves("train_loss")
    press(norm, Qt.Key.Key_X)
    shown.draw()
    assert norm.look.x_axis == "epoch"
    assert norm.plotted(0)[0][-1] == 2.0
    assert loss.plotted(0)[0][-1] == 200
    assert norm.canvas.view()[0][1] < 4
    choose(norm, "x-axis", "all")
    shown.draw()
    assert norm.plotted(0)[0][-1] == 200


def test_that_keys_go_through_scales_and_seeds_and_outliers(stage: SetUp) -> None:
    shown = stage(nets(steps=100, seeds=(0, 1, 2)))
    card = shown.curves("param_norm")
    scales, spreads = [], []
    for _ in range(4):
        press(card, Qt.Key.Key_L)
        press(card, Qt.Key.Key_S)
        shown.draw()
        scales.append(card.y_scale)
        spreads.append(card.look.spread)
    assert scales == ["log", "symlog", "linear", "log"]
    assert spreads == ["mean", "trials", "seed", "band"]
    press(card, Qt.Key.Key_O)
    assert card.look.ignore_outliers
    assert not shown.curves("train_loss").look.ignore_outliers


def test_that_a_symmetric_axis_shows_both_signs(stage: SetUp) -> None:
    card_stage = stage(with_signs())
    card = card_stage.curves("train_loss")
    choose(card, "y-scale", "symlog")
    card_stage.draw()
    low, high = card.canvas.view()[1]
    assert low < -1 < 1 < high
    places = card.canvas.y_rule.values(low, high, 300.0)[0][1]
    texts = card.canvas.y_rule.texts(places, 1.0, 1.0)
    assert "0" in texts
    assert any(text.startswith("−") for text in texts)
    assert {text.lstrip("−") for text in texts} - {"0"} <= {
        "0.01", "0.1", "1", "10", "100", "1000", "0.001",
    }  # fmt: skip
    spacing = np.diff(sorted(places)) / (high - low) * 300.0
    assert spacing.min() >= 20
    drawn = card.plotted(0)[1]
    back = symlog.backward(card.canvas.y_on_axis(drawn), card.canvas.linear_width)
    np.testing.assert_allclose(back[1:], drawn[1:], rtol=1e-9, atol=1e-12)


def test_that_seeds_are_a_median_with_quartiles(stage: SetUp) -> None:
    data = nets(["one", "two"], steps=100, seeds=range(8))
    shown = stage(data)
    shown.state.set_smoothing(0.0)
    shown.draw()
    card = shown.curves("grad_norm")
    x, low, high = card.band(1)
    each = [data.series(trial, "grad_norm").values for trial in range(8, 16)]
    wanted = np.percentile(each, (25, 50, 75), axis=0)[:, x.astype(int)]
    np.testing.assert_allclose(low, wanted[0])
    np.testing.assert_allclose(card.smoothed(1)[1], wanted[1])
    np.testing.assert_allclose(high, wanted[2])
    assert "median, quartiles · 8 seeds" in card.subtitle_text


def test_that_two_seeds_are_the_edges_of_their_band(stage: SetUp) -> None:
    data = nets(["one"], steps=60, seeds=(0, 1))
    shown = stage(data)
    x, low, high = shown.curves("param_norm").band(0)
    each = [data.series(trial, "param_norm").values for trial in (0, 1)]
    np.testing.assert_allclose(low, np.min(each, axis=0)[x.astype(int)])
    np.testing.assert_allclose(high, np.max(each, axis=0)[x.astype(int)])


def test_that_seeds_that_diverge_never_leave_the_median(stage: SetUp) -> None:
    data = nets(["one"], steps=100, seeds=range(4))
    for trial in (0, 1, 2):
        for name in data.metrics:
            data.series(trial, name).cut(51 + trial)
        data.status(trial)
        stop(data, trial, State.DIVERGED)
    shown = stage(data)
    card = shown.curves("train_loss")
    shown.state.set_smoothing(0.0)
    shown.draw()
    x, _, high = card.band(0)
    middle = card.smoothed(0)[1]
    assert np.isfinite(middle[(x > 0) & (x < 51)]).all()
    assert np.isposinf(high[x > 53]).all()
    assert np.isnan(middle[x > 53]).all()
    top = card.canvas.view()[1][1]
    assert np.isfinite(top)


def test_that_one_seed_stands_alone(stage: SetUp) -> None:
    data = nets(["one", "two"], steps=60, seeds=(3, 5))
    shown = stage(data)
    card = shown.curves("param_norm")
    choose(card, "seeds", "seed-5")
    shown.draw()
    np.testing.assert_array_equal(
        card.plotted(1)[1], data.series(1, "param_norm").values
    )
    with pytest.raises(KeyError):
        card.plotted(0)
    assert "seed 5 alone" in card.subtitle_text


def test_that_a_seed_that_the_run_lacks_stands_for_the_first(stage: SetUp) -> None:
    data = nets(["one"], steps=60, seeds=(3, 5))
    shown = stage(data)
    settings = PlotSettings(spread="seed", seed=9, smoothing=0.0)
    shown.state.set_plot("param_norm", settings)
    shown.draw()
    card = shown.curves("param_norm")
    np.testing.assert_array_equal(
        card.plotted(0)[1], data.series(0, "param_norm").values
    )
    assert "seed 3 alone" in card.subtitle_text
    (menu,) = [m for m in card.menu.findChildren(QMenu) if m.title() == "Seeds"]
    menu.aboutToShow.emit()
    checked = [action.text() for action in menu.actions() if action.isChecked()]
    assert checked == ["Seed 3 alone"]


def test_that_outliers_leave_the_range_when_they_are_ignored(stage: SetUp) -> None:
    data = nets(["one"], steps=300)
    values = data.series(0, "param_norm").values.copy()
    values[10::50] += 12.0
    data.series(0, "param_norm").cut(0)
    data.series(0, "param_norm").append(values)
    shown = stage(data)
    card = shown.curves("param_norm")
    before = card.canvas.view()[1][1]
    press(card, Qt.Key.Key_O)
    shown.draw()
    assert before > 20
    assert card.canvas.view()[1][1] < 16


def test_that_plots_with_one_x_axis_zoom_together(stage: SetUp) -> None:
    shown = stage(nets(steps=600))
    one, other = shown.curves("param_norm"), shown.curves("train_loss")
    apart = shown.curves("update_norm")
    choose(apart, "x-axis", "epoch")
    shown.draw()
    whole = [card.canvas.view()[0] for card in (one, other)]
    one.canvas.box.setRange(xRange=(100, 200), yRange=(5, 9), padding=0)
    one.canvas.box.sigRangeChangedManually.emit([True, True])
    shown.draw()
    assert other.canvas.view()[0] == (100, 200)
    assert one.canvas.view() == ((100, 200), (5, 9))
    assert apart.canvas.view()[0][1] > 5
    press(other, Qt.Key.Key_A)
    shown.draw()
    assert [card.canvas.view()[0] for card in (one, other)] == whole


def test_that_plots_zoom_alone_when_they_are_not_linked(stage: SetUp) -> None:
    shown = stage(nets(steps=600))
    one, other = shown.curves("param_norm"), shown.curves("train_loss")
    one.linked_action.trigger()
    before = other.canvas.view()
    one.canvas.box.setRange(xRange=(100, 200), yRange=(5, 9), padding=0)
    one.canvas.box.sigRangeChangedManually.emit([True, True])
    shown.draw()
    assert other.canvas.view() == before


def test_that_another_run_is_seen_whole(stage: SetUp) -> None:
    shown = stage(nets(steps=600))
    card = shown.curves("param_norm")
    card.canvas.box.setRange(xRange=(300, 400), padding=0)
    card.canvas.box.sigRangeChangedManually.emit([True, True])
    shown.draw()
    assert shown.curves("train_loss").canvas.view()[0] == (300, 400)
    shown.grid.set_run(nets(steps=50), None)
    shown.draw()
    for name in ("param_norm", "train_loss"):
        low, high = shown.curves(name).canvas.view()[0]
        assert low <= 0
        assert 50 <= high < 100


def test_that_the_wheel_zooms_where_the_mouse_is_in_all_plots(stage: SetUp) -> None:
    shown = stage(nets(steps=600))
    card, other = shown.curves("param_norm"), shown.curves("train_loss")
    viewport = card.canvas.viewport()
    at = card.canvas.plot_rect().center()
    place, (before, _) = card.canvas.to_x(at.x()), card.canvas.view()
    event = QWheelEvent(
        at,
        QPointF(viewport.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)
    shown.draw()
    (low, high), _ = card.canvas.view()
    assert high - low < 0.8 * (before[1] - before[0])
    assert card.canvas.to_x(at.x()) == pytest.approx(place)
    assert other.canvas.view()[0] == (low, high)


def test_that_a_box_is_framed_with_shift(stage: SetUp, qtbot: QtBot) -> None:
    shown = stage(nets(steps=600))
    card = shown.curves("train_loss")
    viewport = card.canvas.viewport()
    first = card.canvas.to_pixels(200.0, card.canvas.view()[1][0]).toPoint()
    first.setY(round(card.canvas.plot_rect().top()) + 30)
    last = first.__class__(first.x() + 80, first.y() + 60)
    wanted = card.canvas.to_x(first.x()), card.canvas.to_x(last.x())
    button, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    QTest.mousePress(viewport, button, shift, first)
    for share in (0.3, 0.6, 1.0):
        at = QPointF(first) + QPointF(last - first) * share
        QTest.mouseMove(viewport, at.toPoint())
        drag(card, at, button, shift)
    QTest.mouseRelease(viewport, button, shift, last)
    lo, hi = card.canvas.view()[0]
    assert (lo, hi) == pytest.approx(wanted, abs=6)


def drag(
    card: CurveCard, at: QPointF, button: Qt.MouseButton, keys: Qt.KeyboardModifier
) -> None:
    """Move the mouse with a button held, which QTest cannot."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    viewport = card.canvas.viewport()
    around = QPointF(viewport.mapToGlobal(at.toPoint()))
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, around, Qt.MouseButton.NoButton, button, keys
    )
    QApplication.sendEvent(viewport, event)


def test_that_the_mouse_is_seen_in_other_plots_with_its_x_axis(stage: SetUp) -> None:
    shown = stage(nets(steps=600))
    one, other = shown.curves("train_loss"), shown.curves("param_norm")
    one.canvas.pointed.emit(one.canvas.to_pixels(300.0, 0.0))
    assert other.follower.isVisible()
    at = other.canvas.to_pixels(300.0, 15.0).x()
    assert abs(other.follower.geometry().center().x() - at) <= 1.5
    assert not one.follower.isVisible()
    one.canvas.left.emit()
    assert not other.follower.isVisible()


def test_that_a_curve_under_the_mouse_stands_out(stage: SetUp) -> None:
    shown = stage(nets(steps=600))
    card = shown.curves("param_norm")
    x, y = card.plotted(3)
    card.canvas.pointed.emit(card.canvas.to_pixels(x[400], y[400]))
    assert shown.state.hovered == 3
    card.canvas.left.emit()
    assert shown.state.hovered is None


def test_that_flags_and_crosses_say_what_happened(stage: SetUp) -> None:
    data = nets(["one", "two"], steps=600, diverged=[1], diverged_at=200)
    data.append(Event(trial=0, step=300, name="lr", text="0.1 → 0.01"))
    card = stage(data).curves("train_loss")
    texts = [mark.text for mark in card._marks]
    assert texts == [
        "two, seed 0, diverged at step 200: the loss is no longer finite",
        "one: learning rate 0.1 → 0.01 at step 300",
    ]
    flag = card._marks[1]
    card.canvas.pointed.emit(card.canvas.to_pixels(flag.x, flag.y))
    assert card.canvas.viewport().toolTip() == flag.text


def test_that_many_curves_have_a_list_that_hides_and_isolates(stage: SetUp) -> None:
    shown = stage(nets([f"optimizer {k}" for k in range(24)], steps=60))
    card = shown.curves("train_loss")
    rows = card.legend.rows()
    assert {row.entry for row in rows} == set(range(24))
    ends = [row.entry for row in rows]
    last = {entry: card.smoothed(entry)[1][-1] for entry in ends}
    assert ends == sorted(ends, key=lambda entry: -last[entry])
    assert card.canvas.viewport().rect().contains(card.legend.geometry())
    row = next(row for row in rows if row.entry == 5)
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert shown.state.hidden == {5}


def test_that_a_double_click_in_the_list_shows_one_optimizer_alone(
    stage: SetUp,
) -> None:
    shown = stage(nets([f"rule {k}" for k in range(20)], steps=60), size=(1400, 900))
    card = shown.curves("train_loss")
    assert card.legend.isVisible()
    row = next(row for row in card.legend.rows() if row.entry == 4)
    button = Qt.MouseButton.LeftButton
    for visible in ((4,), tuple(range(20))):
        QTest.mouseClick(row, button)
        QTest.mouseDClick(row, button)
        shown.draw()
        assert card.visible_entries() == visible


def test_that_texts_are_typed_in_their_place_and_undone_at_once(stage: SetUp) -> None:
    shown = stage(nets(steps=60, seeds=(0, 1, 2)))
    card = shown.curves("train_loss")
    heading = card._heading
    QTest.mouseDClick(heading, Qt.MouseButton.LeftButton)
    QTest.keyClicks(field(card, "title"), "X and L")
    QTest.keyClicks(field(card, "subtitle"), "nats")
    QTest.keyClicks(field(card, "caption"), "As told.")
    shown.draw()
    assert card.title_text == "X and L"
    assert card.look.x_axis == "step"
    assert card.subtitle_text.startswith("nats · ")
    assert "3 seeds" in card.subtitle_text
    assert card.caption_text == "As told."
    QTest.keyClick(field(card, "caption"), Qt.Key.Key_Escape)
    assert card.findChild(QLineEdit, "card-train_loss-title-field") is None or (
        not field(card, "title").isVisible()
    )


def test_that_data_are_copied_in_full_precision(stage: SetUp) -> None:
    data = nets(["one", "two"], steps=60)
    shown = stage(data)
    card = shown.curves("param_norm")
    shown.state.set_hidden(frozenset({1}))
    shown.draw()
    card.copy_data_action.trigger()
    text = QGuiApplication.clipboard().text()
    rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
    assert rows[0] == ["step", "one"]
    read = np.array([float(row[1]) for row in rows[1:]])
    np.testing.assert_array_equal(read, data.series(0, "param_norm").values)


def test_that_a_band_is_copied_with_its_edges(stage: SetUp) -> None:
    shown = stage(nets(["one"], steps=60, seeds=(0, 1, 2)))
    table = shown.curves("param_norm").table()
    assert table.names == ("step", "one median", "one q1", "one q3")
    assert len(table.values) == 61


def test_that_the_picture_is_copied_as_a_drawing_too(stage: SetUp) -> None:
    card = stage(nets(steps=60)).curves("train_loss")
    card.copy_drawing_action.trigger()
    assert "<svg" in QGuiApplication.clipboard().text()


def test_that_the_menu_comes_by_the_keyboard(stage: SetUp, qtbot: QtBot) -> None:
    card = stage(nets(steps=60)).curves("train_loss")
    card.canvas.menu_asked.emit(card.mapToGlobal(card.rect().center()))
    assert card.menu.isVisible()
    card.menu.close()
    parts = ("x-axis", "y-scale", "smoothing", "seeds", "shown")
    for part in parts:
        assert card.menu.findChild(QMenu, f"{card.objectName()}-{part}") is not None


def test_that_settings_of_one_card_can_be_those_of_all(stage: SetUp) -> None:
    shown = stage(nets(steps=60, seeds=(0, 1, 2)))
    card = shown.curves("param_norm")
    press(card, Qt.Key.Key_S)
    press(card, Qt.Key.Key_S)
    name = f"{card.objectName()}-for-all"
    next(a for a in card.menu.actions() if a.objectName() == name).trigger()
    assert shown.state.spread == "trials"
    assert shown.curves("train_loss").look.spread == "trials"


def test_that_short_runs_are_not_smoothed_unless_asked(stage: SetUp) -> None:
    shown = stage(nets(["one"], steps=40, planned=40))
    card = shown.curves("train_loss")
    assert card.weight == 0
    choose(card, "smoothing", "0.6")
    assert card.weight == 0.6
