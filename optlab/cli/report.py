"""``optlab report``: what a study or a few runs say, as a file to read or print."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optlab.cli.output import cannot_write, say
from optlab.cli.parsing import Parser, Verb, checked
from optlab.params import InputError, Kind, ParamSpec
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.store.run_data import RunData

TARGET: Final = ParamSpec(
    name="target",
    kind=Kind.FLOAT,
    default=None,
    optional=True,
    meaning="What is to be reached, in units of the metric; by default what the "
    "experiment declares, or what half of the optimizers end at.",
)


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``report``."""
    text = tr("Run files, or folders of a study with its run files.")
    parser.add_argument("runs", metavar="RUN|FOLDER", nargs="+", help=text)
    text = tr(
        "File to write: a page to read or print, or tables for a paper in Markdown or "
        "LaTeX. By default report.html in the first folder."
    )
    parser.add_argument("--to", metavar="FILE.html|.md|.tex", help=text)
    parser.add_argument("--target", metavar="VALUE", help=tr(TARGET.meaning))
    text = tr(
        "Label of the optimizer that all others are compared with; by default the one "
        "that the experiment declares, or its first."
    )
    parser.add_argument("--baseline", metavar="LABEL", default="", help=text)
    text = tr("Replace the file if it is there already.")
    parser.add_argument("--force", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Write the report."""
    from optlab.analysis.evidence import evidence, run_files
    from optlab.export.report.writer import check_suffix, write_grades, write_report
    from optlab.plugins import load_catalog
    from optlab.store.run_data import RunData

    runs = [Path(name) for name in args.runs]
    target = None if args.target is None else checked(TARGET, args.target)
    assert target is None or isinstance(target, float)
    path = place_of(runs[0]) if args.to is None else Path(args.to)
    check_suffix(path)
    if not args.force and path.is_file():
        text = tr("is there already; --force replaces it")
        raise InputError(str(path), None, text)
    files = [RunData.open(file) for file in run_files(runs)]
    try:
        if _are_unit_tests(files):
            _refuse_comparing(args)
            write_grades(files, path, overwrite=args.force)
            say(tr("Written {path}", path=path))
            return 0
        write_report(
            evidence(files, load_catalog()),
            path,
            baseline=args.baseline,
            target=target,
            overwrite=args.force,
        )
    except OSError as error:
        raise cannot_write(path, error) from None
    say(tr("Written {path}", path=path))
    return 0


def _are_unit_tests(runs: Sequence["RunData"]) -> bool:
    """Return whether all runs are what ``optlab grade`` makes."""
    from optlab.analysis.unit_tests import REFERENCE
    from optlab.sweep.unit_tests import unit_tests

    names = {test.name for test in unit_tests()}
    return all(
        run.title in names
        and any(trial.label.startswith(f"{REFERENCE}@") for trial in run.trials)
        for run in runs
    )


def _refuse_comparing(args: argparse.Namespace) -> None:
    for option, given in (("--baseline", args.baseline), ("--target", args.target)):
        if given:
            text = tr("nothing here: unit tests are graded, not compared")
            raise InputError(option, given, text)


def place_of(run: Path) -> Path:
    """Return where a report is written if nobody says where."""
    return (run if run.is_dir() else run.parent) / "report.html"


VERB: Final = Verb(
    "report", "Write what a study or a few runs say.", add_arguments, act
)
