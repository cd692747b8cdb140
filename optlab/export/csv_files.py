"""``metrics.csv`` and ``summary.csv``.

UTF-8, one header line, floats that read back to the same bits, ``inf`` and ``nan``
spelled so; an empty cell was not measured. A name that a spreadsheet would run as a
formula has an apostrophe before it unless names are asked for as they are. Some
spreadsheets take a file for UTF-8 only if it begins with a byte-order mark, which
others would take for a letter: it is there where it is asked for.
"""

import codecs
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from optlab.analysis.certificate import certify_run
from optlab.export.atomic import written_whole
from optlab.export.csv_format import (
    Mask,
    format_integers,
    format_rows,
    join_lines,
    number_cell,
    text_cell,
)
from optlab.records import Floats
from optlab.store.run_data import RunData
from optlab.store.series import Series
from optlab.store.status import SUMMARY_COLUMNS

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many rows are written, and how many there are. May raise to cancel."""

COMMON_METRICS: Final = (
    "epoch",
    "samples",
    "grad_evals",
    "wall_time_s",
    "train_loss",
    "param_norm",
    "grad_norm",
    "update_norm",
    "lr",
)
"""Metrics that have a column in every file, in this order."""

CERTIFICATE: Final = "certificate"
"""Last column of ``summary.csv``: level and reasons, the same for all trials."""

_KEYS: Final = ("trial", "label", "optimizer", "seed", "step")
_COUNTS: Final = frozenset({"samples", "grad_evals"})
_ROWS_AT_ONCE: Final = 2_000
"""So few that their text stays in the cache of a core: ten times more take thrice as
long each."""


def write_metrics_csv(
    data: RunData,
    path: Path,
    *,
    progress: Progress | None = None,
    overwrite: bool = False,
    mark: bool = False,
    as_is: bool = False,
) -> None:
    """Write one row for each trial and recorded step.

    Args:
        data: The run.
        path: The file.
        progress: Is told now and then how far it is.
        overwrite: Whether a file that is there may be replaced.
        mark: Whether to begin with a byte-order mark.
        as_is: Whether names that spreadsheets would take for formulas stay so.

    Raises:
        InputError: The file is there already or cannot be written.
    """
    names = metric_columns(data)
    totals = {start.trial: _rows(data, start.trial) for start in data.trials}
    total, done = sum(totals.values()), 0
    cell = partial(text_cell, as_is=as_is)
    head = b",".join(map(cell, (*_KEYS, *names))) + b"\n"
    with (
        written_whole(path, overwrite=overwrite) as draft,
        draft.open("wb") as file,
        ThreadPoolExecutor(1) as writer,
    ):
        # Rows are written while the next ones are made: a write needs no interpreter.
        writing = writer.submit(file.write, (codecs.BOM_UTF8 if mark else b"") + head)
        for start in data.trials:
            columns = [data.series(start.trial, name) for name in names]
            keys = map(str, (start.trial, start.label, start.optimizer, start.seed))
            prefix = b",".join(map(cell, keys))
            for first in range(0, totals[start.trial], _ROWS_AT_ONCE):
                stop = min(first + _ROWS_AT_ONCE, totals[start.trial])
                text = _lines(prefix, columns, first, stop)
                writing.result()
                writing = writer.submit(file.write, text)
                done += stop - first
                if progress is not None:
                    progress(done, total)
        writing.result()


def write_summary_csv(
    data: RunData,
    path: Path,
    *,
    overwrite: bool = False,
    mark: bool = False,
    as_is: bool = False,
) -> None:
    """Write one row for each trial; the last column is the certificate of the run.

    Args:
        data: The run.
        path: The file.
        overwrite: Whether a file that is there may be replaced.
        mark: Whether to begin with a byte-order mark.
        as_is: Whether names that spreadsheets would take for formulas stay so.

    Raises:
        InputError: The file is there already or cannot be written.
    """
    cell = partial(text_cell, as_is=as_is)
    certificate = cell(certify_run(data).word)
    lines = [",".join((*SUMMARY_COLUMNS, CERTIFICATE)).encode()]
    for row in data.summary():
        values = [getattr(row, name) for name in SUMMARY_COLUMNS]
        cells = [cell(v) if isinstance(v, str) else number_cell(v) for v in values]
        lines.append(b",".join((*cells, certificate)))
    with written_whole(path, overwrite=overwrite) as draft:
        draft.write_bytes(
            (codecs.BOM_UTF8 if mark else b"") + b"\n".join(lines) + b"\n"
        )


def metric_columns(data: RunData) -> tuple[str, ...]:
    """Return the metrics of ``metrics.csv`` in the order of its columns."""
    own = tuple(name for name in data.metrics if name not in COMMON_METRICS)
    return COMMON_METRICS + own


def _rows(data: RunData, trial: int) -> int:
    return 1 + max((data.series(trial, m).last_step for m in data.metrics), default=-1)


def _lines(prefix: bytes, columns: list[Series], first: int, stop: int) -> bytes:
    texts = [format_integers(np.arange(first, stop, dtype=np.float64)) or []]
    for group in _grouped(columns):
        pairs = [_column(series, first, stop) for series in group]
        values = np.column_stack([values for values, _ in pairs])
        missing = np.column_stack([missing for _, missing in pairs])
        whole = None
        if group[0].metric in _COUNTS and not missing.any():
            whole = format_integers(values[:, 0])
        texts.append(format_rows(values, missing) if whole is None else whole)
    return join_lines(prefix, texts)


def _grouped(columns: list[Series]) -> list[list[Series]]:
    """Return neighbours that can be formatted together: counts are apart."""
    groups: list[list[Series]] = []
    for series in columns:
        apart = series.metric in _COUNTS
        if not groups or apart or groups[-1][0].metric in _COUNTS:
            groups.append([])
        groups[-1].append(series)
    return groups


def _column(series: Series, first: int, stop: int) -> tuple[Floats, Mask]:
    """Return the values of some rows, and which of them were not measured."""
    if series.dense:
        found = series.values[first:stop]
        values = np.full(stop - first, np.nan)
        values[: len(found)] = found
        missing = np.arange(first, stop) >= first + len(found)
        # Row 0 is the starting point: what needs a batch is not measured there.
        missing[: 1 if first == 0 else 0] |= np.isnan(values[:1])
        return values, missing
    steps, measured = series.arrays()
    low, high = np.searchsorted(steps, (first, stop))
    values, missing = np.full(stop - first, np.nan), np.ones(stop - first, dtype=bool)
    values[steps[low:high] - first] = measured[low:high]
    missing[steps[low:high] - first] = False
    return values, missing
