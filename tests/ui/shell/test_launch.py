"""The program as a script starts it: ready line, picture, exit codes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from optlab.store.run_data import RunData
from optlab.ui import app
from optlab.ui.app import READY

PROGRAM = (
    "import sys; from pathlib import Path; "
    "from optlab.ui.app import WindowOptions, run_window; "
    "sys.exit(run_window(WindowOptions({options})))"
)


def launch(options: str, *, seconds: float = 90) -> subprocess.CompletedProcess[str]:
    """Run the window in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(options=options)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_that_a_picture_of_a_running_window_is_taken(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = launch(
        f"start=True, screenshot=Path({str(picture)!r}), screenshot_at_step=300, "
        "size=(1440, 900), theme='dark', lang='en', quit_after=60.0"
    )
    assert done.returncode == 0, done.stderr
    assert READY in done.stdout.splitlines()
    assert done.stderr == ""
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1440, 900)
    assert image.pixelColor(5, 5).name() == "#1c1f25"
    colors = {
        image.pixelColor(x, y).name()
        for x in range(320, 1430, 2)
        for y in range(60, 840, 2)
    }
    assert {"#56b4e9", "#ff8a4c"} <= colors
    (run,) = Path(os.environ["XDG_DATA_HOME"]).glob("optlab/runs/*/run.optlab")
    data = RunData.open(run)
    assert min(data.status(t.trial).step for t in data.trials) >= 300


def test_that_a_step_that_is_not_reached_in_time_is_said(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = launch(
        f"start=False, screenshot=Path({str(picture)!r}), screenshot_at_step=300, "
        "quit_after=2.0"
    )
    assert done.returncode == 1
    assert "step 300 was not reached in 2 s" in done.stderr
    assert not picture.exists()
    assert "Traceback" not in done.stderr


def test_that_a_run_that_does_not_end_in_time_is_said(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = launch(f"start=True, screenshot=Path({str(picture)!r}), quit_after=0.1")
    assert done.returncode == 1
    assert "the run had not ended after 0.1 s" in done.stderr
    assert not picture.exists()


def test_that_the_window_is_there_before_torch() -> None:
    program = (
        "import sys; from PySide6.QtCore import QTimer\n"
        "from optlab.ui import launch\n"
        "from optlab.ui.app import WindowOptions\n"
        "painted = launch.Watch._on_painted\n"
        "def look(self):\n"
        "    print('torch' in sys.modules)\n"
        "    painted(self)\n"
        "launch.Watch._on_painted = look\n"
        "sys.exit(launch.launch(WindowOptions(quit_after=1.0)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stdout.splitlines() == ["False", READY], done.stderr


def test_that_quitting_at_once_ends_well() -> None:
    began = time.monotonic()
    done = launch("start=True, quit_after=0.5")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 45


@pytest.mark.promise(21, "closed while a thread is deep in foreign code")
def test_that_a_worker_deep_in_foreign_code_does_not_hold_the_program() -> None:
    program = (
        "import sys, time\n"
        "from optlab.ui import launch, worker\n"
        "from optlab.ui.app import WindowOptions\n"
        "launch.trains_apart = lambda _: False\n"
        "worker.warm_up = lambda: time.sleep(60)\n"
        "sys.exit(launch.launch(WindowOptions(quit_after=0.01)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "left before a long step had ended" in done.stderr
    assert done.returncode == 0, done.stderr


def test_that_no_display_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    reason = app.refusal()
    assert "no display" in reason
    assert "optlab run" in reason
    assert "\n" not in reason


@pytest.mark.promise(26, "PySide6 6.12.0 with Python < 3.12 is refused")
def test_that_the_fatal_pair_of_python_and_qt_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "_installed", lambda _: "6.12.0")
    monkeypatch.setattr(sys, "version_info", (3, 11, 7, "final", 0))
    assert "6.12.0" in app.refusal()
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    assert app.refusal() == ""


def test_that_an_unknown_preset_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    done = launch("preset='first-lok'")
    assert done.returncode == 2
    assert "first-look" in done.stderr
    assert "Traceback" not in done.stderr


def test_that_a_picture_without_more_shows_the_welcome_page(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    done = launch(
        f"screenshot=Path({str(picture)!r}), size=(1024, 600), theme='light', "
        "quit_after=80.0"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    image = QImage(str(picture))
    # Contours are there at once, in the first card beside the side panel.
    colors = {
        image.pixelColor(x, y).name()
        for x in range(260, 480, 4)
        for y in range(80, 180, 4)
    }
    assert len(colors) > 10


@pytest.mark.promise(25, "everything at 100, 200 and 300 % where a person prefers")
@pytest.mark.parametrize("scale", [100, 200, 300])
def test_that_the_window_is_as_large_as_a_person_prefers(
    scale: int, tmp_path: Path
) -> None:
    picture = tmp_path / "window.png"
    config = tmp_path / "config"
    (config / "optlab").mkdir(parents=True)
    settings = config / "optlab" / "window.ini"
    settings.write_text(f"[preferences]\nscale={scale}\n", encoding="utf-8")
    program = PROGRAM.format(
        options=f"screenshot=Path({str(picture)!r}), size=(1200, 700), quit_after=80.0"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "XDG_CONFIG_HOME": str(config)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (12 * scale, 7 * scale)
