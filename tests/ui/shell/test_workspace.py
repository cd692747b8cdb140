"""What is open is kept within seconds, and comes back, also after a crash."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from optlab.params import InputError
from optlab.records import State
from optlab.registry import Catalog
from optlab.ui.app import WindowOptions
from optlab.ui.beginning import Beginning
from optlab.ui.controller import Phase
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from optlab.ui.workspace import read_workspace, workspace_to_text
from optlab.ui.workspace_keeper import FILE, WorkspaceKeeper
from tests.ui.shell.conftest import ENDLESS, SHORT
from tests.ui.shell.support import Answers, Hands

PATIENCE = 60_000
Opened = Callable[..., MainWindow]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where settings, runs and the workspace are."""
    return tmp_path / "home"


@pytest.fixture
def opened(qtbot: QtBot, catalog: Catalog, home: Path) -> Iterator[Opened]:
    """Return a function that opens OptLab as a person does, in the same home."""
    windows: list[MainWindow] = []

    def start(**options: object) -> MainWindow:
        preset = options.get("preset")
        session = make_session(
            catalog, preset=preset if isinstance(preset, str) else None, folder=home
        )
        window = MainWindow(session, chooser=Answers())
        qtbot.addWidget(window)
        windows.append(window)
        Beginning(window, WindowOptions(**options))  # type: ignore[arg-type]
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield start
    for window in windows:
        window.close()


def keeper(window: MainWindow) -> WorkspaceKeeper:
    found = window.findChildren(WorkspaceKeeper)
    assert len(found) == 1
    return found[0]


def kill(window: MainWindow, qtbot: QtBot) -> None:
    """Let the window die as a program does: kept, not closed, and without its lock."""
    held = keeper(window)
    qtbot.waitUntil(lambda: held._task is None and not held._timer.isActive())
    assert held._lock is not None
    held._lock.release()
    held._lock = None


def test_that_everything_that_was_open_comes_back(
    opened: Opened, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHORT, encoding="utf-8")
    window = opened(spec_path=file)
    hands = Hands(window)
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    run = window.controller.path
    window.editor.set_value("optimizers.1.lr", 0.125)
    window.editor.add_optimizer("RMSprop")
    window.editor.move_optimizer(2, 0)
    window.editor.enter("training.steps", "sixty")
    window.optimizers_panel.select(1)
    window.state.set_x_axis("evaluations")
    window.state.set_smoothing(0.5)
    window.state.set_spread("trials")
    window.state.set_hidden(frozenset({1}))
    window.state.set_y_scale("train_loss", "symlog")
    window.desk.trials_dock.hide()
    before = window.editor.text(), window.editor.slots()
    window.close()

    window = opened()
    assert (window.editor.text(), window.editor.slots()) == before
    assert window.editor.slots() == (2, 0, 1)
    draft = window.editor.draft("training.steps")
    assert draft is not None
    assert draft.text == "sixty"
    assert (window.editor.path, window.editor.source) == (file, "mine.toml")
    assert window.editor.edited
    assert window.controller.path == run
    assert window.controller.data is not None
    assert window.optimizers_panel.selected == 1
    assert window.state.x_axis == "evaluations"
    assert window.state.smoothing == 0.5
    assert window.state.spread == "trials"
    assert window.state.hidden == {1}
    assert window.state.y_scale("train_loss") == "symlog"
    assert not window.editor.stack.canUndo()
    assert window.pages.page == "welcome"
    assert "Two on a bowl" in window.welcome.page.go_on.toolTip()  # type: ignore[union-attr]
    Hands(window).press("welcome.continue")
    assert window.pages.page == "lab"
    assert window.editor.text() == before[0]
    assert window.desk.trials_dock.isHidden()


def test_that_a_change_is_on_disk_within_five_seconds(
    opened: Opened, qtbot: QtBot, home: Path
) -> None:
    window = opened()
    window.editor.set_title("Not to be lost")
    qtbot.waitUntil(
        lambda: (home / FILE).exists() and "Not to be lost" in _text(home / FILE),
        timeout=5000,
    )
    assert not read_workspace(home / FILE).closed
    # Nothing has changed since: nothing is written.
    held = keeper(window)
    qtbot.waitUntil(lambda: held._task is None and not held._timer.isActive())
    before = (home / FILE).stat().st_mtime_ns
    held._write_soon()
    assert held._task is None
    assert (home / FILE).stat().st_mtime_ns == before


def test_that_it_is_kept_at_the_end_only_where_a_person_says_so(
    opened: Opened, qtbot: QtBot, home: Path
) -> None:
    window = opened()
    window.session.preferences.set_value("autosave", False)
    qtbot.waitUntil(lambda: not keeper(window)._timer.isActive(), timeout=5000)
    window.editor.set_title("Kept at the end")
    assert not keeper(window)._timer.isActive()
    window.close()
    assert "Kept at the end" in _text(home / FILE)
    assert read_workspace(home / FILE).closed


def test_that_a_crash_is_told_and_one_goes_on_at_once(
    opened: Opened, qtbot: QtBot
) -> None:
    window = opened(preset="momentum-overshoot")
    window.editor.set_title("Before the crash")
    kill(window, qtbot)
    window = opened()
    assert window.editor.spec.title == "Before the crash"
    assert window.pages.page == "lab"
    assert "Put back" in window.notice.text


def test_that_a_run_that_died_with_the_program_can_go_on(
    opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "endless.toml"
    file.write_text(ENDLESS, encoding="utf-8")
    window = opened(spec_path=file)
    Hands(window).press("start")
    qtbot.waitUntil(lambda: window.controller.phase is Phase.RUNNING, timeout=PATIENCE)
    run = window.controller.path
    kill(window, qtbot)
    window.controller.stop()
    qtbot.waitUntil(lambda: not window.controller.active, timeout=PATIENCE)
    window = opened()
    assert window.controller.path == run
    assert window.controller.data is not None
    assert window.controller.data.state is State.STOPPED
    assert Hands(window).find(type(window.bar.go_on), "continue").isVisible()
    assert window.controller.can_continue


def test_that_what_is_asked_for_wins_and_the_rest_is_kept_aside(
    opened: Opened, home: Path
) -> None:
    window = opened()
    window.editor.set_title("Mine")
    window.close()
    window = opened(preset="momentum-overshoot")
    assert window.pages.page == "lab"
    assert window.editor.source == "momentum-overshoot.toml"
    assert "Mine" in _text(home / "workspace.previous.json")
    window.editor.set_title("Begun meanwhile")
    window.welcome.show()
    Hands(window).press("welcome.continue")
    assert window.editor.spec.title == "Mine"
    assert window.pages.page == "lab"
    while window.editor.spec.title == "Mine" and window.editor.stack.canUndo():
        window.editor.undo()
    assert window.editor.spec.title == "Begun meanwhile"


def test_that_one_can_begin_afresh(opened: Opened, home: Path) -> None:
    window = opened()
    window.editor.set_title("Mine")
    window.close()
    window = opened(fresh=True)
    assert window.editor.spec.title != "Mine"
    assert window.pages.page == "welcome"
    assert "Mine" in _text(home / "workspace.previous.json")


@pytest.mark.promise(23, "a second window begins afresh, says so and writes nothing")
def test_that_a_second_window_neither_takes_nor_writes(
    opened: Opened, home: Path
) -> None:
    first = opened()
    first.editor.set_title("Of the first")
    second = opened()
    assert second.editor.spec.title != "Of the first"
    assert "open already" in second.notice.text
    second.editor.set_title("Of the second")
    second.close()
    first.close()
    assert "Of the first" in _text(home / FILE)
    assert "Of the second" not in _text(home / FILE)


def test_that_a_picture_leaves_the_workspace_alone(
    opened: Opened, home: Path, tmp_path: Path
) -> None:
    window = opened()
    window.editor.set_title("Mine")
    window.close()
    before = (home / FILE).read_bytes()
    window = opened(screenshot=tmp_path / "picture.png")
    assert window.editor.spec.title != "Mine"
    window.close()
    assert (home / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 99}',
        '{"format": 1, "experiment": {"text": 5}}',
        "[" * 100_000,
        "\x00\x01",
    ],
)
def test_that_a_file_that_is_no_workspace_is_put_out_of_the_way(
    text: str, opened: Opened, home: Path
) -> None:
    home.mkdir(parents=True)
    (home / FILE).write_text(text, encoding="utf-8")
    window = opened()
    assert "cannot be put back" in window.notice.text
    assert (home / "workspace.bad").read_text(encoding="utf-8") == text
    assert window.editor.source == "first-look.toml"
    window.close()
    assert read_workspace(home / FILE).closed


def test_that_an_experiment_that_is_no_more_is_refused_whole(
    opened: Opened, home: Path
) -> None:
    opened().close()
    table = json.loads(_text(home / FILE))
    table["experiment"]["text"] = 'format = 1\n[problem]\nname = "gone"\n'
    table["views"]["x_axis"] = "evaluations"
    (home / FILE).write_text(json.dumps(table), encoding="utf-8")
    window = opened()
    assert "cannot be put back" in window.notice.text
    assert window.state.x_axis == "step"
    assert window.editor.source == "first-look.toml"


def test_that_every_field_is_checked(opened: Opened, home: Path) -> None:
    opened().close()
    whole = json.loads(_text(home / FILE))
    assert workspace_to_text(read_workspace(home / FILE)) == _text(home / FILE)
    for name in whole.keys() - {"selected"}:
        wrong_ones: tuple[object, ...] = ({}, 7.5, -1, ["x"], None)
        for wrong in wrong_ones:
            (home / FILE).write_text(json.dumps({**whole, name: wrong}))
            with pytest.raises(InputError, match="workspace"):
                read_workspace(home / FILE)


@pytest.mark.parametrize("wrong", [10**400, -1, float("nan"), float("inf"), "0.5"])
def test_that_a_weight_that_is_none_is_refused(
    opened: Opened, home: Path, wrong: object
) -> None:
    opened().close()
    table = json.loads(_text(home / FILE))
    table["views"]["smoothing"] = wrong
    (home / FILE).write_text(json.dumps(table))
    with pytest.raises(InputError, match="workspace"):
        read_workspace(home / FILE)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_that_a_file_whose_name_is_no_text_is_kept(
    opened: Opened, home: Path, tmp_path: Path
) -> None:
    window = opened()
    path = tmp_path / os.fsdecode(b"caf\xe9.toml")
    window.editor.save(path)
    window.close()
    assert read_workspace(home / FILE).experiment.path == path
    window = opened()
    assert window.editor.path == path


def test_that_plots_that_cannot_be_put_back_do_not_hold_up_the_rest(
    opened: Opened, home: Path
) -> None:
    window = opened()
    window.editor.set_title("Mine")
    window.close()
    table = json.loads(_text(home / FILE))
    table["views"]["arrangement"] = {"tree": 7}
    (home / FILE).write_text(json.dumps(table), encoding="utf-8")
    window = opened()
    assert window.editor.spec.title == "Mine"
    assert "arrangement" in window.notice.text


@pytest.mark.promise(25, "a window whose screen is gone comes back on another")
def test_that_the_window_comes_back_on_a_screen_that_is_there(opened: Opened) -> None:
    window = opened()
    window.setGeometry(QRect(40_000, 30_000, 700, 500))
    window.close()
    window = opened()
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert screen.intersects(window.frameGeometry())
    assert window.width() <= screen.width()


@pytest.mark.promise(1, "an edit survives SIGKILL, and the next start puts it back")
def test_that_an_edit_survives_a_program_that_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "killed"
    environment = {
        **os.environ,
        **{f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "DATA")},
        "XDG_CACHE_HOME": str(home / "CACHE"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    edit = (
        "import sys\n"
        "from optlab.ui import launch\n"
        "from optlab.ui.app import WindowOptions\n"
        "painted = launch.Watch._on_painted\n"
        "def edit(self):\n"
        "    painted(self)\n"
        "    self._window.editor.set_title('Edited and killed')\n"
        "launch.Watch._on_painted = edit\n"
        "launch.launch(WindowOptions(preset='momentum-overshoot'))\n"
    )
    file = home / "CONFIG" / "optlab" / FILE
    with subprocess.Popen([sys.executable, "-c", edit], env=environment) as program:
        end = time.monotonic() + 60
        while not (file.exists() and "Edited and killed" in _text(file)):
            assert time.monotonic() < end, "it was not written in time"
            time.sleep(0.05)
        program.send_signal(signal.SIGKILL)
    look = (
        "import sys\n"
        "from optlab.ui import launch\n"
        "from optlab.ui.app import WindowOptions\n"
        "painted = launch.Watch._on_painted\n"
        "def look(self):\n"
        "    print(self._window.editor.spec.title, self._window.pages.page)\n"
        "    print(self._window.notice.text)\n"
        "    painted(self)\n"
        "launch.Watch._on_painted = look\n"
        "sys.exit(launch.launch(WindowOptions(quit_after=0.1)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", look],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == [
        "Edited and killed lab",
        "Put back what was open when OptLab ended",
    ]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
