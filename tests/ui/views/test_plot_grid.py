"""The centre of the window: which cards there are, and where."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton
from pytestqt.qtbot import QtBot

from optlab.store.run_data import RunData
from optlab.ui.clock import FRAME_MS
from optlab.ui.theme import DARK
from tests.ui.views.conftest import SetUp, Stage
from tests.ui.views.runs import COMMON, NORMS, Valley, begin, nets, race


def names(shown: Stage) -> list[str]:
    """Return the object names of all cards."""
    return [card.objectName() for card in shown.grid.cards()]


def press(shown: Stage, name: str) -> None:
    """Click a button that can be seen."""
    button = shown.window.findChild(QAbstractButton, name)
    assert isinstance(button, QAbstractButton)
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_an_empty_window_says_what_to_do(stage: SetUp) -> None:
    shown = stage(None)
    assert shown.grid.cards() == ()
    empty = shown.grid._empty
    assert empty.isVisible()
    assert "Start" in empty.text
    assert "This experiment has not run yet" in empty.text


def test_that_a_surface_is_shown_before_anything_runs(stage: SetUp) -> None:
    shown = stage(None, Valley())
    assert names(shown) == ["card-surface"]
    assert shown.surface().isVisible()
    assert shown.grid._empty.isVisible()


def test_that_a_race_has_surface_loss_and_norms(stage: SetUp) -> None:
    shown = stage(race(steps=20), Valley(), size=(1700, 1000))
    assert names(shown) == [
        "card-surface",
        "card-train_loss",
        "card-param_norm",
        "card-update_norm",
        "card-grad_norm",
        "card-lr",
    ]
    assert not shown.grid._empty.isVisible()
    assert [c.name for c in shown.grid.cards() if not c.isVisible()] == ["lr"]


def test_that_images_have_accuracy_and_no_surface(stage: SetUp) -> None:
    shown = stage(nets(steps=20), size=(1700, 1000))
    assert names(shown)[:2] == ["card-train_loss", "card-val_accuracy"]
    assert "card-surface" not in names(shown)


def test_that_a_surface_of_ten_dimensions_has_curves_only(stage: SetUp) -> None:
    ten = replace(Valley(), dim=10)
    assert "card-surface" not in names(stage(race(steps=20), ten))


@pytest.mark.parametrize("size", [(700, 500), (975, 720), (1615, 1000), (2500, 1400)])
def test_that_cards_keep_a_readable_size(stage: SetUp, size: tuple[int, int]) -> None:
    for data, surface in ((race(steps=20), Valley()), (nets(steps=20), None)):
        shown = stage(data, surface, size=size)
        for card in shown.grid.cards():
            if card.isVisible():
                assert card.width() >= 220
                assert card.height() >= 130


def test_that_a_card_can_fill_the_centre_and_go_back(
    stage: SetUp, qtbot: QtBot
) -> None:
    shown = stage(nets(steps=20))
    before = shown.grid.shown_names()
    card = shown.curves("param_norm")
    QTest.mouseClick(card.maximize_button, Qt.MouseButton.LeftButton)
    assert shown.grid.shown_names() == ("param_norm",)
    assert card.maximize_button.accessibleName() == "Back to all plots"
    QTest.keyClick(shown.grid, Qt.Key.Key_Escape)
    assert shown.grid.shown_names() == before


def test_that_a_card_without_room_can_be_brought_in(stage: SetUp, qtbot: QtBot) -> None:
    shown = stage(race(steps=20), Valley(), size=(975, 720))
    assert shown.grid.shown_names() == ("surface", "train_loss", "param_norm")
    chip = shown.grid.findChild(QPushButton, "chip-grad_norm")
    assert isinstance(chip, QPushButton)
    assert chip.isVisible()
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert shown.grid.shown_names() == ("surface", "train_loss", "grad_norm")


def test_that_all_plots_can_be_taken_away_and_brought_back(stage: SetUp) -> None:
    shown = stage(race(steps=20), Valley())
    before = shown.grid.shown_names()
    for card in shown.grid.cards():
        shown.grid.show_card(card.name, False)
    assert shown.grid.shown_names() == ()
    assert "No plots are shown" in shown.grid._empty.text
    press(shown, "plots-empty.reset")
    assert shown.grid.shown_names() == before


def test_that_a_run_that_has_only_begun_gets_its_cards_from_the_clock(
    stage: SetUp, qtbot: QtBot
) -> None:
    data = RunData()
    shown = stage(data, Valley())
    assert names(shown) == ["card-surface"]
    _, start = begin(["one"], steps=9, metrics=(*COMMON, *NORMS, "x0", "x1"))
    data.append(start)
    shown.clock.start()
    qtbot.waitUntil(lambda: "card-train_loss" in names(shown), timeout=100 * FRAME_MS)
    shown.clock.stop()


def test_that_the_next_run_of_the_same_kind_keeps_the_cards(stage: SetUp) -> None:
    valley = Valley()
    shown = stage(race(steps=20), valley)
    before = shown.grid.cards()
    data = race(["other"], steps=30)
    shown.grid.set_run(data, valley)
    shown.draw()
    assert shown.grid.cards() == before
    assert len(shown.curves("train_loss").plotted(0)[0]) == 31
    with pytest.raises(KeyError):
        shown.curves("train_loss").plotted(1)


def test_that_the_next_run_is_drawn_on_the_axes_that_are_there(stage: SetUp) -> None:
    shown = stage(race(steps=20), Valley())
    card = shown.curves("train_loss")
    for steps in (20, 30):
        shown.grid.set_run(race(steps=steps), Valley())
        shown.draw()
        card = shown.curves("train_loss")
        assert card.canvas.log == (False, True)
        _, values = card.plotted(0)
        lines = card.canvas.lines
        drawn = [x for x in lines.shown() if np.array_equal(x.y, values, True)]
        assert drawn
        (_, _), (bottom, top) = card.canvas.view()
        for line in drawn:
            _, down = lines.places(line, 1.0, 1.0)
            np.testing.assert_allclose(top - down * (top - bottom), np.log10(values))


def test_that_another_kind_of_run_gets_other_cards(stage: SetUp) -> None:
    shown = stage(race(steps=20), Valley())
    shown.grid.set_run(nets(steps=20), None)
    shown.draw()
    assert names(shown)[:2] == ["card-train_loss", "card-val_accuracy"]
    assert shown.curves("train_loss").subtitle == "batch"


def test_that_a_change_of_theme_reaches_every_card(stage: SetUp) -> None:
    shown = stage(race(steps=20), Valley())
    shown.state.set_theme(DARK)
    shown.draw()
    for card in shown.grid.cards():
        brush = card.canvas.backgroundBrush()
        assert brush.color().name() == DARK.card
