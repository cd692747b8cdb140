"""Formulas of explainer cards, typeset by matplotlib's mathtext.

No pyplot, no setting of matplotlib is changed, no TeX is needed. Lines are set flush
left, one below the other.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextToPath
from numpy.typing import NDArray

from optlab.export.atomic import written_whole

LEADING: Final = 0.55
"""Free room between two lines, in sizes of the letters."""
_FONTS: Final = "stix"
_PARSING: Final = Lock()
"""mathtext's parser keeps its state in itself: one formula at a time."""

Pixels = NDArray[np.uint8]


class FormulaError(ValueError):
    """A line is no mathtext."""


@dataclass(frozen=True, kw_only=True)
class FormulaStyle:
    """How a formula looks.

    Attributes:
        color: Colour of the letters, ``#rrggbb``.
        size: Height of the letters, in pixels of the screen before `ratio` or, in an
            SVG, in its units.
        ratio: Pixels of the picture to one pixel of the screen.
    """

    color: str = "#000000"
    size: float = 16.0
    ratio: float = 1.0


def formula_pixels(tex: Sequence[str], style: FormulaStyle) -> Pixels:
    """Return a formula as an array of height × width × RGBA, clear where there is none.

    Args:
        tex: Mathtext, one string for each line, without dollar signs.
        style: Colour, size and fineness.

    Raises:
        FormulaError: A line is no mathtext.
    """
    masks = [_mask(line, style) for line in tex]
    gap = round(LEADING * style.size * style.ratio)
    height = sum(len(mask) for mask in masks) + gap * max(0, len(masks) - 1)
    width = max((mask.shape[1] for mask in masks), default=0)
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., :3] = np.round(255 * np.array(to_rgb(style.color)))
    top = 0
    for mask in masks:
        pixels[top : top + len(mask), : mask.shape[1], 3] = mask
        top += len(mask) + gap
    return pixels


def formula_svg(tex: Sequence[str], style: FormulaStyle) -> str:
    """Return a formula as an SVG document of outlines alone.

    Args:
        tex: Mathtext, one string for each line, without dollar signs.
        style: Colour and size; ``ratio`` counts for nothing.

    Raises:
        FormulaError: A line is no mathtext.
    """
    paths, top, width = [], 0.0, 0.0
    for i, line in enumerate(tex):
        outline, (line_width, ascent, depth) = _outline(line, style.size)
        top += LEADING * style.size * (i > 0)
        paths.append(_svg_path(outline, baseline=top + ascent))
        top += ascent + depth
        width = max(width, line_width)
    fill = quoteattr(to_hex(style.color))
    box = f'width="{width:.2f}" height="{top:.2f}" viewBox="0 0 {width:.2f} {top:.2f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} fill={fill}>'
    return "\n".join((head, *(f'<path d="{path}"/>' for path in paths), "</svg>\n"))


def write_formula(
    tex: Sequence[str], path: Path, style: FormulaStyle, *, overwrite: bool = False
) -> None:
    """Write a formula as PNG or SVG, by the suffix of ``path``.

    Args:
        tex: Mathtext, one string for each line, without dollar signs.
        path: The file, ``.png`` or ``.svg``.
        style: Colour, size and fineness.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        FormulaError: A line is no mathtext.
        InputError: The file is there already or cannot be written.
    """
    if path.suffix.lower() == ".svg":
        svg = formula_svg(tex, style)
        with written_whole(path, overwrite=overwrite) as draft:
            draft.write_text(svg, encoding="utf-8")
        return
    from matplotlib.image import imsave

    pixels = formula_pixels(tex, style)
    with written_whole(path, overwrite=overwrite) as draft:
        imsave(draft, pixels, format="png", dpi=96 * style.ratio)


def _mask(line: str, style: FormulaStyle) -> Pixels:
    parsed = _parsed(line, MathTextParser("agg"), style.size, 72 * style.ratio)
    return np.asarray(parsed.image, np.uint8)


def _parsed(line: str, parser: Any, size: float, dpi: float) -> Any:
    with _PARSING, _NoFontWarnings():
        try:
            return parser.parse(f"${line}$", dpi, _font(size))
        except ValueError as error:
            reason = " ".join(str(error).split())
            raise FormulaError(f"{line}: {reason}") from error


def _font(size: float) -> FontProperties:
    return FontProperties(size=size, math_fontfamily=_FONTS)


def _outline(line: str, size: float) -> tuple[Outline, tuple[float, float, float]]:
    """Return the outline of a line, and its width, ascent and depth."""
    parsed = _parsed(line, MathTextParser("path"), size, 72)
    maker = TextToPath()
    with _PARSING, _NoFontWarnings():
        vertices, codes = maker.get_text_path(_font(size), f"${line}$", ismath=True)
    scale = size / maker.FONT_SCALE
    outline = Outline(np.asarray(vertices).reshape(-1, 2) * scale, codes)
    ascent = parsed.height - parsed.depth
    return outline, (parsed.width, ascent, parsed.depth)


_LETTERS: Final = {Outline.MOVETO: "M", Outline.LINETO: "L"} | {
    Outline.CURVE3: "Q",
    Outline.CURVE4: "C",
    Outline.CLOSEPOLY: "Z",
}


def _svg_path(outline: Outline, *, baseline: float) -> str:
    words = []
    for points, code in outline.iter_segments(simplify=False, curves=True):
        pairs = () if code == Outline.CLOSEPOLY else np.reshape(points, (-1, 2))
        numbers = " ".join(f"{x:.2f} {baseline - y:.2f}" for x, y in pairs)
        words.append(f"{_LETTERS[code]}{numbers}")
    return "".join(words)


class _NoFontWarnings:
    """Keeps quiet what matplotlib says of letters that it takes from another font."""

    def __enter__(self) -> None:
        self._logger = logging.getLogger("matplotlib.mathtext")
        self._level = self._logger.level
        self._logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self._logger.setLevel(self._level)
