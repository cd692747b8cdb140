"""One optimizer in the list: a row that unfolds into its form."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.spec import differences
from optlab.translate import tr
from optlab.ui.editor import SpecEditor
from optlab.ui.entry_body import EntryBody
from optlab.ui.fields import discard, repolish
from optlab.ui.icons import icon
from optlab.ui.labels import ElidedLabel
from optlab.ui.places import OPTIMIZERS
from optlab.ui.study import Study
from optlab.ui.swatch import Swatch
from optlab.ui.theme import Theme, series_style
from optlab.ui.view_state import ViewState


class EntryRow(QFrame):
    """One optimizer of the experiment.

    Attributes:
        number: The lasting number of the entry.
        head: What is seen of it while it is folded.
    """

    chosen = Signal(int)
    """A person clicked the head of this entry."""
    asked = Signal(int, str)
    """A person asks to duplicate, remove or move this entry."""
    card_wanted = Signal(str)
    """A person asks for the explainer card of the optimizer of this name."""
    schedule_card_wanted = Signal(str)
    """A person asks for the explainer card of the schedule of this name."""
    told = Signal(str)
    """What a person should know of what was just done."""
    opened = Signal(QWidget)
    """A section of the form was opened and wants to be seen."""

    def __init__(
        self, editor: SpecEditor, state: ViewState, number: int, *, study: Study
    ) -> None:
        super().__init__()
        self.number = number
        self._study = study
        self._editor = editor
        self._state = state
        self._index = -1
        self._slot = 0
        self._body: EntryBody | None = None
        self._form = ("", "")
        self.setProperty("role", "entry")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 4, 4, 4)
        self._layout.setSpacing(4)
        self.head = EntryHead()
        self.head.clicked.connect(self._choose)
        self.head.eye.clicked.connect(self._hide_or_show)
        self._layout.addWidget(self.head)

    def refresh(self, index: int, slot: int, *, selected: bool) -> None:
        """Show entry ``index``, whose colour is that of ``slot``."""
        moved, self._index, self._slot = index != self._index, index, slot
        key = f"{OPTIMIZERS}.{index}"
        if moved:
            self.setObjectName(key)
            self.head.set_names(key)
        if bool(self.property("selected")) != selected:
            self.setProperty("selected", selected)
            repolish(self)
        self._refresh_head(key)
        entry = self._editor.spec.optimizers[index]
        form = entry.name, self._editor.problem.name
        if self._body is not None and (moved or not selected or form != self._form):
            discard(self._body)
            self._body = None
        self._form = form
        if selected and self._body is None:
            self._body = EntryBody(
                self._editor, index, study=self._study, state=self._state
            )
            self._body.asked.connect(self._ask)
            self._body.card_wanted.connect(self.card_wanted)
            self._body.schedule_card_wanted.connect(self.schedule_card_wanted)
            self._body.told.connect(self.told)
            self._body.opened.connect(self.opened)
            self._layout.addWidget(self._body)
            self._body.show()
        if self._body is not None:
            self._body.refresh()

    def _refresh_head(self, key: str) -> None:
        entry = self._editor.spec.optimizers[self._index]
        label = self._editor.optimizer(self._index).label
        title = entry.label or tr(label)
        differs = list(differences(entry, self._editor.catalog))
        has_rate = any(
            p.name == "lr" for p in self._editor.optimizer(self._index).params
        )
        if has_rate and not any(text.startswith("lr ") for text in differs):
            rate = self._editor.param(f"{key}.lr")
            differs.insert(0, f"lr {rate.show(self._editor.value(f'{key}.lr'))}")
        if entry.label and label not in entry.label:
            differs.insert(0, tr(label))
        self.head.show_entry(title, " · ".join(differs), error=self._error(key))
        hidden = self._slot in self._state.hidden
        self.head.show_style(self._state, self._slot, hidden=hidden)

    def _error(self, key: str) -> str:
        group_error = self._study.group_error(self._index)
        found = [*self._editor.errors(), *([group_error] if group_error else [])]
        for error in found:
            if error.key.startswith(f"{key}."):
                name = error.key.removeprefix(f"{key}.")
                return error.allowed if name == "name" else f"{name}: {error.allowed}"
        return ""

    def _choose(self) -> None:
        self.chosen.emit(self._index)

    def _hide_or_show(self) -> None:
        self._state.toggle(self._slot)

    def _ask(self, action: str) -> None:
        self.asked.emit(self._index, action)


class EntryHead(QFrame):
    """Swatch, name, what differs from the defaults, and an eye."""

    clicked = Signal()
    """A person clicked it, or pressed Enter or Space on it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "entry-head")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(
            tr(
                "Click or Enter: its form. Del, Ctrl+D and Alt with ↑ or ↓ remove, "
                "duplicate and move it."
            )
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._eye_shows: tuple[Theme, bool] | None = None
        self.swatch = Swatch()
        self._title = ElidedLabel()
        self._title.setProperty("role", "entry-name")
        self._details = ElidedLabel()
        self._details.setProperty("role", "entry-details")
        self.eye = QToolButton()
        self.eye.setProperty("kind", "eye")
        self.eye.setAutoRaise(True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._title)
        texts.addWidget(self._details)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(8)
        layout.addWidget(self.swatch)
        layout.addLayout(texts, 1)
        layout.addWidget(self.eye)

    def set_names(self, key: str) -> None:
        """Give the parts their names for entry ``key``."""
        self.setObjectName(f"{key}.head")
        self.eye.setObjectName(f"{key}.eye")
        self._title.setObjectName(f"{key}.title")
        self._details.setObjectName(f"{key}.details")

    def show_entry(self, title: str, details: str, *, error: str) -> None:
        """Show the texts of an entry, and whether something is wrong with it."""
        self.setAccessibleName(title)
        self.setAccessibleDescription(error or details)
        self._title.set_full_text(title)
        self._details.set_full_text(error or details)
        if bool(self._details.property("invalid")) != bool(error):
            self._details.setProperty("invalid", bool(error))
            repolish(self._details)

    def show_style(self, state: ViewState, slot: int, *, hidden: bool) -> None:
        """Show the colour and dash of ``slot`` and whether it is hidden."""
        self.swatch.set_style(series_style(slot, state.theme), faint=hidden)
        if self._eye_shows == (state.theme, hidden):
            return
        self._eye_shows = state.theme, hidden
        self.eye.setIcon(icon("eye-off" if hidden else "eye", state.theme))
        text = tr("Show in the plots") if hidden else tr("Hide in the plots")
        self.eye.setToolTip(text)
        self.eye.setAccessibleName(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Count as clicked when the left button goes up inside."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and inside:
            self.clicked.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Count Enter and Space as a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
