"""The pane of the trials: those of the run, or how many there will be."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget

from optlab.runner import Surface
from optlab.spec import ExperimentSpec
from optlab.store.run_data import RunData
from optlab.translate import tr, tr_n
from optlab.ui.trials_table import TrialsTable


class TrialsPane(QStackedWidget):
    """Shows the table once there is a run, and what Start will do until then."""

    def __init__(self, table: TrialsTable) -> None:
        super().__init__()
        self._table = table
        self.setProperty("role", "dock-body")
        self._words = QLabel()
        self._words.setObjectName("trials.plan")
        self._words.setProperty("role", "muted")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self._words)
        self.addWidget(table)

    def set_run(self, data: RunData | None, surface: Surface | None = None) -> None:
        """Show the trials of a run; None before there is one."""
        self._table.set_run(data, surface)
        self.setCurrentWidget(self._words if data is None else self._table)

    def show_plan(self, spec: ExperimentSpec) -> None:
        """Say how many trials an experiment has."""
        training = spec.training
        optimizers, seeds = len(spec.optimizers), len(training.seeds)
        parts = [
            tr_n("{n} optimizer", "{n} optimizers", n=optimizers),
            tr_n("{n} seed", "{n} seeds", n=seeds),
        ]
        if training.steps is not None:
            parts.append(tr_n("{n} step", "{n:,} steps", n=training.steps))
        elif training.epochs is not None:
            parts.append(tr_n("{n:g} epoch", "{n:g} epochs", n=training.epochs))
        words = tr("Start trains {what}", what=" × ".join(parts))
        self._words.setText(words if optimizers else "")
