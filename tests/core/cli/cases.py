"""Reads the table of bad inputs, makes the files of a case, and runs its command."""

import ctypes
import gzip
import os
import shlex
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "bad_inputs.toml"
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@cache
def table() -> Mapping[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def words_of(case: Mapping[str, Any]) -> list[str]:
    return shlex.split(case["command"])


def needs_run(case: Mapping[str, Any]) -> bool:
    files = case.get("files", {}).values()
    return any(isinstance(file, dict) and file.get("run") for file in files)


def needs_process(case: Mapping[str, Any]) -> bool:
    return any(key in case for key in ("process", "bound", "limit", "env"))


def make_files(case: Mapping[str, Any], folder: Path, run: Path | None) -> None:
    """Make the files of a case; permissions come last, folders' after files'."""
    made = []
    for name, content in case.get("files", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        what = {"text": content} if isinstance(content, str) else content
        _make(path, what, run)
        made.append((path, what.get("mode")))
    for path, mode in reversed(made):
        if mode is not None:
            path.chmod(mode)


def _make(path: Path, what: Mapping[str, Any], run: Path | None) -> None:
    if what.get("folder"):
        path.mkdir()
    elif "link" in what:
        path.symlink_to(what["link"])
    elif what.get("run"):
        assert run is not None
        data = run.read_bytes()
        path.write_bytes(data[: what.get("keep", len(data))])
    elif "hex" in what:
        path.write_bytes(bytes.fromhex(what["hex"]))
    elif "zeros" in what:
        path.write_bytes(bytes(what["zeros"]))
    elif "gzip" in what:
        path.write_bytes(gzip.compress(_text(what["gzip"]).encode(), mtime=0))
    elif "text" in what:
        path.write_text(_text(what["text"]), encoding="utf-8")
    if "sql" in what:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(what["sql"])


def _text(text: str) -> str:
    return str(table()["texts"][text[1:]]) if text.startswith("@") else text


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Return everything below ``folder``: contents of files, targets of links."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_dir():
            found[name] = "folder"
        else:
            found[name] = path.read_bytes()
    return found


def run_process(
    words: list[str],
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    bound: bool = False,
    limit: int | None = None,
) -> Answer:
    """Run ``python -m optlab`` in a process of its own.

    Args:
        words: The words after ``optlab``.
        folder: Its working folder.
        env: Changes of the environment; an empty text takes a variable away.
        bound: Whether permissions are to hold even if we are root.
        limit: Bytes that a file written by it may have.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    for name, value in (env or {}).items():
        environment.pop(name, None)
        if value:
            environment[name] = value
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "optlab", *words],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        preexec_fn=_restrictions(bound=bound, limit=limit),
        timeout=100,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    return Answer(done.returncode, out, err)


def _restrictions(*, bound: bool, limit: int | None) -> Callable[[], None] | None:
    if not bound and limit is None:
        return None
    import resource

    libc = ctypes.CDLL(None, use_errno=True)

    def restrict() -> None:
        if bound and os.geteuid() == 0:
            # Root without these is bound by permissions like anybody else.
            for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
                if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                    raise OSError(ctypes.get_errno(), "prctl")
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return restrict
