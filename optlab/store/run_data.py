"""Everything known of a run: what views, tables and exporters read.

A live run is appended record by record; a finished one, or one that another program is
writing, is read from its file. What is read is the same either way.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from threading import RLock
from typing import Final, Self

import numpy as np

from optlab.records import (
    Columns,
    Evaluation,
    Event,
    Record,
    RunStart,
    State,
    TrialStart,
)
from optlab.store.database import reading
from optlab.store.lock import is_being_written
from optlab.store.read_file import (
    MetricRow,
    read_events,
    read_metrics,
    read_run,
    read_series,
    read_statuses,
    read_trials,
)
from optlab.store.series import Series
from optlab.store.status import Statuses, SummaryRow, TrialStatus, summary_row
from optlab.translate import tr

_READERS: Final = 2


class RunData:
    """A run as far as it is known; one thread appends, any may read.

    Args:
        spec_text: The experiment as it was given, as TOML.
        path: The run file, if there is one.

    Attributes:
        spec_text: The experiment as it was given, as TOML.
        resolved_text: The experiment with every default written out; empty if unknown.
        path: The run file, if there is one.
        title: Title of the experiment.
        device: Where it runs, in words.
        versions: Names and versions of what takes part.
        trials: The trials in order of their numbers.
        metrics: Names of the metrics in the order of the CSV.
        sparse: Those of them that have values at some steps only.
    """

    def __init__(self, *, spec_text: str = "", path: Path | None = None) -> None:
        self.spec_text = spec_text
        self.resolved_text = ""
        self.path = path
        self.title = ""
        self.device = ""
        self.versions: Mapping[str, str] = {}
        self.trials: tuple[TrialStart, ...] = ()
        self.metrics: tuple[str, ...] = ()
        self.sparse: tuple[str, ...] = ()
        self._revision = 0
        self._statuses = Statuses()
        self._events: list[Event] = []
        self._series: dict[tuple[int, str], Series] = {}
        self._ahead: dict[tuple[int, str], Future[Series]] = {}
        self._in_file: dict[str, MetricRow] = {}
        self._lock = RLock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a run file; the values of a series are read when they are first asked.

        What a program that was killed left behind is read as stopped.

        Raises:
            InputError: There is no run file, or it is of another or a newer format, or
                damaged. Damage may show only when a series is first asked for.
        """
        written = is_being_written(path)
        data = cls(path=path)
        with reading(path) as connection:
            run = read_run(connection)
            metrics = read_metrics(connection)
            data.trials = read_trials(connection)
            data._statuses = read_statuses(connection)
            data._events = list(read_events(connection))
        data.spec_text, data.resolved_text = run.spec, run.resolved
        data.title, data.device, data.versions = run.title, run.device, run.versions
        data.metrics = tuple(metric.name for metric in metrics)
        data.sparse = tuple(metric.name for metric in metrics if metric.sparse)
        data._in_file = {metric.name: metric for metric in metrics}
        if not run.state.ended and not written:
            text = tr("interrupted: its program ended without closing the file")
            data._statuses.end(State.STOPPED, text)
        data._revision = 1
        return data

    @property
    def revision(self) -> int:
        """Grows with everything that is appended; views compare it."""
        return self._revision

    @property
    def state(self) -> State:
        """State of the run."""
        return self._statuses.state

    @property
    def reason(self) -> str:
        """Why the run did not finish; empty otherwise."""
        return self._statuses.reason

    def append(self, record: Record) -> None:
        """Take in one record; rows that are there already are replaced."""
        with self._lock:
            match record:
                case RunStart():
                    self._begin(record)
                case Columns():
                    self._append_columns(record)
                case Evaluation():
                    self._append_evaluation(record)
                case Event():
                    self._events.append(record)
            self._statuses.apply(record)
            self._revision += 1

    def series(self, trial: int, metric: str) -> Series:
        """Return one metric of one trial; empty where there is nothing yet.

        Raises:
            InputError: The file it must be read from is damaged or gone.
        """
        with self._lock:
            found = self._series.get((trial, metric))
            if found is None:
                ahead = self._ahead.pop((trial, metric), None)
                found = ahead.result() if ahead else self._load(trial, metric)
                self._series[trial, metric] = found
            return found

    def read_ahead(self, metrics: Iterable[str]) -> None:
        """Begin to read metrics that will be shown, in this order.

        SQLite, zlib and NumPy leave Python to others while they work, so that threads
        read while views are made; `series` waits for the one that is asked for.
        """
        pool = ThreadPoolExecutor(_READERS, thread_name_prefix="read-ahead")
        with self._lock:
            for metric, start in product(metrics, self.trials):
                key = start.trial, metric
                if metric in self._in_file and key not in self._series | self._ahead:
                    self._ahead[key] = pool.submit(self._prepare, *key)
        pool.shutdown(wait=False)

    def status(self, trial: int) -> TrialStatus:
        """Return where a trial stands."""
        with self._lock:
            return self._statuses.trials[trial]

    def events(self) -> tuple[Event, ...]:
        """Return what happened, in order."""
        with self._lock:
            return tuple(self._events)

    def summary(self) -> tuple[SummaryRow, ...]:
        """Return one row for each trial."""
        return tuple(
            summary_row(
                start, self.status(start.trial), partial(self.series, start.trial)
            )
            for start in self.trials
        )

    def _prepare(self, trial: int, metric: str) -> Series:
        series = self._load(trial, metric)
        series.prepare()
        return series

    def _load(self, trial: int, metric: str) -> Series:
        row = self._in_file.get(metric)
        status = self._statuses.trials.get(trial)
        if row is None or status is None or self.path is None:
            return Series(metric, dense=metric not in self.sparse)
        with reading(self.path) as connection:
            # A run that goes on may have more by now than when it was opened.
            return read_series(connection, trial, metric=row, last_step=status.step)

    def _begin(self, record: RunStart) -> None:
        # From here on the file may run ahead of what was appended here.
        for start in self.trials:
            for metric in self.metrics:
                self.series(start.trial, metric)
        self._in_file = {}
        self.title, self.device = record.spec.title, record.device
        self.versions = dict(record.versions)
        self.trials, self.metrics = record.trials, record.metrics
        self.sparse = record.sparse
        # What was asked for before it was known which metrics are sparse.
        self._series = {
            key: series
            for key, series in self._series.items()
            if len(series) or series.dense == (key[1] not in record.sparse)
        }

    def _append_columns(self, record: Columns) -> None:
        repeated = False
        for metric, values in record.values.items():
            series = self.series(record.trial, metric)
            if record.first < len(series):
                series.cut(record.first)
                repeated = True
            elif record.first > len(series):
                raise ValueError(
                    f"trial {record.trial}: row {len(series)} of {metric} comes next, "
                    f"not row {record.first}"
                )
            series.append(values)
        if repeated:
            for metric in self.sparse:
                self.series(record.trial, metric).cut(record.first)

    def _append_evaluation(self, record: Evaluation) -> None:
        steps = np.array([record.step])
        for metric, value in record.values.items():
            series = self.series(record.trial, metric)
            series.cut(record.step)
            series.append_at(steps, np.array([value], dtype=np.float64))
