"""The section of an entry that trains some parameters with other values.

One row per param group; what no row matches is the default group. How many parameters
a row matches is found in the background, as it takes the model.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.registry import FAMILIES
from optlab.spec import (
    NO_VALUES,
    GroupSpec,
    OptimizerSpec,
    ParameterInfo,
    assign_groups,
)
from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.details import Details, optimizer_details
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import discard
from optlab.ui.group_presets import group_presets
from optlab.ui.group_rows import GroupRow, counted
from optlab.ui.nested import GROUPS, moved, settable, with_group, without
from optlab.ui.picker import Picker
from optlab.ui.places import OPTIMIZERS
from optlab.ui.study import Study
from optlab.ui.view_state import ViewState

FIRST_PATTERNS: Final = (":biases", ":vectors", ":output", ":matrices")
LR: Final = "lr"


class GroupSection(QWidget):
    """The param groups of one entry, and a menu of ready-made ones."""

    card_wanted = Signal(str)
    """A person asks for the explainer card of the optimizer of this name."""

    def __init__(
        self, editor: SpecEditor, index: int, *, study: Study, state: ViewState
    ) -> None:
        super().__init__()
        self._editor = editor
        self._index = index
        self._study = study
        self._key = f"{OPTIMIZERS}.{index}.{GROUPS}"
        self._rows: list[GroupRow] = []
        self._fields: list[tuple[str, ...]] = []
        self._shape: tuple[object, ...] = ()
        self._row_of_picker = 0
        self._picker: Picker | None = None
        self._state = state
        self._build()

    def _build(self) -> None:
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._rest = QLabel()
        self._rest.setObjectName(f"{self._key}.rest")
        self._rest.setProperty("role", "muted")
        self._rest.setWordWrap(True)
        self._layout.addWidget(self._rest)
        self._add_button = self._button("add", tr("+ Add a group"))
        self._add_button.clicked.connect(self._add)
        self._ready = self._button("presets", tr("Ready-made"))
        self._ready.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._ready)
        self._menu.setObjectName(f"{self._key}.menu")
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._ready.setMenu(self._menu)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self._add_button)
        buttons.addWidget(self._ready)
        buttons.addStretch(1)
        self._layout.addLayout(buttons)

    def _button(self, part: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{self._key}.{part}")
        button.setProperty("kind", "eye")
        button.setText(text)
        button.setAccessibleName(text)
        return button

    # -- what is shown -----------------------------------------------------------

    def refresh(self) -> None:
        """Show what the editor holds."""
        entry = self._entry()
        if len(self._fields) != len(entry.groups):
            self._fields = [()] * len(entry.groups)
        self._fields = [
            _fields(group, old)
            for group, old in zip(entry.groups, self._fields, strict=True)
        ]
        optimizers = [group.optimizer for group in entry.groups]
        shape = (tuple(self._fields), tuple(optimizers))
        if shape != self._shape:
            self._shape = shape
            self._rebuild()
        parameters = self._parameters()
        trouble = self._trouble(parameters)
        for number, row in enumerate(self._rows):
            row.refresh(parameters, trouble.get(number, ""))
        self._refresh_rest(entry, parameters)

    def _refresh_rest(
        self, entry: OptimizerSpec, parameters: tuple[ParameterInfo, ...]
    ) -> None:
        found = self._study.findings()
        text = found.reason
        if parameters:
            text = tr("The model has {all}.", all=counted(parameters))
        if parameters and entry.groups and not self._trouble(parameters):
            first, *_ = assign_groups(entry.groups, parameters, self._key)
            rest = counted(parameters[i] for i in first)
            text = tr("All others, the default group: {rest}.", rest=rest)
        self._rest.setText(text or self._waiting())
        info = self._editor.catalog.optimizers.get(entry.name)
        if info.group_params == ():
            label = tr(info.label)
            text = tr("{optimizer} has one param group only.", optimizer=label)
            self._rest.setText(text)
        self._add_button.setEnabled(info.group_params != ())
        self._ready.setToolTip(
            tr("Groups that are made for this model") if parameters else self._waiting()
        )
        if self._menu.isVisible():
            self._fill_menu()

    def _rebuild(self) -> None:
        for row in self._rows:
            discard(row)
        self._rows = []
        for number, names in enumerate(self._fields):
            row = GroupRow(
                self._editor,
                self._index,
                row=number,
                study=self._study,
                state=self._state,
                names=names,
            )
            row.asked.connect(self._act)
            row.field_wanted.connect(self._show_field)
            row.optimizer_wanted.connect(self._open_picker)
            self._layout.insertWidget(number, row)
            self._rows.append(row)
            row.show()

    def _parameters(self) -> tuple[ParameterInfo, ...]:
        found = self._study.findings().description
        return () if found is None else found.parameters

    def _trouble(self, parameters: tuple[ParameterInfo, ...]) -> dict[int, str]:
        """Return what is wrong with a row, once the model is known."""
        if not parameters:
            return {}
        error = self._study.group_error(self._index)
        if error is None:
            return {}
        row = error.key.removeprefix(f"{self._key}.").partition(".")[0]
        return {int(row): error.allowed} if row.isdigit() else {}

    # -- what a person does --------------------------------------------------------

    def _entry(self) -> OptimizerSpec:
        return self._editor.spec.optimizers[self._index]

    def _set(self, groups: tuple[GroupSpec, ...], text: str) -> None:
        entry = replace(self._entry(), groups=groups)
        self._editor.change_entry(self._index, entry, text)

    def _add(self) -> None:
        taken = {group.match for group in self._entry().groups}
        match = next((p for p in FIRST_PATTERNS if p not in taken), "*")
        group = GroupSpec(match=match)
        self._fields.append(self._first_fields(group))
        self._set((*self._entry().groups, group), tr("add a group"))

    def _first_fields(self, group: GroupSpec) -> tuple[str, ...]:
        """Return what a new row shows: the learning rate, where it may differ."""
        found = settable(group, self._entry(), self._editor.catalog)
        return (LR,) if any(spec.name == LR for spec in found) else ()

    def _act(self, row: int, action: str) -> None:
        groups = self._entry().groups
        fields = tuple(self._fields)
        if action == "remove":
            self._fields = list(without(fields, row))
            self._set(without(groups, row), tr("take a group out"))
            return
        if action == "own":
            self._row_of_picker = row
            self._train_by(self._entry().name)
            return
        to = row + {"up": -1, "down": 1}[action]
        self._fields = list(moved(fields, row, to))
        self._set(moved(groups, row, to), tr("move a group"))

    def _show_field(self, row: int, name: str) -> None:
        self._fields[row] = (*self._fields[row], name)
        self.refresh()
        field = self.findChild(QWidget, f"{self._key}.{row}.{name}")
        if field is not None:
            field.setFocus()

    def _open_picker(self, row: int) -> None:
        self._row_of_picker = row
        if self._picker is None:
            self._picker = Picker(
                f"{self._key}.picker",
                self._state,
                parent=self,
                kind="optimizer",
                search=tr("Search optimizers: name, family, year or what it does"),
                take=tr("Choose"),
            )
            self._picker.picked.connect(self._train_by)
            self._picker.card_wanted.connect(self.card_wanted)
        corner = self._rows[row].mapToGlobal(QPoint(0, self._rows[row].height()))
        self._picker.open_at(corner, self._choices())

    def _choices(self) -> tuple[Details, ...]:
        """Return the optimizers that can train a group beside another optimizer."""
        infos = tuple(self._editor.catalog.optimizers)
        return tuple(
            optimizer_details(info)
            for family in FAMILIES
            for info in infos
            if info.family == family and not info.needs_closure and info.dense_gradients
        )

    def _train_by(self, name: str) -> None:
        entry, row = self._entry(), self._row_of_picker
        own = "" if name == entry.name else name
        group = replace(entry.groups[row], optimizer=own, values=NO_VALUES)
        self._fields[row] = self._first_fields(group)
        label = tr(self._editor.catalog.optimizers.get(name).label)
        text = tr("train a group by {optimizer}", optimizer=label)
        self._editor.change_entry(self._index, with_group(entry, row, group), text)

    def _fill_menu(self) -> None:
        self._menu.clear()
        parameters = self._parameters()
        presets = group_presets(self._entry(), parameters, self._editor.catalog)
        for preset in presets:
            act = partial(self._take, preset.rows, preset.label)
            name = f"{self._key}.presets.{preset.name}"
            unknown = "" if parameters else self._waiting()
            tip = unknown or preset.reason or preset.tip
            entry = add_entry(self._menu, name, preset.label, act, tip=tip)
            entry.setEnabled(bool(parameters) and not preset.reason)

    def _waiting(self) -> str:
        """Return why the model is not known."""
        return self._study.findings().reason or tr("Looking at the model…")

    def _take(self, rows: tuple[GroupSpec, ...], label: str) -> None:
        self._fields = []
        self._set(rows, label)


def _fields(group: GroupSpec, old: tuple[str, ...]) -> tuple[str, ...]:
    """Return what has a field in a row: what is set, and what was asked for."""
    return (*old, *(name for name in group.values if name not in old))
