"""The loop: schedules trials, listens to the control, and yields records.

It never knows who reads. Trials of a row see the same batches; a slice is as many rows
as fit into a fraction of a second, so that requests are heard soon and recording costs
little. The results do not depend on where slices end.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any, Final, cast

import torch

from optlab.control import Planned, Requests, RunControl
from optlab.engine.checkpoints import pack, unpack
from optlab.engine.devices import device_words, pick_device, versions
from optlab.engine.surface_group import SurfaceGroup
from optlab.engine.task_group import TaskGroup
from optlab.engine.trial import Trial, failure_reason
from optlab.params import InputError
from optlab.problems.base import Surface, TaskContext, TaskFamily
from optlab.records import (
    Checkpoint,
    Event,
    Record,
    RunStart,
    RunStop,
    State,
)
from optlab.registry import Catalog, resolve
from optlab.spec import ExperimentSpec, check_spec, trial_plans
from optlab.translate import tr

MAX_ROWS: Final = 8192
_NO_REQUESTS: Final = Requests(stop=False, pause=False, steps=0, stop_trials=())


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is known of a run that is to go on.

    Attributes:
        checkpoints: Newest checkpoint of each trial that goes on; a trial that has
            none starts again.
        ended: How the trials ended that do not go on.
    """

    checkpoints: Mapping[int, bytes] = field(default_factory=dict)
    ended: Mapping[int, State] = field(default_factory=dict)


def run(
    spec: ExperimentSpec,
    catalog: Catalog,
    control: RunControl,
    *,
    device: str = "auto",
    past: Past | None = None,
    until: float = 1.0,
    planned: Sequence[Planned] = (),
    checkpoint_every: float = 60.0,
    slice_seconds: float = 0.1,
) -> Iterator[Record]:
    """Run an experiment and yield its records, `RunStop` always last.

    Args:
        spec: The experiment.
        catalog: What it is made of.
        control: Requests of a front end.
        device: ``auto``, ``cpu`` or ``cuda``.
        past: The run that this one goes on with.
        until: Share of the steps after which everything stops, in (0, 1]; schedules
            go by all steps, and who resumes goes on as if nothing had been.
        planned: What is to happen at known steps; what lies behind is left out.
        checkpoint_every: Seconds between two checkpoints.
        slice_seconds: Time between two looks at the control, roughly; nets take
            several times as long (`TaskGroup.slice_factor`).

    Raises:
        InputError: The experiment cannot be run here; nothing was yielded then.
    """
    check_spec(spec, catalog)
    try:
        group, words = build_group(spec, catalog, device=device)
    except torch.OutOfMemoryError as error:
        raise InputError("device", device, failure_reason(error)) from None
    try:
        loop = _Loop(group, control, checkpoint_every, slice_seconds)
        loop.restore(past or Past())
        loop.plan(until, planned)
        start = RunStart(
            spec=spec,
            trials=tuple(t.start for t in group.trials),
            metrics=group.metrics,
            sparse=group.sparse,
            device=words,
            versions=versions(),
            resumed=past is not None,
        )
        yield from loop.records(start)
    finally:
        group.close()


def build_group(
    spec: ExperimentSpec, catalog: Catalog, *, device: str
) -> tuple[SurfaceGroup | TaskGroup, str]:
    """Build problem, models and optimizers of all trials.

    Returns:
        The group of trials, and the device that it is on, in words.
    """
    problem = catalog.problems.get(spec.problem.name)
    values = problem.complete(spec.problem.values)
    plans = trial_plans(spec, catalog)
    picked = pick_device(device)
    factory = cast(Callable[..., Any], resolve(problem.factory))
    if problem.kind == "surface":
        surface: Surface = factory(values)
        return SurfaceGroup(spec, catalog, plans=plans, surface=surface), "cpu"
    context = TaskContext(device=str(picked), split=spec.training.split)
    family: TaskFamily = factory(values, context)
    group = TaskGroup(spec, catalog, plans=plans, family=family, device=picked)
    return group, device_words(picked)


class _Loop:
    """The state of one run between slices."""

    def __init__(
        self,
        group: SurfaceGroup | TaskGroup,
        control: RunControl,
        checkpoint_every: float,
        slice_seconds: float,
    ) -> None:
        self._group, self._control = group, control
        self._checkpoint_every = checkpoint_every
        self._slice_seconds = slice_seconds
        self._closed: set[int] = set()
        self._fresh: set[int] = set()
        self._saved = monotonic()
        self._unsaved = True
        self._paused = False
        self._waited = False
        self._stopped = False
        self._planned: list[Planned] = []

    @property
    def _trials(self) -> tuple[Trial, ...]:
        return self._group.trials

    def restore(self, past: Past) -> None:
        """Go back to what a past run left.

        Raises:
            InputError: A checkpoint cannot be read, or is not of this experiment.
        """
        for trial in self._trials:
            number = trial.start.trial
            if number in past.ended:
                trial.end(past.ended[number])
                self._closed.add(number)
            elif number in past.checkpoints:
                _restore(trial, past.checkpoints[number])
                if trial.step >= trial.start.steps:
                    trial.end(State.FINISHED)
            else:
                self._fresh.add(number)
        self._group.rewind()

    def plan(self, until: float, planned: Sequence[Planned]) -> None:
        """Remember what is to happen at known steps."""
        steps = self._group.steps
        last = math.ceil(until * steps)
        ends = [Planned(step=last, act="stop")] if last < steps else []
        self._planned = [p for p in (*planned, *ends) if self._distance(p) >= 0]

    def records(self, start: RunStart) -> Iterator[Record]:
        """Yield everything from ``start`` to how the run ended."""
        try:
            yield start
            yield from self._group.starting_rows(self._fresh)
            yield from self._steps()
            yield from self._end()
        except Exception as error:
            yield from self._group.halt()
            # What the trials saved is good: they may go on another time.
            yield from self._stop_live()
            yield RunStop(state=State.FAILED, reason=failure_reason(error))
            raise

    def _steps(self) -> Iterator[Record]:
        """Yield everything that happens until no trial has a step to take."""
        rows = 1
        while any(t.live for t in self._trials):
            requests = self._control.take()
            if self._planned or requests != _NO_REQUESTS:
                yield from self._group.settle()
            yield from self._do_planned()
            if self._stopped:
                return
            for number in requests.stop_trials:
                yield from self._stop_trial(number)
            for number, rate in requests.rates:
                yield from self._set_rate(number, rate)
            if requests.stop:
                self._stopped = True
                yield self._event("stop")
                return
            if requests.pause and not requests.steps:
                yield from self._pause()
                continue
            if self._paused and not requests.pause:
                self._paused = False
                yield self._event("resume")
            began, row = perf_counter(), self._group.row
            self._unsaved = True
            for _ in range(max(1, requests.steps)):
                count = 1 if requests.steps else min(rows, self._room())
                yield from self._group.advance(count)
            took = perf_counter() - began
            due = monotonic() - self._saved >= self._checkpoint_every
            # Only trials at rest can be saved, closed, or waited for.
            rest = requests.steps or due or self._ended()
            if rest:
                yield from self._group.settle()
            wanted = self._slice_seconds * self._group.slice_factor
            rows = _next_rows(self._group.row - row, took, wanted)
            if requests.steps:
                self._paused, self._waited = True, False
                yield self._event("step")
            if rest:
                yield from self._close_ended()
            if due:
                yield from self._checkpoints()

    def _do_planned(self) -> Iterator[Record]:
        """Yield what is planned for where the trials stand."""
        due = [p for p in self._planned if self._distance(p) <= 0]
        self._planned = [p for p in self._planned if self._distance(p) > 0]
        for one in due:
            if one.trial is None:
                self._stopped = True
                yield self._event("stop")
            elif one.act == "stop-trial":
                yield from self._stop_trial(one.trial)
            elif one.rate is not None:
                yield from self._set_rate(one.trial, one.rate)

    def _distance(self, one: Planned) -> int:
        """Return how many steps of its own clock are left to what is planned."""
        if one.trial is None:
            return one.step - self._group.row
        trial = self._trials[one.trial]
        return one.step - trial.step if trial.live else 1

    def _room(self) -> int:
        """Return how many rows can be taken before something is planned."""
        room = MAX_ROWS
        for one in self._planned:
            rows = self._distance(one)
            if one.trial is not None:
                # A trial with smaller batches takes several steps in a row.
                steps = self._trials[one.trial].start.steps
                rows = rows // -(-steps // self._group.steps)
            room = min(room, max(1, rows))
        return room

    def _end(self) -> Iterator[Record]:
        """Yield what closes the run."""
        yield from self._group.settle()
        yield from self._close_ended()
        yield from self._checkpoints()
        yield from self._stop_live()
        failed = [t for t in self._trials if t.state is State.FAILED]
        if self._stopped:
            yield RunStop(state=State.STOPPED, reason=tr("stopped by request"))
        elif failed and len(failed) == len(self._trials):
            yield RunStop(state=State.FAILED, reason=failed[0].reason)
        else:
            yield RunStop(state=State.FINISHED)

    def _event(self, name: str) -> Event:
        return Event(trial=None, step=self._group.row, name=name)

    def _stop_live(self) -> Iterator[Record]:
        for trial in self._trials:
            if trial.live:
                trial.end(State.STOPPED, tr("stopped with the run"))
        yield from self._close_ended()

    def _stop_trial(self, number: int) -> Iterator[Record]:
        for trial in self._trials:
            if trial.start.trial == number and trial.live:
                yield Event(trial=number, step=trial.step, name="stop-trial")
                yield from self._checkpoint(trial)
                if trial.live:
                    trial.end(State.STOPPED, tr("stopped by request"))
        yield from self._close_ended()

    def _set_rate(self, number: int, rate: float) -> Iterator[Record]:
        for trial in self._trials:
            if trial.start.trial == number and trial.live:
                before = trial.set_rate(rate)
                if before is not None:
                    # The new rate to its last digit: a replay sets it again.
                    text = f"{before:g} → {rate!r}"
                    yield Event(trial=number, step=trial.step, name="lr", text=text)
                    # Who resumes must not come to a time before the change.
                    yield from self._checkpoint(trial)

    def _pause(self) -> Iterator[Record]:
        if not self._paused:
            self._paused = self._waited = True
            yield self._event("pause")
        # After single steps only when no other one follows soon: saving takes time.
        if self._unsaved and self._waited:
            yield from self._checkpoints()
        self._control.wait(0.5)
        self._waited = True

    def _checkpoint(self, trial: Trial) -> Iterator[Checkpoint]:
        """Yield what a trial needs to go on; one that cannot be saved fails alone."""
        try:
            data = pack(trial.tree())
        except Exception as error:
            # What an optimizer of a user's own holds may be anything.
            text = tr("cannot be saved: {reason}", reason=failure_reason(error))
            trial.end(State.FAILED, text)
        else:
            yield Checkpoint(trial=trial.start.trial, step=trial.step, data=data)

    def _checkpoints(self) -> Iterator[Record]:
        for trial in self._trials:
            if trial.live:
                yield from self._checkpoint(trial)
        self._saved, self._unsaved = monotonic(), False

    def _ended(self) -> list[Trial]:
        """Return the trials that have ended and were not told to have."""
        closed = self._closed
        return [
            t for t in self._trials if t.state.ended and t.start.trial not in closed
        ]

    def _close_ended(self) -> Iterator[Record]:
        for trial in self._ended():
            self._closed.add(trial.start.trial)
            if trial.state is State.FINISHED:
                yield from self._checkpoint(trial)
            yield trial.stop_record()


def _next_rows(rows: int, took: float, wanted: float) -> int:
    """Return how many rows to take next where ``rows`` took so long: at most double."""
    fit = int(rows * wanted / max(took, 1e-9))
    return max(1, min(fit, 2 * rows, MAX_ROWS))


def _restore(trial: Trial, data: bytes) -> None:
    try:
        trial.restore(unpack(data))
    except Exception as error:
        # Bytes from a file may be wrong in any way, and each way raises its own error.
        reason = failure_reason(error)
        text = tr("its checkpoint cannot be read: {reason}", reason=reason)
        raise InputError("run file", None, text) from None
