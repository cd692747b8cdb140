"""Asks for a name without stopping anything else."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.theme import set_property


class NameDialog(QDialog):
    """A line to type a name, and a button that takes it.

    Args:
        title: What the name is for.
        name: What stands in the line at first.
        take: The word on the button.
        usable: Returns whether a name can be taken.
        longest: How many characters it may have.
    """

    taken = Signal(str)
    """Carries the name."""

    def __init__(
        self,
        title: str,
        name: str,
        *,
        take: str,
        usable: Callable[[str], bool],
        longest: int,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._usable = usable
        self.setObjectName("name")
        self.setWindowTitle(title)
        self.setMinimumWidth(320)
        heading = QLabel(title)
        heading.setProperty("role", "title")
        self._line = QLineEdit(name)
        self._line.setObjectName("name.line")
        self._line.setAccessibleName(title)
        self._line.setMaxLength(longest)
        self._line.selectAll()
        self._take = QPushButton(take)
        self._take.setObjectName("name.take")
        self._take.setDefault(True)
        set_property(self._take, "kind", "primary")
        cancel = QPushButton(tr("Cancel"))
        cancel.setObjectName("name.cancel")
        cancel.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(self._line)
        layout.addLayout(buttons)
        self._line.textChanged.connect(self._check)
        self._take.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self._check()

    def accept(self) -> None:
        """Take the name, if it can be taken."""
        name = self._line.text().strip()
        if self._usable(name):
            super().accept()
            self.taken.emit(name)

    def _check(self) -> None:
        good = self._usable(self._line.text().strip())
        self._take.setEnabled(good)
        self._take.setToolTip("" if good else tr("Type a name first"))
