"""``optlab run``: train an experiment in the terminal."""

import argparse
from pathlib import Path
from typing import Final

from optlab.cli.consent import add_trust, need_consent
from optlab.cli.output import cannot_write, complain
from optlab.cli.parsing import Parser, Verb, add_device, device_of
from optlab.cli.training import DERIVED, exists, finish, train, write_outputs
from optlab.params import InputError, unknown_name
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, read_spec, spec_from_text, spec_warnings
from optlab.translate import tr

RUNS: Final = Path("runs")


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``run``."""
    text = tr("Experiment in TOML, or the name of a preset.")
    parser.add_argument("spec", metavar="SPEC.toml|PRESET", help=text)
    text = tr(
        "Folder for run.optlab, metrics.csv, summary.csv and curves.svg; none of them "
        "may be there. By default a new one in runs/."
    )
    parser.add_argument("--out", metavar="DIR", help=text)
    add_device(parser)
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
    text = tr("Print nothing but complaints.")
    parser.add_argument("--quiet", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Train, write the four files and print the closing table."""
    from optlab.plugins import load_catalog

    device = device_of(args)
    catalog = load_catalog()
    spec = find_spec(args.spec, catalog, sets=args.sets)
    return run_spec(spec, catalog, args, device)


def run_spec(
    spec: ExperimentSpec, catalog: Catalog, args: argparse.Namespace, device: str
) -> int:
    """Run a checked experiment and return the exit code."""
    from optlab.runner import RUN_FILE, Runner, new_folder

    if args.out is not None:
        folder = Path(args.out)
        check_folder(folder, (RUN_FILE, *DERIVED))
    need_consent(spec, trust=args.trust)
    for warning in spec_warnings(spec, catalog):
        complain(warning)
    there = _existing_ancestor(RUNS if args.out is None else folder)
    if args.out is None:
        folder = new_folder(RUNS, spec.title or spec.problem.name)
    runner = Runner(spec, catalog, folder=folder, device=device)
    try:
        train(runner, quiet=args.quiet)
    except OSError as error:
        raise cannot_write(folder, error) from None
    finally:
        _remove_empty(folder, there)
    write_outputs(runner.data, folder, overwrite=False)
    return finish(runner.data, runner.path, quiet=args.quiet)


def find_spec(name: str, catalog: Catalog, *, sets: list[str]) -> ExperimentSpec:
    """Return the experiment of a preset or of a file.

    Raises:
        InputError: There is neither, or it holds something wrong.
    """
    if name in catalog.presets:
        text = catalog.presets.get(name).text
        return spec_from_text(text, catalog, name=name, sets=sets)
    path = Path(name)
    looks_like_a_name = path.suffix == "" and path.name == name
    if looks_like_a_name and not path.exists():
        raise unknown_name("SPEC", name, catalog.presets.names(), value=name)
    return read_spec(path, catalog, sets=sets)


def check_folder(folder: Path, names: tuple[str, ...]) -> None:
    """Refuse a folder in which something would be overwritten.

    Raises:
        InputError: It is a file, or holds one of ``names`` already.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError("--out", str(folder), tr("a folder; this is a file"))
        for name in names:
            if (folder / name).exists() or (folder / name).is_symlink():
                raise exists(folder / name)
    except OSError as error:
        raise cannot_write(folder, error) from None


def _existing_ancestor(folder: Path) -> Path:
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _remove_empty(folder: Path, there: Path) -> None:
    """Remove the folders that were made for a run that then wrote nothing."""
    folder = folder.absolute()
    while folder != there and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


VERB = Verb("run", "Train an experiment in the terminal.", add_arguments, act)
