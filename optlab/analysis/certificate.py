"""Whether a comparison was fair, and what that is known by.

Everything is read from run files. *Green*: trials of each seed had the same weights and
batches, every optimizer was tuned with the same budget, and there are enough seeds.
*Amber*: something is to be kept in mind, and it is said what. *Red*: the trials are not
comparable. Trials are called paired only where their hashes agree.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from optlab.analysis.evidence import Evidence, Findings, Tuned
from optlab.records import State, TrialStart
from optlab.store.run_data import RunData
from optlab.translate import tr, tr_n

Level: TypeAlias = Literal["green", "amber", "red"]

ALPHA: Final = 0.05
_LEVELS: Final[tuple[Level, ...]] = ("green", "amber", "red")
# Shares of a run that differ by less were meant to be the same: steps are whole.
_SAME_SHARE: Final = 0.01
_OWN_END: Final = (State.DIVERGED, State.FAILED)
# Those of a training that all runs of a comparison should have in common.
_COMMON: Final = ("threads", "eval_every", "divergence_limit", "zero_grad", "split")
_FEW: Final = 3


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a certificate is not green.

    Attributes:
        name: A short name that is the same in every language: ``one-seed``.
        level: ``amber`` or ``red``.
        text: The same in one plain sentence.
    """

    name: str
    level: Level
    text: str


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What was spent on tuning one optimizer.

    Attributes:
        label: Label of the optimizer.
        trials: Settings that were tried.
        steps: Steps that all of its tuning trials really took.
        granted: Full trainings that these settings were given; one that ended on its
            own counts as far as it would have been taken.
        space: Where was searched, in words: ``lr 0.0001 to 1``.
    """

    label: str
    trials: int
    steps: int
    granted: float
    space: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SeedHashes:
    """What the trials of one seed began with and went through.

    Attributes:
        seed: The seed.
        weights: Hashes of the initial weights, each once.
        batches: Hashes of the batches by batch size and number of steps, each once;
            none before a trial has ended, nor where there are no batches.
        compared: Trials whose batches another trial confirms.
        trials: Trials of the seed.
    """

    seed: int
    weights: tuple[str, ...]
    batches: tuple[tuple[int, int, tuple[str, ...]], ...]
    compared: int
    trials: int


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """Whether a comparison was fair.

    Attributes:
        level: ``green``, ``amber`` or ``red``.
        paired: Whether trials of each seed are known to have had the same initial
            weights and the same batches.
        why: Why it is not green, the worst first.
        facts: What is known, as pairs of words.
        budgets: What was spent on tuning each optimizer; none where nothing was.
        hashes: What the trials of each seed had in common.
        sentence: In one sentence whether the trials are paired.
    """

    level: Level
    paired: bool
    why: tuple[Reason, ...]
    facts: tuple[tuple[str, str], ...]
    budgets: tuple[Budget, ...]
    hashes: tuple[SeedHashes, ...]
    sentence: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not green, in plain sentences, the worst first."""
        return tuple(reason.text for reason in self.why)

    @property
    def word(self) -> str:
        """Level and names of the reasons, the same in every language."""
        names = ", ".join(reason.name for reason in self.why)
        return f"{self.level}: {names}" if names else self.level

    @property
    def level_word(self) -> str:
        """The level as people read it."""
        words = {"green": tr("green"), "amber": tr("amber"), "red": tr("red")}
        return words[self.level]


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What is judged: trials with the runs that hold them."""

    labels: tuple[str, ...]
    trials: tuple[tuple[RunData, TrialStart], ...]
    tuned: tuple[Tuned, ...]
    seeds: tuple[int, ...]
    planned: int
    all_pairs: bool
    repeats: bool = False

    @property
    def runs(self) -> tuple[RunData, ...]:
        """The runs, each once."""
        return tuple({id(run): run for run, _ in self.trials}.values())

    def of(self, label: str) -> list[tuple[RunData, TrialStart]]:
        """Return the trials of one optimizer."""
        return [(run, start) for run, start in self.trials if start.label == label]


def certify(findings: Findings) -> Certificate:
    """Return whether the comparison on one problem was fair."""
    tuning = findings.spec.tuning
    return _certificate(
        _Case(
            labels=findings.labels,
            trials=tuple((m.run, m.start) for m in findings.measured),
            tuned=findings.tuned,
            seeds=findings.spec.training.seeds,
            planned=0 if tuning is None else tuning.trials,
            all_pairs=findings.spec.comparison.all_pairs,
            repeats=findings.repeats,
        ),
        faults=findings.faults,
    )


def certify_run(run: RunData) -> Certificate:
    """Return whether the comparison inside one run was fair, live or finished."""
    return _certificate(
        _Case(
            labels=tuple(dict.fromkeys(t.label for t in run.trials)),
            trials=tuple((run, start) for start in run.trials),
            tuned=(),
            seeds=tuple(dict.fromkeys(t.seed for t in run.trials)),
            planned=0,
            all_pairs=run_table(run, "comparison").get("all_pairs") is True,
        )
    )


def across(evidence: Evidence) -> tuple[Reason, ...]:
    """Return what keeps findings of different problems from being compared.

    Nothing where they are the problems of one study, or share their optimizers.
    """
    if len(evidence.findings) < 2:
        return ()
    names = ", ".join(found.problem for found in evidence.findings)
    shared = set.intersection(*(set(f.labels) for f in evidence.findings))
    if len(shared) >= 2:
        return ()
    text = tr(
        "These runs are of different problems ({names}) and are not compared with "
        "each other.",
        names=names,
    )
    return (Reason(name="different-problems", level="red", text=text),)


def least_seeds(comparisons: int, *, alpha: float = ALPHA) -> int:
    """Return the fewest seeds with which ``comparisons`` verdicts can be significant.

    An exact sign-flip test over n pairs has no p below 2/2ⁿ, and Holm's correction
    multiplies the smallest one by their number.
    """
    n = 1
    while 2 * max(1, comparisons) / 2**n > alpha:
        n += 1
    return n


def _certificate(case: _Case, *, faults: Iterable[str] = ()) -> Certificate:
    hashes = tuple(_hashes(case, seed) for seed in _seeds(case))
    budgets = _budgets(case)
    why = [
        *_pairing(case, hashes),
        *_seed_reasons(case),
        *_tuning_reasons(case, budgets),
        *_hand_reasons(case),
        *_run_reasons(case),
        *(Reason(name="repeated-trials", level="amber", text=text) for text in faults),
    ]
    level: Level = "green"
    for reason in why:
        level = max(level, reason.level, key=_LEVELS.index)
    paired = _is_paired(case, hashes)
    return Certificate(
        level=level,
        paired=paired,
        why=tuple(sorted(why, key=lambda r: -_LEVELS.index(r.level))),
        facts=_facts(case, hashes, budgets),
        budgets=budgets,
        hashes=hashes,
        sentence=_pairing_words(case, hashes, paired=paired),
    )


def _seeds(case: _Case) -> list[int]:
    return list(dict.fromkeys(start.seed for _, start in case.trials))


def _hashes(case: _Case, seed: int) -> SeedHashes:
    own = [(run, start) for run, start in case.trials if start.seed == seed]
    groups: dict[tuple[int, int], list[str]] = {}
    for run, start in own:
        status = run.status(start.trial)
        if status.batch_hash and status.step > 0:
            key = start.batch_size, status.step
            groups.setdefault(key, []).append(status.batch_hash)
    return SeedHashes(
        seed=seed,
        weights=tuple(dict.fromkeys(start.init_hash for _, start in own)),
        batches=tuple(
            (size, steps, tuple(dict.fromkeys(found)))
            for (size, steps), found in sorted(groups.items())
        ),
        compared=sum(len(found) for found in groups.values() if len(found) > 1),
        trials=len(own),
    )


def _has_batches(case: _Case) -> bool:
    return any(start.batch_size for _, start in case.trials)


def _same_weights(hashes: Sequence[SeedHashes]) -> bool:
    return all(len(seed.weights) == 1 for seed in hashes)


def _same_batches(hashes: Sequence[SeedHashes]) -> bool:
    return all(len(found) == 1 for seed in hashes for _, _, found in seed.batches)


def _several(hashes: Sequence[SeedHashes]) -> bool:
    return any(seed.trials > 1 for seed in hashes)


def _is_paired(case: _Case, hashes: Sequence[SeedHashes]) -> bool:
    """Return whether weights agree, and batches do wherever they can be compared.

    The hash of the batches rolls on with every step: those of two trials can be
    compared where both took the same number of steps in batches of one size. Trials
    that ended early on their own have nobody to be compared with; they count as
    infinitely bad in any case.
    """
    if not (_several(hashes) and _same_weights(hashes) and _same_batches(hashes)):
        return False
    if not _has_batches(case):
        return True
    lasting = Counter(
        start.seed
        for run, start in case.trials
        if run.status(start.trial).state not in _OWN_END
    )
    return all(
        seed.compared > 0 or lasting[seed.seed] < 2
        for seed in hashes
        if seed.trials > 1 and not _sizes_differ(case, seed.seed)
    ) and any(seed.batches for seed in hashes)


def _sizes_differ(case: _Case, seed: int) -> bool:
    return len({s.batch_size for _, s in case.trials if s.seed == seed}) > 1


def _any_sizes_differ(case: _Case) -> bool:
    return len({s.batch_size for _, s in case.trials}) > 1


def _pairing_words(case: _Case, hashes: Sequence[SeedHashes], *, paired: bool) -> str:
    if not _several(hashes):
        return tr("Not paired: no seed has trials of two optimizers.")
    if not _same_weights(hashes):
        return tr("Not paired: trials of one seed began with different weights.")
    if not _same_batches(hashes):
        return tr("Not paired: trials of one seed saw different batches.")
    if not _has_batches(case):
        return tr("Paired: trials of one seed had the same initial weights.")
    if not paired:
        return tr(
            "Trials of one seed began with the same weights; their batches can be "
            "compared when they have taken the same number of steps."
        )
    if _any_sizes_differ(case):
        return tr(
            "Paired: trials of one seed began with the same weights and went through "
            "the same samples in the same order, in batches of different sizes."
        )
    return tr("Paired: trials of one seed had the same initial weights and batches.")


def _pairing(case: _Case, hashes: Sequence[SeedHashes]) -> list[Reason]:
    if len(case.labels) < 2:
        text = tr("There is one optimizer only: nothing is compared.")
        return [Reason(name="one-optimizer", level="amber", text=text)]
    if not case.trials:
        text = tr("The comparison has not begun: only tuning is there.")
        return [Reason(name="not-begun", level="amber", text=text)]
    if not _several(hashes):
        text = tr("No two optimizers have a seed in common.")
        return [Reason(name="no-common-seed", level="red", text=text)]
    found = []
    if not (_same_weights(hashes) and _same_batches(hashes)):
        text = _pairing_words(case, hashes, paired=False)
        found.append(Reason(name="not-paired", level="red", text=text))
    elif not _is_paired(case, hashes) and not _unfinished(case):
        text = _pairing_words(case, hashes, paired=False)
        found.append(Reason(name="batches-unknown", level="amber", text=text))
    if _any_sizes_differ(case):
        sizes = _by_label(case, lambda start: str(start.batch_size))
        text = tr("Batches are of different sizes: {sizes}.", sizes=sizes)
        found.append(Reason(name="batch-sizes", level="amber", text=text))
    return found


def _by_label(case: _Case, words: Any) -> str:
    """Return ``SGD 64, Adam 16``: one word for each optimizer, from its first trial."""
    return ", ".join(
        f"{label} {words(own[0][1])}"
        for label in case.labels
        if (own := case.of(label))
    )


def _seed_reasons(case: _Case) -> list[Reason]:
    if not case.trials or len(case.labels) < 2:
        return []
    found = []
    counts = {label: len({s.seed for _, s in case.of(label)}) for label in case.labels}
    planned = max(len(set(case.seeds)), *counts.values())
    short = [f"{label} {n}" for label, n in counts.items() if n < planned]
    if short:
        text = tr(
            "Not every optimizer has all {n} seeds: {counts}.",
            n=planned,
            counts=", ".join(short),
        )
        found.append(Reason(name="seeds-missing", level="amber", text=text))
    n, m = min(counts.values()), len(case.labels) - 1
    if case.all_pairs:
        m = m * len(case.labels) // 2
    least = least_seeds(m)
    if case.repeats:
        text = tr(
            "Seeds change nothing here, as there is no noise, and one start: what is "
            "seen holds for this start alone."
        )
        found.append(Reason(name="repeated-seeds", level="amber", text=text))
    elif n == 1:
        text = tr("One seed: another one may turn the order round.")
        found.append(Reason(name="one-seed", level="amber", text=text))
    elif 1 < n < least:
        text = tr_n(
            "{seeds} seeds are too few for one comparison at 5 %: it takes {least}.",
            "{seeds} seeds are too few for {n} comparisons at 5 %: it takes {least}.",
            n=m,
            seeds=n,
            least=least,
        )
        found.append(Reason(name="few-seeds", level="amber", text=text))
    return found


def _rungs(tuned: Sequence[Tuned]) -> list[float]:
    """Return the shares of a full training at which tuning trials were stopped."""
    shares = sorted(
        t.share for t in tuned if t.run.status(t.start.trial).state not in _OWN_END
    )
    rungs: list[float] = []
    for share in (*shares, 1.0):
        if not rungs or share - rungs[-1] > _SAME_SHARE:
            rungs.append(share)
    return rungs


def _budgets(case: _Case) -> tuple[Budget, ...]:
    if not case.tuned:
        return ()
    rungs = _rungs(case.tuned)
    found = []
    for label in case.labels:
        own = [t for t in case.tuned if t.start.label == label]
        granted = 0.0
        for one in own:
            ended = one.run.status(one.start.trial).state in _OWN_END
            # A trial that broke down would have gone to the end of its rung.
            rung = next((r for r in rungs if r >= one.share - _SAME_SHARE), 1.0)
            granted += rung if ended else one.share
        steps = sum(max(one.run.status(one.start.trial).step, 0) for one in own)
        found.append(
            Budget(
                label=label,
                trials=len({one.number for one in own}),
                steps=steps,
                granted=granted,
                space=_space(own),
            )
        )
    return tuple(found)


def _space(own: Sequence[Tuned]) -> tuple[str, ...]:
    """Return where was searched: as declared, else from the least to the largest."""
    if not own:
        return ()
    declared = _entry(own[0].run, own[0].start).get("space")
    if isinstance(declared, dict) and declared:
        return tuple(f"{n} {_range_words(v)}" for n, v in declared.items())
    tried: dict[str, list[float]] = {}
    for one in own:
        for name, value in one.values:
            if isinstance(value, int | float):
                tried.setdefault(name, []).append(float(value))
    return tuple(
        f"{n} {_range_words(sorted({min(v), max(v)}))}" for n, v in tried.items()
    )


def _range_words(values: Sequence[float]) -> str:
    numbers = [f"{value:g}" for value in values]
    if len(numbers) == 2:
        return tr("{low} to {high}", low=numbers[0], high=numbers[1])
    return ", ".join(numbers)


def _tuning_reasons(case: _Case, budgets: Sequence[Budget]) -> list[Reason]:
    if len(case.labels) < 2:
        return []
    if not budgets:
        if any(run_table(run, "part").get("part") == "final" for run in case.runs):
            text = tr("Its tuning is in other files of the study.")
            return [Reason(name="tuning-elsewhere", level="amber", text=text)]
        text = tr("No optimizer was tuned: each ran with the setting that was given.")
        return [Reason(name="no-tuning", level="amber", text=text)]
    found = []
    counts = ", ".join(f"{b.label} {b.trials}" for b in budgets)
    if len({b.trials for b in budgets}) > 1:
        if case.trials or max(b.trials for b in budgets) > case.planned > 0:
            text = tr("Tuning trials differ: {counts}.", counts=counts)
            found.append(Reason(name="unequal-budget", level="red", text=text))
        else:
            text = tr("Tuning goes on: {counts} trials so far.", counts=counts)
            found.append(Reason(name="tuning-unfinished", level="amber", text=text))
    elif _differ([b.granted for b in budgets]):
        steps = ", ".join(f"{b.label} {b.steps:,}" for b in budgets)
        if case.trials:
            text = tr("Steps spent on tuning differ: {steps}.", steps=steps)
            found.append(Reason(name="unequal-budget", level="red", text=text))
        else:
            text = tr("Tuning goes on: {counts} steps so far.", counts=steps)
            found.append(Reason(name="tuning-unfinished", level="amber", text=text))
    both = {s.seed for _, s in case.trials} & {t.start.seed for t in case.tuned}
    if both:
        text = tr(
            "Settings were picked and judged on the same seeds: {seeds}.",
            seeds=", ".join(map(str, sorted(both))),
        )
        found.append(Reason(name="tuned-on-same-seeds", level="amber", text=text))
    return found


def _differ(numbers: Sequence[float]) -> bool:
    return max(numbers) - min(numbers) > 5 * _SAME_SHARE * max(1.0, max(numbers))


def _unfinished(case: _Case) -> bool:
    return any(not run.status(s.trial).state.ended for run, s in case.trials)


def _hand_reasons(case: _Case) -> list[Reason]:
    found = []
    if _unfinished(case):
        text = tr("Still running: hashes of batches are compared at the end.")
        found.append(Reason(name="running", level="amber", text=text))
    rates = _by_hand(case, "lr")
    if rates:
        text = tr("Learning rates were changed by hand: {labels}.", labels=rates)
        found.append(Reason(name="rate-by-hand", level="amber", text=text))
    stopped = [
        (run, start)
        for run, start in case.trials
        if run.status(start.trial).state is State.STOPPED
    ]
    if stopped:
        text = tr_n(
            "{n} trial was stopped before its end: {labels}.",
            "{n} trials were stopped before their end: {labels}.",
            n=len(stopped),
            labels=", ".join(dict.fromkeys(s.label for _, s in stopped)),
        )
        found.append(Reason(name="stopped", level="amber", text=text))
    longer = [e for run in case.runs for e in run.events() if e.name == "steps"]
    if longer:
        text = tr(
            "A run was made longer than it was planned ({steps} steps): schedules kept "
            "the length that they began with.",
            steps=", ".join(dict.fromkeys(e.text for e in longer)),
        )
        found.append(Reason(name="extended", level="amber", text=text))
    failed = [s for run, s in case.trials if run.status(s.trial).state is State.FAILED]
    if failed:
        text = tr_n(
            "{n} trial failed: {labels}.",
            "{n} trials failed: {labels}.",
            n=len(failed),
            labels=", ".join(dict.fromkeys(s.label for s in failed)),
        )
        found.append(Reason(name="failed", level="amber", text=text))
    return found


def _by_hand(case: _Case, name: str) -> str:
    """Return the labels of the trials that an event of one name concerns."""
    labels = {
        start.label: None
        for run, start in case.trials
        for event in run.events()
        if event.name == name and event.trial == start.trial
    }
    return ", ".join(labels)


def _run_reasons(case: _Case) -> list[Reason]:
    found = []
    legacy = {str(run_table(run, "problem").get("rng", "philox")) for run in case.runs}
    legacy.discard("philox")
    if legacy:
        text = tr(
            "Data and batches come from one generator as in another program (rng = "
            "{names}); it is not known what else shifts it.",
            names=", ".join(sorted(legacy)),
        )
        found.append(Reason(name="generator", level="amber", text=text))
    for name in sorted({name for run in case.runs for name in run.versions}):
        held = dict.fromkeys(run.versions.get(name, "?") for run in case.runs)
        if len(held) > 1:
            text = tr(
                "Runs were made with different versions of {name}: {versions}.",
                name=name,
                versions=", ".join(held),
            )
            found.append(Reason(name="versions", level="amber", text=text))
    devices = dict.fromkeys(run.device for run in case.runs if run.device)
    if len(devices) > 1:
        text = tr(
            "Runs were made on different devices: {names}.", names=", ".join(devices)
        )
        found.append(Reason(name="devices", level="amber", text=text))
    for name in _COMMON:
        held = dict.fromkeys(str(_training(run, name)) for run in case.runs)
        if len(held) > 1:
            text = tr(
                "Runs differ in {name}: {values}.", name=name, values=", ".join(held)
            )
            found.append(Reason(name=name.replace("_", "-"), level="amber", text=text))
    return found


def _facts(
    case: _Case, hashes: Sequence[SeedHashes], budgets: Sequence[Budget]
) -> tuple[tuple[str, str], ...]:
    facts: list[tuple[str, str]] = []
    if case.trials:
        counts = {
            label: len({s.seed for _, s in case.of(label)}) for label in case.labels
        }
        same = len(set(counts.values())) == 1
        words = ", ".join(f"{label} {n}" for label, n in counts.items())
        n = str(next(iter(counts.values()))) if same else words
        facts.append((tr("Seeds"), n))
    states = Counter(run.status(s.trial).state for run, s in case.trials)
    if states:
        words = ", ".join(f"{n} {tr(state)}" for state, n in states.items())
        facts.append((tr("Trials"), words))
    weights = {h for seed in hashes for h in seed.weights}
    if weights:
        facts.append((tr("Initial weights"), _hash_words([s.weights for s in hashes])))
    if any(seed.batches for seed in hashes):
        found = [tuple(h for _, _, hs in seed.batches for h in hs) for seed in hashes]
        facts.append((tr("Batches"), _hash_words(found)))
    if case.runs:
        facts.append((tr("Random numbers"), _generator_words(case)))
        facts.append((tr("Device"), _joined(run.device for run in case.runs)))
        facts.append((tr("Numbers"), _joined(_dtype(run) for run in case.runs)))
        facts.append(
            (tr("Threads"), _joined(str(_training(r, "threads")) for r in case.runs))
        )
        facts.append((tr("Versions"), _version_words(case.runs)))
    for budget in budgets:
        words = tr(
            "{trials} settings, {steps:,} steps in all; {space}",
            trials=budget.trials,
            steps=budget.steps,
            space="; ".join(budget.space) or "–",
        )
        facts.append((tr("Tuning of {label}", label=budget.label), words))
    return tuple((name, words) for name, words in facts if words)


def _hash_words(by_seed: Sequence[Sequence[str]]) -> str:
    """Return the first eight digits of each seed's hash; of several, how many."""
    shown = []
    for found in by_seed[:_FEW]:
        short = ", ".join(h[:8] for h in found[:2])
        shown.append(short + (" …" if len(found) > 2 else ""))
    rest = len(by_seed) - _FEW
    words = "; ".join(text for text in shown if text)
    if rest > 0:
        return tr("{hashes} and {n} more", hashes=words, n=rest)
    return words


def _joined(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word for word in words if word))


def _generator_words(case: _Case) -> str:
    names = {str(run_table(run, "problem").get("rng", "philox")) for run in case.runs}
    own = tr("Philox, one counter for each seed, stream and step")
    return _joined(own if name == "philox" else name for name in sorted(names))


def _version_words(runs: Sequence[RunData]) -> str:
    names = dict.fromkeys(name for run in runs for name in run.versions)
    return ", ".join(
        f"{name} {_joined(run.versions.get(name, '') for run in runs)}"
        for name in names
    )


def _dtype(run: RunData) -> str:
    """Return the numbers of a run: float32 where every recorded loss is one."""
    for start in run.trials:
        values = run.series(start.trial, "train_loss").values[:1000]
        values = np.unique(values[np.isfinite(values)])
        if len(values) >= _FEW:
            with np.errstate(over="ignore"):
                exact = bool((values == values.astype(np.float32)).all())
            return "float32" if exact else "float64"
    return ""


def run_table(run: RunData, name: str, *, default: Any = MappingProxyType({})) -> Any:
    """Return one table of a run's experiment, with all defaults where they are known.

    Args:
        run: The run.
        name: Name of the table.
        default: What is returned where it is missing or of another kind.
    """
    found = _tree(run.resolved_text or run.spec_text).get(name, default)
    kind = list if isinstance(default, list) else dict
    return found if isinstance(found, kind) else default


@lru_cache(maxsize=256)
def _tree(text: str) -> Mapping[str, Any]:
    """Return an experiment as a tree; empty where it cannot be read.

    Each run is asked a dozen times, and a window asks again whenever something is new.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _training(run: RunData, name: str) -> object:
    from optlab.spec.data import TRAINING_PARAMS

    usual = {param.name: param.default for param in TRAINING_PARAMS}
    return run_table(run, "training").get(name, usual[name])


def _entry(run: RunData, start: TrialStart) -> Any:
    """Return the entry of a trial in its run's experiment."""
    entries = run_table(run, "optimizers", default=[])
    return entries[start.entry] if start.entry < len(entries) else {}
