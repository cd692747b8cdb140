"""What the window has said to a person, newest last; it outlives the widgets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

Severity = Literal["info", "good", "warning", "problem"]
MOST: Final = 200
"""How many messages are kept."""


@dataclass(frozen=True)
class Message:
    """One thing that was said.

    Attributes:
        time: When.
        text: What.
        severity: How much it matters.
        times: How often it was said in a row.
    """

    time: datetime
    text: str
    severity: Severity
    times: int = 1


class Messages(QObject):
    """The history of what was said, and how much of it was not looked at."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: tuple[Message, ...] = ()
        self._unread = 0

    @property
    def kept(self) -> tuple[Message, ...]:
        """All messages, newest last."""
        return self._kept

    @property
    def unread(self) -> int:
        """How many came since the history was looked at."""
        return self._unread

    def add(self, text: str, severity: Severity) -> None:
        """Note a message; one that is said again is counted."""
        before, times = self._kept, 1
        if before and (before[-1].text, before[-1].severity) == (text, severity):
            before, times = before[:-1], before[-1].times + 1
        else:
            self._unread = min(self._unread + 1, MOST)
        message = Message(datetime.now().astimezone(), text, severity, times)
        self._kept = (*before, message)[-MOST:]
        self.changed.emit()

    def mark_read(self) -> None:
        """Note that a person looked at the history."""
        self._unread = 0
        self.changed.emit()

    def clear(self) -> None:
        """Forget everything."""
        self._kept, self._unread = (), 0
        self.changed.emit()
