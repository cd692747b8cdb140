"""The report of a comparison: one HTML file, or tables in Markdown and LaTeX.

`write_report` makes it of what run files say, and of nothing else; `write_grades` of
unit tests, which are graded and not compared.
"""

from optlab.export.report.writer import write_grades, write_report

__all__ = ["write_grades", "write_report"]
