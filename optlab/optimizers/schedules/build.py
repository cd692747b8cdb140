"""Attaches a schedule to an optimizer."""

from collections.abc import Mapping
from typing import Any

import torch

from optlab.optimizers.build import write_rate
from optlab.optimizers.schedules.plan import Plan, make_plan
from optlab.optimizers.schedules.rates import Rates, build_rates
from optlab.params import InputError
from optlab.registry import Registry, SchedulerInfo
from optlab.spec import SchedulerSpec
from optlab.translate import tr


class Schedule:
    """A schedule that moves the rates of an optimizer; `build_schedule` makes one.

    Row k of a run has the rate at count k - 1: the first rates are written when the
    schedule is made, the next ones after each step.

    Args:
        optimizer: The optimizer.
        schedulers: The catalog.
        spec: The schedule.
        key: Dotted place of it, for messages.
        steps: Updates of the run.
        steps_per_epoch: Updates of an epoch; 0 where there are no epochs.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        schedulers: Registry[SchedulerInfo],
        *,
        spec: SchedulerSpec,
        key: str,
        steps: int,
        steps_per_epoch: int,
    ) -> None:
        self._optimizer, self._schedulers = optimizer, schedulers
        self._spec, self._key = spec, key
        if any(group.get("lr") is None for group in optimizer.param_groups):
            text = tr("{name} has no lr to move", name=type(optimizer).__name__)
            raise InputError(f"{key}.name", spec.name, text)
        self._base = [float(group["lr"]) for group in optimizer.param_groups]
        self._factor = 1.0
        self._make(steps, steps_per_epoch)
        if _cycles_momentum(self._plan):
            self._check_momentum()
        self._write()

    def _make(self, steps: int, steps_per_epoch: int) -> None:
        self._steps, self._steps_per_epoch = steps, steps_per_epoch
        self._plan = make_plan(
            self._schedulers,
            self._spec,
            key=self._key,
            steps=steps,
            steps_per_epoch=steps_per_epoch,
        )
        self._rates: Rates = build_rates(self._plan, self._base)

    def _check_momentum(self) -> None:
        for group in self._optimizer.param_groups:
            if _momentum_key(group) is None:
                text = tr(
                    "false: {optimizer} has neither momentum nor betas to move",
                    optimizer=type(self._optimizer).__name__,
                )
                where = _cycles_momentum(self._plan)
                raise InputError(f"{where}.cycle_momentum", True, text)

    @property
    def needs_metric(self) -> bool:
        """Whether it acts on what evaluations measure."""
        return self._plan.info.needs_metric

    def after_step(self, step: int) -> None:
        """Go on after the ``step``-th update of the run, from 1."""
        if self._plan.every == "evaluation":
            return
        if self._plan.every == "epoch" and step % self._steps_per_epoch:
            return
        self._rates.advance()
        self._write()

    def after_evaluation(self, values: Mapping[str, float]) -> None:
        """Look at what an evaluation measured, by the name of each metric.

        Raises:
            InputError: The metric that the schedule acts on is not among them.
        """
        if self.needs_metric:
            self._rates.see(values)
            self._write()

    def scale(self, factor: float) -> None:
        """Multiply all rates from now on, the present ones included."""
        self._factor *= factor
        self._write()

    def state(self) -> dict[str, Any]:
        """Return what it needs to go on, bitwise: a tree that JSON can hold."""
        return {
            "steps": self._steps,
            "steps_per_epoch": self._steps_per_epoch,
            "base": list(self._base),
            "rates": self._rates.state(),
            "factor": self._factor,
        }

    def restore(self, tree: Mapping[str, Any]) -> None:
        """Go back to where `state` was taken.

        A run that goes on longer than it was planned keeps the lengths that it began
        with: what was to span the whole run has then ended, and stays.
        """
        self._base = list(tree["base"])
        self._make(tree["steps"], tree["steps_per_epoch"])
        self._rates.restore(tree["rates"])
        # Run files of before rates could be changed by hand do not have it.
        self._factor = tree.get("factor", 1.0)
        self._write()

    def _write(self) -> None:
        groups = self._optimizer.param_groups
        for group, lr in zip(groups, self._rates.lrs(), strict=True):
            write_rate(group, lr * self._factor)
        momenta = self._rates.momenta()
        if momenta is None:
            return
        for group, momentum in zip(groups, momenta, strict=True):
            name = _momentum_key(group)
            if name == "betas":
                group["betas"] = (momentum, *group["betas"][1:])
            elif name is not None:
                group[name] = momentum


def build_schedule(
    catalog_schedulers: Registry[SchedulerInfo],
    spec: SchedulerSpec,
    optimizer: torch.optim.Optimizer,
    *,
    key: str,
    steps: int,
    steps_per_epoch: int,
) -> Schedule:
    """Attach a schedule to an optimizer and write its first rates.

    Args:
        catalog_schedulers: The catalog.
        spec: The schedule.
        optimizer: The optimizer; each param group starts from its own lr.
        key: Dotted place of the schedule (``optimizers.0.scheduler``), for messages.
        steps: Updates of the run.
        steps_per_epoch: Updates of an epoch; 0 where there are no epochs.

    Raises:
        InputError: The schedule cannot be built for this run or this optimizer.
    """
    return Schedule(
        optimizer,
        catalog_schedulers,
        spec=spec,
        key=key,
        steps=steps,
        steps_per_epoch=steps_per_epoch,
    )


def _cycles_momentum(plan: Plan) -> str:
    """Return the place of the first part that moves momentum; empty if none does."""
    if plan.info.moves_momentum and plan.values.get("cycle_momentum", True):
        return plan.key
    return next((found for part in plan.parts if (found := _cycles_momentum(part))), "")


def _momentum_key(group: Mapping[str, Any]) -> str | None:
    """Return where a param group has its momentum."""
    betas = group.get("betas")
    if isinstance(betas, tuple | list) and betas and isinstance(betas[0], float | int):
        return "betas"
    return "momentum" if isinstance(group.get("momentum"), float | int) else None
