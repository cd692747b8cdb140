"""Writing plots and tables to files, off the GUI thread.

Figures are drawn by `optlab.export` from the run and the settings of the views, the
same for both front ends; matplotlib is imported when the first one is written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from optlab.export.exporter import export
from optlab.export.style import X_METRICS, FigureStyle
from optlab.store.run_data import RunData
from optlab.translate import tr
from optlab.ui.background import Report
from optlab.ui.cards import Card
from optlab.ui.curves import CurveCard
from optlab.ui.dialogs import TaskDialog

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class ExportDesk(QObject):
    """Asks for a file and writes it, one at a time."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: TaskDialog | None = None
        self._path = Path()

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._dialog is not None

    @Slot(str, str)
    def export_card(self, name: str, suffix: str) -> None:
        """Write one plot (or, with ``.csv``, the metrics) to a file.

        Args:
            name: The metric, or ``surface``.
            suffix: Kind of the file: ``.png``, ``.svg``, ``.pdf``, ``.csv``.
        """
        data = self._window.controller.data
        if suffix == ".csv":
            self.export_table("metrics")
        elif data is not None:
            style = figure_style(self._window.grid.card(name), data)
            self._write(data, name, suffix, style=style)

    @Slot(str)
    def export_table(self, part: str) -> None:
        """Write ``metrics`` or ``summary`` as CSV."""
        data = self._window.controller.data
        if data is not None:
            self._write(data, part, ".csv")

    def shutdown(self) -> None:
        """Wait, bounded, for what is being written."""
        if self._dialog is not None:
            self._dialog.task.shutdown()

    def _write(
        self,
        data: RunData,
        part: str,
        suffix: str,
        *,
        style: FigureStyle | None = None,
    ) -> None:
        if self.busy:
            return
        chooser = self._window.chooser
        proposal = f"{_file_name(data.title)}-{part}{suffix}"
        path = chooser.save(tr("Export"), proposal, (suffix,))
        if path is None:
            return

        def work(report: Report) -> None:
            export(
                data,
                path,
                what=part if style is None else None,
                style=style,
                overwrite=True,
                progress=report.progress,
            )

        self._path = path
        title = tr("Writing {name}", name=path.name)
        self._dialog = TaskDialog(title, work, parent=self._window)
        self._dialog.over.connect(self._finish)
        self._dialog.begin()

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        self._dialog = None
        if reason:
            self._window.notice.say(reason)
        elif well:
            text = tr("Written: {path}", path=self._path)
            self._window.notice.say(text, problem=False)


def figure_style(card: Card, data: RunData) -> FigureStyle:
    """Return how a figure is drawn so that it shows what a card of the window shows.

    Args:
        card: The card.
        data: Its run.
    """
    state = card.state
    if not isinstance(card, CurveCard):
        return FigureStyle(metrics=(card.name,), hidden=state.hidden)
    counted = X_METRICS[state.x_axis]
    return FigureStyle(
        metrics=(card.name,),
        # As in the window, a run that has no epochs or samples to count counts steps.
        x=state.x_axis if not counted or counted in data.metrics else "step",
        log_x=state.log_x,
        log_y=card.log_y,
        smoothing=card.weight,
        hidden=state.hidden,
    )


def _file_name(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:40] or "run"
