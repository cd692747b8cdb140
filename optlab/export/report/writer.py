"""One door to the report: evidence in, one file out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from optlab.analysis.evidence import Evidence
from optlab.export.atomic import check_free, written_whole
from optlab.export.report.facts import Advance, unheard
from optlab.params import InputError, unknown_name
from optlab.store.run_data import RunData
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.export.report.document import Report

SUFFIXES: Final = (".html", ".md", ".tex")


def write_report(
    evidence: Evidence,
    path: Path,
    *,
    baseline: str = "",
    target: float | None = None,
    overwrite: bool = False,
    advance: Advance = unheard,
) -> None:
    """Write the report of a study or of a few runs; the suffix chooses the format.

    ``.html`` is one page that needs nothing beside itself; ``.md`` and ``.tex`` hold
    the answer and the main tables. The same run files give the same bytes.

    Args:
        evidence: What the run files say: `optlab.analysis.evidence.gather`.
        path: The file to be written.
        baseline: Label of the optimizer that all others are compared with; the
            declared one if empty.
        target: What is to be reached on the experiment's own problem; the declared
            one if None.
        overwrite: Whether a file that is there may be replaced.
        advance: Is told now and then what is being worked out; what it raises ends
            the work, and nothing is written.

    Raises:
        InputError: The suffix or the baseline is unknown, the file is there already,
            or it cannot be written.
    """
    check_suffix(path)
    check_free(path, overwrite=overwrite)
    judged = compared_with(evidence, baseline=baseline, target=target)
    text = report_text(judged, path.suffix.lower(), advance)
    with written_whole(path, overwrite=overwrite) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def check_suffix(path: Path) -> None:
    """Check that a report can be written to a file of this name.

    Raises:
        InputError: Its suffix is none of `SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        text = tr(
            "a file name that ends in one of {suffixes}", suffixes=", ".join(SUFFIXES)
        )
        raise InputError(str(path), None, text)


def compared_with(
    evidence: Evidence, *, baseline: str = "", target: float | None = None
) -> Evidence:
    """Return evidence that is judged with another baseline or target.

    Raises:
        InputError: No optimizer has the label.
    """
    labels = dict.fromkeys(lb for f in evidence.findings for lb in f.labels)
    if baseline and baseline not in labels:
        raise unknown_name("--baseline", baseline, labels, value=baseline)
    findings = []
    for found in evidence.findings:
        comparison = found.spec.comparison
        if baseline:
            comparison = replace(comparison, baseline=baseline)
        if target is not None:
            comparison = replace(comparison, target=target)
        findings.append(replace(found, spec=replace(found.spec, comparison=comparison)))
    return replace(evidence, findings=tuple(findings))


def report_text(evidence: Evidence, suffix: str, advance: Advance) -> str:
    """Return the report as text in the format of a suffix."""
    # matplotlib and Jinja2 come in when a report is made, not before.
    from optlab.export.report.build import report_of

    return _text_of(report_of(evidence, advance), suffix, advance)


def write_grades(
    runs: Sequence[RunData],
    path: Path,
    *,
    overwrite: bool = False,
    advance: Advance = unheard,
) -> None:
    """Write the report of unit tests; the suffix chooses the format.

    Args:
        runs: One for each unit test, as ``optlab grade`` makes them.
        path: The file to be written.
        overwrite: Whether a file that is there may be replaced.
        advance: Is told now and then what is being worked out.

    Raises:
        InputError: The suffix is unknown, the file is there already, or it cannot be
            written.
        ValueError: Plain descent lacks in one of the runs.
    """
    check_suffix(path)
    check_free(path, overwrite=overwrite)
    from optlab.export.report.grades import grades_report

    text = _text_of(grades_report(runs), path.suffix.lower(), advance)
    with written_whole(path, overwrite=overwrite) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def _text_of(report: "Report", suffix: str, advance: Advance) -> str:
    if suffix == ".md":
        from optlab.export.report.markdown import markdown_text

        return markdown_text(report)
    if suffix == ".tex":
        from optlab.export.report.latex import latex_text

        return latex_text(report)
    from optlab.export.report.html import html_text

    return html_text(report, advance)
