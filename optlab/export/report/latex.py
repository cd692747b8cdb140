r"""The main tables of a report in LaTeX, set with booktabs.

Meant to be read by ``\input`` into a paper that loads booktabs, with any engine.
"""

from typing import Final

from optlab.export.report.document import Report, Table
from optlab.export.report.plain_table import main_tables, sentences, words_of

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
    lines = [f"% {' '.join(report.title.split())}", f"% {report.maker}"]
    lines += [f"% {' '.join(words_of(s).split())}" for s in sentences(report)]
    lines.append(r"% \usepackage{booktabs}")
    for table in main_tables(report):
        lines += ["", *_table(table)]
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
    return [
        r"\begin{table}",
        r"  \centering\footnotesize",
        f"  \\caption{{{caption}}}",
        f"  \\label{{tab:{table.name}}}",
        f"  \\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"    \toprule",
        _row([column.title for column in table.columns]),
        r"    \midrule",
        *(_row(row) for row in table.rows),
        r"    \bottomrule",
        r"  \end{tabular}" + note,
        r"\end{table}",
    ]


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    return "    " + " & ".join(map(escaped, cells)) + r" \\"
