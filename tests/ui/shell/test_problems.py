"""Problems are found in groups, take batches from one to all, and can be one's own."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.ui.batch_field import batch_sizes, batch_words
from optlab.ui.details import problem_groups
from optlab.ui.main_window import MainWindow
from optlab.ui.picker import Picker
from optlab.ui.picker_list import PickerList
from tests.ui.shell.conftest import PATIENCE
from tests.ui.shell.support import Answers, Hands

BATCH = "problem.batch_size"


@pytest.fixture
def line(qtbot: QtBot, window: MainWindow, hands: Hands) -> MainWindow:
    """A window with a hundred points on a line, which are counted."""
    hands.choose("problem.name", "linear-regression")
    qtbot.waitUntil(lambda: window.study.train_size() == 100, timeout=PATIENCE)
    return window


def words(hands: Hands) -> str:
    """Return what the batch size is called."""
    return hands.find(QLabel, f"{BATCH}.words").text()


# -- which problem -------------------------------------------------------------------


def test_that_every_problem_stands_in_one_group(catalog: Catalog) -> None:
    groups = problem_groups(catalog.problems)
    names = [info.name for infos in groups.values() for info in infos]
    assert sorted(names) == sorted(catalog.problems.names())
    assert len(groups) == 6


def test_that_a_problem_is_found_by_typing(window: MainWindow, hands: Hands) -> None:
    hands.find(QComboBox, "problem.name").showPopup()
    picker = hands.find(Picker, "problem.name.picker")
    search = hands.find(QLineEdit, "problem.name.picker.search")
    QTest.keyClicks(search, "himmel")
    assert hands.find(PickerList, "problem.name.picker.list").shown() == ("himmelblau",)
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert not picker.isVisible()
    assert window.editor.spec.problem.name == "himmelblau"
    assert hands.find(QComboBox, "problem.name").currentData() == "himmelblau"


def test_that_the_list_begins_with_the_present_problem(
    window: MainWindow, hands: Hands
) -> None:
    hands.find(QComboBox, "problem.name").showPopup()
    entry = hands.find(PickerList, "problem.name.picker.list").chosen()
    assert entry is not None
    assert entry.name == window.editor.spec.problem.name
    hands.find(Picker, "problem.name.picker").close()


# -- batches -------------------------------------------------------------------------


def test_that_the_slider_goes_from_one_sample_to_all(
    line: MainWindow, hands: Hands
) -> None:
    slider = hands.find(QSlider, f"{BATCH}.slider")
    slider.setValue(slider.maximum())
    assert line.editor.value(BATCH) == 100
    assert words(hands).startswith("Full batch (GD) · 100 of 100")
    slider.setValue(0)
    assert line.editor.value(BATCH) == 1
    assert "(SGD)" in words(hands)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert line.editor.value(BATCH) == 2
    assert words(hands).startswith("Mini-batch")
    assert hands.text(BATCH) == "2"


def test_that_typing_moves_the_slider(line: MainWindow, hands: Hands) -> None:
    slider = hands.find(QSlider, f"{BATCH}.slider")
    hands.type(BATCH, "33")
    assert batch_sizes(100)[slider.value()] == 32
    assert line.editor.value(BATCH) == 33
    assert "4 steps an epoch" in words(hands)


def test_that_more_than_all_samples_are_refused(line: MainWindow, hands: Hands) -> None:
    hands.type(BATCH, "101")
    assert "only 100" in words(hands)
    assert hands.invalid(BATCH)
    assert not hands.find(QWidget, "start").isEnabled()


def test_that_an_entry_has_a_slider_of_its_own(line: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.0.head")
    hands.press("optimizers.0.more")
    slider = hands.find(QSlider, "optimizers.0.batch_size.slider")
    assert batch_sizes(100)[slider.value()] == 8
    slider.setValue(slider.maximum())
    assert line.editor.spec.optimizers[0].batch_size == 100
    hands.press("optimizers.0.batch_size.reset")
    assert line.editor.spec.optimizers[0].batch_size is None


@pytest.mark.parametrize(
    ("size", "total", "said"),
    [
        (1, 5, "Stochastic"),
        (5, 5, "Full batch"),
        (2, 5, "Mini-batch"),
        (1, 0, "Stochastic"),
        (64, 0, "Mini-batch"),
    ],
)
def test_that_batch_sizes_have_the_names_of_the_articles(
    size: int, total: int, said: str
) -> None:
    assert batch_words(size, total).startswith(said)


# -- what is measured ----------------------------------------------------------------


def test_that_diagnostics_are_ticked_in_a_menu(
    window: MainWindow, hands: Hands, catalog: Catalog
) -> None:
    hands.press("problem.more")
    for info in catalog.diagnostics:
        action = window.findChild(QAction, f"training.diagnostics.menu.{info.name}")
        assert isinstance(action, QAction)
        assert info.cost in action.toolTip()
        action.trigger()
    assert window.editor.spec.training.diagnostics == catalog.diagnostics.names()
    hands.type("training.diagnostics", "nonsense")
    assert hands.find(QLabel, "training.diagnostics.error").isVisible()
    hands.press("training.diagnostics.reset")
    assert window.editor.spec.training.diagnostics == ()


# -- one's own -----------------------------------------------------------------------


def test_that_a_formula_is_drawn_once_it_can_be_read(
    window: MainWindow, hands: Hands
) -> None:
    hands.choose("problem.name", "own-surface")
    hands.type("problem.expression", "x^2 + (y", leave=False)
    error = hands.find(QLabel, "problem.expression.error")
    assert error.isVisible()
    assert "cannot be read" in error.text()
    assert hands.invalid("problem.expression")
    hands.type("problem.expression", "x^2 + (y - 1)^2", leave=False)
    assert not error.isVisible()
    surface = window.runs._surface(window.editor.spec)
    assert surface is not None
    assert hands.find(QWidget, "card-surface").isVisible()


def test_that_a_dangerous_formula_is_refused_in_words(hands: Hands) -> None:
    hands.choose("problem.name", "own-surface")
    hands.type("problem.expression", "__import__('os')")
    assert "not allowed" in hands.find(QLabel, "problem.expression.error").text()


def test_that_a_model_of_ones_own_is_taken_from_a_file(
    window: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    hands.choose("problem.name", "image-classification")
    answers.path = tmp_path / "nets.py"
    answers.path.write_text(
        "class Small(torch.nn.Module): ...\nclass Large(nn.Module): ...\n",
        encoding="utf-8",
    )
    answers.word = "Large"
    hands.press("problem.model.browse")
    assert answers.asked[-2:] == ["Small", "Large"]
    assert window.editor.value("problem.model") == f"{answers.path}:Large"
    hands.trigger("action.undo")
    assert window.editor.value("problem.model") == "seed-cnn"


def test_that_data_of_ones_own_are_a_file_or_a_folder(
    window: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    hands.choose("problem.name", "image-classification")
    answers.path = tmp_path
    for word, title in (("folder", "Your own data"), (".npz", "Your own data")):
        answers.word = word
        hands.press("problem.dataset.browse")
        answers.word = next(w for w in answers.asked if word in w)
        hands.press("problem.dataset.browse")
        assert answers.asked[-1] == title
    assert window.editor.value("problem.dataset") == str(tmp_path)


def test_that_the_explainer_is_asked_for_the_problem(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    with qtbot.waitSignal(window.problem_panel.card_wanted) as asked:
        hands.press("problem.explain")
    assert asked.args == ["rosenbrock"]
