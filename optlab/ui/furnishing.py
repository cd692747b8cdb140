"""How the rest of a window comes about: in small pieces, while it answers.

The welcome page needs neither plots nor panels nor the desks behind them. They are
imported and made while nothing else is to be done; whoever wants one of them earlier
has it completed.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow

WHOLE: Final = ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets")
"""PySide makes a class when it is asked for it, and pyqtgraph asks for all of these."""
IMPORTS: Final = (
    # A third of what pyqtgraph, which comes in one piece, would take.
    "multiprocessing.connection",
    "pydoc",
    "xml.etree.ElementTree",
    "pyqtgraph",
    "optlab.export.exporter",
    "optlab.analysis.speedup",
    "optlab.ui.curves",
    "optlab.ui.verdict_reader",
    "optlab.ui.exporting",
    "optlab.ui.fields",
    "optlab.ui.optimizers_panel",
    "optlab.ui.problem_panel",
    "optlab.ui.plot_grid",
    "optlab.ui.desk",
    "optlab.ui.front_desk",
    "optlab.ui.help_desk",
    "optlab.ui.library_desk",
    "optlab.sweep.study",
    "optlab.ui.tune_desk",
    "optlab.ui.furniture",
)
"""In such an order that none takes long: each after those that it needs."""


def furnish(window: MainWindow) -> Iterator[None]:
    """Make the rest of a window, one piece each time it is asked to go on."""
    for name in WHOLE:
        module = import_module(name)
        for part in dir(module):
            getattr(module, part)
        yield
    for name in IMPORTS:
        import_module(name)
        yield
    # Here and not above: it needs all that has just been imported.
    from optlab.ui.furniture import connect_desks, make_desks, make_widgets

    yield from make_desks(window)
    yield from make_widgets(window)
    connect_desks(window)
