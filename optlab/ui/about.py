"""What OptLab is and what it runs on, to be read and copied."""

from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.icons import pixmap
from optlab.ui.status_details import versions
from optlab.ui.view_state import ViewState


class AboutDialog(QDialog):
    """Shows versions; not modal.

    Args:
        state: Where the theme is.
        parent: The window.
    """

    def __init__(self, state: ViewState, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setWindowTitle(tr("About OptLab"))
        self._rows = versions()
        picture = QLabel()
        picture.setPixmap(
            pixmap("optlab", QColor(state.theme.accent), size=48, scale=2)
        )
        name = QLabel("OptLab")
        name.setProperty("role", "headline")
        told = QLabel(
            tr(
                "A laboratory that trains with several optimizers side by side. It "
                "uses the network only to fetch a dataset that you ask for, and "
                "reports nothing to anybody."
            )
        )
        told.setWordWrap(True)
        told.setProperty("role", "muted")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for caption, value in self._rows:
            form.addRow(QLabel(caption), QLabel(value))
        hint = QLabel(tr("In a terminal, optlab doctor checks all of it."))
        hint.setProperty("role", "muted")
        copy = QPushButton(tr("Copy"))
        copy.setObjectName("about.copy")
        copy.clicked.connect(self._copy)
        close = QPushButton(tr("Close"))
        close.setObjectName("about.close")
        close.clicked.connect(self.close)
        head, buttons = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(picture)
        head.addWidget(name, 1)
        buttons.addWidget(hint, 1)
        buttons.addWidget(copy)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(told)
        layout.addLayout(form)
        layout.addLayout(buttons)
        self.setMinimumWidth(440)

    def _copy(self) -> None:
        text = "\n".join(f"{caption}: {value}" for caption, value in self._rows)
        QGuiApplication.clipboard().setText(text)
