"""All starts of one optimizer as one tensor, each number of it a lane of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from optlab.engine.arrivals import Arrivals
from optlab.engine.streams import NoiseStream
from optlab.engine.trial import Floats, Trial, entry_schedule
from optlab.optimizers.build import build_entry
from optlab.problems.base import Surface
from optlab.records import State, TrialStart
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, ParameterInfo, TrialPlan
from optlab.spec.basin_map import MapPlan


class Batch:
    """The trials of one optimizer from all starts of a map, in one tensor.

    The tensor is flat, as that of one trial is, so that nothing that goes by shapes
    sees a difference. Lanes that diverged go on calculating, unseen.

    Args:
        spec: The experiment.
        catalog: What it is made of.
        plan: The map.
        trial: The optimizer, and the seed of the noise.
        surface: The surface.

    Attributes:
        arrivals: Who is at which minimum.
        places: Where each trial is evaluated, of shape (dim, count).
        step: How many steps were taken.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        catalog: Catalog,
        plan: MapPlan,
        *,
        trial: TrialPlan,
        surface: Surface,
    ) -> None:
        self._surface, self._steps = surface, plan.steps
        self._zero_grad = spec.training.zero_grad
        self._limit = spec.training.divergence_limit
        self._positions = plan.starts()
        self._gradients = np.zeros_like(self._positions)
        self._flat = torch.from_numpy(self._positions).reshape(-1)
        self._flat_gradients = torch.from_numpy(self._gradients).reshape(-1)
        self._trial = _trial(self._flat, spec, catalog, plan=plan, trial=trial)
        self._noise: NoiseStream | None = None
        if surface.noise > 0:
            kind = surface.noise_kind
            self._noise = NoiseStream(trial.seed, surface.dim, kind=kind)
        self.places = self._positions
        self.arrivals = Arrivals(self.places, plan.minima, near=plan.near)
        self.step = 0

    @property
    def going(self) -> bool:
        """Whether there are steps to take."""
        return self.step < self._steps and bool(self.arrivals.running.any())

    def advance(self, rows: int) -> None:
        """Take up to so many steps with all trials."""
        with np.errstate(all="ignore"), _one_thread():
            for _ in range(min(rows, self._steps - self.step)):
                self._take_step()
        if not self.going:
            self.arrivals.finish()

    def _take_step(self) -> None:
        losses, gradient = self._loss_and_gradient()
        if self._zero_grad:
            self._gradients[...] = gradient
        else:
            self._gradients += gradient
        if not self.step:
            allowed = losses + self._limit * np.maximum(1.0, np.abs(losses))
            self._most = np.where(np.isfinite(allowed), allowed, np.inf)
        self._parameter.grad = self._flat_gradients
        self._trial.optimizer.step()
        self._collect()
        self.step += 1
        if self._trial.schedule is not None:
            self._trial.schedule.after_step(self.step)
        self.places = self._evaluated()
        self.arrivals.look(self.places, self.step)
        finite = np.isfinite(self._positions) & np.isfinite(self._gradients)
        lost = ~finite.all(axis=0) | (losses > self._most)
        lost &= self.arrivals.running
        if lost.any():
            self.arrivals.lose(lost, self.step, State.DIVERGED)

    @property
    def _parameter(self) -> torch.nn.Parameter:
        return self._trial.parameters[0][1]

    def _loss_and_gradient(self) -> tuple[Floats, Floats]:
        surface, x = self._surface, self._positions
        losses, gradient = surface.value(x), surface.gradient(x)
        if self._noise is not None:
            draw = self._noise.at(self.step)
            gradient = surface.noisy_gradient(gradient.T, draw).T
            losses = surface.noisy_value(losses, x.T, draw)
        return losses, gradient

    def _collect(self) -> None:
        """Bring positions that an optimizer holds in a tensor of its own back."""
        parameter = self._parameter
        if parameter.data_ptr() != self._flat.data_ptr():
            self._flat.copy_(parameter.detach())
            parameter.data = self._flat

    def _evaluated(self) -> Floats:
        """Return where trials are evaluated, which may not be where they train."""
        if not self._trial.built.needs.mode_switch:
            return self._positions
        with self._trial.evaluation_weights():
            shown = self._parameter.detach().numpy().copy()
        places: Floats = shown.reshape(self._positions.shape)
        return places


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch work in this thread alone, as a trial does.

    Waking others for numbers as few as these took ten times as long as the work.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _trial(
    positions: torch.Tensor,
    spec: ExperimentSpec,
    catalog: Catalog,
    *,
    plan: MapPlan,
    trial: TrialPlan,
) -> Trial:
    """Return the optimizer of an entry, and its schedule, for all starts."""
    entry, where = spec.optimizers[trial.entry], f"optimizers.{trial.entry}"
    dim = len(plan.rest) + 2
    named = (("x", torch.nn.Parameter(positions)),)
    built = build_entry(
        entry,
        catalog,
        named_parameters=named,
        infos=(ParameterInfo(name="x", shape=(dim,), kinds=(":vectors",)),),
        where=where,
    )
    start = TrialStart(
        trial=trial.trial,
        entry=trial.entry,
        label=trial.label,
        optimizer=trial.optimizer,
        seed=trial.seed,
        batch_size=0,
        steps=plan.steps,
        steps_per_epoch=0,
        init_hash="",
        n_parameters=dim,
    )
    schedule = entry_schedule(
        entry,
        catalog,
        optimizer=built.optimizer,
        where=where,
        steps=plan.steps,
        steps_per_epoch=0,
    )
    return Trial(start=start, built=built, parameters=named, schedule=schedule)
