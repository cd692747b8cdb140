"""Schedules with their formulas, written down once more from papers and manuals."""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from optlab.optimizers.schedules.catalog import SCHEDULERS
from optlab.params import ParamValue, Values
from optlab.registry import Registry, SchedulerInfo
from optlab.spec import SchedulerSpec

REGISTRY: Registry[SchedulerInfo] = Registry("scheduler")
REGISTRY.add(*SCHEDULERS)

Form = Callable[[float, int, int], float]


@dataclass(frozen=True)
class Case:
    """A schedule, the length of a run, and its rate by (base, k, steps)."""

    spec: SchedulerSpec
    form: Form
    steps: int = 300

    @property
    def title(self) -> str:
        words = [f"{n}={v}" for n, v in self.spec.values.items()]
        words += [part.name for part in self.spec.parts]
        return " ".join([self.spec.name, *words])


def schedule(
    name: str, *parts: SchedulerSpec, **values: "ParamValue | list[Any]"
) -> SchedulerSpec:
    pairs = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return SchedulerSpec(name=name, values=Values(pairs), parts=parts)


def cosine(low: float, high: float, share: float) -> float:
    return low + (high - low) * (1 + math.cos(math.pi * share)) / 2


def restarts(first: int, growth: int, low: float) -> Form:
    def rate(base: float, k: int, steps: int) -> float:
        length = first
        while k >= length:
            k, length = k - length, length * growth
        return cosine(low, base, k / length)

    return rate


def triangle(
    up: int, down: int, height: Callable[[int, int], float], low: float, high: float
) -> Form:
    def rate(base: float, k: int, steps: int) -> float:
        cycle, place = divmod(k, up + down)
        share = place / up if place <= up else 1 - (place - up) / down
        return low + (high - low) * share * height(cycle + 1, k)

    return rate


def one_cycle(
    top: float,
    *,
    total: int | None = None,
    div: float = 25,
    final: float = 1e4,
    rise: float = 0.3,
    straight: bool = False,
    three: bool = False,
) -> Form:
    def rate(base: float, k: int, steps: int) -> float:
        n = total or steps
        k = min(k, n - 1)
        first, peak = top / div, rise * n - 1
        phases = [(0.0, peak, first, top), (peak, n - 1.0, top, first / final)]
        if three:
            phases[1:] = [
                (peak, 2 * peak, top, first),
                (2 * peak, n - 1.0, first, first / final),
            ]
        begin, end, a, b = next((p for p in phases if k <= p[1]), phases[-1])
        share = (k - begin) / (end - begin)
        if straight:
            return a + (b - a) * share
        return b + (a - b) / 2 * (1 + math.cos(math.pi * share))

    return rate


def swa(target: float, length: int, *, straight: bool = False) -> Form:
    def rate(base: float, k: int, steps: int) -> float:
        share = min(1.0, k / length) if length else 1.0
        share = share if straight else (1 - math.cos(math.pi * share)) / 2
        return target * share + base * (1 - share)

    return rate


def product(factor: Callable[[int], float], steps: int) -> Form:
    found = list(accumulate(map(factor, range(1, steps)), lambda a, b: a * b))

    def rate(base: float, k: int, _steps: int) -> float:
        return base * (found[k - 1] if k else 1.0)

    return rate


def wsd(ramp: int, fall: int, g: Callable[[float], float]) -> Form:
    def rate(base: float, k: int, steps: int) -> float:
        if k < ramp:
            return base * (k + 1) / ramp
        if k < steps - fall:
            return base
        return base * g((k - steps + fall) / fall)

    return rate


def row(*parts: tuple[int, int, Form]) -> Form:
    """Return parts in a row, each with its first count and its length."""

    def rate(base: float, k: int, steps: int) -> float:
        begin, length, form = [p for p in parts if p[0] <= k][-1]
        return form(base, k - begin, length)

    return rate


def linear(a: float, b: float, n: int) -> Form:
    return lambda base, k, steps: base * (a + (b - a) * min(k, n) / n)


def step(size: int, gamma: float) -> Form:
    return lambda base, k, steps: base * gamma ** (k // size)


def _cosine_to_the_end(base: float, k: int, steps: int) -> float:
    return cosine(0.0, base, k / steps)


CASES = (
    Case(schedule("Constant"), lambda base, k, steps: base),
    Case(schedule("StepLR", step_size=30), step(30, 0.1)),
    Case(schedule("StepLR", step_size=1, gamma=0.999), step(1, 0.999), 3000),
    Case(
        schedule("MultiStepLR", milestones=[200, 30, 80, 80], gamma=0.3),
        lambda base, k, steps: base * 0.3 ** bisect_right([30, 80, 80, 200], k),
    ),
    Case(
        schedule("MultiStepLR", milestones=[17]),
        lambda base, k, steps: base * (0.1 if k >= 17 else 1.0),
    ),
    Case(schedule("ExponentialLR", gamma=0.95), lambda base, k, steps: base * 0.95**k),
    Case(
        schedule("ExponentialLR", gamma=0.9995),
        lambda base, k, steps: base * 0.9995**k,
        4000,
    ),
    Case(schedule("LinearLR"), linear(1 / 3, 1.0, 5)),
    Case(
        schedule("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=250),
        linear(1.0, 0.0, 250),
    ),
    Case(
        schedule("LinearLR", start_factor=0.001, total_iters=3500),
        linear(0.001, 1.0, 3500),
        4000,
    ),
    Case(schedule("PolynomialLR"), lambda base, k, steps: base * (1 - k / steps)),
    Case(
        schedule("PolynomialLR", total_iters=100, power=2.0),
        lambda base, k, steps: base * (1 - min(k, 100) / 100) ** 2,
    ),
    Case(
        schedule("PolynomialLR", power=0.9),
        lambda base, k, steps: base * (1 - k / steps) ** 0.9,
        4000,
    ),
    Case(schedule("CosineAnnealingLR"), _cosine_to_the_end, 4000),
    Case(
        schedule("CosineAnnealingLR", T_max=100, eta_min=0.001),
        lambda base, k, steps: cosine(0.001, base, k / 100),
        4000,
    ),
    Case(
        schedule("CosineAnnealingLR", T_max=7),
        lambda base, k, steps: cosine(0.0, base, k / 7),
    ),
    Case(schedule("CosineAnnealingWarmRestarts", T_0=40), restarts(40, 1, 0.0)),
    Case(
        schedule("CosineAnnealingWarmRestarts", T_0=10, T_mult=2, eta_min=0.001),
        restarts(10, 2, 0.001),
        3000,
    ),
    Case(
        schedule("ConstantLR"),
        lambda base, k, steps: base * (1 / 3 if k < 5 else 1.0),
    ),
    Case(
        schedule("ConstantLR", factor=0.01, total_iters=120),
        lambda base, k, steps: base * (0.01 if k < 120 else 1.0),
    ),
    Case(
        schedule("Warmup", warmup=40),
        lambda base, k, steps: base * min(1.0, (k + 1) / 40),
    ),
    Case(
        schedule("Warmup", warmup=25, start_factor=0.2),
        lambda base, k, steps: base * (0.2 + 0.8 * min(1.0, (k + 1) / 25)),
    ),
    Case(schedule("Warmup", warmup=0), lambda base, k, steps: base),
    Case(
        schedule("WarmupCosine", warmup=50),
        lambda base, k, steps: (
            base * (k + 1) / 50
            if k < 50
            else cosine(0.0, base, (k - 50) / (steps - 50))
        ),
        3000,
    ),
    Case(
        schedule("WarmupCosine", warmup=0, total=200, final_factor=0.1),
        lambda base, k, steps: cosine(0.1 * base, base, min(k, 200) / 200),
    ),
    Case(schedule("WSD", warmup=30), wsd(30, 30, lambda u: 1 - u)),
    Case(
        schedule("WSD", warmup=10, decay=120, shape="1-sqrt", final_factor=0.05),
        wsd(10, 120, lambda u: 0.05 + 0.95 * (1 - math.sqrt(u))),
    ),
    Case(
        schedule("WSD", warmup=1, decay=100, shape="cosine"),
        wsd(1, 100, lambda u: cosine(0.0, 1.0, u)),
    ),
    Case(
        schedule("WSD", warmup=0, decay=50, shape="exponential", final_factor=0.01),
        wsd(0, 50, lambda u: 0.01**u),
    ),
    Case(
        schedule("CyclicLR", base_lr=0.001, max_lr=0.1, step_size_up=40),
        triangle(40, 40, lambda cycle, k: 1.0, 0.001, 0.1),
    ),
    Case(
        schedule(
            "CyclicLR",
            base_lr=0.002,
            max_lr=0.05,
            step_size_up=7,
            step_size_down=26,
            mode="triangular2",
            cycle_momentum=False,
        ),
        triangle(7, 26, lambda cycle, k: 0.5 ** (cycle - 1), 0.002, 0.05),
        1000,
    ),
    Case(
        schedule(
            "CyclicLR",
            base_lr=0.001,
            max_lr=0.1,
            step_size_up=100,
            mode="exp_range",
            gamma=0.999,
        ),
        triangle(100, 100, lambda cycle, k: 0.999**k, 0.001, 0.1),
        3000,
    ),
    Case(
        schedule(
            "CyclicLR", base_lr=0.001, max_lr=0.1, step_size_up=25, scale_fn="1/x"
        ),
        triangle(25, 25, lambda cycle, k: 1 / cycle, 0.001, 0.1),
    ),
    Case(
        schedule(
            "CyclicLR",
            base_lr=0.001,
            max_lr=0.1,
            step_size_up=25,
            scale_fn="exp(-x/100)",
            scale_mode="iterations",
        ),
        triangle(25, 25, lambda cycle, k: math.exp(-k / 100), 0.001, 0.1),
    ),
    Case(schedule("OneCycleLR", max_lr=0.1), one_cycle(0.1), 3000),
    Case(
        schedule(
            "OneCycleLR",
            max_lr=0.3,
            total_steps=200,
            anneal_strategy="linear",
            three_phase=True,
            pct_start=0.4,
            div_factor=10.0,
            final_div_factor=100.0,
        ),
        one_cycle(
            0.3, total=200, div=10, final=100, rise=0.4, straight=True, three=True
        ),
    ),
    Case(
        schedule("OneCycleLR", max_lr=0.1, epochs=10, steps_per_epoch=25),
        one_cycle(0.1, total=250),
    ),
    Case(schedule("SWALR", swa_lr=0.05), swa(0.05, 10)),
    Case(
        schedule("SWALR", swa_lr=0.001, anneal_epochs=2000),
        swa(0.001, 2000),
        3000,
    ),
    Case(
        schedule("SWALR", swa_lr=0.2, anneal_epochs=120, anneal_strategy="linear"),
        swa(0.2, 120, straight=True),
    ),
    Case(schedule("SWALR", swa_lr=0.03, anneal_epochs=0), swa(0.03, 0)),
    Case(
        schedule("LambdaLR", lr_lambda="0.95**k"),
        lambda base, k, steps: base * 0.95**k,
    ),
    Case(
        schedule("LambdaLR", lr_lambda="1/sqrt(k + 1)"),
        lambda base, k, steps: base / math.sqrt(k + 1),
        3000,
    ),
    Case(
        schedule("MultiplicativeLR", lr_lambda="1 - 1/(k + 9)"),
        lambda base, k, steps: base * 9 / (k + 9),
        3000,
    ),
    Case(
        schedule("MultiplicativeLR", lr_lambda="0.99 + 0.01*cos(k)"),
        product(lambda k: 0.99 + 0.01 * math.cos(k), 300),
    ),
    Case(
        schedule(
            "SequentialLR",
            schedule("LinearLR", total_iters=40),
            schedule("CosineAnnealingLR"),
            milestones=[40],
        ),
        row((0, 40, linear(1 / 3, 1.0, 40)), (40, 260, _cosine_to_the_end)),
    ),
    Case(
        schedule(
            "SequentialLR",
            schedule("Warmup", warmup=20),
            schedule("OneCycleLR", max_lr=0.2, cycle_momentum=False),
            schedule("StepLR", step_size=15, gamma=0.5),
            milestones=[60, 160],
        ),
        row(
            (0, 60, lambda base, k, steps: base * min(1.0, (k + 1) / 20)),
            (60, 100, one_cycle(0.2)),
            (160, 140, step(15, 0.5)),
        ),
    ),
    Case(
        schedule(
            "ChainedScheduler",
            schedule("ConstantLR", factor=0.1, total_iters=20),
            schedule("ExponentialLR", gamma=0.99),
        ),
        lambda base, k, steps: base * (0.1 if k < 20 else 1.0) * 0.99**k,
    ),
    Case(
        schedule(
            "ChainedScheduler",
            schedule("Warmup", warmup=30),
            schedule("CosineAnnealingLR"),
            schedule("MultiStepLR", milestones=[100, 200], gamma=0.5),
        ),
        lambda base, k, steps: (
            min(1.0, (k + 1) / 30)
            * cosine(0.0, base, k / steps)
            * 0.5 ** bisect_right([100, 200], k)
        ),
    ),
)
