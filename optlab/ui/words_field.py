"""Some of several words: typed with commas between them, or ticked in a menu."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from optlab.params import ParamSpec
from optlab.translate import tr
from optlab.ui.fields import LineField


@dataclass(frozen=True)
class Word:
    """One word that can be ticked: itself, its label and what it means."""

    name: str
    label: str
    tip: str


class WordsField(LineField):
    """A line of words, and a button that opens a menu of all of them.

    Args:
        spec: The parameter.
        key: Its dotted place.
        words: What can be ticked.
    """

    def __init__(self, spec: ParamSpec, key: str, words: Iterable[Word]) -> None:
        super().__init__(spec, key)
        self.line.setPlaceholderText(tr("none"))
        button = QPushButton("…")
        button.setObjectName(f"{key}.choose")
        button.setProperty("kind", "browse")
        button.setToolTip(tr("Choose from a list"))
        button.setAccessibleName(tr("Choose from a list"))
        self._menu = QMenu(button)
        self._menu.setObjectName(f"{key}.menu")
        self._menu.setToolTipsVisible(True)
        self._actions = {word.name: self._add(key, word) for word in words}
        self._menu.aboutToShow.connect(self._tick)
        button.setMenu(self._menu)
        self.body = QWidget()
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout.addWidget(self.line, 1)
        layout.addWidget(button)

    def _add(self, key: str, word: Word) -> QAction:
        action = QAction(word.label, self._menu)
        action.setObjectName(f"{key}.menu.{word.name}")
        action.setToolTip(word.tip)
        action.setCheckable(True)
        action.triggered.connect(partial(self._toggle, word.name))
        self._menu.addAction(action)
        return action

    def _chosen(self) -> list[str]:
        parts = (part.strip() for part in self.text().split(","))
        return [part for part in parts if part]

    def _tick(self) -> None:
        chosen = self._chosen()
        for name, action in self._actions.items():
            action.setChecked(name in chosen)

    def _toggle(self, name: str) -> None:
        on = self._actions[name].isChecked()
        rest = [word for word in self._chosen() if word != name]
        self.line.setText(", ".join([*rest, name] if on else rest))
        self.edited.emit(self.text())
        self.finished.emit()
