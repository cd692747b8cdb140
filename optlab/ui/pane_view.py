"""Draws the tree of an arrangement: widgets in nested splitters.

Sizes come from the weights of the tree, whatever Qt would make of them; dragging a
border tells the new ones when it ends, once.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSplitter, QSplitterHandle, QWidget
from shiboken6 import isValid

from optlab.translate import tr
from optlab.ui.arrangement import Node, Pane, Split
from optlab.ui.pane_tree import names_in
from optlab.ui.view_state import ViewState

GAP: Final = 8
LEAST: Final = (170, 110)
"""Width and height that every pane has at least."""
_STEP: Final = 16
_GRIP: Final = (28, 4)

Parts = tuple[frozenset[str], ...]


class PaneView(QWidget):
    """Shows widgets as a tree says.

    Args:
        state: Where the theme is.
    """

    border_moved = Signal(object, object)
    """A border stands elsewhere: the names in each part, and the parts' sizes."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._tree: Node | None = None
        self._widgets: dict[str, QWidget] = {}
        self._root: QWidget | None = None

    def show_tree(self, tree: Node | None, widgets: Mapping[str, QWidget]) -> None:
        """Show widgets in their places; those of before that have none are hidden.

        Args:
            tree: The places.
            widgets: The widgets, by the names of the panes.
        """
        shown = {name: widgets[name] for name in names_in(tree)}
        if shown == self._widgets and _shape(tree) == _shape(self._tree):
            self._tree = tree
            if isinstance(self._root, _PaneSplitter) and isinstance(tree, Split):
                self._root.put_weights(tree)
            return
        self._tree = tree
        self.setUpdatesEnabled(False)
        focused = QApplication.focusWidget()
        old, self._root = self._root, None
        for widget in self._widgets.values():
            if widget not in shown.values():
                widget.hide()
                widget.setParent(self)
        self._widgets = shown
        if tree is not None:
            self._root = self._made(tree)
            self._root.setParent(self)
            self._root.setGeometry(self.rect())
            self._root.show()
        if isinstance(old, _PaneSplitter):
            # Later: what asks for another tree may be one of its borders.
            old.hide()
            old.deleteLater()
        # A border that had it may be gone with its splitter.
        if focused is not None and isValid(focused) and self.isAncestorOf(focused):
            focused.setFocus()
        self.setUpdatesEnabled(True)

    def forget(self, widget: QWidget) -> None:
        """Let go of a widget that is about to be deleted."""
        self._widgets = {n: w for n, w in self._widgets.items() if w is not widget}

    def borders(self) -> list[QSplitterHandle]:
        """Return all borders between panes."""
        root = self._root
        return root.borders() if isinstance(root, _PaneSplitter) else []

    def _made(self, tree: Node) -> QWidget:
        if isinstance(tree, Pane):
            widget = self._widgets[tree.name]
            # This overrules the hint of a card, which depends on its texts.
            widget.setMinimumSize(*LEAST)
            return widget
        parts = [self._made(part) for part in tree.parts]
        splitter = _PaneSplitter(tree, self, self._state)
        for part in parts:
            splitter.addWidget(part)
            part.show()
        # Without this one whose parts have just been shown would have no room.
        splitter.refresh()
        splitter.name_borders()
        return splitter

    def minimumSizeHint(self) -> QSize:
        """Return that of one pane: with less room there are fewer of them."""
        return QSize(*LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give everything the new size."""
        super().resizeEvent(event)
        if self._root is not None:
            self._root.setGeometry(self.rect())


class _PaneSplitter(QSplitter):
    """Parts beside each other with the weights of a split."""

    def __init__(self, node: Split, view: PaneView, state: ViewState) -> None:
        across = Qt.Orientation.Horizontal
        super().__init__(across if node.across else Qt.Orientation.Vertical)
        self._node = node
        self._view = view
        self._state = state
        self.setHandleWidth(GAP)
        self.setChildrenCollapsible(False)

    def put_weights(self, node: Split) -> None:
        """Take the weights of another tree of the same shape."""
        self._node = node
        self._apply()
        for k, part in enumerate(node.parts):
            child = self.widget(k)
            if isinstance(child, _PaneSplitter) and isinstance(part, Split):
                child.put_weights(part)

    def borders(self) -> list[QSplitterHandle]:
        """Return the borders in here and in all parts."""
        found = [self.handle(k) for k in range(1, self.count())]
        for k in range(self.count()):
            child = self.widget(k)
            if isinstance(child, _PaneSplitter):
                found += child.borders()
        return found

    def name_borders(self) -> None:
        """Give every border a name that lasts as long as what is beside it."""
        for k in range(1, self.count()):
            after = names_in(self._node.parts[k])[0]
            self.handle(k).setObjectName(f"border-{after}")

    def tell(self) -> None:
        """Say what sizes a person has given to the parts."""
        sizes = self.sizes()
        total = sum(sizes)
        if total:
            weights = tuple(size / total for size in sizes)
            parts = tuple(frozenset(names_in(part)) for part in self._node.parts)
            self._view.border_moved.emit(parts, weights)

    def createHandle(self) -> QSplitterHandle:
        """Return a border between two parts."""
        return _Border(self.orientation(), self, self._state)

    def minimumSizeHint(self) -> QSize:
        """Return that of one pane."""
        return QSize(*LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the weights."""
        super().resizeEvent(event)
        self._apply()

    def _apply(self) -> None:
        weights: Sequence[float] = self._node.weights
        if len(weights) != self.count():
            return
        across = self.orientation() == Qt.Orientation.Horizontal
        room = (self.width() if across else self.height()) - GAP * (self.count() - 1)
        total = sum(weights) or 1.0
        self.setSizes([max(1, round(room * w / total)) for w in weights])


class _Border(QSplitterHandle):
    """The gap between two panes; moved with the mouse or the arrow keys."""

    def __init__(
        self, orientation: Qt.Orientation, splitter: _PaneSplitter, state: ViewState
    ) -> None:
        super().__init__(orientation, splitter)
        self._splitter = splitter
        self._state = state
        self._before: list[int] = []
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        text = tr("Border between plots: drag it, or press the arrow keys")
        self.setAccessibleName(text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note where the border stands."""
        self._before = self._splitter.sizes()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say where the border stands now."""
        super().mouseReleaseEvent(event)
        if self._splitter.sizes() != self._before:
            self._splitter.tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the border by the arrow keys."""
        across = self.orientation() == Qt.Orientation.Horizontal
        back = Qt.Key.Key_Left if across else Qt.Key.Key_Up
        forth = Qt.Key.Key_Right if across else Qt.Key.Key_Down
        if event.key() not in (back, forth):
            super().keyPressEvent(event)
            return
        step = _STEP if event.key() == forth else -_STEP
        before = self._splitter.sizes()
        place = self.pos().x() if across else self.pos().y()
        self.moveSplitter(place + step)
        if self._splitter.sizes() != before:
            self._splitter.tell()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they do no more."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Show a grip while the mouse or the focus is here."""
        theme = self._state.theme
        if self.hasFocus():
            color = theme.accent
        elif self.underMouse():
            color = theme.faint
        else:
            return
        long, thin = _GRIP
        across = self.orientation() == Qt.Orientation.Horizontal
        size = QSize(thin, long) if across else QSize(long, thin)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        left = (self.width() - size.width()) // 2
        top = (self.height() - size.height()) // 2
        painter.drawRoundedRect(left, top, size.width(), size.height(), 2, 2)


def _shape(tree: Node | None) -> object:
    """Return what of a tree asks for other splitters when it changes."""
    if tree is None or isinstance(tree, Pane):
        return tree
    return tree.across, tuple(_shape(part) for part in tree.parts)
