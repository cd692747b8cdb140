"""Theme and language of the window, as a person prefers or as the desktop has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication

from optlab.ui.preferences import SYSTEM, Preferences, language_of

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class Appearance(QObject):
    """Follows the preferences, and the desktop where they say so."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = window.session.preferences
        self._preferences.changed.connect(self._follow)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_desktop)

    @Slot()
    def toggle_theme(self) -> None:
        """Go from light to dark or back, for good."""
        name = "light" if self._window.state.theme.dark else "dark"
        # Also where the preference says so already, but an option said otherwise.
        self._window.set_theme(name)
        self._preferences.set_value("theme", name)

    @Slot(str)
    def prefer_language(self, code: str) -> None:
        """Speak a language from now on."""
        self._preferences.set_value("language", code)
        self._window.set_language(code)

    @Slot(str)
    def _follow(self, name: str) -> None:
        if name == "theme":
            self._window.set_theme(theme_name(self._preferences))
        elif name == "language":
            self._window.set_language(language_of(self._preferences))

    @Slot(Qt.ColorScheme)
    def _follow_desktop(self, _scheme: Qt.ColorScheme) -> None:
        if self._preferences.value("theme") == SYSTEM:
            self._window.set_theme(theme_name(self._preferences))


def theme_name(preferences: Preferences) -> str:
    """Return the theme that a person prefers: ``light`` or ``dark``."""
    name = preferences.text("theme")
    return desktop_theme() if name == SYSTEM else name


def desktop_theme() -> str:
    """Return the theme that goes with the desktop: ``light`` or ``dark``."""
    dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return "dark" if dark else "light"
