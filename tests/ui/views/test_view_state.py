"""Settings of the views: told once, kept within bounds."""

from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from optlab.ui.arrangement import AUTOMATIC, XAxis
from optlab.ui.theme import DARK
from optlab.ui.view_state import ViewState


def test_that_every_setting_is_told_once_when_it_changes(qtbot: QtBot) -> None:
    state, told = ViewState(), []
    state.changed.connect(lambda: told.append(state.revision))
    for _ in range(2):
        state.set_x_axis("epoch")
        state.set_log_x(True)
        state.set_y_scale("train_loss", "linear")
        state.set_smoothing(0.5)
        state.set_hidden(frozenset({1}))
        state.set_theme(DARK)
    assert told == [1, 2, 3, 4, 5, 6]


def test_that_smoothing_stays_below_one() -> None:
    state = ViewState()
    state.set_smoothing(7.0)
    assert state.smoothing == 0.999
    state.set_smoothing(-1.0)
    assert state.smoothing == 0.0


def test_that_an_unknown_axis_is_an_error() -> None:
    with pytest.raises(ValueError, match="furlongs"):
        ViewState().set_x_axis(cast(XAxis, "furlongs"))


def test_that_isolating_twice_shows_all_again() -> None:
    state = ViewState()
    everybody = frozenset({0, 1, 2})
    state.isolate(1, among=everybody)
    assert state.hidden == {0, 2}
    state.isolate(1, among=everybody)
    assert not state.hidden


def test_that_the_mouse_on_an_optimizer_redraws_nothing(qtbot: QtBot) -> None:
    state = ViewState()
    before = state.revision
    with qtbot.waitSignal(state.hovered_changed):
        state.set_hovered(2)
    assert state.revision == before
    assert state.hovered == 2


def test_that_a_log_axis_is_left_to_the_card_until_it_is_asked_for() -> None:
    state = ViewState()
    assert state.y_scale("train_loss") is None
    state.set_y_scale("train_loss", "log")
    assert state.y_scale("train_loss") == "log"
    state.set_y_scale("train_loss", None)
    assert state.y_scale("train_loss") is None


def test_that_arranging_is_undone_and_merged_on_the_stack_it_is_given() -> None:
    stack = QUndoStack()
    state = ViewState(stack=stack)
    state.set_y_scale("train_loss", "log")
    for title in ("L", "Lo", "Loss"):
        settings = replace(state.plot("train_loss"), title=title)
        state.set_plot("train_loss", settings, merge="title")
    assert stack.count() == 2
    stack.undo()
    assert state.plot("train_loss").title == ""
    assert state.y_scale("train_loss") == "log"
    stack.undo()
    assert state.arrangement == AUTOMATIC
    stack.redo()
    assert state.y_scale("train_loss") == "log"
