"""The source of OptLab as the architecture tests see it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import optlab

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(optlab.__file__).resolve().parent


def module_name(path: Path) -> str:
    """Return the dotted name of a source file of OptLab."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def sources(*folders: str) -> tuple[Path, ...]:
    """Return the source files in folders of OptLab; all without a folder."""
    found: list[Path] = []
    for folder in folders or ("",):
        found += sorted((PACKAGE / folder).rglob("*.py"))
    return tuple(found)


@cache
def modules(*folders: str) -> tuple[str, ...]:
    """Return the names of the modules in folders of OptLab."""
    return tuple(module_name(path) for path in sources(*folders))


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a source file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call in a source file with the last word of what is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            callee = node.func
            if isinstance(callee, ast.Attribute):
                yield callee.attr, node
            elif isinstance(callee, ast.Name):
                yield callee.id, node


def place(path: Path, node: ast.expr | ast.stmt) -> str:
    """Say where a piece of source stands."""
    return f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in a fresh process that must end well."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done
