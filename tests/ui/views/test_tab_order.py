"""Tests of the order in which Tab goes through a panel."""

import gc

from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLayoutItem,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from optlab.ui.tab_order import order_tabs


def _panel(qtbot: QtBot) -> tuple[QWidget, list[QLineEdit]]:
    """Return a panel and its fields as they are read, made in another order."""
    panel = QWidget()
    qtbot.addWidget(panel)
    fields = [QLineEdit() for _ in range(6)]
    column = QVBoxLayout(panel)
    column.addWidget(fields[0])
    row = QHBoxLayout()
    column.addLayout(row)
    row.addWidget(fields[1])
    box = QWidget()
    column.addWidget(box)
    column.addWidget(fields[5])
    grid = QGridLayout(box)
    grid.addWidget(fields[4], 1, 0)
    grid.addWidget(fields[3], 0, 1)
    grid.addWidget(fields[2], 0, 0)
    return panel, fields


def test_that_tab_goes_by_rows_through_rows_and_grids(qtbot: QtBot) -> None:
    panel, fields = _panel(qtbot)
    order_tabs(panel)
    way: list[QLineEdit] = [fields[0]]
    at = fields[0].nextInFocusChain()
    while at is not None and at is not fields[0]:
        if isinstance(at, QLineEdit):
            way.append(at)
        at = at.nextInFocusChain()
    assert [fields.index(field) for field in way] == list(range(6))


def test_that_no_item_of_a_layout_is_left_in_hands_after_its_widget(
    qtbot: QtBot,
) -> None:
    panel, _ = _panel(qtbot)
    before = {id(one) for one in gc.get_objects() if isinstance(one, QLayoutItem)}
    order_tabs(panel)
    items = [
        type(one).__name__
        for one in gc.get_objects()
        if isinstance(one, QLayoutItem) and id(one) not in before
    ]
    assert items == []
