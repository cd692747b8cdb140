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
from optlab.translate import tr

if TYPE_CHECKING:
    from jinja2 import Environment

_MACROS: Final = (
    (Paragraph, "paragraph"),
    (Bullets, "bullets"),
    (Subheading, "subheading"),
    (Table, "table"),
    (Picture, "picture"),
    (Code, "code"),
    (Facts, "facts"),
)


def html_text(report: Report) -> str:
    """Return a report as HTML: no script, nothing that is fetched from anywhere."""
    environment = _environment()
    macros: Any = environment.get_template("blocks.html.jinja").module

    def show(block: Block) -> Any:
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
