r"""The main tables of a report in LaTeX, set with booktabs.

Meant to be read by ``\input`` into a paper that loads booktabs and graphicx, with any
engine.
"""

from typing import Final

from optlab.export.report.document import Report, Subheading, Table
from optlab.export.report.plain_table import main_tables, narrow, sentences, words_of

_SPELLED: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\textbar{}",
    '"': "''",
    "\u2009": r"\,",
    "\u00a0": "~",
    "\u2212": r"\ensuremath{-}",
    "×": r"\ensuremath{\times}",
    "±": r"\ensuremath{\pm}",
    "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}",
    "≈": r"\ensuremath{\approx}",
    "∞": r"\ensuremath{\infty}",
    "·": r"\ensuremath{\cdot}",
    "…": r"\dots{}",
    "–": "--",
    "—": "---",
    "β": r"\ensuremath{\beta}",
    "ε": r"\ensuremath{\varepsilon}",
    "η": r"\ensuremath{\eta}",
    "λ": r"\ensuremath{\lambda}",
    "μ": r"\ensuremath{\mu}",
    "γ": r"\ensuremath{\gamma}",
    "ρ": r"\ensuremath{\rho}",
    "τ": r"\ensuremath{\tau}",
    "₁": r"\ensuremath{_1}",
    "₂": r"\ensuremath{_2}",
} | {
    raised: rf"\ensuremath{{^{{{plain}}}}}"
    for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)
}


def latex_text(report: Report) -> str:
    """Return the main tables of a report, with its answer as a comment."""
    lines = [r"% \usepackage{booktabs,graphicx}", f"% {' '.join(report.title.split())}"]
    lines += [f"% {line}" for line in (*report.lead.splitlines(), report.maker)]
    for said in sentences(report):
        text = f"{said.text}:" if isinstance(said, Subheading) else words_of(said)
        lines.append(f"% {' '.join(text.split())}")
    for table in main_tables(report):
        lines += ["", *_table(narrow(table))]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return a text in which no letter has a meaning of its own."""
    return "".join(_SPELLED.get(letter, letter) for letter in " ".join(text.split(" ")))


def _table(table: Table) -> list[str]:
    columns = "".join("r" if column.right else "l" for column in table.columns)
    caption = escaped(table.caption)
    note = (
        f"\n\n  \\smallskip\\footnotesize {escaped(table.note)}" if table.note else ""
    )
    # Nothing is made larger: only what is wider than the page or column is scaled.
    fitted = r"  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
    return [
        r"\begin{table}",
        r"  \centering\footnotesize",
        f"  \\caption{{{caption}}}",
        f"  \\label{{tab:{table.name}}}",
        fitted,
        f"  \\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"    \toprule",
        _row([column.title for column in table.columns]),
        r"    \midrule",
        *(_row(row) for row in table.rows),
        r"    \bottomrule",
        r"  \end{tabular}}" + note,
        r"\end{table}",
    ]


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    return "    " + " & ".join(map(escaped, cells)) + r" \\"
