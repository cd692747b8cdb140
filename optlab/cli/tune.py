"""``optlab tune``: the same budget for each optimizer, then new seeds for winners."""

import argparse
import math
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from optlab.cli.consent import add_trust, need_consent
from optlab.cli.judging import Asked, judged, say_judged
from optlab.cli.output import complain, number, say, say_table
from optlab.cli.parsing import Parser, UsageError, Verb, add_device, checked, device_of
from optlab.cli.run import RUNS, find_spec
from optlab.cli.training import stopping
from optlab.params import InputError, Kind, ParamSpec
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, TuningSpec, check_spec, spec_warnings
from optlab.translate import tr, tr_n

if TYPE_CHECKING:
    from optlab.analysis.evidence import Evidence
    from optlab.analysis.tuning import Tuning
    from optlab.sweep.jobs import Executor
    from optlab.sweep.study import Ended, Study, StudyEvent

JOBS: Final = ParamSpec(
    name="jobs",
    kind=Kind.INT,
    default=1,
    low=1,
    high=1024,
    meaning="Processes side by side; by default one for each usable core.",
)
GPUS: Final = ParamSpec(
    name="gpus",
    kind=Kind.FLOAT,
    default=0.0,
    low=0,
    high=64,
    meaning="GPUs that each trial asks for; fractions share one. By default one with "
    "--device cuda, and none otherwise.",
)
REPORT: Final = "report.html"
LINE_SECONDS: Final = 10.0
BAR_SECONDS: Final = 0.1


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``tune``."""
    text = tr(
        "Experiment in TOML, the name of a preset, or the folder of a study to go on "
        "with."
    )
    parser.add_argument("spec", metavar="SPEC.toml|PRESET|DIR", help=text)
    add_study_arguments(parser)


def add_study_arguments(parser: Parser) -> None:
    """Add what all studies can be given."""
    text = tr(
        "Folder for the run files, by default a new one in runs/; one that holds a "
        "part of this study is gone on with."
    )
    parser.add_argument("--out", metavar="DIR", help=text)
    parser.add_argument("--jobs", metavar="N", help=tr(JOBS.meaning))
    text = tr("Address of a Ray cluster on which trials run; local starts one here.")
    parser.add_argument("--ray", metavar="ADDRESS", help=text)
    add_device(parser)
    parser.add_argument("--gpus", metavar="N", help=tr(GPUS.meaning))
    text = tr("Change the experiment: tuning.trials=12; may be given several times.")
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
    text = tr("Print JSON, and nothing else.")
    parser.add_argument("--json", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Tune, compare, and print what was found."""
    from optlab.plugins import load_catalog

    catalog = load_catalog()
    folder = Path(args.spec)
    if folder.is_dir() and args.spec not in catalog.presets:
        return go_on(folder, catalog, args)
    spec = find_spec(args.spec, catalog, sets=args.sets)
    if spec.tuning is None:
        spec = replace(spec, tuning=TuningSpec())
        check_spec(spec, catalog)
    return begin(spec, catalog, args)


def go_on(folder: Path, catalog: Catalog, args: argparse.Namespace) -> int:
    """Go on with the study of a folder."""
    from optlab.sweep.folder import StudyFolder

    for option, given in (("--set", args.sets), ("--out", args.out)):
        if given:
            text = tr("{option} does not go with the folder of a study", option=option)
            raise UsageError("tune", text)
    spec = StudyFolder(folder).read(catalog)
    need_consent(spec, trust=args.trust)
    where = Where.of(args)
    with closing(where.executor()) as executor:
        study = where.study(spec, catalog, folder, executor)
        return run_study(study, executor.words, args)


def begin(spec: ExperimentSpec, catalog: Catalog, args: argparse.Namespace) -> int:
    """Begin a study, or go on with it where its folder is there."""
    from optlab.runner import new_folder
    from optlab.sweep.study import check_study

    check_study(spec, catalog)
    need_consent(spec, trust=args.trust)
    where = Where.of(args)
    for warning in (*spec_warnings(spec, catalog), *_too_few_seeds(spec, catalog)):
        complain(warning)
    with closing(where.executor()) as executor:
        if args.out is None:
            folder = new_folder(RUNS, spec.title or spec.problem.name)
        else:
            folder = Path(args.out)
        study = where.study(spec, catalog, folder, executor)
        return run_study(study, executor.words, args)


def _too_few_seeds(spec: ExperimentSpec, catalog: Catalog) -> list[str]:
    """Return that no verdict can come of a study, if its seeds are too few for one."""
    from optlab.analysis.certificate import least_seeds
    from optlab.analysis.evidence import seeds_repeat

    n, seeds = len(spec.optimizers), len(spec.training.seeds)
    comparisons = math.comb(n, 2) if spec.comparison.all_pairs else n - 1
    least = least_seeds(comparisons)
    # Where nothing is drawn no number of seeds would do.
    if not comparisons or seeds >= least or seeds_repeat(spec, catalog):
        return []
    if seeds == 1:
        text = tr_n(
            "One seed is too few for one comparison at 5 %: it takes {least}.",
            "One seed is too few for {n} comparisons at 5 %: it takes {least}.",
            n=comparisons,
            least=least,
        )
        return [text]
    text = tr_n(
        "{seeds} seeds are too few for one comparison at 5 %: it takes {least}.",
        "{seeds} seeds are too few for {n} comparisons at 5 %: it takes {least}.",
        n=comparisons,
        seeds=seeds,
        least=least,
    )
    return [text]


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where the trials of a study run, as the options say.

    Attributes:
        jobs: Processor cores of this machine; None for all.
        ray: Address of a Ray cluster; None for this machine.
        device: ``auto``, ``cpu`` or ``cuda``.
        gpus: GPUs of each trial.
    """

    jobs: int | None
    ray: str | None
    device: str
    gpus: float

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Where":
        """Return what the options say.

        Raises:
            InputError: One of them is not legal, or they do not go together.
        """
        device = device_of(args)
        jobs = None if args.jobs is None else checked(JOBS, args.jobs)
        gpus = 1.0 if device == "cuda" else 0.0
        if args.gpus is not None:
            given = checked(GPUS, args.gpus)
            assert isinstance(given, float)
            gpus = given
        assert jobs is None or isinstance(jobs, int)
        if jobs is not None and args.ray is not None:
            text = "argument {name}: not allowed with argument {other}"
            raise UsageError("tune", tr(text, name="--jobs", other="--ray"))
        return cls(jobs=jobs, ray=args.ray, device=device, gpus=gpus)

    def executor(self) -> "Executor":
        """Return what does the jobs.

        Raises:
            InputError: The cluster cannot be used.
        """
        from optlab.sweep.executors import executor

        return executor(self.jobs, self.ray)

    def study(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        folder: Path,
        executor: "Executor",
    ) -> "Study":
        """Return the study, to be carried out there.

        Raises:
            InputError: It cannot be, or the folder holds another one.
        """
        from optlab.sweep.study import Study

        return Study(
            spec,
            catalog,
            folder,
            executor=executor,
            device=self.device,
            gpus=self.gpus,
        )


def run_study(study: "Study", words: str, args: argparse.Namespace) -> int:
    """Run a study to its end or until it is stopped, and return the exit code."""
    from optlab.sweep.study import Ended

    quiet = args.quiet or args.json
    if not quiet:
        _say_beginning(study, words)
    ended = Ended(stopped=True, failures=0)
    with stopping(study.stop.set), _view(study, quiet=quiet) as show:
        for event in study.run():
            show(event)
            if isinstance(event, Ended):
                ended = event
    return _finish(study.folder.path, study.catalog, args, ended=ended)


def _say_beginning(study: "Study", words: str) -> None:
    spec = study.spec
    trials = 0 if spec.tuning is None else spec.tuning.trials
    text = tr(
        "{title}: {optimizers}, {problems}, {trials} each, {seeds}; {where}",
        title=tr(spec.title) or tr("Untitled"),
        optimizers=tr_n("{n} optimizer", "{n} optimizers", n=len(spec.optimizers)),
        problems=tr_n("{n} problem", "{n} problems", n=1 + len(spec.further_problems)),
        trials=tr_n("{n} tuning trial", "{n} tuning trials", n=trials),
        seeds=tr_n("{n} seed", "{n} seeds", n=len(spec.training.seeds)),
        where=words,
    )
    say(text)
    sys.stdout.flush()


@contextmanager
def _view(study: "Study", *, quiet: bool) -> "Iterator[_View]":
    """Show what happens for as long as the context lasts."""
    view: _View
    if quiet:
        view = _View(study)
    elif sys.stdout.isatty():
        view = _Bar(study)
    else:
        view = _Lines(study)
    try:
        yield view
    finally:
        view.close()


class _View:
    """Shows nothing but what went wrong."""

    def __init__(self, study: "Study") -> None:
        self.study = study

    def __call__(self, event: "StudyEvent") -> None:
        """Show one event."""
        from optlab.sweep.study import JobFailed

        if isinstance(event, JobFailed):
            complain(f"{event.key}: {event.reason}")

    def close(self) -> None:
        """Show the end."""


class _Lines(_View):
    """A line for each rung and each seed, and how far it is now and then."""

    def __init__(self, study: "Study") -> None:
        super().__init__(study)
        self._next = monotonic() + LINE_SECONDS

    def __call__(self, event: "StudyEvent") -> None:
        super().__call__(event)
        line = told(event, self.study)
        if line:
            say(line)
        elif monotonic() >= self._next:
            self._next = monotonic() + LINE_SECONDS
            say(tr("{share} % of the study", share=int(100 * self.study.share)))
        sys.stdout.flush()


class _Bar(_View):
    """A bar for the whole study, below what happened."""

    def __init__(self, study: "Study") -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        super().__init__(study)
        self._next = 0.0
        self._console = Console(file=sys.stdout, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,
        )
        title = tr(study.spec.title) or tr("All trials")
        self._task = self._progress.add_task(title, total=1.0)
        self._progress.start()

    def __call__(self, event: "StudyEvent") -> None:
        super().__call__(event)
        line = told(event, self.study)
        if line:
            self._progress.console.print(line, markup=False)
        if line or monotonic() >= self._next:
            self._next = monotonic() + BAR_SECONDS
            self._draw()

    def close(self) -> None:
        self._draw()
        self._progress.stop()

    def _draw(self) -> None:
        self._progress.update(self._task, completed=self.study.share)
        self._progress.refresh()


def told(event: "StudyEvent", study: "Study") -> str:
    """Return a line about something that is worth one; empty otherwise."""
    from optlab.analysis.evidence import problem_words
    from optlab.sweep.study import RungDone, SeedDone, WinnersKnown

    def problem(place: int) -> str:
        return problem_words(study.problems[place])

    match event:
        case RungDone():
            text = "{problem}, {label}: rung {rung} of {rungs}, {trials}"
            tuning = study.spec.tuning
            return tr(
                text,
                problem=problem(event.problem),
                label=event.label,
                rung=event.rung + 1,
                rungs=1 if tuning is None else tuning.rungs,
                trials=tr_n("{n} trial", "{n} trials", n=event.trials),
            )
        case WinnersKnown():
            winners = "; ".join(f"{w.label} {_values(w.values)}" for w in event.winners)
            text = "{problem}, tuned: {winners}"
            return tr(text, problem=problem(event.problem), winners=winners)
        case SeedDone():
            text = "{problem}: seed {seed} compared"
            return tr(text, problem=problem(event.problem), seed=event.seed)
    return ""


def _finish(
    folder: Path,
    catalog: Catalog,
    args: argparse.Namespace,
    *,
    ended: "Ended",
) -> int:
    """Tell what was found, write the report, and return the exit code."""
    from optlab.analysis.evidence import gather, run_files

    try:
        run_files([folder])
    except InputError:
        # Stopped before the first trial was done.
        evidence = None
    else:
        evidence = gather([folder], catalog)
    told = _judged(folder, catalog, evidence)
    if args.json:
        _say_json(folder, evidence, told, stopped=ended.stopped)
    elif evidence is not None and not args.quiet:
        say_study(evidence)
        if told is not None:
            say_judged(told)
    if evidence is not None and not ended.stopped:
        report = _report(folder, evidence)
        if not args.quiet and not args.json:
            say(tr("Report: {path}", path=report))
    sys.stdout.flush()
    if ended.stopped:
        complain(tr("stopped; `optlab tune {folder}` goes on", folder=folder))
    return 1 if ended.stopped or ended.failures else 0


def _judged(
    folder: Path, catalog: Catalog, evidence: "Evidence | None"
) -> dict[str, Any] | None:
    """Return the verdicts; None as long as nothing was compared."""
    if evidence is None or not any(found.measured for found in evidence.findings):
        return None
    return judged([folder], catalog, Asked())


def _report(folder: Path, evidence: "Evidence") -> Path:
    """Write the report of a study that has ended; an older one is replaced."""
    from optlab.export.report.writer import write_report

    path = folder / REPORT
    write_report(evidence, path, overwrite=True)
    return path


def say_study(evidence: "Evidence") -> None:
    """Print what tuning found on each problem."""
    from optlab.analysis.tuning import tunings

    for findings in evidence.findings:
        found = tunings(findings)
        if found:
            text = "{problem}, tuned by {metric}"
            say(tr(text, problem=findings.problem, metric=found[0].metric))
            _say_table(found)


def _say_table(found: "tuple[Tuning, ...]") -> None:
    headers = (
        tr("label"),
        tr("winner"),
        tr("score"),
        tr("default"),
        tr("width, decades"),
        tr("trials"),
        tr("steps"),
        tr("note"),
    )
    say_table(headers, [_row(tuning) for tuning in found], right=(2, 3, 4, 5, 6))


def _row(tuning: "Tuning") -> tuple[str, ...]:
    default = next((p for p in tuning.finalists if p.number == tuning.default), None)
    lasted = default is not None and math.isfinite(default.cost)
    return (
        tuning.label,
        _values(tuning.winner),
        _score(tuning),
        "" if default is None else number(default.value) if lasted else tr("diverged"),
        number(tuning.width),
        str(tuning.trials),
        str(tuning.steps),
        _note(tuning),
    )


def _score(tuning: "Tuning") -> str:
    if tuning.best is not None:
        return number(tuning.value)
    return tr("diverged") if tuning.done else ""


def _note(tuning: "Tuning") -> str:
    if not tuning.done:
        return tr("not done yet")
    if tuning.best is None:
        return tr("no trial lasted: goes on with the values that were given")
    if tuning.edges:
        names = ", ".join(tuning.edges)
        return tr("{names} on the border of what was tried", names=names)
    return ""


def _values(values: Any) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in values)


def _say_json(
    folder: Path,
    evidence: "Evidence | None",
    told: dict[str, Any] | None,
    *,
    stopped: bool,
) -> None:
    from dataclasses import asdict

    from optlab.analysis.tuning import tunings
    from optlab.cli.compare import say_json

    problems = [
        {
            "problem": findings.problem,
            "metric": findings.metric,
            "tuning": [asdict(tuning) for tuning in tunings(findings)],
        }
        for findings in (() if evidence is None else evidence.findings)
    ]
    tree = {"folder": str(folder), "stopped": stopped, "problems": problems}
    say_json(tree | {"judged": told})


VERB = Verb(
    "tune",
    "Tune every optimizer with the same budget, and compare them on new seeds.",
    add_arguments,
    act,
)
