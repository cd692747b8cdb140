"""Measure what OptLab promises, each figure in turn with its baseline, and keep it.

``python -m benchmarks`` prints the table and adds to ``results.jsonl``; names of rows
or of their modules measure these alone, which is not kept unless ``--keep`` is given.
Exit code 1 if a target is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from benchmarks import ledger
from benchmarks.row import Row
from benchmarks.rows import MODULES
from optlab.engine.cores import available_cores

ROUNDS: Final = 5
FORMATS: Final = {
    "s": "{:.3f} s",
    "ms": "{:.1f} ms",
    "B": "{:,.0f} B",
    "1/s": "{:,.0f}/s",
    "x": "{:.3g}",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all rows, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW", help=", ".join(MODULES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--keep", action="store_true", help="add to results.jsonl")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    found = parser.parse_args(argv)
    if found.into:
        rows = _measured(found.names[0], found.rounds)
        found.into.write_text(json.dumps([row.to_json() for row in rows]))
        return 0
    unknown = sorted(set(found.names) - set(MODULES))
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(MODULES)}")
    print(
        f"{available_cores()} cores, load {os.getloadavg()[0]:.1f}, "
        f"median of {found.rounds} rounds (smallest to largest)\n"
    )
    rows = []
    for module in found.names or MODULES:
        for row in _in_own_process(module, found.rounds):
            print(described(row), flush=True)
            rows.append(row)
    if found.keep or not found.names:
        ledger.append(rows)
    missed = [row for row in rows if not row.holds]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} targets hold")
    return int(bool(missed))


def described(row: Row) -> str:
    """Return the lines of the table that tell of one row."""
    shown, low, high, target = figures(row)
    sign = "≥" if row.at_least else "≤"
    verdict = "ok" if row.holds else f"MISSED {row.shortfall:.2f}-fold"
    lines = [
        f"{row.figure}",
        f"    {shown} ({low} to {high}) {sign} {target}  {verdict}",
    ]
    if row.theirs:
        ours = FORMATS[row.unit].format(_middle(row.ours))
        theirs = FORMATS[row.unit].format(_middle(row.theirs))
        lines.append(f"    {ours} against {theirs}: {row.baseline}")
    lines.extend(
        f"    {name}: {found:.4g} ≤ {allowed:.4g}"
        for name, (found, allowed) in row.also.items()
    )
    return "\n".join(lines + ([f"    {row.note}"] if row.note else []))


def figures(row: Row) -> tuple[str, str, str, str]:
    """Return the median, smallest and largest value, and the target, as text."""
    unit = FORMATS["x" if row.theirs else row.unit]
    values = row.value, min(row.values), max(row.values), row.target
    median, low, high, target = (unit.format(value) for value in values)
    return median, low, high, target


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _measured(module: str, rounds: int) -> Sequence[Row]:
    measure: Any = import_module(f"benchmarks.rows.{module}").measure
    rows: Sequence[Row] = measure(rounds)
    return rows


def _in_own_process(module: str, rounds: int) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "benchmarks", module]
        subprocess.run(
            [*command, "--rounds", str(rounds), "--into", str(answer)], check=True
        )
        return [Row.from_json(tree) for tree in json.loads(answer.read_text())]


if __name__ == "__main__":
    sys.exit(main())
