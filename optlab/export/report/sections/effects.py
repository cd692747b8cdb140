"""How much better, and how sure: effects with intervals, and how every trial ended."""

import math
from functools import partial
from statistics import median

from optlab.analysis.certificate import run_table
from optlab.analysis.evidence import Findings
from optlab.analysis.targets import metric_words
from optlab.analysis.verdict import Judgement, Verdict, summaries
from optlab.export.report.document import (
    Block,
    Column,
    Paragraph,
    Picture,
    Section,
    Subheading,
    Table,
)
from optlab.export.report.facts import Problem, Study
from optlab.export.report.numbers import (
    NONE,
    alike,
    capital,
    p_text,
    range_text,
    sentence_of,
    share_text,
    span_text,
    together,
    value_text,
)
from optlab.translate import tr


def effects(study: Study) -> Section:
    """Return effect and interval of every comparison, then the ends of all trials."""
    blocks: list[Block] = []
    for problem in study.problems:
        if study.several:
            blocks.append(Subheading(text=problem.name))
        blocks += _compared(problem)
        blocks += _ends(problem)
    return Section(
        name="effects", heading=tr("Effects and intervals"), blocks=tuple(blocks)
    )


def _compared(problem: Problem) -> list[Block]:
    judgement = problem.judgement
    known = [v for v in judgement.verdicts if v.effect is not None]
    if not known:
        return [Paragraph(text=tr("No two optimizers can be compared yet."))]
    return [_picture(problem, known), _table(problem)]


def _picture(problem: Problem, known: list[Verdict]) -> Picture:
    from optlab.export.report.figures_effects import write_effects

    judgement = problem.judgement
    name = f"effects-figure-{problem.number}"
    better = (
        tr("further right is better")
        if judgement.higher_is_better
        else tr("further left is better")
    )
    axis = tr(
        "{metric}: difference ({better})",
        metric=metric_words(judgement.metric),
        better=better,
    )
    write = partial(write_effects, judgement, problem.findings.labels, axis=axis)
    told = [
        tr(
            "{label} against {baseline}: {effect}, {interval}",
            label=v.label,
            baseline=v.baseline,
            effect=size,
            interval=span,
        )
        for v in known
        for size, span in (_size(judgement, v),)
    ]
    return Picture(
        name=name,
        caption=tr(
            "Effect (diamond) with its 95 % interval (bar), and the difference of each "
            "seed (dots; a cross where one of two trials did not last)."
        ),
        alt="; ".join(told),
        write=write,
    )


def _signed(judgement: Judgement, effect: float | None) -> float | None:
    if effect is None or not judgement.higher_is_better:
        return effect
    return -effect


def _size(judgement: Judgement, verdict: Verdict) -> tuple[str, str]:
    """Return effect and interval as text, in one form."""
    effect = _signed(judgement, verdict.effect)
    span = _span(judgement, verdict)
    if effect is None or span is None:
        return value_text(effect, 3), span_text(span)
    size, low, high = alike((effect, *span))
    return size, range_text(low, high)


def _span(judgement: Judgement, verdict: Verdict) -> tuple[float, float] | None:
    if verdict.interval is None or not judgement.higher_is_better:
        return verdict.interval
    low, high = verdict.interval
    return -high, -low


def _table(problem: Problem) -> Table:
    judgement = problem.judgement
    columns = (
        Column(title=tr("Optimizer"), right=False),
        Column(title=tr("Against"), right=False),
        Column(title="n"),
        Column(title=tr("Difference")),
        Column(title=tr("Relative")),
        Column(title=tr("95 % interval")),
        Column(title="p"),
        Column(title=tr("p, adjusted")),
        Column(title=tr("Verdict"), right=False),
    )
    rows = tuple(
        (
            v.label,
            v.baseline,
            str(v.n),
            size,
            share_text(v.share),
            span,
            p_text(v.p),
            p_text(v.adjusted_p),
            _word(v),
        )
        for v in judgement.verdicts
        for size, span in (_size(judgement, v),)
    )
    kept = [i for i in range(len(columns)) if any(row[i] != NONE for row in rows)]
    adjusted = any(v.adjusted_p is not None for v in judgement.verdicts)
    return Table(
        name=f"effects-{problem.number}",
        caption=tr(
            "{metric}: difference from {baseline} by seed, {problem}",
            metric=metric_words(judgement.metric),
            baseline=problem.findings.baseline,
            problem=problem.name,
        ),
        columns=tuple(columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in rows),
        note=_note(judgement),
        main=True,
        aside=(tr("Against"), tr("Relative"), *(["p"] if adjusted else [])),
    )


def _word(verdict: Verdict) -> str:
    if verdict.better is None:
        lacking = bool(verdict.missing)
        word = tr("no verdict") if lacking else tr("not told apart")
    else:
        word = tr("better") if verdict.better else tr("worse")
    return tr("{word}, provisional", word=word) if verdict.provisional else word


def _note(judgement: Judgement) -> str:
    kinds = dict.fromkeys(v.kind for v in judgement.verdicts if v.kind)
    words = {
        "exact": tr("intervals are those that belong to the exact sign-flip test"),
        "bootstrap": tr("intervals are bootstrap intervals of the mean over seeds"),
        "median": tr(
            "where a trial did not last the median difference is given, with the "
            "interval of the sign test"
        ),
        "sequence": tr("intervals and p hold at any time, however often one looks"),
    }
    m = sum(v.p is not None for v in judgement.verdicts)
    parts = [words[kind] for kind in kinds]
    if m > 1:
        parts.append(tr("Holm's method adjusts p for {m} comparisons", m=m))
    return capital(sentence_of(parts)) if parts else ""


def _ends(problem: Problem) -> list[Block]:
    findings = problem.findings
    rows = []
    for label, found in summaries(findings):
        own = findings.of(label)
        accuracy = [m.outcome.accuracy for m in own if m.outcome.accuracy is not None]
        rows.append(
            (
                label,
                _setting(problem, label),
                str(found.n),
                str(found.n - found.lasted) if _lost(findings) else NONE,
                value_text(found.median),
                span_text(found.quartiles),
                value_text(found.mean),
                span_text(found.interval),
                value_text(median(accuracy)) if accuracy else NONE,
            )
        )
    if not rows:
        return []
    columns = (
        Column(title=tr("Optimizer"), right=False),
        Column(title=tr("Setting"), right=False),
        Column(title="n"),
        Column(title=tr("Did not last")),
        Column(title=tr("Median")),
        Column(title=tr("Quartiles")),
        Column(title=tr("Mean")),
        Column(title=tr("95 % interval")),
        Column(title=tr("Median accuracy")),
    )
    kept = [i for i in range(len(columns)) if any(row[i] != NONE for row in rows)]
    table = Table(
        name=f"ends-{problem.number}",
        caption=tr(
            "{metric} at the end over seeds, {problem}",
            metric=metric_words(findings.metric),
            problem=problem.name,
        ),
        columns=tuple(columns[i] for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in rows),
        note=tr(
            "Trials that diverged or failed count as infinitely bad. Intervals are "
            "bootstrap intervals of the mean over seeds, from ten seeds on "
            "bias-corrected and accelerated."
        ),
        main=True,
        aside=(tr("Quartiles"),),
    )
    return [table]


def _lost(findings: Findings) -> bool:
    return any(not math.isfinite(m.cost) for m in findings.measured)


def _setting(problem: Problem, label: str) -> str:
    """Return the hyperparameters that an optimizer's trials ran with."""
    own = problem.findings.of(label)
    if not own:
        return NONE
    entries = run_table(own[0].run, "optimizers", default=[])
    place = own[0].start.entry
    entry = entries[place] if place < len(entries) else {}
    parts = [f"lr {entry['lr']:g}"] if isinstance(entry.get("lr"), float) else []
    space = entry.get("space")
    if isinstance(space, dict):
        parts += [
            f"{name} {entry[name]:g}"
            for name in space
            if name != "lr" and isinstance(entry.get(name), int | float)
        ]
    return ", ".join(map(together, parts)) or NONE
