"""``optlab resume``: go on where a run stopped, bitwise as if it had not."""

import argparse
from pathlib import Path
from typing import Final

from optlab.cli.consent import add_trust, need_consent
from optlab.cli.output import cannot_write
from optlab.cli.parsing import Parser, Verb, add_device, checked, device_of
from optlab.cli.training import finish, train, write_outputs
from optlab.params import Kind, ParamSpec
from optlab.translate import tr

STEPS: Final = ParamSpec(
    name="steps",
    kind=Kind.INT,
    default=None,
    low=1,
    meaning="Steps of each trial in all; by default those of the experiment.",
)


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``resume``."""
    text = tr("Run file to go on with; tables and figure beside it are renewed.")
    parser.add_argument("run", metavar="RUN.optlab", help=text)
    parser.add_argument("--steps", metavar="N", help=tr(STEPS.meaning))
    add_device(parser)
    add_trust(parser)
    text = tr("Print nothing but complaints.")
    parser.add_argument("--quiet", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Go on with a run."""
    device = device_of(args)
    steps = None if args.steps is None else checked(STEPS, args.steps)

    from optlab.plugins import load_catalog
    from optlab.runner import RUN_FILE, Runner

    path = Path(args.run)
    runner = Runner.resume(
        path,
        load_catalog(),
        steps=steps if isinstance(steps, int) else None,
        device=device,
    )
    need_consent(runner.spec, trust=args.trust)
    try:
        train(runner, quiet=args.quiet)
    except OSError as error:
        raise cannot_write(path, error) from None
    # Files of these names beside a run file of another name are not ours to renew.
    if path.name == RUN_FILE:
        write_outputs(runner.data, path.parent, overwrite=True)
    return finish(runner.data, path, quiet=args.quiet)


VERB = Verb("resume", "Go on where a run stopped.", add_arguments, act)
