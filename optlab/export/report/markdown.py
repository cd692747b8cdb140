"""The main tables of a report in Markdown, as GitHub and pandoc read it."""

import re
from typing import Final

from optlab.export.report.document import Report, Table
from optlab.export.report.plain_table import main_tables, sentences, words_of

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def markdown_text(report: Report) -> str:
    """Return the answer and the main tables of a report."""
    parts = [f"# {escaped(report.title)}", escaped(report.lead)]
    if report.badge:
        parts.append(f"**{escaped(report.badge)}**")
    parts.append("\n".join(f"- {escaped(words_of(s))}" for s in sentences(report)))
    for table in main_tables(report):
        parts += [f"**{escaped(table.caption)}**", _table(table)]
        parts += [escaped(table.note)] if table.note else []
    parts.append(f"*{escaped(report.maker)}*")
    return "\n\n".join(filter(None, parts)) + "\n"


def escaped(text: str) -> str:
    """Return a text in which no letter has a meaning of its own."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _table(table: Table) -> str:
    rows = [
        [column.title for column in table.columns],
        *(list(row) for row in table.rows),
    ]
    lines = ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    rules = ["---:" if column.right else ":---" for column in table.columns]
    lines.insert(1, "|" + "|".join(rules) + "|")
    return "\n".join(lines)
