"""The rates of all param groups, count by count, as torch's own classes compute them.

A torch scheduler works here on a stand-in for the optimizer: an SGD of as many param
groups, with the same rates and one number in each. What it writes there is then copied
to the real one. So the numbers are torch's to the last bit, while nothing depends on
how the real optimizer keeps its groups, and nothing is added to its groups or wrapped
around its step.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import torch
from torch.optim import lr_scheduler

from optlab.expressions import parse_expression
from optlab.optimizers.schedules.plan import FACTORS, FORMULAS, Plan
from optlab.params import InputError
from optlab.registry import resolve
from optlab.translate import tr

State: TypeAlias = dict[str, Any]
_MODES: Final = {"val_loss": "min", "val_accuracy": "max", "train_loss": "min"}
# Rates that torch takes as one number or as one for each param group.
_PER_GROUP: Final = ("base_lr", "max_lr", "swa_lr")


class Rates(ABC):
    """A schedule at one count."""

    @abstractmethod
    def lrs(self) -> list[float]:
        """Return the rate of every param group."""

    def momenta(self) -> list[float] | None:
        """Return the momentum of every param group; None where it is left alone."""
        return None

    @abstractmethod
    def advance(self) -> None:
        """Go to the next count."""

    def see(self, values: Mapping[str, float]) -> None:
        """Look at what an evaluation measured."""
        assert values is not None  # Most have no use for it.

    @abstractmethod
    def state(self) -> State:
        """Return what it needs to go on: numbers, words, lists and dicts."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Go back to where `state` was taken."""


def build_rates(plan: Plan, base: Sequence[float]) -> Rates:
    """Return a schedule at count 0.

    Args:
        plan: The schedule.
        base: Rate of every param group of the optimizer.

    Raises:
        InputError: It has values for another number of param groups.
    """
    if plan.info.needs_metric:
        return Plateau(plan, base)
    if plan.info.name == "SequentialLR":
        return Row(plan, base)
    if plan.info.name == "ChainedScheduler":
        return Chain(plan, base)
    return Single(plan, base)


def stand_in(base: Sequence[float]) -> torch.optim.Optimizer:
    """Return an optimizer with these rates, which has taken its first step."""
    groups = [
        {"params": [torch.nn.Parameter(torch.zeros(()))], "lr": lr} for lr in base
    ]
    optimizer = torch.optim.SGD(groups, momentum=0.0)
    # Schedulers warn when they are stepped before their optimizer: this one never is.
    cast(Any, optimizer)._opt_called = True
    return optimizer


def _scheduler(plan: Plan, optimizer: torch.optim.Optimizer) -> Any:
    """Build the scheduler that a plan describes."""
    keywords: dict[str, Any] = {}
    for name, value in plan.values.items():
        if name in _PER_GROUP:
            keywords[name] = _per_group(plan, name, len(optimizer.param_groups))
        elif name in FORMULAS and value is not None:
            keywords[name] = _function(plan, name)
        elif name not in ("every", "metric"):
            keywords[name] = list(value) if isinstance(value, tuple) else value
    factory = cast(Callable[..., Any], resolve(plan.info.factory))
    return factory(optimizer, **keywords)


def _per_group(plan: Plan, name: str, groups: int) -> float | list[float]:
    rates = plan.rates(name)
    if len(rates) == 1:
        return rates[0]
    if len(rates) != groups:
        text = tr("one rate, or one for each of the {n} param groups", n=groups)
        raise plan.error(name, text)
    return list(rates)


def _function(plan: Plan, name: str) -> Callable[[float], float]:
    key, variable = f"{plan.key}.{name}", FORMULAS[name]
    formula = parse_expression(plan.word(name), (variable,), key).function()
    return lambda value: float(formula(float(value)))


class Single(Rates):
    """A schedule of one torch scheduler."""

    def __init__(self, plan: Plan, base: Sequence[float]) -> None:
        self._optimizer = stand_in(base)
        self._scheduler = _scheduler(plan, self._optimizer)
        self._hold = plan.hold
        moves = plan.info.moves_momentum and plan.values.get("cycle_momentum", True)
        self._moves = bool(moves)
        self._count = 0

    def lrs(self) -> list[float]:
        """Return the rate of every param group."""
        return [float(group["lr"]) for group in self._optimizer.param_groups]

    def momenta(self) -> list[float] | None:
        """Return the momentum of every param group; None where it is left alone."""
        if not self._moves:
            return None
        return [float(group["momentum"]) for group in self._optimizer.param_groups]

    def advance(self) -> None:
        """Go to the next count."""
        if self._hold is None or self._count < self._hold:
            self._scheduler.step()
        self._count += 1

    def state(self) -> State:
        """Return what it needs to go on."""
        return {
            "count": self._count,
            "scheduler": _moving(self._scheduler),
            "lrs": self.lrs(),
            "momenta": [float(g["momentum"]) for g in self._optimizer.param_groups],
        }

    def restore(self, state: State) -> None:
        """Go back to where `state` was taken."""
        self._count = state["count"]
        vars(self._scheduler).update(state["scheduler"])
        _write_groups(self._optimizer, state)


class Chain(Rates):
    """Schedules whose factors are multiplied.

    Those of torch work one after another on the same rates, as in torch; ours are
    factors of what comes of that.
    """

    def __init__(self, plan: Plan, base: Sequence[float]) -> None:
        self._hold, self._count = plan.hold, 0
        self._optimizer = stand_in(base)
        own = [part for part in plan.parts if part.info.name in FACTORS]
        links = [part for part in plan.parts if part.info.name not in FACTORS]
        self._links = [_scheduler(part, self._optimizer) for part in links]
        self._chain = (
            lr_scheduler.ChainedScheduler(self._links, self._optimizer)
            if self._links
            else None
        )
        self._factors = [Single(part, [1.0]) for part in own]

    def lrs(self) -> list[float]:
        """Return the rate of every param group."""
        factor = math.prod(factor.lrs()[0] for factor in self._factors)
        return [float(group["lr"]) * factor for group in self._optimizer.param_groups]

    def advance(self) -> None:
        """Go to the next count."""
        if self._hold is None or self._count < self._hold:
            if self._chain is not None:
                self._chain.step()
            for factor in self._factors:
                factor.advance()
        self._count += 1

    def state(self) -> State:
        """Return what it needs to go on."""
        return {
            "count": self._count,
            "links": [_moving(link) for link in self._links],
            "factors": [factor.state() for factor in self._factors],
            "lrs": [float(group["lr"]) for group in self._optimizer.param_groups],
        }

    def restore(self, state: State) -> None:
        """Go back to where `state` was taken."""
        self._count = state["count"]
        for link, moving in zip(self._links, state["links"], strict=True):
            vars(link).update(moving)
        for factor, own in zip(self._factors, state["factors"], strict=True):
            factor.restore(own)
        _write_groups(self._optimizer, state)


class Row(Rates):
    """Schedules in a row, each from the optimizer's own rates on.

    torch's `SequentialLR` says the same, but its parts share one set of rates: one
    that sets the starting rate of all, such as `OneCycleLR`, spoils the others.
    """

    def __init__(self, plan: Plan, base: Sequence[float]) -> None:
        self._parts = [build_rates(part, base) for part in plan.parts]
        self._starts = (0, *plan.wholes("milestones"))
        self._count = self._index = 0

    def lrs(self) -> list[float]:
        """Return the rate of every param group."""
        return self._parts[self._index].lrs()

    def momenta(self) -> list[float] | None:
        """Return the momentum of every param group; None where it is left alone."""
        return self._parts[self._index].momenta()

    def advance(self) -> None:
        """Go to the next count."""
        self._count += 1
        following = self._index + 1
        if following < len(self._starts) and self._count >= self._starts[following]:
            self._index = following
        else:
            self._parts[self._index].advance()

    def state(self) -> State:
        """Return what it needs to go on."""
        return {
            "count": self._count,
            "index": self._index,
            "parts": [part.state() for part in self._parts],
        }

    def restore(self, state: State) -> None:
        """Go back to where `state` was taken."""
        self._count, self._index = state["count"], state["index"]
        for part, own in zip(self._parts, state["parts"], strict=True):
            part.restore(own)


class Plateau(Rates):
    """The schedule that acts on a metric."""

    def __init__(self, plan: Plan, base: Sequence[float]) -> None:
        self._key, self._metric = plan.key, plan.word("metric")
        self._optimizer = stand_in(base)
        values = dict(plan.values)
        values["mode"] = values["mode"] or _MODES[self._metric]
        unused = ("every", "metric")
        keywords: dict[str, Any] = {k: v for k, v in values.items() if k not in unused}
        self._scheduler = lr_scheduler.ReduceLROnPlateau(self._optimizer, **keywords)

    def lrs(self) -> list[float]:
        """Return the rate of every param group."""
        return [float(group["lr"]) for group in self._optimizer.param_groups]

    def advance(self) -> None:
        """Go to the next count, which it does not look at."""

    def see(self, values: Mapping[str, float]) -> None:
        """Look at what an evaluation measured.

        Raises:
            InputError: The metric was not measured.
        """
        if self._metric not in values:
            known = [name for name in _MODES if name in values] or [tr("none")]
            text = tr("a metric that is measured here: {names}", names=", ".join(known))
            raise InputError(f"{self._key}.metric", self._metric, text)
        self._scheduler.step(values[self._metric])

    def state(self) -> State:
        """Return what it needs to go on."""
        return {"scheduler": _moving(self._scheduler), "lrs": self.lrs()}

    def restore(self, state: State) -> None:
        """Go back to where `state` was taken."""
        vars(self._scheduler).update(state["scheduler"])
        _write_groups(self._optimizer, state)


def _moving(scheduler: Any) -> State:
    """Return the plain numbers and words of a scheduler.

    What is neither (functions, counters, the optimizer) is built anew from the
    schedule's own parameters and never changes.
    """
    return {k: _copy(v) for k, v in vars(scheduler).items() if _is_plain(v)}


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str)


def _copy(value: Any) -> Any:
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _write_groups(optimizer: torch.optim.Optimizer, state: State) -> None:
    for group, lr in zip(optimizer.param_groups, state["lrs"], strict=True):
        group["lr"] = lr
    momenta = state.get("momenta", ())
    for group, momentum in zip(optimizer.param_groups, momenta, strict=False):
        group["momentum"] = momentum
