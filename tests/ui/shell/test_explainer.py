"""The explainer shows a card as a whole, in two languages, for what is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocumentFragment
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from optlab.cards import CardKind, card
from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.ui.explanation import explanation
from optlab.ui.formula_view import FormulaView
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Hands

Explain = Callable[..., None]


@pytest.fixture
def explain(qtbot: QtBot, window: MainWindow) -> Explain:
    """Return a function that opens a card and waits until it can be seen."""

    def act(kind: CardKind, name: str) -> None:
        with qtbot.waitSignal(
            window.explainer.shown, check_params_cb=lambda *s: s == (kind, name)
        ):
            window.explain(kind, name)

    return act


def words(hands: Hands, part: str) -> str:
    """Return the text of one part of the card, without markup."""
    label = hands.find(QLabel, f"explainer.{part}")
    text = QTextDocumentFragment.fromHtml(label.text()).toPlainText()
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_that_a_small_window_opens_without_it(window: MainWindow) -> None:
    assert window.desk.explainer_dock.isHidden()


def test_that_a_key_opens_and_closes_it(window: MainWindow, hands: Hands) -> None:
    hands.trigger("action.explain")
    assert window.desk.explainer_dock.isVisible()
    hands.trigger("action.explain")
    assert window.desk.explainer_dock.isHidden()


def test_that_all_of_a_card_is_shown(explain: Explain, hands: Hands) -> None:
    explain("optimizer", "Adam")
    told = card("optimizer", "Adam")
    assert told is not None
    assert words(hands, "title") == "Adam"
    assert words(hands, "note") == "2014 · adaptive"
    assert words(hands, "symbols") == told.en.symbols
    for part in ("idea", "watch", "fails"):
        assert words(hands, part) == getattr(told.en, part)
    assert words(hands, "fact.0") == "2 floats per parameter"
    assert words(hands, "link") == told.link_text


def test_that_the_formula_has_ink_in_the_colour_of_the_theme(
    explain: Explain, hands: Hands, window: MainWindow
) -> None:
    explain("optimizer", "Adam")
    view = hands.find(FormulaView, "explainer.formula")
    assert view.isVisible()
    assert "√" in view.accessibleName()
    for theme in ("dark", "light"):
        window.set_theme(theme)
        assert window.state.theme.text in colors(view.pixmap().toImage())


def colors(image: QImage) -> set[str]:
    """Return the colours of the pixels that are full of ink."""
    pixels = (
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
    )
    return {color.name() for color in pixels if color.alpha() == 255}


def test_that_a_narrow_panel_gets_a_smaller_formula(
    explain: Explain, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    explain("optimizer", "Adam")
    view = hands.find(FormulaView, "explainer.formula")
    wide = view.pixmap().width()
    with qtbot.waitSignal(window.explainer.shown):
        window.desk.explainer_dock.setFloating(True)
        window.desk.explainer_dock.resize(180, 600)
    qtbot.waitUntil(lambda: view.pixmap().width() < wide)
    window.desk.explainer_dock.setFloating(False)


def test_that_another_width_does_not_scroll_back(
    explain: Explain, window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1280, 500)
    explain("topic", "batch-modes")
    bar = window.explainer.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 40)
    bar.setValue(40)
    with qtbot.waitSignal(window.explainer.shown):
        window.desk.explainer_dock.setFloating(True)
        window.desk.explainer_dock.resize(400, 400)
    assert bar.value() == 40
    window.desk.explainer_dock.setFloating(False)


def test_that_the_language_is_switched_and_remembered(
    explain: Explain, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    explain("optimizer", "Adam")
    with qtbot.waitSignal(window.explainer.shown):
        hands.press("explainer.zh")
    told = card("optimizer", "Adam")
    assert told is not None
    assert words(hands, "idea") == told.zh.idea
    assert words(hands, "idea.heading") == "原理"
    assert hands.find(QPushButton, "explainer.zh").isChecked()
    assert not hands.find(QPushButton, "explainer.en").isChecked()
    assert window.session.settings.value("explainer/language") == "zh"


def test_that_what_the_experiment_is_made_of_can_be_chosen(
    explain: Explain, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    explain("problem", window.editor.problem.name)
    combo = hands.find(QComboBox, "explainer.subject")
    offered = [combo.itemData(i) for i in range(combo.count())]
    names = [tuple(subject) for subject in offered if subject]
    assert names[0] == ("problem", "rosenbrock")
    assert ("optimizer", "NAdam") in names
    assert ("topic", "training-loop") in names
    index = names.index(("optimizer", "NAdam"))
    with qtbot.waitSignal(window.explainer.shown):
        combo.setCurrentIndex(index)
        combo.activated.emit(index)
    assert window.explainer.subject == ("optimizer", "NAdam")


def test_that_schedules_within_schedules_can_be_chosen(
    explain: Explain, hands: Hands, window: MainWindow, catalog: Catalog
) -> None:
    text = """
        format = 1
        [problem]
        name = "quadratic"
        [training]
        steps = 20
        [[optimizers]]
        name = "SGD"
        [optimizers.scheduler]
        name = "SequentialLR"
        milestones = [10]
        schedulers = [{ name = "LinearLR" }, { name = "CosineAnnealingLR" }]
    """
    window.editor.open(spec_from_text(text, catalog), source="a.toml")
    explain("scheduler", "SequentialLR")
    combo = hands.find(QComboBox, "explainer.subject")
    offered = [combo.itemData(i) for i in range(combo.count())]
    names = [name for kind, name in filter(None, offered) if kind == "scheduler"]
    assert names == ["SequentialLR", "LinearLR", "CosineAnnealingLR"]


def test_that_it_follows_the_problem(
    explain: Explain, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    explain("problem", "rosenbrock")
    with qtbot.waitSignal(window.explainer.shown):
        window.editor.set_problem("quadratic")
    assert window.explainer.subject == ("problem", "quadratic")


def test_that_another_problem_is_explained_until_the_problem_changes(
    explain: Explain, window: MainWindow
) -> None:
    explain("problem", "himmelblau")
    window.editor.set_title("Another title")
    assert window.explainer.subject == ("problem", "himmelblau")


def test_that_an_index_stands_below_and_a_name_stays(
    explain: Explain, hands: Hands
) -> None:
    explain("scheduler", "ReduceLROnPlateau")
    text = hands.find(QLabel, "explainer.symbols").text()
    assert "η<sub>min</sub> min_lr" in text


def test_that_it_follows_the_optimizer_that_is_unfolded(
    explain: Explain, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    explain("problem", "rosenbrock")
    with qtbot.waitSignal(window.explainer.shown):
        hands.click("optimizers.3.head")
    assert window.explainer.subject == ("optimizer", "RMSprop")


@pytest.mark.parametrize(
    ("button", "subject"),
    [
        ("optimizers.2.explain", ("optimizer", "Adam")),
        ("problem.explain", ("problem", "rosenbrock")),
    ],
)
def test_that_a_button_beside_a_name_opens_its_card(
    button: str,
    subject: tuple[str, str],
    hands: Hands,
    window: MainWindow,
    qtbot: QtBot,
) -> None:
    hands.click("optimizers.2.head")
    with qtbot.waitSignal(window.explainer.shown):
        hands.press(button)
    assert window.explainer.subject == subject
    assert window.desk.explainer_dock.isVisible()


def test_that_a_topic_shows_its_table_and_program(
    explain: Explain, hands: Hands
) -> None:
    explain("topic", "training-loop")
    assert "zero_grad" in words(hands, "code")
    explain("topic", "batch-modes")
    assert words(hands, "row.0") == "Full batch (GD)"
    assert words(hands, "row.0.0.caption") == "Principle"


def test_that_it_is_there_again_if_it_was_left_open(
    window: MainWindow, catalog: Catalog, tmp_path: Path, qtbot: QtBot
) -> None:
    window.explain("topic", "fairness")
    layout = window.desk.remembered()
    again = MainWindow(make_session(catalog, folder=tmp_path / "person"))
    qtbot.addWidget(again)
    again.desk.recall(layout)
    with qtbot.waitSignal(again.explainer.shown):
        again.show()
    assert again.desk.explainer_dock.isVisible()
    again.close()


def test_that_a_topic_has_all_its_parts_in_chinese(
    explain: Explain, hands: Hands, window: MainWindow
) -> None:
    window.explainer.set_language("zh")
    explain("topic", "batch-modes")
    assert words(hands, "row.2") == "小批量梯度下降"


def test_that_the_newest_of_quick_wishes_is_shown(
    window: MainWindow, qtbot: QtBot, hands: Hands
) -> None:
    with qtbot.waitSignal(
        window.explainer.shown, check_params_cb=lambda _, name: name == "Adagrad"
    ):
        for name in ("Adam", "SGD", "RMSprop", "Adagrad"):
            window.explain("optimizer", name)
    assert words(hands, "title") == "Adagrad"


def test_that_the_link_is_opened_only_by_a_click(
    explain: Explain, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def note(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    explain("optimizer", "Adam")
    assert opened == []
    link = hands.find(QLabel, "explainer.link")
    link.linkActivated.emit("https://arxiv.org/abs/1412.6980")
    assert opened == ["https://arxiv.org/abs/1412.6980"]
    assert 'href="https://arxiv.org/abs/1412.6980"' in link.text()


def test_that_a_ready_experiment_is_opened_by_a_click(
    explain: Explain, hands: Hands, window: MainWindow
) -> None:
    explain("topic", "forgot-zero-grad")
    label = hands.find(QLabel, "explainer.preset.seed-forgot-zero-grad")
    label.linkActivated.emit("seed-forgot-zero-grad")
    assert window.editor.source == "seed-forgot-zero-grad.toml"
    assert window.explainer.subject == ("topic", "forgot-zero-grad")


def test_that_a_thing_without_a_card_says_what_the_catalog_knows(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optlab.ui.explanation.card", lambda kind, name: None)
    info = catalog.optimizers.get("ASGD")
    told = explanation(catalog, "optimizer", "ASGD", language="zh")
    assert told.tex == ()
    assert told.formula == info.formula
    assert told.sections[0] == ("", info.description)
    assert told.link_text == info.source


def test_that_every_entry_of_the_catalog_can_be_explained(catalog: Catalog) -> None:
    for language in ("en", "zh"):
        for info in catalog.optimizers:
            told = explanation(catalog, "optimizer", info.name, language=language)
            assert told.facts
            assert told.sections
