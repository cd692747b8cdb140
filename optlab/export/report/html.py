"""A report as one HTML file that needs nothing beside itself."""

from typing import TYPE_CHECKING, Any, Final

from optlab.export.report.document import (
    Block,
    Bullets,
    Code,
    Facts,
    Paragraph,
    Picture,
    Report,
    Subheading,
    Table,
)
from optlab.export.report.facts import Advance, unheard
from optlab.export.report.svg import inline_svg
from optlab.translate import tr

if TYPE_CHECKING:
    from jinja2 import Environment

_MACROS: Final = (
    (Paragraph, "paragraph"),
    (Bullets, "bullets"),
    (Subheading, "subheading"),
    (Table, "table"),
    (Code, "code"),
    (Facts, "facts"),
)


def html_text(report: Report, advance: Advance = unheard) -> str:
    """Return a report as HTML: no script, nothing that is fetched from anywhere.

    Args:
        report: The report.
        advance: Is told which figure is drawn now; may raise to give up.
    """
    environment = _environment()
    macros: Any = environment.get_template("blocks.html.jinja").module

    def show(block: Block) -> Any:
        if isinstance(block, Picture):
            advance(block.name)
            return macros.picture(block, inline_svg(block.write, block.name))
        name = next(macro for kind, macro in _MACROS if isinstance(block, kind))
        return getattr(macros, name)(block)

    words = {
        "contents": tr("Contents"),
        "made": tr(
            "Made by {maker}. Every number was computed from the run files alone.",
            maker=report.maker,
        ),
    }
    template = environment.get_template("report.html.jinja")
    return template.render(report=report, words=words, show=show) + "\n"


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("optlab.export.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
