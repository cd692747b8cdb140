"""Preferences: found, changed at once, kept, reset, and read and written as TOML."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from optlab import translate
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.translate import set_language
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from optlab.ui.preferences import PREFERENCES, Preferences
from tests.ui.shell.support import Hands


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """A file of settings."""
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


def theme(window: MainWindow) -> str:
    """Return the theme that the window wears."""
    return window.state.theme.name


def shown(window: MainWindow) -> list[str]:
    """Return the preferences that the dialog shows."""
    rows = window.findChildren(QWidget)
    names = (row.objectName() for row in rows if row.isVisible())
    return [
        name.removeprefix("preferences.").removesuffix(".row")
        for name in names
        if name.endswith(".row") and name.startswith("preferences.")
    ]


def test_that_every_preference_is_kept_and_read_in_any_language(
    settings: QSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences = Preferences(settings)
    preferences.set_value("animations", False)
    preferences.set_value("scale", 200)
    preferences.set_value("theme", "dark")
    monkeypatch.setattr(translate._LANGUAGE, "messages", {"on": "开", "off": "关"})
    again = Preferences(settings)
    values = [again.value(n) for n in ("animations", "scale", "theme")]
    assert values == [False, 200, "dark"]


def test_that_all_preferences_go_through_toml_and_back(settings: QSettings) -> None:
    preferences = Preferences(settings)
    preferences.set_value("scale", 150)
    preferences.set_value("theme", "light")
    text = preferences.as_toml()
    preferences.reset()
    assert not any(preferences.differs(p.param.name) for p in PREFERENCES)
    preferences.take_toml(text)
    assert (preferences.value("scale"), preferences.value("theme")) == (150, "light")
    preferences.take_toml("scale = 120")
    assert (preferences.value("scale"), preferences.value("theme")) == (120, "system")


@pytest.mark.parametrize(
    ("text", "told"),
    [("scale = 900", "scale"), ("scal = 100", "did you mean scale"), ("=", "TOML")],
)
def test_that_toml_that_cannot_be_used_changes_nothing(
    settings: QSettings, text: str, told: str
) -> None:
    preferences = Preferences(settings)
    with pytest.raises(InputError, match=told):
        preferences.take_toml(f'theme = "dark"\n{text}')
    assert preferences.value("theme") == "system"


@pytest.mark.parametrize("kept", ["", "dark", "7", '"mauve"', "[1]", "[" * 100_000])
def test_that_a_hand_in_the_settings_does_no_harm(
    settings: QSettings, kept: str
) -> None:
    settings.setValue("preferences/theme", kept)
    assert Preferences(settings).value("theme") == "system"


def test_that_the_dialog_finds_changes_and_resets(
    window: MainWindow, hands: Hands
) -> None:
    hands.trigger("action.preferences")
    assert len(shown(window)) == len(PREFERENCES)
    hands.type("preferences.search", "dark", leave=False)
    assert shown(window) == ["theme"]
    hands.choose("preferences.theme", "dark")
    assert theme(window) == "dark"
    hands.press("preferences.theme.reset")
    assert window.session.preferences.value("theme") == "system"
    assert theme(window) == "light"
    hands.type("preferences.search", "xyzzy", leave=False)
    assert shown(window) == []


def test_that_a_value_that_is_not_allowed_is_marked_and_not_taken(
    window: MainWindow, hands: Hands
) -> None:
    hands.trigger("action.preferences")
    hands.type("preferences.scale", "7")
    assert hands.invalid("preferences.scale")
    assert "100" in hands.find(QLabel, "preferences.scale.error").text()
    assert window.session.preferences.value("scale") == 100
    hands.type("preferences.scale", "150")
    assert not hands.invalid("preferences.scale")
    assert window.session.preferences.value("scale") == 150


def test_that_the_dialog_takes_toml_or_says_why_not(
    window: MainWindow, hands: Hands
) -> None:
    hands.trigger("action.preferences")
    hands.press("preferences.toml")
    text = hands.find(QPlainTextEdit, "preferences.text")
    hands.press("preferences.text.copy")
    assert QGuiApplication.clipboard().text() == text.toPlainText()
    text.setPlainText("scale = 900")
    hands.press("preferences.text.apply")
    assert "900" in hands.find(QLabel, "preferences.text.error").text()
    text.setPlainText("scale = 125")
    hands.press("preferences.text.apply")
    assert window.session.preferences.value("scale") == 125
    hands.press("preferences.reset")
    assert window.session.preferences.value("scale") == 100
    assert "scale = 100" in text.toPlainText()


def test_that_the_window_follows_the_desktop_until_a_person_chooses(
    window: MainWindow, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = QGuiApplication.styleHints()
    monkeypatch.setattr(
        "optlab.ui.appearance.desktop_theme",
        lambda: "dark",
    )
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme(window) == "dark"
    hands.trigger("action.theme")
    assert theme(window) == "light"
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme(window) == "light"


def test_that_another_language_builds_the_dialog_anew_and_leaves_it_open(
    qtbot: QtBot, window: MainWindow, hands: Hands
) -> None:
    hands.trigger("action.preferences")
    try:
        with qtbot.waitSignal(window.rebuilt):
            hands.choose("preferences.language", "zh")
        assert hands.find(QWidget, "preferences").isVisible()
        assert window.commands["quit"].text() != "Quit"
    finally:
        set_language("en")


def test_that_new_runs_go_where_a_person_wants_them(tmp_path: Path) -> None:
    catalog = load_catalog()
    session = make_session(catalog, folder=tmp_path)
    assert session.runs == tmp_path / "runs"
    session.preferences.set_value("runs_folder", str(tmp_path / "mine"))
    assert make_session(catalog, folder=tmp_path).runs == tmp_path / "mine"


@pytest.mark.parametrize(("scale", "ratio"), [(100, 1.0), (150, 1.5), (300, 3.0)])
def test_that_the_scale_is_in_force_at_the_next_start(
    tmp_path: Path, scale: int, ratio: float
) -> None:
    folder = tmp_path / "optlab"
    folder.mkdir()
    place = str(folder / "window.ini")
    kept = QSettings(place, QSettings.Format.IniFormat)
    Preferences(kept).set_value("scale", scale)
    kept.sync()
    program = (
        "from optlab.ui import launch; app = launch._application(); "
        "print(app.devicePixelRatio())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert float(done.stdout) == ratio
