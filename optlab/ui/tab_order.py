"""Let Tab go through a panel as it is read: by rows, from left to right."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLayout, QLayoutItem, QWidget


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
    for item in _items(layout):
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield from _focusable(widget)
        elif inner is not None:
            yield from _in_layout(inner)


def _items(layout: QLayout) -> list[QLayoutItem]:
    numbers = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        numbers.sort(key=lambda number: _place(layout, number))
    items = (layout.itemAt(number) for number in numbers)
    return [item for item in items if item is not None]


def _place(layout: QGridLayout, number: int) -> tuple[int, int]:
    place = layout.getItemPosition(number)
    if not isinstance(place, tuple):
        raise TypeError("a place in a grid is four numbers")
    return int(place[0]), int(place[1])
