"""What is missing before an optimizer may be called better than another."""

from optlab.analysis.certificate import least_seeds
from optlab.analysis.evidence import Findings
from optlab.analysis.matched import Matched, seeds_shared
from optlab.translate import tr, tr_n


def lacking(
    findings: Findings, matched: Matched, *, fixed: int, m: int
) -> tuple[str, ...]:
    """Return what is missing for a verdict, in plain words; nothing if it may be given.

    Args:
        findings: What is known of the problem.
        matched: The trials that are compared.
        fixed: Number of seeds that was fixed beforehand.
        m: How many comparisons there are.
    """
    label, baseline = matched.label, matched.baseline
    if not findings.measured:
        return (tr("the comparison has not begun"),)
    if not findings.pairs(label, baseline):
        text = "{label} and {baseline} have no seed in common"
        return (tr(text, label=label, baseline=baseline),)
    found = _seeds(findings, matched, fixed=fixed, m=m)
    if matched.ended and not matched.certificate.paired:
        reason = matched.certificate.sentence.rstrip(".。")
        found.append(tr("trials that are known to be paired ({reason})", reason=reason))
    return (*found, *_tuning(findings, matched))


def _seeds(findings: Findings, matched: Matched, *, fixed: int, m: int) -> list[str]:
    n, least = len(matched.ended), least_seeds(m)
    found = []
    unfinished = findings.spec.comparison.looks == "end" and n < fixed
    if matched.alike and n == 1:
        text = "seeds that change something (here there is no noise, and one start)"
        return [tr(text)]
    if matched.alike:
        found.append(tr("seeds that change something (here all of them end alike)"))
    elif n < least and not (unfinished and fixed >= least):
        text = tr_n(
            "at least {least} seeds for one comparison ({have} so far)",
            "at least {least} seeds for {n} comparisons ({have} so far)",
            n=m,
            least=least,
            have=n,
        )
        found.append(text)
        both, either = seeds_shared(findings, matched.label, matched.baseline)
        if both < min(either, least):
            text = "more seeds in common ({both} of {either})"
            found.append(tr(text, both=both, either=either))
    if unfinished:
        text = "all {fixed} seeds that were fixed beforehand ({have} have ended)"
        found.append(tr(text, fixed=fixed, have=n))
    return found


def _tuning(findings: Findings, matched: Matched) -> list[str]:
    labels = matched.label, matched.baseline
    own, other = matched.budgets
    if own is None or other is None:
        part = findings.spec.part
        planned = findings.spec.tuning is not None
        final = part is not None and part.part == "final"
        if not findings.tuned and planned and final:
            return [tr("the run files of the tuning")]
        if own is None and other is None:
            return [tr("tuning with equal budgets (`optlab tune` does it)")]
        label = matched.label if own is None else matched.baseline
        return [tr("tuning of {label} with the budget of the other", label=label)]
    if own.trials != other.trials:
        text = tr(
            "tuning with the same budget ({label} had {own} trials, {baseline} had "
            "{other})",
            own=own.trials,
            other=other.trials,
            label=matched.label,
            baseline=matched.baseline,
        )
        return [text]
    if matched.tuned_with is None:
        text = tr(
            "tuning with the same budget ({label} had {own} steps, {baseline} had "
            "{other})",
            own=own.steps,
            other=other.steps,
            label=matched.label,
            baseline=matched.baseline,
        )
        return [text]
    judged = {mine.start.seed for mine, _ in matched.ended}
    picked = {t.start.seed for label in labels for t in findings.tuned_of(label)}
    if judged & picked:
        return [tr("seeds that settings were not picked by")]
    return []
