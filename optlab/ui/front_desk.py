"""What opens over the window: palette, preferences, shortcuts, messages, plug-ins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QDialog

from optlab.plugins import Plugin, safe_mode, switch_plugin
from optlab.translate import tr
from optlab.ui.about import AboutDialog
from optlab.ui.commands import shortcut_words
from optlab.ui.icons import icon
from optlab.ui.message_list import MessageList
from optlab.ui.palette import Palette
from optlab.ui.palette_entries import entries
from optlab.ui.plugins_dialog import PluginsDialog
from optlab.ui.preferences_dialog import PreferencesDialog
from optlab.ui.shortcuts_dialog import ShortcutsDialog
from optlab.ui.status_details import FactDetails, details

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class FrontDesk(QObject):
    """Opens dialogs and adds the commands that do so; made with the widgets.

    Attributes:
        palette: The command palette.
        messages: The history of what was said.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialogs: dict[str, QDialog] = {}
        session = window.session
        # Children of the bar, so that they go with the other widgets.
        self.palette = Palette(
            window.state, settings=session.settings, parent=window.bar
        )
        self.messages = MessageList(
            window.state, session.messages, parent=window.center
        )
        window.state.theme_changed.connect(self._tell_messages)
        add = window.commands.add
        add(
            "palette",
            tr("Command palette"),
            self.show_palette,
            keys=["Ctrl+Shift+P", "Ctrl+K"],
            group="help",
            tip=tr("Find and do anything by typing"),
            everywhere=True,
        )
        add(
            "preferences",
            tr("Preferences…"),
            self.show_preferences,
            keys=["Ctrl+,"],
            group="edit",
        )

        add(
            "shortcuts",
            tr("Keyboard shortcuts…"),
            self.show_shortcuts,
            keys=["Ctrl+Alt+K"],
            group="edit",
        )
        add("plugins", tr("Plug-ins…"), self.show_plugins, group="edit")
        add("messages", tr("Messages"), self.show_messages, group="view")
        add("about", tr("About OptLab"), self.show_about, group="help")
        window.commands.changed.connect(self._tell_keys)
        session.messages.changed.connect(self._tell_messages)
        for plugin in session.plugins:
            self._tell_failure(plugin)
        self._tell_messages()
        self._tell_keys()

    @Slot()
    def _tell_keys(self) -> None:
        commands = self._window.commands.all()
        keys = {c.name: shortcut_words(c.keys) for c in commands}
        self._window.bar.show_keys(keys)

    @Slot()
    def _tell_messages(self) -> None:
        status, state = self._window.status, self._window.state
        status.show_messages(self._window.session.messages.unread)
        status.messages_button.setIcon(icon("bell", state.theme))

    def _tell_failure(self, plugin: Plugin) -> None:
        told = {message.text for message in self._window.session.messages.kept}
        text = tr(
            "The plug-in {name} was not loaded: {reason}",
            name=plugin.name,
            reason=plugin.error,
        )
        if plugin.error and not safe_mode() and text not in told:
            self._window.notice.say(text, severity="warning")

    @Slot()
    def show_palette(self) -> None:
        """Open the palette with everything that can be done now."""
        self.palette.open_over(self._window, entries(self._window))

    def show_preferences(self, name: str = "") -> None:
        """Open the preferences; at one of them, if it is named."""
        dialog = self._dialogs.get("preferences")
        if not isinstance(dialog, PreferencesDialog):
            session = self._window.session
            dialog = PreferencesDialog(session.preferences, self._window.center)
        self._open("preferences", dialog)
        if name:
            dialog.show_row(name)

    def show_shortcuts(self, name: str = "") -> None:
        """Open the editor of shortcuts; at one command, if it is named."""
        dialog = self._dialogs.get("shortcuts")
        if not isinstance(dialog, ShortcutsDialog):
            dialog = ShortcutsDialog(self._window.commands, self._window.center)
        self._open("shortcuts", dialog)
        if name:
            dialog.choose(name)

    def show_plugins(self) -> None:
        """Open the list of plug-ins."""
        dialog = self._dialogs.get("plugins")
        if dialog is None:
            session = self._window.session
            folder = Path(session.settings.fileName()).parent

            def switch(name: str, on: bool) -> None:
                switch_plugin(name, on=on, folder=folder)

            dialog = PluginsDialog(
                session.plugins, switch=switch, parent=self._window.center
            )
        self._open("plugins", dialog)

    def show_about(self) -> None:
        """Open what tells of OptLab and its versions."""
        dialog = self._dialogs.get("about")
        if dialog is None:
            dialog = AboutDialog(self._window.state, self._window.center)
        self._open("about", dialog)

    @Slot()
    def show_messages(self) -> None:
        """Open the history of what was said."""
        button = self._window.status.messages_button
        corner = button.mapToGlobal(QPoint(button.width(), -4))
        self.messages.open_above(corner)

    @Slot(str)
    def show_fact(self, name: str) -> None:
        """Tell more of a fact in the status bar."""
        fact = self._window.status.fact(name)
        path = self._window.controller.path if name == "saved" else None
        pop_up = FactDetails(
            fact.title,
            details(self._window, name),
            parent=self._window.center,
            folder=None if path is None else path.parent,
        )
        pop_up.open_above(fact.mapToGlobal(QPoint(0, -4)))

    def opened(self) -> tuple[str, ...]:
        """Return the names of the dialogs that are open."""
        return tuple(n for n, d in self._dialogs.items() if d.isVisible())

    def reopen(self, names: tuple[str, ...]) -> None:
        """Open dialogs that were open before the widgets were made anew."""
        makers = {
            "preferences": self.show_preferences,
            "shortcuts": self.show_shortcuts,
            "plugins": self.show_plugins,
            "about": self.show_about,
        }
        for name in names:
            makers[name]()

    def _open(self, name: str, dialog: QDialog) -> None:
        self._dialogs[name] = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
