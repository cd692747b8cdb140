"""What a card of curves shows, as a table: for the clipboard and for CSV."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from optlab.export.atomic import written_whole
from optlab.export.csv_format import format_integers, format_rows, text_cell
from optlab.records import Floats, Ints
from optlab.ui.curve_band import BandCurve, MeanCurve
from optlab.ui.curve_set import CurveSet

MOST_CELLS: Final = 2_000_000

Column = tuple[str, Ints, Floats]
"""Its name, the steps that it has values at, and these."""


@dataclass(frozen=True)
class CurveTable:
    """A table with a row for each step; an empty cell was not measured.

    Attributes:
        names: Names of the columns.
        values: One row for each step; NaN in empty cells.
        empty: Which cells are empty.
    """

    names: tuple[str, ...]
    values: Floats
    empty: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    def text(self, separator: str) -> bytes:
        """Return it with a header, in full precision.

        Args:
            separator: Between cells, a comma or a tab.
        """
        mark = separator.encode()
        head = mark.join(text_cell(name.replace("\t", " ")) for name in self.names)
        rows = format_rows(self.values[:, 1:], self.empty[:, 1:])
        # The steps are counts; spreadsheets and people expect 12, not 12.0.
        steps = format_integers(self.values[:, 0]) or []
        rows = [b",".join(pair) for pair in zip(steps, rows, strict=True)]
        if separator != ",":
            rows = [row.replace(b",", mark) for row in rows]
        return b"\n".join((head, *rows)) + b"\n"


def table_of(
    curves: CurveSet, *, first: float, last: float, most: int = MOST_CELLS
) -> CurveTable:
    """Return what is shown between two x, hidden optimizers left out.

    Of each optimizer the median or mean and both edges of its band, or every trial as
    it was recorded and as it is smoothed. Where x is not the step each has its own x,
    too.

    Args:
        curves: What is drawn.
        first: Left end, in values.
        last: Right end.
        most: Cells; of a larger table every k-th row is taken, and the header says so.
    """
    columns: list[Column] = []
    for entry in curves.shown_entries():
        curve = curves.curves[entry]
        label = curves.entries[entry][0].label
        if isinstance(curve, BandCurve):
            clock, steps = curve.clock, curve.steps()
            steps = _within(curves, clock, steps, (first, last))
            columns += _x_column(curves, label, clock, steps)
            low, middle, high = curve.table(steps)
            edges = ("q1", "q3") if len(curve.trials) > 2 else ("lowest", "highest")
            name = "median"
            if isinstance(curve, MeanCurve):
                name, edges = "mean", ("2.5 %", "97.5 %")
            columns += [
                (f"{label} {name}", steps, middle),
                (f"{label} {edges[0]}", steps, low),
                (f"{label} {edges[1]}", steps, high),
            ]
            continue
        for start in curves.entries[entry]:
            series = curves.data.series(start.trial, curve.metric)
            steps, values = series.arrays()
            inside = _within(curves, start.trial, steps, (first, last))
            name = f"{label} seed {start.seed}" if len(curve.trials) > 1 else label
            columns += _x_column(curves, name, start.trial, inside)
            chosen = np.searchsorted(steps, inside)
            columns.append((name, inside, values[chosen]))
            if curve.averages.weight > 0 and series.dense:
                smooth = curve.averages.at(start.trial, inside)
                columns.append((f"{name} smoothed", inside, smooth))
    return _joined(columns, most)


def write_table(table: CurveTable, path: Path) -> None:
    """Write a table as CSV.

    Raises:
        InputError: The file cannot be written.
    """
    with written_whole(path, overwrite=True) as draft:
        draft.write_bytes(table.text(","))


def _within(
    curves: CurveSet, trial: int, steps: Ints, ends: tuple[float, float]
) -> Ints:
    if not len(steps):
        return steps
    x = curves.sampler.to_x(trial, steps)
    return steps[(x >= ends[0]) & (x <= ends[1])]


def _x_column(curves: CurveSet, label: str, trial: int, steps: Ints) -> list[Column]:
    sampler = curves.sampler
    if sampler.x_axis == "step":
        return []
    return [(f"{label} {sampler.x_axis}", steps, sampler.to_x(trial, steps))]


def _joined(columns: list[Column], most: int) -> CurveTable:
    rows: Ints = np.empty(0, np.int64)
    for _, steps, _ in columns:
        rows = np.union1d(rows, steps).astype(np.int64)
    every = max(1, -(-len(rows) * (len(columns) + 1) // most))
    rows = rows[::every]
    values = np.full((len(rows), len(columns) + 1), np.nan)
    empty = np.ones(values.shape, dtype=bool)
    values[:, 0], empty[:, 0] = rows, False
    for k, (_, steps, found) in enumerate(columns, 1):
        _, mine, theirs = np.intersect1d(rows, steps, return_indices=True)
        values[mine, k], empty[mine, k] = found[theirs], False
    # As in metrics.csv: what is no number before the first update was not measured.
    empty |= (rows == 0)[:, None] & np.isnan(values)
    step = "step" if every == 1 else f"step (every {every}th row)"
    return CurveTable((step, *(name for name, _, _ in columns)), values, empty)
