"""The panel *Optimizers*: a list that unfolds, and the legend of every plot.

Each entry is one row (swatch, name, what differs from its defaults, eye); the chosen
one opens its form in place, everything else stays where it was.
"""

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QScrollArea,
    QToolButton,
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
from optlab.ui.study import Study
from optlab.ui.view_state import ViewState


class OptimizersPanel(QScrollArea):
    """Shows the entries of the experiment and edits them."""

    file_wanted = Signal()
    """A person wants to add an optimizer of their own, from a file."""
    card_wanted = Signal(str)
    """A person asks for the explainer card of the optimizer of this name."""
    schedule_card_wanted = Signal(str)
    """A person asks for the explainer card of the schedule of this name."""
    told = Signal(str)
    """What a person should know of what was just done."""
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
        self._layout = scroll_body(self)
        self._layout.setContentsMargins(8, 0, 8, 8)
        self._layout.setSpacing(2)
        self._empty = QLabel(tr("Nothing to compare yet. Add an optimizer."))
        self._empty.setObjectName("optimizers.empty")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._layout.addWidget(self._empty)
        self._layout.addStretch(1)
        self.add_button = QToolButton()
        self.add_button.setObjectName("optimizers.add")
        self.add_button.setText(tr("+ Add"))
        self.add_button.setProperty("kind", "quiet")
        self.add_button.setAccessibleName(tr("Add an optimizer"))
        self.add_button.setToolTip(tr("Add an optimizer"))
        self._picker = Picker(
            "optimizers.picker",
            self._state,
            parent=self,
            search=tr("Search optimizers: name, family, year or what it does"),
            take=tr("Add"),
        )
        self._picker.offer_file(
            tr("Take a class of torch.optim.Optimizer from a Python file of yours"),
            tr("Its code runs when the experiment starts."),
        )

    def _connect(self) -> None:
        self.add_button.clicked.connect(self._open_picker)
        self._picker.picked.connect(self.add)
        self._picker.file_wanted.connect(self.file_wanted)
        self._picker.card_wanted.connect(self.card_wanted)
        self._study.changed.connect(self.refresh)
        self._editor.changed.connect(self.refresh)
        self._state.changed.connect(self.refresh)

    # -- what is shown -----------------------------------------------------------

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

    def _rebuild(self) -> None:
        old = {row.number: row for row in self._rows}
        kept = []
        for index, number in enumerate(self._editor.ids):
            row = old.pop(number, None)
            if row is None:
                row = self._make_row(number)
            elif self._layout.indexOf(row) != index:
                self._layout.removeWidget(row)
            self._layout.insertWidget(index, row)
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
        row.chosen.connect(self._toggle)
        row.asked.connect(self._act)
        return row

    def select(self, index: int | None) -> None:
        """Unfold entry ``index`` alone; None folds all."""
        self._selected = None if index is None else self._editor.ids[index]
        self.refresh()
        if index is not None:
            # What lies deep in the form has its place before one scrolls to it.
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
            self.ensureWidgetVisible(self._rows[index], 0, 8)
        self.selected_changed.emit()

    @property
    def selected(self) -> int | None:
        """Index of the entry that is unfolded."""
        ids = self._editor.ids
        return None if self._selected not in ids else ids.index(self._selected)

    # -- what a person does --------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Delete and the sequence for duplicating as meant for the chosen one."""
        index = self.selected
        if index is not None and event.matches(QKeySequence.StandardKey.Delete):
            self._act(index, "remove")
            return
        super().keyPressEvent(event)

    def _toggle(self, index: int) -> None:
        self.select(None if index == self.selected else index)

    def _act(self, index: int, action: str) -> None:
        if action == "duplicate":
            self.select(self._editor.duplicate_optimizer(index))
        elif action == "remove":
            self._editor.remove_optimizer(index)
            left = len(self._editor.ids)
            self.select(min(index, left - 1) if left else None)
        elif action == "up":
            self._editor.move_optimizer(index, index - 1)
        elif action == "down":
            self._editor.move_optimizer(index, index + 1)

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
