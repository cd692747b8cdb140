"""A line that has more to say than room."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from optlab.ui.elided_edit import ElidedEdit

LONG = "a title that is so long that a line of this width has no room for it at all"


@pytest.fixture
def line(qtbot: QtBot) -> Iterator[ElidedEdit]:
    window = QWidget()
    layout = QVBoxLayout(window)
    line, other = ElidedEdit(), QLineEdit()
    layout.addWidget(other)
    layout.addWidget(line)
    window.resize(200, 80)
    qtbot.addWidget(window)
    line.setToolTip("What it is called")
    line.setText(LONG)
    window.show()
    other.setFocus()
    yield line
    window.close()


def test_that_a_long_text_ends_in_dots(line: ElidedEdit) -> None:
    assert line.shown_text().endswith("…")
    assert LONG.startswith(line.shown_text()[:-1])
    assert line.text() == LONG


def test_that_the_tool_tip_has_the_whole_text_first(line: ElidedEdit) -> None:
    assert line.tip() == f"{LONG}\n\nWhat it is called"


def test_that_a_text_with_room_is_left_alone(line: ElidedEdit) -> None:
    line.setText("short")
    assert not line.elided
    assert line.tip() == "What it is called"


def test_that_nothing_is_shortened_while_it_is_edited(line: ElidedEdit) -> None:
    assert line.elided
    line.setFocus()
    assert not line.elided


def test_that_its_frame_is_that_of_any_line(line: ElidedEdit) -> None:
    window = line.window()
    window.setStyleSheet("QLineEdit { border: 3px solid #ff0000; }")
    line.setText(LONG)
    shortened = line.grab().toImage()
    assert line.elided
    corner = shortened.pixelColor(shortened.width() // 2, 1)
    assert corner.name() == "#ff0000"


def test_that_a_shortened_text_is_painted_otherwise(line: ElidedEdit) -> None:
    shortened = line.grab().toImage()
    plain = QLineEdit(line.window())
    plain.setGeometry(line.geometry())
    plain.setText(LONG)
    plain.setCursorPosition(0)
    plain.show()
    assert shortened != plain.grab().toImage()
