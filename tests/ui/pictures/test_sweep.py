"""Every widget of every state of the window, without exceptions."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pictures.__main__ import SCALE, SWEEP
from tests.ui.pictures.scenes import scenes
from tests.ui.pictures.stage import Scene, played
from tests.ui.pictures.sweep import faults, summary

HERE = [scene for scene in scenes() if scene.scale == 100]
SCALES = sorted({scene.scale for scene in scenes()} - {100})


@pytest.mark.parametrize("scene", HERE, ids=lambda scene: scene.name)
def test_that_nothing_is_wrong_with_any_widget(
    qtbot: QtBot, scene: Scene, tmp_path: Path
) -> None:
    with played(scene, tmp_path) as stage:
        found = [line for window in stage.windows() for line in faults(window)]
    assert not found, "\n" + summary(found)


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


def test_that_there_are_at_least_25_states() -> None:
    names = [scene.name for scene in scenes()]
    assert len(names) == len(set(names)) >= 25
