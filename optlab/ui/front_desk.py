"""What opens over the window: palette, preferences, shortcuts, messages, plug-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog

from optlab.translate import tr
from optlab.ui.commands import shortcut_words
from optlab.ui.palette import Palette
from optlab.ui.palette_entries import entries
from optlab.ui.preferences_dialog import PreferencesDialog

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class FrontDesk(QObject):
    """Opens dialogs and adds the commands that do so; made with the widgets.

    Attributes:
        palette: The command palette.
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
        add = window.commands.add
        add(
            "palette",
            tr("Command palette"),
            self.show_palette,
            keys=["Ctrl+Shift+P", "Ctrl+K"],
            group="help",
            tip=tr("Find and do anything by typing"),
        )
        add(
            "preferences",
            tr("Preferences…"),
            self.show_preferences,
            keys=["Ctrl+,"],
            group="edit",
        )

        window.commands.changed.connect(self._tell_keys)
        self._tell_keys()

    @Slot()
    def _tell_keys(self) -> None:
        commands = self._window.commands.all()
        keys = {c.name: shortcut_words(c.keys) for c in commands}
        self._window.bar.show_keys(keys)

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

    def opened(self) -> tuple[str, ...]:
        """Return the names of the dialogs that are open."""
        return tuple(n for n, d in self._dialogs.items() if d.isVisible())

    def reopen(self, names: tuple[str, ...]) -> None:
        """Open dialogs that were open before the widgets were made anew."""
        makers = {"preferences": self.show_preferences}
        for name in names:
            makers[name]()

    def _open(self, name: str, dialog: QDialog) -> None:
        self._dialogs[name] = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
