"""Plots as a person arranges them: borders, splits, headers, copies, undo."""

import gc

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitterHandle,
    QWidget,
)
from pytestqt.qtbot import QtBot

from optlab.ui.arrangement import AUTOMATIC, Arrangement, Pane, Split
from optlab.ui.cards import Card
from optlab.ui.clock import ViewClock
from optlab.ui.pane_tree import names_in
from optlab.ui.plot_grid import PlotGrid
from tests.ui.views.conftest import SetUp, Stage
from tests.ui.views.runs import Valley, nets, race

PAIR = Split(
    across=True,
    parts=(Pane(name="train_loss"), Pane(name="val_accuracy")),
    weights=(1.0, 1.0),
)


def border(shown: Stage, after: str) -> QSplitterHandle:
    """Return the border before a plot."""
    found = shown.grid.findChildren(QSplitterHandle, f"border-{after}")
    # What stood there before is gone with the next turn of the event loop.
    return next(handle for handle in found if handle.isVisible())


def drag_border(shown: Stage, after: str, *, by: int) -> None:
    """Drag the border before a plot to the right."""
    handle = border(shown, after)
    start = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
    for part in (by // 2, by):
        # The border comes along, so that the mouse stays where it was on it.
        at = handle.mapFromGlobal(handle.mapToGlobal(start) + QPoint(part, 0))
        QTest.mouseMove(handle, at)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=start)
    shown.draw()


def choose(shown: Stage, menu: str, entry: str) -> None:
    """Choose an entry of a submenu of a card, as it is when it opens."""
    found = shown.grid.findChild(QMenu, menu)
    assert isinstance(found, QMenu)
    found.aboutToShow.emit()
    action = found.findChild(QAction, f"{menu}-{entry}")
    assert isinstance(action, QAction), [a.objectName() for a in found.actions()]
    assert action.isEnabled()
    action.trigger()
    shown.draw()


def drag_card(shown: Stage, name: str, target: str, *, at: tuple[float, float]) -> None:
    """Take a card by its header to a point of another, in shares, and hold it there."""
    card, other = shown.grid.card(name), shown.grid.card(target)
    begin = QPoint(40, 12)
    QTest.mousePress(card, Qt.MouseButton.LeftButton, pos=begin)
    goal = QPoint(round(at[0] * other.width()), round(at[1] * other.height()))
    for point in (begin + QPoint(20, 0), card.mapFromGlobal(other.mapToGlobal(goal))):
        QTest.mouseMove(card, point)


def drop(shown: Stage, name: str) -> None:
    """Let go of a card."""
    QTest.mouseRelease(shown.grid.card(name), Qt.MouseButton.LeftButton)
    shown.draw()


def test_that_dragging_a_border_makes_the_arrangement_ones_own(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    before = shown.grid.shown_names()
    card = shown.curves("val_accuracy")
    width = card.width()
    drag_border(shown, "param_norm", by=60)
    assert card.width() > width
    tree = shown.state.arrangement.tree
    assert names_in(tree) == before
    assert shown.stack.count() == 1
    shown.stack.undo()
    assert shown.state.arrangement == AUTOMATIC
    shown.draw()
    assert abs(card.width() - width) <= 1


def test_that_arrow_keys_move_a_border_in_one_step_of_undo(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    shown.state.set_arrangement(Arrangement(tree=PAIR), "begin")
    card = shown.curves("train_loss")
    width = card.width()
    handle = border(shown, "val_accuracy")
    assert handle.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert handle.accessibleName()
    for _ in range(3):
        QTest.keyClick(handle, Qt.Key.Key_Right)
        shown.draw()
    assert card.width() == pytest.approx(width + 48, abs=3)
    assert shown.stack.count() == 2


def test_that_weights_hold_when_the_window_becomes_another_size(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    uneven = Split(across=True, parts=PAIR.parts, weights=(3.0, 1.0))
    shown.state.set_arrangement(Arrangement(tree=uneven), "begin")
    for size in ((1400, 900), (900, 700), (1700, 1000)):
        shown.window.resize(*size)
        shown.draw()
        wide, narrow = shown.curves("train_loss"), shown.curves("val_accuracy")
        assert wide.width() / narrow.width() == pytest.approx(3.0, rel=0.05)


def test_that_a_card_is_split_by_what_is_not_shown(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    assert "lr" not in shown.grid.shown_names()
    choose(shown, "card-train_loss-split-right", "lr")
    assert "lr" in shown.grid.shown_names()
    new, old = shown.grid.card("lr"), shown.grid.card("train_loss")
    assert new.mapTo(shown.window, QPoint()).x() > old.mapTo(shown.window, QPoint()).x()
    assert new.height() == old.height()
    assert abs(new.width() - old.width()) <= 1
    shown.stack.undo()
    shown.draw()
    assert "lr" not in shown.grid.shown_names()


def test_that_every_metric_of_the_run_can_be_added(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    assert {offer.name for offer in shown.grid.offers()} >= {
        "lr",
        "val_loss",
        "train_accuracy",
        "grad_evals",
        "wall_time_s",
    }
    choose(shown, "card-train_loss-split-below", "val_loss")
    _, values = shown.curves("val_loss").plotted(0)
    assert len(values)


def test_that_a_second_look_has_other_axes_and_goes_for_good(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    offers = shown.grid.offers("train_loss")
    again = next(o for o in offers if o.settings and o.settings.x_axis == "epoch")
    assert "epochs" in again.text
    shown.grid.arranger.add(again.name, target="train_loss", settings=again.settings)
    shown.draw()
    card = shown.curves("train_loss#2")
    assert card.isVisible()
    assert shown.state.plot("train_loss#2").x_axis == "epoch"
    assert shown.grid.findChild(QPushButton, "chip-train_loss#2") is not None
    menu = shown.grid.card("train_loss#2").menu
    remove = menu.findChild(QAction, "card-train_loss#2-remove")
    assert isinstance(remove, QAction)
    remove.trigger()
    shown.draw()
    assert [c.name for c in shown.grid.cards() if c.name == "train_loss#2"] == []
    assert shown.state.arrangement.plots == {}
    shown.stack.undo()
    shown.draw()
    assert shown.curves("train_loss#2").isVisible()
    assert shown.state.plot("train_loss#2").x_axis == "epoch"


@pytest.mark.parametrize(
    ("at", "order"),
    [
        ((0.05, 0.5), ("val_accuracy", "train_loss")),
        ((0.5, 0.95), ("train_loss", "val_accuracy")),
    ],
)
def test_that_a_card_dropped_on_an_edge_stands_there(
    stage: SetUp, at: tuple[float, float], order: tuple[str, str]
) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    shown.state.set_arrangement(Arrangement(tree=PAIR), "begin")
    shown.draw()
    drag_card(shown, "val_accuracy", "train_loss", at=at)
    hint = shown.grid.mover.hint
    assert hint.isVisible()
    drop(shown, "val_accuracy")
    assert not hint.isVisible()
    tree = shown.state.arrangement.tree
    assert names_in(tree) == order
    assert isinstance(tree, Split)
    assert tree.across == (at[1] == 0.5)


def test_that_cards_change_places_where_one_is_dropped_in_the_middle(
    stage: SetUp,
) -> None:
    shown = stage(race(steps=20), Valley(), size=(1400, 900))
    before = names_in(shown.grid._tree)
    drag_card(shown, "param_norm", "surface", at=(0.5, 0.5))
    drop(shown, "param_norm")
    after = names_in(shown.state.arrangement.tree)
    assert after.index("param_norm") == before.index("surface")
    assert after.index("surface") == before.index("param_norm")


def test_that_escape_gives_up_a_drag(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    drag_card(shown, "val_accuracy", "train_loss", at=(0.5, 0.5))
    assert shown.grid.mover.dragging
    QTest.keyClick(shown.window, Qt.Key.Key_Escape)
    assert not shown.grid.mover.hint.isVisible()
    drop(shown, "val_accuracy")
    assert shown.state.arrangement == AUTOMATIC
    assert QApplication.overrideCursor() is None


def test_that_a_menu_moves_a_card_without_a_mouse(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    shown.state.set_arrangement(Arrangement(tree=PAIR), "begin")
    shown.draw()
    choose(shown, "card-train_loss-move", "right")
    assert names_in(shown.state.arrangement.tree) == ("val_accuracy", "train_loss")
    choose(shown, "card-train_loss-move", "next")
    assert names_in(shown.state.arrangement.tree) == ("train_loss", "val_accuracy")


def test_that_plots_are_found_by_name_and_added(stage: SetUp, qtbot: QtBot) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    QTest.mouseClick(shown.grid.strip.add_button, Qt.MouseButton.LeftButton)
    line = shown.grid.findChild(QLineEdit, "plots.add.search")
    assert isinstance(line, QLineEdit)
    assert line.isVisible()
    QTest.keyClicks(line, "learning")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not line.isVisible()
    shown.draw()
    assert shown.grid.card("lr").isVisible()
    tree = shown.state.arrangement.tree
    assert "lr" in names_in(tree)


def test_that_an_arrangement_fits_a_small_window(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    names = ("train_loss", "val_accuracy", "param_norm", "update_norm", "grad_norm")
    row = Split(
        across=True, parts=tuple(Pane(name=n) for n in names), weights=(1.0,) * 5
    )
    shown.state.set_arrangement(Arrangement(tree=row), "begin")
    shown.draw()
    assert shown.grid.shown_names() == names
    shown.window.resize(500, 500)
    shown.draw()
    assert shown.window.width() == 500
    assert shown.grid.shown_names() == names[:2]
    shown.grid.show_card("grad_norm", True)
    shown.draw()
    assert shown.grid.shown_names() == ("train_loss", "grad_norm")
    shown.window.resize(1400, 900)
    shown.draw()
    assert set(shown.grid.shown_names()) == set(names)


def test_that_a_plot_that_a_run_lacks_says_so_in_its_place(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    tree = Split(
        across=True,
        parts=(Pane(name="train_loss"), Pane(name="sharpness"), Pane(name="surface")),
        weights=(1.0, 1.0, 1.0),
    )
    shown.state.set_arrangement(Arrangement(tree=tree), "begin")
    shown.draw()
    pane = shown.grid.findChild(QWidget, "missing-sharpness")
    assert pane is not None
    assert pane.isVisible()
    words = [label.text() for label in pane.findChildren(QLabel)]
    assert any("is not measured in this run" in text for text in words)
    asked: list[str] = []
    shown.grid.acted.connect(asked.append)
    measure = pane.findChild(QPushButton, "missing-sharpness.measure")
    assert isinstance(measure, QPushButton)
    QTest.mouseClick(measure, Qt.MouseButton.LeftButton)
    assert asked == ["measure:sharpness"]
    other = shown.grid.findChild(QPushButton, "missing-surface.remove")
    assert isinstance(other, QPushButton)
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    shown.draw()
    assert names_in(shown.state.arrangement.tree) == ("train_loss", "sharpness")


def test_that_the_next_run_keeps_arrangement_and_cards(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    shown.grid.arranger.add("train_loss", target="train_loss", side="right")
    drag_border(shown, "train_loss#2", by=-50)
    kept, before = shown.state.arrangement, shown.grid.cards()
    places = {card.name: card.geometry() for card in before}
    for steps in (20, 30, 40):
        shown.grid.set_run(nets(steps=steps), None)
        shown.draw()
        assert shown.state.arrangement == kept
        assert shown.grid.cards() == before
        assert {card.name: card.geometry() for card in before} == places


def test_that_cards_of_other_runs_are_not_kept(stage: SetUp) -> None:
    shown = stage(race(steps=20), Valley(), size=(1400, 900))
    shown.grid.arranger.add("lr", target="surface", side="below")
    for _ in range(3):
        shown.grid.set_run(nets(steps=20), None)
        shown.draw()
        shown.grid.set_run(race(steps=20), Valley())
        shown.draw()
    shown.grid.show_card("lr", False)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    found = shown.window.findChildren(Card)
    assert sorted(c.name for c in found) == sorted(c.name for c in shown.grid.cards())
    assert len(shown.grid.findChildren(QSplitterHandle)) < 20
    # Hidden cards cost nothing: the clock asks only those that can be seen.
    hidden = [c for c in shown.grid.cards() if c.name not in shown.grid.shown_names()]
    assert hidden
    assert not any(card.shown() for card in hidden)


def test_that_a_window_built_anew_shows_the_same_arrangement(
    stage: SetUp, qtbot: QtBot
) -> None:
    shown = stage(nets(steps=20), size=(1400, 900))
    shown.grid.arranger.add("lr", target="train_loss", side="right")
    shown.grid.maximize("lr")
    clock = ViewClock(shown.window)
    again = PlotGrid(shown.state, clock)
    qtbot.addWidget(again)
    again.resize(shown.grid.size())
    again.set_run(nets(steps=20), None)
    again.show()
    assert again.shown_names() == ("lr",)
    QTest.keyClick(again, Qt.Key.Key_Escape)
    assert set(again.shown_names()) == set(shown.grid.shown_names())
    assert "lr" in again.shown_names()
