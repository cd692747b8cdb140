"""Let Tab go through a panel as it is read: by rows, from left to right."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLayout, QWidget


def order_tabs(content: QWidget) -> None:
    """Put what takes the focus within ``content`` into the order of its layouts.

    Qt goes by the order in which things were made, and forms are made piece by piece.
    """
    for before, after in pairwise(_focusable(content)):
        QWidget.setTabOrder(before, after)


def _focusable(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    layout = widget.layout()
    # What lies in a combo box is its own affair.
    if layout is not None and not isinstance(widget, QComboBox):
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for part in _parts(layout):
        yield from _in_layout(part) if isinstance(part, QLayout) else _focusable(part)


def _parts(layout: QLayout) -> list[QWidget | QLayout]:
    # `itemAt` would leave Python's wrapper of the item behind when Qt deletes the item
    # with its widget, and an object made at the same address would be taken for it.
    numbers = {layout.indexOf(part): part for part in _candidates(layout)}
    numbers.pop(-1, None)
    order = sorted(numbers)
    if isinstance(layout, QGridLayout):
        order.sort(key=lambda number: _place(layout, number))
    return [numbers[number] for number in order]


def _candidates(layout: QLayout) -> Iterator[QWidget | QLayout]:
    holder = layout.parentWidget()
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    if holder is not None:
        yield from holder.findChildren(QWidget, options=direct)
    yield from layout.findChildren(QLayout, options=direct)


def _place(layout: QGridLayout, number: int) -> tuple[int, int]:
    place = layout.getItemPosition(number)
    if not isinstance(place, tuple):
        raise TypeError("a place in a grid is four numbers")
    return int(place[0]), int(place[1])
