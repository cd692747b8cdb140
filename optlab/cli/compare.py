"""``optlab compare``: several experiments side by side, each told in the same words.

Experiments that are runs already are read; all others are run first. For every trial
both are told: how long it took to a target, and where it ended. Below, the verdict:
runs of one problem are judged together, by seed.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optlab.cli.consent import add_trust, need_consent
from optlab.cli.judging import Asked, judged, say_judged
from optlab.cli.output import number, say, say_table
from optlab.cli.parsing import Parser, Verb, add_device, checked, device_of
from optlab.cli.run import RUNS, find_spec
from optlab.params import InputError, Kind, ParamSpec
from optlab.records import State
from optlab.registry import Catalog
from optlab.spec import (
    ExperimentSpec,
    OptimizerSpec,
    ProblemSpec,
    TrainingSpec,
    check_spec,
    dump_spec,
    labels,
    spec_from_text,
)
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.analysis.outcomes import Outcome
    from optlab.problems.surface import Surface
    from optlab.store.run_data import RunData

STEPS: Final = ParamSpec(
    name="steps",
    kind=Kind.INT,
    default=None,
    low=1,
    optional=True,
    meaning="Steps of every experiment that is run; by default its own, or 300.",
)
TARGET: Final = ParamSpec(
    name="target",
    kind=Kind.FLOAT,
    default=None,
    optional=True,
    meaning="Loss to be reached; by default what half of the optimizers end at.",
)
_DEFAULT_STEPS: Final = 300
# With more trials than this there is a row for each optimizer only.
_MOST_ROWS: Final = 24
# Of the height of the start above the lowest value: nearer than this is there.
_NEAR: Final = 0.01
_RIGHT: Final = (1, 3, 4, 5, 6, 7, 8, 9)


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``compare``."""
    text = tr("Experiments in TOML, names of presets, run files, or folders of these.")
    parser.add_argument("what", metavar="SPEC|RUN", nargs="*", help=text)
    text = tr("Problems or presets by name, with commas between them.")
    parser.add_argument("--problems", metavar="NAMES", help=text)
    text = tr("Optimizers by name, at their defaults, instead of the experiments' own.")
    parser.add_argument("--optimizers", metavar="NAMES", help=text)
    parser.add_argument("--steps", metavar="N", help=tr(STEPS.meaning))
    parser.add_argument("--target", metavar="LOSS", help=tr(TARGET.meaning))
    text = tr("Label of the optimizer that all others are held against.")
    parser.add_argument("--baseline", metavar="LABEL", default="", help=text)
    text = tr("Hold every optimizer against every other.")
    parser.add_argument("--all-pairs", action="store_true", help=text)
    text = tr(
        "Change each experiment: training.seeds=0..9; may be given several times."
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="sets",
        help=text,
    )
    text = tr("Folder for the runs; by default new ones in runs/.")
    parser.add_argument("--out", metavar="DIR", help=text)
    add_device(parser)
    add_trust(parser)
    text = tr("Print JSON, and nothing else.")
    parser.add_argument("--json", action="store_true", help=text)


def act(args: argparse.Namespace) -> int:
    """Run what is not run yet and print the comparison."""
    from optlab.plugins import load_catalog

    catalog = load_catalog()
    device = device_of(args)
    steps = None if args.steps is None else checked(STEPS, args.steps)
    target = None if args.target is None else checked(TARGET, args.target)
    assert steps is None or isinstance(steps, int)
    assert target is None or isinstance(target, float)
    found = list(_experiments(args, catalog, steps))
    _check_baseline(args.baseline, [what for _, what in found], catalog)
    for _, what in found:
        if not isinstance(what, Path):
            need_consent(what, trust=args.trust)
    paths = [
        what if isinstance(what, Path) else _run(name, what, catalog, args, device)
        for name, what in found
    ]
    told = [
        _told(name, path, catalog, target)
        for (name, _), path in zip(found, paths, strict=True)
        if not _is_tuning(path, catalog)
    ]
    asked = Asked(baseline=args.baseline, all_pairs=args.all_pairs)
    verdicts = judged(paths, catalog, asked)
    if args.json:
        say_json({"experiments": told, "verdicts": verdicts})
    else:
        for table in told:
            _say_table(table)
        say_judged(verdicts)
    return 0


def _check_baseline(
    baseline: str, found: Sequence[ExperimentSpec | Path], catalog: Catalog
) -> None:
    """Refuse a baseline that is in none of the experiments, before any is run."""
    from optlab.store.run_data import RunData

    known: list[str] = []
    for what in found if baseline else ():
        if isinstance(what, Path):
            known.extend(trial.label for trial in RunData.open(what).trials)
        else:
            known.extend(labels(what, catalog))
    if baseline and baseline not in known:
        text = tr("one of {labels}", labels=", ".join(dict.fromkeys(known)))
        raise InputError("--baseline", baseline, text)


def _is_tuning(path: Path, catalog: Catalog) -> bool:
    """Return whether a run is a trial of a tuning: it is judged, and not told."""
    from optlab.store.run_data import RunData

    spec = spec_from_text(RunData.open(path).spec_text, catalog, name=str(path))
    return spec.part is not None and spec.part.part == "tuning"


def _experiments(
    args: argparse.Namespace, catalog: Catalog, steps: int | None
) -> list[tuple[str, ExperimentSpec | Path]]:
    """Return what is to be compared: experiments to be run, or paths of run files."""
    from optlab.analysis.evidence import run_files

    names = _words(args.optimizers, "--optimizers")
    optimizers = tuple(
        OptimizerSpec(name=catalog.optimizers.get(name, "--optimizers").name)
        for name in names
    )
    found: list[tuple[str, ExperimentSpec | Path]] = []
    for name in (*args.what, *_words(args.problems, "--problems")):
        if name.endswith(".optlab"):
            found.append((name, Path(name)))
            continue
        if name not in catalog.presets and Path(name).is_dir():
            found.extend((str(path), path) for path in run_files([Path(name)]))
            continue
        if name in catalog.problems:
            spec = _of_problem(name, optimizers, catalog)
        elif optimizers:
            spec = replace(find_spec(name, catalog, sets=[]), optimizers=optimizers)
        else:
            spec = find_spec(name, catalog, sets=args.sets)
        if optimizers and args.sets:
            # Only now: what is set may be a value of these optimizers.
            text = dump_spec(spec, catalog)
            spec = spec_from_text(text, catalog, name=name, sets=args.sets)
        if steps is not None:
            spec = replace(
                spec, training=replace(spec.training, steps=steps, epochs=None)
            )
        check_spec(spec, catalog)
        found.append((name, spec))
    if not found:
        text = tr("at least one experiment, preset, run file or --problems")
        raise InputError("compare", None, text)
    return found


def _of_problem(
    name: str, optimizers: tuple[OptimizerSpec, ...], catalog: Catalog
) -> ExperimentSpec:
    """Return an experiment on a bare problem, with what its users would expect."""
    if not optimizers:
        text = tr("names of optimizers, for the problem {problem}", problem=name)
        raise InputError("--optimizers", None, text)
    return ExperimentSpec(
        title=tr(catalog.problems.get(name).label),
        problem=ProblemSpec(name=name),
        training=TrainingSpec(steps=_DEFAULT_STEPS),
        optimizers=optimizers,
    )


def _words(text: str | None, option: str) -> list[str]:
    if text is None:
        return []
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise InputError(option, text, tr("names with commas between them"))
    return words


def _run(
    name: str,
    spec: ExperimentSpec,
    catalog: Catalog,
    args: argparse.Namespace,
    device: str,
) -> Path:
    from optlab.cli.training import train
    from optlab.runner import Runner, new_folder

    base = RUNS if args.out is None else Path(args.out)
    folder = new_folder(base, Path(name).stem)
    runner = Runner(spec, catalog, folder=folder, device=device)
    train(runner, quiet=args.json)
    return runner.path


def _told(
    name: str, path: Path, catalog: Catalog, target: float | None
) -> dict[str, Any]:
    """Return everything that is told of one run."""
    from optlab.analysis.outcomes import by_entry, judged_by, outcomes, usual_target
    from optlab.analysis.sweeps import sweeps
    from optlab.runner import surface_of
    from optlab.store.run_data import RunData

    data = RunData.open(path)
    spec = spec_from_text(data.spec_text, catalog, name=str(path))
    surface = surface_of(spec, catalog)
    wanted = usual_target(data) if target is None else target
    metric = judged_by(data)
    found = outcomes(data, target=wanted)
    trials = [asdict(outcome) for outcome in found]
    for trial, extra in zip(trials, _surface_facts(data, surface), strict=True):
        trial |= extra
    if surface is not None and surface.minimum is not None:
        for trial in trials:
            trial["came_near"] = _came_near(trial, surface.minimum)
    return {
        "experiment": name,
        "title": data.title,
        "problem": spec.problem.name,
        "run": str(path),
        "metric": metric,
        "target": wanted,
        "notes": _notes(found, metric, wanted),
        "entries": [asdict(entry) for entry in by_entry(found)],
        "trials": trials,
        "sweeps": [asdict(sweep) for sweep in sweeps(spec, catalog, found)],
    }


def _notes(found: "Sequence[Outcome]", metric: str, target: float | None) -> list[str]:
    """Return what is to be said of the target, where no trial reaches it."""
    from optlab.analysis.targets import unreached

    bests = [one.best for one in found if one.best is not None]
    if target is None or not bests or any(one.reach for one in found):
        return []
    return [unreached(metric, target, min(bests))]


def _came_near(trial: dict[str, Any], minimum: float) -> bool:
    """Return whether a trial was at the lowest value at least once on its way."""
    start, best = trial["start"], trial["best"]
    if start is None or best is None:
        return False
    return bool(best <= minimum + _NEAR * max(start - minimum, 0.0))


def _surface_facts(data: "RunData", surface: "Surface | None") -> list[dict[str, Any]]:
    """Return for each trial on a surface the minimum it ended at, and its crossings."""
    from optlab.analysis.basins import basins, overshoots, path_of

    if surface is None or "x0" not in data.metrics:
        return [{} for _ in data.trials]
    ends = {b.trial: b for b in basins(data, surface.minima, surface.domain)}
    facts: list[dict[str, Any]] = []
    for trial in data.trials:
        end = ends.get(trial.trial)
        crossings = overshoots(path_of(data, trial.trial), surface)
        minimum = None if end is None else end.minimum
        facts.append({"minimum": minimum, "overshoots": crossings})
    return facts


def say_json(tree: object) -> None:
    """Print a tree as JSON; numbers that JSON cannot hold are words."""
    import orjson

    sys.stdout.write(
        orjson.dumps(
            _finite(tree), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
        ).decode()
        + "\n"
    )


def _finite(node: object) -> object:
    """Return a tree in which numbers that JSON cannot hold are words."""
    if isinstance(node, float) and not math.isfinite(node):
        return str(node)
    if isinstance(node, dict):
        return {key: _finite(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_finite(value) for value in node]
    return node


def _say_table(told: dict[str, Any]) -> None:
    target = told["target"]
    reached = tr("no target") if target is None else f"≤ {number(target)}"
    say(f"{told['title'] or told['experiment']} ({told['metric']} {reached})")
    headers = (
        tr("label"),
        tr("seed"),
        tr("state"),
        tr("final"),
        tr("best"),
        tr("steps to target"),
        tr("evaluations"),
        tr("seconds"),
        tr("loss noise"),
        tr("samples/s"),
        tr("minimum"),
        tr("crossings"),
    )
    if len(told["trials"]) > _MOST_ROWS:
        _say_entries(told)
        return
    cells = [_row(trial) for trial in told["trials"]]
    kept = [i for i in range(len(headers)) if any(row[i] for row in cells)]
    say_table(
        [headers[i] for i in kept],
        [[row[i] for i in kept] for row in cells],
        right=[n for n, i in enumerate(kept) if i in _RIGHT],
    )
    _say_rest(told)


def _say_entries(told: dict[str, Any]) -> None:
    """Print one row for each optimizer, where trials would be too many."""
    headers = (
        tr("label"),
        tr("seeds"),
        tr("lasted"),
        tr("final, quartiles"),
        tr("reached"),
        tr("steps to target"),
        tr("loss noise"),
        tr("samples/s"),
        tr("ended at minimum"),
        tr("came to the lowest"),
    )
    cells = [_entry_row(entry, told["trials"]) for entry in told["entries"]]
    kept = [i for i in range(len(headers)) if any(row[i] for row in cells)]
    say_table(
        [headers[i] for i in kept],
        [[row[i] for i in kept] for row in cells],
        right=[n for n, i in enumerate(kept) if i not in (0, 3, 8)],
    )
    _say_rest(told)


def _say_rest(told: dict[str, Any]) -> None:
    for sweep in told["sweeps"]:
        _say_sweep(sweep)
    for note in told["notes"]:
        say(note)


def _entry_row(
    entry: dict[str, Any], trials: Sequence[dict[str, Any]]
) -> tuple[str, ...]:
    own = [t.get("minimum") for t in trials if t["entry"] == entry["entry"]]
    minima = sorted({m for m in own if m is not None})
    mine = [t for t in trials if t["entry"] == entry["entry"]]
    came = [t["came_near"] for t in mine if "came_near" in t]
    steps = entry["steps"]
    return (
        entry["label"],
        str(entry["n"]),
        str(entry["lasted"]),
        ", ".join(number(value) for value in entry["final"]),
        str(entry["reached"]),
        number(steps) if math.isfinite(steps) else "",
        number(entry["noise"]),
        number(entry["samples_per_s"]),
        ", ".join(f"{m + 1}: {own.count(m)}" for m in minima),
        tr("{n} of {total}", n=sum(came), total=entry["n"]) if came else "",
    )


def _say_sweep(sweep: dict[str, Any]) -> None:
    rate = sweep["parameter"] == "lr"
    zones = [
        f"{number(p['value'])} {_zone(p['zone'], rate=rate)}" for p in sweep["points"]
    ]
    say(
        tr(
            "{optimizer} over {parameter}: {zones}",
            optimizer=sweep["label"],
            parameter=sweep["parameter"],
            zones=", ".join(zones),
        )
    )
    if sweep["width"] is not None:
        text = tr(
            "within {tolerance} of the best over {width} decades",
            tolerance=sweep["tolerance"],
            width=number(sweep["width"]),
        )
        say(f"  {text}")


def _zone(name: str, *, rate: bool) -> str:
    words = {
        "small": tr("too small") if rate else tr("worse"),
        "good": tr("good"),
        "large": tr("too large") if rate else tr("worse"),
        "diverged": tr("diverged"),
    }
    return words[name]


def _row(trial: dict[str, Any]) -> tuple[str, ...]:
    reach = trial["reach"]
    minimum = trial.get("minimum")
    return (
        trial["label"],
        str(trial["seed"]),
        tr(State(trial["state"]).value),
        number(trial["final"]),
        number(trial["best"]),
        "" if reach is None else str(reach["step"]),
        "" if reach is None else str(reach["grad_evals"]),
        "" if reach is None else number(reach["seconds"]),
        number(trial["noise"]),
        number(trial["samples_per_s"]),
        "" if minimum is None else str(minimum + 1),
        ", ".join(str(n) for n in trial.get("overshoots", ())),
    )


VERB = Verb(
    "compare",
    "Compare experiments: time to a target, final value, and a verdict.",
    add_arguments,
    act,
)
