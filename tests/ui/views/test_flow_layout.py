"""Chips stand in as many lines as the window is wide enough for."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from optlab.ui.flow_layout import FlowLayout
from tests.ui.views.conftest import SetUp
from tests.ui.views.runs import COMMON, NORMS, begin


def chips(qtbot: QtBot, count: int) -> tuple[QWidget, FlowLayout]:
    box = QWidget()
    qtbot.addWidget(box)
    layout = FlowLayout(box)
    for _ in range(count):
        # No button: a style sheet of another test would make it higher.
        chip = QWidget()
        chip.setFixedSize(100, 20)
        layout.addWidget(chip)
    return box, layout


def test_that_lines_are_filled_one_after_the_other(qtbot: QtBot) -> None:
    _, layout = chips(qtbot, 7)
    # Three of 100 pixels and the gaps of 2 between them fit into 304.
    assert [layout.heightForWidth(w) for w in (99, 304, 303, 800)] == [152, 64, 86, 20]
    layout.setGeometry(QRect(10, 5, 304, 64))
    places = []
    for k in range(7):
        item = layout.itemAt(k)
        assert item is not None
        places.append((item.geometry().x(), item.geometry().y()))
    assert places[:4] == [(10, 5), (112, 5), (214, 5), (10, 27)]
    assert places[6] == (10, 49)


def test_that_many_chips_push_nothing_wider(qtbot: QtBot) -> None:
    box, layout = chips(qtbot, 30)
    assert layout.minimumSize().width() == 100
    assert box.minimumSizeHint().width() == 100


def test_that_items_are_taken_out(qtbot: QtBot) -> None:
    _, layout = chips(qtbot, 2)
    first = layout.takeAt(0)
    assert first is not None
    assert layout.count() == 1
    assert layout.takeAt(1) is None
    assert layout.itemAt(1) is None


def test_that_a_run_of_many_metrics_keeps_the_window_narrow(stage: SetUp) -> None:
    groups = tuple(f"lr:group with a rather long name {k}" for k in range(10))
    data, _ = begin(["one"], steps=9, metrics=(*COMMON, *NORMS, *groups))
    shown = stage(data, size=(940, 800))
    assert shown.window.width() == 940
    strip = shown.grid.findChild(QWidget, "plot-chips")
    assert strip is not None
    found = [chip for chip in strip.findChildren(QPushButton) if chip.isVisible()]
    # One more adds a plot.
    assert len(found) - 1 == len(shown.grid.cards()) == 15
    for chip in found:
        assert strip.rect().contains(chip.geometry())
    places = [chip.geometry() for chip in found]
    assert not any(a.intersects(b) for a in places for b in places if a is not b)
    assert len({place.y() for place in places}) > 2
    for name in shown.grid.shown_names():
        assert shown.grid.card(name).height() >= 120
