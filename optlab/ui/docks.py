"""Docks that look like cards: movable, closable, with room for a button in the head."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.icons import icon
from optlab.ui.view_state import ViewState


class CardDock(QDockWidget):
    """A dock whose head is the upper part of a card and whose content the lower."""

    def __init__(
        self,
        name: str,
        title: str,
        *,
        content: QWidget,
        state: ViewState,
        parent: QMainWindow,
        extra: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self._state = state
        self.setObjectName(f"dock.{name}")
        self.setAccessibleName(title)
        self.setTitleBarWidget(self._make_head(title, extra))
        self.setWidget(content)
        state.theme_changed.connect(self._refresh)
        self._refresh()

    def _make_head(self, title: str, extra: QWidget | None) -> QWidget:
        head = _Head()
        layout = QHBoxLayout(head)
        layout.setContentsMargins(12, 6, 6, 4)
        layout.setSpacing(4)
        label = QLabel(title.upper())
        label.setProperty("role", "section")
        layout.addWidget(label)
        layout.addStretch(1)
        if extra is not None:
            layout.addWidget(extra)
        self._close = QToolButton()
        self._close.setObjectName(f"{self.objectName()}.close")
        self._close.setProperty("kind", "eye")
        self._close.setAccessibleName(tr("Close {panel}", panel=title))
        self._close.setToolTip(tr("Close this panel; the menu brings it back"))
        self._close.clicked.connect(self.close)
        layout.addWidget(self._close)
        return head

    def _refresh(self) -> None:
        self._close.setIcon(icon("close", self._state.theme))


class _Head(QWidget):
    """The head of a dock; a plain widget that paints the style sheet's background."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "dock-title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def scroll_body(area: QScrollArea) -> QVBoxLayout:
    """Make ``area`` the body of a dock that scrolls down; return its layout."""
    area.setProperty("role", "dock-body")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    content = QWidget()
    content.setObjectName("scroll-content")
    area.setWidget(content)
    return QVBoxLayout(content)
