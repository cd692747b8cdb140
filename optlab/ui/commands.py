"""Everything that can be done in the window: one table of named commands.

Menus, the palette, the editor of shortcuts and tool tips read nothing else. The parts
of the window add what they can do when it is built; shortcuts that a person chose are
put on as commands are added, and kept in the settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from optlab.translate import tr

Group = Literal["file", "edit", "view", "plots", "run", "library", "help"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
"""Where commands belong, in the order of menus and lists."""

Keys = tuple[QKeySequence, ...]
_TYPING: Final = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
_PRESSED: Final = (QAbstractButton, QComboBox, QAbstractItemView, *_TYPING)
_PLAIN: Final = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """One thing that can be done.

    Attributes:
        name: Its lasting name; that of its action is ``action.<name>``.
        group: Where it belongs.
        action: What menus and shortcuts trigger.
        defaults: Its shortcuts, unless a person chose others.
        tip: More in words; empty where the text says it all.
        blocked: Returns why it cannot be done now; empty if it can.
        checked: Returns whether it is on; None for what is not switched.
        everywhere: Whether its shortcuts come before the keys with which one edits.
    """

    name: str
    group: Group
    action: QAction
    defaults: Keys
    tip: str
    blocked: Callable[[], str] | None
    checked: Callable[[], bool] | None
    everywhere: bool

    @property
    def text(self) -> str:
        """What it says, without the dots of a dialog."""
        return self.action.text().removesuffix("…")

    @property
    def keys(self) -> Keys:
        """Its present shortcuts."""
        return tuple(self.action.shortcuts())

    def reason(self) -> str:
        """Return why it cannot be done now; empty if it can."""
        return "" if self.blocked is None else self.blocked()


class Commands(QObject):
    """The commands of one window.

    Args:
        window: The window in which shortcuts work; it owns the commands.
        settings: Where shortcuts that a person chose are kept.
    """

    changed = Signal()
    """A command was added, or has other shortcuts."""

    def __init__(self, window: QWidget, settings: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._made: dict[str, Command] = {}
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._watch)

    def add(
        self,
        name: str,
        text: str,
        act: Callable[[], object],
        *,
        keys: Sequence[str | QKeySequence.StandardKey] = (),
        group: Group,
        tip: str = "",
        blocked: Callable[[], str] | None = None,
        checked: Callable[[], bool] | None = None,
        everywhere: bool = False,
    ) -> QAction:
        """Add a command and return its action.

        Args:
            name: Its lasting name.
            text: What it says, in the language in force.
            act: What it does.
            keys: Its shortcuts, as ``Ctrl+K`` or as those that a system is used to.
            group: Where it belongs.
            tip: More in words.
            blocked: Returns why it cannot be done now; empty if it can.
            checked: Returns whether it is on, for what is switched on and off.
            everywhere: Whether its shortcuts work in a field that would edit by them.

        Raises:
            ValueError: There is a command of that name.
        """
        if name in self._made:
            raise ValueError(f"two commands are named {name}")
        action = QAction(text, self)
        action.setObjectName(f"action.{name}")
        action.setCheckable(checked is not None)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        command = Command(
            name=name,
            group=group,
            action=action,
            defaults=_sequences(keys),
            tip=tip,
            blocked=blocked,
            checked=checked,
            everywhere=everywhere,
        )

        def run(_checked: bool = False) -> None:
            act()
            self._show(command)

        action.triggered.connect(run)
        self._window.addAction(action)
        self._made[name] = command
        action.setShortcuts(list(self._kept(command)))
        self._show(command)
        self.changed.emit()
        return action

    def __getitem__(self, name: str) -> QAction:
        """Return the action of a command."""
        return self._made[name].action

    def __contains__(self, name: str) -> bool:
        """Return whether there is a command of that name."""
        return name in self._made

    def find(self, name: str) -> Command:
        """Return a command."""
        return self._made[name]

    def all(self) -> tuple[Command, ...]:
        """Return all commands, group by group, each in the order of adding."""
        return tuple(command for group in GROUPS for command in self.of(group))

    def of(self, group: Group) -> tuple[Command, ...]:
        """Return the commands of one group."""
        return tuple(c for c in self._made.values() if c.group == group)

    def refresh(self) -> None:
        """Show which commands can be done now, and which are on."""
        for command in self._made.values():
            self._show(command)

    # -- shortcuts -----------------------------------------------------------------

    def set_keys(self, name: str, keys: Sequence[QKeySequence]) -> None:
        """Give a command other shortcuts, and keep them.

        Whoever had one of them loses it: a key does one thing.
        """
        self._put(self._made[name], tuple(keys))
        for other in self._made.values():
            rest = tuple(k for k in other.keys if k not in keys)
            if other.name != name and rest != other.keys:
                self._put(other, rest)
        self.changed.emit()

    def reset_keys(self, name: str) -> None:
        """Give a command the shortcuts that it had in the beginning."""
        self.set_keys(name, self._made[name].defaults)

    def reset_all_keys(self) -> None:
        """Give every command the shortcuts that it had in the beginning."""
        for command in self._made.values():
            self._put(command, command.defaults)
        self.changed.emit()

    def owner(self, keys: QKeySequence) -> Command | None:
        """Return the command that has a shortcut, or one that would hide it."""
        no = QKeySequence.SequenceMatch.NoMatch
        for command in self.all():
            for there in command.keys:
                if there.matches(keys) != no or keys.matches(there) != no:
                    return command
        return None

    def told(self, name: str, text: str = "") -> str:
        """Return a tool tip for a widget that does what a command does.

        Args:
            name: The command.
            text: What to say instead of the command's own words.
        """
        command = self._made[name]
        text = text or command.tip or command.text
        return f"{text} ({shortcut_words(command.keys)})" if command.keys else text

    def _put(self, command: Command, keys: Keys) -> None:
        place = f"shortcuts/{command.name}"
        if keys == command.defaults:
            self._settings.remove(place)
        else:
            self._settings.setValue(place, _kept_as(keys))
        command.action.setShortcuts(list(keys))
        self._show(command)

    def _kept(self, command: Command) -> Keys:
        """Return the shortcuts that a person chose for a command, or the first ones."""
        kept = self._settings.value(f"shortcuts/{command.name}")
        if isinstance(kept, str):
            portable = QKeySequence.SequenceFormat.PortableText
            return tuple(
                k
                for k in QKeySequence.listFromString(kept, portable)
                if not k.isEmpty()
            )
        # A person may have given one of them to another command.
        others = [c for c in self._made.values() if command.defaults]
        return tuple(
            k for k in command.defaults if not any(k in c.keys for c in others)
        )

    # -- inside ----------------------------------------------------------------

    def _show(self, command: Command) -> None:
        reason = command.reason()
        command.action.setEnabled(not reason)
        if command.checked is not None:
            command.action.setChecked(command.checked())
        tip = self.told(command.name)
        command.action.setToolTip(f"{tip}\n{reason}" if reason else tip)

    @Slot(QWidget, QWidget)
    def _watch(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Hear of the keys in a field before it takes them for its own."""
        if isinstance(now, _TYPING) and self._window.isAncestorOf(now):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep plain keys for the field or the button that has the focus.

        But not those that work everywhere: the field would take some to edit by.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(
            event, QKeyEvent
        ):
            if watched is not self._window:
                event.ignore()
                return self._works_everywhere(QKeySequence(event.keyCombination()))
            if is_for_focus(event, self._window.focusWidget()):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def _works_everywhere(self, keys: QKeySequence) -> bool:
        return any(c.everywhere and keys in c.keys for c in self._made.values())


def is_for_focus(event: QKeyEvent, focused: QWidget | None) -> bool:
    """Return whether a key belongs to what has the focus, and is no shortcut.

    Args:
        event: The key.
        focused: The widget that has the focus.
    """
    if event.modifiers() not in _PLAIN:
        return False
    if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return isinstance(focused, _PRESSED)
    return bool(event.text().strip()) and isinstance(focused, _TYPING)


def shortcut_words(keys: Sequence[QKeySequence]) -> str:
    """Return shortcuts as people read them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(key.toString(native) for key in keys)


def group_title(group: Group) -> str:
    """Return the name of a group that people read."""
    titles: dict[Group, str] = {
        "file": tr("File"),
        "edit": tr("Edit"),
        "view": tr("View"),
        "plots": tr("Plots"),
        "run": tr("Run"),
        "library": tr("Library"),
        "help": tr("Help"),
    }
    return titles[group]


def _sequences(keys: Sequence[str | QKeySequence.StandardKey]) -> Keys:
    found: list[QKeySequence] = []
    for key in keys:
        if isinstance(key, str):
            found.append(QKeySequence(key))
        else:
            found += filter(_on_any_keyboard, QKeySequence.keyBindings(key))
    return tuple(found)


def _on_any_keyboard(keys: QKeySequence) -> bool:
    """Return False for keys such as Save, which few keyboards have."""
    text = keys.toString()
    return "+" in text or re.fullmatch(r"F\d+", text) is not None


def _kept_as(keys: Keys) -> str:
    portable = QKeySequence.SequenceFormat.PortableText
    return QKeySequence.listToString(list(keys), portable)
