"""A dataset that is missing keeps Start back, and is fetched by a button."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.runner import DatasetStatus
from optlab.ui import datasets
from optlab.ui.dialogs import TaskDialog
from optlab.ui.main_window import MainWindow
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Hands

ARCHIVE = 170_000_000


class Archive:
    """Stands in for the network: half comes at once, the rest when it is let."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.there: set[str] = set()

    def get(
        self,
        name: str,
        *,
        progress: Callable[[int, int | None], None],
        cancelled: Callable[[], bool],
    ) -> Path:
        """Fetch a dataset as `optlab.runner.get_dataset` does."""
        while not self.let_go.wait(0.01):
            if cancelled():
                raise RuntimeError("cancelled")
            progress(ARCHIVE // 2, ARCHIVE)
        self.there.add(name)
        return Path(name)

    def status(self, name: str) -> DatasetStatus:
        """Say whether a dataset is there."""
        ready = name in self.there
        return DatasetStatus(name=name, ready=ready, download=True)


@pytest.fixture(autouse=True)
def archive(monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive instead of the network."""
    archive = Archive()
    monkeypatch.setattr(datasets, "get_dataset", archive.get)
    monkeypatch.setattr(datasets, "dataset_status", archive.status)
    return archive


def choose_cifar(hands: Hands) -> None:
    """Pick a dataset that has to be fetched."""
    hands.choose("problem.name", "image-classification")
    hands.choose("problem.dataset", "cifar10")


def test_that_a_missing_dataset_keeps_start_back(hands: Hands) -> None:
    choose_cifar(hands)
    assert hands.find(QPushButton, "problem.get").text() == "Get CIFAR-10…"
    start = hands.find(QWidget, "start")
    assert not start.isEnabled()
    assert "CIFAR-10" in start.toolTip()


def test_that_the_button_fetches_it_and_start_is_free(
    qtbot: QtBot, window: MainWindow, hands: Hands, archive: Archive
) -> None:
    choose_cifar(hands)
    hands.press("problem.get")
    bar = window.findChild(QProgressBar, "task.progress")
    assert bar is not None
    qtbot.waitUntil(lambda: bar.value() == 500, timeout=PATIENCE)
    archive.let_go.set()
    start = hands.find(QWidget, "start")
    qtbot.waitUntil(start.isEnabled, timeout=PATIENCE)
    assert not hands.find(QWidget, "problem.get").isVisible()


def test_that_fetching_can_be_cancelled(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    choose_cifar(hands)
    hands.press("problem.get")
    hands.press("task.cancel")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "task") is None, timeout=PATIENCE)
    assert window.notice.text == ""
    assert hands.find(QWidget, "problem.get").isVisible()


def test_that_closing_the_window_ends_the_fetching(
    window: MainWindow, hands: Hands
) -> None:
    choose_cifar(hands)
    hands.press("problem.get")
    assert window.close()


def test_that_only_what_connects_says_so(window: MainWindow) -> None:
    writing = TaskDialog("Writing a.pdf", lambda _: None, parent=window)
    assert [label.text() for label in writing.findChildren(QLabel) if label.text()] == [
        "Writing a.pdf"
    ]
