"""A window that shows its first page before the rest of it is there."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.ui.app import WindowOptions
from optlab.ui.beginning import Beginning
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from optlab.ui.pages import LAB
from optlab.ui.welcome_desk import WELCOME
from tests.ui.shell.support import Answers

LATER = (
    "contourpy",
    "http.client",
    "matplotlib",
    "multiprocessing",
    "optlab.analysis",
    "optlab.cli.run",
    "optlab.sweep.study",
    "optlab.ui.desk",
    "optlab.ui.furniture",
    "optlab.ui.library_page",
    "optlab.ui.tune_page",
    "pyqtgraph",
    "scipy",
    "torch",
)
"""What the first page can do without."""
PROGRAM = """
import sys
from optlab.ui import launch
from optlab.ui.app import WindowOptions
painted = launch.Watch._on_painted
def look(self):
    print(*(name for name in {later!r} if name in sys.modules))
    painted(self)
launch.Watch._on_painted = look
sys.exit(launch.launch(WindowOptions(quit_after=0.1)))
"""
BROKEN = """
import sys
from optlab.ui import furnishing
furnishing.IMPORTS = ("optlab.ui.not_there",)
import optlab.__main__
sys.exit(optlab.__main__.main(["gui"]))
"""
PATIENCE = 20_000
Open = Callable[[], MainWindow]


@pytest.fixture
def opened(qtbot: QtBot, catalog: Catalog, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens a window which has only been painted so far."""
    windows: list[MainWindow] = []

    def open_window() -> MainWindow:
        session = make_session(catalog, folder=tmp_path / "person")
        window = MainWindow(session, chooser=Answers(), at_once=False)
        windows.append(window)
        qtbot.addWidget(window)
        Beginning(window, WindowOptions())
        with qtbot.waitSignal(window.painted, timeout=PATIENCE):
            window.show()
        return window

    yield open_window
    for window in windows:
        window.close()


def names(window: MainWindow) -> list[str]:
    """Return the names of all parts of the window, which are what tests press."""
    return sorted(
        child.objectName()
        for child in window.findChildren(QObject)
        if child.objectName() and not child.objectName().startswith("qt_")
    )


def test_that_the_first_page_needs_no_plots_and_no_lab() -> None:
    program = PROGRAM.format(later=LATER)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == ""


def test_that_all_of_it_is_there_soon(qtbot: QtBot, opened: Open) -> None:
    window = opened()
    assert "desk" not in window.__dict__
    qtbot.waitUntil(lambda: "menu" in window.__dict__, timeout=PATIENCE)
    assert window.pages.page == WELCOME
    assert window.findChild(QWidget, "desk") is window.desk


def test_that_it_becomes_what_it_is_when_made_at_once(
    qtbot: QtBot, opened: Open, catalog: Catalog, tmp_path: Path
) -> None:
    session = make_session(catalog, folder=tmp_path / "person")
    at_once = MainWindow(session, chooser=Answers())
    qtbot.addWidget(at_once)
    at_once.show_page(WELCOME)
    window = opened()
    qtbot.waitUntil(lambda: "menu" in window.__dict__, timeout=PATIENCE)
    assert names(window) == names(at_once)
    assert [c.name for c in window.commands.all()] == [
        c.name for c in at_once.commands.all()
    ]
    assert window.windowTitle() == at_once.windowTitle()
    at_once.close()


def test_that_making_it_takes_neither_focus_nor_screen(
    qtbot: QtBot, opened: Open
) -> None:
    window = opened()
    focused = QApplication.focusWidget()
    assert focused is not None
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    # A part that is shown as a window of its own, if only for a moment, takes it.
    with qtbot.assertNotEmitted(app.focusChanged):
        qtbot.waitUntil(lambda: "menu" in window.__dict__, timeout=PATIENCE)
    assert QApplication.focusWidget() is focused


def test_that_a_switch_is_answered_before_the_rest_is_there(opened: Open) -> None:
    window = opened()
    box = window.findChild(QCheckBox, "welcome.at-start")
    assert box is not None
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    assert not box.isChecked()
    assert not window.session.preferences.value("welcome")
    assert "desk" not in window.__dict__


def test_that_another_theme_is_taken_by_what_is_still_to_come(
    qtbot: QtBot, opened: Open
) -> None:
    window = opened()
    chip = window.findChild(QPushButton, "welcome.theme.dark")
    assert chip is not None
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert window.state.theme.dark
    assert "desk" not in window.__dict__
    qtbot.waitUntil(lambda: "menu" in window.__dict__, timeout=PATIENCE)
    assert window.state.theme.dark


def test_that_a_sample_that_is_clicked_early_opens(opened: Open) -> None:
    window = opened()
    card = window.findChild(QWidget, "welcome.open.momentum-overshoot")
    assert card is not None
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert window.pages.page == LAB
    assert window.desk.isVisible()
    assert window.bar.isVisible()
    assert window.editor.source == "momentum-overshoot.toml"
    # The space bar is to start it, and not to press whatever has the focus.
    assert QApplication.focusWidget() is window


def test_that_a_shortcut_that_is_pressed_early_works(opened: Open) -> None:
    window = opened()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.front.palette.isVisible()
    window.front.palette.close()


def test_that_a_window_that_is_closed_early_keeps_what_was_open(
    qtbot: QtBot, opened: Open
) -> None:
    first = opened()
    first.welcome.open_preset("momentum-overshoot", False)
    first.optimizers_panel.select(1)
    first.close()
    opened().close()
    again = opened()
    assert again.pages.page == WELCOME
    qtbot.waitUntil(
        lambda: again.editor.source == "momentum-overshoot.toml", timeout=PATIENCE
    )
    assert again.optimizers_panel.selected == 1


def test_that_what_cannot_be_put_back_does_not_keep_the_rest(
    qtbot: QtBot, opened: Open
) -> None:
    window = opened()
    done = []

    def fail() -> None:
        raise OSError("the disk has gone")

    window.at_last(fail)
    window.at_last(lambda: done.append("the next"))
    with (
        qtbot.captureExceptions() as errors,
        qtbot.waitSignal(window.furnished, timeout=PATIENCE),
    ):
        pass
    assert [str(error[1]) for error in errors] == ["the disk has gone"]
    assert done == ["the next"]


def test_that_a_part_that_cannot_be_made_ends_the_program_with_a_reason() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN], capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 1
    assert "not_there" in done.stderr
