"""``optlab replay``: run a recorded experiment again, and prove that it is the same."""

import argparse
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optlab.cli.closing import say_report
from optlab.cli.consent import add_trust, need_consent
from optlab.cli.output import cannot_write, complain, say
from optlab.cli.parsing import Parser, Verb, checked
from optlab.cli.run import RUNS, check_folder
from optlab.cli.training import DERIVED, train, write_outputs
from optlab.params import Kind, ParamSpec
from optlab.translate import tr, tr_n

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from optlab.sweep.replay import Replay

SAME: Final = 0
DIFFERENT: Final = 1

DEVICE: Final = ParamSpec(
    name="device",
    kind=Kind.CHOICE,
    default="",
    choices=("", "auto", "cpu", "cuda"),
    meaning="Where to run; by default where the recorded run was made.",
)


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``replay``."""
    text = tr("Run file to repeat: with all that was done by hand, at the same steps.")
    parser.add_argument("run", metavar="RUN.optlab", help=text)
    text = tr(
        "Compare every recorded value but the times, bit for bit; name the first step "
        "that differs and end with 1."
    )
    parser.add_argument("--check", action="store_true", help=text)
    text = tr(
        "Folder for the repetition. By default a new one in runs/; with --check "
        "nothing is kept."
    )
    parser.add_argument("--out", metavar="DIR", help=text)
    parser.add_argument(
        "--device", default="", metavar="auto|cpu|cuda", help=tr(DEVICE.meaning)
    )
    add_trust(parser)
    text = tr("Print nothing but complaints.")
    parser.add_argument("--quiet", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Repeat a run."""
    device = str(checked(DEVICE, args.device)) if args.device else ""

    from optlab.plugins import load_catalog
    from optlab.runner import RUN_FILE, new_folder
    from optlab.sweep.replay import Replay

    path = Path(args.run)
    if args.out is not None:
        check_folder(Path(args.out), (RUN_FILE, *DERIVED))
    place: AbstractContextManager[str]
    if args.check and args.out is None:
        place = tempfile.TemporaryDirectory(prefix="optlab-replay-")
    else:
        place = nullcontext(args.out or "")
    with place as name:
        catalog = load_catalog()
        # Read before a folder is made: what cannot be read leaves none behind.
        replay = Replay(path, catalog, folder=Path(name), device=device)
        need_consent(replay.spec, trust=args.trust)
        if not name:
            replay.folder = new_folder(RUNS, replay.recorded.title or path.stem)
        if not _run(replay, quiet=args.quiet):
            complain(tr("stopped; nothing was compared") if args.check else _stopped())
            return DIFFERENT
        if args.out is not None or not args.check:
            _keep(replay, quiet=args.quiet)
        return _check(replay, quiet=args.quiet) if args.check else SAME


def _run(replay: "Replay", *, quiet: bool) -> bool:
    """Run the repetition and return whether nobody interrupted it."""
    for runner in replay.runners():
        try:
            train(runner, quiet=quiet)
        except OSError as error:
            raise cannot_write(replay.folder, error) from None
        if runner.control.take().stop:
            return False
    return True


def _stopped() -> str:
    return tr("stopped before the repetition was complete")


def _keep(replay: "Replay", *, quiet: bool) -> None:
    """Write the tables and the figure of the repetition beside its run file."""
    from optlab.store.run_data import RunData

    for path in replay.files:
        data = RunData.open(path)
        write_outputs(data, path.parent, overwrite=False)
        if not quiet:
            say_report(data)
    if not quiet:
        say(tr("Written to {folder}", folder=replay.folder))


def _check(replay: "Replay", *, quiet: bool) -> int:
    found = replay.compare()
    if not quiet:
        for note in replay.notes():
            say(tr("Note: {text}", text=note))
    if found.first is None:
        if not quiet:
            text = tr_n(
                "The same, bit for bit: {values:,} values of {n} trial.",
                "The same, bit for bit: {values:,} values of {n} trials.",
                n=found.trials,
                values=found.values,
            )
            say(text)
        return SAME
    complain(tr("not the same: {text}", text=found.first.text))
    if len(found.differing) > 1 and not quiet:
        names = ", ".join(found.differing)
        say(tr("Everything that differs somewhere: {names}", names=names))
    return DIFFERENT


VERB = Verb(
    "replay",
    "Run a recorded experiment again, and prove that it is the same.",
    add_arguments,
    act,
)
