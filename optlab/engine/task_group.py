"""Trials that train models on data, advanced side by side over the same batches.

One trial runs on one thread of a small pool at a time, with its own intra-op threads:
faster than splitting each operation over the cores, and deterministic. A batch is made
once and handed to every trial that takes it. On a GPU nothing waits for the device
inside a slice: metrics stay there until the slice is flushed.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event as Signal
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from optlab.engine.cores import available_cores
from optlab.engine.course import Course
from optlab.engine.draws import OptimizerDraws
from optlab.engine.order import BatchOrder, SampleOrder
from optlab.engine.task_trial import TaskTrial, build_task_trial
from optlab.optimizers.kinds import parameter_infos
from optlab.params import InputError
from optlab.problems.base import Task, TaskFamily
from optlab.records import Record
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, ParameterInfo, TrialPlan
from optlab.translate import tr

Ints = npt.NDArray[np.int64]
LIST_LIMIT = 50_000_000
# What a run file can count to.
STEP_LIMIT = 2**63 - 1


class TaskGroup:
    """All trials of a run on one learning task.

    Args:
        spec: The experiment.
        catalog: Where its parts are.
        plans: Its trials.
        family: The task with its data.
        device: Where it runs.
    """

    # Threads that are done with a slice wait for the others: with four trials on two
    # cores one step to a slice cost 1.04 times the bare loops, four cost 0.96.
    slice_factor = 5.0

    def __init__(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        *,
        plans: Sequence[TrialPlan],
        family: TaskFamily,
        device: torch.device,
    ) -> None:
        self._spec, self._catalog, self._device = spec, catalog, device
        self._problem = catalog.problems.get(spec.problem.name)
        tasks = {seed: family.for_seed(seed) for seed in spec.training.seeds}
        first = tasks[plans[0].seed]
        self._steps = _steps(spec, first)
        self.train_size = first.train_size
        self._courses: dict[tuple[int, int], Course] = {}
        samples = self._steps * first.batch_size
        for plan in plans:
            task = tasks[plan.seed]
            key = plan.seed, self._batch_size(plan, task)
            if key not in self._courses:
                self._courses[key] = self._course(*key, task, samples=samples)
        key = plans[0].seed, first.batch_size
        base = self._courses.get(key) or self._course(*key, first, samples=samples)
        self._clock = base.order
        draws = OptimizerDraws(device)
        self.trials = tuple(
            self._build(plan, catalog, tasks[plan.seed], draws) for plan in plans
        )
        trials = self.trials
        self._workers = max(1, available_cores() // spec.training.threads)
        self._pool: ThreadPoolExecutor | None = None
        if device.type == "cpu":
            self._pool = ThreadPoolExecutor(
                min(self._workers, len(trials)),
                thread_name_prefix="optlab-trial",
                initializer=torch.set_num_threads,
                initargs=(spec.training.threads,),
            )
        self._measured: list[Record] = []
        self.row = 0

    def _batch_size(self, plan: TrialPlan, task: Task) -> int:
        size = self._spec.optimizers[plan.entry].batch_size or task.batch_size
        if size > task.train_size:
            text = tr("at most the {n} training samples", n=task.train_size)
            raise InputError(f"optimizers.{plan.entry}.batch_size", size, text)
        return size

    def _course(self, seed: int, size: int, task: Task, *, samples: int) -> Course:
        if samples > LIST_LIMIT and task.order(1, size) is not None:
            text = tr("too many: reproduced programs may use {n} samples", n=LIST_LIMIT)
            raise InputError("training.steps", self._steps, text)
        training = self._spec.training
        order = BatchOrder(
            SampleOrder(seed, task.train_size, shuffle=training.shuffle),
            size=task.train_size,
            batch_size=size,
            # At least the one step that every trial takes.
            indices=task.order(max(1, samples // size), size),
        )
        return Course(task, order)

    def _build(
        self, plan: TrialPlan, catalog: Catalog, task: Task, draws: OptimizerDraws
    ) -> TaskTrial:
        size = self._batch_size(plan, task)
        course = self._courses[plan.seed, size]
        steps = course.order.steps_for(self._clock.samples_after(self._steps))
        if steps > STEP_LIMIT:
            raise _too_long(self._spec)
        return build_task_trial(
            self._spec,
            catalog,
            plan=plan,
            task=task,
            course=course,
            steps=max(1, steps),
            draws=draws,
        )

    def rewind(self) -> None:
        """Put the common clock where the slowest live trial stands."""
        rows = []
        for trial in self.trials:
            if trial.live:
                samples = trial.order.samples_after(trial.step)
                rows.append(self._clock.steps_for(samples))
        self.row = min(rows, default=self._steps)

    @property
    def parameters(self) -> tuple[ParameterInfo, ...]:
        """What every trial trains."""
        return parameter_infos(self.trials[0].model)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the CSV."""
        return (
            "epoch",
            "samples",
            "grad_evals",
            "wall_time_s",
            "train_loss",
            "param_norm",
            "grad_norm",
            "update_norm",
            *dict.fromkeys(name for t in self.trials for name in t.lr_columns),
            *self._problem.metrics,
            *self._spec.training.diagnostics,
            "optimizer_time_s",
        )

    @property
    def sparse(self) -> tuple[str, ...]:
        """Columns that have values at some steps only."""
        metrics = self._catalog.metrics
        now_and_then = (m for m in self._problem.metrics if not metrics.get(m).dense)
        return (*now_and_then, *self._spec.training.diagnostics)

    def starting_rows(self, fresh: Collection[int]) -> Iterator[Record]:
        """Yield row 0 and the first evaluation of the trials in ``fresh``."""
        jobs = [t for t in self.trials if t.start.trial in fresh]
        with self._running(dict.fromkeys(jobs, self._start_job)):
            pass
        for trial in jobs:
            yield from trial.flush()

    def _start_job(self, trial: TaskTrial) -> bool:
        trial.record_start()
        return False

    @property
    def steps(self) -> int:
        """Steps of the common clock in all."""
        return self._steps

    def close(self) -> None:
        """Give the threads back."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def advance(self, rows: int) -> Iterator[Record]:
        """Take ``rows`` steps of the common clock with every live trial.

        What they measured comes with the next call, or with `drain`: whoever keeps it
        does so while the trials go on, not while they wait.
        """
        rows = min(rows, self._steps - self.row)
        clock = self._clock.samples_after(self.row + rows)
        jobs = {}
        for trial in self.trials:
            if not trial.live:
                continue
            last = min(trial.order.steps_for(clock), trial.start.steps)
            if self.row + rows >= self._steps:
                last = trial.start.steps
            if last > trial.step:
                trial.plan_slice(last)
                jobs[trial] = TaskTrial.take_step
        failure: Exception | None = None
        try:
            with self._running(jobs):
                yield from self.drain()
        except Exception as error:
            failure = error
        for trial in jobs:
            self._measured.extend(trial.flush())
        for course in self._courses.values():
            course.forget()
        self.row += rows
        if failure is not None:
            # Only now: the steps that were taken before it are recorded.
            raise failure

    def drain(self) -> Iterator[Record]:
        """Yield what was measured and not told yet."""
        measured, self._measured = self._measured, []
        yield from measured

    @contextmanager
    def _running(self, jobs: Mapping[TaskTrial, Any]) -> Iterator[None]:
        """Run each trial's job until it returns False, by the end of this block.

        A trial that has a step to go queues behind the others, so that no thread idles
        while there is a step that could be taken.
        """
        if self._pool is None:
            for trial, job in jobs.items():
                while job(trial):
                    pass
            yield
            return
        waiting, halt = deque(jobs), Signal()

        def work() -> None:
            # A thread leaves when all other trials are in the hands of other threads,
            # which go on with them.
            while waiting and not halt.is_set():
                try:
                    trial = waiting.popleft()
                except IndexError:
                    return
                if jobs[trial](trial):
                    waiting.append(trial)

        count = min(self._workers, len(jobs))
        threads = [self._pool.submit(work) for _ in range(count)]
        try:
            yield
            for thread in threads:
                thread.result()
        finally:
            # After an interruption each thread ends with the step that it is in.
            halt.set()
            wait(threads)


def _steps(spec: ExperimentSpec, task: Task) -> int:
    """Return how many steps of the common clock a run takes."""
    if spec.training.steps is not None:
        return spec.training.steps
    per_epoch = -(-task.train_size // task.batch_size)
    wanted = (spec.training.epochs or 0.0) * per_epoch
    if not wanted < STEP_LIMIT:
        raise _too_long(spec)
    return max(1, round(wanted))


def _too_long(spec: ExperimentSpec) -> InputError:
    training = spec.training
    text = tr("at most {n} steps in each trial", n=STEP_LIMIT)
    if training.steps is not None:
        return InputError("training.steps", training.steps, text)
    return InputError("training.epochs", training.epochs, text)
