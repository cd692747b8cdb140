"""A learning rate is changed by hand, from the table of trials."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from optlab.spec import ExperimentSpec
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Answers, Hands


@pytest.fixture
def racing(
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
) -> MainWindow:
    """A window with a run that goes on, its first trial selected in the table."""
    window.editor.open(endless, source="endless")
    hands.press("start")
    until(Phase.RUNNING)
    window.clock.refresh_now()
    window.table.view.selectRow(0)
    return window


def test_that_the_rate_of_the_selected_trial_is_changed_and_noted(
    qtbot: QtBot, racing: MainWindow, hands: Hands, answers: Answers
) -> None:
    answers.word = "0.002"
    hands.trigger("trials-rate")
    data = racing.controller.data
    assert data is not None
    assert "0.01" in answers.asked
    qtbot.waitUntil(lambda: any(e.name == "lr" for e in data.events()))
    event = next(e for e in data.events() if e.name == "lr")
    assert (event.trial, event.text) == (0, "0.01 → 0.002")
    qtbot.waitUntil(lambda: data.series(0, "lr").values[-1] == 0.002)
    assert data.series(1, "lr").values[-1] == 0.05


@pytest.mark.parametrize("typed", ["fast", "-1", "0"])
def test_that_what_is_no_rate_is_refused_in_one_sentence(
    racing: MainWindow, hands: Hands, answers: Answers, typed: str
) -> None:
    answers.word = typed
    hands.trigger("trials-rate")
    assert racing.notice.text.startswith("lr = ")
    assert typed in racing.notice.text
