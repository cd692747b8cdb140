"""The rows of the table: modules with ``measure(rounds)``, which returns `Row`s.

Each module is run in a process of its own, so that threads, memory and Qt of one do not
disturb another. Both sides of a row take turns within one call.
"""

from typing import Final

MODULES: Final = (
    "nets",
    "literal",
    "race",
    "basins",
    "drawing",
    "window_race",
    "start_up",
    "run_files",
    "csv_export",
    "executors",
)
