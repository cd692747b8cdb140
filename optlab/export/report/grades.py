"""The report of unit tests: a matrix of grades, where nothing is compared by seed."""

from collections.abc import Sequence
from pathlib import Path

from optlab import __version__
from optlab.analysis.unit_tests import Grade, Row, matrix
from optlab.export.report.document import (
    Block,
    Bullets,
    Code,
    Column,
    Facts,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
)
from optlab.store.run_data import RunData
from optlab.translate import current_language, tr, tr_n


def grades_report(runs: Sequence[RunData]) -> Report:
    """Return the report of the unit tests that ``optlab grade`` ran.

    Args:
        runs: One for each unit test.

    Raises:
        ValueError: Plain descent, which is the measure of all tests, lacks in one.
    """
    rows = matrix(runs)
    n = len(runs)
    return Report(
        title=tr("Unit tests of optimizers"),
        language=current_language(),
        lead=tr_n(
            "{names} on one unit test; each has one learning rate.",
            "{names} on {n} unit tests; each has one learning rate for all of them.",
            n=n,
            names=", ".join(row.optimizer for row in rows),
        ),
        badge="",
        sections=(_answer(rows), _grades(rows), _versions(runs), _repeating(runs)),
        maker=f"OptLab {__version__}",
    )


def _answer(rows: Sequence[Row]) -> Section:
    ranked = sorted(rows, key=lambda row: -row.passed)
    items = tuple(
        Paragraph(
            text=tr(
                "{label} passes {passed} of {n} tests.",
                label=row.title,
                passed=row.passed,
                n=len(row.cells),
            )
        )
        for row in ranked
    )
    note = tr(
        "To pass them is necessary, not sufficient: these are small problems, one "
        "simple thing at a time (Schaul et al. 2013, arXiv:1312.6055). Each optimizer "
        "has the one rate, of as many that were tried, that passes most; no optimizer "
        "is said to be better."
    )
    return Section(
        name="answer",
        heading=tr("Answer"),
        blocks=(Bullets(items=items), Paragraph(text=note, tone="quiet")),
    )


def _grades(rows: Sequence[Row]) -> Section:
    tests = [cell.test for cell in rows[0].cells]
    counts = Table(
        name="counts",
        caption=tr("How many tests ended with each grade"),
        columns=(
            Column(title=tr("Optimizer"), right=False),
            *(Column(title=grade.word) for grade in Grade),
        ),
        rows=tuple(
            (
                row.title,
                *(str(sum(c.grade is grade for c in row.cells)) for grade in Grade),
            )
            for row in rows
        ),
        note=tr(
            "Good: at least 90 % of the way that plain descent goes at the rate that "
            "suits the test best; slow: less; stuck: less than 1 % either way; "
            "diverged: the value rose, or a trial did not last. Median over seeds."
        ),
        main=True,
    )
    each = Table(
        name="grades",
        caption=tr("The grade of every test"),
        columns=(
            Column(title=tr("Test"), right=False),
            *(Column(title=row.title, right=False) for row in rows),
        ),
        rows=tuple(
            (test, *(row.cells[place].grade.word for row in rows))
            for place, test in enumerate(tests)
        ),
    )
    blocks: tuple[Block, ...] = (counts, _picture(rows, tests), each)
    return Section(name="grades", heading=tr("Grades"), blocks=blocks)


def _picture(rows: Sequence[Row], tests: Sequence[str]) -> Picture:
    def write(path: Path) -> None:
        from optlab.export.comparison_figures import heat_map

        heat_map(
            [row.title for row in rows],
            tests,
            [[cell.grade.word for cell in row.cells] for row in rows],
            classes=[grade.word for grade in Grade],
            path=path,
        )

    return Picture(
        name="grades-figure",
        caption=tr("The grade of every test, in a colour and with a mark of its own."),
        alt=tr("The same stands in the table below."),
        write=write,
    )


def _versions(runs: Sequence[RunData]) -> Section:
    held: dict[str, dict[str, None]] = {}
    for run in runs:
        for name, version in (*run.versions.items(), (tr("device"), run.device)):
            held.setdefault(name, {})[version] = None
    facts = tuple((name, ", ".join(filter(None, v))) for name, v in held.items())
    return Section(
        name="versions",
        heading=tr("Versions and run files"),
        blocks=(Facts(items=facts),),
    )


def _repeating(runs: Sequence[RunData]) -> Section:
    trials = runs[0].trials
    names = ",".join(dict.fromkeys(trial.optimizer for trial in trials))
    lines = [
        "optlab report . --to again.html",
        f"optlab grade --optimizers {names} --steps {trials[0].steps}",
    ]
    text = tr(
        "To be typed in the folder of the run files. The first command makes this "
        "report again from them; the second one runs all unit tests again."
    )
    return Section(
        name="repeating",
        heading=tr("How to repeat it"),
        blocks=(Paragraph(text=text), Code(text="\n".join(lines))),
    )
