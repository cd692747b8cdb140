"""What Markdown and LaTeX have of a report: its answer, and its main tables."""

from collections.abc import Iterator

from optlab.export.report.document import Bullets, Paragraph, Report, Table


def sentences(report: Report) -> Iterator[Paragraph]:
    """Yield what the first section says."""
    for block in report.sections[0].blocks:
        if isinstance(block, Paragraph):
            yield block
        elif isinstance(block, Bullets):
            yield from block.items


def main_tables(report: Report) -> Iterator[Table]:
    """Yield the tables that belong into a paper."""
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table) and block.main:
                yield block


def words_of(paragraph: Paragraph) -> str:
    """Return a paragraph with the word in front of it."""
    return f"{paragraph.mark} {paragraph.text}".strip()
