"""What the run comes to, as the window sees it: the badge and the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from optlab.translate import tr
from optlab.ui.run_cards import SPEEDUP, VERDICT

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class VerdictDesk(QObject):
    """Keeps the badge true and leads to the verdict; it outlives the widgets."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.reader.changed.connect(self.refresh)
        window.reader.reasons_wanted.connect(self.show_reasons)
        window.controller.changed.connect(self.refresh)

    def furnish(self) -> None:
        """Add the commands, each time the widgets are made."""
        add = self._window.commands.add
        add(
            "verdict",
            tr("Show the verdict"),
            self.show_verdict,
            keys=["Ctrl+Shift+J"],
            group="view",
            blocked=self._nothing,
            tip=tr("Every optimizer against the baseline, and how sure that is"),
        )
        add(
            "speedup",
            tr("Show the speed-up at equal loss"),
            self.show_speedup,
            group="view",
            blocked=self._nothing,
        )

        add(
            "report",
            tr("Write a report…"),
            self._window.exports.export_report,
            group="file",
            blocked=self._no_run,
            tip=tr("A page with verdicts, figures, tables and all settings"),
        )

    @Slot()
    def refresh(self) -> None:
        """Show in the status bar whether the comparison is fair."""
        if self._window.closed:
            return
        answers = self._window.reader.look("certificate")
        one = self._compares()
        self._window.status.show_certificate(answers.certificate if one else None)

    @Slot()
    def show_verdict(self) -> None:
        """Give the verdict a place, and the keyboard."""
        self._show(VERDICT)

    @Slot()
    def show_speedup(self) -> None:
        """Give the speed-up a place, and the keyboard."""
        self._show(SPEEDUP)

    @Slot()
    def show_reasons(self) -> None:
        """Tell all that is known of the fairness of the comparison."""
        self._window.front.show_fact("paired")

    def _show(self, name: str) -> None:
        grid = self._window.grid
        self._window.show_page("lab")
        if name not in grid.shown_names():
            grid.arranger.show(name)
        if name in grid.run_cards.all():
            grid.card(name).setFocus()

    def _compares(self) -> bool:
        data = self._window.controller.data
        return data is not None and len({t.entry for t in data.trials}) > 1

    def _no_run(self) -> str:
        there = self._window.controller.data is not None
        return "" if there else tr("There is no run to report")

    def _nothing(self) -> str:
        return "" if self._compares() else tr("There is no comparison to judge")
