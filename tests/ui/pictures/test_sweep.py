"""Every widget of every state of the window, without exceptions."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.promises import Times
from tests.ui.pictures.__main__ import SCALE, SWEEP
from tests.ui.pictures.scenes import scenes
from tests.ui.pictures.stage import Scene, played
from tests.ui.pictures.sweep import faults, summary

HERE = [scene for scene in scenes() if scene.scale == 100]
SCALES = sorted({scene.scale for scene in scenes()} - {100})


@pytest.mark.promise(25, "no control clipped: 1024×600, Chinese, every state")
@pytest.mark.parametrize("scene", HERE, ids=lambda scene: scene.name)
def test_that_nothing_is_wrong_with_any_widget(
    qtbot: QtBot, scene: Scene, tmp_path: Path
) -> None:
    with played(scene, tmp_path) as stage:
        found = [line for window in stage.windows() for line in faults(window)]
    assert not found, "\n" + summary(found)


@pytest.mark.promise(25, "no control clipped at 125, 200 and 300 %")
@pytest.mark.parametrize("scale", SCALES)
def test_that_nothing_is_wrong_on_a_fine_screen(scale: int) -> None:
    names = [scene.name for scene in scenes() if scene.scale == scale]
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.pictures", SWEEP, *names],
        env={**os.environ, "QT_SCALE_FACTOR": f"{scale / 100:g}", SCALE: str(scale)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    """Let windows be read from right to left, for a while."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.promise(25, "no control clipped where one reads from right to left")
@pytest.mark.usefixtures("qtbot", "mirrored")
def test_that_nothing_is_wrong_from_right_to_left(tmp_path: Path, times: Times) -> None:
    small = [scene for scene in HERE if scene.name == "small"]
    scenes = HERE if times(len(small), len(HERE)) > len(small) else small
    found = []
    for scene in scenes:
        folder = tmp_path / scene.name
        with played(scene, folder) as stage:
            lines = [line for window in stage.windows() for line in faults(window)]
        found += [f"{scene.name}: {line}" for line in lines]
    assert not found, "\n" + summary(found)


def test_that_there_are_at_least_25_states() -> None:
    names = [scene.name for scene in scenes()]
    assert len(names) == len(set(names)) >= 25
