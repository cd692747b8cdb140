"""Plug-ins in the window: listed, told of when they fail, switched for next time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from optlab.plugins import Plugin, switched_off
from optlab.registry import Catalog
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Answers, Hands

FOUND = (
    Plugin(
        name="wheels",
        package="optlab-wheels",
        version="1.2",
        adds=(("optimizer", "Wheel"),),
    ),
    Plugin(name="rusty", package="rust", version="0.1", error="RuntimeError: rust"),
)


@pytest.fixture
def hands(qtbot: QtBot, catalog: Catalog, tmp_path: Path) -> Iterator[Hands]:
    """Hands on a window with two plug-ins, one of which failed."""
    session = make_session(catalog, folder=tmp_path, plugins=FOUND)
    window = MainWindow(session, chooser=Answers())
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield Hands(window)
    window.close()


def test_that_plugins_are_listed_with_what_they_add_and_why_they_failed(
    hands: Hands, tmp_path: Path
) -> None:
    assert "rusty" in hands.window.notice.text
    hands.trigger("action.plugins")
    dialog = hands.find(QCheckBox, "plugins.wheels").window()
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "optimizer: Wheel" in texts
    assert "1.2" in hands.find(QCheckBox, "plugins.wheels").text()
    assert "rust" in hands.find(QLabel, "plugins.rusty.error").text()
    hands.press("plugins.rusty")
    assert switched_off(tmp_path) == {"rusty"}
    assert "started again" in hands.find(QLabel, "plugins.words").text()
    hands.press("plugins.rusty")
    assert switched_off(tmp_path) == frozenset()


def test_that_a_failure_is_told_once(hands: Hands) -> None:
    before = hands.window.session.messages.kept
    hands.window.rebuild()
    assert hands.window.session.messages.kept == before
