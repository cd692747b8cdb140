"""What Markdown and LaTeX have of a report: its answer, and its main tables."""

from collections.abc import Iterator
from dataclasses import replace

from optlab.export.report.document import (
    Bullets,
    Paragraph,
    Report,
    Subheading,
    Table,
)


def sentences(report: Report) -> Iterator[Paragraph | Subheading]:
    """Yield what the first section says, with the names of problems before it."""
    for block in report.sections[0].blocks:
        if isinstance(block, Paragraph | Subheading):
            yield block
        elif isinstance(block, Bullets):
            yield from block.items


def main_tables(report: Report) -> Iterator[Table]:
    """Yield the tables that belong into a paper."""
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table) and block.main:
                yield block


def narrow(table: Table) -> Table:
    """Return a table without the columns that a page of paper has no room for."""
    kept = [i for i, c in enumerate(table.columns) if c.title not in table.aside]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def words_of(paragraph: Paragraph) -> str:
    """Return a paragraph with the word in front of it."""
    return f"{paragraph.mark} {paragraph.text}".strip()
