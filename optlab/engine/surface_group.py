"""Trials on a surface, advanced together: one NumPy gradient for all of them.

Every trial's position is a row of one float64 tensor, and so is its gradient; a step
evaluates the analytic gradient of all rows at once and then lets each optimizer update
its own row. While stepping only positions, gradients and rates are copied; losses and
norms are computed from the copies afterwards, for the whole slice. Rows do not touch
each other, so that every trial is bit for bit what it would be alone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from time import perf_counter

import numpy as np
import numpy.typing as npt
import torch

from optlab.diagnostics.norms import row_norms
from optlab.engine.draws import OptimizerDraws
from optlab.engine.streams import NoiseStream
from optlab.engine.surface_lane import Lane
from optlab.engine.surface_probe import SurfaceProbe
from optlab.engine.surface_slice import SurfaceSlice
from optlab.engine.trial import (
    Trial,
    entry_schedule,
    failure_reason,
    first_divergence,
    rate_of,
    weights_hash,
)
from optlab.optimizers.build import build_entry
from optlab.problems.base import Surface
from optlab.records import Columns, Record, State, TrialStart
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, ParameterInfo, TrialPlan
from optlab.translate import tr

Floats = npt.NDArray[np.float64]
MAX_COORDINATES = 16
# Seconds after which a slice ends before its last row.
_LONGEST = 0.25


class SurfaceGroup:
    """All trials of a run on one surface.

    Args:
        spec: The experiment.
        catalog: Where its optimizers are.
        plans: Its trials.
        surface: The surface.
        starts: Where the trials start, one row each; None for what their seeds say.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        *,
        plans: Sequence[TrialPlan],
        surface: Surface,
        starts: Floats | None = None,
    ) -> None:
        self._surface = surface
        self._training = spec.training
        self._steps = spec.training.steps or 0
        self._probe = SurfaceProbe(surface, spec.training)
        if starts is None:
            places = surface.starting_points(spec.training.seeds)
            of_seed = dict(zip(spec.training.seeds, places, strict=True))
            starts = np.array([of_seed[p.seed] for p in plans], dtype=np.float64)
        positions = torch.from_numpy(np.array(starts, order="C"))
        gradients = torch.zeros_like(positions)
        self._positions: Floats = positions.numpy()
        self._gradients: Floats = gradients.numpy()
        draws = OptimizerDraws(torch.device("cpu"))
        rows = list(zip(positions, gradients, strict=True))
        self.trials = tuple(
            self._build(plan, spec, catalog, rows=rows[i], draws=draws)
            for i, plan in enumerate(plans)
        )
        self._special = {
            i: Lane(
                i,
                trial,
                ground=self,
                position=rows[i][0],
                gradient=rows[i][1],
                draws=draws,
            )
            for i, trial in enumerate(self.trials)
            if not trial.built.needs.nothing
        }
        self._noise: list[NoiseStream] = []
        if surface.noise > 0:
            kind = surface.noise_kind
            streams = {
                p.seed: NoiseStream(p.seed, surface.dim, kind=kind) for p in plans
            }
            self._noise = [streams[p.seed] for p in plans]
        self.row = 0

    def _build(
        self,
        plan: TrialPlan,
        spec: ExperimentSpec,
        catalog: Catalog,
        *,
        rows: tuple[torch.Tensor, torch.Tensor],
        draws: OptimizerDraws,
    ) -> Trial:
        entry, where = spec.optimizers[plan.entry], f"optimizers.{plan.entry}"
        parameter = torch.nn.Parameter(rows[0])
        parameter.grad = rows[1]
        named = (("x", parameter),)
        with draws.of(plan.seed, 0):
            built = build_entry(
                entry,
                catalog,
                named_parameters=named,
                infos=self.parameters,
                where=where,
            )
        start = TrialStart(
            trial=plan.trial,
            entry=plan.entry,
            label=plan.label,
            optimizer=plan.optimizer,
            seed=plan.seed,
            batch_size=0,
            steps=self._steps,
            steps_per_epoch=0,
            init_hash=weights_hash(named),
            n_parameters=self._surface.dim,
            notes=built.notes,
        )
        schedule = entry_schedule(
            entry,
            catalog,
            optimizer=built.optimizer,
            where=where,
            steps=self._steps,
            steps_per_epoch=0,
        )
        return Trial(start=start, built=built, parameters=named, schedule=schedule)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the CSV."""
        return (
            "grad_evals",
            "wall_time_s",
            "train_loss",
            "param_norm",
            "grad_norm",
            "update_norm",
            "lr",
            "value",
            *self._coordinates(),
            *self.sparse,
            "optimizer_time_s",
        )

    @property
    def sparse(self) -> tuple[str, ...]:
        """Columns that have values at some steps only."""
        return self._probe.names

    @property
    def _dense(self) -> list[str]:
        return [name for name in self.metrics if name not in self.sparse]

    train_size = 0

    @property
    def slice_factor(self) -> float:
        """How much longer a slice is than usual: each costs something for each trial.

        With 400 trials and slices of 50 ms that was more than the steps themselves.
        """
        return min(5.0, max(1.0, len(self.trials) / 8))

    @property
    def parameters(self) -> tuple[ParameterInfo, ...]:
        """What every trial trains."""
        return (
            ParameterInfo(name="x", shape=(self._surface.dim,), kinds=(":vectors",)),
        )

    def _coordinates(self) -> list[str]:
        dim = self._surface.dim
        return [f"x{i}" for i in range(dim)] if dim <= MAX_COORDINATES else []

    def starting_rows(self, fresh: Collection[int]) -> Iterator[Record]:
        """Yield row 0 of the trials in ``fresh``, and what is measured there."""
        missing = np.array([np.nan])
        for i, trial in enumerate(self.trials):
            if trial.start.trial not in fresh:
                continue
            position = self._positions[i : i + 1]
            values = dict.fromkeys(self._dense, missing)
            values |= self._position_columns(position)
            values["param_norm"] = row_norms(position)
            values |= {"grad_evals": np.zeros(1), "wall_time_s": np.zeros(1)}
            values["optimizer_time_s"] = np.zeros(1)
            yield Columns(trial=trial.start.trial, first=0, values=values)
            yield from self._probe.records(trial.start.trial, position, first=0)

    def rewind(self) -> None:
        """Put the common clock where the slowest live trial stands."""
        steps = [t.step for t in self.trials if t.live]
        self.row = min(steps, default=self._steps)

    @property
    def steps(self) -> int:
        """Steps of the common clock in all."""
        return self._steps

    def close(self) -> None:
        """Nothing to give back."""

    def settle(self) -> Iterator[Record]:
        """Yield nothing: after `advance` all rests, and all is told."""
        return iter(())

    halt = settle

    def advance(self, rows: int) -> Iterator[Record]:
        """Take up to ``rows`` steps with every live trial that stands at the clock.

        Those that are ahead of it, as after a kill between their checkpoints, wait.
        """
        rows = min(rows, self._steps - self.row)
        lanes = [i for i, t in enumerate(self.trials) if t.live and t.step == self.row]
        ahead = [t.step for t in self.trials if t.live and t.step > self.row]
        rows = min(rows, min(ahead, default=self._steps) - self.row)
        measured: list[Record] = []
        if lanes and rows:
            with np.errstate(all="ignore"):
                slice_ = self._take_steps(rows, lanes)
                for lane in lanes:
                    measured.append(self._evaluate(slice_, lane))
                    measured += self._diagnose(slice_, lane)
            rows = len(slice_)
        self.row += rows
        yield from measured
        for trial in self.trials:
            yield from trial.memory()

    def _take_steps(self, rows: int, lanes: list[int]) -> SurfaceSlice:
        trials, dim = self.trials, self._surface.dim
        self._failed_rows: dict[int, int] = {}
        deadline = perf_counter() + _LONGEST
        shape = (rows, len(trials))
        copies = SurfaceSlice(
            first=self.row,
            positions=np.empty((rows + 1, len(trials), dim)),
            shown={i: np.empty((rows, dim)) for i in lanes if self._switches(i)},
            gradients=np.empty((*shape, dim)),
            rates=np.empty(shape),
            evals=np.zeros(shape),
            wall=np.zeros(shape),
            optimizer=np.zeros(shape),
        )
        copies.positions[0] = self._positions
        steps = [(i, self._stepper(i, copies), trials[i].optimizer) for i in lanes]
        groups = {i: optimizer.param_groups[0] for i, _, optimizer in steps}
        for j in range(rows):
            began = perf_counter()
            self._write_gradients(self.row + j, lanes)
            copies.gradients[j] = self._gradients
            share = (perf_counter() - began) / len(steps)
            for i, step, _ in steps:
                copies.rates[j, i] = rate_of(groups[i])
                began = perf_counter()
                step(j)
                own = perf_counter() - began
                copies.wall[j, i] = share + own
                copies.optimizer[j, i] += own
            copies.positions[j + 1] = self._positions
            if self._failed_rows:
                steps = [s for s in steps if trials[s[0]].live]
            if began > deadline or not steps:
                return copies.cut(j + 1)
        return copies

    def _write_gradients(self, step: int, lanes: list[int]) -> None:
        gradient = self._surface.gradient(np.ascontiguousarray(self._positions.T)).T
        if self._noise:
            draws = np.stack([stream.at(step) for stream in self._noise])
            gradient = self._surface.noisy_gradient(gradient, draws)
        if self._training.zero_grad:
            self._gradients[...] = gradient
        else:
            self._gradients[lanes] += gradient[lanes]

    def _stepper(self, lane: int, copies: SurfaceSlice) -> Callable[[int], None]:
        trial = self.trials[lane]
        optimizer = trial.optimizer

        # Whatever an optimizer raises ends its trial alone.
        def plain(j: int) -> None:
            try:
                optimizer.step()
            except (Exception, SystemExit) as error:
                self._fail(lane, j, error)

        def special(j: int) -> None:
            try:
                self._special_step(lane, j, copies)
            except (Exception, SystemExit) as error:
                self._fail(lane, j, error)

        ordinary = trial.schedule is None and lane not in self._special
        return plain if ordinary else special

    def _special_step(self, lane: int, j: int, copies: SurfaceSlice) -> None:
        trial, step = self.trials[lane], self.row + j
        special = self._special.get(lane)
        if special is None:
            trial.optimizer.step()
            copies.evals[j, lane] = 1
        else:
            evals, seconds = special.step(step)
            copies.evals[j, lane] = evals
            copies.optimizer[j, lane] -= seconds
            if lane in copies.shown:
                copies.shown[lane][j] = special.evaluated_position()
        if trial.schedule is not None:
            self._move_rate(trial, lane, step + 1)

    def _move_rate(self, trial: Trial, lane: int, step: int) -> None:
        schedule = trial.schedule
        assert schedule is not None
        schedule.after_step(step)
        if schedule.needs_metric and step % self._training.eval_every == 0:
            value = float(self._surface.value(self._positions[lane]))
            schedule.after_evaluation({"value": value, "train_loss": value})

    def _switches(self, lane: int) -> bool:
        return self.trials[lane].built.needs.mode_switch

    def _fail(self, lane: int, j: int, error: BaseException) -> None:
        trial = self.trials[lane]
        step, reason = trial.step + j + 1, failure_reason(error)
        trial.end(State.FAILED, tr("step {step}: {reason}", step=step, reason=reason))
        self._failed_rows[lane] = j

    def loss(self, lane: int, step: int) -> float:
        """Return one trial's loss at its present position."""
        position = self._positions[lane]
        loss = self._surface.value(position)
        if self._noise:
            draw = self._noise[lane].at(step)
            loss = self._surface.noisy_value(loss, position, draw)
        return float(loss)

    def write_gradient(self, lane: int, step: int) -> None:
        """Write one trial's gradient at its present position."""
        gradient = self.gradient_at(self._positions[lane])
        if self._noise:
            draw = self._noise[lane].at(step)
            gradient = self._surface.noisy_gradient(gradient, draw)
        if self._training.zero_grad:
            self._gradients[lane] = gradient
        else:
            self._gradients[lane] += gradient

    def gradient_at(self, position: Floats) -> Floats:
        """Return the noise-free gradient anywhere."""
        return self._surface.gradient(position)

    def _position_columns(self, positions: Floats) -> dict[str, Floats]:
        columns = {
            "value": self._surface.value(np.ascontiguousarray(positions.T)),
        }
        for i, name in enumerate(self._coordinates()):
            columns[name] = positions[:, i].copy()
        return columns

    def _losses(self, positions: Floats, lane: int, first: int) -> Floats:
        losses = self._surface.value(np.ascontiguousarray(positions.T))
        if self._noise:
            draws = [self._noise[lane].at(first + j) for j in range(len(positions))]
            losses = self._surface.noisy_value(losses, positions, np.stack(draws))
        return losses

    def _evaluate(self, copies: SurfaceSlice, lane: int) -> Record:
        trial = self.trials[lane]
        before = copies.positions[:-1, lane]
        after = copies.positions[1:, lane]
        gradients = copies.gradients[:, lane]
        losses = self._losses(before, lane, copies.first)
        if trial.first_loss is None:
            trial.first_loss = float(losses[0])
        shown = copies.shown.get(lane, after)
        finite = _finite_rows(after) & _finite_rows(gradients)
        bad = first_divergence(
            losses,
            finite,
            first=trial.first_loss,
            limit=self._training.divergence_limit,
        )
        rows = self._failed_rows.get(lane, len(losses))
        if bad is not None and bad < rows:
            rows = bad + 1
        else:
            bad = None
        counted = lane in self._special
        evals = copies.evals[:rows, lane] if counted else np.ones(rows)
        grad_evals = trial.grad_evals + np.cumsum(evals)
        wall = trial.wall_time + np.cumsum(copies.wall[:rows, lane])
        optimizer = trial.optimizer_time + np.cumsum(copies.optimizer[:rows, lane])
        columns = {
            "grad_evals": grad_evals,
            "wall_time_s": wall,
            "train_loss": losses[:rows],
            "grad_norm": row_norms(gradients[:rows]),
            "update_norm": row_norms(after[:rows] - before[:rows]),
            "lr": copies.rates[:rows, lane].copy(),
            "param_norm": row_norms(after[:rows]),
            "optimizer_time_s": optimizer,
        } | self._position_columns(shown[:rows])
        trial.step += rows
        if rows:
            trial.grad_evals = int(grad_evals[-1])
            trial.wall_time = float(wall[-1])
            trial.optimizer_time = float(optimizer[-1])
        if bad is not None:
            text = tr("diverged at step {step}", step=trial.step)
            trial.end(State.DIVERGED, text)
        elif trial.live and trial.step >= self._steps:
            trial.end(State.FINISHED)
        return Columns(
            trial=trial.start.trial,
            first=copies.first + 1,
            values={name: columns[name] for name in self._dense},
        )

    def _diagnose(self, copies: SurfaceSlice, lane: int) -> Iterator[Record]:
        """Yield what is measured at the rows of a slice that were recorded."""
        trial = self.trials[lane]
        shown = copies.shown.get(lane, copies.positions[1:, lane])
        rows, first = trial.step - copies.first, copies.first + 1
        return self._probe.records(trial.start.trial, shown[:rows], first=first)


def _finite_rows(rows: Floats) -> npt.NDArray[np.bool_]:
    finite: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(rows), axis=1)
    return finite
