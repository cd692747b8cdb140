"""Make the table of ``docs/performance.md`` from the last whole run of ``make bench``.

``python -m scripts.performance_table`` replaces what stands between the two marks.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.__main__ import figures
from benchmarks.ledger import LEDGER
from benchmarks.row import Row
from scripts.marked import replaced

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"


def table(entry: dict[str, Any]) -> str:
    """Return one run of the benchmarks in Markdown."""
    lines = [
        "| figure | against | target | measured | smallest to largest | |",
        "|---|---|---|---|---|---|",
    ]
    for tree in entry["rows"]:
        row = Row.from_json(tree)
        shown, low, high, target = figures(row)
        sign = "≥" if row.at_least else "≤"
        also = "; ".join(
            f"{name} {found:.3g} (≤ {allowed:.3g})"
            for name, (found, allowed) in row.also.items()
        )
        told = "; ".join(part for part in (also, row.note) if part)
        words = row.figure + (f" ({told})" if told else "")
        verdict = "holds" if row.holds else f"missed {row.shortfall:.2f}-fold"
        lines.append(
            f"| {words} | {row.baseline or '–'} | {sign} {target} | **{shown}** "
            f"| {low} to {high} | {verdict} |"
        )
    versions = ", ".join(f"{name} {it}" for name, it in entry["versions"].items())
    where = (
        f"{entry['cores']} cores ({entry['processor']}), load {entry['load_before']}"
    )
    lines += [
        "",
        f"{entry['time'][:10]}, commit {entry['commit']}, {where}; {versions}.",
    ]
    return "\n".join(lines)


def main() -> int:
    """Put the table into the page."""
    last = LEDGER.read_text("utf-8").splitlines()[-1]
    return replaced(PAGE, table(json.loads(last)))


if __name__ == "__main__":
    sys.exit(main())
