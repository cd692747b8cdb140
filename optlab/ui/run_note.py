"""A quiet line in a panel that shows something else than what is running."""

from PySide6.QtWidgets import QLabel

from optlab.translate import tr


class RunNote(QLabel):
    """Says that edits do not reach the run that goes on.

    Args:
        name: Its object name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            tr(
                "The run goes on with what it was started with; what is changed here "
                "counts from the next start."
            )
        )
        self.setObjectName(name)
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.hide()
