"""Whether the comparison was fair, and what that is known by."""

from optlab.analysis.certificate import Certificate
from optlab.export.number_text import number
from optlab.export.report.document import (
    Block,
    Bullets,
    Column,
    Facts,
    Paragraph,
    Section,
    Subheading,
    Table,
    Tone,
)
from optlab.export.report.facts import Problem, Study
from optlab.export.report.numbers import NONE, count_text
from optlab.translate import tr

_SHORT = 12
_TONES: dict[str, tuple[Tone, str]] = {
    "green": ("good", "●"),
    "amber": ("warning", "▲"),
    "red": ("bad", "✕"),
}


def fairness(study: Study) -> Section:
    """Return the certificate of every problem."""
    blocks: list[Block] = []
    for problem in study.problems:
        if study.several:
            blocks.append(Subheading(text=problem.name))
        blocks += _of_problem(problem)
    return Section(
        name="certificate", heading=tr("Fairness certificate"), blocks=tuple(blocks)
    )


def level_paragraph(certificate: Certificate) -> Paragraph:
    """Return level and pairing in one paragraph."""
    tone, mark = _TONES[certificate.level]
    text = tr(
        "Fairness certificate: {level}. {sentence}",
        level=certificate.level_word,
        sentence=certificate.sentence,
    )
    return Paragraph(text=text, tone=tone, mark=mark)


def reasons(certificate: Certificate) -> tuple[Bullets, ...]:
    """Return why it is not green, as one list; nothing where there is no more to say.

    One of the reasons may be what `level_paragraph` says.
    """
    items = tuple(
        Paragraph(text=r.text, tone=_TONES[r.level][0], mark=_TONES[r.level][1])
        for r in certificate.why
        if r.text != certificate.sentence
    )
    return (Bullets(items=items),) if items else ()


def _of_problem(problem: Problem) -> list[Block]:
    certificate = problem.certificate
    blocks: list[Block] = [level_paragraph(certificate), *reasons(certificate)]
    if certificate.facts:
        blocks.append(Facts(items=certificate.facts))
    if certificate.budgets:
        blocks.append(_budgets(problem))
    if certificate.hashes:
        blocks.append(_hashes(problem))
    return blocks


def _budgets(problem: Problem) -> Table:
    return Table(
        name=f"budgets-{problem.number}",
        caption=tr("What was spent on tuning, {problem}", problem=problem.name),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            Column(title=tr("Settings")),
            Column(title=tr("Steps")),
            Column(title=tr("Full trainings granted")),
            Column(title=tr("Where was searched"), right=False),
        ),
        rows=tuple(
            (
                budget.label,
                count_text(budget.trials),
                count_text(budget.steps),
                number(budget.granted, 3),
                "; ".join(budget.space) or NONE,
            )
            for budget in problem.certificate.budgets
        ),
    )


def _hashes(problem: Problem) -> Table:
    rows = []
    for seed in problem.certificate.hashes:
        batches = [h for _, _, found in seed.batches for h in found]
        rows.append(
            (
                str(seed.seed),
                str(seed.trials),
                ", ".join(h[:_SHORT] for h in seed.weights) or NONE,
                ", ".join(h[:_SHORT] for h in batches) or NONE,
            )
        )
    return Table(
        name=f"hashes-{problem.number}",
        caption=tr(
            "What the trials of each seed had in common, {problem}",
            problem=problem.name,
        ),
        columns=(
            Column(title=tr("Seed")),
            Column(title=tr("Trials")),
            Column(title=tr("Hash of the initial weights"), right=False),
            Column(title=tr("Hash of the batches"), right=False),
        ),
        rows=tuple(rows),
        note=tr("One hash in a cell: all trials of the seed agree."),
    )
