"""Optimizers are found by name, family and year, told in full, and added by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from optlab.params import InputError
from optlab.registry import FAMILIES, Catalog
from optlab.spec import incompatible
from optlab.ui.details import fitting, meant, optimizer_details
from optlab.ui.main_window import MainWindow
from optlab.ui.own_files import names_in
from optlab.ui.picker import Picker
from optlab.ui.picker_list import PickerList
from tests.ui.shell.support import Answers, Hands


@pytest.fixture
def picker(window: MainWindow, hands: Hands) -> Picker:
    """The list of optimizers, open."""
    hands.press("optimizers.add")
    return hands.find(Picker, "optimizers.picker")


@pytest.fixture
def search(picker: Picker, hands: Hands) -> QLineEdit:
    """The search line of the open list."""
    assert picker.isVisible()
    return hands.find(QLineEdit, "optimizers.picker.search")


def shown(hands: Hands) -> tuple[str, ...]:
    """Return the names that are in the list."""
    return hands.find(PickerList, "optimizers.picker.list").shown()


def test_that_every_optimizer_is_listed_by_family(
    hands: Hands, search: QLineEdit, catalog: Catalog
) -> None:
    names = shown(hands)
    assert sorted(names) == sorted(catalog.optimizers.names())
    families = [FAMILIES.index(catalog.optimizers.get(n).family) for n in names]
    assert families == sorted(families)


def test_that_every_optimizer_is_found_by_each_of_its_words(catalog: Catalog) -> None:
    entries = [optimizer_details(info) for info in catalog.optimizers]
    for info, entry in zip(catalog.optimizers, entries, strict=True):
        words = (info.name, info.label, info.family, str(info.year), info.home)
        for word in (*words, *info.aliases):
            assert entry in fitting(entries, word.upper())
        best = meant(entries, info.name)
        assert best is not None
        assert best.name == info.name


def test_that_an_alias_means_its_optimizer(catalog: Catalog) -> None:
    sgd, *others = catalog.optimizers
    known = replace(sgd, aliases=("NobodyElse",))
    entries = [optimizer_details(info) for info in (*others, known)]
    best = meant(entries, "nobodyel")
    assert best is not None
    assert best.name == sgd.name


def test_that_typing_and_enter_add_an_optimizer(
    window: MainWindow, hands: Hands, picker: Picker, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "adamw")
    assert "AdamW" in shown(hands)
    assert "RMSprop" not in shown(hands)
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert not picker.isVisible()
    assert window.editor.spec.optimizers[-1].name == "AdamW"
    assert window.optimizers_panel.selected == 6


def test_that_arrows_walk_while_one_types(
    window: MainWindow, hands: Hands, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "rprop")
    QTest.keyClick(search, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(search, Qt.Key.Key_Backspace)
    names = shown(hands)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(search, key)
    chosen = hands.find(PickerList, "optimizers.picker.list").chosen()
    assert chosen is not None
    assert chosen.name == names[1]
    assert hands.find(QLabel, "optimizers.picker.details.title").text() == chosen.title
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert window.editor.spec.optimizers[-1].name == names[1]


def test_that_escape_clears_the_search_and_then_leaves(
    window: MainWindow, picker: Picker, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "adam")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert (search.text(), picker.isVisible()) == ("", True)
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert len(window.editor.spec.optimizers) == 6


def test_that_one_that_cannot_work_here_says_why_and_is_not_added(
    window: MainWindow, hands: Hands, picker: Picker, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "sparseadam")
    info = window.editor.catalog.optimizers.get("SparseAdam")
    reason = hands.find(QLabel, "optimizers.picker.details.reason")
    assert reason.isVisible()
    assert reason.text() == incompatible(info, window.editor.problem)
    assert not hands.find(QPushButton, "optimizers.picker.take").isEnabled()
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert picker.isVisible()
    assert len(window.editor.spec.optimizers) == 6


def test_that_a_search_that_fits_nothing_says_so(
    hands: Hands, picker: Picker, search: QLineEdit
) -> None:
    QTest.keyClicks(search, "no such thing")
    assert shown(hands) == ()
    assert not hands.find(QPushButton, "optimizers.picker.take").isEnabled()
    title = hands.find(QLabel, "optimizers.picker.details.title")
    assert title.text() == "Nothing fits"


def test_that_every_optimizer_tells_memory_evaluations_and_paper(
    catalog: Catalog,
) -> None:
    for info in catalog.optimizers:
        facts = dict(optimizer_details(info).facts)
        assert facts["Gradient evaluations"] == f"{info.grad_evals:g} per step"
        assert (facts["Memory"] == "nothing") is (info.state_floats == 0)
        assert ("Usual lr" in facts) is any(p.name == "lr" for p in info.params)
        assert optimizer_details(info).source


def test_that_each_constraint_is_said_in_words(catalog: Catalog) -> None:
    plain = catalog.optimizers.get("Adam")
    for changed in (
        replace(plain, matrices_only=True),
        replace(plain, dense_gradients=False),
        replace(plain, full_batch_only=True),
        replace(plain, needs_closure=True),
        replace(plain, second_derivatives=True),
        replace(plain, mode_switch=True),
        replace(plain, draws=True),
    ):
        assert len(set(changed.constraints()) - set(plain.constraints())) == 1


OWN = """
class Helper: ...
class _Hidden(Optimizer): ...
class Mine(torch.optim.Optimizer): ...
raise SystemExit("the file was run")
"""


def test_that_the_classes_of_a_file_are_read_without_running_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(OWN, encoding="utf-8")
    assert names_in(path, base="Optimizer") == ("Mine",)
    assert names_in(path, base="Module") == ("Helper", "Mine")


@pytest.mark.parametrize(
    ("text", "words"), [("x = 1\n", "class"), ("def f(:\n", "Python")]
)
def test_that_a_file_without_a_class_is_refused(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        names_in(path, base="Optimizer")


def test_that_a_file_that_cannot_be_used_is_refused_in_words(
    window: MainWindow, hands: Hands, answers: Answers, picker: Picker, tmp_path: Path
) -> None:
    answers.path = tmp_path / "nothing.py"
    hands.press("optimizers.picker.file")
    assert "nothing.py" in window.notice.text
    assert len(window.editor.spec.optimizers) == 6


def test_that_everything_in_the_list_has_a_name(picker: Picker) -> None:
    acting = (QLineEdit, QPushButton, PickerList)
    for kind in acting:
        for widget in picker.findChildren(kind):
            assert widget.objectName()
            assert isinstance(widget, QPushButton) or widget.accessibleName()
    assert picker.findChild(QWidget, "optimizers.picker.details.card")


# -- an optimizer of one's own -------------------------------------------------------

MINE = """
import torch

class Mine(torch.optim.Optimizer):
    def __init__(self, params, lr=0.125, pull=0.5):
        super().__init__(params, {"lr": lr, "pull": pull})
"""


@pytest.fixture
def mine(hands: Hands, answers: Answers, picker: Picker, tmp_path: Path) -> Path:
    """A file with an optimizer that has been added to the experiment."""
    assert picker.isVisible()
    answers.path = tmp_path / "mine.py"
    answers.path.write_text(MINE, encoding="utf-8")
    hands.press("optimizers.picker.file")
    return answers.path


def test_that_an_optimizer_of_ones_own_gets_its_form(
    window: MainWindow, hands: Hands, mine: Path
) -> None:
    assert window.editor.spec.optimizers[-1].name == f"{mine}:Mine"
    assert hands.text("optimizers.6.lr") == "0.125"
    assert hands.text("optimizers.6.pull") == "0.5"
    notes = [
        label.text()
        for label in window.optimizers_panel.findChildren(QLabel)
        if label.objectName().startswith("optimizers.6.note.")
    ]
    assert any("runs when the experiment starts" in note for note in notes)


def test_that_a_file_that_has_gone_is_an_error_until_it_is_back(
    window: MainWindow, hands: Hands, mine: Path
) -> None:
    mine.unlink()
    hands.type("training.steps", "250")
    start = hands.find(QWidget, "start")
    assert not start.isEnabled()
    assert "no such file" in start.toolTip()
    assert hands.text("optimizers.6.pull") == "0.5"
    mine.write_text(MINE, encoding="utf-8")
    window.editor.recheck()
    assert start.isEnabled()
