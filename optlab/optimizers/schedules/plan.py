"""A schedule with everything filled in: what both the build and the preview start from.

Here stands what can be said against a schedule once its run is known. Imports no torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from optlab.expressions import parse_expression
from optlab.optimizers.schedules.shared import WHOLE_RUN
from optlab.params import InputError, ParamValue, Values, check_values
from optlab.registry import Registry, SchedulerInfo, broken_rule
from optlab.spec import SchedulerSpec
from optlab.translate import tr

# What a chain can hold: schedules that multiply the rate they find, and our own,
# which are pure factors. All others set the rate, whatever was done before.
MULTIPLYING: Final = (
    "MultiplicativeLR",
    "StepLR",
    "MultiStepLR",
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "PolynomialLR",
    "CosineAnnealingLR",
)
FACTORS: Final = ("Constant", "Warmup", "WarmupCosine", "WSD")
# Parameters that hold a formula, and the variable that it is in.
FORMULAS: Final[Mapping[str, str]] = {"lr_lambda": "k", "scale_fn": "x"}
# Formulas are looked at beforehand at so many counts at most.
_LOOKED_AT: Final = 1_000_000
# torch computes 2 to the number of the cycle, which must be a float.
_HALVINGS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One schedule, ready to be built.

    Attributes:
        info: Its catalog entry.
        values: All its parameters; lengths that span the run are numbers here.
        parts: The schedules that it is made of.
        key: Dotted place of it, for messages.
        span: Counts that it has at its disposal.
        hold: Count from which on the rate stays as it is; None for never.
    """

    info: SchedulerInfo
    values: Values
    parts: tuple["Plan", ...]
    key: str
    span: int
    hold: int | None

    @property
    def every(self) -> str:
        """The unit in which it counts."""
        return str(self.values["every"])

    def whole(self, name: str) -> int:
        """Return the value of a parameter that is a whole number."""
        value = self.values[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        """Return the value of a parameter that is a number."""
        value = self.values[name]
        assert isinstance(value, int | float)
        return float(value)

    def flag(self, name: str) -> bool:
        """Return whether a switch is on."""
        return self.values[name] is True

    def word(self, name: str) -> str:
        """Return the value of a parameter that is a word."""
        return str(self.values[name])

    def wholes(self, name: str) -> tuple[int, ...]:
        """Return the value of a parameter that is a list of whole numbers."""
        value = self.values[name]
        assert isinstance(value, tuple)
        return tuple(v for v in value if isinstance(v, int))

    def rates(self, name: str) -> tuple[float, ...]:
        """Return the value of a parameter that is a list of rates."""
        value = self.values[name]
        assert isinstance(value, tuple)
        return tuple(float(v) for v in value if isinstance(v, int | float))

    def error(self, name: str, allowed: str) -> InputError:
        """Return the error for one parameter."""
        return InputError(f"{self.key}.{name}", self.values[name], allowed)


def make_plan(
    schedulers: Registry[SchedulerInfo],
    spec: SchedulerSpec,
    *,
    key: str,
    steps: int,
    steps_per_epoch: int,
) -> Plan:
    """Return a schedule with everything filled in.

    Args:
        schedulers: The catalog.
        spec: The schedule.
        key: Dotted place of it, for messages.
        steps: Updates of the run.
        steps_per_epoch: Updates of an epoch; 0 where there are no epochs.

    Raises:
        InputError: Something is missing, or cannot be for this run.
    """
    info = schedulers.get(spec.name, f"{key}.name")
    values = info.complete(check_values(info.params, spec.values, key))
    every = str(values["every"])
    if every == "epoch" and steps_per_epoch < 1:
        text = tr('"step": the problem has no epochs')
        raise InputError(f"{key}.every", every, text)
    span = -(-steps // steps_per_epoch) if every == "epoch" else steps
    return _plan(schedulers, spec, key=key, span=max(1, span), every=every)


def _plan(
    schedulers: Registry[SchedulerInfo],
    spec: SchedulerSpec,
    *,
    key: str,
    span: int,
    every: str,
) -> Plan:
    info = schedulers.get(spec.name, f"{key}.name")
    values = info.complete(check_values(info.params, spec.values, key))
    _check_parts(spec, info, key)
    rule = broken_rule(info.rules, values)
    if rule is not None:
        name = rule.keys[0]
        raise InputError(f"{key}.{name}", spec.values.get(name), tr(rule.message))
    filled = {
        p.name: span
        for p in info.params
        if p.none_word == WHOLE_RUN and values[p.name] is None
    }
    plan = Plan(
        info=info,
        values=Values(dict(values) | filled | {"every": every}),
        parts=(),
        key=key,
        span=span,
        hold=span if filled else None,
    )
    if info.composite:
        return _composite(schedulers, spec, plan)
    for name, variable in FORMULAS.items():
        if values.get(name) is not None:
            _check_formula(plan, name, variable)
    return _FINISH[info.name](plan) if info.name in _FINISH else plan


def _check_parts(spec: SchedulerSpec, info: SchedulerInfo, key: str) -> None:
    """Refuse parts of what has none, and a composite without enough of them."""
    if spec.parts and not info.composite:
        text = tr("{name} is not made of others", name=info.name)
        raise InputError(f"{key}.schedulers", None, text)
    least = 2 if info.name == "SequentialLR" else 1
    if info.composite and len(spec.parts) < least:
        text = tr("a list of at least {n} tables, each with a name", n=least)
        raise InputError(f"{key}.schedulers", None, text)


def _composite(
    schedulers: Registry[SchedulerInfo], spec: SchedulerSpec, plan: Plan
) -> Plan:
    """Return the plan of a composite with those of its parts."""
    key, span = plan.key, plan.span
    spans = [span] * len(spec.parts)
    if "milestones" in plan.values:
        ends = plan.wholes("milestones")
        if len(ends) != len(spec.parts) - 1:
            text = tr(
                "one fewer than there are schedules, which is {n}", n=len(spec.parts)
            )
            raise plan.error("milestones", text)
        starts = (0, *ends)
        limits = (*ends, max(span, *ends))
        spans = [max(1, b - a) for a, b in zip(starts, limits, strict=True)]
    parts = []
    for i, (part, own) in enumerate(zip(spec.parts, spans, strict=True)):
        where = f"{key}.schedulers.{i}"
        info = schedulers.get(part.name, f"{where}.name")
        _check_part(plan, part, info, where)
        made = _plan(schedulers, part, key=where, span=own, every=plan.every)
        if plan.info.name == "ChainedScheduler":
            _check_link(made)
        parts.append(made)
    chained = plan.info.name == "ChainedScheduler"
    held = chained and any(part.hold is not None for part in parts)
    return Plan(
        info=plan.info,
        values=plan.values,
        parts=tuple(parts),
        key=key,
        span=span,
        hold=span if held else None,
    )


def _check_part(
    plan: Plan, part: SchedulerSpec, info: SchedulerInfo, where: str
) -> None:
    """Refuse what cannot be a part of a composite."""
    if info.needs_metric:
        text = tr("a schedule that does not wait for a metric")
        raise InputError(f"{where}.name", part.name, text)
    own = part.values.get("every", "step")
    if own not in ("step", plan.every):
        text = tr(
            '"{every}", the unit of {name} as a whole',
            every=plan.every,
            name=plan.info.name,
        )
        raise InputError(f"{where}.every", own, text)
    if plan.info.name == "ChainedScheduler" and (
        info.name not in MULTIPLYING + FACTORS
    ):
        text = tr(
            "a schedule that multiplies the rate: {names}",
            names=", ".join((*MULTIPLYING, *FACTORS)),
        )
        raise InputError(f"{where}.name", part.name, text)


def _check_link(plan: Plan) -> None:
    """Refuse a cosine that is no factor."""
    if plan.info.name != "CosineAnnealingLR":
        return
    if plan.number("eta_min"):
        raise plan.error("eta_min", tr("0 in a chain, in which factors are multiplied"))
    if plan.whole("T_max") < plan.span:
        text = tr("at least {n} in a chain, the length of the run", n=plan.span)
        raise plan.error("T_max", text)


def _check_formula(plan: Plan, name: str, variable: str) -> None:
    """Refuse a formula that cannot be read, or has no sensible value somewhere."""
    text = plan.word(name)
    factor = parse_expression(text, (variable,), f"{plan.key}.{name}").function()
    last = plan.span
    if name == "scale_fn" and plan.word("scale_mode") == "cycle":
        last = _cycles(plan)
    counts = np.arange(min(last, _LOOKED_AT) + 1, dtype=np.float64)
    if plan.info.name != "LambdaLR":
        # Neither the product of factors nor the number of a cycle begins at 0.
        counts = counts[1:]
    found = np.broadcast_to(factor(counts), counts.shape)
    wrong = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if wrong.size:
        first = wrong[0]
        raise plan.error(
            name,
            tr(
                "a number ≥ 0 at every {variable}; at {variable} = {count} it is "
                "{value:.6g}",
                variable=variable,
                count=int(counts[first]),
                value=float(found[first]),
            ),
        )


def _with(plan: Plan, hold: int | None, **values: ParamValue) -> Plan:
    return Plan(
        info=plan.info,
        values=Values(dict(plan.values) | values),
        parts=plan.parts,
        key=plan.key,
        span=plan.span,
        hold=hold,
    )


def _cycles(plan: Plan) -> int:
    """Return how many cycles begin."""
    up = plan.whole("step_size_up")
    down = up if plan.values["step_size_down"] is None else plan.whole("step_size_down")
    return plan.span // (up + down) + 1


def _cyclic(plan: Plan) -> Plan:
    cycles = _cycles(plan)
    if plan.word("mode") == "triangular2" and cycles > _HALVINGS:
        text = tr(
            "longer ways: with {n} cycles the height is halved too often", n=cycles
        )
        raise plan.error("step_size_up", text)
    return plan


def _one_cycle(plan: Plan) -> Plan:
    """Settle the length of the cycle, at whose last count the rate stays."""
    total = plan.whole("total_steps")
    if plan.values["epochs"] is not None:
        total = plan.whole("epochs") * plan.whole("steps_per_epoch")
    if plan.number("pct_start") * total == 1:
        # torch divides zero by zero in a rise that ends where it begins.
        text = tr("another share: a rise of one count of {n} has no length", n=total)
        raise plan.error("pct_start", text)
    return _with(plan, total - 1, total_steps=total, epochs=None, steps_per_epoch=None)


def _warm_up_and_cosine(plan: Plan) -> Plan:
    warmup, total = plan.whole("warmup"), plan.whole("total")
    if warmup >= total:
        text = tr("fewer than total, which is {n}", n=total)
        raise plan.error("warmup", text)
    return plan


def _wsd(plan: Plan) -> Plan:
    warmup, total = plan.whole("warmup"), plan.whole("total")
    decay = plan.values["decay"]
    if decay is None:
        decay = max(1, round(total / 10))
    assert isinstance(decay, int)
    if warmup + decay > total:
        text = tr(
            "warmup and decay together at most total: {warmup} + {decay} > {total}",
            warmup=warmup,
            decay=decay,
            total=total,
        )
        raise plan.error("warmup", text)
    return _with(plan, plan.hold, decay=decay)


_FINISH: Final[Mapping[str, Callable[[Plan], Plan]]] = {
    "CyclicLR": _cyclic,
    "OneCycleLR": _one_cycle,
    "WarmupCosine": _warm_up_and_cosine,
    "WSD": _wsd,
}
