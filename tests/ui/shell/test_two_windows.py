"""Two windows at one time: on one run, and with the same settings."""

import configparser
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from optlab.records import State
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec
from optlab.store.run_data import RunData
from optlab.ui.controller import Phase
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from tests.core.torture.runs import check_integrity
from tests.promises import Note, Times
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Answers, Hands

WRITE = """
import sys
from PySide6.QtCore import QSettings
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for k in range(count):
    settings = QSettings(path, QSettings.Format.IniFormat)
    settings.setValue("preferences/" + name, k)
    settings.setValue("preferences/last", name)
    settings.sync()
    assert settings.status() is QSettings.Status.NoError
    del settings
"""


@pytest.fixture
def other(qtbot: QtBot, catalog: Catalog, tmp_path: Path) -> Iterator[MainWindow]:
    """Another window of the same person."""
    session = make_session(catalog, folder=tmp_path / "person")
    window = MainWindow(session, chooser=Answers())
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.close()


def steps(data: RunData | None) -> int:
    """Return how far the slowest trial is."""
    assert data is not None
    return min(data.status(trial.trial).step for trial in data.trials)


def beyond_step(window: MainWindow, step: int) -> bool:
    """Return whether the run of a window has gone on."""
    return steps(window.controller.data) > step


@pytest.mark.promise(23, "two windows on one run: the second reads, and says so")
def test_that_the_second_window_on_a_run_reads_and_says_so(
    qtbot: QtBot,
    window: MainWindow,
    other: MainWindow,
    endless: ExperimentSpec,
    until: Callable[[Phase], None],
    times: Times,
) -> None:
    hands = Hands(window)
    window.editor.open(endless, source="")
    for _ in range(times(1, 20)):
        hands.press("start")
        until(Phase.RUNNING)
        path = window.controller.path
        assert path is not None
        qtbot.waitUntil(lambda: steps(window.controller.data) > 10, timeout=PATIENCE)
        assert other.runs.load_run(path)
        assert "Another program is writing this run" in other.notice.text
        assert steps(other.controller.data) >= 0
        assert not Hands(other).find(QAbstractButton, "continue").isVisible()
        # Not by the keyboard or in another way, either.
        with qtbot.waitSignal(other.controller.run_ended, timeout=PATIENCE):
            assert other.controller.continue_run()
        assert "another program is writing to it" in other.notice.text
        beyond = partial(beyond_step, window, steps(window.controller.data))
        qtbot.waitUntil(beyond, timeout=PATIENCE)
        hands.press("stop")
        until(Phase.IDLE)
        assert RunData.open(path).state is State.STOPPED
        check_integrity(path)
        # Now nobody writes it any more, and the other window may go on with it.
        assert other.runs.load_run(path)
        assert other.notice.text == ""
        assert Hands(other).find(QAbstractButton, "continue").isVisible()
        other.runs.forget_run()


@pytest.mark.promise(23, "two programs write the settings: the last one wins")
def test_that_two_programs_that_write_the_settings_leave_a_valid_file(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    path, count = tmp_path / "window.ini", times(100, 5000)
    path.write_text("[preferences]\nkept=1\n", encoding="utf-8")
    programs = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(path), name, str(count)])
        for name in ("one", "two")
    ]
    looks = 0
    while any(program.poll() is None for program in programs):
        assert read(path)["kept"] == "1"
        looks += 1
    assert [program.wait() for program in programs] == [0, 0]
    settings = read(path)
    assert settings["last"] in ("one", "two")
    assert settings[settings["last"]] == str(count - 1)
    measured(f"{2 * count:,} writes, read {looks:,} times meanwhile")


def read(path: Path) -> dict[str, str]:
    """Return the preferences in a file of settings."""
    parser = configparser.ConfigParser()
    parser.read_string(path.read_text("utf-8"))
    return dict(parser["preferences"])
