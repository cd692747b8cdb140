"""Writing plots and tables to files, off the GUI thread.

Figures are drawn by `optlab.export` from the run and the settings of the views, the
same for both front ends; matplotlib is imported when the first one is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from optlab.store.run_data import RunData
from optlab.translate import tr
from optlab.ui.background import Report
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
            style = self._window.grid.figure_style(name)
            self._write(data, name, suffix, lambda path, _: _figure(data, path, style))

    @Slot(str)
    def export_table(self, part: str) -> None:
        """Write ``metrics`` or ``summary`` as CSV."""
        data = self._window.controller.data
        if data is None:
            return
        if part == "summary":
            self._write(data, part, ".csv", lambda path, _: _summary(data, path))
        else:
            self._write(data, part, ".csv", lambda path, r: _metrics(data, path, r))

    def shutdown(self) -> None:
        """Wait, bounded, for what is being written."""
        if self._dialog is not None:
            self._dialog.task.shutdown()

    def _write(
        self,
        data: RunData,
        name: str,
        suffix: str,
        write: Callable[[Path, Report], None],
    ) -> None:
        if self.busy:
            return
        chooser = self._window.chooser
        proposal = f"{_file_name(data.title)}-{name}{suffix}"
        path = chooser.save(tr("Export"), proposal, (suffix,))
        if path is None:
            return
        self._path = path
        title = tr("Writing {name}", name=path.name)
        self._dialog = TaskDialog(
            title, lambda report: write(path, report), parent=self._window
        )
        self._dialog.over.connect(self._finish)
        self._dialog.begin()

    @Slot(str)
    def _finish(self, reason: str) -> None:
        self._dialog = None
        if reason:
            self._window.notice.say(reason)
        else:
            text = tr("Written: {path}", path=self._path)
            self._window.notice.say(text, problem=False)


def _figure(data: RunData, path: Path, style: object) -> None:
    from optlab.export.exporter import export

    export(data, path, style=style, overwrite=True)


def _metrics(data: RunData, path: Path, report: Report) -> None:
    from optlab.export.csv_files import write_metrics_csv

    write_metrics_csv(data, path, progress=report.progress)


def _summary(data: RunData, path: Path) -> None:
    from optlab.export.csv_files import write_summary_csv

    write_summary_csv(data, path)


def _file_name(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:40] or "run"
