"""What a schedule begins with where its own defaults leave something open.

A schedule that wants a number, such as the counts between two drops, gets one that
suits the length of the run when it is picked in the window. It is written into the
experiment like any other value. Pure functions; knows nothing of Qt.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from optlab.params import Kind, ParamValue, Values
from optlab.registry import SchedulerInfo
from optlab.spec import SchedulerSpec

FALL: Final = 0.01
"""What is left of the rate at the end, where a factor for each count is asked for."""


def with_natural(
    schedule: SchedulerSpec, info: SchedulerInfo, *, counts: int, lr: float
) -> SchedulerSpec:
    """Return a schedule in which what has to be given is, as far as one can say.

    Args:
        schedule: The schedule.
        info: What it is.
        counts: How often it counts in a run; 0 if that is not known.
        lr: The learning rate that it begins with; 0 if there is none.
    """
    known = _natural(info.name, counts=counts, lr=lr)
    values = dict(schedule.values)
    for spec in info.params:
        if spec.required and spec.name not in values and spec.name in known:
            value = known[spec.name]
            listed = spec.kind in (Kind.FLOATS, Kind.INTS)
            if listed and not isinstance(value, tuple):
                value = (value,)
            values[spec.name] = spec.check(value, spec.name)
    new = replace(schedule, values=Values(values))
    return _with_parts(new, info, counts=counts) if info.composite else new


def _with_parts(
    schedule: SchedulerSpec, info: SchedulerInfo, *, counts: int
) -> SchedulerSpec:
    """Return a schedule that is made of others with as many as it needs."""
    parts = schedule.parts
    if not parts:
        warm = {"warmup": max(1, counts // 10)} if counts else {}
        parts = (SchedulerSpec(name="Warmup", values=Values(warm)),)
    if len(parts) < 2 and _takes_turns(info):
        parts = (*parts, SchedulerSpec(name="CosineAnnealingLR"))
    new = replace(schedule, parts=parts)
    return with_next_milestone(new, info, counts=counts)


def _takes_turns(info: SchedulerInfo) -> bool:
    return any(spec.name == "milestones" for spec in info.params)


def _natural(name: str, *, counts: int, lr: float) -> Mapping[str, ParamValue]:
    found: dict[str, ParamValue] = {}
    if lr:
        found |= {"base_lr": rounded(lr / 10), "max_lr": lr, "swa_lr": rounded(lr / 10)}
    if not counts:
        return found
    factor = float(f"{FALL ** (1 / counts):.7g}")
    formula = f"{factor!r}" if name == "MultiplicativeLR" else f"{FALL}**(k/{counts})"
    drops = tuple(dict.fromkeys(max(1, counts * k // 4) for k in (2, 3)))
    if name == "MultiStepLR":
        found |= {"milestones": drops}
    found |= {
        "step_size": max(1, counts // 3),
        "T_0": max(1, counts // 4),
        "lr_lambda": formula,
    }
    if 0 < factor < 1:
        found |= {"gamma": factor}
    return found


def with_next_milestone(
    schedule: SchedulerSpec, info: SchedulerInfo, *, counts: int
) -> SchedulerSpec:
    """Return a schedule of several parts with one milestone fewer than parts.

    The last parts share what is left of the run; milestones that are there stay.
    """
    if not _takes_turns(info):
        return schedule
    wanted = len(schedule.parts) - 1
    given = schedule.values.get("milestones")
    kept = [n for n in given if isinstance(n, int)] if isinstance(given, tuple) else []
    kept = kept[: max(wanted, 0)]
    last = kept[-1] if kept else 0
    missing = wanted - len(kept)
    for number in range(1, missing + 1):
        new = last + (counts - last) * number // (missing + 1)
        if not counts or new <= (kept[-1] if kept else 0):
            return schedule
        kept.append(new)
    values = schedule.values.without("milestones")
    if kept:
        values = values.with_value("milestones", tuple(kept))
    return replace(schedule, values=values)


def rounded(number: float) -> float:
    """Return a number to three digits."""
    return float(f"{number:.3g}")
