"""Dialogs: which file, and how far a dataset is fetched."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.background import BackgroundTask, Report

LOOK_MS: Final = 100
MEGABYTE: Final = 1_000_000


class FileChooser(Protocol):
    """Asks a person for a file; tests bring their own."""

    def open(self, title: str, kinds: Sequence[str]) -> Path | None:
        """Return a file to be read; None if the person changed their mind."""
        ...

    def save(self, title: str, name: str, kinds: Sequence[str]) -> Path | None:
        """Return a file to be written, replacing confirmed; or None."""
        ...

    def folder(self, title: str) -> Path | None:
        """Return a folder to be read; None if the person changed their mind."""
        ...

    def pick(self, title: str, question: str, words: Sequence[str]) -> str:
        """Return one of several words; nothing if the person changed their mind."""
        ...

    def ask(self, title: str, question: str, text: str) -> str:
        """Return what was typed in the place of ``text``; nothing if nothing was."""
        ...


class DialogChooser:
    """Asks by the file dialogs of the system."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def open(self, title: str, kinds: Sequence[str]) -> Path | None:
        """Return a file to be read; None if the person changed their mind."""
        name, _ = QFileDialog.getOpenFileName(self._parent, title, "", _filter(kinds))
        return Path(name) if name else None

    def save(self, title: str, name: str, kinds: Sequence[str]) -> Path | None:
        """Return a file to be written, replacing confirmed; or None."""
        dialog = QFileDialog(self._parent, title, "", _filter(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kinds[0].removeprefix("."))
        dialog.selectFile(name)
        chosen = dialog.selectedFiles() if dialog.exec() else []
        dialog.deleteLater()
        return Path(chosen[0]) if chosen else None

    def folder(self, title: str) -> Path | None:
        """Return a folder to be read; None if the person changed their mind."""
        name = QFileDialog.getExistingDirectory(self._parent, title)
        return Path(name) if name else None

    def pick(self, title: str, question: str, words: Sequence[str]) -> str:
        """Return one of several words; nothing if the person changed their mind."""
        word, well = QInputDialog.getItem(
            self._parent, title, question, list(words), 0, False
        )
        return word if well else ""

    def ask(self, title: str, question: str, text: str) -> str:
        """Return what was typed in the place of ``text``; nothing if nothing was."""
        typed, well = QInputDialog.getText(
            self._parent, title, question, QLineEdit.EchoMode.Normal, text
        )
        return typed.strip() if well else ""


def _filter(kinds: Sequence[str]) -> str:
    patterns = " ".join(f"*{kind}" for kind in kinds)
    names = ", ".join(kind.removeprefix(".").upper() for kind in kinds)
    return f"{names} ({patterns})"


class TaskDialog(QDialog):
    """Shows how far a piece of work in the background is, with a way to cancel it."""

    over = Signal(bool, str)
    """It is over; carries whether it went well, and why not (empty if cancelled)."""

    def __init__(
        self,
        title: str,
        work: Callable[[Report], None],
        *,
        parent: QWidget,
        words: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("task")
        self.setWindowTitle(title)
        self.setModal(True)
        self.task = BackgroundTask(work, parent=self)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._build(title, words)
        self._timer.timeout.connect(self._look)
        self.task.ended.connect(self._finish)
        self._cancel.clicked.connect(self.reject)

    def _build(self, title: str, words: str) -> None:
        self.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        heading = QLabel(title)
        heading.setProperty("role", "title")
        self._words = QLabel(words)
        self._words.setObjectName("task.words")
        self._words.setProperty("role", "muted")
        self._bar = QProgressBar()
        self._bar.setObjectName("task.progress")
        self._bar.setAccessibleName(title)
        self._bar.setRange(0, 0)
        self._cancel = QPushButton(tr("Cancel"))
        self._cancel.setObjectName("task.cancel")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        for widget in (heading, self._words, self._bar):
            layout.addWidget(widget)
        layout.addLayout(buttons)

    def begin(self) -> None:
        """Show the dialog and begin the work."""
        self.task.start()
        self._timer.start()
        self.show()

    def reject(self) -> None:
        """Ask the work to end; the dialog closes when it has."""
        self.task.report.cancelled.set()
        self._words.setText(tr("Cancelling"))
        self._cancel.setEnabled(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take closing as cancelling."""
        event.ignore()
        self.reject()

    @Slot()
    def _look(self) -> None:
        report = self.task.report
        if report.cancelled.is_set() or not report.total:
            return
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * report.done / report.total))
        text = tr(
            "{done} of {total} MB",
            done=f"{report.done / MEGABYTE:.1f}",
            total=f"{report.total / MEGABYTE:.1f}",
        )
        self._words.setText(text)

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        self._timer.stop()
        self.hide()
        self.over.emit(well, reason)
        self.deleteLater()
