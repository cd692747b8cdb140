"""How fast each optimizer gets there: time to target, and speed at equal loss."""

import math
from functools import partial
from typing import Final

from optlab.analysis.costs import Axis, axis_label, axis_unit
from optlab.analysis.evidence import Findings
from optlab.analysis.speedup import SpeedUp, speedup
from optlab.analysis.targets import Targets, TimeToTarget, metric_words, targets
from optlab.export.number_text import count, number
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
from optlab.export.report.numbers import NONE, alike, range_text, short_text
from optlab.translate import tr

_AXES: Final[tuple[Axis, ...]] = ("step", "wall_time_s")
_ASIDE: Final[tuple[Axis, ...]] = ("samples", "optimizer_time_s")


def reaching(study: Study) -> Section:
    """Return time to target and speed-up curves of every problem."""
    blocks: list[Block] = []
    for problem in study.problems:
        if study.several:
            blocks.append(Subheading(text=problem.name))
        blocks += _times(problem)
        blocks += _speed(problem)
    heading = tr("Time to target and speed")
    return Section(name="speed", heading=heading, blocks=tuple(blocks))


def _times(problem: Problem) -> list[Block]:
    found = targets(problem.findings)
    blocks: list[Block] = [Paragraph(text=text) for text in found.sentences]
    if found.target is None or not found.rows:
        return blocks
    if found.declared:
        text = "The target is {metric} {target}, as it was declared."
    else:
        text = "The target is {metric} {target}, which half of the optimizers end at."
    words = metric_words(found.metric, inside=True)
    target = short_text(found.target)
    blocks.append(Paragraph(text=tr(text, metric=words, target=target)))
    blocks.append(_table(problem, found))
    return blocks


def _table(problem: Problem, found: Targets) -> Table:
    rows = []
    for label in problem.findings.labels:
        own = [found.of(label, axis) for axis in found.axes]
        first = next((row for row in own if row is not None), None)
        if first is None:
            continue
        wait = first.waiting
        reached = tr("{n} of {total}", n=wait.reached, total=wait.n)
        rows.append((label, reached, *(_time(row) for row in own)))
    return Table(
        name=f"times-{problem.number}",
        caption=tr(
            "Cost of reaching {metric} {target} on {problem}: median over seeds, 95 % "
            "interval",
            metric=metric_words(found.metric, inside=True),
            target=short_text(found.target or 0.0),
            problem=problem.name,
        ),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            Column(title=tr("Reached")),
            *(Column(title=axis_label(axis)) for axis in found.axes),
        ),
        rows=tuple(rows),
        note=tr(
            "Kaplan-Meier medians: a trial that has not reached the target when its "
            "steps are over is censored there, one that did not last never reaches it. "
            "Nothing is interpolated; ∞ means that fewer than half get there."
        ),
        main=True,
        aside=tuple(axis_label(axis) for axis in _ASIDE),
    )


def _time(row: TimeToTarget | None) -> str:
    if row is None:
        return NONE
    wait = row.waiting
    if not wait.reached:
        return number(math.inf)
    values = (wait.median, wait.low, wait.high)
    # Steps and the like are whole numbers; seconds have three digits.
    if row.axis.endswith("_s"):
        middle, low, high = alike(values, 3)
    else:
        middle, low, high = (
            count(round(value)) if math.isfinite(value) else number(value)
            for value in values
        )
    return middle if row.alike else f"{middle} ({range_text(low, high)})"


def _speed(problem: Problem) -> list[Block]:
    findings = problem.findings
    # What gives a ratio stands among the answers already.
    said = dict.fromkeys(
        one.headline
        for one in problem.speed
        if one.headline and one.headline not in problem.headlines
    )
    blocks: list[Block] = []
    for axis in _AXES:
        curves = [
            one if axis == one.axis else speedup(findings, one.label, axis)
            for one in problem.speed
        ]
        shown = [curve for curve in curves if len(curve.levels)]
        if axis == "step":
            said |= dict.fromkeys(
                sentence
                for c in curves
                if not len(c.levels)
                for sentence in c.sentences
            )
        if shown:
            blocks.append(_picture(problem, shown, axis))
    blocks += [Paragraph(text=text, tone="quiet") for text in said]
    return blocks


def _picture(problem: Problem, curves: list[SpeedUp], axis: Axis) -> Picture:
    from optlab.export.report.figures_speed import write_speedups

    findings = problem.findings
    name = f"speed-{problem.number}-{axis.replace('_', '-')}"
    words = metric_words(findings.metric, inside=True)
    write = partial(
        write_speedups,
        curves,
        findings.labels,
        x=tr("{metric} that is reached", metric=metric_words(findings.metric)),
        title=tr("Speed-up in {unit}", unit=axis_unit(axis)),
        falling=not findings.higher_is_better,
    )
    caption = tr(
        "How many of {baseline}'s {unit} one of each optimizer's is worth at equal "
        "{metric}: median over seeds with a paired 95 % bootstrap band; above 1 is "
        "faster than {baseline}. Dashes: the target.",
        baseline=findings.baseline,
        metric=words,
        unit=axis_unit(axis),
    )
    return Picture(
        name=name,
        caption=caption,
        alt=_alt(findings, curves),
        write=write,
    )


def _alt(findings: Findings, curves: list[SpeedUp]) -> str:
    told = [
        tr(
            "{label}: {ratio} at {metric} {level}",
            label=curve.label,
            ratio=number(float(curve.ratios.middle[-1]), 3),
            metric=metric_words(findings.metric, inside=True),
            level=number(float(curve.levels[-1]), 3),
        )
        for curve in curves
    ]
    return "; ".join(told)
