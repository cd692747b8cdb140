"""The welcome page: samples that draw themselves, and two clicks to a moving curve."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.records import Floats
from optlab.registry import Catalog
from optlab.runner import Runner
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.thumbnail_studio import ThumbnailStudio
from optlab.ui.thumbnails import Sample, Sketch, SketchCache, Stroke, short_spec
from optlab.ui.welcome import WelcomePage
from optlab.ui.welcome_card import NARROWEST, SampleCard
from optlab.ui.welcome_samples import SAMPLES, words_of
from tests.ui.shell.conftest import ENDLESS, SHORT
from tests.ui.shell.support import Answers, Hands

PATIENCE = 30_000
QUICK = Sample(preset="momentum-overshoot", metric="surface", steps=24)
CURVES = Sample(preset="seed-momenta", metric="x0", steps=20)


@pytest.fixture
def page(window: MainWindow) -> WelcomePage:
    """The welcome page of the window."""
    window.welcome.show()
    page = window.welcome.page
    assert page is not None
    return page


@pytest.fixture
def studio(catalog: Catalog, tmp_path: Path) -> Iterator[ThumbnailStudio]:
    """A studio with an empty cache, which may work."""
    studio = ThumbnailStudio(catalog, folder=tmp_path / "sketches")
    studio.begin()
    studio.set_paused(False)
    yield studio
    assert studio.shutdown()


def sketch(studio: ThumbnailStudio, sample: Sample, qtbot: QtBot) -> Sketch:
    with qtbot.waitSignal(
        studio.sketched, timeout=PATIENCE, check_params_cb=lambda *told: told[2]
    ) as told:
        assert studio.want((sample,)) == {}
    assert told.args is not None
    found = told.args[1]
    assert isinstance(found, Sketch)
    return found


# -- samples and their thumbnails ------------------------------------------------------


def test_that_there_are_at_least_eight_samples_and_all_are_there(
    catalog: Catalog,
) -> None:
    assert len(SAMPLES) >= 8
    assert len({sample.preset for sample in SAMPLES}) == len(SAMPLES)
    for sample in SAMPLES:
        spec = short_spec(sample, catalog)
        assert spec.optimizers
        title, line = words_of(sample.preset)
        assert 0 < len(title) <= 30
        assert line.endswith((".", "?"))


def test_that_a_thumbnail_is_drawn_by_a_real_run_of_the_preset(
    studio: ThumbnailStudio, catalog: Catalog, qtbot: QtBot, tmp_path: Path
) -> None:
    drawn = sketch(studio, QUICK, qtbot)
    runner = Runner(short_spec(QUICK, catalog), catalog, folder=tmp_path / "run")
    for _ in runner.run():
        pass
    assert drawn.kind == "ways"
    assert len(drawn.strokes) == len(runner.data.trials) == 4
    for stroke, trial in zip(drawn.strokes, runner.data.trials, strict=True):
        x = runner.data.series(trial.trial, "x0").values
        assert stroke.hue == trial.entry
        np.testing.assert_array_equal(stroke.x, x)


def test_that_a_thumbnail_is_there_at_once_the_second_time(
    studio: ThumbnailStudio, qtbot: QtBot, catalog: Catalog, tmp_path: Path
) -> None:
    drawn = sketch(studio, CURVES, qtbot)
    again = ThumbnailStudio(catalog, folder=tmp_path / "sketches")
    kept = again.want((CURVES,))[CURVES.preset]
    for old, new in zip(drawn.strokes, kept.strokes, strict=True):
        np.testing.assert_allclose(new.y, old.y, rtol=1e-3, atol=1e-6)
    assert not again.working


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "ways", "strokes": [{}]}', "7"])
def test_that_a_damaged_sketch_is_made_again(
    text: str, studio: ThumbnailStudio, qtbot: QtBot, tmp_path: Path
) -> None:
    sketch(studio, CURVES, qtbot)
    (file,) = (tmp_path / "sketches").iterdir()
    file.write_text(text)
    assert sketch(studio, CURVES, qtbot).strokes


def test_that_points_that_are_no_numbers_are_refused(
    catalog: Catalog, tmp_path: Path
) -> None:
    cache = SketchCache(tmp_path, catalog)
    strokes = [{"hue": 0, "x": [0, 1], "y": [1, float("nan")]}]
    cache._path(CURVES).write_text(json.dumps({"kind": "curves", "strokes": strokes}))
    assert cache.load(CURVES) is None


def test_that_nothing_is_left_of_the_runs_behind_thumbnails(
    studio: ThumbnailStudio, qtbot: QtBot, tmp_path: Path, window: MainWindow
) -> None:
    sketch(studio, QUICK, qtbot)
    assert [f.suffix for f in (tmp_path / "sketches").iterdir()] == [".json"]
    assert not list(window.session.runs.glob("*"))


def test_that_the_studio_rests_while_it_is_paused(
    studio: ThumbnailStudio, qtbot: QtBot
) -> None:
    long = Sample(preset="first-look", metric="surface", steps=1_000_000)
    studio.want((long,))
    with qtbot.waitSignal(studio.sketched, timeout=PATIENCE):
        pass
    studio.set_paused(True)
    qtbot.waitUntil(lambda: not studio.working, timeout=PATIENCE)
    assert not studio._timer.isActive()
    studio.set_paused(False)
    assert studio.working


def test_that_a_run_of_ones_own_comes_before_the_thumbnails(
    window: MainWindow, page: WelcomePage, qtbot: QtBot
) -> None:
    studio = window.welcome.studio
    studio.begin()
    assert studio.working
    window.editor.load_text(ENDLESS, source="endless.toml")
    window.runs.start_or_pause()
    qtbot.waitUntil(lambda: not studio.working, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.controller.phase is Phase.RUNNING, timeout=PATIENCE)
    window.welcome.show()
    qtbot.waitUntil(lambda: not studio.working, timeout=PATIENCE)
    assert window.bar.isVisible()
    window.controller.stop()
    qtbot.waitUntil(lambda: not window.controller.active, timeout=PATIENCE)
    assert studio.working
    window.show_page("lab")
    qtbot.waitUntil(lambda: not studio.working, timeout=PATIENCE)


def test_that_lines_draw_themselves_once_and_then_rest(
    page: WelcomePage, qtbot: QtBot
) -> None:
    view = page.cards["seed-momenta"].view
    stroke = np.linspace(0.0, 1.0, 50)
    drawn = Sketch("curves", (_stroke(stroke),))
    page.show_sketch("seed-momenta", drawn, growing=False)
    assert view.moving
    qtbot.waitUntil(lambda: not view.moving, timeout=PATIENCE)
    page.set_animated(False)
    view.show_sketch(drawn, animated=False)
    page.cards["seed-momenta"].setFocus(Qt.FocusReason.TabFocusReason)
    assert not view.moving


def test_that_nothing_moves_while_the_page_is_hidden(
    window: MainWindow, page: WelcomePage
) -> None:
    drawn = Sketch("curves", (_stroke(np.linspace(0.0, 1.0, 50)),))
    page.show_sketch("seed-momenta", drawn, growing=False)
    window.show_page("lab")
    assert not page.cards["seed-momenta"].view.moving


# -- what a person does ----------------------------------------------------------------


def test_that_one_click_leads_to_a_moving_curve(
    window: MainWindow, page: WelcomePage, hands: Hands, qtbot: QtBot
) -> None:
    hands.press("welcome.start.momentum-overshoot")
    assert window.pages.page == "lab"

    def moving() -> bool:
        data = window.controller.data
        return data is not None and bool(data.trials) and data.status(0).step > 5

    qtbot.waitUntil(moving, timeout=PATIENCE)
    assert window.editor.source == "momentum-overshoot.toml"


def test_that_a_click_on_a_card_opens_it(
    window: MainWindow, page: WelcomePage, hands: Hands
) -> None:
    hands.press("welcome.open.saddle-crawl")
    assert window.pages.page == "lab"
    assert window.editor.source == "saddle-crawl.toml"
    assert not window.controller.active


def test_that_the_keyboard_goes_among_the_cards(
    window: MainWindow, page: WelcomePage, qtbot: QtBot
) -> None:
    cards = page.grid.cards
    window.activateWindow()
    cards[0].setFocus()
    qtbot.waitUntil(cards[0].hasFocus)
    QTest.keyClick(cards[0], Qt.Key.Key_Right)
    assert cards[1].hasFocus()
    QTest.keyClick(cards[1], Qt.Key.Key_Down)
    below = cards[1 + page.grid.columns]
    assert below.hasFocus()
    QTest.keyClick(below, Qt.Key.Key_Left)
    QTest.keyClick(cards[page.grid.columns], Qt.Key.Key_Up)
    assert cards[0].hasFocus()
    last = cards[-1]
    last.setFocus()
    QTest.keyClick(last, Qt.Key.Key_Right)
    assert last.hasFocus()
    cards[3].setFocus()
    QTest.keyClick(cards[3], Qt.Key.Key_Return)
    assert window.pages.page == "lab"
    assert window.editor.source == f"{SAMPLES[3].preset}.toml"


def test_that_control_and_enter_start_a_sample(
    window: MainWindow, page: WelcomePage, qtbot: QtBot
) -> None:
    card = page.cards["momentum-overshoot"]
    QTest.keyClick(card, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.controller.active
    qtbot.waitUntil(lambda: not window.controller.active, timeout=PATIENCE)


def test_that_tab_reaches_every_card_and_its_button(page: WelcomePage) -> None:
    every = page.window().findChildren(QWidget)
    reached = {
        widget.objectName()
        for widget in every
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    for sample in SAMPLES:
        assert f"welcome.open.{sample.preset}" in reached
        assert f"welcome.start.{sample.preset}" in reached


def test_that_a_run_that_a_key_has_started_is_seen(
    window: MainWindow, page: WelcomePage, qtbot: QtBot
) -> None:
    window.commands["start"].trigger()
    assert window.pages.page == "lab"
    window.controller.stop()
    qtbot.waitUntil(lambda: not window.controller.active, timeout=PATIENCE)


def test_that_a_sample_is_not_opened_over_a_run_that_is_going_on(
    window: MainWindow, page: WelcomePage, hands: Hands, qtbot: QtBot
) -> None:
    window.editor.load_text(ENDLESS, source="endless.toml")
    window.runs.start_or_pause()
    window.welcome.show()
    hands.press("welcome.open.saddle-crawl")
    assert window.editor.source == "endless.toml"
    assert "Stop the run" in window.notice.text


def test_that_recent_files_are_listed_and_open(
    ran: MainWindow, hands: Hands, qtbot: QtBot, tmp_path: Path
) -> None:
    path = ran.controller.path
    gone = tmp_path / "gone.optlab"
    ran.session.recent.add(gone, "run")
    assert path is not None
    ran.runs.forget_run()
    ran.welcome.show()
    qtbot.waitUntil(lambda: any(b.isVisible() for b in _recents(ran)))
    (only,) = _recents(ran)
    assert only.accessibleName() == "Two on a bowl"
    assert only.accessibleDescription().startswith("2 trials")
    hands.press("welcome.recent.0")
    assert ran.controller.path == path
    assert ran.pages.page == "lab"


def test_that_a_file_of_either_kind_is_opened(
    window: MainWindow,
    page: WelcomePage,
    hands: Hands,
    answers: Answers,
    tmp_path: Path,
) -> None:
    answers.path = tmp_path / "mine.toml"
    answers.path.write_text(SHORT, encoding="utf-8")
    hands.press("welcome.open")
    assert window.editor.path == answers.path
    assert window.pages.page == "lab"


def test_that_a_new_experiment_is_next_to_nothing(
    window: MainWindow, page: WelcomePage, hands: Hands
) -> None:
    before = window.editor.spec
    hands.press("welcome.new")
    assert window.editor.spec.title == "New experiment"
    assert not window.editor.edited
    assert len(window.editor.spec.optimizers) == 1
    assert window.pages.page == "lab"
    assert window.runs.reason() == ""
    window.editor.undo()
    assert window.editor.spec == before


def test_that_the_page_offers_to_go_on_only_where_there_is_something(
    window: MainWindow, page: WelcomePage
) -> None:
    assert page.go_on.isHidden()
    window.welcome.offer("Two on a bowl")
    assert not page.go_on.isHidden()


def test_that_the_theme_is_switched_on_the_page(
    window: MainWindow, page: WelcomePage, hands: Hands
) -> None:
    hands.press("welcome.theme.dark")
    assert window.state.theme.dark
    assert window.session.preferences.text("theme") == "dark"
    hands.press("welcome.theme.light")
    assert not window.state.theme.dark


def test_that_the_page_is_not_shown_again_where_a_person_says_so(
    window: MainWindow, page: WelcomePage, hands: Hands
) -> None:
    hands.press("welcome.at-start")
    assert window.session.preferences.value("welcome") is False


def test_that_the_bar_of_the_lab_comes_with_the_lab(
    window: MainWindow, page: WelcomePage
) -> None:
    assert not window.bar.isVisible()
    window.show_page("lab")
    assert window.bar.isVisible()


@pytest.mark.parametrize("size", [(1024, 600), (1440, 900), (2560, 1440)])
def test_that_cards_fill_their_rows_and_their_words_fit(
    size: tuple[int, int], window: MainWindow, page: WelcomePage, qtbot: QtBot
) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: page.width() == size[0])
    grid = page.grid
    assert len(grid.cards) % grid.columns == 0
    for card in grid.cards:
        assert card.width() >= NARROWEST
        assert grid.rect().contains(card.geometry())
        for label in card.findChildren(QPushButton):
            assert label.width() >= label.sizeHint().width()
        _assert_words_fit(card)


def _assert_words_fit(card: SampleCard) -> None:
    for label in card.findChildren(QLabel):
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())


def _recents(window: MainWindow) -> list[QPushButton]:
    return [
        button
        for button in window.findChildren(QPushButton)
        if button.objectName().startswith("welcome.recent.")
    ]


def _stroke(values: Floats) -> Stroke:
    return Stroke(0, values, values**2)
