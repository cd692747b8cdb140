"""The table of conventions names tests and pictures that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs/conventions.md"
ROWS = re.findall(r"^\| (\d+) \|(.*)\|$", TABLE.read_text(encoding="utf-8"), re.M)
MOST_MISSING = 4


def test_that_there_are_38_rows_in_order() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 39))


def test_that_few_rows_wait_for_something() -> None:
    assert sum("needs" in row for _, row in ROWS) <= MOST_MISSING


@pytest.mark.parametrize(("number", "row"), ROWS, ids=[number for number, _ in ROWS])
def test_that_a_row_is_shown_by_what_exists(number: str, row: str) -> None:
    tests = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
    pictures = re.findall(r"picture `([\w-]+)`", row)
    assert tests or pictures
    for path, name in tests:
        folder = ROOT if path.startswith("tests/") else ROOT / "tests/ui"
        tree = ast.parse((folder / path).read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in defined, f"{path} has no {name}"
    for picture in pictures:
        assert (ROOT / f"docs/pictures/{picture}.png").is_file(), picture
