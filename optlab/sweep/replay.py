"""A recorded run once more: the same trials, and everything a person did to them.

What was done by hand is recorded with its step: a changed rate, a trial or a run that
was stopped, more steps than were planned. A pause and a stop that was followed by a
resume change nothing, so that a run of several sessions is repeated in one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from optlab.analysis.replayed import Replayed, hold_against
from optlab.control import Planned
from optlab.params import InputError
from optlab.records import Event, State, TrialStart
from optlab.registry import Catalog
from optlab.runner import RUN_FILE, Runner
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.run_data import RunData
from optlab.store.run_file import read_resume
from optlab.translate import tr

_ARROW: Final = "→"
# What a rate was rounded to before it was recorded in full.
_OLD_DIGITS: Final = 6
_OWN_END: Final = (State.DIVERGED, State.FAILED)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stretch of a run between two changes of its number of steps.

    Attributes:
        steps: Number of steps that it has; None for that of the experiment.
        planned: What happens in it.
    """

    steps: int | None
    planned: tuple[Planned, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Script:
    """How a run is to be repeated.

    Attributes:
        stages: Its stretches, in order.
        began: The stage in which each trial begins that does not in the first one: its
            program was killed before anything of it was saved.
        whole: Whether the end is known to the step; otherwise the repetition goes as
            far as the run did, and perhaps a little further.
        notes: What cannot be repeated exactly, in plain sentences.
    """

    stages: tuple[Stage, ...]
    began: tuple[tuple[int, int], ...] = ()
    whole: bool = True
    notes: tuple[str, ...] = ()

    def beginnings(self, trials: Sequence[TrialStart]) -> dict[int, frozenset[int]]:
        """Return which trials begin in which stage."""
        known = dict(self.began)
        found: dict[int, set[int]] = {}
        for start in trials:
            found.setdefault(known.get(start.trial, 0), set()).add(start.trial)
        return {stage: frozenset(own) for stage, own in sorted(found.items())}


class Replay:
    """A repetition of one run file.

    Args:
        path: The run file.
        catalog: What its experiment is made of.
        folder: Where the repetition is written.
        device: ``auto``, ``cpu`` or ``cuda``; empty for that of the run.

    Attributes:
        recorded: The run.
        script: How it is repeated.
        folder: Where the repetition is written.

    Raises:
        InputError: It is no run file, holds nothing to repeat, or its experiment
            cannot be read here.
    """

    def __init__(
        self, path: Path, catalog: Catalog, *, folder: Path, device: str = ""
    ) -> None:
        self.recorded = RunData.open(path)
        if not self.recorded.trials:
            text = tr("a run that has begun; nothing is recorded in this one")
            raise InputError(str(path), None, text)
        self._spec = spec_from_text(self.recorded.spec_text, catalog, name=str(path))
        self._catalog, self.folder = catalog, folder
        self._device = device or self._own_device()
        self.script = script_of(self.recorded, self._spec)
        self._made: list[tuple[Path, frozenset[int]]] = []

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment."""
        return self._spec

    def _own_device(self) -> str:
        # Without CUDA here it is tried all the same, and said.
        return "auto" if self.recorded.device.startswith("cuda") else "cpu"

    def runners(self) -> Iterator[Runner]:
        """Yield the runners whose runs, one after the other, are the repetition.

        Each has to be run before the next one is asked for. There is one for each
        stage; trials that began in a later stage have runs of their own, in folders of
        their own.
        """
        groups = self.script.beginnings(self.recorded.trials)
        for first, trials in groups.items():
            folder = self.folder if not self._made else self.folder / f"from-{first}"
            others = [
                Planned(step=0, act="stop-trial", trial=start.trial)
                for start in self.recorded.trials
                if start.trial not in trials
            ]
            self._made.append((folder / RUN_FILE, trials))
            for number, stage in enumerate(self.script.stages):
                if number < first:
                    continue
                if number == first:
                    yield self._begin(stage, folder, others)
                elif not self._may_go_on(folder / RUN_FILE):
                    break
                else:
                    yield self._go_on(stage, folder / RUN_FILE)

    def _begin(self, stage: Stage, folder: Path, others: Sequence[Planned]) -> Runner:
        spec = self._spec
        if stage.steps is not None:
            training = replace(spec.training, steps=stage.steps, epochs=None)
            spec = replace(spec, training=training)
        return Runner(
            spec,
            self._catalog,
            folder=folder,
            device=self._device,
            planned=(*others, *stage.planned),
        )

    def _go_on(self, stage: Stage, path: Path) -> Runner:
        return Runner.resume(
            path,
            self._catalog,
            steps=stage.steps,
            device=self._device,
            planned=stage.planned,
        )

    def _may_go_on(self, path: Path) -> bool:
        """Return whether any trial is left that did not end on its own or by hand."""
        data = RunData.open(path)
        by_hand = {e.trial for e in data.events() if e.name == "stop-trial"}
        return any(
            data.status(s.trial).state not in _OWN_END and s.trial not in by_hand
            for s in data.trials
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """The run files that were made."""
        return tuple(path for path, _ in self._made)

    def compare(self) -> Replayed:
        """Return how the repetition compares with the run; call it at the end."""
        found = [
            hold_against(
                self.recorded,
                RunData.open(path),
                trials=trials,
                whole=self.script.whole,
            )
            for path, trials in self._made
        ]
        firsts = [one.first for one in found if one.first is not None]
        return Replayed(
            values=sum(one.values for one in found),
            trials=sum(one.trials for one in found),
            first=min(firsts, key=lambda first: first.step, default=None),
            differing=tuple(dict.fromkeys(n for one in found for n in one.differing)),
        )

    def notes(self) -> tuple[str, ...]:
        """Return what is to be known of the comparison; call it at the end."""
        again = RunData.open(self._made[0][0]) if self._made else RunData()
        found = list(self.script.notes)
        if again.device != self.recorded.device:
            text = tr(
                "recorded on {device}, replayed on {other}: equal bits are not to be "
                "expected",
                device=self.recorded.device,
                other=again.device,
            )
            found.append(text)
        for name, version in self.recorded.versions.items():
            now = again.versions.get(name, "")
            if now != version:
                text = tr(
                    "recorded with {name} {version}, replayed with {now}",
                    name=name,
                    version=version,
                    now=now or "–",
                )
                found.append(text)
        return tuple(found)


def script_of(data: RunData, spec: ExperimentSpec) -> Script:
    """Return how a run is to be repeated."""
    notes: list[str] = []
    stages: list[Stage] = []
    planned: list[Planned] = []
    began: dict[int, int] = {}
    stops: list[int] = []
    length: int | None = None
    for event in data.events():
        match event.name:
            case "lr" if event.trial is not None:
                planned.append(_rate(event, data, spec, notes))
            case "stop-trial":
                step, trial = event.step, event.trial
                planned.append(Planned(step=step, act="stop-trial", trial=trial))
            case "stop":
                stops.append(event.step)
            case "steps" if event.trial is not None:
                began[event.trial] = len(stages)
            case "steps":
                before, after = _lengths(event)
                if event.step < before:
                    planned.append(Planned(step=event.step, act="stop"))
                stages.append(Stage(steps=before, planned=tuple(planned)))
                planned, stops, length = [], [], after
    if not stages and (found := _before(data, spec, planned)) is not None:
        first, planned = found
        stages.append(first)
        length = spec.training.steps
    end, whole = _end(data, spec, stops)
    if end is not None:
        planned.append(Planned(step=end, act="stop"))
    if not whole:
        text = tr("the run was cut short: what was recorded of it is compared")
        notes.append(text)
    stages.append(Stage(steps=length, planned=tuple(planned)))
    return Script(
        stages=tuple(stages),
        began=tuple(sorted(began.items())),
        whole=whole,
        notes=tuple(notes),
    )


def _rate(
    event: Event, data: RunData, spec: ExperimentSpec, notes: list[str]
) -> Planned:
    """Return a change of rate by hand, with the rate as exactly as it is known."""
    assert event.trial is not None
    written = event.text.partition(_ARROW)[2].strip()
    try:
        rate = float(written)
    except ValueError:
        text = tr("the new rate in an event ({text})", text=event.text)
        raise InputError(str(data.path), event.text, text) from None
    start = data.trials[event.trial]
    rounded = written == f"{rate:g}"
    if spec.optimizers[start.entry].scheduler is None:
        # The next step has it to the last bit, where the words may be rounded.
        there = data.series(event.trial, "lr").at(event.step + 1)
        if there is not None and f"{there:g}" == f"{rate:g}":
            rate = there
    elif rounded and len(re.sub(r"[^0-9]|e.*", "", written).lstrip("0")) >= _OLD_DIGITS:
        text = tr(
            "the rate that {label}, seed {seed} was given at step {step} is known to 6 "
            "digits only: what follows it cannot be proved",
            label=start.label,
            seed=start.seed,
            step=event.step,
        )
        notes.append(text)
    return Planned(step=event.step, act="lr", trial=event.trial, rate=rate)


def _lengths(event: Event) -> tuple[int, int]:
    before, _, after = event.text.partition(_ARROW)
    return int(before), int(after)


def _clock(data: RunData, spec: ExperimentSpec) -> int:
    """Return how many steps the run takes by its own clock."""
    usual = [s.steps for s in data.trials if not spec.optimizers[s.entry].batch_size]
    return spec.training.steps or max(usual or [s.steps for s in data.trials])


def _end(
    data: RunData, spec: ExperimentSpec, stops: Sequence[int]
) -> tuple[int | None, bool]:
    """Return the step of the run's clock at which it was stopped, if it was.

    Returns:
        The step, None where every trial ran to its end; and whether it is exact.
    """
    states = {data.status(s.trial).state for s in data.trials}
    if data.state is State.FINISHED or states <= {*_OWN_END, State.FINISHED}:
        return None, True
    total = _clock(data, spec)
    reached = 0
    for start in data.trials:
        row = -(-total * max(data.status(start.trial).step, 0) // start.steps)
        # Batches of another size do not end where those of the run do.
        reached = max(reached, row if start.steps == total else row - 1)
    if data.state is State.STOPPED and stops and stops[-1] >= reached:
        return stops[-1], True
    return (min(reached + 1, total) if reached < total else None), False


def _before(
    data: RunData, spec: ExperimentSpec, planned: list[Planned]
) -> tuple[Stage, list[Planned]] | None:
    """Return the stretch before a run was given more steps, and what came after it.

    For files of before that was recorded. The last step is evaluated: an evaluation
    that is not due otherwise was once the last one. A schedule keeps the length that
    it began with, and checkpoints hold it.
    """
    old, last = _once_last(data, spec), True
    if old is None:
        old = _schedule_length(data, spec)
        last = old is not None and (old % spec.training.eval_every == 0)
    if old is None:
        return None
    first = [p for p in planned if p.step < old]
    if not last:
        # It was stopped before: its last step was never evaluated.
        first.append(Planned(step=old - 1, act="stop"))
    return Stage(steps=old, planned=tuple(first)), [p for p in planned if p.step >= old]


def _once_last(data: RunData, spec: ExperimentSpec) -> int | None:
    every, total = spec.training.eval_every, _clock(data, spec)
    for start in data.trials:
        if start.steps != total:
            continue
        for metric in data.sparse:
            steps, _ = data.series(start.trial, metric).arrays()
            odd = [int(s) for s in steps if s % every and s != start.steps]
            if odd:
                return odd[0]
    return None


def _schedule_length(data: RunData, spec: ExperimentSpec) -> int | None:
    from optlab.engine.checkpoints import unpack

    total = _clock(data, spec)
    saved = {}
    if data.path is not None:
        saved = {t.trial: t.checkpoint for t in read_resume(data.path).trials}
    for start in data.trials:
        checkpoint = saved.get(start.trial)
        scheduled = spec.optimizers[start.entry].scheduler is not None
        if checkpoint is None or not scheduled or start.steps != total:
            continue
        try:
            schedule = unpack(checkpoint).get("schedule")
            steps = int(schedule["steps"]) if schedule else total
        except Exception as error:
            # Bytes from a file may be wrong in any way.
            reason = " ".join(str(error).split()) or type(error).__name__
            text = tr("its checkpoint cannot be read: {reason}", reason=reason)
            raise InputError(str(data.path), None, text) from None
        if steps != total:
            return steps
    return None
