"""The page for outsiders tells the truth about the run file."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optlab.records import Columns, Evaluation, State
from optlab.store import encoding
from optlab.store.database import APPLICATION_ID, FORMAT, SCHEMA
from optlab.store.run_data import RunData
from optlab.store.run_file import RunWriter
from tests.core.store.synthetic import (
    METRICS,
    RESOLVED_TEXT,
    SPEC_TEXT,
    start,
    whole_run,
)

ENCODINGS = (
    *(encoding.CONSTANT, encoding.FLOAT32, encoding.FLOAT64),
    *(encoding.ZLIB, encoding.INDEXED),
)
PAGE = Path(__file__).parents[3] / "docs" / "format.md"


def reader() -> Callable[[Path, int, str], tuple[Any, Any]]:
    source = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    assert len([line for line in source.splitlines() if line.strip()]) <= 20
    names: dict[str, Any] = {}
    exec(compile(source, str(PAGE), "exec"), names)
    found: Callable[[Path, int, str], tuple[Any, Any]] = names["read_series"]
    return found


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(("steps", "slice_rows"), [(0, 1), (100, 7), (9000, 5000)])
def test_that_the_reader_on_the_page_reads_every_series(
    tmp_path: Path, closed: bool, steps: int, slice_rows: int
) -> None:
    path = tmp_path / "run.optlab"
    writer = RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT, interval=0)
    for record in whole_run(
        steps=steps, slice_rows=slice_rows, diverged={1: steps // 2}
    ):
        writer.append(record)
    if closed:
        writer.close()
    read_series, data = reader(), RunData.open(path)
    for trial in (0, 1):
        for metric in METRICS:
            steps_found, values = read_series(path, trial, metric)
            own_steps, own_values = data.series(trial, metric).arrays()
            assert steps_found.tolist() == own_steps.tolist()
            assert values.tobytes() == own_values.tobytes(), metric
    writer.close()


def test_that_the_reader_on_the_page_reads_every_encoding(tmp_path: Path) -> None:
    path, rng = tmp_path / "run.optlab", np.random.default_rng(0)
    noise = 10.0 ** rng.uniform(-30, 30, 5000)
    values = {
        encoding.CONSTANT: np.full(5000, 0.1),
        encoding.FLOAT32: noise.astype(np.float32).astype(np.float64),
        encoding.FLOAT64: noise,
        encoding.ZLIB: np.arange(5000) / 30,
    }
    names = (*values, encoding.INDEXED)
    begin = start(("A",), metrics=names, sparse=(encoding.INDEXED,))
    with RunWriter(path, SPEC_TEXT, resolved_text=RESOLVED_TEXT) as writer:
        writer.append(begin)
        writer.append(Columns(trial=0, first=0, values=values))
        measured = {encoding.INDEXED: 0.5}
        writer.append(Evaluation(trial=0, step=7, values=measured))
    read_series = reader()
    for name in values:
        assert read_series(path, 0, name)[1].tobytes() == values[name].tobytes()
    steps, found = read_series(path, 0, encoding.INDEXED)
    assert (steps.tolist(), found.tolist()) == ([7], [0.5])
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT DISTINCT name, encoding FROM chunk JOIN metric USING (metric)"
        assert set(connection.execute(query)) == {(name, name) for name in ENCODINGS}


def test_that_the_page_names_every_table_column_encoding_and_state() -> None:
    page = PAGE.read_text("utf-8")
    for table in re.findall(r"CREATE TABLE (\w+)", SCHEMA):
        assert f"| `{table}` |" in page
    columns = re.findall(r"^    (\w+) (?:INTEGER|TEXT|REAL|BLOB)", SCHEMA, re.MULTILINE)
    in_summary = SCHEMA[SCHEMA.index("CREATE TABLE summary") :]
    for column in columns:
        assert f"`{column}`" in page or column in in_summary or column == "run"
    for name in ENCODINGS:
        assert f"| `{name}` |" in page
    for state in State:
        assert f"`{state}`" in page
    assert f"0x{APPLICATION_ID:08X}" in page
    assert f"version of this format, {FORMAT}" in page
