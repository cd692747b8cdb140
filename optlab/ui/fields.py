"""Editors for single values: one kind of parameter, one kind of field.

A field shows text and says what text was typed; what the text means is the business
of `optlab.ui.arithmetic` and of `optlab.params.ParamSpec`.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QWidget

from optlab.params import InputError, Kind, ParamSpec
from optlab.translate import tr
from optlab.ui.arithmetic import understood
from optlab.ui.elided_edit import ElidedEdit
from optlab.ui.number_edit import NumberEdit
from optlab.ui.tips import About, tool_tip

# Not longer: Python refuses to count thousands of digits.
_WHOLE: Final = re.compile(r"-?\d{4,40}")
_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+")


class Field(QObject):
    """One editor on a form: a widget that shows text and reports what is typed.

    Attributes:
        spec: The parameter.
        widget: What has the name of the parameter, its tool tip and the focus.
        about: What the parameter belongs to, for the tool tip.
        error: What is wrong with what is shown; empty if nothing is.
        body: What stands on the form: the widget, and what belongs beside it.
        below: What stands under it in the whole width; None for nothing.
    """

    edited = Signal(str)
    """A person changed the text to this."""
    finished = Signal()
    """A person left the field or pressed Enter."""

    def __init__(self, spec: ParamSpec, key: str, widget: QWidget) -> None:
        super().__init__(widget)
        self.spec = spec
        self.widget = widget
        self.body = widget
        self.below: QWidget | None = None
        self.about: About | None = None
        self.error = ""
        widget.setObjectName(key)
        widget.setAccessibleName(spec.title)
        widget.setToolTip(tool_tip(spec))
        widget.setAccessibleDescription(tr(spec.meaning))
        widget.setEnabled(not spec.fixed)

    @abstractmethod
    def show_text(self, text: str) -> None:
        """Show ``text``, which `ParamSpec.show` made or a person typed."""

    @abstractmethod
    def text(self) -> str:
        """Return the text that is shown, as `ParamSpec.parse` takes it."""

    def mark(self, error: str) -> None:
        """Mark the field as wrong with a sentence; an empty one takes the mark off."""
        if bool(self.widget.property("invalid")) != bool(error):
            self.widget.setProperty("invalid", bool(error))
            repolish(self.widget)
        self.error = error
        self.widget.setToolTip(self.tip())

    def tip(self, picture: str = "") -> str:
        """Return what the tool tip says.

        Args:
            picture: Rich text that shows a formula; empty for its plain text.
        """
        return tool_tip(self.spec, error=self.error, about=self.about, picture=picture)


class LineField(Field):
    """Numbers, lists of numbers and text: what is typed is what is meant."""

    def __init__(self, spec: ParamSpec, key: str) -> None:
        self.line = NumberEdit(spec)
        super().__init__(spec, key, self.line)
        self.line.textEdited.connect(self._report)
        self.line.editingFinished.connect(self.finished)

    def show_text(self, text: str) -> None:
        """Show ``text`` unless that would disturb a person who types the same."""
        shown = grouped(text) if self.spec.kind is Kind.INT else text
        if self.line.text() == shown:
            return
        if self.line.hasFocus() and self._means(text):
            return
        self.line.setText(shown)
        self.line.setCursorPosition(0)

    def text(self) -> str:
        """Return what is typed, without separators of thousands."""
        text = self.line.text()
        if self.spec.kind is Kind.INT and _GROUPED.fullmatch(text.strip()):
            return text.replace(",", "")
        return text

    def normalize(self, text: str) -> None:
        """Show ``text`` as it is written, even while the field has the focus."""
        self.line.setText(grouped(text) if self.spec.kind is Kind.INT else text)

    def _report(self, _: str) -> None:
        self.edited.emit(self.text())

    def _means(self, text: str) -> bool:
        try:
            typed = understood(self.spec, self.text(), "")
            return typed == self.spec.parse(text, "")
        except InputError:
            return False


class ComboField(Field):
    """One of several words; where one's own is legal, also a path that is typed."""

    def __init__(
        self, spec: ParamSpec, key: str, captions: Mapping[str, str] | None = None
    ) -> None:
        self.combo = QuietCombo()
        super().__init__(spec, key, self.combo)
        for word in _words(spec):
            self.combo.addItem((captions or {}).get(word, word), word)
        self._shown = ""
        self.combo.activated.connect(self._report)
        if spec.own:
            self.combo.setEditable(True)
            self.combo.setLineEdit(ElidedEdit())
            self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.combo.lineEdit()
        if line is not None:
            line.setObjectName(f"{key}.own")
            line.setAccessibleName(spec.title)
            line.editingFinished.connect(self._typed)

    def show_text(self, text: str) -> None:
        """Choose the word ``text``, or show it where it is none."""
        index = self.combo.findData(text)
        if index != self.combo.currentIndex():
            self.combo.setCurrentIndex(index)
        if index < 0 and self.combo.isEditable():
            self.combo.setEditText(text)
        line = self.combo.lineEdit()
        if line is not None:
            # Where there is little room, names are told apart by how they begin.
            line.setCursorPosition(0)
        self._shown = self.text()

    def text(self) -> str:
        """Return the chosen word, or what is typed in its place."""
        if not self.combo.isEditable():
            return str(self.combo.currentData() or "")
        index = self.combo.findText(self.combo.currentText())
        data = self.combo.itemData(index)
        return str(data if index >= 0 else self.combo.currentText()).strip()

    def _report(self, _: int) -> None:
        self._shown = self.text()
        self.edited.emit(self._shown)
        self.finished.emit()

    def _typed(self) -> None:
        if self.text() != self._shown:
            self._report(0)


class SwitchField(Field):
    """On or off."""

    def __init__(self, spec: ParamSpec, key: str) -> None:
        self.box = QCheckBox()
        super().__init__(spec, key, self.box)
        self.box.clicked.connect(self._report)
        self.box.toggled.connect(self._caption)
        self._caption(checked=False)

    def show_text(self, text: str) -> None:
        """Switch as ``text`` says."""
        self.box.setChecked(text == tr("on"))

    def text(self) -> str:
        """Return ``on`` or ``off``."""
        return tr("on") if self.box.isChecked() else tr("off")

    def _caption(self, checked: bool) -> None:
        self.box.setText(tr("on") if checked else tr("off"))

    def _report(self, _: bool) -> None:
        self.edited.emit(self.text())
        self.finished.emit()


class QuietCombo(QComboBox):
    """A combo box that the mouse wheel changes only when it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel that scrolls, unless it is meant for this."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def make_field(
    spec: ParamSpec, key: str, captions: Mapping[str, str] | None = None
) -> Field:
    """Return the field for one parameter.

    Args:
        spec: The parameter.
        key: Its dotted place, which becomes the widget's name.
        captions: Words that people read for the words of a choice.
    """
    if spec.kind is Kind.CHOICE or (spec.kind is Kind.BOOL and spec.optional):
        return ComboField(spec, key, captions)
    makers: dict[Kind, Callable[[ParamSpec, str], Field]] = {Kind.BOOL: SwitchField}
    return makers.get(spec.kind, LineField)(spec, key)


def _words(spec: ParamSpec) -> tuple[str, ...]:
    words = spec.choices if spec.kind is Kind.CHOICE else (tr("on"), tr("off"))
    return (spec.none_word, *words) if spec.optional else words


def grouped(text: str) -> str:
    """Return a whole number with separators of thousands; other text as it is."""
    return f"{int(text):,}" if _WHOLE.fullmatch(text) else text


def discard(widget: QWidget) -> None:
    """Take a widget off the screen now, and away when it is safe.

    A field that loses the focus by that has nothing to say any more.
    """
    for part in widget.findChildren(QWidget):
        part.blockSignals(True)
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def leave_field() -> None:
    """Take what is typed in the field that has the focus as finished."""
    field = QApplication.focusWidget()
    if isinstance(field, QLineEdit):
        field.editingFinished.emit()


def repolish(widget: QWidget) -> None:
    """Apply the style sheet again after a property that it looks at has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
