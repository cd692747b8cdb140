"""What the command line writes: lines, tables and complaints.

On a terminal tables have frames; elsewhere they are plain lines, never cut.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from optlab.params import InputError


def say(text: str = "") -> None:
    """Write one line to standard output."""
    sys.stdout.write(f"{text}\n")


def say_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> None:
    """Write a table to standard output.

    Args:
        headers: Titles of the columns.
        rows: The cells.
        right: Columns whose cells are aligned to the right.
    """
    if sys.stdout.isatty():
        _framed(headers, rows, right)
    else:
        _plain(headers, rows, right)
    sys.stdout.flush()


def _framed(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, header in enumerate(headers):
        table.add_column(Text(header), justify="right" if i in right else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout, highlight=False).print(table)


def _plain(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]
) -> None:
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        cells = []
        for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - cell_len(cell))
            cells.append(space + cell if i in right else cell + space)
        say("  ".join(cells).rstrip())


def complain(message: object) -> None:
    """Write one line to standard error, whatever the message holds."""
    sys.stderr.write(f"optlab: {one_line(str(message))}\n")
    sys.stderr.flush()


def one_line(text: str) -> str:
    """Return ``text`` with everything that is not printable escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def cannot_write(path: Path | str, error: OSError) -> InputError:
    """Return the complaint about a place that cannot be written to."""
    from optlab.translate import tr

    reason = error.strerror or str(error) or type(error).__name__
    text = tr(
        "cannot be written: {reason}; choose a folder that can, with room in it",
        reason=reason,
    )
    return InputError(str(path), None, text)


def number(value: float | None) -> str:
    """Return a number for a table; empty where nothing was measured."""
    return "" if value is None else f"{value:.4g}"
