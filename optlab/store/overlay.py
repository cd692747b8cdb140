"""Several runs as one, so that one plot, one table and one export show them together.

Nothing is copied: trials get new numbers and, where labels meet, longer labels; every
question is handed on to the run that knows.
"""

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import tomli_w

from optlab.params import InputError
from optlab.records import Event, Record, State, TrialStart
from optlab.store.run_data import RunData
from optlab.store.series import Series
from optlab.store.status import TrialStatus
from optlab.translate import tr, tr_n

FEWEST: Final = 2


@dataclass(frozen=True)
class OverlaidRun:
    """One of the runs.

    Attributes:
        data: The run, live or read from its file.
        when: When it was started, as a person reads it; empty if unknown.
    """

    data: RunData
    when: str = ""


class Overlay(RunData):
    """Several runs that are read as if they were one; it cannot be appended to.

    Optimizers keep the order of the runs, so that each has a colour of its own. A live
    run among them goes on growing.

    Args:
        runs: The runs, at least two, each with its trials known.

    Attributes:
        runs: The runs.
        entries: For each run, the index that its first optimizer has here.

    Raises:
        InputError: There are too few, or one has not started yet.
    """

    def __init__(self, runs: Sequence[OverlaidRun]) -> None:
        _check(runs)
        datas = tuple(run.data for run in runs)
        super().__init__(spec_text=_shared_problem(datas))
        self.runs = datas
        self.title = tr_n("Overlay of {n} run", "Overlay of {n} runs", n=len(datas))
        self.device = ", ".join(_distinct(data.device for data in datas))
        self.versions = {k: v for data in datas for k, v in data.versions.items()}
        self.metrics = _distinct(name for data in datas for name in data.metrics)
        self.sparse = _distinct(name for data in datas for name in data.sparse)
        self.trials, self._places, self.entries = _renumbered(runs)

    @property
    def revision(self) -> int:
        """Grows with everything that is appended to one of the runs."""
        return sum(data.revision for data in self.runs)

    @property
    def state(self) -> State:
        """That of a run that still goes on; otherwise of the first without an end."""
        states = [data.state for data in self.runs]
        waiting = (s for s in states if not s.ended)
        amiss = (s for s in states if s is not State.FINISHED)
        return next(waiting, next(amiss, State.FINISHED))

    @property
    def reason(self) -> str:
        """Why the first of them that did not finish did not."""
        return next((data.reason for data in self.runs if data.reason), "")

    def append(self, record: Record) -> None:
        """Refuse: records belong to the runs.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"an overlay takes no {type(record).__name__}")

    def series(self, trial: int, metric: str) -> Series:
        """Return the very series of the run that has it; empty where it has none.

        Raises:
            InputError: The file it must be read from is damaged or gone.
        """
        data, number = self._places[trial]
        return data.series(number, metric)

    def status(self, trial: int) -> TrialStatus:
        """Return where a trial stands."""
        data, number = self._places[trial]
        return data.status(number)

    def events(self) -> tuple[Event, ...]:
        """Return what happened, run by run; what befell a whole run, trial by trial."""
        here = {(id(d), n): trial for trial, (d, n) in self._places.items()}
        found: list[Event] = []
        for data in self.runs:
            for event in data.events():
                numbers = (
                    [start.trial for start in data.trials]
                    if event.trial is None
                    else [event.trial]
                )
                found += (replace(event, trial=here[id(data), n]) for n in numbers)
        return tuple(found)


def _check(runs: Sequence[OverlaidRun]) -> None:
    if len({id(run.data) for run in runs}) < FEWEST or len(runs) < FEWEST:
        raise InputError("runs", len(runs), tr("at least two different runs"))
    for run in runs:
        if not run.data.trials:
            name = str(run.data.path) if run.data.path else run.data.title
            text = tr("has not started yet; wait for its first step")
            raise InputError(name, None, text)


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _shared_problem(datas: Sequence[RunData]) -> str:
    """Return the problem that all runs have, as TOML; nothing where they differ."""
    problems = []
    for data in datas:
        try:
            problems.append(tomllib.loads(data.spec_text).get("problem"))
        except tomllib.TOMLDecodeError:
            return ""
    first = problems[0]
    same = first is not None and all(problem == first for problem in problems)
    return tomli_w.dumps({"problem": first}) if same else ""


def _renumbered(
    runs: Sequence[OverlaidRun],
) -> tuple[tuple[TrialStart, ...], dict[int, tuple[RunData, int]], tuple[int, ...]]:
    labels = unique_labels(runs)
    trials: list[TrialStart] = []
    places: dict[int, tuple[RunData, int]] = {}
    entries: list[int] = []
    entry = 0
    for run, names in zip(runs, labels, strict=True):
        entries.append(entry)
        for start in run.data.trials:
            places[len(trials)] = run.data, start.trial
            renamed = replace(
                start,
                trial=len(trials),
                entry=entry + start.entry,
                label=names[start.entry],
            )
            trials.append(renamed)
        entry += 1 + max(start.entry for start in run.data.trials)
    return tuple(trials), places, tuple(entries)


def unique_labels(runs: Sequence[OverlaidRun]) -> tuple[dict[int, str], ...]:
    """Return the labels of each run's optimizers, by index in that run.

    A label that only one run has stays as it is; others are told apart by the title of
    their run, by when it was started, by its folder, or in the end by number.
    """
    owners: dict[str, list[tuple[int, int]]] = {}
    for k, run in enumerate(runs):
        for entry, label in {s.entry: s.label for s in run.data.trials}.items():
            owners.setdefault(label, []).append((k, entry))
    found: tuple[dict[int, str], ...] = tuple({} for _ in runs)
    taken = {label for label, places in owners.items() if len(places) == 1}
    for label, places in owners.items():
        ways = _ways_to_tell([runs[k] for k, _ in places]) if places[1:] else ("",)
        for (k, entry), way in zip(places, ways, strict=True):
            name = f"{label} · {way}" if way else label
            found[k][entry] = name if not places[1:] else _free(name, taken)
    return found


def _ways_to_tell(runs: Sequence[OverlaidRun]) -> tuple[str, ...]:
    """Return the first words that are there and differ for all of these runs."""
    words: tuple[Callable[[OverlaidRun], str], ...] = (
        lambda run: run.data.title,
        lambda run: run.when,
        lambda run: run.data.path.parent.name if run.data.path else "",
    )
    for word in words:
        found = tuple(word(run) for run in runs)
        if all(found) and len(set(found)) == len(found):
            return found
    return tuple(f"#{number}" for number in range(1, len(runs) + 1))


def _free(label: str, taken: set[str]) -> str:
    candidate, number = label, 2
    while candidate in taken:
        candidate, number = f"{label} #{number}", number + 1
    taken.add(candidate)
    return candidate
