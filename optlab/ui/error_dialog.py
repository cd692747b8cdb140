"""The dialog for an error inside the program: what was saved, where the log is."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr, tr_n

WIDTH: Final = 520
LONGEST: Final = 300
"""Characters of an error's own words that are shown; the details have all of them."""


class ErrorDialog(QDialog):
    """Tells of one error; not modal, as the window goes on.

    Args:
        what: The error in its own words.
        details: What is copied for a report.
        saved: What was saved, a sentence each.
        log: The file of the log.
        parent: The window.
    """

    def __init__(
        self, what: str, details: str, *, saved: str, log: Path, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._details = details
        self._log = log
        self.setObjectName("error")
        self.setWindowTitle(tr("An error in OptLab"))
        # The height follows from it: the texts are as long as names of folders are.
        self.setFixedWidth(WIDTH)
        sentence = QLabel(tr("Something in OptLab went wrong; the window goes on."))
        sentence.setObjectName("error.sentence")
        sentence.setProperty("role", "title")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignTop)
        self._count = _text("error.count", "")
        self._count.hide()
        short = what if len(what) <= LONGEST else what[: LONGEST - 1] + "…"
        form.addRow(QLabel(tr("Error")), _text("error.what", short))
        form.addRow(QLabel(tr("Saved")), _text("error.saved", saved))
        form.addRow(QLabel(tr("Log")), _text("error.log", _breakable(log)))
        hint = tr(
            "In a terminal, optlab doctor --bundle packs what a report needs, without "
            "your name and folders."
        )
        told = _text("error.hint", hint)
        told.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(sentence)
        layout.addLayout(form)
        layout.addWidget(self._count)
        layout.addWidget(told)
        layout.addLayout(self._make_buttons())

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        folder = QPushButton(tr("Open folder of the log"))
        folder.setObjectName("error.folder")
        folder.clicked.connect(self._open_folder)
        copy = QPushButton(tr("Copy details"))
        copy.setObjectName("error.copy")
        copy.clicked.connect(self._copy)
        close = QPushButton(tr("Close"))
        close.setObjectName("error.close")
        close.clicked.connect(self.close)
        close.setDefault(True)
        for button in (folder, copy, close):
            row.addWidget(button)
        return row

    def count(self, again: int, others: int) -> None:
        """Say how often it came again, and how many other errors came since.

        Args:
            again: How often the error came, after the first time.
            others: How many others came.
        """
        said = []
        if again:
            said.append(
                tr_n("It came once more.", "It came {n:,} times more.", n=again)
            )
        if others:
            said.append(
                tr_n(
                    "Another error came since; it is in the log.",
                    "{n:,} other errors came since; they are in the log.",
                    n=others,
                )
            )
        self._count.setText(" ".join(said))
        self._count.setVisible(bool(said))
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log.parent)))


def _text(name: str, text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setWordWrap(True)
    # It tells names and texts of files, which may be anybody's.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _breakable(path: Path) -> str:
    """Return a path that may be broken into lines where a folder ends."""
    return str(path).replace("/", "/\u200b").replace("\\", "\\\u200b")
