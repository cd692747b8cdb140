"""What came out, in sentences: the first thing that is read."""

from optlab.analysis.certificate import across
from optlab.analysis.targets import targets
from optlab.export.report.document import (
    Block,
    Bullets,
    Paragraph,
    Section,
    Subheading,
)
from optlab.export.report.facts import Problem, Study
from optlab.export.report.numbers import capital
from optlab.export.report.sections.fairness import level_paragraph
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
    said = [
        Paragraph(
            text=capital(verdict.sentence),
            tone="quiet" if verdict.better is None else "good",
            mark="○" if verdict.better is None else "●",
        )
        for verdict in problem.judgement.verdicts
    ]
    said += [Paragraph(text=one.headline) for one in problem.speed if one.headline]
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
    return blocks
