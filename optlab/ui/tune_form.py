"""The form of a study: how one tunes, where one searches, what is compared, and where.

All of it but the last is part of the experiment: what is typed goes through the editor.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSettings, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QScrollArea, QWidget

from optlab.params import Kind, ParamSpec
from optlab.spec import TuningSpec
from optlab.translate import tr
from optlab.ui.docks import scroll_body
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import ComboField, Field
from optlab.ui.forms import ParamForm
from optlab.ui.places import TRAINING
from optlab.ui.scrolling import reveal
from optlab.ui.tab_order import order_tabs
from optlab.ui.tune_places import COMPARISON, TUNING, belongs_to_study
from optlab.ui.tune_space import TuneSpace
from optlab.ui.tune_where import WhereForm
from optlab.ui.view_state import ViewState

SEEDS: Final = f"{TRAINING}.seeds"
OWN: Final = "tune."
"""Begins the names of widgets whose places have a field in the lab, too."""
WIDTH: Final = 300
_TUNING: Final = ("trials", "search", "rungs", "seeds")
_RARELY_TUNING: Final = ("eta", "refine", "metric")
_COMPARISON: Final = ("baseline", "metric", "looks")
_RARELY_COMPARISON: Final = ("target", "all_pairs")


class BaselineField(ComboField):
    """One of the optimizers, by label; the first one if nothing is chosen."""

    def __init__(self, spec: ParamSpec, key: str, *, editor: SpecEditor) -> None:
        self._editor = editor
        self._offered: tuple[str, ...] = ()
        super().__init__(replace(spec, kind=Kind.CHOICE, choices=("",)), key)

    def show_text(self, text: str) -> None:
        """Choose the label ``text`` among those that there are now."""
        labels = self._editor.labels
        first = tr("the first: {label}", label=labels[0]) if labels else ""
        offered = (first, *labels)
        if offered != self._offered:
            self._offered = offered
            self.combo.clear()
            self.combo.addItem(first, "")
            for label in labels:
                self.combo.addItem(label, label)
        # One that is gone is the first one, for a verdict as well as here.
        super().show_text(text if text in labels else "")
        self.combo.setToolTip(f"{self.combo.currentText()}\n{self.tip()}")


class TuneForm(QScrollArea):
    """Edits what a study does.

    Attributes:
        where: Where the trials run.
    """

    rebuilt = Signal()
    """There are other fields."""

    def __init__(
        self, editor: SpecEditor, state: ViewState, *, settings: QSettings
    ) -> None:
        super().__init__()
        self._editor = editor
        self.where = WhereForm(settings)
        self._space = TuneSpace(editor, state)
        self._build()
        editor.changed.connect(self.refresh)
        editor.went_to.connect(self._show_place)
        self.where.complained.connect(self._show_where)
        self.refresh()

    def _build(self) -> None:
        self.setObjectName("tune.form")
        self.setAccessibleName(tr("Tuning and comparison"))
        layout = scroll_body(self)
        self.setProperty("role", "card")
        layout.setContentsMargins(12, 10, 8, 12)
        layout.setSpacing(6)
        self._on = QCheckBox(tr("Tune every optimizer first"))
        self._on.setObjectName(f"{TUNING}.on")
        self._on.setToolTip(
            tr("Search good settings of each with the same budget, then compare these")
        )
        self._on.clicked.connect(self._switch)
        self._tuning = self._form(TUNING, _TUNING, _RARELY_TUNING)
        self._comparison = self._comparison_form()
        self._place_title = _section(tr("Search space"))
        for widget in (
            _section(tr("Tuning")),
            self._on,
            self._tuning,
            self._place_title,
            self._space,
            _section(tr("Comparison")),
            self._comparison,
            _section(tr("Where it runs")),
            self.where,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)

    def _form(
        self, place: str, names: tuple[str, ...], rare: tuple[str, ...]
    ) -> ParamForm:
        return ParamForm(
            self._editor,
            place,
            keys=[f"{place}.{n}" for n in names],
            rare=[f"{place}.{n}" for n in rare],
            captions=_captions(),
            capital=True,
        )

    def _comparison_form(self) -> ParamForm:
        form = ParamForm(
            self._editor,
            COMPARISON,
            keys=[f"{COMPARISON}.baseline", SEEDS]
            + [f"{COMPARISON}.{n}" for n in _COMPARISON[1:]],
            rare=[f"{COMPARISON}.{n}" for n in _RARELY_COMPARISON],
            captions=_captions(),
            capital=True,
            makers={"baseline": self._make_baseline},
        )
        # The lab has a field at the same place, and each name stands for one widget.
        for widget in form.findChildren(QWidget):
            if widget.objectName().startswith(SEEDS):
                widget.setObjectName(f"{OWN}{widget.objectName()}")
        field = form.findChild(QWidget, f"{OWN}{SEEDS}")
        for label in form.findChildren(QLabel):
            if label.buddy() is field and isinstance(field, QWidget):
                label.setText(tr("Final seeds"))
                field.setAccessibleName(tr("Final seeds"))
        return form

    def _make_baseline(self, spec: ParamSpec, key: str) -> Field:
        return BaselineField(spec, key, editor=self._editor)

    @Slot()
    def refresh(self) -> None:
        """Show what the editor holds."""
        tuned = self._editor.spec.tuning is not None
        self._on.setChecked(tuned)
        for widget in (self._tuning, self._place_title, self._space):
            widget.setVisible(tuned)
        self._tuning.refresh()
        self._comparison.refresh()
        if self._space.refresh():
            content = self.widget()
            if content is not None:
                order_tabs(content)
            self.rebuilt.emit()

    def lead_to(self, key: str) -> None:
        """Put the focus on the field at a place, if it is one of these."""
        name = f"{OWN}{key}" if key == SEEDS else key
        field = self.findChild(QWidget, name)
        if isinstance(field, QWidget) and field.isVisibleTo(self):
            field.setFocus()
            reveal(self, field)

    @Slot(str)
    def _show_place(self, key: str) -> None:
        if self.isVisible() and (belongs_to_study(key) or key == SEEDS):
            self.lead_to(f"{TUNING}.on" if key == TUNING else key)

    @Slot()
    def _show_where(self) -> None:
        reveal(self, self.where)

    def _switch(self, on: bool) -> None:
        spec = replace(self._editor.spec, tuning=TuningSpec() if on else None)
        text = tr("tune every optimizer") if on else tr("tune nothing")
        self._editor.finish_edit()
        self._editor.apply(text, spec)


def _section(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setProperty("role", "section")
    label.setContentsMargins(0, 6, 0, 0)
    return label


def _captions() -> Mapping[str, Mapping[str, str]]:
    """Return the words that people read for the words of choices."""
    return {
        "search": {
            "grid": tr("logarithmic grid"),
            "sobol": tr("Sobol points"),
            "optuna": "Optuna (TPE)",
        },
        "metric": {
            "": tr("automatic"),
            "val_loss": tr("validation loss"),
            "val_accuracy": tr("validation accuracy"),
            "value": tr("value"),
            "train_loss": tr("training loss"),
        },
        "looks": {"end": tr("once, at the end"), "any": tr("at any time")},
    }
