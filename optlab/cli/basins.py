"""``optlab basins``: which minimum is reached from where, and in how many steps."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from optlab.cli.consent import add_trust, need_consent
from optlab.cli.output import cannot_write, complain, say, say_table
from optlab.cli.parsing import Parser, Verb, checked
from optlab.cli.run import find_spec
from optlab.cli.training import stopping
from optlab.params import InputError, Kind, ParamSpec
from optlab.spec.basin_map import GRID, STEPS
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.export.basin_colors import By
    from optlab.store.basin_map import BasinMap
    from optlab.sweep.basins import MapMaker

LINE_SECONDS: Final = 10.0
BY: Final = ParamSpec(
    name="by",
    kind=Kind.CHOICE,
    default="minimum",
    choices=("minimum", "steps"),
    meaning="What a figure shows: which minimum is reached, or the steps alone.",
)
_KINDS: Final = "FILE.npz|.png|.svg|.pdf|.csv"


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``basins``."""
    text = tr("Experiment in TOML, the name of a preset, or a map to be drawn again.")
    parser.add_argument("spec", metavar="SPEC.toml|PRESET|MAP.npz", help=text)
    text = tr(
        "File to write: a map to open again (.npz), a figure, or a table of all "
        "starts (.csv); may be given several times."
    )
    parser.add_argument(
        "--to", metavar=_KINDS, action="append", required=True, help=text
    )
    parser.add_argument("--grid", metavar="N", help=tr(GRID.meaning))
    parser.add_argument("--steps", metavar="N", help=tr(STEPS.meaning))
    parser.add_argument("--by", metavar="|".join(BY.choices), help=tr(BY.meaning))
    text = tr("Change the experiment: optimizers.0.lr=0.1; may be given several times.")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="sets",
        help=text,
    )
    add_trust(parser)
    text = tr("Replace files that are there already.")
    parser.add_argument("--force", action="store_true", help=text)
    text = tr("Print nothing but complaints.")
    parser.add_argument("--quiet", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Make a map, or open one, write what is asked for and tell what it shows."""
    by = cast("By", checked(BY, args.by or str(BY.default)))
    targets = [Path(name) for name in args.to]
    for target in targets:
        _check_target(target, overwrite=args.force)
    found, whole = _found(args)
    for target in targets:
        try:
            _write(found, target, by=by, overwrite=args.force)
        except OSError as error:
            raise cannot_write(target, error) from None
    if not args.quiet:
        _tell(found)
        for target in targets:
            say(tr("Written {path}", path=target))
        sys.stdout.flush()
    if not whole:
        complain(tr("stopped"))
    return 0 if whole else 1


def _found(args: argparse.Namespace) -> tuple["BasinMap", bool]:
    """Return the map, and whether it was not stopped while it was made."""
    from optlab.plugins import load_catalog
    from optlab.store.basin_map import SUFFIX, BasinMap
    from optlab.sweep.basins import MapMaker

    if Path(args.spec).suffix.lower() == SUFFIX:
        for name in ("grid", "steps"):
            if getattr(args, name) is not None:
                text = tr("nothing here: a map that was made keeps what it is")
                raise InputError(f"--{name}", getattr(args, name), text)
        return BasinMap.read(Path(args.spec)), True
    grid = checked(GRID, args.grid) if args.grid is not None else GRID.default
    steps = checked(STEPS, args.steps) if args.steps is not None else STEPS.default
    assert isinstance(grid, int)
    assert isinstance(steps, int)
    catalog = load_catalog()
    spec = find_spec(args.spec, catalog, sets=args.sets)
    need_consent(spec, trust=args.trust)
    maker = MapMaker(spec, catalog, grid=grid, steps=steps)
    return maker.map, _make(maker, quiet=args.quiet)


def _make(maker: "MapMaker", *, quiet: bool) -> bool:
    stop = Event()
    with (
        stopping(stop.set),
        _progress(maker.map, quiet=quiet) as tick,
        closing(maker.make()) as parts,
    ):
        for _ in parts:
            tick()
            if stop.is_set():
                return False
    return True


@contextmanager
def _progress(found: "BasinMap", *, quiet: bool) -> Iterator[Callable[[], None]]:
    """Give what shows how far a map is: a bar, or a line now and then."""
    if quiet:
        yield lambda: None
    elif not sys.stdout.isatty():
        said = monotonic()

        def line() -> None:
            nonlocal said
            if monotonic() - said >= LINE_SECONDS:
                said = monotonic()
                say(tr("{share} % of all steps", share=int(100 * found.share)))
                sys.stdout.flush()

        yield line
    else:
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(file=sys.stdout), transient=True) as bar:
            task = bar.add_task(tr(found.title) or tr("Map of basins"), total=1.0)
            yield lambda: bar.update(task, completed=found.share)


def _check_target(target: Path, *, overwrite: bool) -> None:
    """Refuse a file before an hour is spent on what cannot be written."""
    from optlab.export.atomic import check_free
    from optlab.export.basin_figures import FIGURE_SUFFIXES, TABLE_SUFFIX
    from optlab.store.basin_map import SUFFIX

    suffixes = (SUFFIX, *FIGURE_SUFFIXES, TABLE_SUFFIX)
    if target.suffix.lower() not in suffixes:
        text = "a file name that ends in one of {suffixes}"
        raise InputError("--to", str(target), tr(text, suffixes=", ".join(suffixes)))
    if not overwrite and target.is_file():
        text = tr("is there already; --force replaces it")
        raise InputError(str(target), None, text)
    check_free(target, overwrite=overwrite)


def _write(found: "BasinMap", target: Path, *, by: "By", overwrite: bool) -> None:
    from optlab.export.basin_figures import export_map
    from optlab.store.basin_map import SUFFIX

    if target.suffix.lower() == SUFFIX:
        found.write(target, overwrite=overwrite)
    else:
        export_map(found, target, by=by, overwrite=overwrite)


def _tell(found: "BasinMap") -> None:
    from optlab.export.basin_words import summary

    rows = [[label, summary(found, i)] for i, label in enumerate(found.labels)]
    say_table([tr("optimizer"), tr("starts")], rows)


VERB = Verb(
    "basins",
    "Map which minimum each optimizer reaches from where, and how soon.",
    add_arguments,
    act,
)
