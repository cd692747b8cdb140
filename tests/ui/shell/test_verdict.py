"""What a run comes to: fairness, verdicts and speed-ups, as they are seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from optlab.analysis.certificate import certify_run
from optlab.analysis.evidence import evidence
from optlab.analysis.speedup import speedup
from optlab.analysis.verdict import judge
from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.sweep.study import Study
from optlab.ui.controller import Phase
from optlab.ui.main_window import MainWindow
from optlab.ui.speedup_view import SpeedupCard
from optlab.ui.verdict_view import VerdictCard
from tests.core.sweep.here import Here
from tests.ui.shell.conftest import PATIENCE, SHORT
from tests.ui.shell.support import Answers, Hands

NOISY = """
format = 1
title = "In the noise"
[problem]
name = "noisy-quadratic"
[training]
steps = 60
seeds = [0, 1, 2, 3, 4, 5, 6, 7]
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.01
[[optimizers]]
name = "Adam"
label = "Adam"
lr = 0.05
[[optimizers]]
name = "SGD"
label = "far too fast"
lr = 1e6
"""
ENDLESS = NOISY.replace("steps = 60", "steps = 100_000_000")
LONG = 30_000


@pytest.fixture
def open_text(window: MainWindow, catalog: Catalog) -> Callable[[str], None]:
    """Return a function that opens an experiment."""

    def open_it(text: str) -> None:
        window.editor.open(spec_from_text(text, catalog), source="noisy.toml")

    return open_it


@pytest.fixture
def noisy(
    window: MainWindow,
    hands: Hands,
    qtbot: QtBot,
    open_text: Callable[[str], None],
) -> MainWindow:
    """A window in which three optimizers ran with eight seeds; one diverged."""
    open_text(NOISY)
    with qtbot.waitSignal(window.controller.run_ended, timeout=LONG):
        hands.press("start")
    return window


def told(window: MainWindow, qtbot: QtBot) -> VerdictCard:
    """Give the verdict a place and return it when it says something."""
    window.verdicts.show_verdict()
    card = window.grid.card("verdict")
    assert isinstance(card, VerdictCard)
    said_all(window, qtbot)
    qtbot.waitUntil(lambda: bool(card.verdicts()), timeout=LONG)
    return card


def said_all(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until what is shown is worked out and drawn."""
    window.clock.refresh_now()
    qtbot.waitUntil(lambda: not window.reader.busy, timeout=LONG)
    window.clock.refresh_now()


def test_that_the_badge_says_whether_the_comparison_is_fair(
    noisy: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    badge = hands.find(QToolButton, "status.paired")
    said_all(noisy, qtbot)
    data = noisy.controller.data
    assert data is not None
    wanted = certify_run(data)
    assert wanted.paired
    assert badge.text() == "▲ Paired · check"
    assert badge.property("level") == "amber" == wanted.level
    for reason in wanted.reasons:
        assert reason in badge.toolTip()
    hands.press("status.paired")
    hands.press("status.details.copy")
    copied = QGuiApplication.clipboard().text()
    for name, value in wanted.facts:
        assert f"{name}: {value}" in copied


def test_that_the_badge_is_there_while_trials_run(
    window: MainWindow,
    hands: Hands,
    qtbot: QtBot,
    open_text: Callable[[str], None],
    until: Callable[[Phase], None],
) -> None:
    open_text(ENDLESS)
    hands.press("start")
    until(Phase.RUNNING)
    badge = hands.find(QToolButton, "status.paired")
    qtbot.waitUntil(lambda: "Paired" in badge.text(), timeout=LONG)
    assert "Still running" in badge.toolTip()
    hands.press("stop")
    until(Phase.IDLE)
    qtbot.waitUntil(lambda: "stopped before" in badge.toolTip(), timeout=LONG)


def test_that_one_optimizer_alone_has_no_badge(
    window: MainWindow, hands: Hands, qtbot: QtBot, open_text: Callable[[str], None]
) -> None:
    open_text(SHORT.partition('[[optimizers]]\nname = "Adam"')[0])
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    said_all(window, qtbot)
    assert "paired" not in window.status.shown()


def test_that_several_seeds_bring_the_verdict_onto_the_screen(
    noisy: MainWindow, catalog: Catalog, hands: Hands, qtbot: QtBot
) -> None:
    assert "verdict" in noisy.grid.shown_names()
    card = told(noisy, qtbot)
    data = noisy.controller.data
    assert data is not None
    wanted = judge(evidence([data], catalog).findings[0]).verdicts
    assert card.verdicts() == wanted
    for place, verdict in enumerate(wanted):
        sentence = hands.find(QLabel, f"verdict.{place}.sentence").text()
        assert sentence == verdict.sentence
    assert "n = 8" in hands.find(QLabel, "verdict.0.numbers").text()
    assert card.subtitle_text.endswith("against SGD · 8 seeds")
    assert not hands.find(QLabel, "verdict.banner").isVisibleTo(card)
    alarms = [a.words.text() for a in card._alarms if not a.isHidden()]
    assert any("far too fast did not last" in text for text in alarms)


def test_that_baseline_and_pairs_are_chosen_without_touching_the_run(
    noisy: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    card = told(noisy, qtbot)
    noisy.grid.maximize("verdict")
    said_all(noisy, qtbot)
    spec = noisy.editor.spec
    hands.choose("verdict.baseline", "Adam")
    said_all(noisy, qtbot)
    assert {v.baseline for v in card.verdicts()} == {"Adam"}
    assert "against Adam" in card.subtitle_text
    QTest.mouseClick(hands.find(QCheckBox, "verdict.pairs"), Qt.MouseButton.LeftButton)
    said_all(noisy, qtbot)
    assert len(card.verdicts()) == 3
    assert noisy.editor.spec == spec
    metric = hands.find(QComboBox, "verdict.metric")
    assert metric.findData("train_loss") >= 0
    hands.choose("verdict.metric", "train_loss")
    said_all(noisy, qtbot)
    assert {v.metric for v in card.verdicts()} == {"train_loss"}


def test_that_a_target_is_typed_and_nonsense_is_marked(
    noisy: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    told(noisy, qtbot)
    noisy.grid.maximize("verdict")
    said_all(noisy, qtbot)
    assert hands.find(QLineEdit, "verdict.target").placeholderText()
    hands.type("verdict.target", "high")
    assert hands.invalid("verdict.target")
    hands.type("verdict.target", "0.5")
    said_all(noisy, qtbot)
    assert not hands.invalid("verdict.target")
    assert {s.target for s in noisy.reader.answers.speedups} == {0.5}


def test_that_one_seed_is_told_what_is_missing(
    ran: MainWindow, hands: Hands, qtbot: QtBot
) -> None:
    assert "verdict" not in ran.grid.shown_names()
    hands.trigger("action.verdict")
    told(ran, qtbot)
    sentence = hands.find(QLabel, "verdict.0.sentence").text()
    assert "seeds" in sentence
    assert hands.find(QLabel, "verdict.0.word").text() == "– no verdict"


def test_that_a_live_verdict_is_provisional_and_holds_at_any_time(
    window: MainWindow,
    hands: Hands,
    qtbot: QtBot,
    open_text: Callable[[str], None],
    until: Callable[[Phase], None],
) -> None:
    open_text(ENDLESS)
    hands.press("start")
    until(Phase.RUNNING)
    card = told(window, qtbot)
    banner = hands.find(QLabel, "verdict.banner")
    assert banner.text().startswith("Provisional:")
    assert all(v.better is None for v in card.verdicts())
    assert any(v.provisional for v in card.verdicts())
    hands.press("stop")
    until(Phase.IDLE)


def test_that_the_speed_up_is_drawn_as_it_is_worked_out(
    noisy: MainWindow, catalog: Catalog, hands: Hands, qtbot: QtBot
) -> None:
    hands.trigger("action.speedup")
    said_all(noisy, qtbot)
    card = noisy.grid.card("speedup")
    assert isinstance(card, SpeedupCard)
    data = noisy.controller.data
    assert data is not None
    wanted = speedup(evidence([data], catalog).findings[0], "Adam")
    levels, ratios = card.plotted(8)
    assert list(levels) == list(wanted.levels)
    assert ratios == pytest.approx(wanted.ratios.middle, nan_ok=True)
    # Harder levels lie further right.
    places = card._places(card.speedups()[0])
    assert places[0] < places[-1]
    title, readings = card.read(float(places[len(places) // 2]))
    assert any("of 8 seeds" in text for r in readings for text in r.texts)
    assert "alue" in title
    hands.trigger("card-speedup-axis-grad_evals")
    said_all(noisy, qtbot)
    assert {s.axis for s in card.speedups()} == {"grad_evals"}


def test_that_another_language_says_it_anew(noisy: MainWindow, qtbot: QtBot) -> None:
    told(noisy, qtbot)
    with qtbot.waitSignal(noisy.rebuilt, timeout=PATIENCE):
        noisy.set_language("zh")
    card = told(noisy, qtbot)
    assert "个随机种子" in card.subtitle_text
    with qtbot.waitSignal(noisy.rebuilt, timeout=PATIENCE):
        noisy.set_language("en")


def test_that_the_report_is_written_of_what_is_on_the_screen_and_opened(
    ran: MainWindow,
    hands: Hands,
    qtbot: QtBot,
    answers: Answers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers.path = tmp_path / "report.html"
    ran.menu.fill_export()
    hands.trigger("export.report")
    qtbot.waitUntil(lambda: not ran.exports.busy, timeout=LONG)
    text = answers.path.read_text(encoding="utf-8")
    assert "Two on a bowl" in text
    assert "<script" not in text
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    hands.press("notice.offer")
    assert [Path(url.toLocalFile()) for url in opened] == [answers.path]


def test_that_figures_and_tables_of_the_answers_are_written(
    noisy: MainWindow,
    qtbot: QtBot,
    answers: Answers,
    tmp_path: Path,
) -> None:
    card = told(noisy, qtbot)
    noisy.verdicts.show_speedup()
    said_all(noisy, qtbot)
    for name in ("verdict", "speedup"):
        for suffix in (".svg", ".csv"):
            answers.path = tmp_path / f"{name}{suffix}"
            noisy.grid.card(name).export_requested.emit(name, suffix)
            qtbot.waitUntil(lambda: not noisy.exports.busy, timeout=LONG)
            assert answers.path.stat().st_size > 0, noisy.notice.text
    rows = (tmp_path / "verdict.csv").read_text(encoding="utf-8").splitlines()
    effects = [float(row.split(",")[4]) for row in rows[1:]]
    assert effects == [v.effect for v in card.verdicts()]
    assert "Adam" in (tmp_path / "speedup.svg").read_text(encoding="utf-8")


def test_that_plots_are_called_provisional_until_trials_have_ended(
    window: MainWindow,
    hands: Hands,
    open_text: Callable[[str], None],
    until: Callable[[Phase], None],
) -> None:
    open_text(ENDLESS)
    hands.press("start")
    until(Phase.RUNNING)
    window.clock.refresh_now()
    mark = hands.find(QLabel, "card-train_loss-provisional")
    assert mark.text() == "provisional"
    assert not mark.isHidden()
    hands.press("stop")
    until(Phase.IDLE)
    window.clock.refresh_now()
    assert not mark.isHidden()


def test_that_plots_of_a_run_that_is_over_are_not_called_provisional(
    ran: MainWindow, hands: Hands
) -> None:
    ran.clock.refresh_now()
    assert hands.find(QLabel, "card-train_loss-provisional").isHidden()


STUDY = """
format = 1
title = "A tuned comparison"
[problem]
name = "noisy-quadratic"
[training]
steps = 30
seeds = [0, 1, 2, 3, 4, 5, 6, 7]
[tuning]
trials = 3
seeds = [50]
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.02
space = { lr = [0.005, 0.01, 0.02] }
[[optimizers]]
name = "Adam"
label = "Adam"
lr = 1e-5
space = { lr = [1e-6, 1e-5, 1e-4] }
"""


def test_that_the_end_of_a_study_is_judged_with_its_tuning(
    window: MainWindow, catalog: Catalog, hands: Hands, qtbot: QtBot, tmp_path: Path
) -> None:
    spec = spec_from_text(STUDY, catalog)
    for _ in Study(spec, catalog, tmp_path / "study", executor=Here()).run():
        pass
    (final,) = (tmp_path / "study" / "final").glob("*.optlab")
    assert window.runs.load_run(final)
    card = told(window, qtbot)
    assert hands.find(QToolButton, "status.paired").text() == "✓ Paired"
    (verdict,) = card.verdicts()
    assert verdict.missing == ()
    assert verdict.better is False
    assert hands.find(QLabel, "verdict.0.word").text() == "▼ worse"
    assert "both tuned with 3 trials" in verdict.sentence
    report = window.reader.gatherer()().findings[0]
    assert len(report.tuned) == 6
