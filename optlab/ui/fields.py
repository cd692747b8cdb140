"""Editors for single values: one kind of parameter, one kind of field.

A field shows text and says what text was typed; what the text means is the business
of `optlab.params.ParamSpec`, which the command line and TOML use as well.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QWidget

from optlab.params import InputError, Kind, ParamSpec, ParamValue, format_number
from optlab.translate import tr

_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+")
_LADDER: Final = (1.0, 2.0, 5.0, 10.0)


class Field(QObject):
    """One editor on a form: a widget that shows text and reports what is typed.

    Attributes:
        spec: The parameter.
        widget: What has the name of the parameter, its tool tip and the focus.
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
        self.widget.setToolTip(tool_tip(self.spec, error=error))


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
            return self.spec.parse(self.text(), "") == self.spec.parse(text, "")
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


class NumberEdit(QLineEdit):
    """A line in which Up and Down walk through sensible numbers."""

    def __init__(self, spec: ParamSpec) -> None:
        super().__init__()
        self._spec = spec

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Up and Down as the next larger and smaller sensible number."""
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        text = stepped(self._spec, self.text().replace(",", ""), direction)
        if not text:
            super().keyPressEvent(event)
            return
        self.setText(text)
        self.textEdited.emit(text)


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


def tool_tip(spec: ParamSpec, *, error: str = "") -> str:
    """Return what there is to say about a parameter, as rich text."""
    lines = [f"<b>{escape(spec.title)}</b>", escape(tr(spec.meaning))]
    if error:
        lines.insert(0, f"<b>{escape(error)}</b>")
    if spec.fixed:
        lines.append(escape(spec.allowed()))
    else:
        lines += _facts(spec)
    return "<p>" + "<br>".join(lines) + "</p>"


def _facts(spec: ParamSpec) -> list[str]:
    default = escape(spec.show(spec.default)) or tr("empty")
    unit = f" {escape(tr(spec.unit))}" if spec.unit else ""
    facts = [
        tr("Default: {value}", value=default + unit),
        tr("Allowed: {allowed}", allowed=escape(spec.allowed())),
    ]
    if spec.suggested is not None:
        low, high = (format_number(number) for number in spec.suggested)
        facts.append(tr("Usual: {low} to {high}", low=low, high=high))
    return facts


def _words(spec: ParamSpec) -> tuple[str, ...]:
    words = spec.choices if spec.kind is Kind.CHOICE else (tr("on"), tr("off"))
    return (spec.none_word, *words) if spec.optional else words


def grouped(text: str) -> str:
    """Return a whole number with separators of thousands; other text as it is."""
    return f"{int(text):,}" if re.fullmatch(r"-?\d{4,}", text) else text


def stepped(spec: ParamSpec, text: str, direction: int) -> str:
    """Return the next sensible number above or below the one in ``text``.

    Whole numbers go by one, those with a logarithmic scale by 1, 2, 5, 10, others by
    a tenth of their leading digit's place. Empty where there is none to go to.
    """
    if not direction or spec.kind not in (Kind.FLOAT, Kind.INT):
        return ""
    try:
        value = spec.parse(text, "")
    except InputError:
        return ""
    if value is None or isinstance(value, str | tuple):
        return ""
    new: ParamValue
    if spec.kind is Kind.INT:
        new = int(value) + direction
    elif spec.log and value > 0:
        new = _on_ladder(float(value), direction)
    else:
        place = 10.0 ** (_exponent(float(value)) - 1) if value else 0.1
        new = round(float(value) + direction * place, 12)
    try:
        return spec.show(spec.check(new, ""))
    except InputError:
        return ""


def _exponent(value: float) -> int:
    return int(f"{abs(value):e}".partition("e")[2])


def _on_ladder(value: float, direction: int) -> float:
    decade = 10.0 ** _exponent(value)
    rungs = [r * decade for r in (0.1, 0.2, 0.5, *_LADDER)]
    close = 1e-9 * value
    if direction > 0:
        found = min(r for r in rungs if r > value + close)
    else:
        found = max(r for r in rungs if r < value - close)
    return float(f"{found:.6g}")


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
