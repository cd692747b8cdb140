"""The report of a comparison: one HTML file, or tables in Markdown and LaTeX.

`write_report` makes it of what run files say, and of nothing else.
"""

from optlab.export.report.writer import write_report

__all__ = ["write_report"]
