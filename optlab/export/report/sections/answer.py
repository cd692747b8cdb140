"""What came out, in sentences: the first thing that is read."""

from collections import Counter

from optlab.analysis.certificate import across
from optlab.analysis.targets import targets
from optlab.export.report.document import (
    Block,
    Bullets,
    Paragraph,
    Section,
    Subheading,
)
from optlab.export.report.facts import MOST_TOLD, Problem, Study
from optlab.export.report.numbers import capital
from optlab.export.report.sections.fairness import level_paragraph, reasons
from optlab.translate import tr


def answer(study: Study) -> Section:
    """Return verdicts, what is said of all of them, and alarms."""
    blocks: list[Block] = []
    apart = across(study.evidence)
    if apart:
        items = [Paragraph(text=r.text, tone="bad", mark="✕") for r in apart]
        blocks.append(Bullets(items=tuple(items)))
    for problem in study.problems:
        if study.several:
            blocks.append(Subheading(text=problem.name))
        blocks += _of_problem(problem)
    return Section(name="answer", heading=tr("Answer"), blocks=tuple(blocks))


def _of_problem(problem: Problem) -> list[Block]:
    said = _verdicts(problem)
    said += [Paragraph(text=headline) for headline in problem.headlines]
    said += [Paragraph(text=note, tone="quiet") for note in problem.judgement.notes]
    if problem.findings.measured:
        found = targets(problem.findings).sentences
        said += [Paragraph(text=sentence, tone="quiet") for sentence in found]
    blocks: list[Block] = [Bullets(items=tuple(said))] if said else []
    warned = [
        Paragraph(
            text=alarm.text,
            tone="bad" if alarm.level == "red" else "warning",
            mark="✕" if alarm.level == "red" else "▲",
        )
        for alarm in problem.alarms
    ]
    if warned:
        blocks.append(Bullets(items=tuple(warned)))
    blocks.append(level_paragraph(problem.certificate))
    blocks += reasons(problem.certificate)
    return blocks


def _verdicts(problem: Problem) -> list[Paragraph]:
    """Return one sentence a comparison; of many those that are decided, and a count."""
    verdicts = problem.judgement.verdicts
    decided = [v for v in verdicts if v.better is not None]
    shown = verdicts if len(verdicts) <= MOST_TOLD else decided
    said = [
        Paragraph(
            text=capital(verdict.sentence),
            tone="quiet" if verdict.better is None else "good",
            mark="○" if verdict.better is None else "●",
        )
        for verdict in shown
    ]
    rest = [v for v in verdicts if v not in shown]
    lacking = Counter(reason for v in rest for reason in v.missing)
    if rest:
        what = "; ".join(lacking) or tr("more seeds")
        text = tr(
            "No verdict on {n} comparisons; for one there is missing: {what}.",
            n=len(rest),
            what=what,
        )
        said.append(Paragraph(text=text, tone="quiet", mark="○"))
    return said
