"""What a list of runs shows of one run, read from the small tables of its file.

No block of values is touched: results come from ``summary`` and from the thinned
``preview``. What is read of a metric is therefore the final value of each trial,
exactly; the best one is exact for the training loss and, up to 500 evaluations, for
what is measured in evaluations.
"""

import json
import math
import sqlite3
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from optlab.diagnostics.catalog import DIAGNOSTICS, METRICS
from optlab.params import InputError
from optlab.records import State
from optlab.store.database import reading
from optlab.store.notes import NO_NOTES, Notes

LOSS: Final = "train_loss"
_SUMMARY: Final = (
    ("final", LOSS, "final_train_loss"),
    ("best", LOSS, "best_train_loss"),
)
_NO_RESULTS: Final = frozenset(
    ("epoch", "samples", "grad_evals", "wall_time_s", "optimizer_time_s", "position")
)
Curve = tuple[int, tuple[tuple[float, float], ...]]
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Result:
    """A value of the trial that stands best, and the label of its optimizer."""

    value: float
    label: str


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What a list shows of one run file.

    Attributes:
        path: The file.
        fault: Why it cannot be read; then nothing else is known but ``size``.
        title: Title of the experiment.
        problem: Name of the problem in the catalog.
        words: Other names in the problem: its model, its dataset.
        optimizers: Names of the optimizers, each once.
        labels: Labels of the entries.
        seeds: Seeds.
        trials: How many trials there are.
        steps: Steps that the longest trial takes.
        step: Steps that the furthest trial has taken.
        state: State of the run; that of its file, until a library corrects it.
        reason: Why it did not finish.
        created: When it was started, UTC, ISO 8601.
        seconds: Seconds that all trials spent in steps.
        size: Bytes of the file and of its log.
        device: Where it ran, in words.
        versions: Names and versions of what took part.
        finals: By metric, the final value of the best trial.
        bests: By metric, the best value that any trial ever had.
        notes: What a person says of it.
    """

    path: Path
    fault: str = ""
    title: str = ""
    problem: str = ""
    words: tuple[str, ...] = ()
    optimizers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    trials: int = 0
    steps: int = 0
    step: int = 0
    state: State = State.QUEUED
    reason: str = ""
    created: str = ""
    seconds: float = 0.0
    size: int = 0
    device: str = ""
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    finals: Mapping[str, Result] = field(default_factory=lambda: MappingProxyType({}))
    bests: Mapping[str, Result] = field(default_factory=lambda: MappingProxyType({}))
    notes: Notes = NO_NOTES


def read_facts(path: Path, *, size: int = 0) -> RunFacts:
    """Return what a list shows of a run file; one that is none says so in ``fault``."""
    try:
        with reading(path) as connection:
            return _read(connection, path, size)
    except InputError as error:
        return RunFacts(path=path, fault=error.allowed, size=size)


def read_curves(path: Path, metric: str = LOSS) -> tuple[Curve, ...]:
    """Return the thinned curves of a metric: of each trial its entry and its points.

    Raises:
        InputError: The file cannot be read.
    """
    with reading(path) as connection:
        if metric not in _previewed(connection):
            return ()
        entries = dict(connection.execute("SELECT trial, entry FROM trial").fetchall())
        name = _quoted(metric)
        found: dict[int, list[tuple[float, float]]] = {}
        query = (
            f"SELECT trial, step, {name} FROM preview "  # noqa: S608
            f"WHERE {name} IS NOT NULL ORDER BY trial, step"
        )
        for trial, step, value in connection.execute(query):
            found.setdefault(trial, []).append((float(step), float(value)))
        return tuple((entries[t], tuple(points)) for t, points in found.items())


def to_json(facts: RunFacts) -> dict[str, Any]:
    """Return facts as JSON holds them, without path and notes."""
    plain = {
        name: getattr(facts, name)
        for name in RunFacts.__dataclass_fields__
        if name not in ("path", "notes", "finals", "bests", "versions")
    }
    for name in ("finals", "bests"):
        results: Mapping[str, Result] = getattr(facts, name)
        plain[name] = {m: [r.value, r.label] for m, r in results.items()}
    return plain | {"versions": dict(facts.versions)}


def from_json(tree: dict[str, Any], path: Path) -> RunFacts:
    """Return the facts that `to_json` made ``tree`` of.

    Raises:
        KeyError, TypeError, ValueError: It was made by something else.
    """
    known = dict(tree)
    for name in ("title", "problem", "reason", "created", "device", "fault"):
        known[name] = _as(str, known.get(name, ""))
    for name in ("trials", "steps", "step", "size"):
        known[name] = _as(int, known.get(name, 0))
    for name in ("words", "optimizers", "labels"):
        known[name] = tuple(_as(str, word) for word in _as(list, known[name]))
    known["seeds"] = tuple(_as(int, seed) for seed in _as(list, known["seeds"]))
    for name in ("finals", "bests"):
        results = _as(dict, known[name]).items()
        known[name] = {
            m: Result(float(v), _as(str, label)) for m, (v, label) in results
        }
    known["seconds"] = float(known["seconds"])
    known["versions"] = {
        k: _as(str, v) for k, v in _as(dict, known["versions"]).items()
    }
    known["state"] = State(known["state"])
    return RunFacts(path=path, **known)


def _as(kind: type[_Kind], value: object) -> _Kind:
    """Return a value that is of a kind.

    Raises:
        ValueError: It is of another.
    """
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _read(connection: sqlite3.Connection, path: Path, size: int) -> RunFacts:
    run = connection.execute(
        "SELECT title, spec, device, created, state, reason, versions FROM run"
    ).fetchone()
    trials = connection.execute(
        "SELECT trial, entry, label, optimizer, seed, steps, step, wall_time_s "
        "FROM trial ORDER BY trial"
    ).fetchall()
    labels = {int(row[0]): str(row[2]) for row in trials}
    problem = _as(dict, tomllib.loads(str(run[1])).get("problem", {}))
    versions = _as(dict, json.loads(run[6]))
    finals, bests = _results(connection, labels)
    return RunFacts(
        path=path,
        title=str(run[0]) or str(tomllib.loads(str(run[1])).get("title", "")),
        problem=str(problem.get("name", "")),
        words=tuple(str(problem[k]) for k in ("model", "dataset") if k in problem),
        optimizers=tuple(dict.fromkeys(str(row[3]) for row in trials)),
        labels=tuple(dict.fromkeys(labels.values())),
        seeds=tuple(dict.fromkeys(int(row[4]) for row in trials)),
        trials=len(trials),
        steps=max((int(row[5]) for row in trials), default=0),
        step=max((int(row[6]) for row in trials), default=0),
        state=State(run[4]),
        reason=str(run[5]),
        created=str(run[3]),
        seconds=sum(float(row[7]) for row in trials),
        size=size,
        device=str(run[2]),
        versions={str(k): str(v) for k, v in versions.items()},
        finals=finals,
        bests=bests,
    )


def _results(
    connection: sqlite3.Connection, labels: Mapping[int, str]
) -> tuple[dict[str, Result], dict[str, Result]]:
    """Return final and best values, each of the trial that stands best."""
    columns = _previewed(connection)
    finals = _finals(connection, columns)
    bests: dict[str, dict[int, float]] = {}
    for kind, metric, column in _SUMMARY:
        exact = connection.execute(f"SELECT trial, {column} FROM summary").fetchall()  # noqa: S608
        place = finals if kind == "final" else bests
        place.setdefault(metric, {}).update({t: v for t, v in exact if v is not None})
    for metric, sparse in columns.items():
        higher = _higher_is_better(metric)
        if sparse and higher is not None:
            function, name = "max" if higher else "min", _quoted(metric)
            query = f"SELECT trial, {function}({name}) FROM preview GROUP BY trial"  # noqa: S608
            found = connection.execute(query).fetchall()
            bests[metric] = {t: v for t, v in found if v is not None}
    winner = _winner(finals.get(LOSS, {}), higher=False)
    return (
        _best_of(finals, labels, winner=winner),
        _best_of(bests, labels, winner=winner),
    )


def _previewed(connection: sqlite3.Connection) -> dict[str, bool]:
    """Return the metrics that the preview shows, and whether each is sparse."""
    there = {row[1] for row in connection.execute("PRAGMA table_info(preview)")}
    metrics = connection.execute("SELECT name, sparse FROM metric ORDER BY metric")
    return {
        str(name): bool(sparse)
        for name, sparse in metrics
        if name in there and name not in _NO_RESULTS and not _is_coordinate(name)
    }


def _finals(
    connection: sqlite3.Connection, columns: Mapping[str, bool]
) -> dict[str, dict[int, float]]:
    finals: dict[str, dict[int, float]] = {name: {} for name in columns}
    dense = [name for name, sparse in columns.items() if not sparse]
    if dense:
        names = ", ".join(_quoted(name) for name in dense)
        query = (
            f"SELECT trial, {names} FROM preview AS last WHERE step = "  # noqa: S608
            "(SELECT max(step) FROM preview WHERE trial = last.trial)"
        )
        for trial, *values in connection.execute(query):
            for name, value in zip(dense, values, strict=True):
                if value is not None:
                    finals[name][trial] = float(value)
    for metric in (name for name, sparse in columns.items() if sparse):
        name = _quoted(metric)
        # Beside a single max() SQLite takes the other columns from that very row.
        query = (
            f"SELECT trial, {name}, max(step) FROM preview "  # noqa: S608
            f"WHERE {name} IS NOT NULL GROUP BY trial"
        )
        finals[metric] = {t: float(v) for t, v, _ in connection.execute(query)}
    return finals


def _best_of(
    values: Mapping[str, Mapping[int, float]],
    labels: Mapping[int, str],
    *,
    winner: int | None,
) -> dict[str, Result]:
    """Return one value of each metric.

    Where neither more nor less is better, it is that of the trial with the lowest loss.
    """
    found = {}
    for metric, trials in values.items():
        higher = _higher_is_better(metric)
        trial = winner if higher is None else _winner(trials, higher=higher)
        if trial is not None and math.isfinite(trials.get(trial, math.nan)):
            found[metric] = Result(trials[trial], labels.get(trial, ""))
    return found


def _winner(values: Mapping[int, float], *, higher: bool) -> int | None:
    finite = {trial: v for trial, v in values.items() if math.isfinite(v)}
    if not finite:
        return None
    sign = -1.0 if higher else 1.0
    return min(finite, key=lambda trial: sign * finite[trial])


def _higher_is_better(metric: str) -> bool | None:
    infos = (*METRICS, *DIAGNOSTICS)
    return next((i.higher_is_better for i in infos if i.name == metric), None)


def _is_coordinate(name: str) -> bool:
    return name[:1] == "x" and name[1:].isdecimal()


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
