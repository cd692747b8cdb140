"""Qt's own words, on the buttons of its dialogs, in the language of the window."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

NAME: Final = "qt-words"
FILES: Final[Mapping[str, str]] = {"zh": "qtbase_zh_CN"}


def speak(code: str) -> None:
    """Let Qt speak a language from now on; English where it ships no words for it."""
    app = QCoreApplication.instance()
    if app is None:
        return
    for old in app.findChildren(QTranslator, NAME):
        app.removeTranslator(old)
        old.deleteLater()
    if code in FILES:
        words = QTranslator(app)
        words.setObjectName(NAME)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if words.load(FILES[code], folder):
            app.installTranslator(words)
