"""The command line: one file for each verb, over the same runner as the window.

Importing this package imports neither torch nor Qt nor matplotlib; what a verb needs
is imported when it runs.
"""

from optlab.cli.program import main

__all__ = ["main"]
