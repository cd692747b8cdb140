"""A form that is built from parameters: label, field, and a way back to the default."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.params import Kind, ParamSpec
from optlab.translate import tr, tr_n
from optlab.ui.editor import SpecEditor
from optlab.ui.field_menu import FieldMenu
from optlab.ui.fields import Field, LineField, make_field, repolish
from optlab.ui.fold import Fold
from optlab.ui.nested import MATCH
from optlab.ui.own_field import OwnField
from optlab.ui.places import LABEL
from optlab.ui.tip_pictures import PicturedTip, TipPictures
from optlab.ui.tips import About

RESET_WIDTH: Final = 20
LABEL_WIDTH: Final = 92
# Rows of the grid for one parameter: itself, a wide field, what is below, an error.
LINES: Final = 4
WIDE: Final = 20
# What a thing is called, and which parameters are meant, are not reset with the rest.
KEPT: Final = (LABEL.name, MATCH.name)


@dataclass(frozen=True)
class _Row:
    """The widgets of one parameter."""

    key: str
    label: QLabel
    field: Field
    reset: QToolButton
    words: QLabel


class ParamForm(QWidget):
    """Fields for some parameters of the experiment.

    What is typed goes to the editor at once; what the editor holds is shown by
    `refresh`. Rare parameters lie under a fold that says how many of them are set.

    Args:
        editor: Where the values are.
        name: Beginning of the fold's name.
        keys: Places of the parameters that are always seen.
        rare: Places of those under the fold.
        captions: By parameter, words that people read for the words of a choice.
        capital: Whether labels begin with a capital letter.
        makers: By parameter, what makes its field where it is no usual one.
        about: What the parameters belong to, for their tool tips.
        pictures: Where pictures of formulas are, for these.
    """

    file_wanted = Signal(str)
    """A person looks for a file of their own; carries the place of the parameter."""

    def __init__(
        self,
        editor: SpecEditor,
        name: str,
        *,
        keys: Iterable[str],
        rare: Iterable[str] = (),
        captions: Mapping[str, Mapping[str, str]] | None = None,
        capital: bool = False,
        makers: Mapping[str, Callable[[ParamSpec, str], Field]] | None = None,
        about: About | None = None,
        pictures: TipPictures | None = None,
    ) -> None:
        super().__init__()
        self._about = about
        self._pictures = pictures
        # The place that is typed at: what is wrong there is not told in the middle.
        self._typed = ""
        self._makers = makers or {}
        self._editor = editor
        self._capital = capital
        self._captions = captions or {}
        self._rows: list[_Row] = [self._make_row(key) for key in keys]
        self._folded: list[_Row] = [self._make_row(key) for key in rare]
        self._fold = Fold(f"{name}.more") if self._folded else None
        self._build()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._grid(self._rows))
        if self._fold is not None:
            self._fold.set_content(self._grid(self._folded))
            layout.addWidget(self._fold)

    def _grid(self, rows: list[_Row]) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        labels = [row.label for row in (*self._rows, *self._folded)]
        for label in labels:
            label.ensurePolished()
        width = max((label.sizeHint().width() for label in labels), default=0)
        for label in labels:
            # A long one takes two lines, so that the fields keep their room.
            if label.sizeHint().width() > LABEL_WIDTH:
                label.setWordWrap(True)
                label.setFixedWidth(LABEL_WIDTH)
        grid.setColumnMinimumWidth(0, min(width, LABEL_WIDTH))
        for number, row in enumerate(rows):
            line = LINES * number
            body, wide = row.field.body, _is_wide(row.field.spec)
            grid.addWidget(row.label, line, 0, 1, 2 if wide else 1)
            grid.addWidget(body, line + wide, 0 if wide else 1, 1, 2 if wide else 1)
            grid.addWidget(row.reset, line + wide, 2)
            if row.field.below is not None:
                grid.addWidget(row.field.below, line + 2, 0, 1, 2)
            grid.addWidget(row.words, line + 3, 0, 1, 2)
        return box

    def _make_row(self, key: str) -> _Row:
        spec = self._editor.param(key)
        maker = self._makers.get(spec.name)
        captions = self._captions.get(spec.name)
        if maker is not None:
            field = maker(spec, key)
        elif spec.own:
            field = own = OwnField(spec, key, captions)
            own.file_wanted.connect(self.file_wanted)
        else:
            field = make_field(spec, key, captions)
        field.body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.edited.connect(partial(self._enter, key))
        if self._about is not None and spec.name in self._about.params:
            field.about = self._about
        title = spec.title
        label = QLabel(title[:1].upper() + title[1:] if self._capital else title)
        label.setProperty("role", "field")
        label.setBuddy(field.widget)
        FieldMenu(
            self._editor,
            key,
            field=field,
            label=label,
            reset_all=self.reset_all,
            differing=lambda: len(self.differing()),
        )
        if self._pictures is not None:
            PicturedTip(field, label, self._pictures)
        words = QLabel()
        words.setObjectName(f"{key}.error")
        words.setProperty("role", "error")
        words.setWordWrap(True)
        words.hide()
        row = _Row(key, label, field, _reset_button(key, spec), words)
        row.reset.clicked.connect(partial(self._reset, row))
        field.finished.connect(partial(self._finish, row))
        return row

    def set_placeholder(self, key: str, text: str) -> None:
        """Show ``text`` faintly where the field at ``key`` is empty."""
        for row in self._rows:
            if row.key == key and isinstance(row.field, LineField):
                row.field.line.setPlaceholderText(text)

    def refresh(self) -> None:
        """Show what the editor holds, and mark what cannot be used."""
        errors = {error.key: error.allowed for error in self._editor.errors()}
        for row in (*self._rows, *self._folded):
            spec, value = row.field.spec, self._editor.value(row.key)
            draft = self._editor.draft(row.key)
            row.field.show_text(spec.show(value) if draft is None else draft.text)
            error = errors.get(row.key, "")
            row.field.mark(error)
            row.label.setToolTip(row.field.widget.toolTip())
            row.words.setText(error)
            row.words.setVisible(bool(error) and self._tells(row))
            differs = bool(self._editor.differing([row.key]))
            row.reset.setVisible(differs)
            if bool(row.label.property("differs")) != differs:
                row.label.setProperty("differs", differs)
                repolish(row.label)
        if self._fold is not None:
            self._refresh_fold(self._fold, errors)

    def _tells(self, row: _Row) -> bool:
        """Return whether it is time to say what is wrong with a value.

        Of a number it is not while one types the first half of it.
        """
        at_work = row.key == self._typed and row.field.spec.kind is not Kind.TEXT
        return not at_work or row.words.isVisibleTo(self)

    def _refresh_fold(self, fold: "Fold", errors: Mapping[str, str]) -> None:
        keys = [row.key for row in self._folded]
        values = [self._editor.value(key) for key in keys]
        defaults = [row.field.spec.default for row in self._folded]
        changed = sum(v != d for v, d in zip(values, defaults, strict=True))
        fold.set_note(tr("{n} set", n=changed) if changed else "")
        if any(key in errors for key in keys):
            fold.open()

    def differing(self) -> tuple[str, ...]:
        """Return the places of the parameters that have not their defaults."""
        rows = (*self._rows, *self._folded)
        keys = [row.key for row in rows if row.field.spec.name not in KEPT]
        return self._editor.differing(keys)

    def reset_all(self) -> None:
        """Give all parameters of the form their defaults, as one step of undo."""
        keys = self.differing()
        values = {key: self._editor.param(key).default for key in keys}
        text = tr_n("reset {n} parameter", "reset {n} parameters", n=len(keys))
        self._editor.set_values(values, text)

    def _enter(self, key: str, text: str) -> None:
        self._typed = key
        self._editor.enter(key, text)

    def _finish(self, row: _Row) -> None:
        self._typed = ""
        self._editor.finish_edit()
        self.refresh()
        if self._editor.draft(row.key) is None and isinstance(row.field, LineField):
            row.field.normalize(row.field.spec.show(self._editor.value(row.key)))

    def _reset(self, row: _Row, _checked: bool = False) -> None:
        self._editor.reset_value(row.key)


def rare_names(specs: Iterable[ParamSpec]) -> frozenset[str]:
    """Return the parameters that few people need: fixed ones and implementation."""
    return frozenset(
        spec.name
        for spec in specs
        if spec.fixed
        or (spec.kind is Kind.BOOL and spec.optional)
        or spec.name == "maximize"
    )


def reset_words(count: int) -> str:
    """Return what a button says that resets all of a form.

    Args:
        count: How many parameters have not their defaults.
    """
    if not count:
        return tr("All parameters have their defaults")
    return tr_n(
        "{n} parameter back to its default",
        "{n} parameters back to their defaults",
        n=count,
    )


def _is_wide(spec: ParamSpec) -> bool:
    """Return whether what is typed is long, such as a formula."""
    return spec.kind is Kind.TEXT and len(str(spec.default or "")) > WIDE


def _reset_button(key: str, spec: ParamSpec) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"{key}.reset")
    button.setProperty("kind", "reset")
    button.setText("↺")
    button.setAutoRaise(True)
    button.setFixedWidth(RESET_WIDTH)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    name = tr("Reset {name}", name=spec.title)
    button.setAccessibleName(name)
    shown = spec.show(spec.default) or tr("empty")
    button.setToolTip(tr("Back to the default: {value}", value=shown))
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
    return button
