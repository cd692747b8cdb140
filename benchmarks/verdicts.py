"""Hold the verdict against simulated comparisons of which the truth is known.

``python -m benchmarks.verdicts`` prints two tables and exits with 1 if a bound is
broken. A/A: an optimizer is compared with itself, so every "better" is an error. A/B:
the true effect is 1.5 standard deviations of the paired differences. Every trial is a
noisy descent on a quadratic; what is counted is what `optlab.analysis.verdict.judge`
says of run records, as people would read it.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import numpy as np

from optlab.analysis.certificate import Certificate, certify
from optlab.analysis.evidence import Findings, evidence
from optlab.analysis.verdict import judge
from optlab.plugins import load_catalog
from optlab.records import (
    Columns,
    Floats,
    RunStart,
    RunStop,
    State,
    TrialStart,
    TrialStop,
)
from optlab.registry import Catalog
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData

COMPARISONS: Final = 400
MOST_WRONG: Final = 28
LEAST_RIGHT: Final = 0.8
EFFECT: Final = 1.5
AA_SEEDS: Final = 8
AB_SEEDS: Final = 12

NOISES: Final = ("normal", "Laplace", "Student t, 2", "Cauchy", "rare spikes", "coins")
"""Kinds of gradient noise; the variance of two of them is infinite."""

LIGHT: Final = ("normal", "Laplace", "rare spikes", "coins")
"""Those with a variance, so that an effect can be counted in standard deviations."""

_STEPS: Final = 40
_CURVATURES: Final = np.geomspace(0.1, 1.0, 20)
_LR: Final = 0.15
# Part of the noise is the same for both trials of a seed, as batches are.
_SHARED: Final = 0.7
# Beyond it a trial has diverged: about one in five with Cauchy's noise, no other.
_LIMIT: Final = 1e4
_TUNING_TRIALS: Final = 4

_TOML: Final = """
title = "A against B"
[problem]
name = "quadratic"
[training]
steps = {steps}
seeds = {seeds}
[tuning]
trials = {trials}
seeds = [1000]
[comparison]
metric = "value"
[[optimizers]]
name = "SGD"
label = "B"
lr = 0.1
[[optimizers]]
name = "SGD"
label = "A"
lr = 0.2
"""
_PART: Final = '[part]\nstudy = "s"\npart = "{part}"\ntrial = {trial}\n'


def descend(rng: np.random.Generator, kind: str, rates: Sequence[Floats]) -> Floats:
    """Return where noisy descents end, side by side.

    Args:
        rng: Where the noise comes from.
        kind: One of `NOISES`.
        rates: Learning rates of each optimizer, any shape, the same for all.

    Returns:
        Noise-free values at the end, shape (optimizers, …); infinite where diverged.
    """
    shape = rates[0].shape
    start = rng.normal(size=(*shape, len(_CURVATURES)))
    at = [start.copy() for _ in rates]
    for _ in range(_STEPS):
        common = noise(rng, kind, start.shape)
        for i, lr in enumerate(rates):
            own = noise(rng, kind, start.shape)
            mixed = _SHARED * common + math.sqrt(1 - _SHARED**2) * own
            at[i] = at[i] - lr[..., None] * (_CURVATURES * at[i] + mixed)
    values = np.stack([np.sum(_CURVATURES * x**2, axis=-1) / 2 for x in at])
    return np.where(values < _LIMIT, values, np.inf)


def noise(rng: np.random.Generator, kind: str, shape: tuple[int, ...]) -> Floats:
    """Return noise of one kind, symmetric about zero."""
    match kind:
        case "normal":
            return rng.normal(size=shape)
        case "Laplace":
            return rng.laplace(size=shape)
        case "Student t, 2":
            return rng.standard_t(2, size=shape)
        case "Cauchy":
            return rng.standard_cauchy(size=shape)
        case "rare spikes":
            return rng.normal(size=shape) * np.where(rng.random(shape) < 0.1, 4, 0.5)
        case "coins":
            return rng.choice([-1.0, 1.0], size=shape)
    raise ValueError(kind)


def findings_of(
    costs: Mapping[str, Sequence[float]],
    catalog: Catalog,
    *,
    tuned: Sequence[str] = ("A", "B"),
    looks: str = "end",
    seeds: int | None = None,
    extra: str = "",
) -> Findings:
    """Return the findings of a study whose trials ended at given values.

    Args:
        costs: Values at the end by label, one for each seed from 0; infinite for a
            trial that diverged.
        catalog: What experiments are made of.
        tuned: Labels of those that were tuned, with `_TUNING_TRIALS` trials each.
        looks: When the verdict is read.
        seeds: How many seeds the experiment fixes; as many as there are by default.
        extra: More TOML for the experiment.
    """
    n = max(map(len, costs.values())) if seeds is None else seeds
    base = _TOML.format(steps=_STEPS, seeds=list(range(n)), trials=_TUNING_TRIALS)
    base = base.replace("[comparison]", f'[comparison]\nlooks = "{looks}"')
    text = base + extra + _PART.format(part="final", trial=0)
    own = [(label, s, v) for label, vs in costs.items() for s, v in enumerate(vs)]
    runs = [recorded(text, own, catalog)]
    for trial in range(_TUNING_TRIALS):
        text = base + _PART.format(part="tuning", trial=trial)
        if tuned:
            found = [(label, 1000, 1.0 + trial) for label in tuned]
            runs.append(recorded(text, found, catalog))
    (only,) = evidence(runs, catalog).findings
    return only


def recorded(
    text: str, ends: Sequence[tuple[str, int, float]], catalog: Catalog
) -> RunData:
    """Return the records of a run: label, seed and value at the end of each trial."""
    spec = spec_from_text(text, catalog)
    entries = [entry.label for entry in spec.optimizers]
    data = RunData(spec_text=text)
    trials = tuple(
        TrialStart(
            trial=number,
            entry=entries.index(label) if label in entries else 0,
            label=label,
            optimizer="SGD",
            seed=seed,
            batch_size=0,
            steps=_STEPS,
            steps_per_epoch=0,
            init_hash=f"{seed:08x}",
            n_parameters=len(_CURVATURES),
        )
        for number, (label, seed, _) in enumerate(ends)
    )
    data.append(
        RunStart(
            spec=spec,
            trials=trials,
            metrics=("value",),
            sparse=(),
            device="cpu",
            versions={},
        )
    )
    for number, (_, _, value) in enumerate(ends):
        rows = np.full(_STEPS + 1, value)
        data.append(Columns(trial=number, first=0, values={"value": rows}))
        lasted = math.isfinite(value)
        data.append(
            TrialStop(
                trial=number,
                state=State.FINISHED if lasted else State.DIVERGED,
                step=_STEPS,
                grad_evals=_STEPS,
                wall_time_s=1.0,
                optimizer_time_s=0.1,
                state_floats_per_param=0.0,
                batch_hash="",
            )
        )
    data.append(RunStop(state=State.FINISHED))
    return data


@dataclass(frozen=True)
class Count:
    """How often "better" was said.

    Attributes:
        kind: Kind of noise.
        of: How many comparisons there were.
        fixed: With the number of seeds fixed and reached.
        any_time: With a look after every seed from the second one on.
        both: With the number fixed, but a look after every seed as well; None where
            nobody looked.
        wrong: How often it was said of the one that is worse.
        seconds: How long it took.
    """

    kind: str
    of: int
    fixed: int
    any_time: int
    both: int | None
    wrong: int
    seconds: float


def count(kind: str, ends: Floats, catalog: Catalog, *, looked: bool = True) -> Count:
    """Return what the verdict says of many comparisons.

    Args:
        kind: Kind of noise.
        ends: Values at the end, shape (2, comparisons, seeds): first of A, then of B,
            which costs no less.
        catalog: What experiments are made of.
        looked: Whether to look early where the number of seeds is fixed, too.
    """
    began = perf_counter()
    fixed, any_time, both, wrong = 0, 0, 0, 0
    for a, b in zip(*ends, strict=True):
        findings = findings_of({"B": b.tolist(), "A": a.tolist()}, catalog)
        looks = replace(findings.spec.comparison, looks="any")
        at_any_time = replace(findings, spec=replace(findings.spec, comparison=looks))
        certificate = certify(findings)
        numbers = range(2, len(a) + 1)
        at_end = [
            _better(findings, n, certificate) for n in (numbers if looked else [len(a)])
        ]
        on_the_way = [_better(at_any_time, n, certificate) for n in numbers]
        fixed += at_end[-1] is not None
        both += any(said is not None for said in at_end)
        any_time += any(said is not None for said in on_the_way)
        wrong += any(said is False for said in (*at_end, *on_the_way))
    seconds = perf_counter() - began
    of, early = ends.shape[1], both if looked else None
    return Count(kind, of, fixed, any_time, early, wrong, seconds)


def _better(findings: Findings, seeds: int, certificate: Certificate) -> bool | None:
    """Return what is said of A when so many seeds have ended."""
    seen = tuple(m for m in findings.measured if m.start.seed < seeds)
    look = replace(findings, measured=seen)
    (verdict,) = judge(look, certificate=certificate).verdicts
    return verdict.better


def compare_with_itself(
    catalog: Catalog, comparisons: int, *, seeds: int = AA_SEEDS
) -> list[Count]:
    """Return how often an optimizer is called better than itself, by kind of noise."""
    found = []
    for i, kind in enumerate(NOISES):
        own = comparisons // len(NOISES) + (i < comparisons % len(NOISES))
        rng = np.random.default_rng([1, i])
        lr = np.full((own, seeds), _LR)
        found.append(count(kind, descend(rng, kind, [lr, lr]), catalog))
    return found


def compare_with_worse(
    catalog: Catalog, comparisons: int, *, seeds: int = AB_SEEDS, sample: int = 4_000
) -> list[Count]:
    """Return how often the better optimizer is found, by kind of noise.

    Args:
        catalog: What experiments are made of.
        comparisons: How many, over all kinds of noise.
        seeds: How many seeds each has.
        sample: On how many seeds the true effect is set.
    """
    found = []
    for i, kind in enumerate(LIGHT):
        own = comparisons // len(LIGHT) + (i < comparisons % len(LIGHT))
        rng = np.random.default_rng([2, i])
        lr = np.full((own, seeds), _LR)
        worse = np.full((own, seeds), rate_with_effect(kind, sample=sample))
        ends = descend(rng, kind, [lr, worse])
        found.append(count(kind, ends, catalog, looked=False))
    return found


def rate_with_effect(kind: str, *, sample: int) -> float:
    """Return the learning rate that is worse by `EFFECT` standard deviations.

    Args:
        kind: Kind of noise.
        sample: On how many seeds that is found out; they are not those of the table.
    """
    from scipy.optimize import brentq

    def surplus(rate: float) -> float:
        # The same noise for every rate, so that this is a smooth function of it.
        rng = np.random.default_rng(3)
        lr = np.full(sample, _LR)
        ends = descend(rng, kind, [lr, np.full(sample, rate)])
        apart = ends[1] - ends[0]
        return float(np.mean(apart) / np.std(apart) - EFFECT)

    return float(brentq(surplus, _LR, 4 * _LR, xtol=1e-3))


def main() -> int:
    """Print both tables; return 1 if a bound is broken."""
    catalog = load_catalog()
    same = compare_with_itself(catalog, COMPARISONS)
    print(f"A/A: an optimizer against itself, {AA_SEEDS} seeds; said to be better")
    _table(same)
    held = rarely_wrong(same)
    print(f"at most {MOST_WRONG} of {COMPARISONS} each: {_word(held)}\n")
    other = compare_with_worse(catalog, COMPARISONS)
    print(f"A/B: a true effect of {EFFECT} standard deviations, {AB_SEEDS} seeds")
    _table(other)
    found = mostly_right(other)
    print(f"at least {LEAST_RIGHT:.0%} with n fixed: {_word(found)}")
    print(f"the worse one said to be better: {sum(c.wrong for c in other)}")
    seconds = sum(c.seconds for c in (*same, *other))
    print(f"{seconds:.0f} s")
    return 0 if held and found else 1


def rarely_wrong(counts: Sequence[Count]) -> bool:
    """Return whether an optimizer was rarely enough called better than itself."""
    most = MOST_WRONG / COMPARISONS * sum(c.of for c in counts)
    said = [(c.fixed, c.any_time, c.both or 0) for c in counts]
    return all(sum(column) <= most for column in zip(*said, strict=True))


def mostly_right(counts: Sequence[Count]) -> bool:
    """Return whether the better optimizer was found often enough, and no other."""
    found = sum(c.fixed for c in counts) >= LEAST_RIGHT * sum(c.of for c in counts)
    return found and sum(c.wrong for c in counts) <= MOST_WRONG


def _table(counts: Sequence[Count]) -> None:
    rows = [(c.of, c.fixed, c.any_time, c.both or 0) for c in counts]
    sums = tuple(map(sum, zip(*rows, strict=True)))
    # Where nobody looked early there is no such column.
    shown = 4 if all(c.both is not None for c in counts) else 3
    heads = ("of", "n fixed", "any time", "fixed, looked")[:shown]
    print(f"  {'noise':14}" + "".join(f"{head:>15}" for head in heads))
    names = [c.kind for c in counts]
    for name, row in zip([*names, "all"], [*rows, sums], strict=True):
        print(f"  {name:14}" + "".join(f"{n:15}" for n in row[:shown]), flush=True)


def _word(held: bool) -> str:
    return "holds" if held else "BROKEN"


if __name__ == "__main__":
    sys.exit(main())
