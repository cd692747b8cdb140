"""The history of what the window said: a pop-up above the bell in the status bar."""

from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr, tr_n
from optlab.ui.icons import icon
from optlab.ui.messages import Message, Messages
from optlab.ui.notice import ICONS, severity_color, severity_words
from optlab.ui.view_state import ViewState

SIZE: Final = (460, 320)


class MessageList(QFrame):
    """Lists the messages, newest first.

    Args:
        state: Where the theme is.
        messages: What was said.
        parent: The widget that it belongs to.
    """

    def __init__(
        self, state: ViewState, messages: Messages, *, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._state = state
        self._messages = messages
        self.setObjectName("messages")
        self.setProperty("role", "popup")
        self.setAccessibleName(tr("Messages"))
        self._build()

    def _build(self) -> None:
        head = QLabel(tr("Messages"))
        head.setProperty("role", "title")
        self._none = QLabel(tr("Nothing has been said yet"))
        self._none.setProperty("role", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.list = QListWidget()
        self.list.setObjectName("messages.list")
        self.list.setAccessibleName(tr("Messages, newest first"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setWordWrap(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._copy = QPushButton(tr("Copy"))
        self._copy.setObjectName("messages.copy")
        self._copy.setToolTip(tr("Copy what is selected, or everything"))
        self._copy.clicked.connect(self.copy)
        self._clear = QPushButton(tr("Clear"))
        self._clear.setObjectName("messages.clear")
        self._clear.setToolTip(tr("Forget all messages"))
        self._clear.clicked.connect(self._forget)
        top = QHBoxLayout()
        top.setContentsMargins(4, 0, 0, 0)
        top.addWidget(head, 1)
        top.addWidget(self._copy)
        top.addWidget(self._clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._none, 1)

    def open_above(self, corner: QPoint) -> None:
        """Open with the lower right corner at a place on the screen."""
        self._fill()
        self.resize(*SIZE)
        self.move(corner - QPoint(self.width(), self.height()))
        self.show()
        self.list.setFocus()
        self._messages.mark_read()

    def copy(self) -> None:
        """Copy the messages that are selected, or all."""
        rows = sorted(self.list.row(item) for item in self.list.selectedItems())
        newest = self._messages.kept[::-1]
        wanted = [newest[row] for row in rows] or newest
        QGuiApplication.clipboard().setText("\n".join(map(_line, wanted)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, or close on Escape."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _forget(self) -> None:
        self._messages.clear()
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        theme = self._state.theme
        for message in reversed(self._messages.kept):
            item = QListWidgetItem(_shown(message))
            color = severity_color(message.severity, theme)
            item.setIcon(icon(ICONS[message.severity], theme, color=color))
            item.setToolTip(_line(message))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, _line(message))
            self.list.addItem(item)
        there = bool(self._messages.kept)
        self.list.setVisible(there)
        self._none.setVisible(not there)
        self._copy.setEnabled(there)
        self._clear.setEnabled(there)


def _shown(message: Message) -> str:
    time = f"{message.time:%H:%M:%S}"
    if message.times > 1:
        times = tr_n("{n} time", "{n} times", n=message.times)
        return f"{time} · {times} · {message.text}"
    return f"{time} · {message.text}"


def _line(message: Message) -> str:
    word = severity_words(message.severity)
    return f"{message.time:%Y-%m-%d} {_shown(message)} ({word})"
