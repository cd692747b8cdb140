"""Make the table of ``docs/reliability.md`` from what ``make torture`` wrote down.

``python -m scripts.reliability_table`` replaces what stands between the two marks.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from scripts.marked import replaced

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "build" / "torture.jsonl"
PAGE: Final = ROOT / "docs" / "reliability.md"
PROMISES: Final = range(1, 28)


def table(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return the table in Markdown: promise, test, count, result."""
    by_test: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        # A parametrized test is one row: its cases are counted together.
        by_test[line["test"].split("[")[0]].append(line)
    rows = ["| | promise | test | count | result |", "|---|---|---|---|---|"]
    ordered = sorted(by_test.items(), key=lambda it: (it[1][0]["number"], it[0]))
    for test, cases in ordered:
        bad = [case for case in cases if case["result"] == "failed"]
        done = [case for case in cases if case["result"] == "passed"]
        result = f"**{len(bad)} failed**" if bad else "passed" if done else "skipped"
        notes = "; ".join(dict.fromkeys(c["measured"] for c in cases if c["measured"]))
        count = sum(case["count"] for case in done or cases)
        path, name = test.split("::", 1)
        first = cases[0]
        rows.append(
            f"| {first['number']} | {first['promise']} | `{path}`<br>`{name}` "
            f"| {count:,} | {result}{': ' + notes if notes else ''} |"
        )
    return "\n".join(rows)


def main() -> int:
    """Put the table into the page; fail where it lacks a promise."""
    lines = [json.loads(line) for line in RESULTS.read_text("utf-8").splitlines()]
    lacking = set(PROMISES) - {line["number"] for line in lines}
    for number in sorted(lacking):
        print(f"no test of promise {number} came to its end")
    return replaced(PAGE, table(lines)) or bool(lacking)


if __name__ == "__main__":
    sys.exit(main())
