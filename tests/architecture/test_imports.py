"""What an import brings along. The contracts of import-linter hold the rest."""

import ast

import pytest

from tests.architecture.source import modules, place, run_python, sources, tree

QT = ("PySide6", "shiboken6", "pyqtgraph", "PyQt5", "PyQt6", "qtpy")
WITHOUT_TORCH = (
    "optlab.cli",
    "optlab.control",
    "optlab.diagnostics.catalog",
    "optlab.export",
    "optlab.optimizers.catalog",
    "optlab.params",
    "optlab.plugins",
    "optlab.problems.catalog",
    "optlab.problems.surfaces",
    "optlab.records",
    "optlab.registry",
    "optlab.runner",
    "optlab.spec",
    "optlab.store",
    "optlab.translate",
)

AFTER_EACH = """
import importlib, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
    for banned in sys.argv[1].split(","):
        assert banned not in sys.modules, f"{name} imports {banned}"
"""


def imported_by(module: str) -> set[str]:
    """Return the packages that a fresh Python imports with a module."""
    lines = run_python("-X", "importtime", "-c", f"import {module}").stderr
    names = [line.rpartition("|")[2].strip() for line in lines.splitlines()]
    return {name.partition(".")[0] for name in names}


def test_that_the_command_line_starts_without_torch_and_qt() -> None:
    packages = imported_by("optlab.cli")
    assert "optlab" in packages
    assert packages.isdisjoint({"torch", *QT})


def test_that_the_entry_point_starts_without_torch_and_qt() -> None:
    packages = imported_by("optlab.__main__")
    assert "optlab" in packages
    assert packages.isdisjoint({"torch", *QT})


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_that_torch_stays_out_of(module: str) -> None:
    folder = module.removeprefix("optlab.").replace(".", "/")
    run_python("-c", AFTER_EACH, "torch", module, *modules(folder))


def test_that_no_module_of_the_core_brings_qt() -> None:
    core = [name for name in modules() if not name.startswith("optlab.ui")]
    assert len(core) > 30
    run_python("-c", AFTER_EACH, ",".join(QT), *core)


def test_that_only_the_window_names_qt() -> None:
    found = []
    for path in sources():
        if path.is_relative_to(sources("ui")[0].parent):
            continue
        for node in ast.walk(tree(path)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.partition(".")[0] in QT for name in names):
                assert isinstance(node, ast.stmt)
                found.append(place(path, node))
    assert found == []
