"""The question before code of a person's own runs for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.own_files import OwnPlace, not_allowed
from optlab.params import InputError
from optlab.spec import ExperimentSpec
from optlab.spec.own import named_in
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

WIDTH: Final = 460
MOST_LETTERS: Final = 200


class ConsentDialog(QDialog):
    """Shows which file it is and how it begins; no is the answer to Enter.

    Args:
        place: The file.
        parent: The window.
    """

    def __init__(self, place: OwnPlace, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("consent")
        self.setWindowTitle(tr("Code of your own"))
        self.setMinimumWidth(WIDTH)
        words = tr(
            "This file is code, and code can do whatever you can: read, change and "
            "delete your files, and use the network. Let it run only if you know what "
            "it does. You are asked again when it has changed."
        )
        first = place.first_line()[:MOST_LETTERS]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(_label(tr("Let this file run?"), "consent.title", "title"))
        layout.addWidget(_label(str(place.path.absolute()), "consent.path", ""))
        layout.addWidget(
            _label(tr("It begins: {line}", line=first), "consent.line", "muted")
        )
        layout.addWidget(_label(words, "consent.words", ""))
        self._decline = QPushButton(tr("Do not run it"))
        self._decline.setObjectName("consent.decline")
        self._decline.setDefault(True)
        self._decline.clicked.connect(self.reject)
        allow = QPushButton(tr("Let it run"))
        allow.setObjectName("consent.allow")
        allow.setAutoDefault(False)
        allow.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(allow)
        buttons.addWidget(self._decline)
        layout.addLayout(buttons)
        self.finished.connect(self.deleteLater)


class ConsentDesk(QObject):
    """Asks about each file once, and goes on where all may run."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def ask(self, spec: ExperimentSpec, then: Callable[[], object]) -> None:
        """Do something once all code that an experiment names may run; or never.

        Args:
            spec: The experiment.
            then: What is to be done; at once where nothing has to be asked.
        """
        self._ask(named_in(spec), then)

    def ask_model(self, key: str, name: str) -> None:
        """Ask at once: a model is looked at before a run, an optimizer in it."""
        self._ask([(key, name)], lambda: None)

    def _ask(
        self, given: Iterable[tuple[str, str]], then: Callable[[], object]
    ) -> None:
        try:
            places = not_allowed(given)
        except InputError as error:
            self._window.notice.say(str(error))
            return
        self._next(places, then)

    def _next(self, places: Sequence[OwnPlace], then: Callable[[], object]) -> None:
        if not places:
            then()
            return
        try:
            dialog = ConsentDialog(places[0], self._window)
        except InputError as error:
            self._window.notice.say(str(error))
            return
        dialog.accepted.connect(partial(self._allow, places, then))
        dialog.rejected.connect(partial(self._refuse, places[0]))
        dialog.open()

    def _allow(self, places: Sequence[OwnPlace], then: Callable[[], object]) -> None:
        try:
            places[0].allow()
        except InputError as error:
            self._window.notice.say(str(error))
            return
        # What could not be built without it can be now.
        self._window.study.inquiry.forget()
        self._next(places[1:], then)

    def _refuse(self, place: OwnPlace) -> None:
        text = tr("{file} was not run, and nothing was started.", file=place.path.name)
        self._window.notice.say(text, severity="warning")


def _label(text: str, name: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setProperty("role", role)
    # What a file begins with may look like markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
