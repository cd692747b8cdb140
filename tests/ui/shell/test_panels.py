"""The panels show the experiment, change it through the editor, and mark errors."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.spec import OptimizerSpec
from optlab.ui.editor import SpecEditor
from optlab.ui.entry_body import EntryBody
from optlab.ui.entry_row import EntryHead
from optlab.ui.labels import ElidedLabel
from optlab.ui.main_window import MainWindow
from optlab.ui.study import Study
from optlab.ui.view_state import ViewState
from tests.ui.shell.support import Answers, Hands


def test_that_first_look_opens_by_default(window: MainWindow, hands: Hands) -> None:
    assert window.editor.spec.title == "Six optimizers on Rosenbrock"
    assert len(window.findChildren(EntryHead)) == 6
    assert hands.find(QWidget, "start").isEnabled()


def test_that_every_problem_can_be_picked(
    window: MainWindow, hands: Hands, catalog: Catalog
) -> None:
    for info in catalog.problems:
        hands.choose("problem.name", info.name)
        assert window.editor.spec.problem.name == info.name
        for spec in info.params:
            assert hands.find(QWidget, f"problem.{spec.name}").accessibleName()


def test_that_every_optimizer_has_its_form(
    editor: SpecEditor, qtbot: QtBot, catalog: Catalog
) -> None:
    study, state = Study(editor), ViewState()
    for info in catalog.optimizers:
        entry = OptimizerSpec(name=info.name)
        editor.open(replace(editor.spec, optimizers=(entry,)), source="")
        body = EntryBody(editor, 0, study=study, state=state)
        qtbot.addWidget(body)
        body.refresh()
        for spec in info.params:
            assert body.findChild(QWidget, f"optimizers.0.{spec.name}")
        notes = [body.findChild(QLabel, f"optimizers.0.note.{n}") for n in range(9)]
        shown = [note.text() for note in notes if isinstance(note, QLabel)]
        assert shown == list(info.notes)
        body.close()


def test_that_an_optimizer_that_is_added_is_unfolded(
    window: MainWindow, hands: Hands
) -> None:
    window.optimizers_panel.add("AdamW")
    assert hands.find(QWidget, "optimizers.6.weight_decay").isVisible()


def test_that_an_entry_is_duplicated_renamed_moved_and_removed(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.2.head")
    hands.press("optimizers.2.duplicate")
    assert [e.name for e in window.editor.spec.optimizers[2:4]] == ["Adam", "Adam"]
    hands.type("optimizers.3.label", "Second Adam")
    assert hands.find(ElidedLabel, "optimizers.3.title").full_text == "Second Adam"
    hands.press("optimizers.3.up")
    assert window.editor.labels[2] == "Second Adam"
    hands.press("optimizers.2.remove")
    assert "Second Adam" not in window.editor.labels
    hands.trigger("action.undo")
    assert window.editor.labels[2] == "Second Adam"


def test_that_a_row_says_what_differs_from_the_defaults(
    window: MainWindow, hands: Hands
) -> None:
    details = hands.find(ElidedLabel, "optimizers.1.details").full_text
    assert details == "lr 0.001 · momentum 0.9"


def test_that_an_illegal_entry_is_marked_and_start_says_why(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "fast")
    assert hands.invalid("optimizers.0.lr")
    assert hands.text("optimizers.0.lr") == "fast"
    start = hands.find(QWidget, "start")
    assert not start.isEnabled()
    for words in ("optimizers.0.lr", "fast", "≥ 0"):
        assert words in start.toolTip()
        assert words in hands.find(QWidget, "start.reason").toolTip()
    hands.type("optimizers.0.lr", "1e-3")
    assert not hands.invalid("optimizers.0.lr")
    assert start.isEnabled()
    assert hands.text("optimizers.0.lr") == "0.001"


def test_that_the_reason_leads_to_the_field(window: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.4.head")
    hands.type("optimizers.4.eps", "-1")
    hands.click("optimizers.4.head")
    selected = [window.optimizers_panel.selected]
    hands.press("start.reason")
    selected.append(window.optimizers_panel.selected)
    assert selected == [None, 4]
    assert hands.find(QWidget, "optimizers.4.eps").hasFocus()


def test_that_an_illegal_entry_survives_a_change_elsewhere(hands: Hands) -> None:
    hands.type("training.steps", "many")
    hands.type("training.seeds", "0, 1")
    assert hands.text("training.steps") == "many"
    assert hands.invalid("training.steps")


def test_that_an_optimizer_that_cannot_work_here_says_so(
    window: MainWindow, hands: Hands
) -> None:
    index = window.editor.add_optimizer("SparseAdam")
    window.optimizers_panel.select(index)
    words = hands.find(QLabel, f"optimizers.{index}.incompatible")
    assert words.isVisible()
    assert "sparse" in words.text()
    assert not hands.find(QWidget, "start").isEnabled()


def test_that_a_value_goes_back_to_its_default(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.1.head")
    hands.press("optimizers.1.momentum.reset")
    assert window.editor.value("optimizers.1.momentum") == 0
    assert hands.text("optimizers.1.momentum") == "0"
    assert not hands.find(QWidget, "optimizers.1.momentum.reset").isVisible()


def test_that_the_fold_opens_when_something_in_it_is_wrong(
    window: MainWindow, hands: Hands
) -> None:
    hands.press("problem.more")
    hands.type("training.threads", "0")
    hands.press("problem.more")
    assert not hands.find(QWidget, "training.threads").isVisible()
    hands.type("training.seeds", "1")
    assert hands.find(QWidget, "training.threads").isVisible()


def test_that_the_eye_hides_a_curve_and_shows_it_again(
    window: MainWindow, hands: Hands
) -> None:
    hands.press("optimizers.3.eye")
    assert window.state.hidden == {3}
    hands.press("optimizers.3.eye")
    assert window.state.hidden == frozenset()


def test_that_undo_and_redo_name_what_they_do(window: MainWindow, hands: Hands) -> None:
    hands.type("training.steps", "250")
    assert "250" in window.commands["undo"].text()
    hands.trigger("action.undo")
    assert hands.text("training.steps") == "1,000"
    hands.trigger("action.redo")
    assert hands.text("training.steps") == "250"


def test_that_the_title_is_changed_in_the_bar(window: MainWindow, hands: Hands) -> None:
    hands.type("title", "My race")
    assert window.editor.spec.title == "My race"
    assert window.windowTitle().startswith("My race")
    assert hands.find(ElidedLabel, "source").full_text == "first-look.toml · edited"


def test_that_an_experiment_is_saved_and_opened_again(
    window: MainWindow, hands: Hands, answers: Answers
) -> None:
    hands.type("training.steps", "250")
    answers.path = window.session.runs.parent / "mine.toml"
    answers.path.parent.mkdir(parents=True, exist_ok=True)
    hands.trigger("action.save_spec_as")
    saved = window.editor.spec
    hands.trigger("menu.presets.seed-gd")
    assert window.editor.spec != saved
    hands.trigger("action.open_spec")
    assert window.editor.spec == saved


def test_that_a_bad_file_is_refused_in_words(
    window: MainWindow, hands: Hands, answers: Answers
) -> None:
    before = window.editor.spec
    answers.path = window.session.runs.parent / "bad.toml"
    answers.path.parent.mkdir(parents=True, exist_ok=True)
    answers.path.write_text("title = 3\n", encoding="utf-8")
    hands.trigger("action.open_spec")
    assert "title" in window.notice.text
    assert window.editor.spec == before
    hands.press("notice.close")
    assert window.notice.text == ""


@pytest.mark.parametrize("name", ["problem", "optimizers", "trials"])
def test_that_a_panel_is_closed_and_brought_back(
    window: MainWindow, hands: Hands, name: str
) -> None:
    hands.press(f"dock.{name}.close")
    assert not hands.find(QWidget, f"dock.{name}").isVisible()
    hands.trigger("action.reset_layout")
    assert hands.find(QWidget, f"dock.{name}").isVisible()


def test_that_the_theme_changes_and_back(window: MainWindow, hands: Hands) -> None:
    before = window.state.theme.name
    hands.press("theme")
    assert window.state.theme.name != before
    assert window.grab().toImage().pixelColor(5, 5).name() == window.state.theme.card
    hands.press("theme")
    assert window.state.theme.name == before


def test_that_everything_a_person_can_act_on_has_a_name(
    window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    kinds = ("QPushButton", "QToolButton", "QLineEdit", "QComboBox", "QCheckBox")
    nameless = [
        f"{w.metaObject().className()} {w.objectName()!r} {w.toolTip()!r}"
        for w in window.findChildren(QWidget)
        if w.isVisible()
        and any(w.inherits(kind) for kind in kinds)
        and not (w.objectName() and (w.accessibleName() or w.toolTip()))
        and not isinstance(w.parent(), QComboBox)
    ]
    assert nameless == []
