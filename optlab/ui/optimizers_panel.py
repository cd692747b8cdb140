"""The panel *Optimizers*: a list that unfolds, and the legend of every plot.

Each entry is one row (swatch, name, what differs from its defaults, eye); the chosen
one opens its form in place, everything else stays where it was.
"""

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.registry import FAMILIES
from optlab.spec import incompatible
from optlab.translate import tr
from optlab.ui.details import Details, optimizer_details
from optlab.ui.docks import scroll_body
from optlab.ui.editor import SpecEditor
from optlab.ui.entry_row import EntryRow
from optlab.ui.fields import discard
from optlab.ui.picker import Picker
from optlab.ui.places import OPTIMIZERS
from optlab.ui.run_note import RunNote
from optlab.ui.scrolling import reveal
from optlab.ui.study import Study
from optlab.ui.tab_order import order_tabs
from optlab.ui.view_state import ViewState

_CTRL: Final = Qt.KeyboardModifier.ControlModifier.value
_ALT: Final = Qt.KeyboardModifier.AltModifier.value
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier.value
_ACTIONS: Final = {
    Qt.Key.Key_Delete.value: "remove",
    Qt.Key.Key_D.value | _CTRL: "duplicate",
    Qt.Key.Key_Up.value | _ALT: "up",
    Qt.Key.Key_Down.value | _ALT: "down",
}


class OptimizersPanel(QScrollArea):
    """Shows the entries of the experiment and edits them."""

    tune_wanted = Signal()
    """A person wants to search good settings of all optimizers."""
    file_wanted = Signal()
    """A person wants to add an optimizer of their own, from a file."""
    card_wanted = Signal(str)
    """A person asks for the explainer card of the optimizer of this name."""
    schedule_card_wanted = Signal(str)
    """A person asks for the explainer card of the schedule of this name."""
    told = Signal(str)
    """What a person should know of what was just done."""
    room_wanted = Signal()
    """More or less than before is unfolded."""
    selected_changed = Signal()
    """Another entry is unfolded, or none."""

    def __init__(self, editor: SpecEditor, state: ViewState, *, study: Study) -> None:
        super().__init__()
        self._study = study
        self._editor = editor
        self._state = state
        self._rows: list[EntryRow] = []
        self._shown: tuple[tuple[int, str], ...] = ()
        self._selected: int | None = None
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self.setObjectName(OPTIMIZERS)
        self.setAccessibleName(tr("Optimizers"))
        self._layout = scroll_body(self)
        self._layout.setContentsMargins(8, 0, 8, 8)
        self._layout.setSpacing(2)
        self._empty = QLabel(tr("Nothing to compare yet. Add an optimizer."))
        self._empty.setObjectName("optimizers.empty")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._note = RunNote("optimizers.note")
        for label in (self._note, self._empty):
            self._layout.addWidget(label)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self._layout.addLayout(self._list)
        self._layout.addStretch(1)
        self.add_button = QToolButton()
        self.add_button.setObjectName("optimizers.add")
        self.add_button.setText(tr("+ Add"))
        self.add_button.setProperty("kind", "quiet")
        self.add_button.setAccessibleName(tr("Add an optimizer"))
        self.add_button.setToolTip(tr("Add an optimizer"))
        self.tune_button = QToolButton()
        self.tune_button.setObjectName("optimizers.tune")
        self.tune_button.setText(tr("Tune…"))
        self.tune_button.setProperty("kind", "quiet")
        self.tune_button.setAccessibleName(tr("Tune…"))
        self.tune_button.setToolTip(
            tr("Tune all optimizers with equal budgets, then compare the winners")
        )
        self.tools = QWidget()
        tools = QHBoxLayout(self.tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(0)
        tools.addWidget(self.tune_button)
        tools.addWidget(self.add_button)
        self._picker = Picker(
            "optimizers.picker",
            self._state,
            parent=self,
            kind="optimizer",
            search=tr("Search optimizers: name, family, year or what it does"),
            take=tr("Add"),
        )
        self._picker.offer_file(
            tr("Take a class of torch.optim.Optimizer from a Python file of yours"),
            tr("Its code runs when the experiment starts."),
        )

    def _connect(self) -> None:
        self.add_button.clicked.connect(self._open_picker)
        self.tune_button.clicked.connect(self.tune_wanted)
        self._picker.picked.connect(self.add)
        self._picker.file_wanted.connect(self.file_wanted)
        self._picker.card_wanted.connect(self.card_wanted)
        self._study.changed.connect(self.refresh)
        self._editor.changed.connect(self.refresh)
        self._editor.went_to.connect(self._show_place)
        self._state.changed.connect(self.refresh)

    # -- what is shown -----------------------------------------------------------

    def show_edited(self, *, edited: bool) -> None:
        """Say whether this is something else than what is running."""
        self._note.setVisible(edited)

    def refresh(self) -> None:
        """Show what the editor holds."""
        names = [entry.name for entry in self._editor.spec.optimizers]
        present = tuple(zip(self._editor.ids, names, strict=True))
        if present != self._shown:
            self._shown = present
            self._rebuild()
        slots = self._editor.slots()
        for index, row in enumerate(self._rows):
            row.refresh(index, slots[index], selected=row.number == self._selected)
        self._empty.setVisible(not self._rows)
        self._order()

    def _order(self) -> None:
        content = self.widget()
        if content is not None:
            order_tabs(content)

    def _rebuild(self) -> None:
        old = {row.number: row for row in self._rows}
        kept = []
        for index, number in enumerate(self._editor.ids):
            row = old.pop(number, None)
            if row is None:
                row = self._make_row(number)
            elif self._list.indexOf(row) != index:
                self._list.removeWidget(row)
            self._list.insertWidget(index, row)
            row.show()
            kept.append(row)
        for row in old.values():
            discard(row)
        self._rows = kept
        if self._selected not in self._editor.ids:
            self._selected = None

    def _make_row(self, number: int) -> EntryRow:
        row = EntryRow(self._editor, self._state, number, study=self._study)
        row.card_wanted.connect(self.card_wanted)
        row.schedule_card_wanted.connect(self.schedule_card_wanted)
        row.told.connect(self.told)
        row.opened.connect(self._show_section)
        row.chosen.connect(self._toggle)
        row.asked.connect(self._act)
        return row

    def select(self, index: int | None) -> None:
        """Unfold entry ``index`` alone; None folds all."""
        self._selected = None if index is None else self._editor.ids[index]
        self.refresh()
        self.selected_changed.emit()
        self.room_wanted.emit()
        if index is not None:
            reveal(self, self._rows[index])

    @property
    def selected(self) -> int | None:
        """Index of the entry that is unfolded."""
        ids = self._editor.ids
        return None if self._selected not in ids else ids.index(self._selected)

    # -- what a person does --------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove, duplicate and move the entry at hand; go from one to the next."""
        index = self._at_hand()
        keys = event.keyCombination().toCombined() & ~_KEYPAD
        if index is not None and keys in _ACTIONS:
            self._act(index, _ACTIONS[keys])
            return
        step = {Qt.Key.Key_Up.value: -1, Qt.Key.Key_Down.value: 1}.get(keys, 0)
        if index is not None and step and self._rows[index].head.hasFocus():
            self._focus_head(index + step)
            return
        super().keyPressEvent(event)

    def _at_hand(self) -> int | None:
        """Return the entry in which the focus is, else the one that is unfolded."""
        focus = QApplication.focusWidget()
        for index, row in enumerate(self._rows):
            if focus is not None and row.isAncestorOf(focus):
                return index
        return self.selected

    def _focus_head(self, index: int) -> None:
        if 0 <= index < len(self._rows):
            head = self._rows[index].head
            head.setFocus(Qt.FocusReason.OtherFocusReason)
            reveal(self, head)

    def _show_section(self, section: QWidget) -> None:
        self._order()
        self.room_wanted.emit()
        reveal(self, section)

    def _show_place(self, key: str) -> None:
        """Put the focus where undo or redo has changed something, if it is seen."""
        place, _, rest = key.partition(".")
        if place != OPTIMIZERS or not rest:
            return
        field = self.findChild(QWidget, key)
        reachable = (
            isinstance(field, QWidget)
            and field.isVisible()
            and field.isEnabled()
            and field.focusPolicy() != Qt.FocusPolicy.NoFocus
        )
        if reachable and isinstance(field, QWidget):
            field.setFocus()
            reveal(self, field)
            return
        self._focus_head(int(rest.partition(".")[0]))

    def wanted_height(self) -> int:
        """Return the height that shows everything without scrolling."""
        self._layout.activate()
        return self._layout.sizeHint().height()

    def _toggle(self, index: int) -> None:
        self.select(None if index == self.selected else index)

    def _act(self, index: int, action: str) -> None:
        if action == "duplicate":
            self.select(self._editor.duplicate_optimizer(index))
            self._focus_head(index + 1)
        elif action == "remove":
            unfolded = index == self.selected
            self._editor.remove_optimizer(index)
            left = len(self._editor.ids)
            following = min(index, left - 1) if left else None
            if unfolded:
                self.select(following)
            if following is not None:
                self._focus_head(following)
        elif action in ("up", "down"):
            to = index + (1 if action == "down" else -1)
            if 0 <= to < len(self._rows):
                self._editor.move_optimizer(index, to)
                self._focus_head(to)

    def _open_picker(self) -> None:
        corner = self.add_button.mapToGlobal(QPoint(0, self.add_button.height() + 4))
        self._picker.open_at(corner, self._choices())

    def _choices(self) -> tuple[Details, ...]:
        infos = tuple(self._editor.catalog.optimizers)
        others = dict.fromkeys(info.family for info in infos)
        families = (*FAMILIES, *(name for name in others if name not in FAMILIES))
        problem = self._editor.problem
        return tuple(
            optimizer_details(info, reason=incompatible(info, problem))
            for family in families
            for info in infos
            if info.family == family
        )

    def add(self, name: str) -> None:
        """Add the optimizer of that name and unfold it."""
        self.select(self._editor.add_optimizer(name))
