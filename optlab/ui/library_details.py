"""What is known of the runs that are selected, what a person says, what can be done."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.registry import Catalog
from optlab.store.library import started
from optlab.store.notes import Notes, clean_tags
from optlab.store.run_facts import RunFacts
from optlab.translate import tr, tr_n
from optlab.ui.actions import add_entry
from optlab.ui.copy_as import FORMS, Form
from optlab.ui.elided_edit import ElidedEdit
from optlab.ui.icons import icon
from optlab.ui.library_model import (
    metric_words,
    problem_words,
    result_of,
    result_words,
    results_offered,
    run_title,
    size_words,
    steps_words,
)
from optlab.ui.library_shelf import Shelf
from optlab.ui.progress import duration
from optlab.ui.state_words import state_word
from optlab.ui.theme import set_property
from optlab.ui.view_state import ViewState

WIDTH: Final = 300
MOST_RESULTS: Final = 5
MOST_TITLES: Final = 12
_NOTES_HEIGHT: Final = 76
_BAR_WIDTH: Final = 14
_LONG_WORD: Final = re.compile(r"\S{20,}")


class RunDetails(QFrame):
    """The pane beside the table of runs.

    Args:
        shelf: The runs; keeps what is said of them.
        catalog: Knows what people call problems.
        state: Gives the theme.
    """

    open_wanted = Signal(object)
    """Carries the path of a run."""
    overlay_wanted = Signal(object)
    """Carries the paths of runs."""
    compare_wanted = Signal(object)
    """Carries the paths of two runs, or of one that is compared with the lab."""
    trash_wanted = Signal(object)
    folder_wanted = Signal(object)
    copy_wanted = Signal(str, object)
    """Carries one of `FORMS` and the path of a run."""

    def __init__(self, shelf: Shelf, catalog: Catalog, *, state: ViewState) -> None:
        super().__init__()
        self._shelf = shelf
        self._catalog = catalog
        self._state = state
        self._runs: tuple[RunFacts, ...] = ()
        self.setObjectName("library.details")
        self.setAccessibleName(tr("About the selected runs"))
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._build()
        self._connect()
        self.show_runs(())

    # -- building ----------------------------------------------------------------

    def _build(self) -> None:
        self._content = content = QWidget()
        content.setObjectName("scroll-content")
        self._inner = inner = QVBoxLayout(content)
        inner.setContentsMargins(16, 14, 16, 8)
        inner.setSpacing(8)
        inner.addLayout(self._make_head())
        self._facts = QFormLayout()
        self._facts.setContentsMargins(0, 0, 0, 0)
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(4)
        inner.addWidget(self._make_notes())
        inner.addLayout(self._facts)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("library.scroll")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.viewport().setAutoFillBackground(False)
        scroll.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._make_buttons())

    def _make_head(self) -> QHBoxLayout:
        self._title = QLabel()
        self._title.setObjectName("library.title")
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._title.setSizePolicy(policy)
        self.pin = QToolButton()
        self.pin.setObjectName("library.pin")
        self.pin.setCheckable(True)
        self.pin.setProperty("kind", "quiet")
        self.pin.setIconSize(QSize(14, 14))
        self.pin.setAccessibleName(tr("Pin"))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.pin, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _make_notes(self) -> QWidget:
        self.tags = ElidedEdit()
        self.tags.setObjectName("library.tags")
        self.tags.setAccessibleName(tr("Tags"))
        self.tags.setPlaceholderText(tr("Tags, with spaces between"))
        self.notes = QPlainTextEdit()
        self.notes.setObjectName("library.notes")
        self.notes.setAccessibleName(tr("Notes"))
        self.notes.setPlaceholderText(tr("Notes; they are saved beside the run"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(_NOTES_HEIGHT)
        self._fault = QLabel()
        self._fault.setObjectName("library.notes-fault")
        self._fault.setProperty("role", "error")
        self._fault.setWordWrap(True)
        self._notes_area = QWidget()
        layout = QVBoxLayout(self._notes_area)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(6)
        for widget in (self.tags, self.notes, self._fault):
            layout.addWidget(widget)
        return self._notes_area

    def _make_buttons(self) -> QWidget:
        self.open = self._button("open", tr("Open"))
        self.overlay = self._button("overlay", tr("Overlay"))
        self.compare = self._button("compare", tr("Compare"))
        self.copy = self._button("copy", tr("Copy as"))
        self.folder = self._button("folder", tr("Show in folder"))
        self.trash = self._button("trash", tr("Move to trash"))
        self.copy_menu = menu = QMenu(tr("Copy as"), self.copy)
        menu.setObjectName("library.copy-menu")
        for form in FORMS:
            add_entry(
                menu,
                f"library.copy.{form}",
                form_words(form),
                partial(self._copy, form),
            )
        self.copy.setMenu(menu)
        self._buttons = QWidget()
        layout = QVBoxLayout(self._buttons)
        layout.setContentsMargins(15, 8, 15, 14)
        layout.setSpacing(8)
        for pair in (
            (self.open, self.overlay),
            (self.compare, self.copy),
            (self.folder, self.trash),
        ):
            line = QHBoxLayout()
            line.setSpacing(8)
            for button in pair:
                line.addWidget(button, 1)
            layout.addLayout(line)
        return self._buttons

    def _button(self, part: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"library.{part}")
        button.setProperty("kind", "browse")
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        return button

    def _connect(self) -> None:
        self.tags.textEdited.connect(self._say)
        self.notes.textChanged.connect(self._say)
        self.pin.clicked.connect(self._say)
        self.open.clicked.connect(self._open)
        self.overlay.clicked.connect(lambda: self.overlay_wanted.emit(self._paths()))
        self.compare.clicked.connect(lambda: self.compare_wanted.emit(self._paths()))
        self.trash.clicked.connect(lambda: self.trash_wanted.emit(self._paths()))
        self.folder.clicked.connect(lambda: self.folder_wanted.emit(self._runs[0].path))

    # -- what is shown -----------------------------------------------------------

    def show_runs(self, runs: Sequence[RunFacts], *, blocked: str = "") -> None:
        """Show the runs that are selected.

        Args:
            runs: The runs; none, one or several.
            blocked: Why none can be opened now; empty if they can.
        """
        another = [f.path for f in runs] != [f.path for f in self._runs]
        self._runs = tuple(runs)
        self._show_head()
        self._show_facts()
        self._show_notes(another=another)
        self._show_buttons(blocked)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that the lines need, now that they count."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Let the content be as high as its wrapped lines need: Qt leaves that out."""
        self._inner.invalidate()
        height = self._inner.heightForWidth(WIDTH - _BAR_WIDTH)
        self._content.setMinimumHeight(height)

    def _show_head(self) -> None:
        one = self._runs[0] if len(self._runs) == 1 else None
        if not self._runs:
            text = tr("No run is selected")
        elif one is None:
            text = tr_n("{n} run selected", "{n} runs selected", n=len(self._runs))
        else:
            text = run_title(one)
        self._title.setText(_breakable(text))
        self.pin.setVisible(one is not None)
        if one is not None:
            theme, pinned = self._state.theme, one.notes.pinned
            color = theme.accent if pinned else None
            self.pin.setIcon(icon("pin", theme, color=color))
            self.pin.setChecked(pinned)
            self.pin.setEnabled(not one.notes.fault)
            tip = tr("Let it stand with the others") if pinned else tr("Pin it on top")
            self.pin.setToolTip(tip)

    def _show_facts(self) -> None:
        lines = self._lines()
        while self._facts.rowCount() > len(lines):
            self._facts.removeRow(self._facts.rowCount() - 1)
        while self._facts.rowCount() < len(lines):
            pair = _label("muted"), _label("fact")
            self._facts.addRow(*pair)
            for fresh in pair:
                # Or it would not count before the next turn of the event loop.
                fresh.show()
        for row, (name, value, fault) in enumerate(lines):
            roles = QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole
            for role, text in zip(roles, (name, value), strict=True):
                item = self._facts.itemAt(row, role)
                label = item.widget() if item is not None else None
                if isinstance(label, QLabel):
                    label.setText(text)
                    if role == QFormLayout.ItemRole.FieldRole:
                        set_property(label, "role", "error" if fault else "fact")

    def _lines(self) -> list[tuple[str, str, bool]]:
        """Return names and values, and whether something is wrong."""
        if len(self._runs) != 1:
            titles = [run_title(facts) for facts in self._runs]
            more = len(titles) - MOST_TITLES
            shown = titles[:MOST_TITLES]
            if more > 0:
                shown.append(tr_n("and {n} more", "and {n} more", n=more))
            return [("•", title, False) for title in shown]
        facts = self._runs[0]
        if facts.fault:
            return [(tr("File"), facts.path.name, False), ("", facts.fault, True)]
        when = started(facts)
        state = state_word(facts.state)
        lines = [
            (tr("State"), ": ".join(p for p in (state, facts.reason) if p)),
            (tr("Started"), "" if when is None else f"{when:%Y-%m-%d %H:%M}"),
            (tr("Problem"), problem_words(facts, self._catalog)),
            (tr("Optimizers"), ", ".join(facts.labels)),
            (tr("Seeds"), ", ".join(map(str, facts.seeds))),
            (tr("Length"), steps_words(facts)),
            (tr("Time"), duration(facts.seconds)),
            (tr("Device"), facts.device),
            (tr("Size"), size_words(facts.size)),
            (tr("Made with"), ", ".join(f"{k} {v}" for k, v in _told(facts))),
        ]
        for metric in results_offered((facts,))[:MOST_RESULTS]:
            result = result_of(facts, metric)
            if result is not None:
                value = result_words(metric, result.value)
                words = tr("{value} · {label}", value=value, label=result.label)
                lines.append((metric_words(metric), words))
        return [(name, value, False) for name, value in lines if value]

    def _show_notes(self, *, another: bool) -> None:
        one = self._runs[0] if len(self._runs) == 1 else None
        self._notes_area.setVisible(one is not None and not one.fault)
        if one is None:
            return
        fault = one.notes.fault
        self._fault.setVisible(bool(fault))
        self._fault.setText(fault)
        for widget in (self.tags, self.notes):
            widget.setEnabled(not fault)
            widget.setToolTip(fault)
        # What is being typed is not taken out of a person's hands.
        if another or not self.tags.hasFocus():
            self.tags.setText(" ".join(one.notes.tags))
        if another or not self.notes.hasFocus():
            self.notes.blockSignals(True)
            if self.notes.toPlainText() != one.notes.text:
                self.notes.setPlainText(one.notes.text)
            self.notes.blockSignals(False)

    def _show_buttons(self, blocked: str) -> None:
        runs = self._runs
        one, sound = len(runs) == 1, not any(facts.fault for facts in runs)
        self._buttons.setVisible(bool(runs))
        broken = "" if sound else tr("This file cannot be read")
        single = "" if one else tr("Select one run")
        _enable(self.open, broken or single or blocked, tr("Show it in the lab"))
        several = "" if len(runs) > 1 else tr("Select two runs or more")
        tip = tr("Show them together in one plot")
        _enable(self.overlay, broken or several or blocked, tip)
        pair = "" if len(runs) in (1, 2) else tr("Select one run or two")
        tip = tr("What is the same in both experiments, and what is not")
        if one:
            tip = tr("What differs from the experiment in the lab")
        self.compare.setText(tr("Compare to lab") if one else tr("Compare"))
        _enable(self.compare, broken or pair, tip)
        _enable(self.copy, broken or single, tr("Its experiment, to be pasted"))
        _enable(self.folder, single, tr("Open the folder that it lies in"))
        going = any(not facts.state.ended and not facts.fault for facts in runs)
        written = tr("It is being written; stop the run first") if going else ""
        _enable(self.trash, written, tr("Undo brings it back (Del)"))

    # -- what a person does --------------------------------------------------------

    def _paths(self) -> tuple[Path, ...]:
        return tuple(facts.path for facts in self._runs)

    def _open(self) -> None:
        self.open_wanted.emit(self._runs[0].path)

    def _copy(self, form: Form) -> None:
        self.copy_wanted.emit(form, self._runs[0].path)

    def _say(self) -> None:
        if len(self._runs) != 1:
            return
        facts = self._runs[0]
        words = [word for word in re.split(r"[,\s]+", self.tags.text()) if word]
        notes = Notes(
            text=self.notes.toPlainText(),
            tags=clean_tags(words),
            pinned=self.pin.isChecked(),
        )
        self._runs = (replace(facts, notes=notes),)
        self._shelf.say(facts.path, notes)


def _told(facts: RunFacts) -> list[tuple[str, str]]:
    """Return the versions that matter most to who wants to do it again."""
    return [(k, facts.versions[k]) for k in ("optlab", "torch") if k in facts.versions]


def form_words(form: Form) -> str:
    """Return what a form of an experiment is called in a menu."""
    return {
        "toml": tr("Copy as TOML"),
        "command": tr("Copy as a command"),
        "python": tr("Copy as a Python script"),
    }[form]


def _breakable(text: str) -> str:
    """Return text in which words that are too long for the pane can be broken."""
    return _LONG_WORD.sub(lambda found: "\u200b".join(found[0]), text)


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role == "fact":
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        label.setSizePolicy(policy)
    return label


def _enable(button: QPushButton, reason: str, tip: str) -> None:
    """Let a button be pressed unless there is a reason why not, which it then says."""
    button.setEnabled(not reason)
    button.setToolTip(reason or tip)
