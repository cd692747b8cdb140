"""The preferences: found by typing, changed at once, reset one by one or all.

The form is made of the table of `optlab.ui.preferences`; the same values can be read,
changed and copied as TOML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from optlab.params import InputError
from optlab.translate import originals, tr
from optlab.ui.fields import Field, make_field
from optlab.ui.fuzzy import misfit
from optlab.ui.preferences import (
    PREFERENCES,
    Preference,
    Preferences,
    group_title,
)
from optlab.ui.theme import set_property

SIZE: Final = (620, 520)
FIELD_WIDTH: Final = 190


@dataclass(frozen=True, kw_only=True)
class _Row:
    """The widgets of one preference."""

    preference: Preference
    body: QWidget
    field: Field
    reset: QToolButton
    error: QLabel


class PreferencesDialog(QDialog):
    """Shows all preferences; not modal, so that one sees what they do.

    Args:
        preferences: Where the values are.
        parent: The window.
    """

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._rows: list[_Row] = []
        self._heads: dict[str, QLabel] = {}
        self.setObjectName("preferences")
        self.setWindowTitle(tr("Preferences"))
        self.resize(*SIZE)
        self._build()
        preferences.changed.connect(self._refresh)
        self._refresh()

    def _build(self) -> None:
        self._search = QLineEdit()
        self._search.setObjectName("preferences.search")
        self._search.setPlaceholderText(tr("Search preferences"))
        self._search.setAccessibleName(tr("Search preferences"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_form())
        self._pages.addWidget(self._make_text())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(self._search)
        layout.addWidget(self._pages, 1)
        layout.addLayout(self._make_buttons())

    def _make_form(self) -> QWidget:
        area = QScrollArea()
        area.setObjectName("preferences.form")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        content.setObjectName("scroll-content")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(4)
        for preference in PREFERENCES:
            if preference.group not in self._heads:
                head = QLabel(group_title(preference.group).upper())
                head.setProperty("role", "section")
                head.setContentsMargins(0, 8, 0, 0)
                self._heads[preference.group] = head
                layout.addWidget(head)
            row = self._make_row(preference)
            self._rows.append(row)
            layout.addWidget(row.body)
        self._nothing = QLabel(tr("No preference fits; try fewer letters"))
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        layout.addWidget(self._nothing)
        layout.addStretch(1)
        area.setWidget(content)
        self._area = area
        return area

    def _make_row(self, preference: Preference) -> _Row:
        param = preference.param
        key = f"preferences.{param.name}"
        field = make_field(param, key, _captions(preference))
        field.widget.setFixedWidth(FIELD_WIDTH)
        field.edited.connect(partial(self._enter, param.name))
        reset = QToolButton()
        reset.setObjectName(f"{key}.reset")
        reset.setProperty("kind", "reset")
        reset.setText("↺")
        reset.setAccessibleName(tr("Reset {name}", name=param.title))
        shown = param.show(param.default) or tr("empty")
        reset.setToolTip(tr("Back to the default: {value}", value=shown))
        reset.clicked.connect(partial(self._reset, param.name))
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        title = QLabel(param.title)
        title.setBuddy(field.widget)
        meaning = QLabel(_meaning(preference))
        meaning.setProperty("role", "muted")
        meaning.setWordWrap(True)
        error = QLabel()
        error.setObjectName(f"{key}.error")
        error.setProperty("role", "error")
        error.setWordWrap(True)
        error.hide()
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (title, meaning, error):
            words.addWidget(label)
        body = QWidget()
        body.setObjectName(f"{key}.row")
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        layout.addWidget(field.body, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(reset, 0, Qt.AlignmentFlag.AlignTop)
        return _Row(
            preference=preference, body=body, field=field, reset=reset, error=error
        )

    def _make_text(self) -> QWidget:
        page = QWidget()
        self._text = QPlainTextEdit()
        self._text.setObjectName("preferences.text")
        self._text.setAccessibleName(tr("Preferences as TOML"))
        self._text.setTabChangesFocus(True)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self._text.setFont(fixed)
        self._wrong = QLabel()
        self._wrong.setObjectName("preferences.text.error")
        self._wrong.setWordWrap(True)
        self._wrong.setProperty("role", "error")
        self._apply = _button("preferences.text.apply", tr("Apply"))
        self._apply.clicked.connect(self._take_text)
        copy = _button("preferences.text.copy", tr("Copy"))
        copy.clicked.connect(self._copy_text)
        row = QHBoxLayout()
        row.addWidget(self._wrong, 1)
        row.addWidget(copy)
        row.addWidget(self._apply)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        layout.addLayout(row)
        return page

    def _make_buttons(self) -> QHBoxLayout:
        self._reset_all = _button("preferences.reset", tr("Reset all"))
        self._reset_all.setToolTip(tr("Give every preference its default"))
        self._reset_all.clicked.connect(self._preferences.reset)
        self._switch = _button("preferences.toml", tr("As TOML"))
        self._switch.setCheckable(True)
        self._switch.setToolTip(tr("Read and change all of them as text"))
        self._switch.toggled.connect(self._show_text)
        close = _button("preferences.close", tr("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(self._reset_all)
        row.addWidget(self._switch)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def show_row(self, name: str) -> None:
        """Lead a person to one preference."""
        self._switch.setChecked(False)
        self._search.clear()
        for row in self._rows:
            if row.preference.param.name == name:
                self._area.ensureWidgetVisible(row.body)
                row.field.widget.setFocus()

    def _enter(self, name: str, text: str) -> None:
        row = next(r for r in self._rows if r.preference.param.name == name)
        try:
            self._preferences.set_text(name, text)
        except InputError as error:
            row.field.mark(str(error))
            row.error.setText(tr("Allowed: {allowed}", allowed=error.allowed))
            row.error.show()
            return
        self._refresh()

    def _reset(self, name: str, _checked: bool = False) -> None:
        param = next(p.param for p in PREFERENCES if p.param.name == name)
        self._preferences.set_value(name, param.default)
        self._refresh()

    def _refresh(self, _name: str = "") -> None:
        for row in self._rows:
            name = row.preference.param.name
            row.field.show_text(self._preferences.text(name))
            row.field.mark("")
            row.error.hide()
            row.reset.setVisible(self._preferences.differs(name))
        if self._switch.isChecked():
            self._show_text(on=True)

    def _filter(self, text: str) -> None:
        english = originals()
        fits = [
            not text.strip()
            or misfit(text, *_found_by(row.preference, english)) is not None
            for row in self._rows
        ]
        shown = set()
        for row, fit in zip(self._rows, fits, strict=True):
            row.body.setVisible(fit)
            if fit:
                shown.add(row.preference.group)
        for group, head in self._heads.items():
            head.setVisible(group in shown)
        self._nothing.setVisible(not shown)

    def _show_text(self, on: bool) -> None:
        self._pages.setCurrentIndex(1 if on else 0)
        self._search.setEnabled(not on)
        self._wrong.clear()
        if on:
            self._text.setPlainText(self._preferences.as_toml())

    def _take_text(self) -> None:
        text = self._text.toPlainText()
        try:
            self._preferences.take_toml(text)
        except InputError as error:
            self._say(str(error), "error")
            return
        self._show_text(on=True)
        self._say(tr("Taken"), "success")

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
        self._say(tr("Copied"), "success")

    def _say(self, text: str, role: str) -> None:
        self._wrong.setText(text)
        set_property(self._wrong, "role", role)


def _captions(preference: Preference) -> Mapping[str, str]:
    captions = {
        "system": tr("as the system"),
        "light": tr("light"),
        "dark": tr("dark"),
        "process": tr("a process of its own"),
        "window": tr("the process of the window"),
        "en": "English",
        "zh": "简体中文",
    }
    return {word: captions.get(word, word) for word in preference.param.choices}


def _meaning(preference: Preference) -> str:
    meaning = tr(preference.param.meaning)
    if preference.restart:
        again = tr("Takes effect when OptLab is started again.")
        return f"{meaning} {again}"
    return meaning


def _found_by(
    preference: Preference, english: Mapping[str, str]
) -> tuple[tuple[str, ...], str]:
    """Return the names and the words by which a preference is found."""
    title, meaning = preference.param.title, _meaning(preference)
    group = group_title(preference.group)
    names = (title, english.get(title, title), preference.param.name)
    words = (meaning, preference.param.meaning, group, preference.group)
    return names, " ".join((*words, *preference.param.choices))


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
