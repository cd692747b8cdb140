"""What lies under an unfolded entry: its form, schedule, param groups and deeds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.params import InputError, ParamSpec
from optlab.registry import Translation
from optlab.spec import OptimizerSpec
from optlab.translate import tr, tr_n
from optlab.ui.actions import add_entry
from optlab.ui.batch_field import BatchField
from optlab.ui.details import OWN
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import Field
from optlab.ui.fold import Fold
from optlab.ui.forms import ParamForm, rare_names, reset_words
from optlab.ui.group_form import GroupSection
from optlab.ui.icons import icon
from optlab.ui.nested import GROUPS, SCHEDULER
from optlab.ui.places import OPTIMIZERS
from optlab.ui.schedule_form import ScheduleSection
from optlab.ui.study import BATCH, Study
from optlab.ui.theme import Theme
from optlab.ui.tip_pictures import TipPictures
from optlab.ui.tips import about_optimizer
from optlab.ui.translating import translated
from optlab.ui.view_state import ViewState

_ICONS: Final = {"duplicate": "copy", "remove": "trash", "explain": "info"}


class EntryBody(QWidget):
    """The form of the chosen entry, what it cannot do, and what can be done with it."""

    asked = Signal(str)
    """``duplicate``, ``remove``, ``up`` or ``down``."""
    card_wanted = Signal(str)
    """A person asks for the explainer card of the optimizer of this name."""
    schedule_card_wanted = Signal(str)
    """A person asks for the explainer card of the schedule of this name."""
    told = Signal(str)
    """What a person should know of what was just done."""
    opened = Signal(QWidget)
    """This section was opened and wants to be seen."""

    def __init__(
        self, editor: SpecEditor, index: int, *, study: Study, state: ViewState
    ) -> None:
        super().__init__()
        self._editor = editor
        self._index = index
        self._state = state
        self._info = editor.optimizer(index)
        self._key = f"{OPTIMIZERS}.{index}"
        self._study = study
        self._themed: Theme | None = None
        self._buttons: dict[str, QToolButton] = {}
        self._build()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(4)
        self._problem_words = _words(f"{self._key}.incompatible", "warning")
        layout.addWidget(self._problem_words)
        self._form = self._make_form()
        layout.addWidget(self._form)
        entry = self._editor.spec.optimizers[self._index]
        self._schedule: ScheduleSection | None = None
        self._schedule_fold = self._make_fold(SCHEDULER, tr("Learning-rate schedule"))
        self._schedule_fold.toggled.connect(self._refresh_schedule)
        self._groups: GroupSection | None = None
        self._groups_fold = self._make_fold(GROUPS, tr("Param groups"))
        self._groups_fold.toggled.connect(self._refresh_groups)
        for fold, used in (
            (self._schedule_fold, entry.scheduler is not None),
            (self._groups_fold, bool(entry.groups)),
        ):
            layout.addWidget(fold)
            if used:
                fold.open()
            fold.toggled.connect(partial(self._show_section, fold))
        notes = [tr(note) for note in self._info.notes]
        if self._info.home == OWN:
            notes.append(tr("The code of this file runs when the experiment starts."))
        for number, note in enumerate(notes):
            words = _words(f"{self._key}.note.{number}", "muted")
            words.setText(note)
            layout.addWidget(words)
        layout.addLayout(self._make_buttons())

    def _make_fold(self, name: str, title: str) -> Fold:
        return Fold(f"{self._key}.{name}", title=title)

    def _make_form(self) -> ParamForm:
        params = self._info.params
        rare = rare_names(params)
        common = ["label", *(p.name for p in params if p.name not in rare)]
        folded = [p.name for p in params if p.name in rare]
        if self._editor.problem.stochastic:
            folded.append("batch_size")
        return ParamForm(
            self._editor,
            self._key,
            keys=[f"{self._key}.{name}" for name in common],
            rare=[f"{self._key}.{name}" for name in folded],
            makers={BATCH: self._make_batch},
            about=about_optimizer(self._info),
            pictures=TipPictures(self._study.inquiry, self._state),
        )

    def _make_batch(self, spec: ParamSpec, key: str) -> Field:
        return BatchField(spec, key, study=self._study, usual=self._study.batch_size)

    def refresh(self) -> None:
        """Show what the editor holds."""
        reason = self._editor.incompatible(self._index)
        self._problem_words.setText(reason)
        self._problem_words.setVisible(bool(reason))
        key = f"{self._key}.label"
        self._form.set_placeholder(key, self._editor.labels[self._index])
        self._form.refresh()
        count = len(self._form.differing())
        self._buttons["reset_all"].setEnabled(bool(count))
        self._buttons["reset_all"].setToolTip(reset_words(count))
        self._refresh_schedule()
        self._refresh_groups()
        if self._themed != self._state.theme:
            self._themed = self._state.theme
            for action, name in _ICONS.items():
                self._buttons[action].setIcon(icon(name, self._state.theme))

    def _show_section(self, fold: Fold) -> None:
        if fold.opened and self.isVisible():
            self.opened.emit(fold)

    def _refresh_schedule(self) -> None:
        schedule = self._editor.spec.optimizers[self._index].scheduler
        note = ""
        if schedule is not None:
            note = tr(self._editor.catalog.schedulers.get(schedule.name).label)
        self._schedule_fold.set_note(note)
        # What has no learning rate has nothing to schedule.
        has_rate = any(spec.name == "lr" for spec in self._info.params)
        self._schedule_fold.setVisible(has_rate or schedule is not None)
        where = f"{self._key}.{SCHEDULER}."
        if any(error.key.startswith(where) for error in self._editor.errors()):
            self._schedule_fold.open()
        if self._schedule_fold.opened and self._schedule is None:
            self._schedule = ScheduleSection(
                self._editor, self._index, study=self._study, state=self._state
            )
            self._schedule.card_wanted.connect(self.schedule_card_wanted)
            self._schedule_fold.set_content(self._schedule)
        if self._schedule is not None:
            self._schedule.refresh()

    def _refresh_groups(self) -> None:
        groups = self._editor.spec.optimizers[self._index].groups
        # A surface has one parameter, x: there is nothing to group.
        shown = self._editor.problem.kind != "surface" or bool(groups)
        self._groups_fold.setVisible(shown)
        note = tr_n("{n} group", "{n} groups", n=len(groups)) if groups else ""
        self._groups_fold.set_note(note)
        if not shown or not self._groups_fold.opened:
            return
        if self._groups is None:
            self._groups = GroupSection(
                self._editor, self._index, study=self._study, state=self._state
            )
            self._groups.card_wanted.connect(self.card_wanted)
            self._groups_fold.set_content(self._groups)
        self._groups.refresh()

    def _make_buttons(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(0)
        actions: Sequence[tuple[str, str, str]] = (
            ("duplicate", "", _with_keys(tr("Put a copy below this one"), "Ctrl+D")),
            ("remove", "", _with_keys(tr("Take it out of the comparison"), "Del")),
            ("reset_all", "↺", ""),
            ("explain", "", tr("Explain this optimizer")),
            ("up", "↑", _with_keys(tr("Move up"), "Alt+Up")),
            ("down", "↓", _with_keys(tr("Move down"), "Alt+Down")),
        )
        for action, text, tip in actions:
            button = QToolButton()
            button.setObjectName(f"{self._key}.{action}")
            button.setProperty("kind", "eye")
            button.setText(text)
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tip)
            button.setAccessibleName(tip or tr("Reset all"))
            button.clicked.connect(partial(self._ask, action))
            self._buttons[action] = button
            if action == "explain":
                if self._info.translations:
                    layout.addWidget(self._make_translate())
                layout.addStretch(1)
            layout.addWidget(button)
        return layout

    def _make_translate(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{self._key}.translate")
        button.setProperty("kind", "quiet")
        button.setText(tr("Translate"))
        button.setToolTip(
            tr("Replace this by the same in the words of another optimizer")
        )
        button.setAccessibleName(button.toolTip())
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.setObjectName(f"{self._key}.translate.menu")
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(partial(self._fill_translations, menu))
        button.setMenu(menu)
        return button

    def _fill_translations(self, menu: QMenu) -> None:
        menu.clear()
        for translation in self._info.translations:
            self._add_translation(menu, "replace", translation)
        menu.addSeparator()
        beside = menu.addMenu(tr("Add beside this one"))
        beside.setToolTipsVisible(True)
        for translation in self._info.translations:
            self._add_translation(beside, "add", translation)

    def _add_translation(
        self, menu: QMenu, action: str, translation: Translation
    ) -> None:
        entry = self._editor.spec.optimizers[self._index]
        name = f"{self._key}.translate.{action}.{translation.to}"
        label, tip = tr(translation.label), tr(translation.note)
        try:
            new = translated(entry, translation, self._editor.catalog)
        except InputError as error:
            made = add_entry(menu, name, label, self._nothing, tip=str(error))
            made.setEnabled(False)
            return
        act = partial(self._translate, action, new, (label, tip))
        add_entry(menu, name, label, act, tip=tip)

    def _translate(
        self, action: str, new: OptimizerSpec, words: tuple[str, str]
    ) -> None:
        label, note = words
        self.told.emit(f"{label}: {note}")
        if action == "add":
            entry = replace(new, label="")
            self._editor.insert_optimizer(self._index + 1, entry, label)
        else:
            self._editor.change_entry(self._index, new, label)

    def _nothing(self) -> None:
        """Stand for what cannot be done."""

    def _ask(self, action: str, _checked: bool = False) -> None:
        if action == "explain":
            self.card_wanted.emit(self._info.name)
        elif action == "reset_all":
            self._form.reset_all()
        else:
            self.asked.emit(action)


def _with_keys(text: str, keys: str) -> str:
    """Return a tool tip that names the shortcut, as this system writes it."""
    native = QKeySequence.SequenceFormat.NativeText
    return f"{text} ({QKeySequence(keys).toString(native)})"


def _words(name: str, role: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
