"""The main tables of a report in Markdown, as GitHub and pandoc read it."""

import re
from itertools import groupby
from typing import Final

from optlab.export.report.document import Paragraph, Report, Subheading, Table
from optlab.export.report.plain_table import main_tables, sentences, words_of

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def markdown_text(report: Report) -> str:
    """Return the answer and the main tables of a report."""
    parts = [f"# {escaped(report.title)}", *map(escaped, report.lead.split("\n"))]
    if report.badge:
        parts.append(f"**{escaped(report.badge)}**")
    for heading, group in groupby(sentences(report), _is_heading):
        if heading:
            parts += [f"## {escaped(s.text)}" for s in group]
        else:
            parts.append("\n".join(_item(s) for s in group if isinstance(s, Paragraph)))
    for table in main_tables(report):
        parts += [f"**{escaped(table.caption)}**", _table(table)]
        parts += [escaped(table.note)] if table.note else []
    parts.append(f"*{escaped(report.maker)}*")
    return "\n\n".join(filter(None, parts)) + "\n"


def escaped(text: str) -> str:
    """Return a text in which no letter has a meaning of its own."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _is_heading(said: Paragraph | Subheading) -> bool:
    return isinstance(said, Subheading)


def _item(said: Paragraph) -> str:
    return f"- {escaped(words_of(said))}"


def _table(table: Table) -> str:
    rows = [
        [column.title for column in table.columns],
        *(list(row) for row in table.rows),
    ]
    lines = ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    rules = ["---:" if column.right else ":---" for column in table.columns]
    lines.insert(1, "|" + "|".join(rules) + "|")
    return "\n".join(lines)
