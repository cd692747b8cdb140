"""Files dropped on the window do what they are for, or are refused in a sentence."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel

from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Answers, Hands

OPTIMIZER = """
import torch
class Mine(torch.optim.SGD):
    pass
"""


def data_of(*files: Path) -> QMimeData:
    """Return files as they are dragged."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    return data


def drag(window: MainWindow, *files: Path) -> bool:
    """Drag files over the window; return whether it would take them."""
    data = data_of(*files)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(400, 300), copy, data, left, none)
    event.setAccepted(False)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def drop(window: MainWindow, *files: Path) -> None:
    """Drag files over the window and let go."""
    assert drag(window, *files)
    data = data_of(*files)
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    place = QPoint(400, 300).toPointF()
    QApplication.sendEvent(window, QDropEvent(place, copy, data, left, none))


def test_that_a_hint_says_what_will_happen_and_goes(
    window: MainWindow, hands: Hands, tmp_path: Path
) -> None:
    hint = hands.find(QLabel, "drop.hint")
    assert drag(window, tmp_path / "mine.toml")
    assert hint.isVisible()
    assert "mine.toml" in hint.text()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()


def test_that_text_is_not_taken_for_files(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("lr = 0.1")
    none = Qt.KeyboardModifier.NoModifier
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDragEnterEvent(QPoint(400, 300), copy, data, left, none)
    event.setAccepted(False)
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


def test_that_an_experiment_is_opened(
    window: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    window.editor.set_title("Dropped")
    window.editor.save(file)
    window.specs.load_preset("first-look")
    drop(window, file)
    assert window.editor.spec.title == "Dropped"
    assert not hands.find(QLabel, "drop.hint").isVisible()


def test_that_one_run_is_opened(ran: MainWindow) -> None:
    file = ran.controller.path
    assert file is not None
    ran.runs.forget_run()
    drop(ran, file)
    assert ran.controller.path == file


def test_that_several_runs_are_laid_over_each_other(
    ran: MainWindow, tmp_path: Path
) -> None:
    file = ran.controller.path
    assert file is not None
    copy = tmp_path / "again" / file.name
    copy.parent.mkdir()
    shutil.copyfile(file, copy)
    drop(ran, file, copy)
    assert ran.runs.overlay is not None, ran.notice.text


def test_that_data_and_code_of_a_persons_own_are_taken(
    window: MainWindow, tmp_path: Path
) -> None:
    code, data = tmp_path / "mine.py", tmp_path / "data.npz"
    code.write_text(OPTIMIZER, encoding="utf-8")
    np.savez(data, x=np.zeros((4, 2)), y=np.zeros(4))
    drop(window, code)
    assert window.editor.spec.optimizers[-1].name == f"{code}:Mine"
    drop(window, data)
    assert "Image classification" in window.notice.text
    window.editor.set_problem("image-classification")
    drop(window, data)
    held = (
        window.editor.draft("problem.dataset"),
        window.editor.value("problem.dataset"),
    )
    assert str(data) in str(held)


@pytest.mark.parametrize(
    ("name", "told"),
    [("metrics.csv", "CSV"), ("notes.docx", "notes.docx"), ("gone.toml", "gone.toml")],
)
def test_that_anything_else_is_refused_in_a_sentence(
    window: MainWindow, tmp_path: Path, name: str, told: str
) -> None:
    before = window.editor.spec
    drop(window, tmp_path / name)
    assert told in window.notice.text
    assert window.editor.spec == before


def test_that_several_files_that_are_no_runs_are_refused(
    window: MainWindow, tmp_path: Path
) -> None:
    drop(window, tmp_path / "a.toml", tmp_path / "b.toml")
    assert "one file" in window.notice.text
