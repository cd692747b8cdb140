"""One row of the table of param groups: pattern, count and what it sets."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
)

from optlab.spec import KINDS, ParameterInfo, matches
from optlab.translate import tr, tr_n
from optlab.ui.editor import SpecEditor
from optlab.ui.fields import repolish
from optlab.ui.forms import ParamForm
from optlab.ui.group_presets import layers_of
from optlab.ui.icons import icon
from optlab.ui.nested import GROUPS, settable, trained_by
from optlab.ui.places import OPTIMIZERS
from optlab.ui.study import Study
from optlab.ui.tip_pictures import TipPictures
from optlab.ui.tips import about_optimizer
from optlab.ui.view_state import ViewState


class GroupRow(QFrame):
    """The fields of one param group.

    Args:
        editor: Where it is.
        index: The entry that it belongs to.
        row: Its number.
        study: What looks for things in the background.
        state: Where the theme is.
        names: What of the optimizer's parameters has a field.
    """

    asked = Signal(int, str)
    """A person asks to ``remove`` this row, to move it ``up`` or ``down``, or for the
    entry's ``own`` optimizer."""
    field_wanted = Signal(int, str)
    """A person wants a field for this parameter in this row."""
    optimizer_wanted = Signal(int)
    """A person wants another optimizer to train this row."""

    def __init__(
        self,
        editor: SpecEditor,
        index: int,
        *,
        row: int,
        study: Study,
        state: ViewState,
        names: Iterable[str],
    ) -> None:
        super().__init__()
        self._state = state
        self._study = study
        self._editor = editor
        self._index = index
        self._row = row
        self._names = tuple(names)
        self._key = f"{OPTIMIZERS}.{index}.{GROUPS}.{row}"
        self._parameters: tuple[ParameterInfo, ...] = ()
        self._build()

    def _build(self) -> None:
        self.setObjectName(self._key)
        self.setProperty("role", "nested")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 0, 2)
        layout.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(0)
        self._count = QLabel()
        self._count.setObjectName(f"{self._key}.count")
        self._count.setProperty("role", "muted")
        self._count.setWordWrap(True)
        head.addWidget(self._count, 1)
        self._menu_button = self._make_menu()
        head.addWidget(self._menu_button)
        remove = self._button("remove", tr("Take this group out"))
        remove.clicked.connect(partial(self.asked.emit, self._row, "remove"))
        head.addWidget(remove)
        self._remove = remove
        names = ("match", *self._names)
        keys = [f"{self._key}.{name}" for name in names]
        entry = self._editor.spec.optimizers[self._index]
        info = trained_by(entry.groups[self._row], entry, self._editor.catalog)
        self._form = ParamForm(
            self._editor,
            self._key,
            keys=keys,
            capital=True,
            about=about_optimizer(info),
            pictures=TipPictures(self._study.inquiry, self._state),
        )
        layout.addWidget(self._form)
        layout.addLayout(head)
        self._state.theme_changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self._remove.setIcon(icon("close", self._state.theme))
        self._menu_button.setIcon(icon("more", self._state.theme))

    def _button(self, part: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{self._key}.{part}")
        button.setProperty("kind", "eye")
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _make_menu(self) -> QToolButton:
        button = self._button("more", tr("Which parameters, and what of them"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.setObjectName(f"{self._key}.menu")
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill_menu)
        button.setMenu(menu)
        self._menu = menu
        return button

    def refresh(self, parameters: tuple[ParameterInfo, ...], trouble: str) -> None:
        """Show what the editor holds.

        Args:
            parameters: Those of the model, as far as they are known.
            trouble: What is wrong with the pattern, beside what the editor knows.
        """
        self._parameters = parameters
        self._form.refresh()
        group = self._editor.spec.optimizers[self._index].groups[self._row]
        words = [group.name, trouble or self._counted(group.match)]
        if group.optimizer:
            label = tr(self._editor.catalog.optimizers.get(group.optimizer).label)
            words.append(tr("trained by {optimizer}", optimizer=label))
        self._count.setText(" · ".join(word for word in words if word))
        role = "error" if trouble else "muted"
        if self._count.property("role") != role:
            self._count.setProperty("role", role)
            repolish(self._count)

    def _counted(self, pattern: str) -> str:
        if not self._parameters:
            return "…"
        return counted(p for p in self._parameters if matches(pattern, p))

    def _fill_menu(self) -> None:
        self._menu.clear()
        group = self._editor.spec.optimizers[self._index].groups[self._row]
        entry = self._editor.spec.optimizers[self._index]
        kinds = self._menu.addMenu(tr("Parameters by kind"))
        for kind, meaning in KINDS.items():
            found = [p for p in self._parameters if matches(kind, p)]
            text = f"{kind}: {tr(meaning)}"
            self._add_pattern(kinds, kind, text, found)
        layers = self._menu.addMenu(tr("Parameters by layer"))
        for name, members in layers_of(self._parameters):
            pattern = f"{name}.*" if len(members) > 1 or "." in name else name
            self._add_pattern(layers, pattern, pattern, members)
        self._menu.addSeparator()
        for spec in settable(group, entry, self._editor.catalog):
            if spec.name not in self._names:
                act = partial(self.field_wanted.emit, self._row, spec.name)
                self._add(self._menu, spec.name, spec.title, act, tr(spec.meaning))
        if "name" not in self._names:
            act = partial(self.field_wanted.emit, self._row, "name")
            self._add(self._menu, "name", tr("A name for plots"), act, "")
        self._menu.addSeparator()
        act = partial(self.optimizer_wanted.emit, self._row)
        self._add(self._menu, "optimizer", tr("Another optimizer…"), act, "")
        if group.optimizer:
            act = partial(self.asked.emit, self._row, "own")
            text = tr("This entry's optimizer again")
            self._add(self._menu, "own", text, act, "")
        self._menu.addSeparator()
        for action, text in (("up", tr("Move up")), ("down", tr("Move down"))):
            act = partial(self.asked.emit, self._row, action)
            self._add(self._menu, action, text, act, "")

    def _add_pattern(
        self, menu: QMenu, pattern: str, text: str, found: Iterable[ParameterInfo]
    ) -> None:
        members = tuple(found)
        act = partial(self._editor.enter, f"{self._key}.match", pattern)
        entry = self._add(menu, f"match.{pattern}", text, act, counted(members))
        entry.setEnabled(bool(members))

    def _add(
        self, menu: QMenu, name: str, text: str, act: Callable[[], object], tip: str
    ) -> QAction:
        entry = QAction(text, menu)
        entry.setObjectName(f"{self._key}.menu.{name}")
        entry.setToolTip(tip)

        def run(_checked: bool = False) -> None:
            act()

        entry.triggered.connect(run)
        menu.addAction(entry)
        return entry


def counted(parameters: Iterable[ParameterInfo]) -> str:
    """Return how many parameters these are, and how many numbers they hold."""
    found = tuple(parameters)
    numbers = 0
    for parameter in found:
        size = 1
        for length in parameter.shape:
            size *= length
        numbers += size
    words = tr_n("{n} parameter", "{n} parameters", n=len(found))
    held = tr_n("{count} number", "{count} numbers", n=numbers, count=f"{numbers:,}")
    return f"{words}, {held}"
