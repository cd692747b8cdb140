"""Title, unit and caption of a card: shown, and edited in their place."""

from dataclasses import replace
from itertools import count
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from optlab.translate import tr
from optlab.ui.elided_edit import ElidedEdit
from optlab.ui.labels import ElidedLabel
from optlab.ui.view_state import ViewState

_SESSIONS: Final = count()
_LEAST: Final = 24


class Heading(ElidedLabel):
    """A heading that gives way where there is no room; a double-click edits it."""

    edit_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of the whole text."""
        hint = super().sizeHint()
        width = self.fontMetrics().horizontalAdvance(self.full_text) + 2
        return QSize(width, hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return next to nothing: it can be shortened."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask to be edited."""
        event.accept()
        self.edit_asked.emit()


class TextEditor(QWidget):
    """Three fields in a card; what is typed is seen at once and can be undone.

    Args:
        name: Name of the plot.
        state: Where its settings are.
    """

    closed = Signal()

    def __init__(
        self, name: str, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"card-{name}-text")
        self._name, self._state = name, state
        # What is typed from opening to closing is undone in one step.
        self._key = f"text-{name}-{next(_SESSIONS)}"
        self.title = self._field("title", tr("Title"))
        self.subtitle = self._field("subtitle", tr("Unit"))
        self.caption = self._field("caption", tr("Caption"))
        layout = QFormLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setVerticalSpacing(4)
        for field in (self.title, self.subtitle, self.caption):
            label = QLabel(field.accessibleName())
            label.setProperty("role", "muted")
            label.setBuddy(field)
            layout.addRow(label, field)

    def _field(self, part: str, text: str) -> QLineEdit:
        field = ElidedEdit(getattr(self._state.plot(self._name), part))
        field.setObjectName(f"card-{self._name}-{part}-field")
        field.setAccessibleName(text)
        field.setToolTip(tr("Empty: as the window has it. Enter: done."))
        field.textEdited.connect(self._take)
        field.returnPressed.connect(self.closed)
        return field

    def _take(self) -> None:
        settings = replace(
            self._state.plot(self._name),
            title=self.title.text().strip(),
            subtitle=self.subtitle.text().strip(),
            caption=self.caption.text().strip(),
        )
        self._state.set_plot(self._name, settings, merge=self._key)

    def propose(self, title: str, subtitle: str) -> None:
        """Show in empty fields what stands there by itself."""
        self.title.setPlaceholderText(title)
        self.subtitle.setPlaceholderText(subtitle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.closed.emit()
        else:
            super().keyPressEvent(event)
