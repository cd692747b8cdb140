"""Where the hyperparameters of each optimizer are searched, as fields to fill in."""

from functools import partial
from typing import TypeAlias

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.params import format_number
from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import discard
from optlab.ui.forms import ParamForm
from optlab.ui.labels import ElidedLabel
from optlab.ui.places import OPTIMIZERS, with_entry
from optlab.ui.swatch import Swatch
from optlab.ui.theme import series_style
from optlab.ui.tune_fields import UsualField
from optlab.ui.tune_places import (
    SPACE,
    searchable,
    searched,
    usual_range,
    with_space,
)
from optlab.ui.view_state import ViewState

_Shown: TypeAlias = tuple[tuple[int, str, tuple[str, ...]], ...]


class TuneSpace(QWidget):
    """One block for each optimizer: its name, and a field for each thing searched."""

    def __init__(self, editor: SpecEditor, state: ViewState) -> None:
        super().__init__()
        self._editor = editor
        self._state = state
        self._shown: _Shown = ()
        self._forms: list[ParamForm] = []
        self._swatches: list[Swatch] = []
        self._names: list[ElidedLabel] = []
        self._blocks: list[QWidget] = []
        self.setObjectName("tune.space")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        state.theme_changed.connect(self._restyle)

    def refresh(self) -> bool:
        """Show what the editor holds; return whether there are other fields now."""
        editor = self._editor
        wanted = tuple(
            (number, entry.name, self._fields_of(index))
            for index, (number, entry) in enumerate(
                zip(editor.ids, editor.spec.optimizers, strict=True)
            )
        )
        changed = wanted != self._shown
        if changed:
            self._shown = wanted
            self._rebuild()
        for name, label in zip(self._names, editor.labels, strict=True):
            name.set_full_text(label)
        for index, form in enumerate(self._forms):
            self._show_usual(index, form)
            form.refresh()
        self._restyle()
        return changed

    def _fields_of(self, index: int) -> tuple[str, ...]:
        known = {p.name for p in searchable(self._editor.optimizer(index))}
        entry = self._editor.spec.optimizers[index]
        return tuple(name for name in searched(entry) if name in known)

    def _rebuild(self) -> None:
        for block in self._blocks:
            self._layout.removeWidget(block)
            discard(block)
        self._blocks, self._forms, self._swatches, self._names = [], [], [], []
        for index in range(len(self._shown)):
            block = self._make_block(index)
            self._blocks.append(block)
            self._layout.addWidget(block)
            block.show()

    def _make_block(self, index: int) -> QWidget:
        block = QWidget()
        swatch, name = Swatch(), ElidedLabel()
        name.setProperty("role", "entry-name")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(swatch)
        head.addWidget(name, 1)
        head.addWidget(self._make_more(index))
        keys = [f"{OPTIMIZERS}.{index}.{SPACE}.{n}" for n in self._shown[index][2]]
        form = ParamForm(
            self._editor,
            f"{OPTIMIZERS}.{index}.{SPACE}",
            keys=keys,
            makers=dict.fromkeys(self._shown[index][2], UsualField),
        )
        layout = QVBoxLayout(block)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(form)
        self._swatches.append(swatch)
        self._names.append(name)
        self._forms.append(form)
        return block

    def _make_more(self, index: int) -> QToolButton:
        more = QToolButton()
        more.setObjectName(f"{OPTIMIZERS}.{index}.{SPACE}.more")
        more.setProperty("kind", "reset")
        more.setText("+")
        words = tr("Search another parameter of {label}", label=self._label(index))
        more.setAccessibleName(words)
        more.setToolTip(words)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.setObjectName(f"{OPTIMIZERS}.{index}.{SPACE}.menu")
        there = self._shown[index][2]
        rest = [
            p
            for p in searchable(self._editor.optimizer(index))
            if p.name not in there and self._usual(index, p.name) is not None
        ]
        for param in rest:
            act = partial(self._add, index, param.name)
            name = f"{OPTIMIZERS}.{index}.{SPACE}.add.{param.name}"
            add_entry(menu, name, param.title, act, tip=tr(param.meaning))
        more.setMenu(menu)
        more.setEnabled(bool(rest))
        return more

    def _show_usual(self, index: int, form: ParamForm) -> None:
        """Show the usual ranges faintly: they follow the values that are given."""
        for name in self._shown[index][2]:
            usual = self._usual(index, name)
            shown = "" if usual is None else ", ".join(map(format_number, usual))
            form.set_placeholder(f"{OPTIMIZERS}.{index}.{SPACE}.{name}", shown)

    def _usual(self, index: int, name: str) -> tuple[float, float] | None:
        editor = self._editor
        return usual_range(editor.spec.optimizers[index], name, editor.catalog)

    def _label(self, index: int) -> str:
        return self._editor.labels[index]

    def _add(self, index: int, name: str) -> None:
        """Search one more parameter, with ends that can then be edited."""
        editor = self._editor
        entry = editor.spec.optimizers[index]
        # The rate is searched where nothing is said; now something is.
        for each in (*self._fields_of(index), name):
            usual = self._usual(index, each)
            if usual is not None and all(r.name != each for r in entry.space):
                entry = with_space(f"{SPACE}.{each}", usual, entry)
        text = tr("search {name} of {label}", name=name, label=self._label(index))
        editor.finish_edit()
        editor.apply(text, with_entry(editor.spec, index, entry))

    @Slot()
    def _restyle(self) -> None:
        slots = self._editor.slots()
        for slot, swatch in zip(slots, self._swatches, strict=False):
            swatch.set_style(series_style(slot, self._state.theme), faint=False)
