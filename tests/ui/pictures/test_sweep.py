"""Every widget of every state of the window, without exceptions."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.pictures.scenes import scenes
from tests.ui.pictures.stage import Scene, played
from tests.ui.pictures.sweep import faults, summary

HERE = [scene for scene in scenes() if scene.scale == 100]


@pytest.mark.parametrize("scene", HERE, ids=lambda scene: scene.name)
def test_that_nothing_is_wrong_with_any_widget(
    qtbot: QtBot, scene: Scene, tmp_path: Path
) -> None:
    with played(scene, tmp_path) as stage:
        found = [line for window in stage.windows() for line in faults(window)]
    assert not found, "\n" + summary(found)


def test_that_there_are_at_least_25_states() -> None:
    names = [scene.name for scene in scenes()]
    assert len(names) == len(set(names)) >= 25
