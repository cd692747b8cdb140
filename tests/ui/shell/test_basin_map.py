"""The page of maps of basins, by its real buttons: what is seen is what was reached."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from optlab.export.basin_colors import depth_of, hue_of, inks_for
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.spec.basin_map import NOWHERE
from optlab.store.basin_map import BasinMap
from optlab.sweep.basins import MapMaker
from optlab.ui.basin_map_page import BasinMapPage
from optlab.ui.basin_map_pane import MapPane
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Answers, Hands

PATIENCE = 120_000
TEXT = """
format = 1
title = "Where each one ends"
[problem]
name = "himmelblau"
[training]
steps = 5
[[optimizers]]
name = "SGD"
lr = 0.02
[[optimizers]]
name = "Adam"
lr = 0.3
[[optimizers]]
name = "clipped-gd"
lr = 0.02
"""
GRID, STEPS = 9, 40


@pytest.fixture
def spec(catalog: Catalog) -> ExperimentSpec:
    return spec_from_text(TEXT, catalog)


@pytest.fixture
def page(window: MainWindow, spec: ExperimentSpec, hands: Hands) -> BasinMapPage:
    """The page as a person comes to it, with a small map asked for."""
    window.editor.open(spec, source="test")
    hands.trigger("action.basins")
    hands.type("basins.grid", str(GRID))
    hands.type("basins.steps", str(STEPS))
    found = window.basins.page
    assert found is not None
    return found


@pytest.fixture
def drawn(
    qtbot: QtBot, window: MainWindow, page: BasinMapPage, hands: Hands
) -> BasinMapPage:
    """The page with a whole map."""
    hands.press("basins.start")
    qtbot.waitUntil(lambda: not window.basins.running, timeout=PATIENCE)
    assert window.basins.found is not None
    return page


def made_apart(spec: ExperimentSpec, catalog: Catalog) -> BasinMap:
    """Make the same map without a window."""
    maker = MapMaker(spec, catalog, grid=GRID, steps=STEPS)
    for _ in maker.make():
        pass
    return maker.map


def expected(found: BasinMap, entry: int, cell: int) -> QColor:
    """Return the colour of a start that reached a minimum, worked out by hand."""
    inks = inks_for(dark=False)
    minimum = int(found.minimum[entry, cell])
    share = 0.28 + 0.72 * float(depth_of(found.since[entry, cell], STEPS))
    hue = QColor(hue_of(minimum, found.plan.minima, inks))
    mixed = [
        255 * (1 - share) + c * share for c in (hue.red(), hue.green(), hue.blue())
    ]
    return QColor(*(round(c) for c in mixed))


def test_that_the_picture_is_what_the_engine_found(
    window: MainWindow, drawn: BasinMapPage, spec: ExperimentSpec, catalog: Catalog
) -> None:
    shown, apart = window.basins.found, made_apart(spec, catalog)
    assert shown is not None
    for name in ("minimum", "since", "codes"):
        assert np.array_equal(getattr(shown, name), getattr(apart, name))
    assert len(drawn.maps.panes) == 3
    window.set_theme("light")
    seen = 0
    for pane in drawn.maps.panes:
        for cell in range(GRID * GRID):
            if apart.minimum[pane.entry, cell] != NOWHERE:
                assert pane.pixel(cell) == expected(apart, pane.entry, cell)
                seen += 1
    assert seen > 100


def test_that_a_map_is_drawn_while_it_is_made(
    qtbot: QtBot, window: MainWindow, page: BasinMapPage, hands: Hands
) -> None:
    hands.type("basins.grid", "150")
    hands.type("basins.steps", "100000")
    hands.press("basins.start")

    def under_way() -> bool:
        found = window.basins.found
        return found is not None and 0 < found.share < 1 and len(page.maps.panes) == 3

    qtbot.waitUntil(under_way, timeout=PATIENCE)
    assert not page.start.isEnabled()
    hands.press("basins.stop")
    qtbot.waitUntil(lambda: not window.basins.running, timeout=PATIENCE)
    found = window.basins.found
    assert found is not None
    assert found.over
    assert "stopped" in {found.state(entry, 0) for entry in range(3)}
    assert page.start.isEnabled()
    assert page.export.isEnabled()


def test_that_a_map_is_saved_opened_and_exported(
    qtbot: QtBot,
    window: MainWindow,
    drawn: BasinMapPage,
    hands: Hands,
    answers: Answers,
    tmp_path: Path,
) -> None:
    before = window.basins.found
    assert before is not None
    for kind in ("npz", "png", "svg", "pdf", "csv"):
        answers.path = tmp_path / f"map.{kind}"
        hands.trigger(f"basins.export.{kind}")
        qtbot.waitUntil(lambda: not window.exports.busy, timeout=PATIENCE)
        assert answers.path.stat().st_size > 500
        assert answers.asked[-1] == f"where-each-one-ends-basins.{kind}"
    lines = (tmp_path / "map.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 3 * GRID * GRID
    answers.path = tmp_path / "map.npz"
    hands.press("basins.open")
    after = window.basins.found
    assert after is not None
    assert after is not before
    assert np.array_equal(after.since, before.since)
    assert after.labels == before.labels
    assert drawn.maps.panes[0].found is after


def test_that_what_is_no_map_is_refused_in_a_sentence(
    window: MainWindow,
    page: BasinMapPage,
    hands: Hands,
    answers: Answers,
    tmp_path: Path,
) -> None:
    answers.path = tmp_path / "map.npz"
    answers.path.write_text("no map")
    hands.press("basins.open")
    assert "no map of basins" in window.notice.text
    assert window.basins.found is None
    assert not page.export.isEnabled()


def test_that_the_switch_changes_what_is_coloured(
    drawn: BasinMapPage, hands: Hands
) -> None:
    pane = drawn.maps.panes[0]
    before = [pane.pixel(cell) for cell in range(GRID * GRID)]
    legend = drawn.legend.words()
    assert any("3.58" in word for word in legend)
    hands.press("basins.by.steps")
    assert [pane.pixel(cell) for cell in range(GRID * GRID)] != before
    assert not any("3.58" in word for word in drawn.legend.words())
    hands.press("basins.by.minimum")
    assert [pane.pixel(cell) for cell in range(GRID * GRID)] == before


def place_of(pane: MapPane, cell: int) -> QPointF:
    assert pane.found is not None
    plan, rect = pane.found.plan, pane.map_rect()
    row, column = divmod(cell, plan.columns)
    x = rect.left() + (column + 0.5) / plan.columns * rect.width()
    return QPointF(x, rect.bottom() - (row + 0.5) / plan.rows * rect.height())


def test_that_the_mouse_tells_of_a_start_and_a_click_starts_there(
    window: MainWindow, drawn: BasinMapPage, hands: Hands
) -> None:
    pane, cell = drawn.maps.panes[1], 3 * GRID + 5
    at = place_of(pane, cell)
    no = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, at, pane.mapToGlobal(at), no, no, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(pane, move)
    found = window.basins.found
    assert found is not None
    told = hands.find(QLabel, "basins.told").text()
    assert found.labels[1] in told
    assert str(found.since[1, cell]) in told
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=at.toPoint())
    start = window.editor.spec.problem.values["start"]
    assert start == tuple(found.plan.starts()[:, cell])
    hands.trigger("action.undo")
    assert "start" not in window.editor.spec.problem.values


def test_that_no_map_is_made_of_what_has_no_surface(
    window: MainWindow, page: BasinMapPage, catalog: Catalog, hands: Hands
) -> None:
    text = TEXT.replace("himmelblau", "moons")
    window.editor.open(spec_from_text(text, catalog), source="test")
    assert not page.start.isEnabled()
    assert "2 to 16 coordinates" in page.start.toolTip()


@pytest.mark.parametrize("wrong", ["1", "-3", "many", "1001"])
def test_that_a_grid_that_is_none_is_marked(
    window: MainWindow, page: BasinMapPage, hands: Hands, wrong: str
) -> None:
    hands.type("basins.grid", wrong)
    assert hands.invalid("basins.grid")
    hands.press("basins.start")
    assert not window.basins.running
    hands.type("basins.grid", "5")
    assert not hands.invalid("basins.grid")


def test_that_a_map_stays_when_the_language_changes(
    qtbot: QtBot, window: MainWindow, drawn: BasinMapPage
) -> None:
    assert drawn.isVisible()
    before = window.basins.found
    window.set_language("zh")
    qtbot.waitUntil(lambda: window.basins.page not in (None, drawn), timeout=PATIENCE)
    again = window.basins.page
    assert again is not None
    try:
        assert again.maps.panes[0].found is before
        words = [label.text() for label in again.findChildren(QLabel)]
        assert "吸引域图" in words
    finally:
        window.set_language("en")
        qtbot.waitUntil(lambda: window.basins.page not in (None, again))


def test_that_the_window_closes_while_a_map_is_made(
    qtbot: QtBot, window: MainWindow, page: BasinMapPage, hands: Hands
) -> None:
    hands.type("basins.steps", "1000000")
    hands.press("basins.start")
    qtbot.waitUntil(lambda: window.basins.found is not None, timeout=PATIENCE)
    window.close()
    assert window.basins.shutdown()


def test_that_escape_leads_back(
    window: MainWindow, page: BasinMapPage, hands: Hands
) -> None:
    hands.find(QLineEdit, "basins.grid").clearFocus()
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert window.pages.page == "lab"
