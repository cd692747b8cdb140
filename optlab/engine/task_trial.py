"""One trial that trains a model: a step, its measurements, its evaluation."""

from collections.abc import Iterator, Mapping
from time import perf_counter
from typing import Any

import numpy as np
import torch

from optlab.engine.flat import FlatParameters, SeparateParameters
from optlab.engine.order import BatchOrder
from optlab.engine.stopwatch import CpuStopwatch, CudaStopwatch, stopwatch
from optlab.engine.trial import (
    Trial,
    failure_reason,
    first_divergence,
    weights_hash,
)
from optlab.optimizers.build import build_optimizer
from optlab.problems.base import Task
from optlab.records import Columns, Evaluation, Record, State, TrialStart
from optlab.registry import Catalog, OptimizerInfo
from optlab.spec import ExperimentSpec, TrainingSpec, TrialPlan
from optlab.translate import tr

_MEASURED = ("train_loss", "param_norm", "grad_norm", "update_norm", "lr")


class TaskTrial(Trial):
    """A trial on a learning task; `build_task_trial` makes one.

    Values of a slice are written into one buffer on the device, a row for each step,
    and read back once, in `flush`.
    """

    def __init__(
        self,
        *,
        start: TrialStart,
        info: OptimizerInfo,
        optimizer: torch.optim.Optimizer,
        model: torch.nn.Module,
        task: Task,
        order: BatchOrder,
        training: TrainingSpec,
        metrics: tuple[str, ...],
        flat: FlatParameters | SeparateParameters,
    ) -> None:
        super().__init__(
            start=start,
            info=info,
            optimizer=optimizer,
            parameters=tuple(model.named_parameters()),
            buffers=dict(model.named_buffers()),
        )
        self._model, self._task, self._order = model, task, order
        self._training, self._metrics, self._flat = training, metrics, flat
        extras = (m for m in metrics if m.startswith("train_") and m != "train_loss")
        self._columns = (*_MEASURED, *extras)
        self._device = self.parameters[0][1].device
        self._watch: CpuStopwatch | CudaStopwatch = stopwatch(self._device)
        self._batches: Mapping[int, Any] = {}
        self._hashes: Mapping[int, bytes] = {}
        self._last = 0
        self._first = 0
        self._rows = self._empty(0)
        self._evals: list[int] = []
        self._evaluations: list[tuple[int, Mapping[str, torch.Tensor]]] = []

    def _empty(self, rows: int) -> torch.Tensor:
        shape = (rows, len(self._columns))
        return torch.full(shape, np.nan, dtype=torch.float64, device=self._device)

    def record_start(self) -> None:
        """Measure the starting point: row 0."""
        self._first, self._rows = 0, self._empty(1)
        self._rows[0, self._columns.index("param_norm")] = self._flat.param_norm()
        self._evals = [0]
        try:
            self._evaluate(0)
        except Exception as error:
            self._fail(0, error)

    def plan_slice(
        self, batches: Mapping[int, Any], hashes: Mapping[int, bytes], *, last: int
    ) -> None:
        """Make ready for steps up to ``last``.

        Args:
            batches: The batch of each step from 0.
            hashes: The rolling hash after each step.
            last: Updates to have taken at the end of the slice.
        """
        self._batches, self._hashes, self._last = batches, hashes, last
        self._first, self._rows = self.step + 1, self._empty(last - self.step)
        self._evals = []

    def take_step(self) -> bool:
        """Take one step and say whether another one of this slice is left."""
        step = self.step + 1
        row = self._rows[step - self._first]
        try:
            self._step_and_measure(self._batches[step - 1], row)
            self.batch_hash = self._hashes[step - 1]
            self.step = step
            if step % self._training.eval_every == 0 or step == self.start.steps:
                self._evaluate(step)
        except Exception as error:
            # Whatever an optimizer or a task raises ends this trial alone.
            self._fail(step, error)
            return False
        return step < self._last

    def _fail(self, step: int, error: Exception) -> None:
        if isinstance(error, torch.OutOfMemoryError):
            self._drop_gradients()
        reason = failure_reason(error)
        self.end(State.FAILED, tr("step {step}: {reason}", step=step, reason=reason))

    def _drop_gradients(self) -> None:
        for _, parameter in self.parameters:
            parameter.grad = None
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _step_and_measure(self, batch: Any, row: torch.Tensor) -> None:
        flat, watch = self._flat, self._watch
        flat.remember()
        rate = self.lr
        if self.info.needs_closure:
            loss, extras, grad_norm = self._closure_step(batch)
        else:
            watch.start()
            loss, extras = self._backward(batch)
            watch.after_backward()
            # Now, for some optimizers use the gradient as scratch space.
            grad_norm = flat.grad_norm()
            watch.before_optimizer()
            self.optimizer.step()
            watch.stop()
            self._evals.append(1)
        row[0] = loss
        row[1] = flat.param_norm()
        row[2] = grad_norm
        row[3] = flat.update_norm()
        row[4] = rate
        for j, name in enumerate(self._columns[len(_MEASURED) :], len(_MEASURED)):
            row[j] = extras[name]

    def _backward(self, batch: Any) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        if self._training.zero_grad:
            self._flat.clear_gradient()
        loss, extras = self._task.loss(self._model, batch)
        if self._training.loss == "sum":
            loss = loss * len(batch[0])
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach(), extras

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
        self.optimizer.step(closure)  # type: ignore[arg-type]
        self._watch.stop(elsewhere=seconds)
        self._evals.append(calls)
        loss, extras, grad_norm = first
        return loss, extras, grad_norm

    def _evaluate(self, step: int) -> None:
        with torch.no_grad():
            values = self._task.evaluate(self._model)
        if values:
            self._evaluations.append((step, dict(values)))

    def flush(self) -> Iterator[Record]:
        """Yield what the slice measured, and end the trial where it has to."""
        rows = self._rows.cpu().numpy()[: self.step + 1 - self._first]
        if self._first == 0:
            yield from self._flush_start(rows)
            return
        wall, optimizer = self._watch.take()
        bad = self._find_divergence(rows)
        if bad is not None:
            rows = rows[: bad + 1]
            self.step = self._first + bad
            self.batch_hash = self._hashes[self.step - 1]
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
        self._batches, self._hashes = {}, {}

    def _flush_start(self, rows: Any) -> Iterator[Record]:
        values = {name: rows[:, j] for j, name in enumerate(self._columns)}
        zeros = ("epoch", "samples", "grad_evals", "wall_time_s", "optimizer_time_s")
        values |= {name: np.zeros(1) for name in zeros}
        yield Columns(trial=self.start.trial, first=0, values=self._dense(values))
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
        samples = np.array([self._order.samples_after(k) for k in steps], dtype=float)
        values["samples"] = samples
        values["epoch"] = samples / self._order.size
        values["grad_evals"] = self.grad_evals + np.cumsum(self._evals[:n], dtype=float)
        values["wall_time_s"] = self.wall_time + np.cumsum(wall[:n])
        values["optimizer_time_s"] = self.optimizer_time + np.cumsum(opt[:n])
        self.grad_evals = int(values["grad_evals"][-1])
        self.wall_time = float(values["wall_time_s"][-1])
        self.optimizer_time = float(values["optimizer_time_s"][-1])
        return Columns(
            trial=self.start.trial, first=self._first, values=self._dense(values)
        )

    def _dense(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: values[name] for name in self._metrics if name in values}


def build_task_trial(
    spec: ExperimentSpec,
    catalog: Catalog,
    *,
    plan: TrialPlan,
    task: Task,
    order: BatchOrder,
    steps: int,
    generator: torch.Generator,
    metrics: tuple[str, ...],
) -> TaskTrial:
    """Build the model and optimizer of one trial.

    Args:
        spec: The experiment.
        catalog: Where its optimizers are.
        plan: Which trial.
        task: What it learns.
        order: Its batches.
        steps: Steps that it is to take.
        generator: Where the initial weights are drawn from.
        metrics: Names of the run's columns.
    """
    info = catalog.optimizers.get(plan.optimizer)
    entry = spec.optimizers[plan.entry]
    model = task.build_model(generator, sparse=info.sparse_gradients)
    named = tuple(model.named_parameters())
    digest = weights_hash(named)
    parameters = [p for _, p in named]
    sparse = any(getattr(m, "sparse", False) for m in model.modules())
    flat = SeparateParameters(parameters) if sparse else FlatParameters(parameters)
    built = build_optimizer(info, info.complete(entry.values), named)
    start = TrialStart(
        trial=plan.trial,
        entry=plan.entry,
        label=plan.label,
        optimizer=plan.optimizer,
        seed=plan.seed,
        batch_size=order.batch_size,
        steps=steps,
        steps_per_epoch=order.steps_per_epoch,
        init_hash=digest,
        n_parameters=sum(p.numel() for p in parameters),
        notes=built.notes,
    )
    return TaskTrial(
        start=start,
        info=info,
        optimizer=built.optimizer,
        model=model,
        task=task,
        order=order,
        training=spec.training,
        metrics=metrics,
        flat=flat,
    )
