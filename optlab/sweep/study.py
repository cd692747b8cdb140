"""A study: tune every optimizer with the same budget, compare winners on new seeds.

It can be stopped at any moment and goes on from what its folder holds. Nothing depends
on where its jobs are done, or on which of them ends first.
"""

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final, TypeAlias

from optlab.analysis.evidence import judged_metric
from optlab.analysis.tuning import rung_costs, rung_shares
from optlab.params import Values
from optlab.records import State
from optlab.registry import Catalog
from optlab.spec import (
    ExperimentSpec,
    PartSpec,
    TuningSpec,
    dump_spec,
    labels,
    resolved,
    spec_from_text,
)
from optlab.store.lock import WriterLock
from optlab.store.merge import merge_runs, without_checkpoints
from optlab.store.run_data import RunData
from optlab.sweep.events import (
    Ended,
    JobFailed,
    ProblemDone,
    RungDone,
    SeedDone,
    StudyEvent,
    TrialDone,
    Winner,
    WinnersKnown,
    Working,
)
from optlab.sweep.folder import (
    StudyFolder,
    final_key,
    problem_folder,
    slug,
    study_hash,
    tuning_key,
)
from optlab.sweep.halving import Known, Want, best_of, came_to, next_wants, planned_work
from optlab.sweep.jobs import Executor, Failure, Job, Progress, Result
from optlab.sweep.search import (
    Dimension,
    as_setting,
    dimensions,
    values_of,
)
from optlab.sweep.study_checks import check_study, has_images, problems_of
from optlab.translate import tr

__all__ = [
    "Ended",
    "JobFailed",
    "ProblemDone",
    "RungDone",
    "SeedDone",
    "Study",
    "StudyEvent",
    "TrialDone",
    "Winner",
    "WinnersKnown",
    "Working",
    "check_study",
]

MOST_BYTES: Final = 1_000_000_000
"""Run files that are held in memory at once, to be gone on with."""
_ENDED: Final = (State.FINISHED, State.DIVERGED, State.FAILED)


@dataclass(eq=False)
class _Search:
    """The search for the settings of one optimizer on one problem."""

    problem: int
    entry: int
    label: str
    dims: tuple[Dimension, ...]
    known: dict[int, Known]

    def key(self, names: Sequence[str], number: int) -> str:
        return tuning_key(names[self.problem], slug(self.entry, self.label), number)


_Place: TypeAlias = tuple[_Search, Want] | tuple[int, int]
"""What a job is about: a tuning trial, or a problem and a seed of the comparison."""


class Study:
    """One study in one folder.

    Args:
        spec: The experiment. Without a table ``tuning`` nothing is tuned.
        catalog: What it is made of.
        folder: Where everything is kept; what it holds is not done again.
        executor: Where jobs are done; the caller closes it.
        device: ``cpu``, ``cuda`` or ``auto``, for each job.
        gpus: GPUs of each job; fractions share one.
        stop: Set it to stop; a new one if None.

    Raises:
        InputError: Something in the experiment cannot be done, or the folder holds
            another study.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        folder: Path,
        *,
        executor: Executor,
        device: str = "cpu",
        gpus: float = 0.0,
        stop: Event | None = None,
    ) -> None:
        check_study(spec, catalog)
        self.spec, self.catalog, self.folder = spec, catalog, StudyFolder(folder)
        self.folder.check(spec, catalog)
        self.stop = stop or Event()
        self._executor, self._device, self._gpus = executor, device, gpus
        self._hash = study_hash(spec, catalog)
        self._labels = labels(spec, catalog)
        self._problems = problems_of(spec)
        self._names = [problem_folder(i, s) for i, s in enumerate(self._problems)]
        self._searches = self._new_searches()
        self._failed: set[str] = set()
        self._live: dict[str, float] = {}
        self._final_done: set[tuple[int, int]] = set()

    @classmethod
    def resume(
        cls,
        folder: Path,
        catalog: Catalog,
        *,
        executor: Executor,
        device: str = "cpu",
        gpus: float = 0.0,
        stop: Event | None = None,
    ) -> "Study":
        """Return the study of a folder, to go on with it.

        Raises:
            InputError: There is no study in it.
        """
        spec = StudyFolder(folder).read(catalog)
        return cls(
            spec,
            catalog,
            folder,
            executor=executor,
            device=device,
            gpus=gpus,
            stop=stop,
        )

    @property
    def problems(self) -> tuple[ExperimentSpec, ...]:
        """The experiment on each of its problems."""
        return tuple(self._problems)

    def run(self) -> Generator[StudyEvent, None, None]:
        """Do what is left to do, and yield what happens; the last event is `Ended`.

        Raises:
            InputError: The folder cannot be used, or jobs cannot be done there at all.
        """
        self.folder.begin(self.spec, self.catalog)
        lock = WriterLock(self.folder.study_file)
        try:
            self._look_around()
            yield from self._tune()
            if not self.stop.is_set():
                yield from self._compare()
        finally:
            lock.release()
        yield Ended(stopped=self.stop.is_set(), failures=len(self._failed))

    # What is to be done, and what is known.

    def _new_searches(self) -> list[_Search]:
        if self.spec.tuning is None:
            return []
        return [
            _Search(
                problem=p,
                entry=i,
                label=label,
                dims=dimensions(entry, self.catalog, f"optimizers.{i}"),
                known={},
            )
            for p in range(len(self._problems))
            for i, (label, entry) in enumerate(
                zip(self._labels, self.spec.optimizers, strict=True)
            )
        ]

    def _look_around(self) -> None:
        """Take in what the folder holds."""
        for search in self._searches:
            pattern = self.folder.place(search.key(self._names, 0)).parent
            for path in sorted(pattern.glob("*.optlab")):
                if path.stem.isdecimal():
                    self._learn(search, int(path.stem), path)
        for p, seed in self._finals():
            if self._final_is_done(p, seed):
                self._final_done.add((p, seed))

    def _learn(self, search: _Search, number: int, path: Path) -> None:
        """Take in the run file of a tuning trial."""
        tuning = self._tuning
        run = RunData.open(path)
        spec = spec_from_text(run.spec_text, self.catalog, name=str(path))
        metric = judged_metric(spec, run.metrics, tuning=True)
        costs = rung_costs(run, metric, rung_shares(tuning))
        if costs:
            setting = as_setting(search.dims, spec.optimizers[0].values)
            search.known[number] = Known(setting=setting, costs=costs)

    @property
    def _tuning(self) -> TuningSpec:
        assert self.spec.tuning is not None
        return self.spec.tuning

    # Tuning.

    def _tune(self) -> Iterator[StudyEvent]:
        """Go on until no search wants anything more."""
        told: set[tuple[int, int, int]] = set()
        while not self.stop.is_set():
            wanted: dict[str, tuple[_Search, Want]] = {}
            for search in self._searches:
                for want in next_wants(search.dims, self._tuning, search.known):
                    wanted[search.key(self._names, want.number)] = (search, want)
            if not wanted:
                break
            yield from self._do(wanted)
            yield from self._rungs_done(told)
        if self._searches and not self.stop.is_set():
            self._slim()
            for p in range(len(self._problems)):
                yield WinnersKnown(problem=p, winners=self.winners(p))

    def _rungs_done(self, told: set[tuple[int, int, int]]) -> Iterator[RungDone]:
        for search in self._searches:
            wants = next_wants(search.dims, self._tuning, search.known)
            rung = min((w.rung for w in wants), default=self._tuning.rungs)
            for done in range(rung):
                at = came_to(search.known, done, eta=self._tuning.eta)
                key = (search.problem, search.entry, done)
                if key not in told:
                    told.add(key)
                    yield RungDone(
                        problem=search.problem,
                        label=search.label,
                        rung=done,
                        trials=len(at),
                    )

    def _tuning_job(self, key: str, search: _Search, want: Want) -> Job:
        spec = self._part(
            search.problem, part="tuning", trial=want.number, seeds=self._tuning.seeds
        )
        entry = self.spec.optimizers[search.entry]
        values = dict(entry.values) | dict(values_of(search.dims, want.setting))
        entry = replace(entry, label=search.label, values=Values(values))
        spec = replace(spec, optimizers=(entry,))
        return self._job(key, spec, until=rung_shares(self._tuning)[want.rung])

    def _take_trial(
        self, search: _Search, want: Want, path: Path
    ) -> Iterator[TrialDone]:
        self._learn(search, want.number, path)
        known = search.known.get(want.number)
        if known is not None and len(known.costs) > want.rung:
            yield TrialDone(
                problem=search.problem,
                label=search.label,
                number=want.number,
                values=tuple(values_of(search.dims, known.setting).items()),
                rung=want.rung,
                share=rung_shares(self._tuning)[want.rung],
                cost=known.costs[want.rung],
            )

    def winners(self, problem: int) -> tuple[Winner, ...]:
        """Return what each optimizer goes into the comparison with."""
        found = []
        for search in self._searches:
            if search.problem != problem:
                continue
            best = best_of(search.known, self._tuning.rungs)
            if best is None:
                setting, cost = tuple(d.default for d in search.dims), math.inf
            else:
                known = search.known[best]
                setting, cost = known.setting, known.costs[-1]
            found.append(
                Winner(
                    label=search.label,
                    number=best,
                    values=tuple(values_of(search.dims, setting).items()),
                    cost=cost,
                )
            )
        return tuple(found)

    # The comparison.

    def _finals(self) -> list[tuple[int, int]]:
        seeds = self.spec.training.seeds
        return [(p, s) for p in range(len(self._problems)) for s in seeds]

    def _compare(self) -> Iterator[StudyEvent]:
        left = [f for f in self._finals() if f not in self._final_done]
        wanted = {final_key(self._names[p], seed): (p, seed) for p, seed in left}
        yield from self._do(wanted)
        for p in range(len(self._problems)):
            path = self._merge(p)
            if path is not None:
                yield ProblemDone(problem=p, path=path)

    def _final_spec(self, problem: int, seeds: tuple[int, ...]) -> ExperimentSpec:
        spec = self._part(problem, part="final", trial=0, seeds=seeds)
        winners = {winner.label: winner for winner in self.winners(problem)}
        entries = []
        for label, entry in zip(self._labels, self.spec.optimizers, strict=True):
            values = dict(entry.values)
            if label in winners:
                values |= dict(winners[label].values)
            entries.append(replace(entry, label=label, values=Values(values)))
        return replace(spec, optimizers=tuple(entries))

    def _final_is_done(self, problem: int, seed: int) -> bool:
        """Return whether a run file holds the final trials of a seed to their ends."""
        keys = (final_key(self._names[problem]), final_key(self._names[problem], seed))
        for path in map(self.folder.place, keys):
            if path.is_file():
                run = RunData.open(path)
                own = [t.trial for t in run.trials if t.seed == seed]
                if own and all(run.status(t).state in _ENDED for t in own):
                    return True
        return False

    def _merge(self, problem: int) -> Path | None:
        """Make one run file of those of all seeds, and return it; None if one lacks.

        Where they were made on different machines they stay as they are.
        """
        name, seeds = self._names[problem], self.spec.training.seeds
        whole = self.folder.place(final_key(name))
        parts = [self.folder.place(final_key(name, seed)) for seed in seeds]
        if not whole.is_file():
            if not all((problem, seed) in self._final_done for seed in seeds):
                return None
            spec = self._final_spec(problem, seeds)
            full = resolved(spec, self.catalog)
            with self.folder.drafted(whole) as draft:
                merged = merge_runs(
                    parts,
                    draft,
                    spec_text=dump_spec(spec, self.catalog),
                    resolved_text=dump_spec(full, self.catalog),
                )
            if not merged:
                return parts[0].parent
        for seed in seeds:
            self.folder.remove(final_key(name, seed))
        return whole

    # Jobs.

    def _part(
        self, problem: int, *, part: str, trial: int, seeds: tuple[int, ...]
    ) -> ExperimentSpec:
        """Return the experiment of one part, on one problem, with its seeds."""
        spec = self._problems[problem]
        training = replace(spec.training, seeds=seeds)
        if part == "tuning" and has_images(spec, self.catalog):
            # The test part is for the comparison alone.
            training = replace(training, split="tune")
        return replace(
            spec,
            training=training,
            part=PartSpec(
                study=self._hash,
                part=part,
                problem=problem,
                trial=trial,
                seeds=len(self.spec.training.seeds),
            ),
        )

    def _job(self, key: str, spec: ExperimentSpec, *, until: float) -> Job:
        path = self.folder.place(key)
        return Job(
            key=key,
            spec_text=dump_spec(spec, self.catalog),
            until=until,
            past=path.read_bytes() if path.is_file() else None,
            cpus=float(spec.training.threads),
            gpus=self._gpus,
            device=self._device,
        )

    def _do(self, wanted: "Mapping[str, _Place]") -> Iterator[StudyEvent]:
        """Do jobs, keep what comes out of them, and yield what happens."""
        for keys in self._portions(list(wanted)):
            jobs = [self._job_of(key, wanted[key]) for key in keys]
            for message in self._executor.run(jobs, self.stop):
                match message:
                    case Progress(key=key, step=step, steps=steps):
                        self._live[key] = step / steps
                        share = self.share
                        yield Working(key=key, step=step, steps=steps, share=share)
                    case Result(key=key, data=data):
                        path = self.folder.write(key, data)
                        self._live.pop(key, None)
                        yield from self._taken(wanted[key], path)
                    case Failure(key=key, reason=reason):
                        yield from self._lost(key, reason, wanted[key])

    def _portions(self, keys: Sequence[str]) -> Iterator[list[str]]:
        """Yield keys of jobs whose run files fit into memory together."""
        portion: list[str] = []
        size = 0
        for key in keys:
            path = self.folder.place(key)
            own = path.stat().st_size if path.is_file() else 0
            if portion and size + own > MOST_BYTES:
                yield portion
                portion, size = [], 0
            portion.append(key)
            size += own
        if portion and not self.stop.is_set():
            yield portion

    def _job_of(self, key: str, place: _Place) -> Job:
        match place:
            case (_Search() as search, Want() as want):
                return self._tuning_job(key, search, want)
            case (int() as problem, int() as seed):
                return self._job(key, self._final_spec(problem, (seed,)), until=1.0)

    def _slim(self) -> None:
        """Take out of tuning trials what only those need that go on."""
        for search in self._searches:
            for number in search.known:
                path = self.folder.place(search.key(self._names, number))
                if path.is_file():
                    with self.folder.drafted(path) as draft:
                        without_checkpoints(path, draft)

    def _taken(self, place: _Place, path: Path) -> Iterator[StudyEvent]:
        """Take in a run file; one that ended early though nobody stopped it is lost."""
        match place:
            case (_Search() as search, Want() as want):
                found: list[StudyEvent] = list(self._take_trial(search, want, path))
                key = search.key(self._names, want.number)
            case (int() as problem, int() as seed):
                found = []
                key = final_key(self._names[problem], seed)
                if self._final_is_done(problem, seed):
                    self._final_done.add((problem, seed))
                    found = [SeedDone(problem=problem, seed=seed)]
        yield from found
        if not found and not self.stop.is_set():
            reason = tr("it ended before it had taken its steps")
            yield from self._lost(key, reason, place)

    def _lost(
        self,
        key: str,
        reason: str,
        place: _Place,
    ) -> Iterator[JobFailed]:
        """Go on without a job; a tuning trial counts as one that did not last."""
        self._live.pop(key, None)
        self._failed.add(key)
        match place:
            case (_Search() as search, Want() as want):
                known = search.known.get(want.number)
                done = known.costs if known is not None else ()
                lost = (math.inf,) * (self._tuning.rungs - len(done))
                search.known[want.number] = Known(
                    setting=want.setting, costs=(*done, *lost)
                )
        yield JobFailed(key=key, reason=reason)

    @property
    def share(self) -> float:
        """Share of the work that is done, roughly."""
        finals = len(self._finals()) * len(self._labels)
        total, done = float(finals), 0.0
        if self._searches:
            shares = rung_shares(self._tuning)
            seeds = len(self._tuning.seeds)
            total += len(self._searches) * planned_work(self._tuning) * seeds
            for search in self._searches:
                for known in search.known.values():
                    done += seeds * shares[len(known.costs) - 1]
        done += len(self._final_done) * len(self._labels)
        for key, share in self._live.items():
            part = len(self._labels) if key.startswith("final") else shares[0]
            done += part * share
        return min(done / total, 1.0)
