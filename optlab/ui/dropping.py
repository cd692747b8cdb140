"""Files that are dropped on the window: what they are, and what is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QMimeData, QObject, QRect, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QLabel

from optlab.params import InputError
from optlab.translate import tr, tr_n
from optlab.ui.own_files import names_in
from optlab.ui.pages import LAB

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

SIZE: Final = (480, 150)
MARGIN: Final = 24
RUN: Final = ".optlab"
DATASET: Final = "problem.dataset"
MODEL: Final = "problem.model"


class DropDesk(QObject):
    """Lets files be dropped on the window, and says beforehand what that will do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._hint = QLabel(window)
        self._hint.setObjectName("drop.hint")
        self._hint.setProperty("role", "drop")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take files that are dragged over the window and dropped on it."""
        if isinstance(event, QDragEnterEvent) and _files(event.mimeData()):
            self._show_hint(told(_files(event.mimeData())))
            event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._hint.hide()
        elif event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self._hint.hide()
            files = _files(event.mimeData())
            if files:
                event.acceptProposedAction()
                self.take(files)
                return True
        return super().eventFilter(watched, event)

    def take(self, files: Sequence[Path]) -> None:
        """Do with files what they are for; say in a sentence what cannot be."""
        window, first = self._window, files[0]
        window.notice.hide()
        try:
            if all(file.suffix == RUN for file in files) and len(files) > 1:
                window.library.overlay(files)
            elif len(files) > 1:
                window.notice.say(tr("Drop one file at a time, or several run files."))
            elif first.is_dir() or first.suffix == ".npz":
                self._take_data(first)
            elif first.suffix in (".toml", RUN):
                window.welcome.open_path(first)
            elif first.suffix == ".py":
                self._take_code(first)
            else:
                window.notice.say(_refusal(first))
        except InputError as error:
            window.notice.say(str(error))

    def _take_data(self, path: Path) -> None:
        if not self._has(DATASET):
            text = tr("Choose the problem Image classification, then drop data on it.")
            self._window.notice.say(text)
            return
        self._enter(DATASET, str(path))

    def _take_code(self, path: Path) -> None:
        """Take an optimizer or a model out of a Python file."""
        found = names_in(path, base="Optimizer", functions=True)
        name = found[0]
        if len(found) > 1:
            question = tr("Which of those in {file}?", file=path.name)
            title = tr("From a Python file")
            name = self._window.chooser.pick(title, question, found)
        if not name:
            return
        place = f"{path}:{name}"
        optimizers = self._window.session.catalog.optimizers
        try:
            optimizers.get(place)
        except InputError:
            if not self._has(MODEL):
                raise
            self._enter(MODEL, place)
            self._window.consent.ask_model(MODEL, place)
            return
        self._window.show_page(LAB)
        self._window.optimizers_panel.add(place)

    def _has(self, key: str) -> bool:
        params = self._window.editor.problem.params
        return key.split(".")[1] in {param.name for param in params}

    def _enter(self, key: str, text: str) -> None:
        self._window.show_page(LAB)
        self._window.editor.enter(key, text)
        self._window.editor.finish_edit()

    def _show_hint(self, text: str) -> None:
        window = self._window.rect()
        width, height = SIZE
        area = QRect(0, 0, min(width, window.width() - MARGIN), height)
        area.moveCenter(window.center())
        self._hint.setText(text)
        self._hint.setGeometry(area)
        self._hint.show()
        self._hint.raise_()


def told(files: Sequence[Path]) -> str:
    """Return what dropping files will do, in a few words."""
    first = files[0]
    if len(files) > 1:
        if all(file.suffix == RUN for file in files):
            return tr_n("Lay {n} run over it", "Lay {n} runs over it", n=len(files))
        return tr("Drop one file at a time, or several run files.")
    words = {
        ".toml": tr("Open the experiment {name}", name=first.name),
        RUN: tr("Open the run {name}", name=first.parent.name),
        ".npz": tr("Train on the arrays in {name}", name=first.name),
        ".py": tr("Take an optimizer or a model out of {name}", name=first.name),
    }
    if first.is_dir():
        return tr("Train on the images in {name}", name=first.name)
    return words.get(first.suffix) or _refusal(first)


def _refusal(path: Path) -> str:
    if path.suffix == ".csv":
        return tr(
            "A CSV file has numbers without their experiment; open the run file "
            "(.optlab) that it was written from."
        )
    return tr(
        "{name} cannot be opened: drop an experiment (.toml), runs (.optlab), data "
        "(.npz or a folder of images) or Python code (.py).",
        name=path.name,
    )


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
