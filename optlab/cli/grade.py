"""``optlab grade``: about sixty small problems, one simple thing at a time."""

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from optlab.cli.consent import add_trust, need_consent_to
from optlab.cli.output import complain, number, say, say_table
from optlab.cli.parsing import Parser, Verb, checked
from optlab.cli.run import RUNS, check_folder
from optlab.cli.training import stopping
from optlab.cli.tune import JOBS
from optlab.params import Kind, ParamSpec
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.analysis.unit_tests import Row
    from optlab.sweep.jobs import Executor, Job

STEPS: Final = ParamSpec(
    name="steps",
    kind=Kind.INT,
    default=300,
    low=10,
    high=1_000_000,
    meaning="Steps on each unit test.",
)
TABLE: Final = "unit-tests.csv"
FIGURE: Final = "unit-tests.svg"


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``grade``."""
    text = tr(
        "Optimizers by name, with commas between them; by default ten usual ones."
    )
    parser.add_argument("--optimizers", metavar="NAMES", help=text)
    parser.add_argument("--steps", metavar="N", help=tr(STEPS.meaning))
    parser.add_argument("--jobs", metavar="N", help=tr(JOBS.meaning))
    text = tr("Address of a Ray cluster on which trials run; local starts one here.")
    parser.add_argument("--ray", metavar="ADDRESS", help=text)
    text = tr("Folder for the run files, the table and the figure; a new one in runs/.")
    parser.add_argument("--out", metavar="DIR", help=text)
    add_trust(parser)
    text = tr("Print nothing but complaints.")
    parser.add_argument("--quiet", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Run every unit test, print how each optimizer did, and write the matrix."""
    from optlab.plugins import load_catalog
    from optlab.runner import new_folder
    from optlab.sweep.executors import executor
    from optlab.sweep.unit_tests import OPTIMIZERS, jobs

    names = [name.strip() for name in (args.optimizers or "").split(",")]
    steps = checked(STEPS, args.steps) if args.steps is not None else STEPS.default
    processes = None if args.jobs is None else checked(JOBS, args.jobs)
    assert isinstance(steps, int)
    assert processes is None or isinstance(processes, int)
    wanted = [name for name in names if name] or OPTIMIZERS
    need_consent_to((("--optimizers", n) for n in wanted), trust=args.trust)
    work = jobs(load_catalog(), wanted, steps=steps)
    if args.out is not None:
        folder = Path(args.out)
        check_folder(folder, (TABLE, FIGURE, *(f"{job.key}.optlab" for job in work)))
    with closing(executor(processes, args.ray)) as where:
        if args.out is None:
            folder = new_folder(RUNS, "unit-tests")
        found = _run(work, where, folder, quiet=args.quiet)
    return 1 if found is None else _tell(found, folder, quiet=args.quiet)


def _run(
    work: Sequence["Job"], where: "Executor", folder: Path, *, quiet: bool
) -> list[Path] | None:
    """Run all jobs; return their run files, or None if it was stopped or one failed."""
    from optlab.sweep.jobs import Failure, Progress

    stop = Event()
    paths: dict[str, Path] = {}
    fine = True
    with stopping(stop.set):
        for message in where.run(work, stop):
            if isinstance(message, Progress):
                continue
            if isinstance(message, Failure):
                complain(f"{message.key}: {message.reason}")
                fine = False
                continue
            path = folder / f"{message.key}.optlab"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(message.data)
            paths[message.key] = path
            if not quiet:
                say(tr("{n} of {total} unit tests", n=len(paths), total=len(work)))
                sys.stdout.flush()
    if stop.is_set():
        complain(tr("stopped"))
        return None
    return [paths[job.key] for job in work] if fine else None


def _tell(paths: Sequence[Path], folder: Path, *, quiet: bool) -> int:
    from optlab.analysis.unit_tests import Grade, matrix
    from optlab.export.atomic import written_whole
    from optlab.export.comparison_figures import heat_map
    from optlab.store.run_data import RunData

    rows = matrix([RunData.open(path) for path in paths])
    with written_whole(folder / TABLE) as draft:
        draft.write_text(_csv(rows), encoding="utf-8")
    tests = [cell.test for cell in rows[0].cells]
    grades = [[cell.grade.word for cell in row.cells] for row in rows]
    heat_map(
        [row.title for row in rows],
        tests,
        grades,
        classes=[grade.word for grade in Grade],
        path=folder / FIGURE,
    )
    if not quiet:
        headers = [tr("optimizer"), tr("lr"), *(grade.word for grade in Grade)]
        cells = [
            [
                row.optimizer,
                number(row.rate),
                *(str(sum(c.grade is grade for c in row.cells)) for grade in Grade),
            ]
            for row in rows
        ]
        say_table(headers, cells, right=range(1, len(headers)))
        say(tr("Written to {folder}", folder=folder))
    return 0


def _csv(rows: Sequence["Row"]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["optimizer", "lr", "test", "share", "grade"])
    for row in rows:
        for cell in row.cells:
            rate = "" if cell.rate is None else repr(cell.rate)
            grade = cell.grade.value
            writer.writerow([row.optimizer, rate, cell.test, repr(cell.share), grade])
    return text.getvalue()


VERB = Verb(
    "grade",
    "Grade optimizers on about sixty small problems, one simple thing at a time.",
    add_arguments,
    act,
)
