"""Colours and dashes of optimizers and surfaces, one for window and figures.

One optimizer has one colour and one dash everywhere. Hues are derived from Okabe and
Ito's, which people with any colour vision can tell apart: darkened for light ground,
figures among it, and lightened for dark.
"""

from collections.abc import Sequence
from typing import Final

PAPER: Final = "#ffffff"
TEXT: Final = "#1d2129"
MUTED: Final = "#5b6577"
LINE: Final = "#e3e6ea"

HUES: Final = (
    "#0067A3",
    "#B94A00",
    "#007A59",
    "#B0447E",
    "#846600",
    "#6F4A94",
    "#414853",
    "#8E1B1B",
)
HUES_ON_DARK: Final = (
    "#56B4E9",
    "#FF8A4C",
    "#2FC79A",
    "#E79AC6",
    "#F0C24B",
    "#B79AF0",
    "#DCE2EA",
    "#FF8FA0",
)
SURFACE: Final = ("#7d9bd6", "#c3d1ee", "#f6f8fc")
"""From the lowest level to the highest: the lower, the bluer."""
SURFACE_ON_DARK: Final = ("#4a6fb5", "#28395c", "#191d25")
SURFACE_BANDS: Final = 14

DASHES: Final[tuple[tuple[float, ...], ...]] = (
    (),
    (5.0, 2.5),
    (1.2, 2.4),
    (6.0, 2.2, 1.2, 2.2),
    (10.0, 3.0),
    (6.0, 2.2, 1.2, 2.2, 1.2, 2.2),
)


def series_color(entry: int, hues: Sequence[str] = HUES) -> str:
    """Return the colour of the optimizer at index ``entry`` of the experiment."""
    return hues[entry % len(hues)]


def series_dash(entry: int) -> tuple[float, ...]:
    """Return its dash pattern in units of the line's width; empty for a solid line.

    The second four of each eight are dashed already, so that colour never speaks alone.
    Any 48 optimizers in a row differ in colour or dash.
    """
    hues = len(HUES)
    dash = entry // hues + (1 if entry % hues >= hues // 2 else 0)
    return DASHES[dash % len(DASHES)]
