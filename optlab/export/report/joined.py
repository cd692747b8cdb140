"""The runs of one problem as if they were one, so that a figure shows them together."""

from collections.abc import Sequence
from dataclasses import replace

from optlab.analysis.evidence import Findings, Measured
from optlab.records import Record
from optlab.store.run_data import RunData
from optlab.store.series import Series
from optlab.store.status import TrialStatus


class Joined(RunData):
    """All trials of a comparison; optimizers have the same place in every figure.

    Nothing is copied: every question is handed on to the run that knows.

    Args:
        findings: The comparison.
        measured: Trials of it; all if None.
    """

    def __init__(
        self, findings: Findings, measured: Sequence[Measured] | None = None
    ) -> None:
        super().__init__()
        own = findings.measured if measured is None else measured
        places = {label: i for i, label in enumerate(findings.labels)}
        ordered = sorted(own, key=lambda m: (places[m.start.label], m.start.seed))
        self.title = findings.spec.title
        self._measured = ordered
        self.trials = tuple(
            replace(m.start, trial=k, entry=places[m.start.label])
            for k, m in enumerate(ordered)
        )
        runs = {id(m.run): m.run for m in ordered}.values()
        self.metrics = tuple(dict.fromkeys(n for run in runs for n in run.metrics))
        self.sparse = tuple(dict.fromkeys(n for run in runs for n in run.sparse))
        self.versions = {k: v for run in runs for k, v in run.versions.items()}

    def append(self, record: Record) -> None:
        """Refuse: records belong to the runs.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"joined runs take no {type(record).__name__}")

    def series(self, trial: int, metric: str) -> Series:
        """Return the series of the run that has it; empty where it has none.

        Raises:
            InputError: The file it must be read from is damaged or gone.
        """
        one = self._measured[trial]
        return one.run.series(one.start.trial, metric)

    def status(self, trial: int) -> TrialStatus:
        """Return where a trial stands."""
        one = self._measured[trial]
        return one.run.status(one.start.trial)
