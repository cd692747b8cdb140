"""The panel *Problem*: what is trained, on what, for how long and how often."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from optlab.params import ParamSpec
from optlab.registry import Catalog, ProblemInfo
from optlab.spec import TRAINING_PARAMS
from optlab.translate import tr
from optlab.ui.batch_field import BatchField
from optlab.ui.details import Details, problem_details, problem_groups
from optlab.ui.docks import scroll_body
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import Field, discard
from optlab.ui.forms import ParamForm, rare_names, reset_words
from optlab.ui.icons import icon
from optlab.ui.picker_combo import PickerCombo
from optlab.ui.places import PROBLEM, TRAINING
from optlab.ui.run_note import RunNote
from optlab.ui.scrolling import reveal
from optlab.ui.study import BATCH, Study
from optlab.ui.tab_order import order_tabs
from optlab.ui.tip_pictures import TipPictures
from optlab.ui.tips import about_problem
from optlab.ui.view_state import ViewState
from optlab.ui.words_field import Word, WordsField

COMMON_TRAINING: Final = ("steps", "epochs", "seeds")
STOCHASTIC_TRAINING: Final = ("epochs", "loss", "shuffle", "split")
# What most people come to change, wherever it stands among many parameters.
WELL_KNOWN: Final = frozenset({"start", "noise", "batch_size", "model", "dataset"})
FEW: Final = 4
ALWAYS_FIRST: Final = 2
DIAGNOSTICS: Final = "diagnostics"


class ProblemPanel(QScrollArea):
    """Chooses the problem and edits its parameters and those of the training."""

    dataset_wanted = Signal(str)
    """A person asks for the files of this dataset."""
    problem_changed = Signal()
    """Another form is shown, which may want another height."""
    card_wanted = Signal(str)
    """A person asks for the explainer card of the problem of this name."""
    file_wanted = Signal(str)
    """A person looks for a file of their own; carries the place of the parameter."""

    def __init__(self, editor: SpecEditor, state: ViewState, *, study: Study) -> None:
        super().__init__()
        self._editor = editor
        self._state = state
        self._study = study
        self._shown = ""
        self._form: ParamForm | None = None
        self._missing: frozenset[str] = frozenset()
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self.setObjectName("problem")
        self.setAccessibleName(tr("Problem"))
        self._layout = scroll_body(self)
        self._layout.setContentsMargins(12, 0, 8, 12)
        self._layout.setSpacing(8)
        self._combo = PickerCombo(
            "problem.name",
            self._state,
            kind="problem",
            entries=partial(problem_entries, self._editor.catalog),
            words=(
                tr("Search problems: name, formula or what is special"),
                tr("Choose"),
            ),
        )
        self._combo.setAccessibleName(tr("Problem"))
        self._explain = QToolButton()
        self._explain.setObjectName("problem.explain")
        self._explain.setProperty("kind", "eye")
        self._explain.setToolTip(tr("Explain this problem"))
        self._explain.setAccessibleName(tr("Explain this problem"))
        self._reset = QToolButton()
        self._reset.setObjectName("problem.reset_all")
        self._reset.setProperty("kind", "eye")
        self._reset.setText("↺")
        self._reset.setAccessibleName(tr("Reset all"))
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._combo, 1)
        head.addWidget(self._explain)
        head.addWidget(self._reset)
        self._formula = QLabel()
        self._formula.setObjectName("problem.formula")
        self._formula.setProperty("role", "muted")
        self._formula.setWordWrap(True)
        self._get = QPushButton()
        self._get.setObjectName("problem.get")
        self._get.hide()
        self._layout.addLayout(head)
        self._note = RunNote("problem.note")
        for widget in (self._note, self._formula, self._get):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)

    def _connect(self) -> None:
        self._combo.activated.connect(self._choose)
        self._get.clicked.connect(self._want)
        self._combo.card_wanted.connect(self.card_wanted)
        self._explain.clicked.connect(self._ask_card)
        self._reset.clicked.connect(self._reset_all)
        self._editor.went_to.connect(self._show_place)
        self._editor.changed.connect(self.refresh)
        self._study.changed.connect(self.refresh)
        self._state.theme_changed.connect(self._restyle)
        self._restyle()

    def set_missing(self, datasets: frozenset[str]) -> None:
        """Say which datasets have to be fetched before they can be used."""
        self._missing = datasets
        self._refresh_get()

    def show_edited(self, *, edited: bool) -> None:
        """Say whether this is something else than what is running."""
        if edited is self._note.isHidden():
            self._note.setVisible(edited)
            self.problem_changed.emit()

    def refresh(self) -> None:
        """Show what the editor holds."""
        info = self._editor.problem
        if info.name != self._shown:
            self._shown = info.name
            self._combo.show_name(info.name)
            self._formula.setText(info.formula or tr(info.description))
            self._replace_form(info)
            self.problem_changed.emit()
        if self._form is not None:
            self._form.refresh()
            count = len(self._form.differing())
            self._reset.setEnabled(bool(count))
            self._reset.setToolTip(reset_words(count))
        self._refresh_get()

    def _reset_all(self) -> None:
        if self._form is not None:
            self._form.reset_all()

    def _show_place(self, key: str) -> None:
        """Put the focus where undo or redo has changed something, if it is seen."""
        if not key.startswith((f"{PROBLEM}.", f"{TRAINING}.")):
            return
        field = self.findChild(QWidget, key)
        if isinstance(field, QWidget) and field.isVisible():
            field.setFocus()
            reveal(self, field)

    def wanted_height(self) -> int:
        """Return the height that shows everything without scrolling."""
        self._layout.activate()
        width = self.viewport().width()
        return max(
            self._layout.sizeHint().height(), self._layout.totalHeightForWidth(width)
        )

    def dataset(self) -> str:
        """Return the dataset that the experiment asks for; empty if none."""
        value = self._editor.problem.complete(self._editor.spec.problem.values)
        return str(value.get("dataset", ""))

    def _replace_form(self, info: ProblemInfo) -> None:
        if self._form is not None:
            discard(self._form)
        training = [
            spec.name
            for spec in TRAINING_PARAMS
            if info.stochastic or spec.name not in STOCHASTIC_TRAINING
        ]
        rare = folded_names(info.params)
        common = [f"{PROBLEM}.{p.name}" for p in info.params if p.name not in rare]
        common += [f"{TRAINING}.{n}" for n in training if n in COMMON_TRAINING]
        folded = [f"{PROBLEM}.{p.name}" for p in info.params if p.name in rare]
        folded += [f"{TRAINING}.{n}" for n in training if n not in COMMON_TRAINING]
        self._form = ParamForm(
            self._editor,
            PROBLEM,
            keys=common,
            rare=folded,
            captions=_captions(self._editor.catalog),
            capital=True,
            makers={BATCH: self._make_batch, DIAGNOSTICS: self._make_diagnostics},
            about=about_problem(info),
            pictures=TipPictures(self._study.inquiry, self._state),
        )
        self._form.file_wanted.connect(self.file_wanted)
        self._layout.insertWidget(self._layout.indexOf(self._get) + 1, self._form)
        self._form.show()
        content = self.widget()
        if content is not None:
            order_tabs(content)

    def _make_batch(self, spec: ParamSpec, key: str) -> Field:
        return BatchField(spec, key, study=self._study, usual=self._study.batch_size)

    def _make_diagnostics(self, spec: ParamSpec, key: str) -> Field:
        words = (
            Word(
                info.name,
                tr(info.label),
                tr(
                    "{what} Costs {cost}.",
                    what=tr(info.description),
                    cost=tr(info.cost),
                ),
            )
            for info in self._editor.catalog.diagnostics
        )
        return WordsField(spec, key, words)

    def _ask_card(self) -> None:
        self.card_wanted.emit(self._editor.problem.name)

    def _restyle(self) -> None:
        self._explain.setIcon(icon("info", self._state.theme))

    def _refresh_get(self) -> None:
        name = self.dataset()
        missing = name in self._missing
        if missing:
            label = tr(self._editor.catalog.datasets.get(name).label)
            self._get.setText(tr("Get {dataset}…", dataset=label))
        if missing is self._get.isHidden():
            self._get.setVisible(missing)
            self.problem_changed.emit()

    def _choose(self, index: int) -> None:
        self._editor.set_problem(str(self._combo.itemData(index)))

    def _want(self) -> None:
        self.dataset_wanted.emit(self.dataset())


def folded_names(params: tuple[ParamSpec, ...]) -> frozenset[str]:
    """Return which parameters of a problem lie under the fold."""
    rare = rare_names(params)
    if len(params) <= FEW:
        return rare
    seen = {p.name for p in params[:ALWAYS_FIRST]} | WELL_KNOWN
    return rare | {p.name for p in params if p.name not in seen}


def problem_entries(catalog: Catalog) -> tuple[Details, ...]:
    """Return the problems as a picker shows them, group by group."""
    return tuple(
        problem_details(info, group=group)
        for group, infos in problem_groups(catalog.problems).items()
        for info in infos
    )


def _captions(catalog: Catalog) -> Mapping[str, Mapping[str, str]]:
    return {
        "model": {info.name: tr(info.label) for info in catalog.models},
        "dataset": {info.name: tr(info.label) for info in catalog.datasets},
    }
