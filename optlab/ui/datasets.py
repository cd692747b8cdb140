"""Datasets that must be fetched before they can be used, and fetching them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from optlab.runner import dataset_status, get_dataset
from optlab.translate import tr
from optlab.ui.background import Report
from optlab.ui.dialogs import TaskDialog

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


class DatasetDesk(QObject):
    """Knows which datasets are missing; fetches one when a person asks."""

    changed = Signal()
    """A dataset has arrived."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: TaskDialog | None = None
        self._name = ""
        self._missing = frozenset(
            info.name
            for info in window.session.catalog.datasets
            if info.download and not dataset_status(info.name).ready
        )

    def missing(self) -> frozenset[str]:
        """Return the names of the datasets that have to be fetched."""
        return self._missing

    def reason(self) -> str:
        """Return why the experiment's dataset cannot be used; empty if it can."""
        name = self._window.problem_panel.dataset()
        if name not in self._missing:
            return ""
        label = tr(self._window.session.catalog.datasets.get(name).label)
        return tr("{dataset} has to be fetched first", dataset=label)

    @Slot(str)
    def fetch(self, name: str) -> None:
        """Fetch a dataset, with a dialog that shows how far it is."""
        if self._dialog is not None:
            return
        label = tr(self._window.session.catalog.datasets.get(name).label)
        title = tr("Fetching {dataset}", dataset=label)
        self._name = name
        work = partial(_fetch, name)
        self._dialog = TaskDialog(
            title, work, parent=self._window, words=tr("Connecting")
        )
        self._dialog.over.connect(self._finish)
        self._dialog.begin()

    def shutdown(self) -> bool:
        """Stop fetching, bounded; return whether it has ended. What came is kept."""
        return self._dialog is None or self._dialog.task.shutdown()

    @Slot(bool, str)
    def _finish(self, _well: bool, reason: str) -> None:
        self._dialog = None
        if reason:
            self._window.notice.say(reason)
        if dataset_status(self._name).ready:
            self._missing -= {self._name}
            self.changed.emit()


def _fetch(name: str, report: Report) -> None:
    get_dataset(name, progress=report.progress, cancelled=report.cancelled.is_set)
