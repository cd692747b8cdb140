"""One trial that trains a model: a step, its measurements, its evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np
import torch

from optlab.engine.course import Course
from optlab.engine.draws import OptimizerDraws
from optlab.engine.flat import FlatParameters, Number, SeparateParameters
from optlab.engine.stopwatch import CpuStopwatch, CudaStopwatch, stopwatch
from optlab.engine.streams import Stream, init_generator, word
from optlab.engine.trial import (
    Trial,
    entry_schedule,
    failure_reason,
    first_divergence,
    is_out_of_memory,
    weights_hash,
)
from optlab.optimizers.build import Built, Needs, build_entry, entry_needs
from optlab.optimizers.kinds import parameter_infos
from optlab.problems.base import Task
from optlab.records import Columns, Evaluation, Record, State, TrialStart
from optlab.registry import Catalog, resolve
from optlab.spec import ExperimentSpec, TrainingSpec, TrialPlan
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.optimizers.schedules.build import Schedule

Probe: TypeAlias = Callable[
    [Callable[[], torch.Tensor], Sequence[torch.nn.Parameter]], float
]

_NO_DRAWS: Final = nullcontext()
_MEASURED: Final = ("train_loss", "param_norm", "grad_norm", "update_norm")


class TaskTrial(Trial):
    """A trial on a learning task; `build_task_trial` makes one.

    What a slice measured stays where it was measured, a row for each step, and is read
    once, in `flush`.
    """

    def __init__(
        self,
        *,
        start: TrialStart,
        built: Built,
        schedule: Schedule | None,
        model: torch.nn.Module,
        task: Task,
        course: Course,
        training: TrainingSpec,
        extras: tuple[str, ...],
        probes: Mapping[str, Probe],
        draws: OptimizerDraws,
        flat: FlatParameters | SeparateParameters,
    ) -> None:
        super().__init__(
            start=start,
            built=built,
            schedule=schedule,
            parameters=tuple(model.named_parameters()),
            buffers=dict(model.named_buffers()),
        )
        self.model, self._task, self._course = model, task, course
        self.order = course.order
        self._training, self._flat = training, flat
        self._probes, self._draws = probes, draws
        self._extras = extras
        self._columns = (*_MEASURED, *self.lr_columns, *extras)
        self._shared_draws = [m for m in model.modules() if hasattr(m, "reseed")]
        self._second_passes = 0
        self._device = self.parameters[0][1].device
        self._watch: CpuStopwatch | CudaStopwatch = stopwatch(self._device)
        self._last = 0
        self._first = 0
        self._rows: list[tuple[Number, ...]] = []
        self._evals: list[int] = []
        self._evaluations: list[tuple[int, Mapping[str, torch.Tensor]]] = []

    def record_start(self) -> None:
        """Measure the starting point: row 0."""
        missing = [math.nan] * (len(self._columns) - len(_MEASURED))
        norm = self._flat.param_norm()
        self._first = 0
        self._rows = [(math.nan, norm, math.nan, math.nan, *missing)]
        self._evals = [0]
        try:
            self._evaluate(0)
        except Exception as error:
            self._fail(0, error)

    def plan_slice(self, last: int) -> None:
        """Make ready for the steps up to ``last``."""
        self._first, self._last = self.step + 1, last
        self._rows, self._evals = [], []

    @property
    def begun(self) -> int:
        """The step before the slice."""
        return self._first - 1

    def take_step(self) -> bool:
        """Take one step and say whether another one of this slice is left."""
        step = self.step + 1
        # Without data no trial can go on: what is raised here ends the run.
        batch, batch_hash = self._course.batch(self.step, self.batch_hash)
        try:
            self._step_and_measure(batch)
            self.batch_hash = batch_hash
            self.step = step
            if self.schedule is not None:
                self.schedule.after_step(step)
            if step % self._training.eval_every == 0 or step == self.start.steps:
                self._evaluate(step)
        except (Exception, SystemExit) as error:
            # Whatever an optimizer or a task raises ends this trial alone.
            self._fail(step, error)
            return False
        return step < self._last

    def _fail(self, step: int, error: BaseException) -> None:
        if is_out_of_memory(error):
            self._make_room()
        reason = failure_reason(error)
        self.end(State.FAILED, tr("step {step}: {reason}", step=step, reason=reason))

    def _make_room(self) -> None:
        """Let go of what only this trial needs, so that the others have room."""
        for _, parameter in self.parameters:
            parameter.grad = None
        self.optimizer.state.clear()
        if self._device.type == "cuda":
            # Of a device that is lost nothing can be taken back.
            with suppress(RuntimeError):
                torch.cuda.empty_cache()

    def _step_and_measure(self, batch: Any) -> None:
        flat, watch = self._flat, self._watch
        flat.remember()
        rates = self.rates()
        self._second_passes = 0
        if self.built.needs.closure:
            loss, extras, grad_norm = self._closure_step(batch)
        else:
            watch.start()
            loss, extras = self._backward(batch)
            watch.after_backward()
            # Now, for some optimizers use the gradient as scratch space.
            grad_norm = flat.grad_norm()
            watch.before_optimizer()
            with self._own_draws():
                self.optimizer.step()
            watch.stop()
            self._evals.append(1 + 2 * self._second_passes)
        norms = flat.param_norm(), grad_norm, flat.update_norm()
        measured = (extras[name] for name in self._extras)
        self._rows.append((loss, *norms, *rates, *measured))

    def _own_draws(self) -> AbstractContextManager[None]:
        if not self.built.needs.draws:
            return _NO_DRAWS
        return self._draws.of(self.start.seed, self.step + 1)

    def _backward(self, batch: Any) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        if self._training.zero_grad:
            self._flat.clear_gradient()
        if self._shared_draws:
            self._share_draws()
        loss, extras = self._task.loss(self.model, batch)
        if self._training.loss == "sum":
            loss = loss * len(batch[0])
        if self.built.needs.second_derivatives:
            self._differentiable_backward(loss)
        else:
            loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach(), extras

    def _share_draws(self) -> None:
        """Make what the model draws depend on seed and step alone."""
        bits = word(self.start.seed, Stream.DROPOUT, step=self.step + 1)
        for module in self._shared_draws:
            module.reseed(bits)  # type: ignore[operator]

    def _differentiable_backward(self, loss: torch.Tensor) -> None:
        """Give the parameters gradients that can be differentiated once more.

        Each time that this is done, it is counted: it costs about two evaluations.
        """
        parameters = [p for _, p in self.parameters]
        gradients = torch.autograd.grad(loss, parameters, create_graph=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            old = parameter.grad
            parameter.grad = gradient if old is None else old.detach() + gradient
        first = parameters[0].grad
        if first is not None and first.requires_grad:
            first.register_hook(self._count_second_pass)  # type: ignore[no-untyped-call]

    def _count_second_pass(self, _gradient: torch.Tensor) -> None:
        self._second_passes += 1

    def _closure_step(
        self, batch: Any
    ) -> tuple[torch.Tensor, Mapping[str, torch.Tensor], float | torch.Tensor]:
        """Take a step that calls the loss itself; the first call is what is recorded.

        The time of the calls is not the optimizer's; it is measured by the clock of
        the host, as such optimizers read their loss at each call anyway.
        """
        first: list[Any] = []
        calls, seconds = 0, 0.0

        def closure() -> torch.Tensor:
            nonlocal calls, seconds
            began = perf_counter()
            with torch.enable_grad():
                loss, extras = self._backward(batch)
            if not first:
                first.extend((loss, extras, self._flat.grad_norm()))
            calls += 1
            seconds += perf_counter() - began
            return loss

        self._watch.start()
        self._watch.after_backward()
        self._watch.before_optimizer()
        with self._own_draws():
            self.optimizer.step(closure)  # type: ignore[arg-type]
        if not first:
            raise RuntimeError(tr("its step never called the closure"))
        self._watch.stop(elsewhere=seconds)
        self._evals.append(calls + 2 * self._second_passes)
        loss, extras, grad_norm = first
        return loss, extras, grad_norm

    def _evaluate(self, step: int) -> None:
        with self.evaluation_weights():
            with torch.no_grad():
                values = dict(self._task.evaluate(self.model))
            for name, probe in self._probes.items():
                values[name] = torch.tensor(probe(self._probe_loss, self._trained()))
        self._tell_schedule(step, values)
        if values:
            self._evaluations.append((step, values))

    def _tell_schedule(self, step: int, values: Mapping[str, torch.Tensor]) -> None:
        """Let a schedule that acts on a metric see the evaluation after ``step``.

        The one of the last step alone does not count: a run that goes on from there
        has it no more.
        """
        schedule = self.schedule
        if schedule is None or not schedule.needs_metric:
            return
        if step and step % self._training.eval_every == 0:
            loss = self._rows[step - self._first][0]
            seen = {"train_loss": loss, **values}
            schedule.after_evaluation({n: float(v) for n, v in seen.items()})

    def _probe_loss(self) -> torch.Tensor:
        return self._task.probe(self.model)

    def _trained(self) -> list[torch.nn.Parameter]:
        return [p for _, p in self.parameters]

    def flush(self) -> Iterator[Record]:
        """Yield what the slice measured, and end the trial where it has to."""
        # A step that failed left no row, or one that does not count.
        count = self.step + 1 - self._first
        rows = np.empty((count, len(self._columns)))
        for j, measured in enumerate(zip(*self._rows[:count], strict=True)):
            rows[:, j] = _numbers(measured)
        if self._first == 0:
            yield from self._flush_start(rows)
            return
        wall, optimizer = self._watch.take()
        bad = self._find_divergence(rows)
        if bad is not None:
            rows = rows[: bad + 1]
            self.step = self._first + bad
            self.batch_hash = self._course.hash_after(self.step)
            self.end(State.DIVERGED, tr("diverged at step {step}", step=self.step))
        elif self.live and self.step >= self.start.steps:
            self.end(State.FINISHED)
        if len(rows):
            yield self._columns_record(rows, wall, optimizer)
        for step, values in self._evaluations:
            if step <= self.step:
                numbers = {name: float(value) for name, value in values.items()}
                yield Evaluation(trial=self.start.trial, step=step, values=numbers)
        self._evaluations = []
        yield from self.memory()

    def _flush_start(self, rows: Any) -> Iterator[Record]:
        values = {name: rows[:, j] for j, name in enumerate(self._columns)}
        zeros = ("epoch", "samples", "grad_evals", "wall_time_s", "optimizer_time_s")
        values |= {name: np.zeros(1) for name in zeros}
        yield Columns(trial=self.start.trial, first=0, values=values)
        for step, found in self._evaluations:
            numbers = {name: float(value) for name, value in found.items()}
            yield Evaluation(trial=self.start.trial, step=step, values=numbers)
        self._evaluations = []

    def _find_divergence(self, rows: Any) -> int | None:
        if not len(rows):
            return None
        losses = rows[:, 0]
        if self.first_loss is None:
            self.first_loss = float(losses[0])
        return first_divergence(
            losses,
            np.isfinite(rows[:, 1]) & np.isfinite(rows[:, 2]),
            first=self.first_loss,
            limit=self._training.divergence_limit,
        )

    def _columns_record(self, rows: Any, wall: list[float], opt: list[float]) -> Record:
        n = len(rows)
        values = {name: rows[:, j].copy() for j, name in enumerate(self._columns)}
        steps = range(self._first, self._first + n)
        samples = np.array([self.order.samples_after(k) for k in steps], dtype=float)
        values["samples"] = samples
        values["epoch"] = samples / self.order.size
        values["grad_evals"] = self.grad_evals + np.cumsum(self._evals[:n], dtype=float)
        values["wall_time_s"] = self.wall_time + np.cumsum(wall[:n])
        values["optimizer_time_s"] = self.optimizer_time + np.cumsum(opt[:n])
        self.grad_evals = int(values["grad_evals"][-1])
        self.wall_time = float(values["wall_time_s"][-1])
        self.optimizer_time = float(values["optimizer_time_s"][-1])
        return Columns(trial=self.start.trial, first=self._first, values=values)


def _numbers(values: Sequence[Number]) -> Any:
    """Return one column of a slice; what is on a device is brought over in one go."""
    tensors = [v for v in values if isinstance(v, torch.Tensor)]
    if len(tensors) < len(values):
        return [float(v) for v in values]
    return torch.stack(tensors).double().cpu().numpy()


def build_task_trial(
    spec: ExperimentSpec,
    catalog: Catalog,
    *,
    plan: TrialPlan,
    task: Task,
    course: Course,
    steps: int,
    draws: OptimizerDraws,
) -> TaskTrial:
    """Build the model and optimizer of one trial.

    Args:
        spec: The experiment.
        catalog: Where its optimizers are.
        plan: Which trial.
        task: What it learns.
        course: Its batches.
        steps: Steps that it is to take.
        draws: Random numbers for optimizers that need some.
    """
    info = catalog.optimizers.get(plan.optimizer)
    entry = spec.optimizers[plan.entry]
    where = f"optimizers.{plan.entry}"
    generator = init_generator(plan.seed)
    model = task.build_model(generator, sparse=info.sparse_gradients)
    named = tuple(model.named_parameters())
    digest = weights_hash(named)
    parameters = [p for _, p in named]
    needs = entry_needs(entry, catalog)
    flat = _buffers(model, parameters, needs)
    with draws.of(plan.seed, 0) if needs.draws else _NO_DRAWS:
        built = build_entry(
            entry,
            catalog,
            named_parameters=named,
            infos=parameter_infos(model),
            where=where,
        )
    start = TrialStart(
        trial=plan.trial,
        entry=plan.entry,
        label=plan.label,
        optimizer=plan.optimizer,
        seed=plan.seed,
        batch_size=course.order.batch_size,
        steps=steps,
        steps_per_epoch=course.order.steps_per_epoch,
        init_hash=digest,
        n_parameters=sum(p.numel() for p in parameters),
        notes=built.notes,
    )
    problem = catalog.problems.get(spec.problem.name)
    return TaskTrial(
        start=start,
        built=built,
        schedule=entry_schedule(
            entry,
            catalog,
            optimizer=built.optimizer,
            where=where,
            steps=steps,
            steps_per_epoch=course.order.steps_per_epoch,
        ),
        model=model,
        task=task,
        course=course,
        training=spec.training,
        extras=tuple(m for m in problem.metrics if catalog.metrics.get(m).dense),
        probes={
            name: cast(Probe, resolve(catalog.diagnostics.get(name).factory))
            for name in spec.training.diagnostics
        },
        draws=draws,
        flat=flat,
    )


def _buffers(
    model: torch.nn.Module, parameters: Sequence[torch.nn.Parameter], needs: Needs
) -> FlatParameters | SeparateParameters:
    sparse = any(getattr(m, "sparse", False) for m in model.modules())
    if sparse or needs.own_tensors or needs.second_derivatives:
        return SeparateParameters(parameters)
    return FlatParameters(parameters)
