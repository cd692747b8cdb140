"""Run an experiment into a run file: the one road that both front ends take.

Imports neither torch nor Qt when it is imported; the engine comes in when a run starts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from optlab.control import Planned, RunControl
from optlab.optimizers.schedules.preview import Preview, preview
from optlab.params import InputError
from optlab.problems.surface import Surface
from optlab.records import Event, Record, RunStop, State
from optlab.registry import Catalog, resolve
from optlab.spec import (
    ExperimentSpec,
    ParameterInfo,
    SchedulerSpec,
    check_spec,
    dump_spec,
    resolved,
    spec_from_text,
)
from optlab.store.database import DiskFullError
from optlab.store.run_data import RunData
from optlab.store.run_file import ResumePoint, RunWriter, read_resume
from optlab.translate import tr, tr_n

if TYPE_CHECKING:
    from optlab.engine.loop import Past
    from optlab.problems.datasets import DatasetStatus, dataset_status, get_dataset

__all__ = [
    "DatasetStatus",
    "Description",
    "Preview",
    "Runner",
    "Surface",
    "choosable_devices",
    "dataset_status",
    "describe",
    "get_dataset",
    "new_folder",
    "schedule_preview",
    "surface_of",
    "warm_up",
]

RUN_FILE: Final = "run.optlab"
_RETRY_SECONDS: Final = 0.25
"""How often it is tried again to write to a disk that was full."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import what is to do with datasets, and HTTP with it, once it is wanted."""
        if name in ("DatasetStatus", "dataset_status", "get_dataset"):
            from optlab.problems import datasets

            return getattr(datasets, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Runner:
    """One run of one experiment into one run file.

    Args:
        spec: The experiment.
        catalog: What it is made of.
        folder: Where ``run.optlab`` is written; made if it is not there.
        control: Requests of a front end; a new one if None.
        device: ``auto``, ``cpu`` or ``cuda``.
        until: Share of the steps after which the run stops, to go on another time.
        planned: What is to happen at known steps.
        slice_seconds: Time between two looks at the control, roughly.

    Attributes:
        data: What is known of the run; readable while it runs, from any thread.
        control: Where a front end asks for a pause or a stop.
        path: The run file.
        waiting: Why the run waits without being asked to; empty while it does not.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        *,
        folder: Path,
        control: RunControl | None = None,
        device: str = "auto",
        until: float = 1.0,
        planned: Sequence[Planned] = (),
        slice_seconds: float = 0.1,
    ) -> None:
        check_spec(spec, catalog)
        self.path = folder / RUN_FILE
        self.control = control or RunControl()
        self.waiting = ""
        self.data = RunData(spec_text=dump_spec(spec, catalog), path=folder / RUN_FILE)
        self._spec, self._catalog = spec, catalog
        self._device, self._slice_seconds = device, slice_seconds
        self._until, self._planned = until, tuple(planned)
        self._point: ResumePoint | None = None
        self._going: frozenset[int] = frozenset()
        self._longer: tuple[Event, ...] = ()

    @classmethod
    def resume(
        cls,
        path: Path,
        catalog: Catalog,
        *,
        steps: int | None = None,
        control: RunControl | None = None,
        device: str = "auto",
        until: float = 1.0,
        planned: Sequence[Planned] = (),
        slice_seconds: float = 0.1,
    ) -> Runner:
        """Return a runner that goes on with a recorded run.

        Args:
            path: The run file.
            catalog: What the experiment is made of.
            steps: New number of steps; None to keep the old one.
            control: Requests of a front end.
            device: ``auto``, ``cpu`` or ``cuda``.
            until: Share of the steps after which it stops again.
            planned: What is to happen at known steps.
            slice_seconds: Time between two looks at the control, roughly.

        Raises:
            InputError: It is no run file, nothing is left to do, or ``steps`` is less
                than what was done.
        """
        point = read_resume(path)
        spec = spec_from_text(point.spec_text, catalog, name=str(path))
        longer: tuple[Event, ...] = ()
        if steps is not None:
            recorded = RunData.open(path)
            total = _total_steps(spec, recorded)
            done = _steps_done(point, recorded, total=total)
            spec = _with_steps(spec, steps, done=done)
            longer = _longer(point, total, steps, done=done)
        runner = cls(
            spec,
            catalog,
            folder=path.parent,
            control=control,
            device=device,
            until=until,
            planned=planned,
            slice_seconds=slice_seconds,
        )
        runner.path = path
        runner.data = RunData.open(path)
        runner._point = point
        runner._going = _going_on(point, runner.data, more=steps is not None)
        runner._longer = tuple(e for e in longer if e.trial in (None, *runner._going))
        if point.trials and not runner._going:
            text = tr("every trial has ended; give more steps to go on")
            raise InputError(str(path), None, text)
        return runner

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment."""
        return self._spec

    def run(self) -> Iterator[None]:
        """Do the whole run, yielding often; the file is closed however it ends.

        Raises:
            InputError: The experiment cannot be run here, or the file not be written.
        """
        from optlab.engine.loop import run

        records = run(
            self._spec,
            self._catalog,
            self.control,
            device=self._device,
            past=self._past(),
            until=self._until,
            planned=self._planned,
            slice_seconds=self._slice_seconds,
        )
        with closing(cast(Generator[Record], records)):
            first = next(records)
            # Closed before the engine's threads are waited for, which may take a while.
            with closing(self._open_writer()) as writer:
                try:
                    self._take(first, writer)
                    for event in self._longer:
                        self._take(event, writer)
                    for record in records:
                        try:
                            self._take(record, writer)
                        except DiskFullError as error:
                            yield from self._wait_for_room(writer, str(error))
                        yield
                except BaseException as error:
                    self._note_failure(error)
                    raise

    def _open_writer(self) -> RunWriter:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            text = tr("cannot be made: {reason}", reason=error.strerror or str(error))
            raise InputError(str(self.path.parent), None, text) from None
        return RunWriter(
            self.path,
            dump_spec(self._spec, self._catalog),
            resolved_text=dump_spec(resolved(self._spec, self._catalog), self._catalog),
            resume=self._point is not None,
        )

    def _take(self, record: Record, writer: RunWriter) -> None:
        self.data.append(record)
        writer.append(record)

    def _wait_for_room(self, writer: RunWriter, reason: str) -> Iterator[None]:
        """Pause while the disk is full; there is room again, or the run is to stop."""
        self.waiting = reason
        self._note_waiting("pause", tr("the disk is full"), writer)
        while not self.control.wait_for_stop(_RETRY_SECONDS):
            yield
            with suppress(DiskFullError):
                writer.flush()
                break
        self.waiting = ""
        self._note_waiting("resume", "", writer)

    def _note_waiting(self, name: str, text: str, writer: RunWriter) -> None:
        step = max(0, *(self.data.status(t.trial).step for t in self.data.trials))
        # The writer has it even so, and commits it with all the rest.
        with suppress(DiskFullError):
            self._take(Event(trial=None, step=step, name=name, text=text), writer)

    def _note_failure(self, error: BaseException) -> None:
        if self.data.state.ended:
            return
        if isinstance(error, InputError):
            stop = RunStop(state=State.FAILED, reason=str(error))
        elif isinstance(error, Exception):
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            stop = RunStop(state=State.FAILED, reason=reason)
        else:
            stop = RunStop(state=State.STOPPED, reason=tr("interrupted"))
        self.data.append(stop)

    def _past(self) -> Past | None:
        from optlab.engine.loop import Past

        if self._point is None:
            return None
        trials = self._point.trials
        return Past(
            checkpoints={
                trial.trial: trial.checkpoint
                for trial in trials
                if trial.trial in self._going and trial.checkpoint is not None
            },
            ended={t.trial: t.state for t in trials if t.trial not in self._going},
        )


def _going_on(point: ResumePoint, data: RunData, *, more: bool) -> frozenset[int]:
    """Return the trials that go on: not those that ended on their own or by hand."""
    by_hand = {e.trial for e in data.events() if e.name == "stop-trial"}
    ended = {State.DIVERGED, State.FAILED} | (set() if more else {State.FINISHED})
    return frozenset(
        trial.trial
        for trial in point.trials
        if trial.state not in ended and trial.trial not in by_hand
    )


def _total_steps(spec: ExperimentSpec, data: RunData) -> int:
    """Return how many steps a run takes by its own clock; 0 if it never started.

    A trial with a batch size of its own takes more or fewer steps than the run has.
    """
    starts = data.trials
    usual = [s.steps for s in starts if not spec.optimizers[s.entry].batch_size]
    return spec.training.steps or max(usual or [s.steps for s in starts], default=0)


def _steps_done(point: ResumePoint, data: RunData, *, total: int) -> int:
    """Return how many of ``total`` steps were taken: of each trial the same share."""
    starts = {start.trial: start for start in data.trials}
    return max(
        (-(-total * t.step // starts[t.trial].steps) for t in point.trials), default=0
    )


def _longer(
    point: ResumePoint, total: int, steps: int, *, done: int
) -> tuple[Event, ...]:
    """Return what is to be recorded where a run is given another number of steps.

    One for the run, and one for each trial that has to start again: its schedule is
    made for the new number, while those that go on keep the length they began with.
    """
    if not point.trials or steps == total:
        return ()
    text = f"{total} → {steps}"
    again = [t.trial for t in point.trials if t.checkpoint is None]
    return tuple(
        Event(trial=trial, step=done if trial is None else 0, name="steps", text=text)
        for trial in (None, *again)
    )


def _with_steps(spec: ExperimentSpec, steps: int, *, done: int) -> ExperimentSpec:
    if steps < max(done, 1):
        text = tr_n(
            "at least the {n} step that was taken already",
            "at least the {n} steps that were taken already",
            n=max(done, 1),
        )
        raise InputError("--steps", steps, text)
    training = replace(spec.training, steps=steps, epochs=None)
    return replace(spec, training=training)


@dataclass(frozen=True, kw_only=True)
class Description:
    """What an experiment trains.

    Attributes:
        parameters: Every parameter, in the order of the model.
        n_parameters: How many numbers they hold.
        train_size: Training samples; 0 where there is no data.
        notes: What is done for each optimizer, by label.
    """

    parameters: tuple[ParameterInfo, ...]
    n_parameters: int
    train_size: int
    notes: tuple[tuple[str, str], ...]


def describe(spec: ExperimentSpec, catalog: Catalog) -> Description:
    """Build what an experiment trains and describe it; call it off the GUI thread.

    Schedules and param groups do not count: a row that matches nothing is told by
    `assign_groups` from what this returns.

    Raises:
        InputError: The experiment cannot be built.
    """
    from optlab.engine.loop import build_group

    plain = (replace(e, scheduler=None, groups=()) for e in spec.optimizers)
    group, _ = build_group(
        replace(spec, optimizers=tuple(plain)), catalog, device="cpu"
    )
    try:
        return Description(
            parameters=group.parameters,
            n_parameters=group.trials[0].start.n_parameters,
            train_size=group.train_size,
            notes=tuple(
                (t.start.label, note) for t in group.trials for note in t.start.notes
            ),
        )
    finally:
        group.close()


def schedule_preview(
    schedule: SchedulerSpec,
    catalog: Catalog,
    *,
    lr: float,
    steps: int,
    steps_per_epoch: int = 0,
    key: str = "scheduler",
) -> Preview | None:
    """Return how a schedule will move a learning rate; needs no torch.

    Args:
        schedule: The schedule.
        catalog: Where schedulers are.
        lr: The optimizer's own rate.
        steps: Steps of the run.
        steps_per_epoch: Steps in one pass over the data; 0 where there is no data.
        key: Where the schedule stands, for messages.

    Returns:
        Some of the steps and their rates; None where the rate depends on how the run
        goes.

    Raises:
        InputError: Something in the schedule is missing or not allowed.
    """
    return preview(
        catalog.schedulers,
        schedule,
        lr=lr,
        steps=steps,
        steps_per_epoch=steps_per_epoch,
        key=key,
    )


def surface_of(spec: ExperimentSpec, catalog: Catalog) -> Surface | None:
    """Return the surface of an experiment, or None where the problem is none."""
    problem = catalog.problems.get(spec.problem.name)
    if problem.kind != "surface":
        return None
    factory = cast(Callable[..., Surface], resolve(problem.factory))
    return factory(problem.complete(spec.problem.values))


def new_folder(base: Path, title: str) -> Path:
    """Make and return a folder of its own for a run, named by title and time.

    Raises:
        InputError: It cannot be made there.
    """
    name = re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:40] or "run"
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        suffix = "" if number == 1 else f"-{number}"
        folder = base / f"{name}-{stamp}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not base.is_dir():
                break
            continue
        except OSError as error:
            reason = error.strerror or str(error)
            text = tr("cannot be made: {reason}", reason=reason)
            raise InputError(str(folder), None, text) from None
        return folder
    raise InputError(str(base), None, tr("not a folder"))


def warm_up() -> None:
    """Import torch and touch its slow first paths; call it in the worker's thread."""
    import torch

    image = torch.zeros(1, 3, 8, 8)
    weight = torch.zeros(2, 3, 3, 3, requires_grad=True)
    torch.nn.functional.conv2d(image, weight).sum().backward()  # type: ignore[no-untyped-call]
    # The first optimizer of a process imports the compiler, which takes seconds.
    torch.optim.SGD([weight], lr=0.0).step()


def choosable_devices() -> tuple[str, ...]:
    """Return the devices that a run can be given here; imports torch."""
    import torch

    return ("auto", "cpu", "cuda") if torch.cuda.is_available() else ("auto", "cpu")
