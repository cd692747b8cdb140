"""From launch to an exported figure that compares three optimizers on digits."""

from pathlib import Path

import pytest

from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.journeys.journey import Journey

MOST_ACTIONS = 12
pytestmark = pytest.mark.timeout(300)


def test_that_twelve_actions_lead_to_a_figure(
    started: MainWindow, tmp_path: Path
) -> None:
    figure = tmp_path / "digits.pdf"
    person = Journey(started)
    person.click("welcome.start.digits-three-optimizers")
    person.wait(lambda: started.controller.phase is Phase.RUNNING)
    person.wait(lambda: started.controller.phase is Phase.IDLE)
    person.click("export")
    person.click_entry("export.train_loss")
    person.click_entry("export.train_loss.pdf")
    person.answer(figure)
    person.wait(figure.exists)
    person.go()
    assert len(person.actions) <= MOST_ACTIONS, person.actions
    assert figure.read_bytes().startswith(b"%PDF")
    data = started.controller.data
    assert data is not None
    assert len({start.optimizer for start in data.trials}) >= 2
    assert len({start.entry for start in data.trials}) == 3
