"""A line above the plots that says what went wrong, or well; nothing waits for it.

Problems and warnings stay until they are closed. Good news leaves by itself, but not
while the mouse is on it. All of it can be read again in the history.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QEnterEvent,
    QHideEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from optlab.translate import tr
from optlab.ui.icons import icon
from optlab.ui.messages import Messages, Severity
from optlab.ui.theme import Theme
from optlab.ui.view_state import ViewState

Offer = tuple[str, Callable[[], object]]
"""What a button beside a sentence says, and what it does."""
MILLISECONDS: Final = 1000
PASSING: Final = frozenset({"info", "good"})
ICONS: Final[dict[Severity, str]] = {
    "info": "info",
    "good": "done",
    "warning": "warning",
    "problem": "warning",
}


class Notice(QFrame):
    """Shows one sentence; not modal.

    Args:
        state: Where the theme is.
        messages: Where what was said is kept.
        stay: Returns for how many seconds good news stays.
    """

    def __init__(
        self, state: ViewState, messages: Messages, *, stay: Callable[[], float]
    ) -> None:
        super().__init__()
        self._state = state
        self._messages = messages
        self._stay = stay
        self.severity: Severity = "info"
        self.setObjectName("notice")
        self.setProperty("role", "notice")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        self._mark = QLabel()
        self._mark.setObjectName("notice.mark")
        self._text = QLabel()
        self._text.setObjectName("notice.text")
        self._text.setWordWrap(True)
        # It tells names and texts of files, which may be anybody's.
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._close = QToolButton()
        self._close.setObjectName("notice.close")
        self._close.setProperty("kind", "eye")
        self._close.setAccessibleName(tr("Close this message"))
        self._close.setToolTip(tr("Close this message; the history keeps it"))
        self._close.clicked.connect(self.hide)
        self._offer: Offer | None = None
        self._button = QPushButton()
        self._button.setObjectName("notice.offer")
        self._button.clicked.connect(self._take)
        self._button.hide()
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        state.theme_changed.connect(self._refresh)
        self._refresh()
        self.hide()

    def say(
        self, text: str, *, severity: Severity = "problem", offer: Offer | None = None
    ) -> None:
        """Show ``text``, keep it in the history and tell it to screen readers.

        Args:
            text: What is to be said.
            severity: How much it matters.
            offer: What a button beside it says and does; None for no button.
        """
        self.severity = severity
        self._offer = offer
        self._button.setVisible(offer is not None)
        if offer is not None:
            self._button.setText(offer[0])
            self._button.setAccessibleName(offer[0])
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(severity_words(severity))
        self._refresh()
        self.show()
        self._messages.add(text, severity)
        if severity in PASSING:
            self._wait()
        else:
            self._timer.stop()
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self, text)
            QAccessible.updateAccessibility(event)

    @property
    def text(self) -> str:
        """The sentence that is shown; empty if none is."""
        return "" if self.isHidden() else self._text.text()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while a person reads."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Leave some time after the mouse has."""
        super().leaveEvent(event)
        if self.severity in PASSING and not self.isHidden():
            self._wait()

    def hideEvent(self, event: QHideEvent) -> None:
        """Count no more."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def _take(self) -> None:
        offer = self._offer
        self.hide()
        if offer is not None:
            offer[1]()

    def _wait(self) -> None:
        self._timer.start(round(MILLISECONDS * self._stay()))

    def _refresh(self) -> None:
        theme = self._state.theme
        self._close.setIcon(icon("close", theme))
        color = severity_color(self.severity, theme)
        picture = icon(ICONS[self.severity], theme, color=color)
        self._mark.setPixmap(picture.pixmap(16, 16))


def severity_words(severity: Severity) -> str:
    """Return how much a message matters, in a word."""
    words: dict[Severity, str] = {
        "info": tr("Information"),
        "good": tr("Done"),
        "warning": tr("Warning"),
        "problem": tr("Problem"),
    }
    return words[severity]


def severity_color(severity: Severity, theme: Theme) -> str:
    """Return the colour of a message's mark."""
    colors: dict[Severity, str] = {
        "info": theme.muted,
        "good": theme.success,
        "warning": theme.warning,
        "problem": theme.danger,
    }
    return colors[severity]
