"""A verdict, and how it is told in one plain sentence: effect first, p last."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, TypeAlias

from optlab.analysis.paired import LEVEL
from optlab.analysis.targets import metric_words
from optlab.translate import tr, tr_n

Interval: TypeAlias = tuple[float, float]
Kind: TypeAlias = Literal["exact", "bootstrap", "median", "sequence", ""]

_MOST_PERCENT: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What can be said of one optimizer against another.

    Effect and interval are differences of costs, of which less is better: of the judged
    metric itself, or of its negative where more of it is better. Below zero ``label``
    did better.

    Attributes:
        label: One optimizer.
        baseline: The other.
        metric: What they are judged by.
        higher_is_better: Whether more of it is better.
        comparisons: How many comparisons there are in all.
        n: Seeds in which both came to their end.
        seeds: These seeds, in the order in which they came.
        differences: Cost of ``label`` less that of ``baseline`` in each; infinite
            where one did not last, NaN where neither did.
        lasted: In how many of them each of the two neither diverged nor failed.
        effect: Mean difference; the median where one is not finite (NaN counts as
            zero); None without any.
        share: The effect as a share of the mean of ``baseline``; None where a share
            says nothing.
        interval: 95 % interval of the effect; None where there are too few seeds. An
            end may be infinite.
        kind: Where the interval comes from: ``exact`` (it belongs to the sign-flip
            test), ``bootstrap``, ``median`` (it belongs to the sign test, where a
            difference is not finite), ``sequence``; empty without one.
        p: Of this comparison alone; None where there is nothing to test.
        adjusted_p: Adjusted for all comparisons; None likewise.
        anytime: Whether only the confidence sequence speaks.
        direction: -1 where ``label`` did better on the whole, 1 where worse, else 0.
        better: Whether ``label`` is better (True) or worse (False); None where the
            data do not tell or something is missing.
        provisional: Whether something may still change: trials go on, or a learning
            rate has not decayed.
        more_seeds: About how many more seeds would tell; None where they tell, or
            where that cannot be known.
        missing: What is missing for a verdict, in plain words.
        alike: Whether seeds change nothing, so that there is nothing to test.
        tuned_with: With how many trials both were tuned; None where not with as much.
        running: Seeds in which a trial has not ended yet.
        so_far: Mean difference over these and those that ended, as it stands; None
            where one is not finite.
    """

    label: str
    baseline: str
    metric: str
    higher_is_better: bool
    comparisons: int
    n: int
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    lasted: tuple[int, int]
    effect: float | None
    share: float | None
    interval: Interval | None
    kind: Kind
    p: float | None
    adjusted_p: float | None
    anytime: bool
    direction: int
    better: bool | None
    provisional: bool
    more_seeds: int | None
    missing: tuple[str, ...]
    alike: bool
    tuned_with: int | None
    running: int
    so_far: float | None

    @property
    def told(self) -> bool:
        """Whether the data tell the two apart, missing or not what else it takes."""
        return self.adjusted_p is not None and self.adjusted_p <= LEVEL

    @property
    def finite(self) -> bool:
        """Whether every difference is finite, so that there is a mean."""
        return all(map(math.isfinite, self.differences))

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        text = _sentence(self)
        return (
            tr("Provisional: {sentence}", sentence=text) if self.provisional else text
        )


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What can be said of the optimizers of one problem.

    Attributes:
        problem: The problem in a few words.
        metric: What they are judged by.
        higher_is_better: Whether more of it is better.
        verdicts: One for each comparison.
        notes: What else is to be known, in plain sentences.
    """

    problem: str
    metric: str
    higher_is_better: bool
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]


def _sentence(verdict: Verdict) -> str:
    if not verdict.n:
        return _not_ended(verdict)
    if verdict.effect is None:
        return _none_lasted(verdict)
    if verdict.better is not None:
        return tr("{text}.", text=listed([_better(verdict), *_details(verdict)]))
    if verdict.told or verdict.alike:
        head = _ended(verdict)
    else:
        text = "These data do not tell {label} from {baseline}"
        head = tr(text, label=verdict.label, baseline=verdict.baseline)
        head = tr("{text}: {more}", text=head, more=_apart(verdict))
    parts = [listed([head, *_details(verdict)])]
    if verdict.more_seeds is not None:
        text = tr_n(
            "about one more seed would",
            "about {n} more seeds would",
            n=verdict.more_seeds,
        )
        parts.append(text)
    if verdict.missing:
        what = listed(verdict.missing)
        parts.append(tr("for a verdict there is missing: {what}", what=what))
    return tr("{text}.", text=_in_a_row(parts))


def listed(parts: Sequence[str]) -> str:
    """Return words with commas between them, as the language has them."""
    if not parts:
        return ""
    return reduce(lambda text, more: tr("{text}, {more}", text=text, more=more), parts)


def _in_a_row(parts: Sequence[str]) -> str:
    return reduce(lambda text, more: tr("{text}; {more}", text=text, more=more), parts)


def _not_ended(verdict: Verdict) -> str:
    label, baseline = verdict.label, verdict.baseline
    if verdict.running and verdict.so_far is not None:
        return tr(
            "no seed of {label} and {baseline} has come to its end; so far {apart}.",
            apart=_less(verdict, verdict.so_far),
            label=label,
            baseline=baseline,
        )
    if verdict.running:
        text = "no seed of {label} and {baseline} has come to its end."
        return tr(text, label=label, baseline=baseline)
    why = listed(verdict.missing)
    text = "Nothing can be said of {label} against {baseline}: {why}."
    return tr(text, why=why, label=label, baseline=baseline)


def _none_lasted(verdict: Verdict) -> str:
    return tr_n(
        "Neither {label} nor {baseline} lasted in their one seed: there is nothing to "
        "tell them by.",
        "Neither {label} nor {baseline} lasted in any of their {n} seeds: there is "
        "nothing to tell them by.",
        n=verdict.n,
        label=verdict.label,
        baseline=verdict.baseline,
    )


def _better(verdict: Verdict) -> str:
    """Return who is better, and by how much."""
    winner, loser = verdict.label, verdict.baseline
    if not verdict.better:
        winner, loser = loser, winner
    if not verdict.finite:
        head = tr("{winner} is better than {loser}", winner=winner, loser=loser)
        return tr("{text}: {more}", text=head, more=_apart(verdict))
    if verdict.higher_is_better:
        text = "{winner} is better than {loser}: its {metric} is higher by {by}"
    else:
        text = "{winner} is better than {loser}: its {metric} is lower by {by}"
    return tr(
        text,
        winner=winner,
        loser=loser,
        metric=metric_words(verdict.metric, inside=True),
        by=_size(verdict),
    )


def _ended(verdict: Verdict) -> str:
    """Return what was seen where it is clear, but no verdict."""
    assert verdict.effect is not None
    if not verdict.finite:
        return _apart(verdict)
    if verdict.effect == 0.0:
        text = "{label} and {baseline} ended at the same {metric}"
    elif (verdict.effect < 0) != verdict.higher_is_better:
        text = "{label} ended at a lower {metric} than {baseline}, by {by}"
    else:
        text = "{label} ended at a higher {metric} than {baseline}, by {by}"
    return tr(
        text,
        label=verdict.label,
        baseline=verdict.baseline,
        metric=metric_words(verdict.metric, inside=True),
        by=_size(verdict),
    )


def _apart(verdict: Verdict) -> str:
    """Return how far the two are apart, in whichever direction."""
    assert verdict.effect is not None
    if verdict.finite:
        return _less(verdict, verdict.effect)
    lasted = tr(
        "{label} lasted in {a} of {n} seeds, {baseline} in {b}",
        label=verdict.label,
        baseline=verdict.baseline,
        a=verdict.lasted[0],
        b=verdict.lasted[1],
        n=verdict.n,
    )
    if math.isinf(verdict.effect):
        return lasted
    text = tr(
        "there is no mean, the median difference in {metric} is {by}",
        metric=metric_words(verdict.metric, inside=True),
        by=_number(_measured(verdict, verdict.effect)),
    )
    return _in_a_row([lasted, text])


def _less(verdict: Verdict, effect: float) -> str:
    return tr_n(
        "the {metric} of {label} less that of {baseline} is {by}",
        "the {metric} of {label} less that of {baseline} is {by} on average",
        n=verdict.n + verdict.running,
        metric=metric_words(verdict.metric, inside=True),
        label=verdict.label,
        baseline=verdict.baseline,
        by=_number(_measured(verdict, effect)),
    )


def _measured(verdict: Verdict, effect: float) -> float:
    """Return a difference of costs as one of the metric."""
    return -effect if verdict.higher_is_better else effect


def _details(verdict: Verdict) -> list[str]:
    parts = []
    if verdict.interval is not None and any(map(math.isfinite, verdict.interval)):
        low, high = map(_number, _ends(verdict, verdict.interval))
        parts.append(tr("95 % interval {low} to {high}", low=low, high=high))
    if verdict.finite:
        parts.append(tr_n("one seed", "{n} seeds", n=verdict.n))
    if verdict.tuned_with is not None:
        text = tr_n(
            "both tuned with one trial",
            "both tuned with {n} trials",
            n=verdict.tuned_with,
        )
        parts.append(text)
    if verdict.adjusted_p is not None:
        parts.append(_p(verdict, f"{verdict.adjusted_p:.2g}"))
    return parts


def _ends(verdict: Verdict, interval: Interval) -> Interval:
    """Return an interval in the direction in which the sentence tells the effect."""
    low, high = interval
    if verdict.told and verdict.finite:
        # "lower by 0.7, interval 0.6 to 0.8": sizes, not signs.
        turned = verdict.direction < 0
    else:
        turned = verdict.higher_is_better
    return (-high, -low) if turned else (low, high)


def _p(verdict: Verdict, p: str) -> str:
    m = verdict.comparisons
    if verdict.anytime and m > 1:
        return tr("p = {p} at any time, for {m} comparisons", p=p, m=m)
    if verdict.anytime:
        return tr("p = {p} at any time", p=p)
    return tr("p = {p} for {m} comparisons", p=p, m=m) if m > 1 else f"p = {p}"


def _size(verdict: Verdict) -> str:
    assert verdict.effect is not None
    size = _number(abs(verdict.effect))
    if verdict.share is None:
        return size
    share = 100 * abs(verdict.share)
    if share >= _MOST_PERCENT:  # 6788 % says less than the size alone
        return size
    return f"{size} ({share:.0f} %)" if share >= 99.5 else f"{size} ({share:.2g} %)"


def _number(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:.3g}"
