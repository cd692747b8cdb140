"""A window that is killed while it trains loses next to nothing, and comes back."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from optlab.records import State
from optlab.store.lock import is_being_written
from optlab.store.run_data import RunData
from tests.core.torture.runs import check_integrity, opened
from tests.promises import Note, Times, tortured
from tests.ui.shell.victim import THERE

REOPEN_SECONDS: Final = 2.0
TAIL_SECONDS: Final = 1.0
LIFE_SECONDS: Final = 3.0
PATIENCE: Final = 90.0
LOOK: Final = (
    "import sys\n"
    "from optlab.ui import launch\n"
    "from optlab.ui.app import WindowOptions\n"
    "furnished = launch.Watch._on_furnished\n"
    "def look(self):\n"
    "    furnished(self)\n"
    "    print(self._window.notice.text)\n"
    "    print(self._window.controller.path)\n"
    "    print(self._window.controller.can_continue)\n"
    "launch.Watch._on_furnished = look\n"
    "sys.exit(launch.launch(WindowOptions(quit_after=0.1)))\n"
)


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which everything is kept in one folder."""
    kinds = ("CONFIG", "DATA", "STATE", "CACHE")
    return {**os.environ, **{f"XDG_{k}_HOME": str(folder / k) for k in kinds}}


def killed(folder: Path, *, seconds: float, whole: bool) -> tuple[Path, int, float]:
    """Kill a window some time after its run began.

    Args:
        folder: Where its files are to be.
        seconds: How long the run has gone on.
        whole: Whether the process that trains is killed, too.

    Returns:
        The run file, the last step that was seen in it, and how long before the end it
        had been written last.
    """
    folder.mkdir()
    spec = str(folder / "endless.toml")
    command = [sys.executable, "-m", "tests.ui.shell.victim", "running", "wait", spec]
    process = subprocess.Popen(
        command,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert any(THERE in line for line in said)
        (path,) = folder.glob("DATA/optlab/runs/*/run.optlab")
        end, seen = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            data = RunData.open(path)
            seen = min((data.status(t.trial).step for t in data.trials), default=0)
            time.sleep(0.02)
        log = path.with_name(f"{path.name}-wal")
        now = time.time()
        age = now - max(p.stat().st_mtime for p in (path, log) if p.exists())
        if whole:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        # A process that trains on its own has heard of it, and closes the file.
        while is_being_written(path):
            assert time.monotonic() < end + PATIENCE
            time.sleep(0.02)
    return path, seen, age


@pytest.mark.skipif(sys.platform == "win32", reason="signals and groups are of POSIX")
@pytest.mark.promise(1, "the window killed by SIGKILL at a random moment of a live run")
def test_that_a_window_killed_at_any_moment_keeps_what_was_acknowledged(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    count, moments = times(1, 30), random.Random(2)
    ages, slow = [], 0.0
    for i in range(count):
        folder = tmp_path / str(i)
        seconds = moments.uniform(0.0, LIFE_SECONDS if tortured() else 0.5)
        path, seen, age = killed(folder, seconds=seconds, whole=i % 3 != 2)
        began = time.monotonic()
        data = opened(path, within=REOPEN_SECONDS)
        slow = max(slow, time.monotonic() - began)
        assert data.state is State.STOPPED
        for trial in data.trials:
            last = data.status(trial.trial).step
            assert last >= seen
            values = data.series(trial.trial, "x0").arrays()[1]
            assert len(values) == last + 1
        check_integrity(path)
        ages.append(age)
        if tortured() and i % 3 == 0:
            comes_back(folder, path)
    assert max(ages) <= TAIL_SECONDS
    measured(f"lost tail at most {max(ages):.2f} s, opened within {slow:.2f} s")


def comes_back(folder: Path, path: Path) -> None:
    """Assert that the next window offers to go on with the run."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert "Put back what was open when OptLab ended" in said, done.stdout
    assert str(path) in said
    assert "True" in said
