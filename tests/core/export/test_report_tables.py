"""Tables for a paper: every letter of a label survives in Markdown and in LaTeX."""

import re
from dataclasses import replace

import pytest

from optlab.export.report.document import (
    Bullets,
    Column,
    Paragraph,
    Report,
    Section,
    Table,
)
from optlab.export.report.latex import escaped as latex
from optlab.export.report.latex import latex_text
from optlab.export.report.markdown import escaped as markdown
from optlab.export.report.markdown import markdown_text

MAIN = Table(
    name="effects-0",
    caption="Differences of 100 %",
    columns=(Column(title="Optimizer", right=False), Column(title="lr_max")),
    rows=(("SGD | *fast*", "−1.5×10⁻³"), ("A_1 & B", "0.5\u00a0to\u00a0∞")),
    note="p < 0.05",
    main=True,
)
REPORT = Report(
    title="A & B",
    language="en",
    lead="Two optimizers.",
    badge="Provisional",
    sections=(
        Section(
            name="answer",
            heading="Answer",
            blocks=(Bullets(items=(Paragraph(text="A_1 is 5 % better.", mark="●"),)),),
        ),
        Section(
            name="effects",
            heading="Effects",
            blocks=(
                MAIN,
                Table(name="other", caption="Aside", columns=(), rows=()),
            ),
        ),
    ),
    maker="OptLab 1.0",
)


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [
        ("a|b", r"a\|b"),
        ("*x* _y_ `z`", r"\*x\* \_y\_ \`z\`"),
        ("<b> & [c](d)", r"\<b\> \& \[c\](d)"),
        ("back\\slash", r"back\\slash"),
        ("two\nlines", "two lines"),
    ],
)
def test_that_markdown_shows_what_was_typed(plain: str, spelled: str) -> None:
    assert markdown(plain) == spelled


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [
        ("50 % & #1_a", r"50 \% \& \#1\_a"),
        ("${x}^2~\\", r"\$\{x\}\textasciicircum{}2\textasciitilde{}\textbackslash{}"),
        ("−1.5×10⁻³", None),
        ("12\u2009000", r"12\,000"),
        ("0.5\u00a0to", "0.5~to"),
        ("a < b > c", r"a \ensuremath{<} b \ensuremath{>} c"),
    ],
)
def test_that_latex_shows_what_was_typed(plain: str, spelled: str | None) -> None:
    found = latex(plain)
    if spelled is not None:
        assert found == spelled
    assert found.isascii()


def test_that_latex_has_no_unescaped_letter_of_its_own() -> None:
    cells = re.sub(r"\\[a-z]+|\\[^a-z]|\{[^{}]*\}", "", latex("#$%&_{}~^\\<>|"))
    assert not re.search(r"[#$%&_~^<>|]", cells)


def test_that_markdown_holds_the_answer_and_the_main_tables() -> None:
    text = markdown_text(REPORT)
    assert text.startswith("# A \\& B\n\nTwo optimizers.\n\n**Provisional**")
    assert "- ● A\\_1 is 5 % better." in text
    assert "| Optimizer | lr\\_max |\n|:---|---:|\n| SGD \\| \\*fast\\* |" in text
    assert "Aside" not in text
    # A reader of Markdown counts columns by bars that are not escaped.
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}


def test_that_latex_is_set_with_booktabs() -> None:
    text = latex_text(REPORT)
    for part in (
        r"\begin{tabular}{@{}lr@{}}",
        r"\toprule",
        r"Optimizer & lr\_max \\",
        r"\midrule",
        r"A\_1 \& B & 0.5~to~\ensuremath{\infty} \\",
        r"\bottomrule",
        r"\caption{Differences of 100 \%}",
        r"\label{tab:effects-0}",
    ):
        assert part in text
    assert text.count(r"\begin") == text.count(r"\end")
    assert "Aside" not in text
    assert text.startswith("% \\usepackage{booktabs,graphicx}\n")
    before = text[: text.index(r"\begin{table}")].strip()
    assert all(line.startswith("%") for line in before.splitlines() if line)


def test_that_a_page_of_paper_has_room_for_a_table() -> None:
    wide = replace(MAIN, aside=("lr_max",))
    section = replace(REPORT.sections[0], blocks=(wide,))
    text = latex_text(replace(REPORT, sections=(section,)))
    assert r"\begin{tabular}{@{}l@{}}" in text
    assert r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%" in text
    assert "lr\\_max" not in text
    assert "lr\\_max" in markdown_text(replace(REPORT, sections=(section,)))
