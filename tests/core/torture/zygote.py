"""A process that has imported what takes long, and forks for each program it is to run.

It reads one JSON object a line and answers with one. What it forks are processes like
any other: they are killed, and waited for, by number.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

IMPORTED = (
    "torch._dynamo",
    "matplotlib.backends.backend_svg",
    "optlab.cli.program",
    "optlab.cli.export",
    "optlab.cli.report",
    "optlab.cli.resume",
    "optlab.cli.run",
    "optlab.cli.sweep",
    "optlab.cli.tune",
    "optlab.engine.loop",
    "optlab.export.exporter",
    "optlab.export.report",
    "optlab.runner",
    "optlab.sweep.study",
)
POLL_SECONDS = 0.002
STOPS = (signal.SIGINT, signal.SIGTERM)
NOT_THERE = 99
"""Exit code of a program that was to stop before it had begun, or after its end."""
CAPABILITIES_3 = 0x20080522
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


class Shim:
    """The functions of ``shim.c``, where it was loaded before everything else."""

    def __init__(self) -> None:
        library = ctypes.CDLL(None)
        library.shim_watch.argtypes = [ctypes.c_char_p]
        library.shim_full.argtypes = [ctypes.c_char_p]
        library.shim_note.argtypes = [ctypes.c_char_p]
        library.shim_trace.argtypes = [ctypes.c_int]
        library.shim_clock.argtypes = [ctypes.c_double]
        library.shim_fail.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_int]
        self.library = library

    def apply(self, wanted: dict[str, Any]) -> None:
        library = self.library
        library.shim_watch(wanted["watch"].encode())
        if "full" in wanted:
            library.shim_full(wanted["full"].encode())
        if "fail" in wanted:
            library.shim_fail(*wanted["fail"])
        if "trace" in wanted:
            # Out of the way of the files of the program.
            handle = os.open(wanted["trace"], os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(handle, 1000)
            library.shim_trace(1000)

    def note(self, text: str) -> None:
        self.library.shim_note(text.encode())


def main() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    from optlab.plugins import load_catalog

    load_catalog()
    _answer({})
    for line in sys.stdin:
        task = json.loads(line)
        if "wait" in task:
            answer: object = _wait(task["wait"], task["seconds"])
        else:
            pid = os.fork()
            if pid == 0:
                _become(task)
            answer = pid
        _answer(answer)


def _answer(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _wait(pid: int, seconds: float) -> int | None:
    """Return how a child ended: its exit code, less than 0 for a signal."""
    deadline = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(POLL_SECONDS)


def _become(task: dict[str, Any]) -> None:
    """Be the program that the task asks for."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    for handle, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, task["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, task["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, handle)
        os.close(opened)
    os.chdir(task["folder"])
    os.environ.update(task["env"])
    if task["bound"]:
        _be_bound()
    if task["shim"]:
        Shim().apply(task["shim"])
    module, _, name = task["call"].partition(":")
    function = getattr(importlib.import_module(module), name)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(NOT_THERE))
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        code = function(*task["words"])
    except KeyboardInterrupt:
        os._exit(NOT_THERE)
    if task["leave"]:
        sys.exit(code)
    # Taking everything apart takes longer than most of what is done here.
    sys.stdout.flush()
    os._exit(code or 0)


def _be_bound() -> None:
    """Be bound by permissions even as root, like anybody else."""
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    held = (ctypes.c_uint32 * 6)()
    if os.geteuid() != 0 or libc.capget(head, held) != 0:
        return
    for place in range(3):
        held[place] &= ~(1 << CAP_DAC_OVERRIDE | 1 << CAP_DAC_READ_SEARCH)
    if libc.capset(head, held) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def optlab(*words: str) -> int:
    """Do what ``optlab`` does."""
    from optlab.cli.program import main as run

    return run(words)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    main()
