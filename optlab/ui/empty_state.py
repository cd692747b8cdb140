"""What stands where there is nothing to plot: why, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.icons import pixmap
from optlab.ui.theme import set_property
from optlab.ui.view_state import ViewState

_MARK: Final = 40
_NO_ACTIONS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Words for a place where nothing is plotted.

    Attributes:
        headline: What is the matter.
        advice: What will happen, or what helps.
        actions: The words on the buttons, most important first, each by what
            `EmptyState.acted` will carry; the first one has the colour.
    """

    headline: str
    advice: str
    actions: Mapping[str, str] = field(default_factory=lambda: _NO_ACTIONS)

    @classmethod
    def nothing_yet(cls) -> "Waiting":
        """Return what is said where nothing is known."""
        return cls(
            headline=tr("This experiment has not run yet"),
            advice=tr(
                "Pick a problem and some optimizers on the left, then press Start."
            ),
        )

    @classmethod
    def no_plots(cls) -> "Waiting":
        """Return what is said when every plot was taken away."""
        return cls(
            headline=tr("No plots are shown"),
            advice=tr("The run goes on being recorded. Add what you want to see."),
            actions={"add": tr("Add a plot"), "reset": tr("Show the usual plots")},
        )


class EmptyState(QFrame):
    """A few words in the middle, and up to two buttons.

    Args:
        name: Its object name, and the beginning of those of the buttons.
        state: Where the theme is.
        card: Whether it has the ground of a card.

    `acted` carries what a button is for: the word it was given.
    """

    acted = Signal(str)

    def __init__(
        self,
        name: str,
        state: ViewState,
        *,
        card: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self.setObjectName(name)
        if card:
            self.setProperty("role", "card")
        self._mark = QLabel()
        self._headline = QLabel()
        self._headline.setObjectName(f"{name}.headline")
        self._headline.setProperty("role", "headline")
        self._advice = QLabel()
        self._advice.setObjectName(f"{name}.advice")
        self._advice.setProperty("role", "subtitle")
        for label in (self._headline, self._advice):
            label.setWordWrap(True)
        self._buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addStretch(2)
        for label in (self._mark, self._headline, self._advice):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addSpacing(8)
        layout.addLayout(self._row)
        layout.addStretch(3)
        state.theme_changed.connect(self._restyle)
        self._restyle()

    def show_words(self, waiting: Waiting) -> None:
        """Say why nothing is here, and offer what can be done."""
        self._headline.setText(waiting.headline)
        self._advice.setText(waiting.advice)
        self._advice.setVisible(bool(waiting.advice))
        if list(waiting.actions) != list(self._buttons):
            self._make_buttons(list(waiting.actions))
        for name, text in waiting.actions.items():
            self._buttons[name].setText(text)
            self._buttons[name].setAccessibleName(text)
            self._buttons[name].setToolTip(waiting.advice)

    @property
    def text(self) -> str:
        """All it says."""
        return f"{self._headline.text()}\n{self._advice.text()}"

    def _make_buttons(self, names: list[str]) -> None:
        while self._row.count():
            self._row.takeAt(0)
        for button in self._buttons.values():
            button.hide()
            button.deleteLater()
        self._buttons = {}
        self._row.addStretch(1)
        for name in names:
            button = QPushButton()
            button.setObjectName(f"{self.objectName()}.{name.partition(':')[0]}")
            button.setProperty("act", name)
            set_property(button, "kind", "quiet" if self._buttons else "primary")
            button.clicked.connect(self._on_clicked)
            self._buttons[name] = button
            self._row.addWidget(button)
            button.show()
        self._row.addStretch(1)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.acted.emit(str(button.property("act")))

    def _restyle(self) -> None:
        color = QColor(self._state.theme.faint)
        ratio = max(self.devicePixelRatioF(), 2.0)
        self._mark.setPixmap(pixmap("curve", color, size=_MARK, scale=ratio))
