"""The library of runs in the window: find, say, open, overlay, compare, delete."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.registry import Catalog
from optlab.runner import Runner
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.library import RunLibrary
from optlab.store.notes import Notes, read_notes, write_notes
from optlab.store.overlay import Overlay
from optlab.store.run_data import RunData
from optlab.store.run_facts import Curve, RunFacts, read_curves
from optlab.store.trash import in_trash, move_to_trash
from optlab.translate import set_language
from optlab.ui.background import BackgroundTask
from optlab.ui.controller import Phase
from optlab.ui.curves import CurveCard
from optlab.ui.library_diff import DiffDialog
from optlab.ui.library_model import told_apart
from optlab.ui.library_page import LibraryPage
from optlab.ui.library_pictures import paint_curves
from optlab.ui.main_window import MainWindow
from optlab.ui.theme import DARK, LIGHT
from tests.ui.shell.support import Hands

BOWL = """
title = "Two on a bowl"
[problem]
name = "quadratic"
[training]
steps = 60
[[optimizers]]
name = "SGD"
lr = 0.01
[[optimizers]]
name = "Adam"
lr = 0.05
"""
VALLEY = """
title = "A valley"
[problem]
name = "rosenbrock"
[training]
steps = 40
[[optimizers]]
name = "Adam"
lr = 0.1
"""
PATIENCE = 20_000


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


def record(runs: Path, name: str, text: str, catalog: Catalog) -> Path:
    spec = spec_from_text(text, catalog)
    runner = Runner(spec, catalog, folder=runs / name)
    for _ in runner.run():
        pass
    return runner.path


@pytest.fixture
def three(window: MainWindow, catalog: Catalog) -> tuple[Path, Path, Path]:
    """Three runs in the folder of the window; the last one is the newest."""
    runs = window.session.runs
    return (
        record(runs, "bowl", BOWL, catalog),
        record(runs, "bowl-2", BOWL.replace("0.05", "0.2"), catalog),
        record(runs, "valley", VALLEY, catalog),
    )


@pytest.fixture
def english() -> Iterator[None]:
    yield
    set_language("en")


def page_of(window: MainWindow) -> LibraryPage:
    page = window.pages.made("library")
    assert isinstance(page, LibraryPage)
    return page


def go(window: MainWindow, qtbot: QtBot, rows: int) -> LibraryPage:
    """Go to the library and wait until it shows so many runs."""
    window.show_page("library")
    page = page_of(window)
    qtbot.waitUntil(lambda: window.library.shelf.listed, timeout=PATIENCE)
    qtbot.waitUntil(lambda: len(page.model.runs) == rows, timeout=PATIENCE)
    return page


def select(page: LibraryPage, *paths: Path) -> None:
    rows = [page.model.row_of(path) for path in paths]
    page.table.select_rows([row for row in rows if row is not None])
    assert len(page.table.selected_runs()) == len(paths)


def titles(page: LibraryPage) -> list[str]:
    return [facts.title for facts in page.model.runs]


def said(window: MainWindow) -> str:
    return window.notice.text


# -- what is shown ---------------------------------------------------------------------


def test_that_an_empty_library_leads_on(
    window: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    go(window, qtbot, 0)
    headline = hands.find(QLabel, "library.empty.headline")
    qtbot.waitUntil(lambda: headline.text() == "No runs yet", timeout=PATIENCE)
    hands.press("library.empty.start")
    assert window.pages.page == "lab"


def test_that_runs_are_listed_newest_first(
    window: MainWindow, three: tuple[Path, ...], qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    assert titles(page) == ["A valley", "Two on a bowl", "Two on a bowl"]
    cell = page.model.cell(page.model.runs[0], "title")
    assert cell.second == "Rosenbrock · Adam (lr 0.1)"
    assert page.model.cell(page.model.runs[0], "state").text == "finished"
    assert page.table.selected_runs() == page.model.runs[:1]


def test_that_runs_are_sorted_by_a_result(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    hands.choose("library.metric", "best:train_loss")
    header = page.table.horizontalHeader()
    at = header.sectionViewportPosition(1) + 20
    for descending in (True, False):
        QTest.mouseClick(
            header.viewport(),
            Qt.MouseButton.LeftButton,
            pos=QPoint(at, 10),
        )
        values = [facts.bests["train_loss"].value for facts in page.model.runs]
        assert values == sorted(values, reverse=descending)
    assert window.session.settings.value("library/metric") == "best:train_loss"


def test_that_runs_are_found_by_words_and_tags(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    write_notes(three[0], Notes(tags=("good",)))
    page = go(window, qtbot, 3)
    qtbot.waitUntil(lambda: bool(page.findChildren(QPushButton, "library.tag.good")))
    hands.type("library.search", "valley adam")
    assert titles(page) == ["A valley"]
    hands.type("library.search", "tag:good")
    assert [facts.path for facts in page.model.runs] == [three[0]]
    hands.type("library.search", "nothing of the kind")
    assert titles(page) == []
    hands.press("library.empty.clear")
    assert len(titles(page)) == 3
    hands.press("library.tag.good")
    assert [facts.path for facts in page.model.runs] == [three[0]]
    hands.press("library.tag.good")
    assert len(titles(page)) == 3


def test_that_a_broken_file_is_a_row_that_says_so(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    broken = window.session.runs / "broken" / "run.optlab"
    broken.parent.mkdir()
    broken.write_bytes(b"junk" * 500)
    page = go(window, qtbot, 4)
    select(page, broken)
    cell = page.model.cell(page.table.selected_runs()[0], "title")
    assert cell.text == "broken"
    assert "not a run file" in cell.second
    wrong = [
        label
        for label in page.details.findChildren(QLabel)
        if label.property("role") == "error" and label.text()
    ]
    assert ["not a run file" in label.text() for label in wrong] == [True]
    for name in ("open", "overlay", "compare", "copy"):
        assert not hands.find(QAbstractButton, f"library.{name}").isEnabled()
    hands.press("library.trash")
    assert not broken.exists()


def test_that_pictures_are_drawn_of_what_was_recorded(
    three: tuple[Path, ...],
) -> None:
    curves = read_curves(three[0])
    for theme in (LIGHT, DARK):
        image = paint_curves(curves, theme, ratio=2.0)
        seen = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert {color.lower() for color in theme.series[:2]} <= seen
    assert paint_curves((), LIGHT).width() > 0
    nothing = ((0, ((0.0, float("inf")), (1.0, float("inf")))),)
    assert paint_curves(nothing, LIGHT).width() > 0


def test_that_pictures_come_in_the_background(
    window: MainWindow, three: tuple[Path, ...], qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    facts = page.model.runs[0]
    ratio = page.table.devicePixelRatioF()
    pictures = window.library.pictures
    qtbot.waitUntil(
        lambda: pictures.picture(facts, window.state.theme, ratio) is not None,
        timeout=PATIENCE,
    )


def test_that_nothing_is_squeezed_in_the_pane_of_a_low_window(
    window: MainWindow, catalog: Catalog, qtbot: QtBot
) -> None:
    long = BOWL.replace("Two on a bowl", "AnEndlessTitle" * 8)
    path = record(window.session.runs, "long", long, catalog)
    window.resize(1024, 600)
    page = go(window, qtbot, 1)
    select(page, path)
    QApplication.processEvents()
    labels = [la for la in page.details.findChildren(QLabel) if la.isVisible()]
    assert len(labels) > 20
    for label in labels:
        needed = label.heightForWidth(label.width())
        assert label.height() >= max(needed, label.fontMetrics().height())


# -- what a person says ------------------------------------------------------------


def test_that_notes_are_on_disk_a_moment_after_typing(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[1])
    editor = hands.find(QPlainTextEdit, "library.notes")
    editor.setFocus()
    QTest.keyClicks(editor, "Larger rate, ")
    QTest.keyClicks(editor, "less patience.")
    hands.type("library.tags", "rate, #bold", leave=False)
    qtbot.waitUntil(
        lambda: (
            read_notes(three[1])
            == Notes(text="Larger rate, less patience.", tags=("rate", "bold"))
        ),
        timeout=1000,
    )
    assert editor.toPlainText() == "Larger rate, less patience."
    assert hands.find(QWidget, "library.tag.bold").isVisible()
    select(page, three[0])
    assert editor.toPlainText() == ""
    assert read_notes(three[0]) == Notes()


def test_that_what_was_typed_last_is_written_when_the_window_closes(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[1])
    editor = hands.find(QPlainTextEdit, "library.notes")
    QTest.keyClicks(editor, "quick")
    window.close()
    assert read_notes(three[1]).text == "quick"


def test_that_a_pinned_run_stands_first(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[0])
    hands.press("library.pin")
    assert page.model.runs[0].path == three[0]
    assert page.table.selected_runs()[0].path == three[0]
    hands.press("library.back")
    assert read_notes(three[0]).pinned


def test_that_notes_that_cannot_be_read_are_not_written_over(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    file = three[0].with_name("run.notes.toml")
    file.write_text("notes = [", "utf-8")
    page = go(window, qtbot, 3)
    qtbot.waitUntil(lambda: any(f.notes.fault for f in page.model.runs))
    select(page, three[0])
    assert not hands.find(QPlainTextEdit, "library.notes").isEnabled()
    assert "run.notes.toml" in hands.find(QLabel, "library.notes-fault").text()
    hands.press("library.back")
    assert file.read_text("utf-8") == "notes = ["


# -- keys ------------------------------------------------------------------------------


def test_that_the_library_is_worked_by_keys_alone(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    window.activateWindow()
    page.table.setFocus()
    QTest.keySequence(page.table, QKeySequence(QKeySequence.StandardKey.Find))
    search = hands.find(QLineEdit, "library.search")
    qtbot.waitUntil(search.hasFocus)
    QTest.keyClicks(search, "bowl")
    assert len(page.model.runs) == 2
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    (chosen,) = page.table.selected_runs()
    assert chosen.path == three[0]
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert not three[0].exists()
    QTest.keyClick(page.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(three[0].exists)
    qtbot.waitUntil(lambda: len(page.model.runs) == 2)
    QTest.keyClick(page.table, Qt.Key.Key_Slash)
    qtbot.waitUntil(search.hasFocus)
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert (search.text(), page.table.hasFocus()) == ("", True)
    select(page, three[2])
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert window.pages.page == "lab"
    assert window.controller.path == three[2]
    go(window, qtbot, 3)
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert window.pages.page == "lab"


def test_that_notes_outlive_a_look_that_began_before_they_were_written(
    window: MainWindow,
    three: tuple[Path, Path, Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go(window, qtbot, 3)
    shelf = window.library.shelf
    qtbot.waitUntil(lambda: shelf._task is None)
    read, written = Event(), Event()
    usual = RunLibrary.list

    def slow(library: RunLibrary, stop: Callable[[], bool]) -> tuple[RunFacts, ...]:
        found = usual(library, stop)
        read.set()
        assert written.wait(20)
        return found

    monkeypatch.setattr(RunLibrary, "list", slow)
    shelf.refresh()
    qtbot.waitUntil(read.is_set)
    with qtbot.waitSignal(shelf.changed):
        shelf.say(three[0], Notes(text="Mine"))
    shelf.flush()
    assert read_notes(three[0]).text == "Mine"
    with qtbot.waitSignal(shelf.changed):
        written.set()
    facts = shelf.run(three[0])
    assert facts is not None
    assert facts.notes.text == "Mine"


def test_that_a_folder_that_does_not_answer_is_told_at_the_end(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(window, qtbot, 0)
    shelf = window.library.shelf
    qtbot.waitUntil(lambda: shelf._task is None)
    asked, answered = Event(), Event()

    def stuck(_library: RunLibrary, _stop: Callable[[], bool]) -> tuple[RunFacts, ...]:
        asked.set()
        assert answered.wait(20)
        return ()

    usual = BackgroundTask.shutdown
    with monkeypatch.context() as patched:
        patched.setattr(RunLibrary, "list", stuck)
        shelf.refresh()
        qtbot.waitUntil(asked.is_set)
        patched.setattr(
            BackgroundTask,
            "shutdown",
            lambda task, *, wait_ms=1: usual(task, wait_ms=1),
        )
        ended = window.library.shutdown()
    answered.set()
    assert not ended
    assert window.library.shutdown()


def test_that_notes_that_cannot_be_written_are_tried_again(
    window: MainWindow,
    three: tuple[Path, Path, Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go(window, qtbot, 3)
    shelf = window.library.shelf

    def full(path: Path, _notes: Notes) -> None:
        raise InputError(str(path), None, "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("optlab.ui.library_shelf.write_notes", full)
        shelf.say(three[0], Notes(text="Mine"))
        shelf.flush()
    assert "the disk is full" in said(window)
    shelf.flush()
    assert read_notes(three[0]).text == "Mine"


def test_that_a_run_without_a_picture_is_not_painted_again_and_again(
    window: MainWindow,
    three: tuple[Path, ...],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Path] = []

    def broken(path: Path) -> tuple[Curve, ...]:
        asked.append(path)
        raise ZeroDivisionError

    monkeypatch.setattr("optlab.ui.library_pictures.read_curves", broken)
    go(window, qtbot, 3)
    pictures, theme = window.library.pictures, window.state.theme
    runs = window.library.shelf.runs
    qtbot.waitUntil(
        lambda: all(pictures.picture(f, theme, 3.0) is not None for f in runs),
        timeout=PATIENCE,
    )
    before = len(asked)
    assert all(pictures.picture(facts, theme, 3.0) is not None for facts in runs)
    assert pictures._task is None
    assert len(asked) == before


# -- open and overlay --------------------------------------------------------------


def test_that_a_run_is_opened_in_the_lab(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[1])
    hands.press("library.open")
    assert window.pages.page == "lab"
    assert window.controller.path == three[1]
    assert window.editor.spec.title == "Two on a bowl"


def test_that_an_overlay_draws_the_curves_of_its_runs(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    before = window.editor.spec
    page = go(window, qtbot, 3)
    select(page, three[0], three[1])
    hands.press("library.overlay")
    overlay = window.controller.data
    assert isinstance(overlay, Overlay)
    assert window.windowTitle().startswith("Overlay of 2 runs")
    assert hands.find(QLabel, "source").text().startswith("Overlay of 2 runs")
    assert window.editor.spec == before
    assert not window.controller.can_continue
    labels = [t.label for t in overlay.trials]
    assert len(set(labels)) == 4
    assert sum(label == "Adam (lr 0.05)" for label in labels) == 1
    card = window.grid.card("train_loss")
    assert isinstance(card, CurveCard)
    window.clock.refresh_now()
    datas = {data.path: data for data in map(RunData.open, three[:2])}
    for trial, start in enumerate(overlay.trials):
        own = datas[overlay.runs[trial // 2].path]
        steps, values = own.series(trial % 2, "train_loss").arrays()
        x, y = card.plotted(start.trial)
        finite = np.isfinite(y)
        np.testing.assert_array_equal(y[finite], values[1:][: finite.sum()])
        assert x[finite][-1] == steps[-1]
    # The same bowl under both: its surface is there; colours are apart.
    assert "surface" in [card.name for card in window.grid.cards()]
    assert min(window.editor.slots()) == 4


def test_that_runs_on_other_problems_have_no_surface_together(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, *three)
    hands.press("library.overlay")
    data = window.controller.data
    assert data is not None
    assert data.title == "Overlay of 3 runs"
    assert "surface" not in [card.name for card in window.grid.cards()]
    assert window.table.model.rowCount() == 5


def test_that_an_overlay_outlives_another_language_and_leaves_with_the_problem(
    window: MainWindow,
    three: tuple[Path, ...],
    hands: Hands,
    qtbot: QtBot,
    english: None,
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[0], three[1])
    hands.press("library.overlay")
    with qtbot.waitSignal(window.rebuilt, timeout=PATIENCE):
        window.set_language("zh")
    assert isinstance(window.controller.data, Overlay)
    assert window.table.model.rowCount() == 4
    window.editor.set_problem("beale")
    assert window.controller.data is None


def test_that_a_live_run_is_overlaid_and_goes_on(
    window: MainWindow,
    three: tuple[Path, ...],
    endless: ExperimentSpec,
    hands: Hands,
    until: Callable[[Phase], None],
    qtbot: QtBot,
) -> None:
    window.editor.open(endless, source="endless.toml")
    hands.press("start")
    until(Phase.RUNNING)
    live = window.controller.live
    assert live is not None
    page = go(window, qtbot, 4)
    select(page, three[0])
    assert not hands.find(QAbstractButton, "library.open").isEnabled()
    select(page, live[1])
    assert not hands.find(QAbstractButton, "library.trash").isEnabled()
    select(page, three[0], live[1])
    hands.press("library.overlay")
    overlay = window.controller.data
    assert isinstance(overlay, Overlay)
    assert overlay.state is State.RUNNING
    trial = overlay.trials[0].trial
    step = overlay.status(trial).step
    qtbot.waitUntil(lambda: overlay.status(trial).step > step, timeout=PATIENCE)
    go(window, qtbot, 4)
    select(page, live[1])
    hands.press("library.open")
    assert window.controller.data is live[0]
    assert window.controller.path == live[1]
    hands.press("stop")
    until(Phase.IDLE)
    assert window.controller.live is None


def test_that_a_menu_offers_what_the_buttons_do(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[0], three[1])
    page.table.customContextMenuRequested.emit(QPoint(20, 20))
    menu = hands.find(QMenu, "library.menu")
    enabled = [entry.objectName() for entry in menu.actions() if entry.isEnabled()]
    assert enabled == [
        "library.overlay.entry",
        "library.compare.entry",
        "library.trash.entry",
    ]
    hands.trigger("library.overlay.entry")
    menu.close()
    assert isinstance(window.controller.data, Overlay)


def test_that_the_next_run_takes_the_place_of_an_overlay(
    window: MainWindow,
    three: tuple[Path, ...],
    short: ExperimentSpec,
    hands: Hands,
    qtbot: QtBot,
) -> None:
    window.editor.open(short, source="short.toml")
    page = go(window, qtbot, 3)
    select(page, three[0], three[1])
    hands.press("library.overlay")
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    assert not isinstance(window.controller.data, Overlay)
    assert window.windowTitle().startswith("Two on a bowl")
    assert window.editor.slots() == (0, 1)
    go(window, qtbot, 4)


# -- compare and copy ------------------------------------------------------------------


def test_that_two_experiments_are_compared(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[0], three[1])
    hands.press("library.compare")
    dialog = window.findChild(DiffDialog, "diff")
    assert dialog is not None
    assert [(r.name, {r.left, r.right}) for r in dialog.shown()] == [
        ("lr", {"0.05", "0.2"})
    ]
    everything = dialog.findChild(QCheckBox, "diff.all")
    assert everything is not None
    everything.click()
    assert len(dialog.shown()) > 30
    hands.press("diff.copy")
    assert "betas" in QGuiApplication.clipboard().text()
    hands.press("diff.close")


def test_that_a_run_is_compared_with_the_lab(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    spec = spec_from_text(BOWL, window.session.catalog)
    window.editor.open(replace(spec, title="Mine"), source="mine.toml")
    page = go(window, qtbot, 3)
    select(page, three[0])
    hands.press("library.compare")
    dialog = window.findChild(DiffDialog, "diff")
    assert dialog is not None
    assert [(r.left, r.right) for r in dialog.shown()] == [("Two on a bowl", "Mine")]
    dialog.close()


@pytest.mark.parametrize("form", ["toml", "command", "python"])
def test_that_an_experiment_is_copied(
    form: str,
    window: MainWindow,
    three: tuple[Path, ...],
    hands: Hands,
    qtbot: QtBot,
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[2])
    hands.trigger(f"library.copy.{form}")
    copied = QGuiApplication.clipboard().text()
    assert "A valley" in copied
    assert "clipboard" in said(window)
    hands.trigger(f"action.copy_{form}")
    assert QGuiApplication.clipboard().text() != copied
    if form == "toml":
        spec = spec_from_text(copied, window.session.catalog)
        assert spec.title == "A valley"


# -- the trash -------------------------------------------------------------------------


def test_that_runs_go_to_the_trash_and_come_back_together(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    select(page, three[0])
    hands.press("library.open")
    go(window, qtbot, 3)
    select(page, three[0], three[1])
    hands.press("library.trash")
    assert [path.exists() for path in three] == [False, False, True]
    assert titles(page) == ["A valley"]
    # What is gone is not on the screen any more.
    assert window.controller.data is None
    hands.trigger("action.undo")
    qtbot.waitUntil(lambda: len(page.model.runs) == 3, timeout=PATIENCE)
    assert all(path.exists() for path in three)
    hands.trigger("action.redo")
    qtbot.waitUntil(lambda: len(page.model.runs) == 1, timeout=PATIENCE)
    hands.trigger("action.undo")
    qtbot.waitUntil(lambda: len(page.model.runs) == 3, timeout=PATIENCE)


def test_that_runs_of_one_day_are_told_apart_by_the_hour(
    window: MainWindow, three: tuple[Path, ...], qtbot: QtBot
) -> None:
    page = go(window, qtbot, 3)
    first, second, _ = page.model.runs
    one = replace(first, created="2026-03-01T10:00:05+00:00")
    two = replace(second, created="2026-03-01T10:00:45+00:00")
    assert all(len(text) == 8 for text in told_apart((one, two)))
    two = replace(two, created="2026-03-01T10:05:45+00:00")
    assert all(len(text) == 5 for text in told_apart((one, two)))
    two = replace(two, created="2026-05-01T10:05:45+00:00")
    assert all(len(text) == 16 for text in told_apart((one, two)))
    assert len(told_apart((one,))[0]) == 16


def test_that_the_library_survives_another_language(
    window: MainWindow,
    three: tuple[Path, ...],
    hands: Hands,
    qtbot: QtBot,
    english: None,
) -> None:
    page = go(window, qtbot, 3)
    hands.type("library.search", "bowl")
    select(page, three[0])
    with qtbot.waitSignal(window.rebuilt, timeout=PATIENCE):
        window.set_language("zh")
    again = page_of(window)
    assert again is not page
    assert hands.find(QLineEdit, "library.search").text() == "bowl"
    assert [facts.path for facts in again.table.selected_runs()] == [three[0]]
    assert hands.find(QComboBox, "library.metric").currentData() == "final:train_loss"


def test_that_what_lies_in_the_trash_is_brought_back_later(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    move_to_trash(three[0], window.session.runs)
    page = go(window, qtbot, 2)
    button = hands.find(QPushButton, "library.bin")
    assert button.text() == "Trash: 1"
    button.menu().aboutToShow.emit()
    hands.trigger("library.bin.0")
    qtbot.waitUntil(lambda: len(page.model.runs) == 3, timeout=PATIENCE)
    assert not button.isVisible()


def test_that_the_trash_is_handed_on_to_the_desktop(
    window: MainWindow,
    three: tuple[Path, ...],
    hands: Hands,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    handed: list[Path] = []

    def take(path: Path) -> bool:
        handed.append(path)
        path.rename(tmp_path / "desktop-trash")
        return True

    monkeypatch.setattr("optlab.ui.library_shelf.to_desktop_trash", take)
    trashed = move_to_trash(three[0], window.session.runs)
    go(window, qtbot, 2)
    button = hands.find(QPushButton, "library.bin")
    button.menu().aboutToShow.emit()
    hands.trigger("library.bin.empty")
    qtbot.waitUntil(lambda: not button.isVisible(), timeout=PATIENCE)
    assert handed == [trashed.place]
    assert in_trash(window.session.runs) == ()


def test_that_tab_reaches_everything_on_the_page(
    window: MainWindow, three: tuple[Path, ...], hands: Hands, qtbot: QtBot
) -> None:
    write_notes(three[0], Notes(tags=("good",)))
    page = go(window, qtbot, 3)
    qtbot.waitUntil(lambda: bool(page.findChildren(QPushButton, "library.tag.good")))
    page.back.setFocus()
    reached = []
    for _ in range(40):
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.append(focused.objectName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    for name in (
        *("metric", "search", "tag.good", "table", "pin", "tags", "notes", "open"),
        *("compare", "copy", "folder", "trash", "back"),
    ):
        assert f"library.{name}" in reached, reached
