"""A report as data: sections of paragraphs, tables and figures, in no format yet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Tone: TypeAlias = Literal["", "good", "warning", "bad", "quiet"]
"""What a paragraph is: an answer that holds, something to mind, something amiss."""


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """One paragraph.

    Attributes:
        text: What it says.
        tone: What it is.
        mark: A word in front that says the tone without colour; may be empty.
    """

    text: str
    tone: Tone = ""
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Bullets:
    """Several sentences, one below the other."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True, kw_only=True)
class Subheading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        title: Its heading.
        right: Whether its cells are numbers, set flush right.
    """

    title: str
    right: bool = True


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose first column names its rows.

    Attributes:
        name: Unique in the report, for links and labels: ``effects-0``.
        caption: What it shows.
        columns: Its columns.
        rows: Its cells, a text for each column.
        note: What is to be known of it, below; may be empty.
        main: Whether it belongs into a paper: these go into Markdown and LaTeX.
        aside: Titles of columns that a page of paper has no room for.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    main: bool = False
    aside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure.

    Attributes:
        name: Unique in the report; what its ids begin with.
        caption: What it shows.
        alt: The same for those who do not see it, with what there is to be read off.
        write: Writes the figure to the path that it is given; the suffix chooses the
            kind. It is drawn only where it is shown.
    """

    name: str
    caption: str
    alt: str
    write: Callable[[Path], object]


@dataclass(frozen=True, kw_only=True)
class Code:
    """Lines to be read or typed letter by letter.

    Attributes:
        text: The lines.
        caption: What they are; may be empty.
    """

    text: str
    caption: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Pairs of words: what, and what it is."""

    items: tuple[tuple[str, str], ...]


Block: TypeAlias = Paragraph | Bullets | Subheading | Table | Picture | Code | Facts


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report with a heading.

    Attributes:
        name: Unique in the report, for links.
        heading: What it is called.
        blocks: What it holds.
    """

    name: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report.

    Attributes:
        title: Title of the experiment, or what names several.
        language: Code of its language.
        lead: What was compared, in one sentence; runs of different problems that are
            no study have one line each.
        badge: A word that holds for all of it, such as that it is provisional; may be
            empty.
        sections: Its parts, in the order of reading.
        maker: What made it: the program and its version.
    """

    title: str
    language: str
    lead: str
    badge: str
    sections: tuple[Section, ...]
    maker: str
