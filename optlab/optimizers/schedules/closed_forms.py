"""Every schedule as one formula in NumPy, for all counts at once.

These are for the preview: independent of torch, and fast. Each function takes a plan,
counts from 0 and the learning rate of the optimizer, and returns the rates.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from optlab.expressions import parse_expression
from optlab.optimizers.schedules.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def rates(plan: Plan, k: Ints, base: float) -> Floats | None:
    """Return the rate at the counts ``k``; None where there is no formula for it."""
    if plan.hold is not None:
        k = np.minimum(k, plan.hold)
    if plan.info.name == "SequentialLR":
        return _sequential(plan, k, base)
    if plan.info.name == "ChainedScheduler":
        return _chained(plan, k, base)
    form = _FORMS.get(plan.info.name)
    return None if form is None else form(plan, k, base)


def _sequential(plan: Plan, k: Ints, base: float) -> Floats | None:
    starts = np.array((0, *plan.wholes("milestones")))
    index = np.searchsorted(starts, k, side="right") - 1
    result = np.empty(k.shape)
    for i, part in enumerate(plan.parts):
        own = index == i
        found = rates(part, k[own] - starts[i], base)
        if found is None:
            return None
        result[own] = found
    return result


def _chained(plan: Plan, k: Ints, base: float) -> Floats | None:
    result = np.full(k.shape, base)
    for part in plan.parts:
        factor = rates(part, k, 1.0)
        if factor is None:
            return None
        result = result * factor
    return result


def _formula(plan: Plan, name: str, variable: str, at: Floats | Ints) -> Floats:
    text = plan.word(name)
    factor = parse_expression(text, (variable,), f"{plan.key}.{name}").function()
    return np.broadcast_to(factor(at.astype(np.float64)), at.shape)


def _power(base: float, exponent: Ints) -> Floats:
    result: Floats = np.power(base, exponent.astype(np.float64))
    return result


def _constant(_plan: Plan, k: Ints, base: float) -> Floats:
    return np.full(k.shape, base)


def _lambda(plan: Plan, k: Ints, base: float) -> Floats:
    return base * _formula(plan, "lr_lambda", "k", k)


def _multiplicative(plan: Plan, k: Ints, base: float) -> Floats:
    counts = np.arange(1, int(k.max(initial=0)) + 1)
    factors = _formula(plan, "lr_lambda", "k", counts)
    return base * np.concatenate([[1.0], np.cumprod(factors)])[k]


def _step(plan: Plan, k: Ints, base: float) -> Floats:
    return base * _power(plan.number("gamma"), k // plan.whole("step_size"))


def _multi_step(plan: Plan, k: Ints, base: float) -> Floats:
    milestones = sorted(plan.wholes("milestones"))
    drops = np.searchsorted(milestones, k, side="right")
    return base * _power(plan.number("gamma"), drops)


def _smaller_at_first(plan: Plan, k: Ints, base: float) -> Floats:
    return base * np.where(k < plan.whole("total_iters"), plan.number("factor"), 1.0)


def _linear(plan: Plan, k: Ints, base: float) -> Floats:
    start, end = plan.number("start_factor"), plan.number("end_factor")
    n = plan.whole("total_iters")
    return base * (start + (end - start) * np.minimum(k, n) / n)


def _exponential(plan: Plan, k: Ints, base: float) -> Floats:
    return base * _power(plan.number("gamma"), k)


def _polynomial(plan: Plan, k: Ints, base: float) -> Floats:
    n = plan.whole("total_iters")
    left: Floats = 1.0 - np.minimum(k, n) / n
    return base * left ** plan.number("power")


def _half_cosine(share: Floats) -> Floats:
    """Return 1 at a share of 0 and 0 at 1, along half a cosine."""
    wave: Floats = (1.0 + np.cos(np.pi * share)) / 2.0
    return wave


def _cosine(plan: Plan, k: Ints, base: float) -> Floats:
    low = plan.number("eta_min")
    return low + (base - low) * _half_cosine(k / plan.whole("T_max"))


def _warm_restarts(plan: Plan, k: Ints, base: float) -> Floats:
    low, length, growth = (
        plan.number("eta_min"),
        plan.whole("T_0"),
        plan.whole("T_mult"),
    )
    starts, lengths = [0], [length]
    if growth == 1:
        share = (k % length) / length
    else:
        while starts[-1] + lengths[-1] <= k.max(initial=0):
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * growth)
        period = np.searchsorted(starts, k, side="right") - 1
        share = (k - np.array(starts)[period]) / np.array(lengths)[period]
    return low + (base - low) * _half_cosine(share)


def _cyclic(plan: Plan, k: Ints, _base: float) -> Floats:
    low, high = plan.rates("base_lr")[0], plan.rates("max_lr")[0]
    up = plan.whole("step_size_up")
    down = up if plan.values["step_size_down"] is None else plan.whole("step_size_down")
    cycle, place = k // (up + down) + 1, k % (up + down)
    height = np.where(place <= up, place / up, (up + down - place) / down)
    if plan.values["scale_fn"] is not None:
        at = cycle if plan.word("scale_mode") == "cycle" else k
        scale = _formula(plan, "scale_fn", "x", at)
    elif plan.word("mode") == "triangular2":
        scale = _power(0.5, cycle - 1)
    elif plan.word("mode") == "exp_range":
        scale = _power(plan.number("gamma"), k)
    else:
        scale = np.ones(k.shape)
    return low + (high - low) * height * scale


def _one_cycle(plan: Plan, k: Ints, _base: float) -> Floats:
    high, total = plan.rates("max_lr")[0], plan.whole("total_steps")
    first = high / plan.number("div_factor")
    last = first / plan.number("final_div_factor")
    rise = plan.number("pct_start") * total - 1
    ends, levels = [rise, total - 1.0], [first, high, last]
    if plan.flag("three_phase"):
        ends, levels = [rise, 2 * rise, total - 1.0], [first, high, first, last]
    inside = np.array([k <= end for end in ends])
    inside[-1] = True
    phase = np.argmax(inside, axis=0)
    starts = np.array([0.0, *ends[:-1]])[phase]
    share = (k - starts) / (np.array(ends)[phase] - starts)
    left = 1.0 - share
    if plan.word("anneal_strategy") == "cos":
        left = _half_cosine(share)
    before, after = np.array(levels[:-1])[phase], np.array(levels[1:])[phase]
    rates: Floats = after + (before - after) * left
    return rates


def _swa(plan: Plan, k: Ints, base: float) -> Floats:
    n, target = plan.whole("anneal_epochs"), plan.rates("swa_lr")[0]
    share = np.minimum(1.0, k / n) if n else np.ones(k.shape)
    if plan.word("anneal_strategy") == "cos":
        share = 1.0 - _half_cosine(share)
    return target * share + base * (1.0 - share)


def _warmup(plan: Plan, k: Ints, base: float) -> Floats:
    start = plan.number("start_factor")
    return base * (start + (1.0 - start) * _ramp(plan, k))


def _ramp(plan: Plan, k: Ints) -> Floats:
    return np.minimum(1.0, (k + 1.0) / max(1, plan.whole("warmup")))


def _warmup_cosine(plan: Plan, k: Ints, base: float) -> Floats:
    ramp, last = plan.whole("warmup"), plan.number("final_factor")
    share = np.clip((k - ramp) / (plan.whole("total") - ramp), 0.0, 1.0)
    fall = last + (1.0 - last) * _half_cosine(share)
    return base * np.where(k < ramp, _ramp(plan, k), fall)


def _wsd(plan: Plan, k: Ints, base: float) -> Floats:
    last, decay = plan.number("final_factor"), plan.whole("decay")
    share = np.clip((k - plan.whole("total")) / decay + 1.0, 0.0, 1.0)
    shape = plan.word("shape")
    if shape == "exponential":
        fall: Floats = np.power(last, share)
        return base * _ramp(plan, k) * fall
    left = {
        "linear": 1.0 - share,
        "1-sqrt": 1.0 - np.sqrt(share),
        "cosine": _half_cosine(share),
    }[shape]
    return base * _ramp(plan, k) * (last + (1.0 - last) * left)


_FORMS: Final[Mapping[str, Callable[[Plan, Ints, float], Floats]]] = {
    "Constant": _constant,
    "LambdaLR": _lambda,
    "MultiplicativeLR": _multiplicative,
    "StepLR": _step,
    "MultiStepLR": _multi_step,
    "ConstantLR": _smaller_at_first,
    "LinearLR": _linear,
    "ExponentialLR": _exponential,
    "PolynomialLR": _polynomial,
    "CosineAnnealingLR": _cosine,
    "CosineAnnealingWarmRestarts": _warm_restarts,
    "CyclicLR": _cyclic,
    "OneCycleLR": _one_cycle,
    "SWALR": _swa,
    "Warmup": _warmup,
    "WarmupCosine": _warmup_cosine,
    "WSD": _wsd,
}
