"""Perspectives, panels, and what an empty centre offers."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from optlab.spec import ExperimentSpec
from optlab.ui.arrangement import AUTOMATIC
from optlab.ui.main_window import MainWindow
from optlab.ui.pane_tree import names_in
from optlab.ui.perspectives import FILE, PerspectiveStore
from tests.ui.shell.support import Hands
from tests.ui.views.runs import Valley, nets, race


@pytest.fixture
def lab(window: MainWindow) -> MainWindow:
    """The window with a made-up race on the screen."""
    window.show_page("lab")
    window.grid.set_run(race(steps=20), Valley())
    return window


def choose(window: MainWindow, name: str) -> None:
    """Choose an entry of the menu of perspectives, as it is when it opens."""
    menu = window.findChild(QMenu, "perspectives.menu")
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    Hands(window).trigger(name)


def name_it(window: MainWindow, name: str, *, cancel: bool = False) -> None:
    """Type a name into the dialog that asks for one."""
    lines = window.findChildren(QLineEdit, "name.line")
    line = next(line for line in lines if line.isVisible())
    line.selectAll()
    QTest.keyClicks(line, name)
    key = Qt.Key.Key_Escape if cancel else Qt.Key.Key_Return
    QTest.keyClick(line, key)
    assert not line.isVisible()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def words(window: MainWindow) -> str:
    """Return what the empty centre says."""
    names = ("plots-empty.headline", "plots-empty.advice")
    found = [window.findChild(QLabel, name) for name in names]
    assert all(isinstance(label, QLabel) and label.isVisible() for label in found)
    return " ".join(label.text() for label in found if isinstance(label, QLabel))


def saved(window: MainWindow) -> list[str]:
    """Return the names of the perspectives in the file, read anew."""
    folder = Path(window.session.settings.fileName()).parent
    return [one.name for one in PerspectiveStore(folder).all()]


def test_that_each_perspective_of_optlab_shows_what_it_says(lab: MainWindow) -> None:
    expected = {
        "loss": ("train_loss",),
        "norms-rates": ("param_norm", "update_norm", "grad_norm", "lr"),
        "surface-loss": ("surface", "train_loss"),
        "presentation": ("surface", "train_loss"),
        "training-validation": ("train_loss",),
    }
    for key, names in expected.items():
        choose(lab, f"perspective.builtin.{key}")
        assert set(lab.grid.shown_names()) == set(names), key
        assert lab.plots.current() == f"builtin:{key}"
    choose(lab, "perspective.builtin.automatic")
    assert lab.state.arrangement == AUTOMATIC


def test_that_training_and_validation_have_all_that_a_net_measures(
    lab: MainWindow,
) -> None:
    lab.grid.set_run(nets(steps=20), None)
    choose(lab, "perspective.builtin.training-validation")
    shown = ("train_loss", "val_loss", "train_accuracy", "val_accuracy")
    assert names_in(lab.state.arrangement.tree) == shown


def test_that_a_presentation_closes_the_panels_and_leaving_it_opens_them(
    lab: MainWindow,
) -> None:
    lab.desk.problem_dock.hide()
    before = [dock.isHidden() for dock in lab.desk.docks()]
    Hands(lab).trigger("action.perspective.presentation")
    assert all(dock.isHidden() for dock in lab.desk.docks())
    choose(lab, "perspective.builtin.automatic")
    assert [dock.isHidden() for dock in lab.desk.docks()] == before


def test_that_a_perspective_is_saved_taken_renamed_and_deleted(
    lab: MainWindow, qtbot: QtBot
) -> None:
    lab.grid.arranger.add("lr", target="surface", side="below")
    lab.desk.optimizers_dock.hide()
    mine = lab.state.arrangement
    choose(lab, "perspective.save")
    name_it(lab, "Rates below")
    assert saved(lab) == ["Rates below"]
    assert lab.plots.current() == "Rates below"
    choose(lab, "perspective.reset")
    assert lab.state.arrangement == AUTOMATIC
    assert not lab.desk.optimizers_dock.isHidden()
    choose(lab, "perspective.saved.Rates below")
    assert lab.state.arrangement == mine
    assert lab.desk.optimizers_dock.isHidden()
    choose(lab, "perspective.rename.Rates below")
    name_it(lab, "Other", cancel=True)
    assert saved(lab) == ["Rates below"]
    choose(lab, "perspective.rename.Rates below")
    name_it(lab, "Rates")
    assert saved(lab) == ["Rates"]
    choose(lab, "perspective.delete.Rates")
    assert saved(lab) == []


def test_that_taking_a_perspective_is_one_step_of_undo(lab: MainWindow) -> None:
    lab.grid.arranger.add("lr", target="surface", side="below")
    mine = lab.state.arrangement
    choose(lab, "perspective.builtin.loss")
    Hands(lab).trigger("action.undo")
    assert lab.state.arrangement == mine


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"perspectives": [{"name": 3}]}', "[" * 100_000]
)
def test_that_a_broken_file_costs_a_sentence_only(lab: MainWindow, text: str) -> None:
    path = Path(lab.session.settings.fileName()).parent / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    choose(lab, "perspective.builtin.loss")
    assert "could not be read" in lab.notice.text
    assert lab.grid.shown_names() == ("train_loss",)
    assert path.read_text(encoding="utf-8") == text


def test_that_a_language_does_not_lose_the_arrangement(lab: MainWindow) -> None:
    lab.grid.arranger.add("lr", target="surface", side="below")
    lab.plots.toggle_panels()
    kept = lab.state.arrangement
    lab.rebuild()
    lab.grid.set_run(race(steps=20), Valley())
    assert lab.state.arrangement == kept
    assert "lr" in lab.grid.shown_names()
    assert not lab.plots.panels_open()
    Hands(lab).trigger("action.all_panels")
    assert [dock.isHidden() for dock in lab.desk.docks()][:3] == [False] * 3


def test_that_the_empty_centre_says_what_start_trains_and_starts_it(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.show_page("lab")
    assert "SGD" in words(window)
    assert "Rosenbrock" in words(window)
    asked: list[str] = []

    def start(spec: ExperimentSpec, **_how: object) -> bool:
        asked.append(spec.title)
        return False

    monkeypatch.setattr(window.controller, "start", start)
    Hands(window).press("plots-empty.start")
    assert asked == [window.editor.spec.title]


def test_that_the_empty_centre_leads_to_what_keeps_a_run_from_starting(
    window: MainWindow, hands: Hands
) -> None:
    window.show_page("lab")
    window.editor.enter("training.steps", "many")
    assert "cannot start" in words(window)
    hands.press("plots-empty.reason")
    assert "Cannot start" in window.notice.text
    focused = window.focusWidget()
    assert focused is not None
    assert focused.objectName() == "training.steps"


def test_that_the_empty_centre_offers_the_first_optimizer(
    window: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    window.show_page("lab")
    for _ in range(len(window.editor.spec.optimizers)):
        window.editor.remove_optimizer(0)
    assert "optimizer" in words(window)
    hands.press("plots-empty.optimizer")
    picker = window.findChild(QLineEdit, "optimizers.picker.search")
    assert isinstance(picker, QLineEdit)
    assert picker.isVisible()
    picker.window().close()


def test_that_a_diagnostic_that_is_missing_is_added_from_its_place(
    lab: MainWindow, hands: Hands
) -> None:
    lab.grid.set_run(nets(steps=20), None)
    lab.grid.arranger.add("sharpness", target="train_loss", side="right")
    button = lab.findChild(QAbstractButton, "missing-sharpness.measure")
    assert isinstance(button, QAbstractButton)
    hands.press("missing-sharpness.measure")
    assert "sharpness" in lab.editor.spec.training.diagnostics
    hands.trigger("action.undo")
    assert "sharpness" not in lab.editor.spec.training.diagnostics


def test_that_plots_are_moved_and_made_larger_by_keys(lab: MainWindow) -> None:
    hands = Hands(lab)
    before = lab.grid.shown_names()
    lab.grid.card("surface").canvas.setFocus()
    hands.trigger("action.plots.move_right")
    names = names_in(lab.state.arrangement.tree)
    assert names[0] != "surface"
    assert set(names) == set(before)
    hands.trigger("action.plots.maximize")
    assert lab.grid.shown_names() == ("surface",)
    hands.trigger("action.plots.maximize")
    assert set(lab.grid.shown_names()) == set(before)
