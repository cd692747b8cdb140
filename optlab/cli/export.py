"""``optlab export``: tables and figures of a recorded run."""

import argparse
from pathlib import Path
from typing import Final

from optlab.cli.output import cannot_write, say
from optlab.cli.parsing import Parser, Verb
from optlab.params import InputError
from optlab.translate import tr

TABLES: Final = ("metrics", "summary")
FIGURES: Final = ("curves", "surface")


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``export``."""
    text = tr("Run file to read.")
    parser.add_argument("run", metavar="RUN.optlab", help=text)
    text = tr("File to write; its ending says what it becomes.")
    parser.add_argument(
        "--to", metavar="FILE.csv|.svg|.pdf|.png", required=True, help=text
    )
    text = tr("metrics (default) or summary for .csv, otherwise curves or surface.")
    parser.add_argument("--what", metavar="|".join((*TABLES, *FIGURES)), help=text)
    text = tr("Replace the file if it is there already.")
    parser.add_argument("--force", action="store_true", help=text)
    text = tr(
        "Leave names in tables as they are; otherwise those that a spreadsheet would "
        "take for a formula get an apostrophe."
    )
    parser.add_argument("--names-as-they-are", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Write one table or figure."""
    from optlab.export.exporter import export
    from optlab.store.run_data import RunData

    target = Path(args.to)
    what = what_for(target, args.what)
    if not args.force and target.is_file():
        text = tr("is there already; --force replaces it")
        raise InputError(str(target), None, text)
    data = RunData.open(Path(args.run))
    try:
        export(
            data,
            target,
            what=what,
            overwrite=args.force,
            as_is=args.names_as_they_are,
        )
    except OSError as error:
        raise cannot_write(target, error) from None
    say(tr("Written {path}", path=target))
    return 0


def what_for(target: Path, what: str | None) -> str:
    """Return what a file of this name is to show.

    Raises:
        InputError: Such a file cannot show ``what``.
    """
    choices = TABLES if target.suffix.lower() == ".csv" else FIGURES
    if what is None:
        return choices[0]
    if what not in choices:
        text = "{choices}, in a file like {name}"
        allowed = tr(text, choices=tr(" or ").join(choices), name=target.name)
        raise InputError("--what", what, allowed)
    return what


VERB = Verb("export", "Write a table or a figure of a run.", add_arguments, act)
