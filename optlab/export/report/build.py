"""Evidence becomes a report: which sections there are, and in which order."""

from dataclasses import replace
from typing import Final

from optlab import __version__
from optlab.analysis.evidence import Evidence
from optlab.export.report.document import Report
from optlab.export.report.facts import Advance, Study, study_of
from optlab.export.report.numbers import sentence_of
from optlab.export.report.sections.across import across
from optlab.export.report.sections.answer import answer
from optlab.export.report.sections.curves import curves
from optlab.export.report.sections.effects import effects
from optlab.export.report.sections.fairness import fairness
from optlab.export.report.sections.origin import experiment, repeating, versions
from optlab.export.report.sections.reaching import reaching
from optlab.export.report.sections.tuned import tuned
from optlab.translate import current_language, tr, tr_n

_MOST_TITLES: Final = 3


def report_of(evidence: Evidence, advance: Advance) -> Report:
    """Return the report of a study.

    Args:
        evidence: What its run files say.
        advance: Is told what is being worked out.
    """
    study = study_of(evidence, advance)
    # What is not compared with each other has no optimizers or baseline in common.
    parts = [study]
    if study.apart:
        parts = [replace(study, problems=(problem,)) for problem in study.problems]
    # Of these there is nothing to tell before the comparison has begun.
    compared = (effects, curves, reaching, across) if study.begun else ()
    sections = []
    for make in (
        answer,
        *compared[:3],
        tuned,
        *compared[3:],
        fairness,
        experiment,
        versions,
        repeating,
    ):
        section = make(study)
        advance(section.heading)
        if section.blocks:
            sections.append(section)
    provisional = any(problem.provisional for problem in study.problems)
    return Report(
        title=_title(study),
        language=current_language(),
        lead="\n".join(_lead(part, apart=study.apart) for part in parts),
        badge=tr("Provisional") if provisional else "",
        sections=tuple(sections),
        maker=f"OptLab {__version__}",
    )


def _title(study: Study) -> str:
    """Return the title of the experiment; of several, all that there is room for."""
    if not study.apart:
        return tr(study.evidence.title) or study.problems[0].name
    titles = dict.fromkeys(tr(p.findings.spec.title) or p.name for p in study.problems)
    named = [*titles][:_MOST_TITLES]
    if len(titles) > len(named):
        named.append("…")
    if len(named) == 1:
        return named[0]
    return tr("Several experiments: {titles}", titles="; ".join(named))


def _lead(study: Study, *, apart: bool) -> str:
    findings = study.problems[0].findings
    labels = dict.fromkeys(lb for p in study.problems for lb in p.findings.labels)
    cases = [(p.findings, label) for p in study.problems for label in p.findings.labels]
    seeds = {len(f.of(label)) for f, label in cases}
    trials = {len({t.number for t in f.tuned_of(label)}) for f, label in cases}
    if apart:
        name = study.problems[0].name
        parts = [tr("{problem}: {names}", problem=name, names=", ".join(labels))]
    else:
        words = tr_n(
            "{names} on one problem ({problems})",
            "{names} on {n} problems ({problems})",
            n=len(study.problems),
            names=", ".join(labels),
            problems=", ".join(p.name for p in study.problems),
        )
        parts = [words]
    if study.begun:
        parts += [_seed_words(seeds), _tuning_words(trials)]
    else:
        parts.append(tr("still being tuned"))
    parts.append(tr("baseline {label}", label=findings.baseline))
    return sentence_of(parts)


def _seed_words(seeds: set[int]) -> str:
    if len(seeds) == 1:
        return tr_n("{n} seed each", "{n} seeds each", n=next(iter(seeds)))
    return tr("{low} to {high} seeds", low=min(seeds), high=max(seeds))


def _tuning_words(trials: set[int]) -> str:
    if trials == {0}:
        return tr("not tuned")
    if len(trials) > 1:
        return tr("tuned with different budgets")
    n = next(iter(trials))
    return tr_n("tuned with {n} trial each", "tuned with {n} trials each", n=n)
