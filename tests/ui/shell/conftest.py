"""Fixtures of the shell: a catalog, a window that is closed whatever happens."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from optlab.plugins import load_catalog
from optlab.records import State
from optlab.registry import Catalog
from optlab.run_process import RunProcess
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.ui import launch, worker
from optlab.ui.controller import Phase
from optlab.ui.editor import SpecEditor
from optlab.ui.launch import make_session
from optlab.ui.main_window import MainWindow
from tests.ui.shell.support import Answers, Hands

SHORT = """
format = 1
title = "Two on a bowl"
[problem]
name = "quadratic"
[training]
steps = 60
[[optimizers]]
name = "SGD"
lr = 0.01
[[optimizers]]
name = "Adam"
lr = 0.05
"""
ENDLESS = SHORT.replace("steps = 60", "steps = 100_000_000")
PATIENCE = 20_000
both_ways = pytest.mark.parametrize("way", ["process", "window"], indirect=True)
"""Marks a test that is to hold wherever runs train."""


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Everything that OptLab ships."""
    return load_catalog()


@pytest.fixture
def short(catalog: Catalog) -> ExperimentSpec:
    """An experiment that is over in a moment."""
    return spec_from_text(SHORT, catalog)


@pytest.fixture
def endless(catalog: Catalog) -> ExperimentSpec:
    """An experiment that is never over by itself."""
    return spec_from_text(ENDLESS, catalog)


@pytest.fixture
def editor(catalog: Catalog, short: ExperimentSpec) -> SpecEditor:
    """An editor with the short experiment."""
    return SpecEditor(catalog, short)


@pytest.fixture
def answers() -> Answers:
    """What the window is told when it asks for a file."""
    return Answers()


@pytest.fixture(scope="session")
def process() -> Iterator[RunProcess]:
    """One process for the runs of all tests of a session: each takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTLAB_TRUST", "all")
        process = RunProcess()
        process.devices()
    yield process
    process.close()


@pytest.fixture
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where runs train: ``window``, or both of a test that is marked `both_ways`."""
    chosen: str = getattr(request, "param", "window")
    if chosen == "process":
        shared = request.getfixturevalue("process")
        monkeypatch.setattr(launch, "trains_apart", lambda _: True)
        monkeypatch.setattr(worker, "RunProcess", lambda: shared)
        # It stays for the next test.
        monkeypatch.setattr(shared, "close", lambda: None)
        monkeypatch.setattr(shared, "leave", lambda: None)
    return chosen


@pytest.fixture
def window(
    qtbot: QtBot, catalog: Catalog, answers: Answers, tmp_path: Path, way: str
) -> Iterator[MainWindow]:
    """A window as it opens by default, with folders of its own."""
    session = make_session(catalog, folder=tmp_path / "person")
    window = MainWindow(session, chooser=answers)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.close()


@pytest.fixture
def hands(window: MainWindow) -> Hands:
    """Hands on that window."""
    return Hands(window)


@pytest.fixture
def until(qtbot: QtBot, window: MainWindow) -> Callable[[Phase], None]:
    """Return a function that waits for a phase of the worker."""

    def wait(phase: Phase) -> None:
        qtbot.waitUntil(lambda: window.controller.phase is phase, timeout=PATIENCE)

    return wait


@pytest.fixture
def ran(
    qtbot: QtBot, window: MainWindow, short: ExperimentSpec, hands: Hands
) -> MainWindow:
    """A window in which the short experiment has run to its end."""
    window.editor.open(short, source="short.toml")
    with qtbot.waitSignal(window.controller.run_ended, timeout=PATIENCE):
        hands.press("start")
    data = window.controller.data
    assert data is not None
    assert data.state is State.FINISHED, data.reason
    return window
