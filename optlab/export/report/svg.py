"""Figures as parts of an HTML file."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

_TAG: Final = re.compile(r"<[^<>]*>")
_METADATA: Final = re.compile(r"<(metadata|title)>.*?</\1>\s*", re.DOTALL)
_STYLE: Final = re.compile(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>\s*")
_ROOT: Final = re.compile(r"<svg\b[^>]*>")
_VIEW: Final = re.compile(r'viewBox="([^"]*)"')
_FONTS: Final = re.compile(r"(font(?:-family)?:[^;\"]*)")
_FINE: Final = re.compile(r"(\.\d\d)\d+")


def inline_svg(write: Callable[[Path], object], name: str) -> str:
    """Return the ``<svg>`` element that a writer of figures makes.

    Its texts are texts, its ids begin with its name, so that clip paths of several
    figures in one file do not meet, and nothing in it is fetched from anywhere.

    Args:
        write: Writes the figure to the path that it is given.
        name: Unique among the figures of a file; letters, digits and hyphens.
    """
    with tempfile.TemporaryDirectory(prefix="optlab-report-") as folder:
        path = Path(folder) / f"{name}.svg"
        write(path)
        text = path.read_text(encoding="utf-8")
    return embedded(text, name)


def embedded(text: str, name: str) -> str:
    """Return the ``<svg>`` element of an SVG document, to stand in an HTML file.

    Args:
        text: The document, as matplotlib writes it.
        name: What its ids are to begin with.
    """
    # The style speaks of every element there is: of the whole page, in a page.
    body = _STYLE.sub("", _METADATA.sub("", text[text.index("<svg") :]))
    root = _ROOT.match(body)
    view = _VIEW.search(root[0]) if root else None
    if root is None or view is None:
        raise ValueError(f"{name}: no SVG with a view box")
    inner = _TAG.sub(lambda tag: _own_ids(tag[0], name), body[root.end() :])
    # The figure's caption speaks for it; a reader of screens reads no ticks.
    head = f'<svg viewBox="{view[1]}" role="img" aria-labelledby="{name}-alt">'
    return head + inner.strip()


def _own_ids(tag: str, name: str) -> str:
    # A hundredth of a point is finer than any printer.
    tag = _FINE.sub(r"\1", tag.replace("\n", ""))
    tag = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', tag)
    tag = re.sub(r'(?:xlink:)?href="#([^"]*)"', rf'href="#{name}-\1"', tag)
    tag = re.sub(r"url\(#([^)]*)\)", rf"url(#{name}-\1)", tag)
    return _FONTS.sub(_with_any_font, tag) if tag.startswith("<text") else tag


def _with_any_font(found: re.Match[str]) -> str:
    """Add a font that everybody has; the reader's machine may lack this one's."""
    return found[1] if "sans-serif" in found[1] else f"{found[1]}, sans-serif"
