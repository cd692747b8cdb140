"""A line above the plots that says what went wrong, until it is closed."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from optlab.translate import tr
from optlab.ui.icons import icon
from optlab.ui.view_state import ViewState


class Notice(QFrame):
    """Shows one sentence; not modal, so that nothing waits for it."""

    def __init__(self, state: ViewState) -> None:
        super().__init__()
        self._state = state
        self.setObjectName("notice")
        self.setProperty("role", "notice")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        self._mark = QLabel()
        self._text = QLabel()
        self._text.setObjectName("notice.text")
        self._text.setWordWrap(True)
        self._close = QToolButton()
        self._close.setObjectName("notice.close")
        self._close.setProperty("kind", "eye")
        self._close.setAccessibleName(tr("Close this message"))
        self._close.clicked.connect(self.hide)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close)
        state.theme_changed.connect(self._refresh)
        self._refresh()
        self.hide()

    def say(self, text: str, *, problem: bool = True) -> None:
        """Show ``text``; as a problem, or as good news."""
        self.setProperty("problem", problem)
        self._text.setText(text)
        self.setAccessibleName(text)
        self._mark.setVisible(problem)
        self.show()

    @property
    def text(self) -> str:
        """The sentence that is shown; empty if none is."""
        return "" if self.isHidden() else self._text.text()

    def _refresh(self) -> None:
        theme = self._state.theme
        self._close.setIcon(icon("close", theme))
        picture = icon("warning", theme, color=theme.warning)
        self._mark.setPixmap(picture.pixmap(16, 16))
