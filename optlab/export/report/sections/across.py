"""Several problems together: profiles, scores, geometric means, ranks."""

import math
from functools import partial

from optlab.analysis.costs import axis_label
from optlab.analysis.profiles import R_MAX, Profiles, profiles
from optlab.analysis.ranking import Ranking, ranking
from optlab.export.number_text import count, number
from optlab.export.report.document import (
    Block,
    Column,
    Paragraph,
    Picture,
    Section,
    Table,
)
from optlab.export.report.facts import Study
from optlab.export.report.numbers import p_text, value_text
from optlab.translate import tr


def across(study: Study) -> Section:
    """Return what holds over all problems; nothing where there is one only.

    Nor where they are not compared with each other: the answer says that.
    """
    heading = tr("Across problems")
    if not study.several or study.apart:
        return Section(name="across", heading=heading, blocks=())
    found = profiles(study.evidence)
    parts: list[Block] = [Paragraph(text=text) for text in found.sentences]
    parts += [_picture(found), _scores(found), _times(study, found)]
    parts += _ranks(ranking(study.evidence))
    return Section(name="across", heading=heading, blocks=tuple(parts))


def _picture(found: Profiles) -> Picture:
    from optlab.export.report.figures_across import write_profiles

    name = "profiles-figure"
    return Picture(
        name=name,
        caption=tr(
            "Performance profiles: the share of problems on which an optimizer reaches "
            "the target within τ times the steps of the fastest one."
        ),
        alt="; ".join(
            tr("{label}: score {score}", label=p.label, score=number(p.score, 3))
            for p in found.profiles
        ),
        write=partial(write_profiles, found),
    )


def _scores(found: Profiles) -> Table:
    return Table(
        name="scores",
        caption=tr("Over {n} problems", n=len(found.problems)),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            Column(title=tr("AlgoPerf score")),
            Column(
                title=tr(
                    "Geometric-mean speed-up over {baseline}", baseline=found.baseline
                )
            ),
        ),
        rows=tuple(
            (p.label, number(p.score, 3), value_text(p.speedup, 3))
            for p in found.profiles
        ),
        note=tr(
            "Score: the area under the profile up to τ = {limit}, from 0 to 1 (Dahl et "
            "al. 2023). Counted in steps; a problem on which an optimizer misses the "
            "target counts as its whole budget in the geometric mean.",
            limit=number(R_MAX, 1),
        ),
        main=True,
    )


def _times(study: Study, found: Profiles) -> Table:
    names = [problem.name for problem in study.problems]
    cells = [[_steps(float(time)) for time in row] for row in found.times]
    heads, sides, corner = list(found.labels), names, tr("Problem")
    if len(heads) > len(sides):
        # The longer way down the page, or it does not fit on paper.
        heads, sides, corner = sides, heads, tr("Optimizer")
        cells = [list(column) for column in zip(*cells, strict=True)]
    return Table(
        name="problem-times",
        caption=tr("{axis} to the target of each problem", axis=axis_label(found.axis)),
        columns=(Column(title=corner, right=False), *(Column(title=h) for h in heads)),
        rows=tuple((side, *row) for side, row in zip(sides, cells, strict=True)),
        note=tr("Median over seeds; ∞ where half of them miss the target."),
        main=True,
    )


def _steps(time: float) -> str:
    """Return steps as a whole number; between two seeds there may be half a one."""
    if not math.isfinite(time):
        return number(time)
    return count(round(time)) if time == round(time) else number(time, 3)


def _ranks(found: Ranking) -> list[Block]:
    if found.refused:
        return [Paragraph(text=found.refused, tone="quiet")]
    from optlab.export.report.figures_across import write_ranks

    name = "ranks-figure"
    caption = tr(
        "Critical-difference diagram over {n} problems: mean ranks, 1 is best; what a "
        "bar joins cannot be told apart at {alpha} % (Friedman p = {p}; critical "
        "difference {difference}).",
        n=found.problems,
        alpha=number(100 * found.alpha, 1),
        p=p_text(found.p),
        difference=number(found.critical_difference, 3),
    )
    alt = "; ".join(
        f"{label}: {number(rank, 3)}"
        for label, rank in zip(found.labels, found.mean_ranks, strict=True)
    )
    return [
        Picture(name=name, caption=caption, alt=alt, write=partial(write_ranks, found))
    ]
