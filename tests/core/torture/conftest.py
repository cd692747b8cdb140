"""Programs that start fast, can be killed, and whose disk and clock can fail them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SHIM = Path(__file__).with_name("shim.c")
OPTLAB = "tests.core.torture.zygote:optlab"


@dataclass
class Ended:
    """How a program ended: its exit code (below 0 a signal) and what it said."""

    code: int
    out: str
    err: str


class Program:
    """A program that was started by a `Nursery`."""

    def __init__(self, nursery: "Nursery", pid: int, *, out: Path, err: Path) -> None:
        self.pid = pid
        self._nursery, self._files = nursery, (out, err)
        self._code: int | None = None

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it as nothing can be killed harder, and wait for its end."""
        self.send(signal.SIGKILL)
        self.wait()

    def ended(self, seconds: float = 0.0) -> bool:
        """Return whether it ends within some seconds."""
        if self._code is None:
            self._code = self._nursery.ask({"wait": self.pid, "seconds": seconds})
        return self._code is not None

    def said(self) -> str:
        """Return what it has complained of so far."""
        return self._files[1].read_text("utf-8") if self._files[1].exists() else ""

    def wait(self, seconds: float = 100.0) -> Ended:
        """Return how it ended."""
        if not self.ended(seconds):
            self.kill()
            raise AssertionError(f"still there after {seconds} s")
        assert self._code is not None
        said = (p.read_text("utf-8") if p.exists() else "" for p in self._files)
        return Ended(self._code, *said)


class Nursery:
    """Where programs are forked from a process that has imported everything."""

    def __init__(self, folder: Path, shim: Path | None) -> None:
        env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        if shim is not None:
            env["LD_PRELOAD"] = str(shim)
        self._folder, self._n = folder, 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.core.torture.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=env,
        )
        self._ready = False

    def ask(self, task: dict[str, Any]) -> Any:
        """Return the answer of the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if not self._ready:
            assert self.process.stdout.readline() == "{}\n"
            self._ready = True
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def start(
        self,
        *words: str,
        folder: Path,
        call: str = OPTLAB,
        shim: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        leave: bool = False,
        bound: bool = False,
    ) -> Program:
        """Start ``optlab`` with these words, or another function with them.

        Args:
            words: The words after ``optlab``.
            folder: Its working folder.
            call: The function, as ``module:name``.
            shim: What the disk is to do to it: ``watch`` (the folder that is meant),
                ``fail`` (which call, the error, whether all after it, too), ``full``
                (the file that makes the disk full), ``trace`` (what was written).
            env: Changes of its environment; where it keeps settings by default.
            bound: Whether permissions are to hold even if we are root.
            leave: Whether it is to end as a program of its own does, at leisure.
        """
        self._n += 1
        said = [self._folder / f"{self._n}.{end}" for end in ("out", "err")]
        kept = {k: v for k, v in os.environ.items() if k.startswith("XDG_")}
        task = {
            "words": words,
            "folder": str(folder),
            "call": call,
            "leave": leave,
            "bound": bound,
            "shim": shim,
            "env": {**kept, "OPTLAB_LANG": "en", **(env or {})},
            "out": str(said[0]),
            "err": str(said[1]),
        }
        return Program(self, self.ask(task), out=said[0], err=said[1])

    def run(self, *words: str, folder: Path, **how: Any) -> Ended:
        """Start a program and return how it ended."""
        return self.start(*words, folder=folder, **how).wait()

    def close(self) -> None:
        """End the process."""
        with self.process:
            pass


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """The library of ``shim.c``; None where no compiler is."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if sys.platform != "linux" or compiler is None:
        return None
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library


@pytest.fixture(scope="session")
def nursery(
    tmp_path_factory: pytest.TempPathFactory, shim: Path | None
) -> Iterator[Nursery]:
    """Where programs are forked from."""
    if not hasattr(os, "fork"):
        pytest.skip("needs processes that fork")
    made = Nursery(tmp_path_factory.mktemp("nursery"), shim)
    yield made
    made.close()


@pytest.fixture(scope="session")
def failing(nursery: Nursery, shim: Path | None) -> Nursery:
    """Where programs are forked whose disk and clock can fail them."""
    if shim is None:
        pytest.skip("needs Linux and a compiler of C")
    return nursery
