"""A window as a person starts it, with real dialogs and folders of its own."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from optlab.plugins import load_catalog
from optlab.ui.app import WindowOptions
from optlab.ui.launch import make_session, open_window
from optlab.ui.main_window import MainWindow


@pytest.fixture
def started(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """The window as `optlab` opens it for the first time."""
    monkeypatch.chdir(tmp_path)
    session = make_session(load_catalog(), folder=tmp_path / "person")
    window = MainWindow(session)
    qtbot.addWidget(window)
    open_window(window, WindowOptions(size=(1440, 900)))
    with qtbot.waitExposed(window):
        window.activateWindow()
    yield window
    window.close()
    # The program freezes what it has when its window is there; a test wants it gone.
    gc.unfreeze()
