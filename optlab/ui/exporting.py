"""Writing plots and tables to files, off the GUI thread.

Figures are drawn by `optlab.export` from the run and the settings of the views, the
same for both front ends; matplotlib is imported when the first one is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from optlab.export.exporter import export
from optlab.export.overview import BasinFigure, SweepFigure
from optlab.export.style import X_METRICS, FigureStyle
from optlab.store.run_data import RunData
from optlab.translate import tr
from optlab.ui.background import Report
from optlab.ui.basin_view import BasinCard
from optlab.ui.cards import Card
from optlab.ui.controller import STOP_WAIT_MS
from optlab.ui.curve_table import write_table
from optlab.ui.curves import CurveCard
from optlab.ui.dialogs import TaskDialog
from optlab.ui.sweep_view import SweepCard
from optlab.ui.verdict_exports import REPORT_KINDS, answer_work, report_work

if TYPE_CHECKING:
    from optlab.export.basin_colors import By
    from optlab.store.basin_map import BasinMap
    from optlab.ui.main_window import MainWindow


REPORT: Final = "report"

Work = Callable[[Path, Report], None]


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
        """Write one plot to a file; with ``.csv``, what it shows as a table.

        Args:
            name: The metric, or ``surface``.
            suffix: Kind of the file: ``.png``, ``.svg``, ``.pdf``, ``.csv``.
        """
        data = self._window.controller.data
        if data is None:
            return
        card = self._window.grid.card(name)
        answer = answer_work(card, suffix)
        if answer is not None:
            self._write(data.title, name, suffix, work=answer)
            return
        if suffix == ".csv" and isinstance(card, CurveCard):
            table = card.table()
            work: Work = lambda path, _: write_table(table, path)  # noqa: E731
            self._write(data.title, name, suffix, work=work)
        elif suffix == ".csv":
            self.export_table("metrics")
        else:
            self._write(data.title, name, suffix, work=drawing_of(card, data))

    @Slot(str)
    def export_table(self, part: str) -> None:
        """Write ``metrics`` or ``summary`` as CSV."""
        data = self._window.controller.data
        if data is not None:
            preferences = self._window.session.preferences
            mark = bool(preferences.value("csv_mark"))
            as_is = not preferences.value("csv_guard")

            def work(path: Path, report: Report) -> None:
                export(
                    data,
                    path,
                    what=part,
                    overwrite=True,
                    mark=mark,
                    as_is=as_is,
                    progress=report.progress,
                )

            self._write(data.title, part, ".csv", work=work)

    def export_map(self, found: BasinMap, suffix: str, *, by: By) -> None:
        """Write a map of basins: to be opened again, as a figure or as a table.

        Args:
            found: The map.
            suffix: Kind of the file: ``.npz``, ``.png``, ``.svg``, ``.pdf``, ``.csv``.
            by: What a figure is coloured by.
        """

        def work(path: Path, _report: Report) -> None:
            if suffix == ".npz":
                found.write(path, overwrite=True)
            else:
                figures = import_module("optlab.export.basin_figures")
                figures.export_map(found, path, by=by, overwrite=True)

        self._write(found.title, "basins", suffix, work=work)

    @Slot()
    def export_report(self) -> None:
        """Write the report of what is on the screen, and offer to open it."""
        data, reader = self._window.controller.data, self._window.reader
        if data is not None:
            work = report_work(reader.gatherer(), reader.choice)
            self._write(data.title, REPORT, ".html", work=work, kinds=REPORT_KINDS)

    @Slot()
    def open_written(self) -> None:
        """Open the file that was written last with the program that is for it."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))

    def shutdown(self, *, wait_ms: int = STOP_WAIT_MS) -> bool:
        """Wait, bounded, for what is being written; return whether it has ended."""
        return self._dialog is None or self._dialog.task.shutdown(wait_ms=wait_ms)

    def _write(
        self,
        title: str,
        part: str,
        suffix: str,
        *,
        work: Work,
        kinds: tuple[str, ...] = (),
    ) -> None:
        if self.busy:
            return
        chooser = self._window.chooser
        proposal = f"{_file_name(title)}-{part}{suffix}"
        path = chooser.save(tr("Export"), proposal, kinds or (suffix,))
        if path is None:
            return

        self._path = path
        writing = tr("Writing {name}", name=path.name)
        self._dialog = TaskDialog(writing, partial(work, path), parent=self._window)
        self._dialog.over.connect(self._finish)
        self._dialog.begin()

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        self._dialog = None
        if reason:
            self._window.notice.say(reason)
        elif well:
            text = tr("Written: {path}", path=self._path)
            opens = self._path.suffix in REPORT_KINDS
            offer = (tr("Open"), self.open_written) if opens else None
            self._window.notice.say(text, severity="good", offer=offer)


def drawing_of(card: Card, data: RunData) -> Work:
    """Return what writes a figure that shows what a card of the window shows now."""
    if isinstance(card, SweepCard):
        sweep = SweepFigure(
            sweeps=card.shown_sweeps(),
            quantity=card.quantity,
            parameter=card.parameter,
            log_y=card.canvas.log[1],
            title=data.title,
        )
        return lambda path, _: _overviews().write_sweeps(sweep, path, overwrite=True)
    if isinstance(card, BasinCard):
        basins = BasinFigure(
            basins=card.shown_basins(),
            label=card.subtitle_text,
            title=data.title,
        )
        return lambda path, _: _overviews().write_basins(
            basins, data, path=path, overwrite=True
        )
    style = figure_style(card, data)
    return lambda path, report: export(
        data, path, style=style, overwrite=True, progress=report.progress
    )


def _overviews() -> ModuleType:
    # Draws with matplotlib, which takes a third of a second to import.
    return import_module("optlab.export.overview_figures")


def figure_style(card: Card, data: RunData) -> FigureStyle:
    """Return how a figure is drawn so that it shows what a card of the window shows.

    Args:
        card: The card.
        data: Its run.
    """
    state = card.state
    if not isinstance(card, CurveCard):
        return FigureStyle(metrics=(card.name,), hidden=state.hidden)
    look, own = card.look, state.plot(card.name)
    counted = X_METRICS[look.x_axis]
    x_range, y_range = card.ranges or (None, None)
    companion = card.spec.companion if card.spec.companion in data.metrics else ""
    return FigureStyle(
        metrics=(card.spec.metric,),
        # As in the window, a run that has no epochs or samples to count counts steps.
        x=look.x_axis if not counted or counted in data.metrics else "step",
        log_x=look.log_x,
        y_scale=card.y_scale,
        smoothing=card.weight,
        spread=look.spread,
        seed=look.seed,
        ignore_outliers=look.ignore_outliers,
        hidden=state.hidden,
        levels=card.levels.levels,
        companion=companion,
        companion_note=card.spec.companion_note if companion else "",
        panel=own.title,
        unit=own.subtitle,
        caption=own.caption,
        x_range=x_range,
        y_range=y_range,
    )


def _file_name(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:40] or "run"
