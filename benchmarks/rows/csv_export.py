"""``metrics.csv`` of a million rows, against pyarrow's writer of the same table.

Read from a run file, quoted, empty where nothing was measured, every number exact; the
table that pyarrow is given lies in memory as an arrow table, with nulls for such cells.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv

from benchmarks.row import Row
from benchmarks.rows.run_files import write_run
from benchmarks.sides import timed
from optlab.export.csv_files import COMMON_METRICS, write_metrics_csv
from optlab.store.run_data import RunData

ROWS: Final = 1_000_000
TRIALS: Final = 4


def measure(rounds: int) -> Sequence[Row]:
    """Write the table both ways; what is read back must be the same numbers."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        run, mine, plain = (Path(folder) / n for n in ("r.optlab", "m.csv", "p.csv"))
        write_run(run, COMMON_METRICS, trials=TRIALS, steps=ROWS // TRIALS - 1)
        table = _table(RunData.open(run))
        for _ in range(rounds):
            seconds, _ = timed(lambda: _export(run, mine))
            ours.append(seconds)
            seconds, _ = timed(lambda: pyarrow.csv.write_csv(table, plain))
            theirs.append(seconds)
            mine.unlink() if len(ours) < rounds else None
        _check(mine, table)
        sizes = [path.stat().st_size / 1e6 for path in (mine, plain)]
    return [
        Row(
            key="csv",
            figure=f"metrics.csv, {ROWS:,} rows × {table.num_columns}, from a run file",
            baseline="pyarrow's CSV writer, the same table from memory",
            ours=ours,
            theirs=theirs,
            target=1.5,
            note=f"{sizes[0]:.0f} MB and {sizes[1]:.0f} MB; read back bit for bit",
        )
    ]


def _export(run: Path, path: Path) -> None:
    told: list[int] = []
    write_metrics_csv(
        RunData.open(run), path, progress=lambda done, _: told.append(done)
    )


def _table(data: RunData) -> Any:
    """Return what the exporter writes as an arrow table."""
    parts = []
    for start in data.trials:
        count = len(data.series(start.trial, "lr"))
        columns: dict[str, Any] = {
            "trial": np.full(count, start.trial),
            "label": pa.array([start.label] * count),
            "optimizer": pa.array([start.optimizer] * count),
            "seed": np.full(count, start.seed),
            "step": np.arange(count),
        }
        for name in COMMON_METRICS:
            values = data.series(start.trial, name).values
            empty = np.isnan(values)
            whole = name in ("samples", "grad_evals")
            kind = np.int64 if whole else np.float64
            columns[name] = pa.array(values.astype(kind), mask=empty)
        parts.append(pa.table(columns))
    return pa.concat_tables(parts).combine_chunks()


def _check(path: Path, table: Any) -> None:
    found = pyarrow.csv.read_csv(path)
    for name in table.column_names:
        if not found[name].combine_chunks().equals(table[name].combine_chunks()):
            raise SystemExit(f"{name} does not read back")
