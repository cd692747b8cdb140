"""What looks wrong in a comparison: one clear sentence for each thing.

An alarm does not say that a result is false; it says what to look at before believing
it. Each names the optimizer and the numbers that it goes by.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from optlab.analysis.certificate import ALPHA, certify, run_table
from optlab.analysis.evidence import Findings, Measured, Tuned
from optlab.analysis.matched import match
from optlab.analysis.paired import paired_p
from optlab.records import Floats, State, TrialStart
from optlab.store.run_data import RunData
from optlab.translate import tr, tr_n

NEVER_TRAINED: Final = 0.01
"""A loss that is within this share of its first value has not moved."""
GRACE: Final = 0.2
"""Share of the steps before which no trial is called stuck."""
UNSTABLE: Final = 1.3
"""How many times as long as others some steps take on a machine that is busy.

Blocks of steps differ by up to 1.05 on a quiet machine and by 1.14 beside other work.
"""
_WARM_UP: Final = 10
_BLOCKS: Final = 10
_LEAST_BLOCK: Final = 8
_LATE: Final = 0.1
_MOST: Final = 0.75
_TRIFLE: Final = 0.01
_OWN_END: Final = (State.DIVERGED, State.FAILED)
_LOSSES: Final = ("val_loss", "value", "train_loss")

CHOI: Final = "Choi et al. 2019, arXiv:1910.05446"
MA: Final = "Ma & Yarats 2019, arXiv:1810.06801"
DOZAT: Final = "Dozat 2016"
LOSHCHILOV: Final = "Loshchilov & Hutter 2019, arXiv:1711.05101"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something to look at before a comparison is believed.

    Attributes:
        name: A short name that is the same in every language: ``under-tuned``.
        level: ``red`` where the comparison cannot stand, else ``amber``.
        text: One plain sentence, with optimizer and numbers.
        label: Label of the optimizer that it is about; empty for the whole comparison.
    """

    name: str
    level: Literal["amber", "red"]
    text: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """A method that can imitate another one.

    Attributes:
        general: The method with more freedom.
        special: What it can be turned into.
        how: With which values.
        source: Who shows it.
    """

    general: str
    special: str
    how: str
    source: str


INCLUSIONS: Final = (
    Inclusion(general="momentum", special="gd", how="momentum = 0", source=CHOI),
    Inclusion(general="nesterov", special="gd", how="momentum = 0", source=CHOI),
    Inclusion(
        general="rmsprop",
        special="momentum",
        how="eps → ∞, lr/eps = const",
        source=CHOI,
    ),
    Inclusion(
        general="rmsprop", special="gd", how="eps → ∞, lr/eps = const", source=CHOI
    ),
    Inclusion(
        general="adam", special="momentum", how="eps → ∞, lr/eps = const", source=CHOI
    ),
    Inclusion(general="adam", special="gd", how="eps → ∞, β₁ = 0", source=CHOI),
    Inclusion(
        general="nadam", special="nesterov", how="eps → ∞, lr/eps = const", source=CHOI
    ),
    Inclusion(general="nadam", special="gd", how="eps → ∞, β₁ = 0", source=CHOI),
    Inclusion(
        general="adamw", special="adam", how="weight_decay = 0", source=LOSHCHILOV
    ),
    Inclusion(
        general="adamw",
        special="momentum",
        how="weight_decay = 0, eps → ∞, lr/eps = const",
        source=CHOI,
    ),
    Inclusion(general="qhm", special="momentum", how="ν = 1", source=MA),
    Inclusion(general="qhm", special="gd", how="ν = 0", source=MA),
    Inclusion(general="qhadam", special="adam", how="ν₁ = ν₂ = 1", source=MA),
)
"""Which method includes which: with the values named, it does the same steps.

Where general methods are tuned well they are never worse than what they include (Choi
et al., section 3). NAdam includes Adam in no exact sense, for it always looks ahead;
that pair is watched all the same.
"""

CLOSE: Final = (("nadam", "adam"),)
"""Pairs that are watched without being an inclusion to the letter."""

METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SGD": "gd",
        "textbook-gd": "gd",
        "keras-sgd": "gd",
        "momentum-heavy-ball": "momentum",
        "momentum-ema": "momentum",
        "momentum-ema-corrected": "momentum",
        "momentum-velocity": "momentum",
        "momentum-nesterov": "nesterov",
        "RMSprop": "rmsprop",
        "textbook-rmsprop": "rmsprop",
        "keras-rmsprop": "rmsprop",
        "Adam": "adam",
        "textbook-adam": "adam",
        "keras-adam": "adam",
        "NAdam": "nadam",
        "textbook-nadam": "nadam",
        "keras-nadam": "nadam",
        "AdamW": "adamw",
        "QHM": "qhm",
        "QHAdam": "qhadam",
    }
)
"""What kind of method an optimizer of the catalog is; others are not judged."""


def alarms(findings: Findings) -> tuple[Alarm, ...]:
    """Return what looks wrong in the comparison on one problem, the worst first."""
    found = [
        *_from_certificate(findings),
        *_selected_on_test(findings),
        *_under_tuned(findings),
        *_edges(findings),
        *_broken(findings),
        *_never_trained(findings),
        *_load(findings),
    ]
    return tuple(sorted(found, key=lambda alarm: alarm.level != "red"))


def method_of(run: RunData, start: TrialStart) -> str:
    """Return what kind of method a trial is; empty where it is not known.

    SGD is plain, with momentum, or Nesterov's, by its values.
    """
    method = METHODS.get(start.optimizer, "")
    entries = run_table(run, "optimizers", default=[])
    if method not in ("gd", "momentum") or start.entry >= len(entries):
        return method
    entry = entries[start.entry]
    if method == "gd" and not _positive(entry.get("momentum", 0.0)):
        return "gd"
    return "nesterov" if entry.get("nesterov") is True else "momentum"


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and value > 0


def _from_certificate(findings: Findings) -> Iterator[Alarm]:
    names = ("unequal-budget", "one-seed", "not-paired", "no-common-seed")
    for reason in certify(findings).why:
        if reason.name in names:
            level: Literal["amber", "red"] = "red" if reason.level == "red" else "amber"
            yield Alarm(name=reason.name, level=level, text=reason.text)


def _selected_on_test(findings: Findings) -> Iterator[Alarm]:
    """Yield where settings were picked by the data that the verdict goes by."""
    seen: dict[str, None] = {}
    for one in findings.tuned:
        parted = "dataset" in run_table(one.run, "problem")
        split = run_table(one.run, "training").get("split", "train")
        if parted and split != "tune":
            seen[str(split)] = None
    if seen:
        text = tr(
            "Settings were picked by the data that the optimizers are judged on (split "
            "= {splits} while tuning); tuning ought to hold out training data (split = "
            "tune).",
            splits=", ".join(seen),
        )
        yield Alarm(name="tuned-on-test", level="red", text=text)


def _under_tuned(findings: Findings) -> Iterator[Alarm]:
    """Yield where a tuned method lost to what it includes."""
    methods = {}
    for label in findings.labels:
        own = findings.of(label)
        if own and findings.tuned_of(label):
            methods[label] = method_of(own[0].run, own[0].start)
    for general, kind in methods.items():
        for special, other in methods.items():
            how = _inclusion(kind, other)
            if how is None or not _lost(findings, general, special):
                continue
            ends = [_shown_end(findings, label) for label in (general, special)]
            text = (
                "{general} may be under-tuned: it ended at {end}, {special} at "
                "{other}, which it can imitate ({how}; {source}). These seeds alone do "
                "not show that it is worse."
            )
            if _is_shown(findings, general, special):
                text = (
                    "{general} is under-tuned: it ended at {end}, {special} at "
                    "{other}, which it can imitate ({how}; {source}). Give it more "
                    "trials, or search more of its values."
                )
            text = tr(
                text,
                general=general,
                end=ends[0],
                special=special,
                other=ends[1],
                how=how.how,
                source=how.source,
            )
            yield Alarm(name="under-tuned", level="amber", text=text, label=general)


def _inclusion(general: str, special: str) -> Inclusion | None:
    for one in INCLUSIONS:
        if (one.general, one.special) == (general, special):
            return one
    if (general, special) in CLOSE:
        how = tr("nearly the same steps")
        return Inclusion(general=general, special=special, how=how, source=DOZAT)
    return None


def _lost(findings: Findings, general: str, special: str) -> bool:
    """Return whether ``general`` is worse by the median and on most common seeds.

    By more than a hundredth: methods that end at the same loss were tuned as well.
    """
    pairs = findings.pairs(general, special)
    if not pairs:
        return False
    ends = [[m.cost for m in side] for side in zip(*pairs, strict=True)]
    worse = sum(one.cost > another.cost for one, another in pairs)
    mine, other = (median(costs) for costs in ends)
    margin = _TRIFLE * abs(other) if math.isfinite(other) else 0.0
    return mine > other + margin and worse >= _MOST * len(pairs)


def _is_shown(findings: Findings, one: str, another: str) -> bool:
    """Return whether the seeds show by themselves that two optimizers differ."""
    certificate = certify(findings)
    matched = match(findings, one, another, certificate=certificate)
    # Seeds that change nothing are one seed, however many there are.
    if len(matched.ended) < 2 or matched.alike or not matched.certificate.paired:
        return False
    return paired_p(matched.differences) <= ALPHA


def _shown_end(findings: Findings, label: str) -> str:
    costs = [m.cost for m in findings.of(label)]
    middle = median(costs)
    if not math.isfinite(middle):
        return tr("nothing (most of its trials did not last)")
    value = -middle if findings.higher_is_better else middle
    return f"{findings.metric} {value:.4g}"


def _edges(findings: Findings) -> Iterator[Alarm]:
    """Yield where the best of the tuning is the least or the largest that was tried."""
    for label in findings.labels:
        own = findings.tuned_of(label)
        best = _best(own)
        if best is None:
            continue
        for name, value in best.values:
            tried = sorted(
                {v for v in (_number(t, name) for t in own) if v is not None}
            )
            if len(tried) < 3 or value not in (tried[0], tried[-1]):
                continue
            side = tr("smallest") if value == tried[0] else tr("largest")
            text = tr(
                "The best {name} of {label}, {value:g}, is the {side} of the {n} that "
                "were tried: beyond it may be a better one.",
                name=name,
                label=label,
                value=value,
                side=side,
                n=len(tried),
            )
            yield Alarm(name="edge-of-grid", level="amber", text=text, label=label)


def _best(own: Sequence[Tuned]) -> Tuned | None:
    """Return a trial of the setting that is best among those that went furthest."""
    furthest = max((t.share for t in own), default=0.0)
    last = [t for t in own if t.share >= 0.99 * furthest]
    costs: dict[int, list[float]] = {}
    for one in last:
        costs.setdefault(one.number, []).append(one.cost)
    ends = {number: median(values) for number, values in costs.items()}
    if not ends or not math.isfinite(min(ends.values())):
        return None
    number = min(ends, key=lambda key: ends[key])
    return next(t for t in last if t.number == number)


def _number(one: Tuned, name: str) -> float | None:
    value = dict(one.values).get(name)
    return float(value) if isinstance(value, int | float) else None


def _broken(findings: Findings) -> Iterator[Alarm]:
    """Yield which optimizers have trials that diverged or failed."""
    for label in findings.labels:
        own = findings.of(label)
        broken = [m for m in own if m.outcome.state in _OWN_END]
        if broken:
            steps = sorted(m.outcome.steps for m in broken)
            text = tr_n(
                "{n} of {all} trials of {label} did not last (from step {step} on); it "
                "counts as infinitely bad.",
                "{n} of {all} trials of {label} did not last (from step {step} on); "
                "they count as infinitely bad.",
                n=len(broken),
                all=len(own),
                label=label,
                step=steps[0],
            )
            yield Alarm(name="diverged", level="amber", text=text, label=label)
        tuned = findings.tuned_of(label)
        gone = [t for t in tuned if t.run.status(t.start.trial).state in _OWN_END]
        if len(tuned) >= 4 and 2 * len(gone) > len(tuned):
            text = tr(
                "{n} of {all} tuning trials of {label} did not last: most of its "
                "budget went where it cannot be used.",
                n=len(gone),
                all=len(tuned),
                label=label,
            )
            yield Alarm(name="space-too-wide", level="amber", text=text, label=label)


def _never_trained(findings: Findings) -> Iterator[Alarm]:
    """Yield which optimizers have trials whose loss never moved."""
    for label in findings.labels:
        own = findings.of(label)
        stuck = [loss for m in own if (loss := _stuck_at(m)) is not None]
        if not stuck:
            continue
        text = tr(
            "{n} of {all} trials of {label} never trained: the loss is still within 1 "
            "% of where it began ({first:.4g}, now {now:.4g}).",
            n=len(stuck),
            all=len(own),
            label=label,
            first=stuck[0][0],
            now=stuck[0][1],
        )
        yield Alarm(name="never-trained", level="amber", text=text, label=label)


def _stuck_at(one: Measured) -> tuple[float, float] | None:
    """Return first and present loss of a trial that has not moved; None of others.

    A fifth of the steps is granted to warm up. A training loss is that of single
    batches: the present one is the mean of the last tenth of them.
    """
    run, start = one.run, one.start
    if one.outcome.state in _OWN_END or one.outcome.steps < GRACE * start.steps:
        return None
    for metric in _LOSSES:
        if metric not in run.metrics:
            continue
        steps, values = run.series(start.trial, metric).arrays()
        kept = np.isfinite(values)
        steps, values = steps[kept], values[kept]
        if len(values) < 2:
            continue
        late = (
            values[-math.ceil(_LATE * len(values)) :] if metric == _LOSSES[-1] else ()
        )
        first, now = float(values[0]), float(np.mean(late) if len(late) else values[-1])
        rest = values[steps >= GRACE * start.steps]
        scale = NEVER_TRAINED * abs(first)
        away = abs(float(np.median(rest)) - first) if len(rest) else math.inf
        if first and abs(now - first) <= scale and away <= scale:
            return first, now
        return None
    return None


def _load(findings: Findings) -> Iterator[Alarm]:
    """Yield where steps took longer at one time than at another.

    Other work slows everybody down who runs at that time: it takes more than half of
    the optimizers, for a single one may be slower late than early by its nature.
    """
    paces: dict[int, dict[str, list[Floats]]] = {}
    for one in findings.measured:
        pace = _paces(one)
        if len(pace):
            own = paces.setdefault(id(one.run), {})
            own.setdefault(one.start.label, []).append(pace)
    found = [
        _slowest({k: _within(v) for k, v in own.items()}) for own in paces.values()
    ]
    usual: dict[str, list[float]] = {}
    for own in paces.values():
        for label, several in own.items():
            usual.setdefault(label, []).append(
                float(np.median(np.concatenate(several)))
            )
    found.append(_slowest({k: (min(v), max(v)) for k, v in usual.items()}))
    loud = [one for one in found if one is not None]
    if loud:
        label, low, high = max(loud, key=lambda one: one[2] / one[1])
        text = tr(
            "Step times were unstable: a step of {label} took {low:.3g} ms at one time "
            "and {high:.3g} ms at another. The machine had other work; seconds are not "
            "to be compared.",
            label=label,
            low=1e3 * low,
            high=1e3 * high,
        )
        yield Alarm(name="shared-machine", level="amber", text=text, label=label)


def _within(several: Sequence[Floats]) -> tuple[float, float]:
    """Return the shortest and the longest pace of the trial that is in the middle."""
    ordered = sorted(several, key=lambda pace: float(pace.max() / pace.min()))
    middle = ordered[len(ordered) // 2]
    return float(middle.min()), float(middle.max())


def _slowest(
    paces: Mapping[str, tuple[float, float]],
) -> tuple[str, float, float] | None:
    """Return whose pace changed most, and its ends; None if that of most did not."""
    loud = {k: v for k, v in paces.items() if v[1] > UNSTABLE * v[0]}
    if 2 * len(loud) <= len(paces):
        return None
    label = max(loud, key=lambda name: loud[name][1] / loud[name][0])
    return label, *loud[label]


def _paces(one: Measured) -> Floats:
    """Return the seconds of a gradient evaluation in each of ten parts of a trial.

    Of every part it is the median, so that single slow steps do not count; the first
    steps are left out, and a pause or an evaluation is not in a trial's own time. A
    step with several evaluations is that many times as long. Nothing where a part
    would be of fewer than eight steps, or where its steps differ by themselves.
    """
    run, trial = one.run, one.start.trial
    seconds = run.series(trial, "wall_time_s").values
    evaluations = run.series(trial, "grad_evals").values
    n = min(len(seconds), len(evaluations))
    own = np.diff(seconds[:n])[_WARM_UP:]
    counts = np.diff(evaluations[:n])[_WARM_UP:]
    kept = np.isfinite(own) & (counts > 0) & (own > 0)
    own, counts = own[kept], counts[kept]
    blocks = min(_BLOCKS, len(own) // _LEAST_BLOCK)
    if blocks < 3:
        return np.empty(0)
    each = own / counts
    return np.array([np.median(part) for part in np.array_split(each, blocks)])
