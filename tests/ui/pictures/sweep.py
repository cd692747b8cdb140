"""What can be wrong with how a window looks, found widget by widget.

No exceptions: every text fits its rectangle, nothing is clipped by what is around it,
nothing lies on its neighbour, text has a contrast of at least 4.5 to 1 against what is
really painted behind it, and every control is reached by Tab.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final, TypeAlias

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPixmap, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollBar,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTableView,
    QTextEdit,
    QToolButton,
    QTreeView,
    QWidget,
)

from optlab.ui.canvas import Canvas
from optlab.ui.elided_edit import ElidedEdit
from optlab.ui.end_labels import EndLabel

CONTRAST: Final = 4.5
FINE: Final = 3.0
"""Scale of the picture that colours are read from, so that thin strokes are whole."""
SLACK: Final = 1
_TABS: Final = 600
Picture: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def faults(window: QWidget) -> list[str]:
    """Return everything that is wrong with what a window shows, one line each."""
    found = [*clipped(window), *overlapping(window), *cut_texts(window)]
    found += [*pale_texts(window), *unreachable(window), *nameless(window)]
    return found


def place(widget: QWidget) -> str:
    """Say which widget it is: its name, or those of what it is in."""
    parts: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(parts) < 4:
        parts.append(at.objectName() or type(at).__name__)
        if at.objectName() and at is not widget:
            break
        at = at.parentWidget()
    return " < ".join(parts)


def seen(window: QWidget) -> Iterator[QWidget]:
    """Yield every widget of a window that is shown; popups are windows of their own."""
    for widget in window.findChildren(QWidget):
        if (
            widget.isVisible()
            and widget.window() is window
            and not widget.size().isEmpty()
        ):
            yield widget


def on_top(window: QWidget) -> Iterator[QWidget]:
    """Yield what is shown and not behind something that covers the whole window.

    The tour dims the window and takes mouse and keyboard: what is behind it can neither
    be read well nor used, and need not be.
    """
    center = window.childAt(window.rect().center())
    veil = center
    while veil is not None and veil.parentWidget() is not window:
        veil = veil.parentWidget()
    covering = veil is not None and veil.geometry().contains(window.rect())
    for widget in seen(window):
        if not covering or widget is veil or (veil and veil.isAncestorOf(widget)):
            yield widget


# -- geometry ------------------------------------------------------------------------


def clipped(window: QWidget) -> Iterator[str]:
    """Yield what sticks out of what it is in, and does not come by scrolling."""
    for widget in seen(window):
        parent = widget.parentWidget()
        if parent is None or _floats(widget):
            continue
        across, down = _scrolls(parent)
        inside, rect = parent.rect(), widget.geometry()
        wide = rect.left() >= -SLACK and rect.right() <= inside.right() + SLACK
        high = rect.top() >= -SLACK and rect.bottom() <= inside.bottom() + SLACK
        if not (wide or across) or not (high or down):
            yield f"clipped: {place(widget)} at {_text(rect)} in {_text(inside)}"


def _scrolls(parent: QWidget) -> tuple[bool, bool]:
    area = parent.parentWidget()
    if not isinstance(area, QAbstractScrollArea) or area.viewport() is not parent:
        return False, False
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    return (
        area.horizontalScrollBarPolicy() != off,
        area.verticalScrollBarPolicy() != off,
    )


def overlapping(window: QWidget) -> Iterator[str]:
    """Yield widgets that lie on one another."""
    by_parent: dict[int, list[QWidget]] = {}
    for widget in on_top(window):
        by_parent.setdefault(id(widget.parentWidget()), []).append(widget)
    for siblings in by_parent.values():
        for one, other in combinations(siblings, 2):
            if _floats(one) or _floats(other):
                continue
            common = one.geometry().intersected(other.geometry())
            if common.width() > SLACK and common.height() > SLACK:
                yield f"overlapping: {place(one)} and {place(other)} by {_text(common)}"


def _floats(widget: QWidget) -> bool:
    """Return whether a widget is meant to hover over others."""
    if isinstance(widget, EndLabel):
        return False
    over_plot = isinstance(_area(widget), QGraphicsView)
    return over_plot or bool(widget.property("floating"))


def _area(widget: QWidget) -> QWidget | None:
    parent = widget.parentWidget()
    return None if parent is None else parent.parentWidget()


# -- texts ---------------------------------------------------------------------------


def cut_texts(window: QWidget) -> Iterator[str]:
    """Yield texts that do not fit their rectangle."""
    for widget in seen(window):
        for text, wanted, room in _texts(widget):
            if wanted.width() > room.width() + SLACK or (
                wanted.height() > room.height() + 2 * SLACK
            ):
                size = f"{wanted.width()}×{wanted.height()} in {_text(room)}"
                yield f"cut: {place(widget)} {text!r} {size}"


def _texts(widget: QWidget) -> Iterator[tuple[str, QSize, QRect]]:
    """Yield each text of a widget with the size that it wants and what it has."""
    metrics = widget.fontMetrics()
    if isinstance(widget, QLabel):
        if widget.text():
            yield widget.text(), _label_size(widget), widget.contentsRect()
    elif isinstance(widget, EndLabel):
        if not widget.toolTip().startswith(widget.text()):
            yield widget.text(), _button_size(widget), widget.rect()
    elif isinstance(widget, QCheckBox | QRadioButton):
        yield widget.text(), widget.sizeHint(), widget.rect()
    elif isinstance(widget, QAbstractButton):
        if widget.text():
            yield widget.text(), _button_size(widget), _button_room(widget)
    elif isinstance(widget, QComboBox):
        if not widget.isEditable():  # The line in it is looked at by itself.
            text = widget.currentText()
            yield text, _line(metrics, text), _combo_room(widget)
    elif isinstance(widget, QLineEdit):
        text = widget.displayText() or widget.placeholderText()
        if isinstance(widget, ElidedEdit) and widget.elided and text in widget.tip():
            text = widget.shown_text()  # With three dots, and the tool tip has it all.
        if not widget.hasFocus():
            yield text, _line(metrics, text), _edit_room(widget)
    elif isinstance(widget, QHeaderView):
        yield from _header_texts(widget)
    elif isinstance(widget, QTableView):
        yield from _cell_texts(widget)


def _line(metrics: QFontMetrics, text: str) -> QSize:
    return QSize(metrics.horizontalAdvance(text), metrics.ascent())


def _label_size(label: QLabel) -> QSize:
    room = label.contentsRect().width() - 2 * label.margin()
    rich = label.textFormat() is Qt.TextFormat.RichText
    if rich or "</" in label.text():
        document = QTextDocument()
        document.setDefaultFont(label.font())
        document.setDocumentMargin(0)
        document.setHtml(label.text())
        if label.wordWrap():
            document.setTextWidth(room)
        return document.size().toSize()
    metrics = label.fontMetrics()
    if label.wordWrap():
        flags = Qt.TextFlag.TextWordWrap.value
        rect = metrics.boundingRect(QRect(0, 0, room, 100_000), flags, label.text())
        return QSize(rect.width(), rect.height() - metrics.leading())
    lines = label.text().split("\n")
    width = max(metrics.horizontalAdvance(line) for line in lines)
    return QSize(width, metrics.ascent() + metrics.lineSpacing() * (len(lines) - 1))


def _button_size(button: QAbstractButton) -> QSize:
    text = button.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
    size = _line(button.fontMetrics(), text)
    if not button.icon().isNull() and not _text_only(button):
        size.setWidth(size.width() + button.iconSize().width() + 4)
    return size


def _text_only(button: QAbstractButton) -> bool:
    only = Qt.ToolButtonStyle.ToolButtonTextOnly
    return isinstance(button, QToolButton) and button.toolButtonStyle() is only


def _button_room(button: QAbstractButton) -> QRect:
    if isinstance(button, QToolButton):
        icon_only = Qt.ToolButtonStyle.ToolButtonIconOnly
        if button.toolButtonStyle() is icon_only and not button.icon().isNull():
            return QRect(0, 0, 10_000, 10_000)
        return button.rect().adjusted(3, 1, -3, -1)
    option = QStyleOptionButton()
    option.initFrom(button)
    contents = QStyle.SubElement.SE_PushButtonContents
    return button.style().subElementRect(contents, option, button)


def _combo_room(combo: QComboBox) -> QRect:
    option = QStyleOptionComboBox()
    option.initFrom(combo)
    option.editable = combo.isEditable()
    return combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox,
        option,
        QStyle.SubControl.SC_ComboBoxEditField,
        combo,
    )


def _edit_room(line: QLineEdit) -> QRect:
    option = QStyleOptionFrame()
    option.initFrom(line)
    contents = QStyle.SubElement.SE_LineEditContents
    room = line.style().subElementRect(contents, option, line)
    return room.marginsRemoved(line.textMargins()).adjusted(2, 0, -2, 0)


def _header_texts(header: QHeaderView) -> Iterator[tuple[str, QSize, QRect]]:
    model: Any = header.model()
    if model is None:
        return
    for section in range(header.count()):
        if header.isSectionHidden(section):
            continue
        text = str(model.headerData(section, header.orientation()) or "")
        size = header.sectionSize(section)
        if header.orientation() is Qt.Orientation.Horizontal and size > 0:
            wanted = header.fontMetrics().horizontalAdvance(text)
            yield text, QSize(wanted, 1), QRect(0, 0, size - 8, 100)


def _cell_texts(table: QTableView) -> Iterator[tuple[str, QSize, QRect]]:
    for index in _shown(table):
        text = str(index.data() or "")
        if str(index.data(Qt.ItemDataRole.ToolTipRole) or "").startswith(text):
            continue  # Elided with three dots, and the whole is told on the mouse.
        font = index.data(Qt.ItemDataRole.FontRole) or table.font()
        room = table.visualRect(index).adjusted(4, 0, -4, 0)
        yield text, _line(QFontMetrics(font), text), room


def _shown(view: QAbstractItemView) -> Iterator[QModelIndex]:
    model: Any = view.model()
    if model is None:
        return
    for row in range(min(model.rowCount(), 400)):
        for column in range(_columns(model)):
            index = model.index(row, column)
            rect = view.visualRect(index)
            # A hidden column has no room at all.
            if not rect.isEmpty() and view.viewport().rect().contains(rect.center()):
                yield index


def _columns(model: Any) -> int:
    # Qt hides how many columns a list has: it is always one.
    return 1 if isinstance(model, QAbstractListModel) else int(model.columnCount())


# -- colours -------------------------------------------------------------------------


def pale_texts(window: QWidget) -> Iterator[str]:
    """Yield texts whose contrast against what is painted behind them is too low."""
    picture = _fine_picture(window)
    for widget in on_top(window):
        for text, rect in _text_rects(widget):
            if not text.strip():
                continue
            top = widget.mapTo(window, rect.topLeft())
            area = QRect(top, rect.size()).intersected(window.rect())
            area = _uncovered(widget, area, window)
            if area.height() < rect.height() / 2:
                continue  # Scrolled out of sight but for a sliver; scrolling shows it.
            ratio = _contrast(picture, area)
            if ratio is not None and ratio < CONTRAST:
                yield f"pale: {place(widget)} {text!r} has {ratio:.2f}"


def _uncovered(widget: QWidget, area: QRect, window: QWidget) -> QRect:
    """Return the part of an area that scroll areas around the widget let through."""
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        corner = parent.mapTo(window, QPoint(0, 0))
        area = area.intersected(QRect(corner, parent.size()))
        parent = parent.parentWidget()
    return area


def _text_rects(widget: QWidget) -> Iterator[tuple[str, QRect]]:
    if isinstance(widget, QLabel):
        yield widget.text(), widget.contentsRect()
    elif isinstance(widget, QAbstractButton):
        yield widget.text(), widget.rect().adjusted(4, 3, -4, -3)
    elif isinstance(widget, QComboBox):
        yield widget.currentText(), _combo_room(widget)
    elif isinstance(widget, QLineEdit):
        yield widget.displayText() or widget.placeholderText(), _edit_room(widget)
    elif isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText(), widget.viewport().geometry()
    elif isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView):
        origin = widget.viewport().pos()
        for index in _shown(widget):
            text = str(index.data() or "")
            yield text, widget.visualRect(index).translated(origin)


def _fine_picture(
    window: QWidget,
) -> Picture:
    picture = QPixmap(window.size() * FINE)
    picture.setDevicePixelRatio(FINE)
    picture.fill(Qt.GlobalColor.white)
    window.render(picture)
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8)
    shape = image.height(), image.bytesPerLine() // 4, 4
    return data.reshape(shape)[:, : image.width(), :3].copy()


def _contrast(picture: Picture, area: QRect) -> float | None:
    """Return the contrast of the strongest colour of an area against the commonest."""
    x0, y0 = round(area.left() * FINE), round(area.top() * FINE)
    x1, y1 = round((area.right() + 1) * FINE), round((area.bottom() + 1) * FINE)
    part = picture[y0:y1, x0:x1]
    if area.width() < 4 or area.height() < 6 or not part.size:
        return None
    packed = part.astype(np.uint32) @ np.array([1, 1 << 8, 1 << 16], np.uint32)
    colors, counts = np.unique(packed, return_counts=True)
    ground = _luminance(int(colors[counts.argmax()]))
    strokes = colors[counts >= 5]
    return max((_ratio(_luminance(int(c)), ground) for c in strokes), default=None)


def _luminance(color: int) -> float:
    # Bytes lie as blue, green, red.
    parts = [((color >> shift) & 255) / 255 for shift in (16, 8, 0)]
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


# -- keyboard ------------------------------------------------------------------------

_CONTROLS: Final = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


_COMPOUND: Final = (QComboBox, QKeySequenceEdit, QLineEdit, QTreeView, QTableView)
"""Controls that are made of others and hand the focus on to them."""


def controls(window: QWidget) -> Iterator[QWidget]:
    """Yield everything enabled that a person can act on."""
    for widget in on_top(window):
        if not isinstance(widget, _CONTROLS) and not (
            widget.focusPolicy() & Qt.FocusPolicy.ClickFocus
        ):
            continue
        inner = isinstance(widget, QHeaderView | QScrollBar) or isinstance(
            widget.parentWidget(), _COMPOUND
        )
        if widget.isEnabled() and not inner and not _only_shown(widget):
            yield widget


def _only_shown(widget: QWidget) -> bool:
    """Return whether a widget takes the mouse for another, or only to be copied from.

    The viewport of a view gives everything to the view, which is a control of its own.
    Text that can be selected has nothing to press; text with a link has.
    """
    area = widget.parentWidget()
    if isinstance(area, QAbstractScrollArea) and area.viewport() is widget:
        return True
    if not isinstance(widget, QLabel):
        return False
    link = Qt.TextInteractionFlag.LinksAccessibleByMouse
    return not widget.textInteractionFlags() & link


def reached(window: QWidget) -> list[QWidget]:
    """Return what gets the focus as Tab is pressed, and in plots the arrow key down."""
    found: list[QWidget] = []
    window.activateWindow()
    # Of this window: over it there may be another one that has the keyboard.
    at = focus_in(window) or window
    for _ in range(_TABS):
        QTest.keyClick(at, Qt.Key.Key_Tab)
        now = focus_in(window)
        if now is at:
            # What stands alone; or a page with links, gone through link by link.
            found += [now] if now not in found else []
            continue
        if now is None or now in found:
            break
        found.append(now)
        at = now
    for canvas in [widget for widget in found if isinstance(widget, Canvas)]:
        found += _below(canvas)
    return found


def focus_in(window: QWidget) -> QWidget | None:
    """Return what has the focus of a window; the stubs do not know of none."""
    return window.focusWidget()


def _below(canvas: Canvas) -> list[QWidget]:
    """Return what gets the focus as Down is pressed in a plot."""
    canvas.setFocus()
    found: list[QWidget] = []
    at: QWidget = canvas
    for _ in range(_TABS):
        QTest.keyClick(at, Qt.Key.Key_Down)
        now = focus_in(canvas.window())
        if now is None or now is canvas or now in found:
            break
        found.append(now)
        at = now
    return found


def unreachable(window: QWidget) -> Iterator[str]:
    """Yield controls that Tab never comes to."""
    tabbed = reached(window)
    found = {id(widget) for widget in tabbed}
    for widget in controls(window):
        if id(widget) in found or _led_to(widget, found) or _walked(widget, tabbed):
            continue
        yield f"not reached by Tab: {place(widget)}"


def _walked(widget: QWidget, tabbed: list[QWidget]) -> bool:
    """Return whether Down in a line for searching walks through a list below it."""
    if not isinstance(widget, QAbstractItemView):
        return False
    for line in tabbed:
        if isinstance(line, QLineEdit):
            before = widget.currentIndex().row()
            QTest.keyClick(line, Qt.Key.Key_Down)
            if widget.currentIndex().row() != before:
                return True
    return False


def _led_to(widget: QWidget, found: set[int]) -> bool:
    """Return whether arrow keys lead to a widget from one of its group."""
    if not isinstance(widget, QAbstractButton):
        return False
    parent = widget.parentWidget()
    # The stubs say that there always is a group.
    group: QButtonGroup | None = widget.group()
    others: list[QAbstractButton] = []
    if group is not None and group.exclusive():
        others = group.buttons()
    elif widget.autoExclusive() and parent is not None:
        others = parent.findChildren(QAbstractButton)
    return any(id(other) in found for other in others)


def nameless(window: QWidget) -> Iterator[str]:
    """Yield controls without a name for tests or for screen readers."""
    for widget in controls(window):
        if not widget.objectName():
            yield f"no object name: {place(widget)}"
        text = (
            getattr(widget, "text", str)()
            if isinstance(widget, QAbstractButton)
            else ""
        )
        if not (widget.accessibleName() or text):
            yield f"no accessible name: {place(widget)}"


def _text(rect: QRect) -> str:
    return f"{rect.x()},{rect.y()} {rect.width()}×{rect.height()}"


def summary(found: list[str]) -> str:
    """Return faults with equal ones counted, for a failing test."""
    return "\n".join(
        f"{n}× {line}" if n > 1 else line for line, n in Counter(found).items()
    )
