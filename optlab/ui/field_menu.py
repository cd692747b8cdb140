"""The menu of a field: edit its text, reset it, copy it to wherever else it stands."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu, QWidget

from optlab.translate import tr
from optlab.ui.actions import add_entry
from optlab.ui.editor import SpecEditor
from optlab.ui.elsewhere import same_elsewhere, toml_line
from optlab.ui.fields import Field


class FieldMenu(QObject):
    """Opens on a right click on a field or its label, by Menu and by Shift+F10.

    Args:
        editor: Where the value is.
        key: Its dotted place.
        field: The field.
        label: What stands beside it.
        reset_all: Gives all parameters of the form their defaults.
        differing: Returns how many of them have others.
    """

    def __init__(
        self,
        editor: SpecEditor,
        key: str,
        *,
        field: Field,
        label: QWidget,
        reset_all: Callable[[], None],
        differing: Callable[[], int],
    ) -> None:
        super().__init__(field.widget)
        self._editor = editor
        self._key = key
        self._field = field
        self._reset_all = reset_all
        self._differing = differing
        self._line = _line_of(field.widget)
        self._menu = QMenu(field.widget)
        self._menu.setObjectName(f"{key}.context")
        self._menu.setToolTipsVisible(True)
        for widget in {field.widget, self._line or field.widget, label}:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu in the place of the usual one."""
        if isinstance(event, QContextMenuEvent):
            if not self._menu.isVisible():
                self.open(event.globalPos())
            return True
        pressed = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if pressed and isinstance(event, QKeyEvent) and _asks_for_menu(event):
            widget = self._field.widget
            self.open(widget.mapToGlobal(QPoint(0, widget.height())))
            return True
        return super().eventFilter(watched, event)

    def open(self, corner: QPoint) -> None:
        """Open the menu at a place on the screen."""
        self._menu.clear()
        if self._line is not None and self._line.isEnabled():
            self._add_editing(self._line)
            self._menu.addSeparator()
        self._add_resets()
        self._menu.addSeparator()
        self._add_copies()
        self._menu.popup(corner)

    def _add_editing(self, line: QLineEdit) -> None:
        clipboard = QGuiApplication.clipboard()
        for part, text, act, can in (
            ("cut", tr("Cut"), line.cut, line.hasSelectedText()),
            ("copy", tr("Copy"), self._copy, bool(line.text())),
            ("paste", tr("Paste"), line.paste, bool(clipboard.text())),
        ):
            self._add(part, text, act, can=can)

    def _add_resets(self) -> None:
        editor = self._editor
        spec = editor.param(self._key)
        shown = spec.show(spec.default) or tr("empty")
        reset = partial(editor.reset_value, self._key)
        can = bool(editor.differing([self._key]))
        self._add("reset", tr("Reset to {value}", value=shown), reset, can=can)
        count = self._differing()
        text = tr("Reset all ({n})", n=count) if count else tr("Reset all")
        self._add("reset_all", text, self._reset_all, can=bool(count))

    def _add_copies(self) -> None:
        editor = self._editor
        spec = editor.param(self._key)
        value, drafted = editor.value(self._key), editor.draft(self._key) is not None
        places = same_elsewhere(self._key, editor.spec, editor.catalog)
        wrong = tr("What is typed cannot be used.") if drafted else ""
        if places:
            others = [place for place in places if editor.value(place) != value]
            text = tr(
                "Set {name} of all optimizers to {value} ({n})",
                name=spec.title,
                value=spec.show(value) or tr("empty"),
                n=len(places),
            )
            alone = tr("No other optimizer has it, or the value is not allowed there.")
            alike = tr("All that have it have this value already.")
            tip = wrong or (alone if len(places) < 2 else "" if others else alike)
            act = partial(editor.set_values, dict.fromkeys(others, value), text)
            self._add("all", text, act, can=not tip, tip=tip)
        line = partial(_put, toml_line(spec, value))
        self._add("toml", tr("Copy as TOML line"), line, can=not drafted, tip=wrong)

    def _copy(self) -> None:
        if self._line is not None:
            _put(self._line.selectedText() or self._line.text())

    def _add(
        self,
        part: str,
        text: str,
        act: Callable[[], object],
        *,
        can: bool,
        tip: str = "",
    ) -> None:
        name = f"{self._key}.context.{part}"
        entry = add_entry(self._menu, name, text, act, tip=tip or text)
        entry.setEnabled(can)


def _put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _line_of(widget: QWidget) -> QLineEdit | None:
    if isinstance(widget, QLineEdit):
        return widget
    return widget.lineEdit() if isinstance(widget, QComboBox) else None


def _asks_for_menu(event: QKeyEvent) -> bool:
    shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    return event.key() == Qt.Key.Key_Menu or bool(
        event.key() == Qt.Key.Key_F10 and shifted
    )
