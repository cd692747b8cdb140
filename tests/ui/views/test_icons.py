"""Icons are drawn when they are shown, as crisp as the screen is."""

import gc

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from pytestqt.qtbot import QtBot

from optlab.ui.icons import icon
from optlab.ui.theme import theme_named


def test_that_an_icon_has_the_pixels_of_its_screen(qtbot: QtBot) -> None:
    drawn = icon("play", theme_named("light"))
    for scale in (1.0, 1.25, 2.0, 3.0):
        picture = drawn.pixmap(QSize(16, 16), scale)
        assert picture.width() == round(16 * scale)
        assert picture.devicePixelRatio() == scale


def test_that_a_disabled_icon_is_fainter(qtbot: QtBot) -> None:
    theme = theme_named("light")
    drawn = icon("play", theme)
    found = {
        mode: drawn.pixmap(QSize(32, 32), mode).toImage().pixelColor(16, 16).name()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled)
    }
    assert found[QIcon.Mode.Disabled] == theme.faint
    assert found[QIcon.Mode.Normal] == theme.muted


def test_that_a_copy_lives_on_when_it_is_changed(qtbot: QtBot) -> None:
    for _ in range(20):
        first = icon("play", theme_named("dark"))
        copy = QIcon(first)
        copy.setIsMask(True)
        del first
        gc.collect()
        assert not copy.pixmap(16).isNull()
