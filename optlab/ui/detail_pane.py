"""A pane that tells all there is to say about one entry of a catalog."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import tr
from optlab.ui.details import Details
from optlab.ui.fields import discard
from optlab.ui.icons import icon
from optlab.ui.view_state import ViewState

FORMULA_PX: Final = 12


class DetailPane(QScrollArea):
    """Shows the texts of one entry; they can be selected and copied.

    Args:
        name: Beginning of the object names.
        state: Where the theme is.
    """

    card_wanted = Signal(str)
    """A person asks for the explainer card of the entry of this name."""

    def __init__(self, name: str, state: ViewState) -> None:
        super().__init__()
        self._name = name
        self._state = state
        self._shown: Details | None = None
        self._facts: QWidget | None = None
        self._build()
        state.theme_changed.connect(self._restyle)
        self.show_details(None)

    def _build(self) -> None:
        self.setObjectName(self._name)
        self.setAccessibleName(tr("About the chosen entry"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        content.setObjectName("scroll-content")
        self.setWidget(content)
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(12, 4, 8, 8)
        self._layout.setSpacing(8)
        self._title = self._label("title", "headline")
        self._note = self._label("note", "muted")
        self.card_button = QToolButton()
        self.card_button.setObjectName(f"{self._name}.card")
        self.card_button.setProperty("kind", "eye")
        self.card_button.setToolTip(tr("Explain this one"))
        self.card_button.setAccessibleName(tr("Explain this one"))
        self.card_button.clicked.connect(self._ask)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._title, 1)
        head.addWidget(self.card_button, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addLayout(head)
        self._reason = self._label("reason", "warning")
        self._description = self._label("description", "")
        self._formula = self._label("formula", "formula")
        font = QFont(self._formula.font())
        font.setPixelSize(FORMULA_PX)
        self._formula.setFont(font)
        self._sentences = self._label("sentences", "muted")
        self._source = self._label("source", "muted")
        for widget in (
            self._note,
            self._reason,
            self._description,
            self._formula,
            self._sentences,
            self._source,
        ):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)
        self._restyle()

    def _label(self, part: str, role: str) -> QLabel:
        label = QLabel()
        label.setObjectName(f"{self._name}.{part}")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if role:
            label.setProperty("role", role)
        return label

    def show_details(self, details: Details | None) -> None:
        """Show another entry, or none."""
        if details == self._shown and details is not None:
            return
        self._shown = details
        told = details or Details(name="", title=tr("Nothing fits"))
        self.card_button.setVisible(details is not None)
        for label, text in (
            (self._title, told.title),
            (self._note, told.note),
            (self._reason, told.reason),
            (self._description, told.description),
            (self._formula, told.formula),
            (self._sentences, "\n".join(f"• {text}" for text in told.sentences)),
            (self._source, told.source),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._show_facts(told)
        self.verticalScrollBar().setValue(0)

    def _show_facts(self, details: Details) -> None:
        if self._facts is not None:
            discard(self._facts)
            self._facts = None
        if not details.facts:
            return
        self._facts = QWidget()
        grid = QGridLayout(self._facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, (caption, value) in enumerate(details.facts):
            left, right = QLabel(caption), self._label(f"fact.{row}", "")
            left.setProperty("role", "muted")
            left.setAlignment(Qt.AlignmentFlag.AlignTop)
            right.setText(value)
            right.setAccessibleName(caption)
            grid.addWidget(left, row, 0)
            grid.addWidget(right, row, 1)
        self._layout.insertWidget(self._layout.indexOf(self._sentences), self._facts)

    def _ask(self) -> None:
        if self._shown is not None:
            self.card_wanted.emit(self._shown.name)

    def _restyle(self) -> None:
        self.card_button.setIcon(icon("info", self._state.theme))
