"""The worker runs in a thread of its own, where no widget may be touched."""

import ast

import pytest

from tests.architecture.source import PACKAGE, tree

WORKERS = "worker.py", "tune_worker.py"


@pytest.mark.parametrize("name", WORKERS)
def test_that_the_worker_knows_of_no_widget(name: str) -> None:
    imported = set()
    for node in ast.walk(tree(PACKAGE / "ui" / name)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    window = {name for name in imported if name.startswith("optlab.ui")}
    qt = {name for name in imported if name.startswith("PySide6")}
    assert window == set()
    assert qt == {"PySide6.QtCore"}
