"""The look: tokens of the light and the dark theme, palette, fonts, series colours.

One optimizer has one colour and one dash everywhere; `series_style` decides which.
`apply_theme` puts palette, font and style sheet on the application. Widgets say what
they are by a dynamic property and get their look from the one sheet:

* ``kind`` on buttons: ``primary`` (the one that has the colour), ``quiet``, ``danger``;
* ``role`` on labels: ``title``, ``subtitle``, ``section``, ``muted``, ``error``;
* ``role`` on frames: ``card``, ``bar``;
* ``invalid`` (a bool) on fields whose value cannot be used.

Colours of series and surfaces are those of `optlab.export.palette`, so that window and
figures show one optimizer alike.
"""

import sys
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette, QPen
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from optlab.export import palette
from optlab.ui.style_sheet import style_sheet

ThemeName = Literal["light", "dark"]

SPACING: Final = (4, 8, 12, 16)
CARD_RADIUS: Final = 8
FIELD_RADIUS: Final = 6
TEXT_PX: Final = 13
SECONDARY_PX: Final = 12
SMALL_PX: Final = 11


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Every colour of one theme, as ``#rrggbb``.

    Attributes:
        name: ``light`` or ``dark``.
        ground: Behind the cards.
        card: Cards, menus and the table.
        field: Fields in which one types.
        line: Hairlines between and around things.
        text: Text.
        muted: Secondary and disabled text, axis labels; at least 4.5:1 everywhere.
        faint: Disabled icons, hairlines that are to be seen; never text.
        accent: The one colour: primary button, progress, focus.
        on_accent: Text on the accent.
        selected: Behind selected rows.
        hover: Behind what the mouse is over.
        danger: What cannot be used, what went wrong.
        success: What is proved or saved.
        warning: What to look at.
        series: Hues of the curves; at least 4.5:1 against card and selected.
        surface: Colours of the contour bands, lowest level first.
        cross: Colour of the minima on a surface.
    """

    name: ThemeName
    ground: str
    card: str
    field: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    selected: str
    hover: str
    danger: str
    success: str
    warning: str
    series: tuple[str, ...]
    surface: tuple[str, str, str]
    cross: str

    @property
    def dark(self) -> bool:
        """Whether the ground is dark."""
        return self.name == "dark"


LIGHT: Final = Theme(
    name="light",
    ground="#f6f7f9",
    card="#ffffff",
    field="#ffffff",
    line="#e3e6ea",
    text="#1d2129",
    muted="#5b6577",
    faint="#a3abb8",
    accent="#3b5bdb",
    on_accent="#ffffff",
    selected="#eef2ff",
    hover="#f1f3f6",
    danger="#b42318",
    success="#067647",
    warning="#b54708",
    series=palette.HUES,
    surface=palette.SURFACE,
    cross="#1d2129",
)

DARK: Final = Theme(
    name="dark",
    ground="#15171b",
    card="#1c1f25",
    field="#15171b",
    line="#2c313a",
    text="#e6e8ec",
    muted="#98a1b0",
    faint="#5d6675",
    accent="#7c93ff",
    on_accent="#10131c",
    selected="#262c3f",
    hover="#252932",
    danger="#ff8a80",
    success="#4fd1a5",
    warning="#f5b942",
    series=palette.HUES_ON_DARK,
    surface=palette.SURFACE_ON_DARK,
    cross="#e6e8ec",
)


@dataclass(frozen=True)
class SeriesStyle:
    """How one optimizer is drawn, everywhere.

    Attributes:
        color: Its hue in the theme.
        dash: Dash pattern in units of the pen's width; empty for a solid line.
    """

    color: QColor
    dash: tuple[float, ...] = ()

    def pen(self, width: float, *, opacity: float = 1.0, dashed: bool = True) -> QPen:
        """Return a cosmetic pen: pixels, not data units.

        Args:
            width: In pixels.
            opacity: From 0 to 1.
            dashed: False for raw traces, whose dashes nobody could see.
        """
        color = QColor(self.color)
        color.setAlphaF(opacity)
        pen = QPen(color, width)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if self.dash and dashed:
            pen.setDashPattern(list(self.dash))
        return pen


def theme_named(name: str) -> Theme:
    """Return the theme ``light`` or ``dark``.

    Raises:
        KeyError: There is no such theme.
    """
    return {"light": LIGHT, "dark": DARK}[name]


def series_style(entry_index: int, theme: Theme) -> SeriesStyle:
    """Return colour and dash of the optimizer at ``entry_index`` in the list."""
    color = palette.series_color(entry_index, theme.series)
    return SeriesStyle(QColor(color), palette.series_dash(entry_index))


def ui_font(pixels: int = TEXT_PX, *, bold: bool = False) -> QFont:
    """Return the font of the window with figures of equal width.

    The system's own font; where there is no desktop to name one (Xvfb, offscreen,
    bare window managers), Inter if it is installed.
    """
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    families = [system.family()]
    unnamed = {"sans serif", "sans", "sans-serif", "dejavu sans", "bitstream vera sans"}
    if sys.platform.startswith("linux") and system.family().lower() in unnamed:
        families = ["Inter", "Noto Sans", "DejaVu Sans", system.family()]
    families += ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC"]
    font = QFont()
    font.setFamilies(families)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def qt_palette(theme: Theme) -> QPalette:
    """Return the palette of a theme, for everything that the sheet does not reach."""
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.ground,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.hover,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.card,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.ToolTipBase: theme.card,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.card,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.faint,
        role.Shadow: theme.line,
    }
    made = QPalette()
    for name, value in colors.items():
        made.setColor(name, QColor(value))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(disabled, name, QColor(theme.muted))
    return made


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application the look of ``theme``; may be called at any time."""
    sheet = style_sheet(theme)
    if app.styleSheet() != sheet:
        prepare_theme(app, theme)
        app.setStyleSheet(sheet)


def prepare_theme(app: QApplication, theme: Theme) -> None:
    """Give widgets that are made from now on the style, font and colours of ``theme``.

    A window that is built before the sheet is in force is polished once; otherwise Qt
    does so for each widget again and again, whenever one is put into another, which was
    a tenth of the time until the window is there.
    """
    # With a sheet in force the application's style is a wrapper without a name.
    fusion = QStyleFactory.create("Fusion")
    if not app.styleSheet() and app.style().name() != "fusion" and fusion is not None:
        app.setStyle(fusion)
    app.setFont(ui_font())
    app.setPalette(qt_palette(theme))


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the style sheet looks at, and polish anew."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
