"""A learning rate is changed by hand, from the table of trials."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from optlab.runner import Runner
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.overlay import OverlaidRun, Overlay
from optlab.store.run_data import RunData
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.trials_model import TRIAL_ROLE
from tests.ui.shell.conftest import both_ways
from tests.ui.shell.support import Answers, Hands

ALONE = """
[problem]
name = "quadratic"
[training]
steps = 5
[[optimizers]]
name = "SGD"
lr = 0.01
"""


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


@both_ways
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


def test_that_trials_of_several_runs_as_one_steer_none(
    racing: MainWindow,
    hands: Hands,
    answers: Answers,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    catalog = racing.session.catalog
    runner = Runner(spec_from_text(ALONE, catalog), catalog, folder=tmp_path / "alone")
    for _ in runner.run():
        pass
    live = racing.controller.data
    assert live is not None
    overlay = Overlay([OverlaidRun(RunData.open(runner.path)), OverlaidRun(live)])
    racing.runs.show_overlay(overlay)
    table = racing.table
    # The first trial of the run that goes on is number 1 here.
    row = next(r for r in range(3) if table._proxy.index(r, 0).data(TRIAL_ROLE) == 1)
    table.view.selectRow(row)
    at = table.view.visualRect(table._proxy.index(row, 0)).center()
    table.view.customContextMenuRequested.emit(at)
    assert not table.stop_action.isEnabled()
    assert not table.rate_action.isEnabled()
    table.menu.close()
    table.stop_trial_requested.emit(1)
    table.rate_requested.emit(1)
    assert answers.asked == []
    seen = live.status(1).step
    qtbot.waitUntil(lambda: live.status(1).step > seen + 20)
    assert not live.status(1).state.ended
