"""Cards of curves: what is plotted is what was recorded; nothing hides a failure."""

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from optlab.export.bands import mean_interval
from optlab.export.smoothing import smooth
from optlab.records import Columns, Floats, State
from optlab.store.run_data import RunData
from optlab.ui.arrangement import PlotSettings, XAxis
from optlab.ui.canvas import Canvas
from optlab.ui.clock import ViewClock
from optlab.ui.curves import CurveCard
from optlab.ui.end_labels import EndLabel
from optlab.ui.theme import LIGHT, series_style
from tests.promises import Note, Times
from tests.ui.views.conftest import SetUp, Stage
from tests.ui.views.runs import COMMON, NORMS, Valley, begin, common, nets, race, stop

CARDS = ("train_loss", "val_accuracy", "param_norm", "update_norm", "grad_norm")


def label_of(card: CurveCard, entry: int) -> EndLabel:
    """Return the label at the end of a curve."""
    return next(label for label in card.labels.shown() if label.entry == entry)


def choose(card: CurveCard, part: str, value: str) -> None:
    """Choose something in a submenu of the menu of a card."""
    menu = card.menu.findChild(QMenu, f"{card.objectName()}-{part}")
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    name = f"{menu.objectName()}-{value}"
    next(a for a in menu.actions() if a.objectName() == name).trigger()


def press(card: CurveCard, key: Qt.Key, *, shift: bool = False) -> None:
    """Press a key in a card that has the keyboard."""
    card.window().activateWindow()
    card.canvas.setFocus()
    held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier(0)
    QTest.keyClick(card.canvas, key, held)


def data_items(card: CurveCard) -> list[Any]:
    """Return the lines that pyqtgraph has."""
    items = card.canvas.plot.listDataItems()
    return [item for item in items if isinstance(item, pg.PlotDataItem)]


def shown_end(data: RunData, trial: int) -> float:
    """Return the last parameter norm of a trial."""
    return float(data.series(trial, "param_norm").last)


def y_view(card: CurveCard) -> tuple[float, float]:
    """Return the range of y, undone of logarithms."""
    lo, hi = card.canvas.view()[1]
    return (10**lo, 10**hi) if card.canvas.log[1] else (lo, hi)


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_that_every_card_plots_exactly_what_was_recorded(
    stage: SetUp, seeds: tuple[int, ...]
) -> None:
    data = nets(steps=300, seeds=seeds)
    shown = stage(data, size=(1700, 1000))
    shown.state.set_spread("trials")
    shown.draw()
    for name in CARDS:
        card = shown.curves(name)
        for trial in data.trials:
            steps, values = data.series(trial.trial, name).arrays()
            x, y = card.plotted(trial.trial)
            np.testing.assert_array_equal(x, steps)
            np.testing.assert_array_equal(y, values)


def test_that_the_items_on_screen_hold_the_arrays_that_are_told(stage: SetUp) -> None:
    shown = stage(nets(steps=200))
    card = shown.curves("param_norm")
    for trial in range(6):
        x, y = card.plotted(trial)
        assert any(
            np.array_equal(line.x, x) and np.array_equal(line.y, y)
            for line in card.canvas.lines.shown()
        )


def test_that_validation_is_plotted_along_with_training(stage: SetUp) -> None:
    data = nets(steps=200)
    card = stage(data).curves("train_loss")
    for trial in range(6):
        steps, values = data.series(trial, "val_loss").arrays()
        x, y = card.plotted_companion(trial)
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_array_equal(y, values)


def test_that_long_runs_are_drawn_with_two_points_per_pixel_and_all_extremes(
    stage: SetUp,
) -> None:
    data = nets(["one"], steps=50_000, planned=50_000)
    card = stage(data).curves("train_loss")
    x, y = card.plotted(0)
    values = data.series(0, "train_loss").values
    assert len(x) <= 2 * card.canvas.plot_rect().width() + 4
    assert np.nanmax(y) == np.nanmax(values)
    assert np.nanmin(y) == np.nanmin(values)


@pytest.mark.parametrize(
    ("axis", "metric"),
    [("epoch", "epoch"), ("seconds", "wall_time_s"), ("samples", "samples")],
)
def test_that_the_x_axis_counts_what_is_asked_for(
    stage: SetUp, axis: XAxis, metric: str
) -> None:
    data = nets(steps=200)
    shown = stage(data)
    shown.state.set_x_axis(axis)
    shown.draw()
    card = shown.curves("param_norm")
    x, _ = card.plotted(3)
    np.testing.assert_array_equal(x, data.series(3, metric).values)
    (lo, hi), _ = card.canvas.view()
    assert lo <= x[0]
    assert x[-1] <= hi < 2 * x[-1]


def test_that_a_race_without_epochs_keeps_to_steps(stage: SetUp) -> None:
    shown = stage(race(steps=50), Valley())
    shown.state.set_x_axis("epoch")
    shown.draw()
    x, _ = shown.curves("train_loss").plotted(0)
    np.testing.assert_array_equal(x, np.arange(51))


def test_that_log_axes_follow_the_menu_and_the_data(stage: SetUp) -> None:
    shown = stage(race(steps=50), Valley())
    loss, norm = shown.curves("train_loss"), shown.curves("param_norm")
    assert loss.canvas.log == (False, True)
    assert norm.canvas.log == (False, False)
    choose(loss, "y-scale", "linear")
    choose(norm, "y-scale", "log")
    shown.draw()
    assert loss.canvas.log == (False, False)
    assert norm.canvas.log == (False, True)
    _, y = norm.plotted(0)
    (line,) = (x for x in norm.canvas.lines.shown() if np.array_equal(x.y, y))
    (_, _), (bottom, top) = norm.canvas.view()
    _, down = norm.canvas.lines.places(line, 1.0, 1.0)
    np.testing.assert_allclose(top - down * (top - bottom), np.log10(y))


def test_that_negative_values_turn_the_log_axis_off(stage: SetUp) -> None:
    data = nets(steps=20)
    values = {
        name: data.series(0, name).values[-1:].copy()
        for name in data.metrics
        if name not in data.sparse
    }
    for step in range(21, 31):
        values["train_loss"] = np.array([-70.0 - step])
        data.append(Columns(trial=0, first=step, values=values))
    card = stage(data).curves("train_loss")
    assert card.canvas.log == (False, False)
    assert y_view(card)[0] <= -100


def test_that_the_strong_line_is_smoothed_and_follows_the_slider(stage: SetUp) -> None:
    data = nets(steps=300)
    shown = stage(data)
    card = shown.curves("train_loss")
    _, y = card.smoothed(0)
    raw = data.series(0, "train_loss").values[1:]
    assert np.nanstd(np.diff(y)) < 0.3 * np.std(np.diff(raw))
    shown.state.set_smoothing(0.0)
    shown.draw()
    assert not len(card.smoothed(0)[0])


def test_that_with_several_seeds_the_strong_line_is_their_median(stage: SetUp) -> None:
    data = nets(["one", "two"], steps=100, seeds=(0, 1, 2))
    shown = stage(data)
    shown.state.set_smoothing(0.0)
    shown.draw()
    x, y = shown.curves("grad_norm").smoothed(1)
    each = [data.series(trial, "grad_norm").values for trial in (3, 4, 5)]
    np.testing.assert_allclose(y, np.median(each, axis=0)[x.astype(int)])


def test_that_a_noise_free_race_is_not_smoothed(stage: SetUp) -> None:
    card = stage(race(steps=100), Valley()).curves("train_loss")
    assert card.weight == 0.0
    assert not len(card.smoothed(0)[0])


def test_that_a_diverged_trial_ends_in_a_cross_at_its_last_finite_step(
    stage: SetUp,
) -> None:
    data = nets(diverged=[4], diverged_at=120, blow_up=lambda back: 1e300)
    loss = data.series(4, "train_loss").values.copy()
    loss[-1] = np.inf
    data.series(4, "train_loss").cut(120)
    data.series(4, "train_loss").append(loss[-1:])
    shown = stage(data)
    card = shown.curves("train_loss")
    assert card.crosses() == {4: (119.0, 1e300)}
    (spot,) = card._cross_item.points()
    assert spot.pos().x() == 119
    lo, hi = card.canvas.view()[1]
    assert lo < spot.pos().y() < hi
    assert spot.brush().color() == series_style(4, LIGHT).color
    assert label_of(card, 4).text() == "Adagrad ✕ 120"


BLOW_UPS = (
    np.array([1e3, 1e30, np.inf]),
    np.array([np.nan]),
    np.array([1e300]),
    np.logspace(1, 12, 40),
    np.array([7.0, 1e9, np.nan, np.inf]),
)


@pytest.mark.promise(
    9, "a diverging curve is marked at the next look, the others keep their range"
)
def test_that_a_diverging_curve_is_marked_at_once_and_leaves_the_range(
    stage: SetUp, times: Times, measured: Note
) -> None:
    rng = np.random.default_rng(9)
    worst, shown = 0.0, stage(nets())
    for k in range(times(3, 60)):
        trial, values = int(rng.integers(1, 5)), BLOW_UPS[k % len(BLOW_UPS)]
        data = nets(steps=int(rng.integers(20, 900)), planned=1000)
        shown.state.set_hidden(frozenset())
        shown.grid.set_run(data, None)
        shown.draw()
        card = shown.curves("train_loss")
        first, rows = data.status(trial).step + 1, len(values)
        columns = common(first, rows, epochs=True) | {
            name: np.full(rows, 1.0) for name in (*NORMS, "train_accuracy")
        }
        columns["train_loss"] = values
        data.append(Columns(trial=trial, first=first, values=columns))
        stop(data, trial, State.DIVERGED)
        clock = ViewClock(now=lambda: 0.0)
        clock.register(card)
        clock.tick()
        assert set(card.crosses()) == {trial}
        (spot,) = card._cross_item.points()
        lo, hi = card.canvas.view()[1]
        assert lo < spot.pos().y() < hi
        # Until something leaves it, a range stays as it was fitted.
        card.ask_fit()
        shown.draw()
        there = np.array(card.canvas.view()[1])
        shown.state.set_hidden(frozenset({trial}))
        shown.draw()
        without = np.array(card.canvas.view()[1])
        worst = max(worst, float(np.abs(there - without).max() / np.diff(without)[0]))
    measured(f"range of the others moves by {worst:.1%} at most")
    assert worst <= 0.05


def test_that_a_diverged_trial_does_not_flatten_the_others(stage: SetUp) -> None:
    calm = stage(nets()).curves("train_loss")
    data = nets(diverged=[4], blow_up=lambda back: 10.0 ** (60 * (5 - back)))
    wild = stage(data).curves("train_loss")
    calm_decades = np.diff(calm.canvas.view()[1])[0]
    wild_decades = np.diff(wild.canvas.view()[1])[0]
    assert wild_decades < 1.6 * calm_decades


def test_that_hidden_optimizers_are_not_drawn_and_leave_the_range(stage: SetUp) -> None:
    data = nets()
    shown = stage(data)
    card = shown.curves("param_norm")
    top = y_view(card)[1]
    shown.state.set_hidden(frozenset({5}))
    shown.draw()
    assert card.visible_entries() == (0, 1, 2, 3, 4)
    assert y_view(card)[1] < top
    ends = {float(line.y[-1]) for line in card.canvas.lines.shown() if len(line.y)}
    last = [shown_end(data, trial) for trial in range(6)]
    assert ends == set(last[:5])


def test_that_a_click_on_a_label_hides_and_shows(stage: SetUp, qtbot: QtBot) -> None:
    shown = stage(nets())
    card = shown.curves("train_loss")
    QTest.mouseClick(label_of(card, 2), Qt.MouseButton.LeftButton)
    assert shown.state.hidden == {2}
    shown.draw()
    QTest.mouseClick(label_of(card, 2), Qt.MouseButton.LeftButton)
    assert not shown.state.hidden


def test_that_a_double_click_on_a_label_isolates_and_brings_back(
    stage: SetUp, qtbot: QtBot
) -> None:
    shown = stage(nets())
    card = shown.curves("train_loss")
    for wanted in ({0, 1, 2, 4, 5}, set[int]()):
        label = label_of(card, 3)
        QTest.mouseClick(label, Qt.MouseButton.LeftButton)
        QTest.mouseDClick(label, Qt.MouseButton.LeftButton)
        assert shown.state.hidden == wanted
        shown.draw()


@pytest.mark.parametrize("size", [(900, 620), (1100, 800), (1900, 1000)])
def test_that_labels_stay_apart_and_on_the_card(
    stage: SetUp, size: tuple[int, int]
) -> None:
    shown = stage(nets(diverged=[1], seeds=(0, 1)), size=size)
    for name in CARDS:
        card = shown.curves(name)
        boxes = [label.geometry() for label in card.labels.shown()]
        inside = card.canvas.viewport().rect()
        assert all(inside.contains(box) for box in boxes)
        assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    assert len(shown.curves("train_loss").labels.shown()) == 6


def test_that_more_than_eight_curves_have_no_labels(stage: SetUp) -> None:
    card = stage(nets([f"optimizer {k}" for k in range(9)])).curves("train_loss")
    assert not card.labels.shown()


def test_that_the_cross_hair_reads_all_curves_highest_first(stage: SetUp) -> None:
    data = nets(diverged=[4], diverged_at=100)
    shown = stage(data)
    card = shown.curves("param_norm")
    at = card.canvas.to_pixels(250.4, 15.0)
    card.canvas.pointed.emit(at)
    found = card.crosshair.readout.readings
    wanted = {
        data.trials[trial].label: data.series(trial, "param_norm").at(250)
        for trial in (0, 1, 2, 3, 5)
    }
    assert {reading.label: reading.value for reading in found} == wanted
    values = [reading.value for reading in found]
    assert values == sorted(values, reverse=True)
    assert card.crosshair.readout.title == "step 250"
    assert card.crosshair.readout.isVisible()
    card.canvas.left.emit()
    assert not card.crosshair.readout.isVisible()


def test_that_the_cross_hair_stays_on_the_card(stage: SetUp) -> None:
    card = stage(nets()).curves("train_loss")
    room = card.canvas.plot_rect()
    for x in (room.left() + 1, room.center().x(), room.right() - 1):
        card.canvas.pointed.emit(QPointF(x, room.center().y()))
        readout = card.crosshair.readout
        if readout.isVisible():
            assert card.canvas.viewport().rect().contains(readout.geometry())


def grow(shown: Stage, *, until: int) -> int:
    """Let the only trial grow; return how often the range moved."""
    data = shown.grid.run_cards.view.data
    assert data is not None
    card, moves = shown.curves("param_norm"), 0
    for first in range(data.status(0).step + 1, until, 5):
        k = np.arange(first, first + 5)
        values = common(first, 5, epochs=True) | {
            name: np.full(5, 1.0)
            for name in data.metrics
            if name not in ("epoch", "samples", "grad_evals", "wall_time_s")
        }
        values["param_norm"] = 10 + np.sqrt(k)
        dense = {n: v for n, v in values.items() if n not in data.sparse}
        data.append(Columns(trial=0, first=first, values=dense))
        card.draw()
        if card.fit_due():
            moves += 1
            card.fit()
            card.draw()
    return moves


def test_that_what_no_pixel_shows_is_nothing_new(stage: SetUp) -> None:
    data = nets(["one", "two"], steps=30_000, planned=50_000)
    card = stage(data).curves("param_norm")
    (left, right), _ = card.canvas.view()
    pixel = int((right - left) / card.canvas.plot_rect().width())
    assert pixel > 20

    def grow(rows: int) -> object:
        first = data.status(0).step + 1
        values = common(first, rows, epochs=True) | {
            name: np.full(rows, 9.0) for name in (*NORMS, "train_accuracy")
        }
        data.append(Columns(trial=0, first=first, values=values))
        return card.revision()

    # The first pixel may be half full.
    found = [grow(pixel // 10) for _ in range(20)]
    assert 2 <= len(set(found)) <= 4
    stop(data, 1, State.DIVERGED)
    assert card.revision() != found[-1]


def test_that_ranges_follow_growing_data_in_few_moves(stage: SetUp) -> None:
    shown = stage(nets(["one"], steps=20, planned=2000))
    moves = grow(shown, until=1500)
    card = shown.curves("param_norm")
    x, _ = card.plotted(0)
    assert card.canvas.view()[0][1] >= x[-1]
    assert 5 < moves < 60


def test_that_a_zoomed_plot_stays_where_it_is_until_asked(
    stage: SetUp, qtbot: QtBot
) -> None:
    shown = stage(nets(["one"], steps=20, planned=2000))
    card = shown.curves("param_norm")
    card.canvas.set_view((2.0, 9.0), (9.0, 12.0))
    card.canvas.zoomed.emit()
    before = card.canvas.view()
    grow(shown, until=300)
    assert card.canvas.view() == before
    press(card, Qt.Key.Key_A)
    shown.draw()
    assert card.canvas.view()[0][1] >= 299


def test_that_a_double_click_shows_everything(stage: SetUp, qtbot: QtBot) -> None:
    shown = stage(nets())
    card = shown.curves("param_norm")
    card.canvas.set_view((2.0, 9.0), (9.0, 12.0))
    card.canvas.zoomed.emit()
    middle = card.canvas.plot_rect().center().toPoint()
    button, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(card.canvas.viewport(), button, no_key, middle)
    QTest.mouseDClick(card.canvas.viewport(), button, no_key, middle)
    shown.draw()
    assert card.canvas.view()[0][1] >= 640


def test_that_copying_puts_a_sharp_picture_on_the_clipboard(stage: SetUp) -> None:
    card = stage(nets()).curves("train_loss")
    card.copy_action.trigger()
    image = QGuiApplication.clipboard().image()
    assert image.width() >= 2 * card.width()
    colors = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }
    wanted = {series_style(entry, LIGHT).color.name() for entry in range(6)}
    assert len(wanted & colors) >= 5


def test_that_a_point_on_screen_has_the_colour_of_its_curve(stage: SetUp) -> None:
    data = race(["one"], steps=300, planned=300)
    shown = stage(data, Valley())
    card = shown.curves("param_norm")
    value = data.series(0, "param_norm").at(150)
    assert value is not None
    at = card.canvas.to_pixels(150.0, value).toPoint()
    image = card.canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    near = {
        image.pixelColor(round(at.x() * ratio), round((at.y() + dy) * ratio)).name()
        for dy in (-2, -1, 0, 1, 2)
    }
    assert series_style(0, LIGHT).color.name() in near


def test_that_the_menu_asks_for_exports_by_metric_and_suffix(
    stage: SetUp, qtbot: QtBot
) -> None:
    shown = stage(nets())
    asked: list[tuple[str, str]] = []
    shown.grid.export_requested.connect(lambda name, kind: asked.append((name, kind)))
    for action in shown.curves("grad_norm").menu.actions():
        if "export" in action.objectName():
            action.trigger()
    kinds = (".png", ".svg", ".pdf", ".csv")
    assert asked == [("grad_norm", kind) for kind in kinds]


def test_that_a_stopped_trial_has_no_cross(stage: SetUp) -> None:
    data = nets()
    stop(data, 0, State.STOPPED)
    assert stage(data).curves("train_loss").crosses() == {}


def test_that_everything_one_can_act_on_has_a_name(stage: SetUp) -> None:
    card = stage(nets()).curves("train_loss")
    acting = (card, card.canvas, card.maximize_button, card.menu_button)
    names = [widget.objectName() for widget in (*acting, *card.labels.shown())]
    assert all(names)
    assert len(set(names)) == len(names)
    assert all(w.accessibleName() for w in (*acting, *card.labels.shown()))
    assert card.objectName() == "card-train_loss"
    assert card.mapTo(card.window(), QPoint(0, 0)).x() >= 0


def test_that_lines_are_as_bold_on_a_fine_screen(
    stage: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = stage(race(["one"], steps=50), Valley())
    card = shown.curves("param_norm")
    (plain,) = card.canvas.lines.shown().values()
    monkeypatch.setattr(Canvas, "devicePixelRatioF", lambda self: 3.0)
    card.draw()
    (fine,) = card.canvas.lines.shown().values()
    assert fine.pen.widthF() == 3 * plain.pen.widthF()


def test_that_each_of_many_seeds_is_part_of_one_item(stage: SetUp) -> None:
    # An item for each of 400 took a second to make and 0.1 s to paint, in each plot.
    data = nets(["one"], steps=20, seeds=range(400))
    shown = stage(data)
    shown.state.set_plot("param_norm", PlotSettings(spread="trials"))
    shown.draw()
    card = shown.curves("param_norm")
    drawn = [item for item in data_items(card) if item.xData is not None]
    filled = [item for item in drawn if len(item.xData)]
    assert len(filled) == 1
    # Lines do not run into each other: a gap behind each, nothing else added.
    assert len(filled[0].xData) == 400 * 22
    for trial in (0, 399):
        recorded = data.series(trial, "param_norm").values
        np.testing.assert_array_equal(card.plotted(trial)[1], recorded)


def test_that_median_and_band_of_many_seeds_are_few_items(stage: SetUp) -> None:
    card = stage(nets(["one"], steps=20, seeds=range(400))).curves("param_norm")
    assert len(card.canvas.lines.shown()) == 1
    assert not data_items(card)


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_that_a_logarithmic_x_axis_shows_the_first_steps(
    stage: SetUp, seeds: tuple[int, ...]
) -> None:
    data = nets(["one"], steps=10_000, seeds=seeds)
    shown = stage(data, size=(700, 500))
    shown.state.set_log_x(True)
    shown.draw()
    shown.draw()
    card = shown.curves("train_loss")
    x, y = card.smoothed(0)
    assert (np.diff(x) > 0).all()
    assert set(range(1, 12)) <= set(x.astype(int))
    assert x[-1] == 10_000
    assert len(x) < 2 * card.canvas.plot_rect().width()
    # No gap that is wide to the eye.
    assert np.diff(np.log10(x[x > 0])).max() < 0.31
    each = [
        smooth(data.series(t, "train_loss").values, 0.9, log=True)
        for t in range(len(seeds))
    ]
    np.testing.assert_allclose(y[x == 5], np.median(each, axis=0)[5])
    assert card.canvas.view()[0][0] <= 0.01
    if len(seeds) == 1:
        x, y = card.plotted(0)
        raw = data.series(0, "train_loss").values
        assert set(range(1, 12)) <= set(x.astype(int))
        np.testing.assert_array_equal(y, raw[x.astype(int)])
        assert (np.diff(x) > 0).all()
        assert np.nanmax(y) == np.nanmax(raw)
        assert np.nanmin(y) == np.nanmin(raw)


def ten_seeds(*, lost_at: int) -> RunData:
    """Return ten seeds of one optimizer, of which the fifth diverges."""
    metrics = (*COMMON, "param_norm")
    data, start = begin(["one"], steps=600, seeds=range(10), metrics=metrics)
    for item in start.trials:
        n = (lost_at if item.seed == 4 else 300) + 1
        walk = np.random.default_rng(item.seed).normal(size=301).cumsum()
        values = common(0, n, epochs=True) | {"param_norm": 50.0 + walk[:n]}
        data.append(Columns(trial=item.trial, first=0, values=values))
    stop(data, 4, State.DIVERGED)
    return data


def test_that_a_mean_has_its_interval_and_ends_where_a_seed_diverged(
    stage: SetUp,
) -> None:
    data = ten_seeds(lost_at=200)
    shown = stage(data)
    shown.state.set_spread("mean")
    shown.draw()
    card = shown.curves("param_norm")
    x, low, high = card.band(0)
    drawn = card.smoothed(0)
    steps = np.arange(0, 201)
    rows = np.array([data.series(t, "param_norm").values[:201] for t in range(10)])
    np.testing.assert_allclose(np.interp(steps, *drawn), rows.mean(axis=0), rtol=1e-3)
    assert drawn[0][np.isfinite(drawn[1])].max() <= 200
    there = np.isfinite(low)
    assert x[there].max() <= 200
    mean = np.interp(x[there], steps, rows.mean(axis=0))
    assert (low[there] < mean).all()
    assert (mean < high[there]).all()
    at = int(x[there][-1])
    wanted = mean_interval(rows[:, at : at + 1])
    assert (low[there][-1], high[there][-1]) == pytest.approx(
        (wanted[0][0], wanted[1][0]), rel=1e-9
    )
    words = "mean, 95 % interval · ends where a seed diverged · 10 seeds"
    assert card.subtitle_text.endswith(words)


def test_that_what_is_past_of_an_interval_is_worked_out_once(
    stage: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ten_seeds(lost_at=300)
    shown = stage(data)
    shown.state.set_spread("mean")
    shown.draw()
    asked: list[int] = []

    def counted(rows: Floats) -> tuple[Floats, Floats]:
        asked.append(rows.shape[1])
        return mean_interval(rows)

    monkeypatch.setattr("optlab.ui.curve_band.mean_interval", counted)
    more = common(301, 20, epochs=True) | {"param_norm": np.full(20, 60.0)}
    for trial in (0, 1, 2, 3, 5, 6, 7, 8, 9):
        data.append(Columns(trial=trial, first=301, values=more))
    shown.draw()
    assert 0 < sum(asked) < 12
