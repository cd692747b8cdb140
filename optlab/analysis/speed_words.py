"""What a speed-up curve says, in sentences."""

import math
from typing import TYPE_CHECKING

from optlab.analysis.costs import axis_unit
from optlab.analysis.ratios import Ratios, ends_of, share_of
from optlab.analysis.targets import metric_words
from optlab.translate import tr, tr_n

if TYPE_CHECKING:
    from optlab.analysis.speedup import SpeedUp


def headline(found: "SpeedUp") -> str:
    """Return what the seeds say at the target and, where some miss it, before it."""
    said = []
    n = len(found.seeds)
    if found.at_target is not None:
        said.append(_at_target(found, found.at_target))
    missed = found.at_target is None or found.at_target.both[0] < n
    if missed and found.at_common is not None:
        said.append(_at_common(found, found.at_common))
    return " ".join(said)


def _at_target(found: "SpeedUp", at: Ratios) -> str:
    share = share_of(at)
    if share is None:
        return _unsettled(found, at)
    n, both = len(found.seeds), int(at.both[0])
    seeds = tr_n("1 seed", "{n} seeds", n=n)
    if both < n:
        text = "{n} seeds, but both arrive with only {both}"
        seeds = tr(text, n=n, both=both)
    text = (
        "{label} reaches {metric} {target:.4g} in {share} of {baseline}'s {unit}, "
        "{interval}, {seeds}."
    )
    return tr(
        text,
        label=found.label,
        metric=metric_words(found.metric, inside=True),
        target=found.target,
        share=ratio_text(share[0]),
        baseline=found.baseline,
        unit=_unit(found),
        interval=_interval(found, share),
        seeds=seeds,
    )


def _unsettled(found: "SpeedUp", at: Ratios) -> str:
    """Say who arrives, and what bounds the ratio all the same."""
    _, low, high = ends_of(at)
    if math.isnan(low) or (low == 0 and math.isinf(high)):
        text = (
            "{label} reaches {metric} {target:.4g} with {own} of {n} seeds, {baseline} "
            "with {theirs}: that settles no ratio."
        )
    else:
        text = (
            "{label} reaches {metric} {target:.4g} with {own} of {n} seeds, {baseline} "
            "with {theirs}: the median share of {baseline}'s {unit} is open, "
            "{interval}."
        )
    both = int(at.both[0])
    return tr(
        text,
        label=found.label,
        metric=metric_words(found.metric, inside=True),
        target=found.target,
        own=both + int(at.only[0]),
        n=len(found.seeds),
        baseline=found.baseline,
        theirs=both + int(at.only_baseline[0]),
        unit=axis_unit(found.axis),
        interval=_interval_text((math.nan, low, high), found.confidence),
    )


def _at_common(found: "SpeedUp", at: Ratios) -> str:
    share = share_of(at)
    assert share is not None
    text = (
        "To {metric} {common:.4g}, which both reach with all {n} seeds, {label} takes "
        "{share} of {baseline}'s {unit}, {interval}."
    )
    return tr(
        text,
        metric=metric_words(found.metric, inside=True),
        common=found.common,
        n=len(found.seeds),
        label=found.label,
        share=ratio_text(share[0]),
        baseline=found.baseline,
        unit=_unit(found),
        interval=_interval(found, share),
    )


def _unit(found: "SpeedUp") -> str:
    unit = axis_unit(found.axis)
    if len(found.seeds) > 1 and not found.alike:
        # Not the ratio of the two medians, which stand in the table.
        return tr("{unit} (median of the ratios seed by seed)", unit=unit)
    return unit


def _interval(found: "SpeedUp", share: tuple[float, float, float]) -> str:
    if found.alike:
        return tr("no interval as seeds change nothing")
    return _interval_text(share, found.confidence)


def _interval_text(share: tuple[float, float, float], confidence: float) -> str:
    _, low, high = share
    if math.isnan(low):
        return tr("too few seeds for an interval")
    level, least, most = 100 * confidence, ratio_text(low), ratio_text(high)
    if math.isinf(high):
        return tr("{level:.0f} % interval from {low} on", level=level, low=least)
    text = "{level:.0f} % interval {low} to {high}"
    return tr(text, level=level, low=least, high=most)


def ratio_text(ratio: float) -> str:
    """Return a ratio with two decimals, or two digits where it is small: ``0.71``."""
    return f"{ratio:.2f}" if ratio >= 0.1 or ratio == 0 else f"{ratio:.2g}"


def sentences(found: "SpeedUp") -> tuple[str, ...]:
    """Return what else is to be said: where the curve ends, or why there is none."""
    label, baseline = found.label, found.baseline
    if not found.seeds:
        text = "{label} and {baseline} have no seed in common that was measured."
        return (tr(text, label=label, baseline=baseline),)
    if not len(found.levels):
        text = (
            "There is no level that {label} and {baseline} both reach with half of "
            "their seeds."
        )
        return (tr(text, label=label, baseline=baseline),)
    text = (
        "The curve ends at {metric} {level:.4g}: with too few of the {n} seeds do both "
        "get further."
    )
    level = float(found.levels[-1])
    words = metric_words(found.metric, inside=True)
    return (tr(text, metric=words, level=level, n=len(found.seeds)),)
