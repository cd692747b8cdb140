"""The labels of curves, without a mouse."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from optlab.ui.end_labels import EndLabel
from optlab.ui.label_keys import LabelKeys

NAMES = "top", "middle", "bottom"


class Plot(QWidget):
    """Something that takes the keyboard, with three labels."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.labels: list[EndLabel] = []
        # Made in another order than they stand in.
        for entry in (2, 0, 1):
            label = EndLabel(entry, self)
            label.setText(NAMES[entry])
            label.setGeometry(0, 20 * entry, 80, 16)
            self.labels.append(label)
        self.keys = LabelKeys(self, lambda: self.labels)


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(200, 100)
    plot.show()
    plot.setFocus()
    return plot


def focused() -> QWidget:
    """Return where the focus is."""
    at = QApplication.focusWidget()
    assert isinstance(at, QWidget)
    return at


def press(key: Qt.Key, *, shift: bool = False) -> str:
    """Press a key where the focus is; return where it is then."""
    held = Qt.KeyboardModifier.NoModifier
    if shift:
        held = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(focused(), key, held)
    at = focused()
    return at.text() if isinstance(at, EndLabel) else type(at).__name__


def test_that_arrows_walk_through_the_labels_and_back(plot: Plot) -> None:
    down = [press(Qt.Key.Key_Down) for _ in range(4)]
    assert down == ["top", "middle", "bottom", "bottom"]
    assert [press(Qt.Key.Key_Up) for _ in range(3)] == ["middle", "top", "Plot"]


def test_that_escape_leads_back_to_the_plot(plot: Plot) -> None:
    press(Qt.Key.Key_Down)
    assert press(Qt.Key.Key_Escape) == "Plot"


def test_that_enter_and_space_press_a_label(plot: Plot, qtbot: QtBot) -> None:
    press(Qt.Key.Key_Down)
    top = next(label for label in plot.labels if label.entry == 0)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(top.pressed_once, timeout=1000) as told:
            press(key)
        assert told.args == [0]
    with qtbot.waitSignal(top.pressed_twice, timeout=1000) as told:
        press(Qt.Key.Key_Return, shift=True)
    assert told.args == [0]


def test_that_a_plot_without_labels_keeps_its_keys(plot: Plot) -> None:
    plot.labels.clear()
    assert press(Qt.Key.Key_Down) == "Plot"
