"""The window ends in time, in order and with everything saved, whatever it is at."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Final

import pytest

from optlab.records import State
from optlab.store.run_data import RunData
from optlab.ui.workspace import read_workspace
from tests.promises import Note, Times
from tests.ui.shell.victim import STATES, THERE

SECONDS: Final = 5.0
PATIENCE: Final = 120.0
WAYS: Final = ("close", "SIGTERM", "SIGINT", "twice")
# Every state ends in every way, and these as one logs out, too: 100 ends.
LOGOUT: Final = ("idle", "running", "paused", "tuning")
CASES: Final = [(s, w) for w in WAYS for s in STATES] + [(s, "logout") for s in LOGOUT]
FIRST: Final = [("running", "SIGTERM"), ("asking", "SIGINT")]


@dataclass(frozen=True)
class End:
    """How a window ended.

    Attributes:
        case: Its state, and how it was ended.
        code: Exit code; None if it had to be killed.
        seconds: How long it took.
        said: What it wrote.
        left: Whether a process of its own was left.
        folder: Where its files are.
    """

    case: tuple[str, str]
    code: int | None
    seconds: float
    said: str
    left: bool
    folder: Path

    def faults(self) -> list[str]:
        """Return everything that is wrong with it."""
        found = []
        if self.code != 0:
            found.append(f"exit code {self.code}")
        if self.seconds > SECONDS:
            found.append(f"took {self.seconds:.1f} s")
        if "Traceback" in self.said or "Fatal" in self.said:
            found.append("an error")
        if self.left:
            found.append("a process was left")
        kept = self.folder / "config/optlab/workspace.json"
        if not kept.exists() or not read_workspace(kept).closed:
            found.append("what was open is not kept")
        for path in self.folder.glob("data/optlab/runs/*/run.optlab"):
            data = RunData.open(path)
            closed = data.state in (State.STOPPED, State.FINISHED)
            if not closed or "interrupted" in data.reason:
                found.append(f"the run is {data.state}: {data.reason}")
        return [f"{self.case}: {fault}\n{self.said}" for fault in found]


def ended(case: tuple[str, str], folder: Path) -> End:
    """Lead a window into a state, and end it."""
    folder.mkdir()
    state, way = case
    outside = way.startswith("SIG")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.ui.shell.victim", state),
            *("wait" if outside else way, str(folder / "endless.toml")),
        ],
        env={
            **os.environ,
            **{
                f"XDG_{name}_HOME": str(folder / name.lower())
                for name in ("CONFIG", "DATA", "STATE")
            },
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = []
    late = Timer(PATIENCE, process.kill)
    late.start()
    for line in process.stdout:
        said.append(line)
        if THERE in line:
            break
    late.cancel()
    began = time.monotonic()
    if outside:
        process.send_signal(getattr(signal, way))
    try:
        code: int | None = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        code = None
    seconds = time.monotonic() - began
    left = code is None or not _group_ends(process.pid)
    if left:
        os.killpg(process.pid, signal.SIGKILL)
    said.append(process.stdout.read())
    process.stdout.close()
    process.wait()
    return End(case, code, seconds, "".join(said), left, folder)


def _group_ends(group: int) -> bool:
    """Return whether no process of a group is left soon.

    One that trains hears of the end once Python has begun in it and loaded torch.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals and groups are of POSIX")
@pytest.mark.promise(21, "closed in each of 24 states, by hand, signal and logout")
def test_that_the_window_ends_in_time_and_in_order_whatever_it_is_at(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    assert len(CASES) == 100
    cases = (CASES if times(len(FIRST), len(CASES)) > len(FIRST) else FIRST).copy()
    with ThreadPoolExecutor(2) as pool:
        folders = [tmp_path / "-".join(case) for case in cases]
        ends = list(pool.map(ended, cases, folders))
    longest = max(ends, key=lambda end: end.seconds)
    left = sum("left before a long step" in end.said for end in ends)
    measured(
        f"at most {longest.seconds:.1f} s, {' by '.join(longest.case)}; "
        f"{left} did not wait for a thread"
    )
    assert not [fault for end in ends for fault in end.faults()]
