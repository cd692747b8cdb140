"""Forms: the menu of a field, resets, copies, undo that leads, keys, room and notes."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QInputMethodEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from optlab.registry import Catalog
from optlab.runner import Description
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.ui import study
from optlab.ui.controller import Phase
from optlab.ui.editor import SpecEditor
from optlab.ui.elsewhere import same_elsewhere, toml_line
from optlab.ui.entry_row import EntryHead
from optlab.ui.main_window import MainWindow
from optlab.ui.picker_list import PickerList
from tests.ui.shell.support import Hands

FIVE = """
title = "Five"
[problem]
name = "quadratic"
[training]
steps = 60
[[optimizers]]
name = "SGD"
lr = 0.01
momentum = 0.9
[[optimizers]]
name = "Adam"
lr = 0.05
[[optimizers]]
name = "AdamW"
[[optimizers]]
name = "RMSprop"
scheduler = { name = "StepLR", step_size = 7 }
[[optimizers]]
name = "SGD"
lr = 0.5
scheduler = { name = "StepLR", step_size = 9 }
"""


@pytest.fixture
def five(window: MainWindow, catalog: Catalog) -> MainWindow:
    """The window with five optimizers."""
    window.editor.open(spec_from_text(FIVE, catalog), source="five.toml")
    return window


def rates(editor: SpecEditor) -> list[object]:
    """Return the learning rates of all entries."""
    count = len(editor.spec.optimizers)
    return [editor.value(f"optimizers.{index}.lr") for index in range(count)]


def open_menu(hands: Hands, key: str) -> QMenu:
    """Open the menu of a field by the keyboard."""
    field = hands.find(QWidget, key)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = hands.find(QMenu, f"{key}.context")
    assert menu.isVisible()
    return menu


def action(menu: QMenu, part: str) -> QAction:
    """Return one entry of the menu of a field."""
    found = menu.findChild(QAction, f"{menu.objectName()}.{part}")
    assert isinstance(found, QAction)
    return found


def take(menu: QMenu, part: str) -> None:
    """Take an entry of an open menu by the keyboard."""
    entry = action(menu, part)
    assert entry.isEnabled(), entry.toolTip()
    menu.setActiveAction(entry)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert not menu.isVisible()


# -- the menu of a field -------------------------------------------------------------


def test_that_a_value_is_copied_to_all_optimizers_that_have_it(
    five: MainWindow, hands: Hands
) -> None:
    before = rates(five.editor)
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "1e-3*2")
    menu = open_menu(hands, "optimizers.0.lr")
    assert action(menu, "all").text() == "Set lr of all optimizers to 0.002 (5)"
    take(menu, "all")
    assert rates(five.editor) == [0.002] * 5
    assert "Set lr of all optimizers" in five.editor.stack.undoText()
    hands.trigger("action.undo")
    assert rates(five.editor) == [0.002, *before[1:]]


def test_that_only_those_count_that_have_the_parameter(
    five: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    menu = open_menu(hands, "optimizers.0.momentum")
    # SGD twice, and RMSprop.
    assert action(menu, "all").text().endswith("to 0.9 (3)")
    take(menu, "all")
    values = [five.editor.spec.optimizers[i].values for i in (0, 3, 4)]
    assert [v["momentum"] for v in values] == [0.9] * 3
    menu = open_menu(hands, "optimizers.0.momentum")
    assert not action(menu, "all").isEnabled()
    assert "already" in action(menu, "all").toolTip()
    menu.close()


def test_that_parameters_of_schedules_are_copied_too(
    five: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.3.head")
    take(open_menu(hands, "optimizers.3.scheduler.step_size"), "all")
    other = five.editor.spec.optimizers[4].scheduler
    assert other is not None
    assert other.values["step_size"] == 7


def test_that_what_cannot_be_used_is_not_copied(five: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "fast")
    menu = open_menu(hands, "optimizers.0.lr")
    assert not action(menu, "all").isEnabled()
    assert action(menu, "reset").isEnabled()
    take(menu, "reset")
    assert hands.text("optimizers.0.lr") == "0.001"


def test_that_groups_are_copied_where_they_match_the_same(catalog: Catalog) -> None:
    text = """
        title = "Groups"
        [problem]
        name = "image-classification"
        [training]
        steps = 1
        [[optimizers]]
        name = "SGD"
        param_groups = [{ match = "*.bias", lr = 0.2 }]
        [[optimizers]]
        name = "Adam"
        param_groups = [{ match = "*.bias", lr = 0.4 }]
        [[optimizers]]
        name = "AdamW"
        param_groups = [{ match = "conv.*", lr = 0.6 }]
    """
    spec = spec_from_text(text, catalog)
    places = same_elsewhere("optimizers.0.param_groups.0.lr", spec, catalog)
    assert places == tuple(f"optimizers.{i}.param_groups.0.lr" for i in (0, 1))


def test_that_the_menu_opens_by_key_and_by_mouse(
    five: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    field = hands.find(QLineEdit, "optimizers.0.lr")
    menu = hands.find(QMenu, "optimizers.0.lr.context")
    QTest.keyClick(field, Qt.Key.Key_Menu)
    assert menu.isVisible()
    menu.close()
    (label,) = [
        w for w in five.findChildren(QLabel) if w.buddy() is field and w.isVisible()
    ]
    for widget in (field, label):
        place = QPoint(3, 3)
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place)
        )
        QApplication.sendEvent(widget, event)
        assert menu.isVisible()
        menu.close()


def test_that_text_is_cut_copied_and_pasted_and_a_line_of_toml_taken(
    five: MainWindow, hands: Hands
) -> None:
    clipboard = QGuiApplication.clipboard()
    hands.click("optimizers.0.head")
    take(open_menu(hands, "optimizers.0.momentum"), "toml")
    assert clipboard.text() == "momentum = 0.9"
    take(open_menu(hands, "optimizers.0.momentum"), "copy")
    assert clipboard.text() == "0.9"
    hands.find(QLineEdit, "optimizers.0.dampening").selectAll()
    take(open_menu(hands, "optimizers.0.dampening"), "paste")
    assert five.editor.value("optimizers.0.dampening") == 0.9
    hands.find(QLineEdit, "optimizers.0.dampening").selectAll()
    take(open_menu(hands, "optimizers.0.dampening"), "cut")
    assert hands.text("optimizers.0.dampening") == ""


def test_that_lists_are_one_line_of_toml(catalog: Catalog) -> None:
    betas = catalog.optimizers.get("Adam").param("betas")
    assert toml_line(betas, (0.9, 0.99)) == "betas = [0.9, 0.99]"


# -- defaults ------------------------------------------------------------------------


def test_that_an_entry_is_reset_as_one_step(five: MainWindow, hands: Hands) -> None:
    before = five.editor.spec
    hands.click("optimizers.4.head")
    hands.type("optimizers.4.label", "Mine")
    hands.press("optimizers.4.reset_all")
    entry = five.editor.spec.optimizers[4]
    assert entry.values == {}
    # Its name and its schedule are no parameters of the optimizer.
    assert entry.label == "Mine"
    assert entry.scheduler == before.optimizers[4].scheduler
    assert not hands.find(QWidget, "optimizers.4.reset_all").isEnabled()
    hands.trigger("action.undo")
    assert hands.text("optimizers.4.lr") == "0.5"
    assert hands.find(QWidget, "optimizers.4.reset_all").isEnabled()


def test_that_the_problem_is_reset_and_keeps_its_length(
    five: MainWindow, hands: Hands
) -> None:
    reset = hands.find(QWidget, "problem.reset_all")
    assert not reset.isEnabled()
    hands.type("training.steps", "70")
    hands.type("training.seeds", "0..4")
    assert reset.isEnabled()
    hands.press("problem.reset_all")
    assert five.editor.spec.training.seeds == (0,)
    assert five.editor.spec.training.steps == 70
    assert not reset.isEnabled()
    assert five.editor.errors() == ()


def test_that_steps_offer_no_way_back_to_nothing(hands: Hands) -> None:
    hands.type("training.steps", "70")
    assert not hands.find(QWidget, "training.steps.reset").isVisible()


# -- undo ----------------------------------------------------------------------------


def test_that_undo_leads_to_what_it_changes(five: MainWindow, hands: Hands) -> None:
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "0.3")
    hands.type("training.steps", "70")
    hands.trigger("action.undo")
    assert hands.find(QWidget, "training.steps").hasFocus()
    hands.trigger("action.undo")
    assert hands.find(QWidget, "optimizers.0.lr").hasFocus()
    hands.trigger("action.redo")
    assert hands.text("optimizers.0.lr") == "0.3"
    # What is folded away is shown by its head.
    hands.click("optimizers.0.head")
    hands.trigger("action.undo")
    assert hands.find(QWidget, "optimizers.0.head").hasFocus()


def test_that_the_keys_of_undo_reach_the_window_from_a_field(
    five: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    hands.type("optimizers.0.lr", "0.3")
    hands.type("optimizers.0.momentum", "0.5", leave=False)
    line = hands.find(QLineEdit, "optimizers.0.momentum")
    five.activateWindow()
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert five.editor.value("optimizers.0.momentum") == 0.9
    assert hands.text("optimizers.0.momentum") == "0.9"
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert five.editor.value("optimizers.0.lr") == 0.01


# -- keys ----------------------------------------------------------------------------


def test_that_entries_are_handled_by_keys(five: MainWindow, hands: Hands) -> None:
    def names() -> list[str]:
        return [entry.name for entry in five.editor.spec.optimizers]

    def head() -> QWidget:
        focus = QApplication.focusWidget()
        assert isinstance(focus, EntryHead)
        return focus

    before = names()
    hands.find(EntryHead, "optimizers.0.head").setFocus()
    QTest.keyClick(head(), Qt.Key.Key_Down)
    assert head().objectName() == "optimizers.1.head"
    QTest.keyClick(head(), Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert names() == ["SGD", "Adam", "Adam", "AdamW", "RMSprop", "SGD"]
    assert head().objectName() == "optimizers.2.head"
    QTest.keyClick(head(), Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert names() == ["SGD", "Adam", "AdamW", "Adam", "RMSprop", "SGD"]
    assert head().objectName() == "optimizers.3.head"
    QTest.keyClick(head(), Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(head(), Qt.Key.Key_Delete)
    assert names() == before
    # The copy was unfolded, and what has come into its place is.
    selected = [five.optimizers_panel.selected]
    for _ in range(2):
        QTest.keyClick(head(), Qt.Key.Key_Return)
        selected.append(five.optimizers_panel.selected)
    assert selected == [2, None, 2]


def test_that_delete_in_a_field_removes_a_letter_and_no_entry(
    five: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.0.head")
    line = hands.find(QLineEdit, "optimizers.0.lr")
    line.setFocus()
    for _ in range(9):
        QTest.keyClick(line, Qt.Key.Key_Delete)
    assert len(five.editor.spec.optimizers) == 5


def places_by_tab(area: QScrollArea, first: QWidget) -> list[tuple[int, int, str]]:
    """Return where the focus goes by Tab within a panel: row, column, name."""
    found: list[tuple[int, int, str]] = []
    first.setFocus()
    while True:
        focus = QApplication.focusWidget()
        assert focus is not None
        if not area.isAncestorOf(focus) or len(found) > 200:
            return found
        content = area.widget()
        assert content is not None
        corner = focus.mapTo(content, focus.rect().center())
        found.append((corner.y(), corner.x(), focus.objectName()))
        QTest.keyClick(focus, Qt.Key.Key_Tab)


@pytest.mark.parametrize("panel", ["problem", "optimizers"])
def test_that_tab_goes_through_a_form_as_it_is_read(
    five: MainWindow, hands: Hands, panel: str
) -> None:
    five.resize(1280, 1000)
    hands.click("optimizers.3.head")
    hands.type("training.seeds", "0..4")
    hands.type("optimizers.3.lr", "0.25")
    area = hands.find(QScrollArea, panel)
    first = "problem.name" if panel == "problem" else "optimizers.0.head"
    found = places_by_tab(area, hands.find(QWidget, first))
    names = [name for _, _, name in found]
    seen = [
        w.objectName()
        for w in area.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and w.objectName()
        if w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert sorted(seen) == sorted(names)
    # What is beside each other may be a pixel apart: rows are told by halves of one.
    rows = [(y, x) for y, x, _ in found]
    for (y, x), (below, right), name in zip(rows, rows[1:], names[1:], strict=False):
        assert below > y + 8 or (abs(below - y) <= 8 and right > x), name


# -- room and notes ------------------------------------------------------------------


def in_sight(area: QScrollArea, widget: QWidget) -> bool:
    """Return whether the beginning of a widget can be seen in a panel."""
    top = widget.mapTo(area.viewport(), QPoint(0, 0)).y()
    return 0 <= top < area.viewport().height() - 12


@pytest.mark.parametrize("size", [(1280, 800), (1024, 600)])
def test_that_what_is_opened_is_in_sight_and_gets_room(
    qtbot: QtBot, five: MainWindow, hands: Hands, size: tuple[int, int]
) -> None:
    five.resize(*size)
    panel = five.optimizers_panel
    before = panel.viewport().height()
    hands.click("optimizers.2.head")
    assert panel.viewport().height() > before
    assert in_sight(panel, hands.find(QWidget, "optimizers.2.head"))
    assert in_sight(panel, hands.find(QWidget, "optimizers.2.lr"))
    hands.press("optimizers.2.scheduler")
    assert in_sight(panel, hands.find(QWidget, "optimizers.2.scheduler.name"))
    hands.click("optimizers.2.head")
    qtbot.waitUntil(lambda: panel.viewport().height() == before)


def test_that_edits_during_a_run_say_that_it_goes_on_without_them(
    qtbot: QtBot, window: MainWindow, hands: Hands, endless: ExperimentSpec
) -> None:
    window.editor.open(endless, source="endless.toml")
    notes = [hands.find(QLabel, f"{panel}.note") for panel in ("problem", "optimizers")]
    hands.type("training.seeds", "0, 1")
    assert not any(note.isVisible() for note in notes)
    hands.press("start")
    assert window.controller.active
    assert not any(note.isVisible() for note in notes)
    window.editor.set_value("optimizers.0.lr", 0.5)
    assert [note.isVisible() for note in notes] == [False, True]
    window.editor.undo()
    hands.type("training.seeds", "0")
    assert [note.isVisible() for note in notes] == [True, False]
    # On a busy machine torch takes its time before there is anything to stop.
    qtbot.waitUntil(lambda: window.controller.phase is Phase.RUNNING, timeout=90_000)
    hands.press("stop")
    qtbot.waitUntil(lambda: not window.controller.active, timeout=90_000)
    assert not any(note.isVisible() for note in notes)


# -- and the rest --------------------------------------------------------------------


def test_that_all_stands_for_all_samples(
    qtbot: QtBot, window: MainWindow, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def describe(_spec: object, _catalog: object) -> Description:
        return Description(parameters=(), n_parameters=0, train_size=777, notes=())

    monkeypatch.setattr(study, "describe", describe)
    hands.choose("problem.name", "moons")
    qtbot.waitUntil(lambda: window.study.train_size() > 0)
    for typed in ("all", "N"):
        hands.type("problem.batch_size", "16")
        hands.type("problem.batch_size", typed)
        assert window.editor.value("problem.batch_size") == 777
        assert hands.text("problem.batch_size") == "777"
        assert not hands.invalid("problem.batch_size")


@pytest.mark.parametrize(
    ("place", "typed", "name"),
    [
        ("optimizers", "随机梯度下降", "SGD"),
        ("optimizers", "均方根传播", "RMSprop"),
        ("problem.name", "香蕉谷", "rosenbrock"),
    ],
)
def test_that_things_are_found_by_their_chinese_names(
    window: MainWindow, hands: Hands, place: str, typed: str, name: str
) -> None:
    if place == "optimizers":
        hands.press("optimizers.add")
    else:
        hands.click(place)
    search = hands.find(QLineEdit, f"{place}.picker.search")
    # Chinese comes from an input method, not from single keys.
    composed = QInputMethodEvent()
    composed.setCommitString(typed)
    QApplication.sendEvent(search, composed)
    assert name in hands.find(PickerList, f"{place}.picker.list").shown()
    QTest.keyClick(search, Qt.Key.Key_Escape)
    QTest.keyClick(search, Qt.Key.Key_Escape)


def test_that_the_tip_of_a_field_shows_the_formula_and_the_paper(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    hands.click("optimizers.2.head")
    field = hands.find(QWidget, "optimizers.2.lr")
    source = window.editor.optimizer(2).source
    assert source.partition(",")[0] in field.toolTip().replace("&amp;", "&")
    assert "Usual" in field.toolTip()

    def shown() -> bool:
        place = QPoint(3, 3)
        kind = QHelpEvent.Type.ToolTip
        QApplication.sendEvent(field, QHelpEvent(kind, place, field.mapToGlobal(place)))
        return "<img" in QToolTip.text()

    qtbot.waitUntil(shown, timeout=20_000)
    QToolTip.hideText()
