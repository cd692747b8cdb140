"""Colours and dashes of figures: those of the window's light theme.

One optimizer has one colour and one dash everywhere. Hues are derived from Okabe and
Ito's, which people with any colour vision can tell apart, darkened for white paper.
"""

from typing import Final

PAPER: Final = "#ffffff"
TEXT: Final = "#1d2129"
MUTED: Final = "#667085"
LINE: Final = "#e3e6ea"
SURFACE: Final = ("#7d9bd6", "#c3d1ee", "#f6f8fc")
"""From the lowest level to the highest."""
SURFACE_BANDS: Final = 14

_HUES: Final = ("#0067A3", "#B94A00", "#007A59", "#B0447E", "#846600", "#6F4A94")
_DASHES: Final[tuple[tuple[float, ...], ...]] = (
    (),
    (5.0, 2.5),
    (1.2, 2.4),
    (6.0, 2.2, 1.2, 2.2),
    (10.0, 3.0),
    (6.0, 2.2, 1.2, 2.2, 1.2, 2.2),
)


def series_color(entry: int) -> str:
    """Return the colour of the optimizer at index ``entry`` of the experiment."""
    return _HUES[entry % len(_HUES)]


def series_dash(entry: int) -> tuple[float, ...]:
    """Return its dash pattern in units of the line's width; empty for a solid line.

    The second three of each six are dashed already, so that colour never speaks alone.
    """
    hues = len(_HUES)
    dash = entry // hues + (1 if entry % hues >= hues // 2 else 0)
    return _DASHES[dash % len(_DASHES)]
