"""Code of a person's own is asked about once, and runs only where it may."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from optlab.spec import ExperimentSpec, OptimizerSpec
from optlab.ui.consent import ConsentDialog
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Answers, Hands

OPTIMIZER = """# Plain descent, by hand.
from pathlib import Path
import torch
Path(__file__).with_name("ran").touch()
class Mine(torch.optim.SGD):
    def __init__(self, params, lr=0.01):
        super().__init__(params, lr=lr)
"""
PATIENCE = 20_000


@pytest.fixture(autouse=True)
def _nothing_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPTLAB_TRUST")


@pytest.fixture
def own(window: MainWindow, short: ExperimentSpec, tmp_path: Path) -> Path:
    """A file of code that the experiment in the window names."""
    path = tmp_path / "mine.py"
    path.write_text(OPTIMIZER)
    entry = OptimizerSpec(name=f"{path}:Mine")
    window.editor.open(replace(short, optimizers=(entry,)), source="")
    return path


def asked(window: MainWindow) -> bool:
    return any(d.isVisible() for d in window.findChildren(ConsentDialog))


def test_that_code_is_asked_about_once_and_again_when_it_has_changed(
    window: MainWindow, hands: Hands, own: Path, qtbot: QtBot
) -> None:
    ran = own.with_name("ran")

    def finish() -> None:
        qtbot.waitUntil(
            lambda: ran.exists() and window.controller.phase is Phase.IDLE,
            timeout=PATIENCE,
        )

    hands.press("start")
    assert asked(window)
    assert str(own) in hands.find(QLabel, "consent.path").text()
    assert "# Plain descent, by hand." in hands.find(QLabel, "consent.line").text()
    assert not ran.exists()
    hands.press("consent.allow")
    finish()
    ran.unlink()
    qtbot.waitUntil(lambda: not window.findChildren(ConsentDialog))
    hands.press("start")
    assert not asked(window)
    finish()
    ran.unlink()
    own.write_text(OPTIMIZER + "# and more\n")
    hands.press("start")
    assert asked(window)
    hands.press("consent.decline")
    assert not ran.exists()


def test_that_nothing_runs_where_the_answer_is_no(
    window: MainWindow, hands: Hands, own: Path
) -> None:
    hands.press("start")
    hands.press("consent.decline")
    assert window.controller.phase is Phase.IDLE
    assert window.controller.data is None
    assert not own.with_name("ran").exists()
    assert "mine.py was not run" in window.notice.text


def test_that_a_study_asks_too(window: MainWindow, hands: Hands, own: Path) -> None:
    window.tuning.go()
    window.tuning.take_usual()
    window.tuning.start()
    assert asked(window)
    hands.press("consent.decline")
    assert not window.tuning.controller.active
    assert not own.with_name("ran").exists()


def test_that_a_model_is_asked_about_when_it_is_chosen_and_not_looked_at_before(
    window: MainWindow,
    hands: Hands,
    answers: Answers,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    path = tmp_path / "net.py"
    code = "import torch\nfrom pathlib import Path\n"
    code += f"Path({str(tmp_path / 'ran')!r}).touch()\n"
    code += "class Net(torch.nn.Linear):\n    def __init__(self):\n"
    code += "        super().__init__(3072, 10)\n"
    code += "    def forward(self, x):\n        return super().forward(x.flatten(1))\n"
    path.write_text(code)
    hands.choose("problem.name", "image-classification")
    answers.path = path
    window.own_files.choose("problem.model")
    assert asked(window)
    qtbot.waitUntil(lambda: "nobody has allowed" in window.study.findings().reason)
    assert not (tmp_path / "ran").exists()
    hands.press("consent.allow")
    qtbot.waitUntil(
        lambda: window.study.findings().description is not None, timeout=PATIENCE
    )
    assert (tmp_path / "ran").exists()
