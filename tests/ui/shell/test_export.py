"""Plots and tables are exported by the menu and opened again."""

import csv
import math
from pathlib import Path
from threading import Event
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QDialog
from pytestqt.qtbot import QtBot

from optlab.export.exporter import export
from optlab.ui import exporting
from optlab.ui.main_window import MainWindow
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Answers, Hands

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def exported(
    qtbot: QtBot, ran: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> "Exported":
    """A function that exports by the menu and returns the file."""
    return Exported(qtbot, ran, hands=hands, answers=answers, folder=tmp_path)


class Exported:
    """Exports by the menu."""

    def __init__(
        self,
        qtbot: QtBot,
        window: MainWindow,
        *,
        hands: Hands,
        answers: Answers,
        folder: Path,
    ) -> None:
        self._qtbot = qtbot
        self._window = window
        self._hands = hands
        self._answers = answers
        self._folder = folder

    def __call__(self, entry: str) -> Path:
        """Return the file that the entry ``entry`` of the menu has written."""
        path = self._folder / f"out.{entry.rpartition('.')[2]}"
        self._answers.path = path
        self._window.menu.fill_export()
        self._hands.trigger(entry)
        exports = self._window.exports
        self._qtbot.waitUntil(lambda: not exports.busy, timeout=PATIENCE)
        assert str(path) in self._window.notice.text
        assert "Written" in self._window.notice.text, self._window.notice.text
        return path


def test_that_a_plot_is_exported_as_png(exported: Exported) -> None:
    image = QImage(str(exported("export.param_norm.png")))
    assert image.width() > 600
    colors = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }
    assert "#ffffff" in colors
    assert len(colors) > 8


def test_that_a_plot_is_exported_as_svg(exported: Exported) -> None:
    tree = ElementTree.parse(exported("export.train_loss.svg"))
    assert tree.getroot().tag == f"{SVG}svg"
    assert len(tree.findall(f".//{SVG}path")) > 4


def test_that_a_plot_is_exported_as_pdf(exported: Exported) -> None:
    content = exported("export.grad_norm.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")


def test_that_the_surface_is_exported(exported: Exported) -> None:
    assert exported("export.surface.pdf").read_bytes().startswith(b"%PDF-")


def test_that_the_metrics_read_back_to_the_same_bits(
    exported: Exported, ran: MainWindow
) -> None:
    with exported("export.metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 61
    data = ran.controller.data
    assert data is not None
    for trial in data.trials:
        own = [row for row in rows if int(row["trial"]) == trial.trial]
        for metric in ("train_loss", "param_norm", "lr"):
            _, values = data.series(trial.trial, metric).arrays()
            read = [float(row[metric]) if row[metric] else math.nan for row in own]
            assert np.array_equal(values, np.array(read), equal_nan=True)


def test_that_the_summary_has_one_row_for_each_trial(exported: Exported) -> None:
    with exported("export.summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == ["SGD (lr 0.01)", "Adam (lr 0.05)"]
    assert {row["status"] for row in rows} == {"finished"}


def test_that_a_plot_is_copied_as_it_is_seen(ran: MainWindow, hands: Hands) -> None:
    QGuiApplication.clipboard().clear()
    ran.menu.fill_export()
    hands.trigger("export.train_loss.copy")
    picture = QGuiApplication.clipboard().image()
    card = ran.grid.card("train_loss")
    assert picture.width() >= 2 * card.width()
    QGuiApplication.clipboard().clear()


def test_that_an_export_that_fails_says_why(
    qtbot: QtBot, ran: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    answers.path = tmp_path / "nowhere" / "out.svg"
    ran.menu.fill_export()
    hands.trigger("export.train_loss.svg")
    qtbot.waitUntil(lambda: not ran.exports.busy, timeout=PATIENCE)
    assert str(answers.path.parent) in ran.notice.text


def test_that_nothing_is_exported_before_there_is_a_run(
    window: MainWindow,
) -> None:
    window.menu.fill_export()
    entries = window.bar.export_button.menu().actions()
    named = [entry for entry in entries if not entry.isSeparator()]
    assert len(named) >= 3
    assert not any(entry.isEnabled() for entry in named[:3])


def test_that_writing_can_be_cancelled(
    qtbot: QtBot,
    ran: MainWindow,
    hands: Hands,
    answers: Answers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, write = Event(), export

    def patient(*args: Any, **kwargs: Any) -> None:
        # A small table would be written before the button is pressed.
        asked.wait(PATIENCE / 1000)
        write(*args, **kwargs)

    monkeypatch.setattr(exporting, "export", patient)
    answers.path = tmp_path / "out.csv"
    ran.menu.fill_export()
    hands.trigger("export.metrics.csv")
    dialog = ran.findChild(QDialog, "task")
    assert dialog is not None
    cancel = dialog.findChild(QAbstractButton, "task.cancel")
    assert cancel is not None
    cancel.click()
    asked.set()
    qtbot.waitUntil(lambda: not ran.exports.busy, timeout=PATIENCE)
    assert list(tmp_path.glob("out*")) == []
    assert ran.notice.text == ""


def test_that_writing_that_does_not_end_is_told_to_whoever_ends_the_program(
    qtbot: QtBot,
    ran: MainWindow,
    hands: Hands,
    answers: Answers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, held = Event(), Event()

    def stuck(*_args: Any, **_kwargs: Any) -> None:
        begun.set()
        held.wait(PATIENCE / 1000)

    monkeypatch.setattr(exporting, "export", stuck)
    assert ran.exports.shutdown()
    answers.path = tmp_path / "out.csv"
    ran.menu.fill_export()
    hands.trigger("export.metrics.csv")
    assert begun.wait(PATIENCE / 1000)
    assert not ran.exports.shutdown(wait_ms=50)
    held.set()
    assert ran.exports.shutdown()
    qtbot.waitUntil(lambda: not ran.exports.busy, timeout=PATIENCE)
