"""``optlab sweep``: every optimizer with every seed on every problem, side by side."""

import argparse
from dataclasses import replace

from optlab.cli.parsing import Parser, Verb
from optlab.cli.run import find_spec
from optlab.cli.tune import add_study_arguments, begin
from optlab.translate import tr


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``sweep``."""
    text = tr("Experiment in TOML, or the name of a preset.")
    parser.add_argument("spec", metavar="SPEC.toml|PRESET", help=text)
    add_study_arguments(parser)


def act(args: argparse.Namespace) -> int:
    """Compare without tuning, and print what was found."""
    from optlab.plugins import load_catalog

    catalog = load_catalog()
    spec = find_spec(args.spec, catalog, sets=args.sets)
    return begin(replace(spec, tuning=None), catalog, args)


VERB = Verb(
    "sweep",
    "Run an experiment with all its seeds on all its problems, in several processes.",
    add_arguments,
    act,
)
