"""A line of a form that opens and closes what lies under it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from optlab.translate import tr
from optlab.ui.labels import ElidedLabel


class Fold(QWidget):
    """A line that opens and closes what lies under it.

    Args:
        name: Object name of the line.
        title: What the line says; empty for *More* and *Less*.
    """

    toggled = Signal()
    """It was opened or closed."""

    def __init__(self, name: str, *, title: str = "") -> None:
        super().__init__()
        self._title = title
        self._note = ""
        self._content: QWidget | None = None
        self._button = QToolButton()
        self._button.setObjectName(name)
        self._button.setProperty("kind", "fold")
        self._button.setCheckable(True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.setAccessibleName(title or tr("More parameters"))
        self._button.toggled.connect(self._show)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._words = ElidedLabel()
        self._words.setObjectName(f"{name}.note")
        self._words.setProperty("role", "muted")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._button)
        head.addWidget(self._words, 1)
        self._layout.addLayout(head)
        self._show(opened=False)

    def set_content(self, content: QWidget) -> None:
        """Put ``content`` under the fold."""
        self._content = content
        self._layout.addWidget(content)
        content.setVisible(self._button.isChecked())

    def set_note(self, note: str) -> None:
        """Say beside the word what lies hidden."""
        self._note = note
        self._caption()

    @property
    def opened(self) -> bool:
        """Whether what lies under it is shown."""
        return self._button.isChecked()

    def open(self) -> None:
        """Open the fold."""
        self._button.setChecked(True)

    def _show(self, opened: bool) -> None:
        self._button.setArrowType(
            Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow
        )
        if self._content is not None:
            self._content.setVisible(opened)
        self._caption()
        self.toggled.emit()

    def _caption(self) -> None:
        text = self._title
        if not text:
            text = tr("Less") if self._button.isChecked() else tr("More")
        self._button.setText(text)
        self._words.set_full_text(f"· {self._note}" if self._note else "")
