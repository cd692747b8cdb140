"""Writing what a run comes to: figures and tables of its cards, and the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np

from optlab.analysis.costs import axis_unit
from optlab.analysis.evidence import Evidence, Findings
from optlab.analysis.targets import metric_words
from optlab.export.atomic import written_whole
from optlab.export.csv_format import text_cell
from optlab.params import InputError
from optlab.translate import tr
from optlab.ui.background import Cancelled, Report
from optlab.ui.cards import Card
from optlab.ui.speedup_view import SpeedupCard
from optlab.ui.verdict_reader import Choice
from optlab.ui.verdict_view import VerdictCard

REPORT_KINDS: Final = (".html", ".md", ".tex")

Work = Callable[[Path, Report], None]


def answer_work(card: Card, suffix: str) -> Work | None:
    """Return what writes a card of answers to a file; None for another card."""
    if isinstance(card, VerdictCard):
        table = card.rows_as_table()
        return table_work(table) if suffix == ".csv" else _effects(card)
    if isinstance(card, SpeedupCard):
        rows = card.table()
        return table_work(rows) if suffix == ".csv" else _speedups(card)
    return None


def table_work(rows: Sequence[Sequence[str]]) -> Work:
    """Return what writes a table as CSV."""

    def work(path: Path, _: Report) -> None:
        lines = [b",".join(text_cell(cell) for cell in row) for row in rows]
        with written_whole(path, overwrite=True) as draft:
            draft.write_bytes(b"\n".join(lines) + b"\n")

    return work


def report_work(gather: Callable[[], Evidence], choice: Choice) -> Work:
    """Return what writes the report of what is on the screen.

    Args:
        gather: Reads what there is to report.
        choice: What a person wants compared.
    """

    def work(path: Path, report: Report) -> None:
        # Draws with matplotlib, which takes a third of a second to import.
        module = import_module("optlab.export.report")

        def advance(_: str) -> None:
            if report.cancelled.is_set():
                raise Cancelled

        module.write_report(
            gather(),
            path,
            baseline=choice.baseline,
            target=choice.target,
            overwrite=True,
            advance=advance,
        )

    return work


def _effects(card: VerdictCard) -> Work:
    judgement, findings = card.reader.answers.judgement, _findings(card)
    known = judgement is not None and any(
        v.effect is not None for v in judgement.verdicts
    )

    def work(path: Path, _: Report) -> None:
        if not known:
            raise _nothing(path)
        module = import_module("optlab.export.report.figures_effects")
        words = metric_words(findings.metric)
        axis = tr("{metric}: difference", metric=words)
        with written_whole(path, overwrite=True) as draft:
            module.write_effects(judgement, findings.labels, draft, axis=axis)

    return work


def _speedups(card: SpeedupCard) -> Work:
    found, findings = card.speedups(), _findings(card)
    drawn = any(np.isfinite(one.ratios.middle).any() for one in found)

    def work(path: Path, _: Report) -> None:
        if not drawn:
            raise _nothing(path)
        module = import_module("optlab.export.report.figures_speed")
        unit = axis_unit(found[0].axis)
        metric = metric_words(findings.metric)
        with written_whole(path, overwrite=True) as draft:
            module.write_speedups(
                found,
                findings.labels,
                draft,
                x=tr("{metric} that is reached", metric=metric),
                title=tr("Speed-up in {unit}", unit=unit),
                falling=not findings.higher_is_better,
            )

    return work


def _findings(card: VerdictCard | SpeedupCard) -> Findings:
    findings = card.reader.answers.findings
    if findings is None:
        raise InputError("run", None, tr("the run has no values to draw yet"))
    return findings


def _nothing(path: Path) -> InputError:
    return InputError(str(path), None, tr("the run has no values to draw yet"))
