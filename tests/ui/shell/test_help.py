"""The help opens offline, at the right page, and finds what is in it."""

import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, which
from subprocess import run

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QToolButton, QTreeWidget
from pytestqt.qtbot import QtBot

from optlab.reference import reference_chapters
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.translate import set_language
from optlab.ui.commands import shortcut_words
from optlab.ui.help_browser import HelpBrowser
from optlab.ui.help_pages import (
    COMMANDS,
    GUIDE,
    HOME,
    PLOTS,
    HelpPages,
    help_folder,
    page_of_plot,
)
from optlab.ui.help_window import NAME, HelpWindow
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Hands

ROOT = Path(__file__).parents[3]
SWEEP = """
format = 1
[problem]
name = "himmelblau"
starts = "grid"
[training]
steps = 20
seeds = [0, 1, 2, 3]
"""
KINDS = {
    "surface": "plots/surface",
    "basins": "plots/basins",
    "verdict": "plots/verdict",
    "speedup": "plots/speed-up",
    "train_loss": "plots/training-loss",
    "param_norm": "plots/parameter-norm",
    "update_norm": "plots/update-norm",
    "grad_norm": "plots/gradient-norm",
    "lr": "plots/learning-rate",
    "value": "plots/value",
    "x0": "plots/other-metrics",
    "train_loss#2": "plots/training-loss",
    "sweep-final": "plots/sweep",
}


def opened(window: MainWindow) -> HelpWindow:
    """Return the help, which is open."""
    found = window.help.window
    assert found is not None
    assert found.isVisible()
    return found


def heading(browser: HelpBrowser) -> str:
    """Return the first line of the page that is shown."""
    return browser.document().firstBlock().text()


def in_chinese(qtbot: QtBot, window: MainWindow) -> None:
    """Let the window speak Chinese."""
    with qtbot.waitSignal(window.rebuilt):
        window.set_language("zh")


@pytest.fixture
def english(request: pytest.FixtureRequest) -> None:
    """Speak English again afterwards."""
    request.addfinalizer(lambda: set_language("en"))  # noqa: PT021


def test_that_the_command_opens_the_guide_at_its_first_page(window: MainWindow) -> None:
    command = window.commands.find("help")
    assert shortcut_words(command.keys) == "Shift+F1"
    command.action.trigger()
    browser = opened(window).browser
    assert browser.page == HOME
    assert heading(browser) == "OptLab"
    entries = window.commands.of("help")
    assert command in entries


def test_that_every_page_opens_and_every_link_in_it_leads_to_a_page(
    window: MainWindow, catalog: Catalog
) -> None:
    window.help.show()
    browser = opened(window).browser
    chapters = [f"reference/{chapter.name}" for chapter in reference_chapters(catalog)]
    for name in (*GUIDE, *PLOTS, COMMANDS, *chapters[-4:]):
        browser.visit(name)
        title = heading(browser)
        assert title
        assert title != "There is no such page", name


def test_that_a_link_is_followed_and_the_way_back_is_known(
    window: MainWindow, hands: Hands
) -> None:
    window.help.show()
    help_window = opened(window)
    browser = help_window.browser
    browser.anchorClicked.emit(QUrl("guide/plots.md"))
    assert browser.page == "guide/plots"
    browser.anchorClicked.emit(QUrl("../plots/sweep.md"))
    assert browser.page == "plots/sweep"
    assert heading(browser) == "Sweep"
    back = help_window.findChild(QToolButton, "help.back")
    forward = help_window.findChild(QToolButton, "help.forward")
    home = help_window.findChild(QToolButton, "help.home")
    assert back is not None
    assert forward is not None
    assert home is not None
    assert not forward.isEnabled()
    back.click()
    assert browser.page == "guide/plots"
    assert forward.isEnabled()
    forward.click()
    assert browser.page == "plots/sweep"
    home.click()
    assert browser.page == HOME


def test_that_the_browser_opens_only_for_a_link_that_is_clicked(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: asked.append(url.toString())
    )
    window.help.show_page("reference/schedulers")
    browser = opened(window).browser
    assert asked == []
    browser.anchorClicked.emit(QUrl("https://arxiv.org/abs/1608.03983"))
    assert asked == ["https://arxiv.org/abs/1608.03983"]
    assert browser.page == "reference/schedulers"


def test_that_links_are_followed_from_the_keyboard(window: MainWindow) -> None:
    window.help.show()
    browser = opened(window).browser
    browser.next_link()
    browser.next_link()
    assert browser.textCursor().selectedText() == "Running"
    browser.previous_link()
    assert browser.textCursor().selectedText() == "Experiments"
    browser.previous_link()
    assert browser.textCursor().selectedText() == "all other metrics"
    browser.next_link()
    QTest.keyClick(browser, Qt.Key.Key_Return)
    assert browser.page == "guide/experiments"
    QTest.keyClick(browser, Qt.Key.Key_Return)
    assert browser.page == "guide/experiments"


def test_that_a_search_finds_guide_and_reference_and_leads_to_the_place(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.help.show()
    help_window = opened(window)
    field = help_window.findChild(QLineEdit, "help.search")
    results = help_window.findChild(QListWidget, "help.results")
    assert field is not None
    assert results is not None
    field.setText("quartile")
    assert results.isVisible()
    titles = [results.item(k).text() for k in range(results.count())]
    assert "Seeds: median and band" in titles
    results.itemActivated.emit(results.item(titles.index("Seeds: median and band")))
    assert help_window.browser.page == "guide/plots"
    assert help_window.browser.textCursor().block().text() == "Seeds: median and band"
    assert help_window.browser.extraSelections()
    # The reference is read meanwhile.
    field.setText("Adafactor")
    qtbot.waitUntil(
        lambda: "Adafactor" in [results.item(k).text() for k in range(results.count())],
        timeout=60_000,
    )
    field.setText("no such words anywhere")
    assert not results.isVisible()
    field.clear()
    contents = help_window.findChild(QTreeWidget, "help.contents")
    assert contents is not None
    assert contents.isVisible()


def test_that_the_contents_lead_to_every_page(window: MainWindow) -> None:
    window.help.show()
    help_window = opened(window)
    tree = help_window.findChild(QTreeWidget, "help.contents")
    assert tree is not None
    parts = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
    items = [
        item
        for part in parts
        if part is not None
        for item in map(part.child, range(part.childCount()))
        if item is not None
    ]
    names = [item.data(0, NAME) for item in items]
    assert names[: len(GUIDE) + len(PLOTS)] == [*GUIDE, *PLOTS]
    tree.itemActivated.emit(items[3], 0)
    assert help_window.browser.page == GUIDE[3]


@pytest.mark.parametrize("metric", KINDS)
def test_that_every_kind_of_plot_has_its_page(metric: str) -> None:
    assert page_of_plot(metric) == KINDS[metric]
    assert KINDS[metric] in PLOTS


@pytest.fixture
def sweeping(catalog: Catalog) -> ExperimentSpec:
    """An experiment that has every kind of card."""
    entries = "".join(
        f'[[optimizers]]\nname = "SGD"\nlr = {lr}\n' for lr in (0.001, 0.003, 0.01)
    )
    return spec_from_text(SWEEP + entries, catalog)


def test_that_the_menu_of_each_card_leads_to_its_page(
    qtbot: QtBot, window: MainWindow, sweeping: ExperimentSpec, hands: Hands
) -> None:
    window.editor.open(sweeping, source="sweep.toml")
    with qtbot.waitSignal(window.controller.run_ended, timeout=60_000):
        hands.press("start")
    cards = window.grid.cards()
    seen = set()
    for card in cards:
        entry = next(
            a for a in card.menu.actions() if a.objectName() == f"card-{card.name}-help"
        )
        entry.trigger()
        browser = opened(window).browser
        assert browser.page == page_of_plot(card.name)
        assert heading(browser) != "There is no such page"
        seen.add(browser.page)
    assert {"plots/surface", "plots/basins", "plots/sweep"} <= seen
    assert {"plots/training-loss", "plots/update-norm"} <= seen


def test_that_the_help_stays_open_where_it_is_in_another_language(
    qtbot: QtBot, window: MainWindow, english: None
) -> None:
    window.help.show_page("guide/plots")
    in_chinese(qtbot, window)
    help_window = opened(window)
    assert help_window.browser.page == "guide/plots"
    assert heading(help_window.browser) == "图"
    help_window.browser.anchorClicked.emit(QUrl("exporting.md"))
    assert heading(help_window.browser) == "导出"
    help_window.close()
    with qtbot.waitSignal(window.rebuilt):
        window.set_language("en")
    assert window.help.window is None


def test_that_text_is_made_larger_and_stays_so(
    window: MainWindow, qtbot: QtBot, english: None
) -> None:
    window.help.show()
    help_window = opened(window)
    larger = help_window.findChild(QToolButton, "help.larger")
    assert larger is not None
    before = help_window.browser.document().defaultFont().pixelSize()
    larger.click()
    assert help_window.browser.document().defaultFont().pixelSize() > before
    in_chinese(qtbot, window)
    assert opened(window).browser.zoom > 1


def test_that_the_page_of_commands_names_every_command(window: MainWindow) -> None:
    window.help.show_page(COMMANDS)
    text = opened(window).browser.toPlainText()
    for command in window.commands.all():
        assert command.text in text
        assert shortcut_words(command.keys) in text


def test_that_the_keys_of_the_keyboard_page_are_those_of_the_window(
    ran: MainWindow,
) -> None:
    text = (help_folder() / "guide" / "keyboard.md").read_text(encoding="utf-8")
    parts = dict(part.split("\n", 1) for part in text.split("\n## ")[1:])
    commands = {k.toString() for c in ran.commands.all() for k in c.keys}
    card = ran.grid.card("train_loss")
    in_card = {action.shortcut().toString() for action in card.actions()}
    for title, known in (
        ("Used most", commands),
        ("In a plot that has the focus", in_card),
    ):
        named = [
            key
            for line in parts[title].splitlines()
            if line.startswith("| `")
            for key in line.split("|")[1].replace("`", "").strip().split(", ")
        ]
        assert named
        assert set(named) <= known, title


def test_that_titles_of_both_languages_differ_and_none_is_missing(
    catalog: Catalog, english: None
) -> None:
    folder = help_folder()

    def titles(code: str) -> list[str]:
        set_language(code)
        commands: Callable[[], str] = lambda: "# Commands"  # noqa: E731
        pages = HelpPages(catalog, commands=commands, folder=folder)
        return [pages.title(name) for name in (*GUIDE[1:], *PLOTS)]

    told = zip(titles("en"), titles("zh"), strict=True)
    assert all(one and other and one != other for one, other in told)


@pytest.mark.slow
@pytest.mark.skipif(which("mkdocs") is None, reason="mkdocs is not installed")
@pytest.mark.timeout(300)
def test_that_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    script = [sys.executable, str(ROOT / "scripts" / "make_reference.py")]
    run([*script, str(tmp_path / "docs")], check=True, capture_output=True)
    build = ["mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "plots" / "surface.html").is_file()
