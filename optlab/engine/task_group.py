"""Trials that train models on data, advanced side by side over the same batches.

One trial runs on one thread of a small pool at a time, with its own intra-op threads:
faster than splitting each operation over the cores, and deterministic. A batch is made
once and handed to every trial that takes it. A trial that is done with a slice goes on
with the next one while others are still in theirs, so that no core waits for another.
On a GPU nothing waits for the device inside a slice: metrics stay there until the slice
is flushed.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Condition

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

    # Two slices are out at a time, and what is asked is heard when both are over.
    slice_factor = 2.5

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
        self._goal = self.row = 0
        # What follows belongs to threads and is touched under the lock of `_news`.
        self._news = Condition()
        self._waiting: deque[TaskTrial] = deque()
        self._busy: set[TaskTrial] = set()
        self._measured: list[Record] = []
        self._failure: BaseException | None = None
        self._halted = False
        self._threads: list[Future[None]] = []

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
        self._goal = self.row = min(rows, default=self._steps)

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
        spread = map if self._pool is None else self._pool.map
        for _ in spread(TaskTrial.record_start, jobs):
            pass
        for trial in jobs:
            yield from trial.flush()

    @property
    def steps(self) -> int:
        """Steps of the common clock in all."""
        return self._steps

    def close(self) -> None:
        """Give the threads back; each ends with the step that it is in."""
        self._halted = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def advance(self, rows: int) -> Iterator[Record]:
        """Let every live trial take ``rows`` more steps of the common clock.

        This is over when all have taken those of the call before. `settle` waits until
        they have taken all, and before that nobody may touch a trial.
        """
        before = self._goal
        self._goal = min(before + rows, self._steps)
        with self._news:
            for trial in self.trials:
                if trial not in self._busy:
                    self._begin_slice(trial)
        if self._pool is None:
            self._work()
        else:
            self._threads = [t for t in self._threads if not t.done()]
            count = min(self._workers, len(self.trials))
            self._threads += [self._pool.submit(self._work) for _ in range(count)]
        yield from self._until(before)
        with self._news:
            for course in self._courses.values():
                trials = [t for t in self.trials if t.live and t.order is course.order]
                course.forget(min((self._begun(t) for t in trials), default=0))

    def settle(self) -> Iterator[Record]:
        """Wait until every trial rests where the clock will stand."""
        yield from self._until(self._goal)

    def halt(self) -> Iterator[Record]:
        """Bring every trial to rest after the step that it is in, for good."""
        self._halted = True
        wait(self._threads)
        for trial in self._busy:
            self._measured.extend(trial.flush())
        self._busy.clear()
        measured, self._measured = self._measured, []
        yield from measured

    def _until(self, row: int) -> Iterator[Record]:
        """Yield what is measured until all live trials have come to ``row``."""
        there = False
        while not there:
            with self._news:
                self._news.wait_for(lambda: self._measured or self._all_at(row))
                there = self._all_at(row)
                measured, self._measured = self._measured, []
            yield from measured
        self.row = row
        if self._failure is not None:
            failure, self._failure = self._failure, None
            # First what was measured: the steps before it are recorded.
            yield from self.halt()
            raise failure

    def _all_at(self, row: int) -> bool:
        return self._halted or all(
            self._begun(trial) >= self._last(trial, row)
            for trial in self.trials
            if trial.live or trial in self._busy
        )

    def _begun(self, trial: TaskTrial) -> int:
        """Return the last step whose slice has been told."""
        return trial.begun if trial in self._busy else trial.step

    def _last(self, trial: TaskTrial, row: int) -> int:
        """Return the step that a trial takes last when the clock comes to ``row``."""
        if row >= self._steps:
            return trial.start.steps
        steps = trial.order.steps_for(self._clock.samples_after(row))
        return min(steps, trial.start.steps)

    def _begin_slice(self, trial: TaskTrial) -> None:
        last = self._last(trial, self._goal)
        if trial.live and last > trial.step:
            trial.plan_slice(last)
            self._busy.add(trial)
            self._waiting.append(trial)

    def _work(self) -> None:
        """Take steps while a trial waits for one.

        A trial that has a step to go queues behind the others, so that no thread idles
        while there is a step that could be taken.
        """
        try:
            while trial := self._next():
                going = trial.take_step()
                with self._news:
                    if going:
                        self._waiting.append(trial)
                    else:
                        self._measured.extend(trial.flush())
                        self._busy.remove(trial)
                        self._begin_slice(trial)
                        self._news.notify()
        except BaseException as error:
            with self._news:
                self._failure, self._halted = error, True
                self._news.notify()

    def _next(self) -> TaskTrial | None:
        with self._news:
            waits = self._waiting and not self._halted
            return self._waiting.popleft() if waits else None


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
