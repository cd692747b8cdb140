"""From launch to an exported figure that compares three optimizers on digits."""

import re
from pathlib import Path

import pytest

from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.journeys.journey import Journey

MOST_ACTIONS = 12
pytestmark = pytest.mark.timeout(300)


def told_actions() -> int:
    """Return how many actions the README lists."""
    readme = Path(__file__).parents[3] / "README.md"
    part = readme.read_text(encoding="utf-8").split("**A figure in six actions.**")[1]
    return len(re.findall(r"^\d+\. ", part.split("\n\n")[1], re.MULTILINE))


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
    assert len(person.actions) == told_actions() <= MOST_ACTIONS, person.actions
    assert figure.read_bytes().startswith(b"%PDF")
    data = started.controller.data
    assert data is not None
    assert len({start.optimizer for start in data.trials}) >= 2
    assert len({start.entry for start in data.trials}) == 3
