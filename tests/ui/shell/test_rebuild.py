"""The window is built anew in place: the language changes, nothing else does."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from optlab.spec import ExperimentSpec
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Hands


def names(window: MainWindow) -> list[str]:
    """Return the names of all controls, which tests and people go by."""
    found = window.findChildren(QWidget)
    return sorted(w.objectName() for w in found if "." in w.objectName())


def test_that_a_rebuilt_window_has_the_same_controls(
    window: MainWindow, hands: Hands
) -> None:
    before = names(window)
    window.rebuild()
    assert names(window) == before
    hands.type("training.steps", "77")
    assert window.editor.spec.training.steps == 77


def test_that_a_run_goes_on_and_is_drawn_while_the_window_is_rebuilt(
    qtbot: QtBot,
    window: MainWindow,
    hands: Hands,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
) -> None:
    window.editor.open(endless, source="endless")
    hands.press("start")
    until(Phase.RUNNING)
    window.rebuild()
    assert window.controller.phase is Phase.RUNNING
    qtbot.waitUntil(lambda: window.grid.card("train_loss").plotted(0)[0].size > 5)
    hands.press("start")
    until(Phase.PAUSED)
    hands.press("stop")
    until(Phase.IDLE)


@pytest.mark.parametrize("again", range(3))
def test_that_what_was_open_stays_open(
    window: MainWindow, hands: Hands, again: int
) -> None:
    window.optimizers_panel.select(2)
    window.desk.trials_dock.close()
    window.explain("optimizer", "Adam")
    hands.trigger("action.theme")
    theme = window.state.theme
    for _ in range(again + 1):
        window.rebuild()
    assert window.optimizers_panel.selected == 2
    assert window.desk.trials_dock.isHidden()
    assert window.desk.explainer_dock.isVisible()
    assert window.state.theme is theme
