"""Recent files: what was opened and run, pinned or not, kept in the settings."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from optlab.ui.main_window import MainWindow
from optlab.ui.recent import MOST, PLACE, Recent
from tests.ui.shell.support import Answers, Hands


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """A file of settings."""
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


def names(recent: Recent) -> list[str]:
    """Return the names of the files."""
    return [file.path.name for file in recent.files()]


def test_that_the_newest_comes_first_and_the_oldest_goes(
    settings: QSettings, tmp_path: Path
) -> None:
    recent = Recent(settings)
    for number in range(MOST + 3):
        recent.add(tmp_path / f"{number}.toml", "experiment")
    recent.add(tmp_path / "5.toml", "experiment")
    assert names(recent)[:2] == ["5.toml", f"{MOST + 2}.toml"]
    assert len(recent.files()) == MOST
    assert names(Recent(settings)) == names(recent)


def test_that_runs_do_not_drive_experiments_out(
    settings: QSettings, tmp_path: Path
) -> None:
    recent = Recent(settings)
    recent.add(tmp_path / "a.toml", "experiment")
    for number in range(MOST + 1):
        recent.add(tmp_path / str(number) / "run.optlab", "run")
    assert [f.label for f in recent.files("experiment")] == ["a.toml"]
    assert [f.label for f in recent.files("run")] == [
        str(n) for n in range(MOST, 0, -1)
    ]


def test_that_a_pinned_file_stays_in_front(settings: QSettings, tmp_path: Path) -> None:
    recent = Recent(settings)
    recent.add(tmp_path / "kept.toml", "experiment")
    recent.pin(tmp_path / "kept.toml", on=True)
    for number in range(MOST + 1):
        recent.add(tmp_path / f"{number}.toml", "experiment")
    assert names(recent)[0] == "kept.toml"
    assert len(recent.files()) == MOST + 1
    recent.clear()
    assert names(recent) == ["kept.toml"]
    recent.pin(tmp_path / "kept.toml", on=False)
    recent.clear()
    assert names(Recent(settings)) == []


def test_that_a_file_that_has_gone_is_known_to_be_missing(
    settings: QSettings, tmp_path: Path
) -> None:
    recent = Recent(settings)
    there, gone = tmp_path / "there.toml", tmp_path / "gone.toml"
    there.touch()
    recent.add(there, "experiment")
    recent.add(gone, "experiment")
    assert [file.missing for file in recent.files()] == [True, False]
    recent.remove(gone)
    assert names(recent) == ["there.toml"]


@pytest.mark.parametrize(
    "kept", ["{", "7", '[{"path": 1}]', '[{"kind": "run"}]', "[" * 100_000]
)
def test_that_settings_that_cannot_be_read_are_no_recent_files(
    settings: QSettings, kept: str
) -> None:
    settings.setValue(PLACE, kept)
    assert Recent(settings).files() == ()


def test_that_what_is_opened_saved_and_run_is_recent(
    ran: MainWindow, hands: Hands, answers: Answers, tmp_path: Path
) -> None:
    answers.path = tmp_path / "mine.toml"
    hands.trigger("action.save_spec_as")
    recent = ran.session.recent
    assert recent.files("experiment")[0].path == answers.path
    assert recent.files("run")[0].path == ran.controller.path
    recent.clear()
    ran.specs.load_spec(answers.path)
    ran.specs.load_spec(tmp_path / "nothing.toml")
    assert names(recent) == ["mine.toml"]
