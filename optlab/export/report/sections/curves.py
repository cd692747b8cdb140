"""The course of training: median and quartiles over seeds."""

from functools import partial
from typing import Final

from optlab.analysis.targets import metric_words
from optlab.export.report.document import Block, Paragraph, Picture, Section, Subheading
from optlab.export.report.facts import Problem, Study
from optlab.export.report.joined import Joined
from optlab.export.style import FigureStyle
from optlab.translate import tr, tr_n

_METRICS: Final = ("train_loss", "val_loss", "val_accuracy", "value")
_WIDTH: Final = 17.0
_TALL: Final = 8.5
_LOW: Final = 6.5


def curves(study: Study) -> Section:
    """Return the curves of every problem."""
    blocks: list[Block] = []
    for problem in study.problems:
        if study.several:
            blocks.append(Subheading(text=problem.name))
        blocks += _of_problem(problem)
    return Section(
        name="curves", heading=tr("Course of training"), blocks=tuple(blocks)
    )


def _of_problem(problem: Problem) -> list[Block]:
    from optlab.export.figures import sheet_metrics

    findings = problem.findings
    data = Joined(findings)
    there = sheet_metrics(data)
    judged = findings.metric if findings.metric in data.metrics else ""
    chosen = dict.fromkeys([judged, *(m for m in _METRICS if m in there)])
    metrics = [metric for metric in chosen if metric]
    if not metrics or not findings.measured:
        return [Paragraph(text=tr("Nothing has been measured yet."))]
    counts = {label: len(findings.of(label)) for label in findings.labels}
    if len(set(counts.values())) == 1:
        n = next(iter(counts.values()))
        seeds = tr_n("{n} seed", "{n} seeds", n=n)
    else:
        words = (
            tr_n("{label}: {n} seed", "{label}: {n} seeds", n=n, label=label)
            for label, n in counts.items()
        )
        seeds = ", ".join(words)
    return [_picture(problem, data, metric, seeds) for metric in metrics]


def _picture(problem: Problem, data: Joined, metric: str, seeds: str) -> Picture:
    from optlab.export.figures import write_figure

    name = f"curves-{problem.number}-{metric.replace('_', '-')}"
    height = _TALL if metric == problem.findings.metric else _LOW
    style = FigureStyle(metrics=(metric,), title="", size_cm=(_WIDTH, height))
    write = partial(write_figure, data, style=style)
    text = "{metric} of every optimizer by steps, {seeds}."
    if len(data.trials) > len(problem.findings.labels):
        text = "{metric} of every optimizer by steps, {seeds}; single trials are faint."
    words = metric_words(metric)
    return Picture(
        name=name,
        caption=tr(text, metric=words, seeds=seeds),
        alt=tr("The values at the end stand in the table of effects."),
        write=write,
    )
