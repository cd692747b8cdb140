"""The look: contrast, distinguishable series, a style sheet that is whole."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from optlab.ui.icons import icon
from optlab.ui.style_sheet import style_sheet
from optlab.ui.theme import (
    DARK,
    LIGHT,
    Theme,
    apply_theme,
    series_style,
    theme_named,
    ui_font,
)

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [QColor(color).redF(), QColor(color).greenF(), QColor(color).blueF()]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(color: str, ground: str) -> float:
    """Return the contrast of WCAG 2."""
    a, b = sorted((luminance(color), luminance(ground)), reverse=True)
    return (a + 0.05) / (b + 0.05)


@BOTH
def test_that_every_series_stands_out_from_card_and_selection(theme: Theme) -> None:
    for color in theme.series:
        assert contrast(color, theme.card) >= 4.5
        assert contrast(color, theme.selected) >= 4.5


@BOTH
def test_that_text_can_be_read_on_its_ground(theme: Theme) -> None:
    for ground in (theme.ground, theme.card, theme.field, theme.selected, theme.hover):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.4
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for color in (theme.danger, theme.success, theme.warning):
        assert contrast(color, theme.card) >= 4.5


@BOTH
def test_that_48_optimizers_in_a_row_look_different(theme: Theme) -> None:
    looks = {
        (style.color.name(), style.dash)
        for style in (series_style(entry, theme) for entry in range(48))
    }
    assert len(looks) == 48


def test_that_an_optimizer_keeps_its_dash_when_the_theme_changes() -> None:
    for entry in range(40):
        assert series_style(entry, LIGHT).dash == series_style(entry, DARK).dash


@BOTH
def test_that_the_style_sheet_names_only_colours_and_files_that_are_there(
    theme: Theme,
) -> None:
    sheet = style_sheet(theme)
    assert "$" not in sheet
    files = re.findall(r"url\(([^)]*)\)", sheet)
    assert files
    assert all(Path(name).is_file() for name in files)


@BOTH
def test_that_the_primary_button_has_the_accent(theme: Theme, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    button = QPushButton("Start")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.resize(120, 32)
    button.show()
    assert button.grab().toImage().pixelColor(12, 16).name() == theme.accent
    assert app.palette().window().color().name() == theme.ground


def test_that_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(KeyError):
        theme_named("sepia")


def test_that_icons_are_drawn_in_the_colour_that_is_asked_for(
    qapp: QApplication,
) -> None:
    image = icon("stop", LIGHT, color="#ff0000").pixmap(16).toImage()
    assert image.pixelColor(image.width() // 2, image.height() // 2).name() == "#ff0000"


def test_that_figures_are_of_equal_width(qapp: QApplication) -> None:
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(ui_font())
    widths = {round(metrics.horizontalAdvance(d * 8), 3) for d in "0123456789"}
    assert len(widths) == 1
