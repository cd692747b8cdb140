"""What tuning found: basins, widths, winners, and what a budget buys."""

import math
import tomllib
from functools import partial
from typing import Final

from optlab.analysis.targets import metric_words
from optlab.analysis.tuning import BestOf, Tuning, tunings
from optlab.export.number_text import number
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
    count_text,
    range_text,
    short_text,
    together,
    value_text,
)
from optlab.params import ParamValue
from optlab.translate import tr

# What an entry holds that is no setting, or that has its own column.
_NAMES: Final = ("name", "label", "space")
_BUDGETS: Final = (1, 2, 4, 8, 16, 32, 64, 128)


def tuned(study: Study) -> Section:
    """Return the tuning on every problem."""
    blocks: list[Block] = []
    for problem in study.problems:
        if study.several:
            blocks.append(Subheading(text=problem.name))
        blocks += _of_problem(problem)
    return Section(name="tuning", heading=tr("Tuning"), blocks=tuple(blocks))


def _of_problem(problem: Problem) -> list[Block]:
    findings = problem.findings
    found = tunings(findings)
    if not found:
        part = findings.spec.part
        if part is not None and part.part == "final" and not findings.tuned:
            text = tr("Its tuning is in other files of the study.")
        else:
            text = tr(
                "No optimizer was tuned: each ran with the setting that was given."
            )
        return [Paragraph(text=text, tone="quiet")]
    return [
        _picture(problem, found),
        _winners(problem, found),
        _starts(problem, found),
        _best_of(problem, found),
    ]


def _picture(problem: Problem, found: tuple[Tuning, ...]) -> Picture:
    from optlab.export.report.figures_tuning import MOST_BANDS, write_tuning

    name = f"tuning-figure-{problem.number}"
    metric = metric_words(found[0].metric, inside=True)
    write = partial(
        write_tuning,
        found,
        problem.findings.labels,
        metric=metric_words(found[0].metric),
    )
    share = min(t.share for t in found)
    caption = tr(
        "Left: what each setting came to by {metric}, against its first searched "
        "parameter (ring: the winner; cross: did not last). Right: the best that can "
        "be expected of k trials.",
        metric=metric,
    )
    if len(found) <= MOST_BANDS:
        caption = f"{caption} {tr('Bands are 95 % bootstrap intervals.')}"
    for t in found:
        if len(t.parameters) > 1:
            text = tr(
                "The dots of {label} are not joined: besides {first} they differ in "
                "{others}.",
                label=t.label,
                first=t.parameters[0],
                others=", ".join(t.parameters[1:]),
            )
            caption = f"{caption} {text}"
    if share < 1:
        text = tr(
            "All settings are shown after {share} % of the steps, the last point that "
            "every one of them came to; winners were picked at the end.",
            share=short_text(100 * share, 3),
        )
        caption = f"{caption} {text}"
    told = "; ".join(f"{t.label}: {_setting(t.winner)}" for t in found)
    return Picture(name=name, caption=caption, alt=told, write=write)


def _winners(problem: Problem, found: tuple[Tuning, ...]) -> Table:
    rows = tuple(
        (
            t.label,
            _setting(t.winner) if t.best is not None else tr("as given"),
            value_text(t.value),
            NONE if t.width is None else number(t.width, 2),
            tr("{n} of {total}", n=t.trials, total=t.planned),
            count_text(t.steps),
            _edge_words(t),
        )
        for t in found
    )
    return Table(
        name=f"tuning-{problem.number}",
        caption=tr("What tuning chose on {problem}", problem=problem.name),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            Column(title=tr("Winner"), right=False),
            Column(title=metric_words(found[0].metric)),
            Column(title=tr("Width in decades")),
            Column(title=tr("Trials")),
            Column(title=tr("Steps")),
            Column(title=tr("On the border"), right=False),
        ),
        rows=rows,
        note=tr(
            "Width: over how many decades of the first parameter the result stays "
            "within 10 % of the best loss, or one point of the best accuracy. On the "
            "border: the best value is the smallest or largest that was tried, so that "
            "a better one may lie beyond."
        ),
        main=True,
    )


def _starts(problem: Problem, found: tuple[Tuning, ...]) -> Table:
    """Return where the tuning of each optimizer began, and where it searched."""
    spaces = {b.label: b.space for b in problem.certificate.budgets}
    rows = tuple(
        (
            t.label,
            _given(problem, t),
            "; ".join(map(together, spaces.get(t.label, ()))) or NONE,
        )
        for t in found
    )
    return Table(
        name=f"starts-{problem.number}",
        caption=tr("What tuning started from on {problem}", problem=problem.name),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            Column(title=tr("Given setting"), right=False),
            Column(title=tr("Where was searched"), right=False),
        ),
        rows=rows,
        note=tr(
            "The given setting is the first that is tried. To repeat the study, put "
            "these settings into the experiment below, take out its table [part], and "
            "hand it to optlab tune."
        ),
    )


def _given(problem: Problem, tuning: Tuning) -> str:
    """Return an optimizer as the experiment gave it, before anything was tuned."""
    own = problem.findings.tuned_of(tuning.label)
    first = next((t for t in own if t.number == tuning.default), None)
    if first is None:
        return NONE
    try:
        entries = tomllib.loads(first.run.spec_text).get("optimizers", [])
    except tomllib.TOMLDecodeError:
        entries = []
    place = first.start.entry
    entry = entries[place] if place < len(entries) else {}
    given = dict(first.values) | entry
    parts = [f"{k} {_words(v)}" for k, v in given.items() if k not in _NAMES]
    return ", ".join(map(together, [first.start.optimizer, *parts]))


def _words(value: object) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {_words(v)}" for k, v in value.items()) + ")"
    if isinstance(value, bool):
        return str(value).lower()  # as it is typed in the experiment
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _best_of(problem: Problem, found: tuple[Tuning, ...]) -> Table:
    most = max(len(t.best_of) for t in found)
    ks = [k for k in _BUDGETS if k <= most]
    if ks[-1:] != [most]:
        ks.append(most)
    rows = []
    for t in found:
        by_k = {b.k: b for b in t.best_of}
        rows.append((t.label, *(_best_words(by_k.get(k)) for k in ks)))
    return Table(
        name=f"best-of-{problem.number}",
        caption=tr(
            "Expected best of k trials on {problem}, with 95 % bootstrap intervals",
            problem=problem.name,
        ),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            *(Column(title=f"k = {k}") for k in ks),
        ),
        rows=tuple(rows),
    )


def _best_words(best: BestOf | None) -> str:
    if best is None:
        return NONE
    middle, low, high = alike((best.value, best.low, best.high), 3)
    return f"{middle} ({range_text(low, high)})"


def _edge_words(tuning: Tuning) -> str:
    return ", ".join(tuning.edges) if tuning.edges else tr("no")


def _setting(values: tuple[tuple[str, ParamValue], ...]) -> str:
    parts = []
    for name, value in values:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        told = (
            f"{value:.3g}" if plain and math.isfinite(float(str(value))) else str(value)
        )
        parts.append(together(f"{name} {told}"))
    return ", ".join(parts) or NONE
