"""Every command with its shortcut: found by typing, changed by pressing the keys.

A key does one thing: where the keys belong to another command, its name is shown, and
a person either swaps the two or keeps things as they are.
"""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from optlab.translate import originals, tr
from optlab.ui.commands import Command, Commands, group_title, shortcut_words
from optlab.ui.fuzzy import misfit
from optlab.ui.theme import set_property

SIZE: Final = (620, 520)
KEYS_WIDTH: Final = 170
NAME: Final = Qt.ItemDataRole.UserRole


class ShortcutsDialog(QDialog):
    """Shows the shortcuts of all commands and changes them.

    Args:
        commands: The commands.
        parent: The window.
    """

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = commands
        self._rows: dict[str, QTreeWidgetItem] = {}
        self.setObjectName("shortcuts")
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(*SIZE)
        self._build()
        commands.changed.connect(self._refresh)
        self._fill()

    def _build(self) -> None:
        hint = tr("Search commands or keys")
        self._search = QLineEdit()
        self._search.setObjectName("shortcuts.search")
        self._search.setPlaceholderText(hint)
        self._search.setAccessibleName(hint)
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._tree = QTreeWidget()
        self._tree.setObjectName("shortcuts.list")
        self._tree.setAccessibleName(tr("Commands and their shortcuts"))
        self._tree.setHeaderLabels([tr("Command"), tr("Shortcut")])
        self._tree.setRootIsDecorated(False)
        self._tree.setIndentation(0)
        self._tree.setFrameShape(QFrame.Shape.NoFrame)
        self._tree.setUniformRowHeights(True)
        mode = QAbstractItemView.ScrollMode.ScrollPerPixel
        self._tree.setVerticalScrollMode(mode)
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(1, KEYS_WIDTH)
        self._tree.currentItemChanged.connect(self._choose)
        self._tree.itemActivated.connect(self._record)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(self._search)
        layout.addWidget(self._tree, 1)
        layout.addLayout(self._make_editor())
        layout.addLayout(self._make_conflict())
        layout.addLayout(self._make_buttons())

    def _make_editor(self) -> QHBoxLayout:
        self._edit = QKeySequenceEdit()
        self._edit.setObjectName("shortcuts.keys")
        self._edit.setAccessibleName(tr("New shortcut"))
        self._edit.setToolTip(tr("Click here and press the keys"))
        self._edit.setMaximumSequenceLength(1)
        line = self._edit.findChild(QLineEdit)
        if line is not None:
            line.setObjectName("shortcuts.keys.text")
            line.setPlaceholderText(tr("Press the keys"))
        self._edit.editingFinished.connect(self._take)
        self._remove = _button("shortcuts.remove", tr("Remove"))
        self._remove.setToolTip(tr("Leave this command without a shortcut"))
        self._remove.clicked.connect(self._take_away)
        self._reset = _button("shortcuts.reset", tr("Reset"))
        self._reset.clicked.connect(self._reset_one)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._chosen = QLabel()
        self._chosen.setObjectName("shortcuts.chosen")
        row.addWidget(self._chosen, 1)
        self._edit.setFixedWidth(KEYS_WIDTH)
        for widget in (self._edit, self._remove, self._reset):
            row.addWidget(widget)
        return row

    def _make_conflict(self) -> QHBoxLayout:
        self._words = QLabel()
        self._words.setObjectName("shortcuts.words")
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._swap = _button("shortcuts.swap", tr("Swap"))
        self._swap.clicked.connect(self._do_swap)
        self._keep = _button("shortcuts.cancel", tr("Cancel"))
        self._keep.clicked.connect(self._show_chosen)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        row.addWidget(self._swap)
        row.addWidget(self._keep)
        return row

    def _make_buttons(self) -> QHBoxLayout:
        everything = _button("shortcuts.reset-all", tr("Reset all"))
        everything.setToolTip(tr("Give every command the shortcut it began with"))
        everything.clicked.connect(self._commands.reset_all_keys)
        close = _button("shortcuts.close", tr("Close"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addWidget(everything)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def choose(self, name: str) -> None:
        """Lead a person to one command."""
        self._tree.setCurrentItem(self._rows[name])
        hint = QAbstractItemView.ScrollHint.PositionAtCenter
        self._tree.scrollToItem(self._rows[name], hint)

    # -- inside ----------------------------------------------------------------

    def _fill(self) -> None:
        self._tree.clear()
        self._rows = {}
        for command in self._commands.all():
            item = QTreeWidgetItem(["", ""])
            item.setData(0, NAME, command.name)
            self._tree.addTopLevelItem(item)
            self._rows[command.name] = item
        self._refresh()
        first = next(iter(self._rows.values()), None)
        if first is not None:
            self._tree.setCurrentItem(first)

    def _refresh(self) -> None:
        if set(self._rows) != {c.name for c in self._commands.all()}:
            self._fill()
            return
        for name, item in self._rows.items():
            command = self._commands.find(name)
            item.setText(0, f"{group_title(command.group)} · {command.text}")
            item.setText(1, shortcut_words(command.keys))
            font = item.font(1)
            font.setBold(command.keys != command.defaults)
            item.setFont(1, font)
            if command.keys != command.defaults:
                began = shortcut_words(command.defaults) or tr("none")
                item.setToolTip(1, tr("Began with: {keys}", keys=began))
            else:
                item.setToolTip(1, "")
        self._show_chosen()

    def _current(self) -> Command | None:
        item = self._tree.currentItem()
        return None if item is None else self._commands.find(item.data(0, NAME))

    def _choose(self, *_items: object) -> None:
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Show the shortcut of the current command; nothing is asked any more."""
        command = self._current()
        self._chosen.setText("" if command is None else command.text)
        self._edit.blockSignals(True)
        first = command.keys[0] if command and command.keys else QKeySequence()
        self._edit.setKeySequence(first)
        self._edit.blockSignals(False)
        self._edit.setEnabled(command is not None)
        self._remove.setEnabled(command is not None and bool(command.keys))
        differs = command is not None and command.keys != command.defaults
        self._reset.setEnabled(differs)
        if command is not None:
            began = shortcut_words(command.defaults) or tr("none")
            self._reset.setToolTip(tr("Back to the default: {value}", value=began))
        self._say("")

    def _record(self) -> None:
        self._edit.setFocus()

    def _take(self) -> None:
        """Give the recorded keys to the current command, unless another has them."""
        command, keys = self._current(), self._edit.keySequence()
        if command is None or keys.isEmpty() or keys in command.keys:
            return
        owner = self._commands.owner(keys)
        if owner is None or owner.name == command.name:
            self._commands.set_keys(command.name, [keys])
            return
        told = shortcut_words([keys])
        self._say(tr("{keys} belongs to: {name}", keys=told, name=owner.text), ask=True)

    def _do_swap(self) -> None:
        """Give the recorded keys to the current command, and its own to the other."""
        command, keys = self._current(), self._edit.keySequence()
        owner = self._commands.owner(keys)
        if command is None or owner is None:
            return
        others = [key for key in owner.keys if key != keys]
        before = [*command.keys]
        self._commands.set_keys(command.name, [keys])
        self._commands.set_keys(owner.name, [*before, *others])

    def _take_away(self) -> None:
        command = self._current()
        if command is not None:
            self._commands.set_keys(command.name, [])

    def _reset_one(self) -> None:
        command = self._current()
        if command is not None:
            self._commands.reset_keys(command.name)

    def _say(self, text: str, *, ask: bool = False) -> None:
        self._words.setText(text)
        set_property(self._words, "role", "warning" if ask else "muted")
        self._swap.setVisible(ask)
        self._keep.setVisible(ask)

    def _filter(self, text: str) -> None:
        english = originals()
        first = None
        for name, item in self._rows.items():
            command = self._commands.find(name)
            group = group_title(command.group)
            said = command.text
            names = (said, english.get(said, said), english.get(f"{said}…", said))
            words = f"{group} {shortcut_words(command.keys)} {command.tip} {name}"
            fits = not text.strip() or misfit(text, names, words) is not None
            item.setHidden(not fits)
            if fits and first is None:
                first = item
        current = self._tree.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self._tree.setCurrentItem(first)


def _button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
