"""What the window keeps may have been written by anybody: none of it is ever run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from optlab.params import InputError
from optlab.ui.main_window import MainWindow
from optlab.ui.settings_file import ASIDE, FILE, is_hostile, open_settings
from optlab.ui.workspace import read_workspace
from tests.core.gadgets import GADGETS, Canary, pickled, texts
from tests.promises import Times

# PySide6 keeps an object in its own process; only another one unpickles it.
WRITE = """
import sys
from PySide6.QtCore import QSettings
from tests.core.gadgets import GADGETS, Canary
from pathlib import Path
settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
settings.setValue("theme", GADGETS["os.system"](Canary(Path(sys.argv[2]))))
settings.sync()
"""


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    """What shows whether code was run."""
    return Canary(tmp_path / "canary")


def poisoned(tmp_path: Path, canary: Canary) -> Path:
    """Write settings that run code when PySide6 reads them."""
    folder = tmp_path / "config"
    folder.mkdir()
    words = [sys.executable, "-c", WRITE, str(folder / FILE), str(canary.path)]
    subprocess.run(words, check=True, timeout=60, cwd=Path(__file__).parents[3])
    return folder


@pytest.mark.promise(14, "settings of the window run no code; a bad file is put aside")
def test_that_settings_that_hold_a_pickle_are_put_aside(
    tmp_path: Path, canary: Canary, times: Times
) -> None:
    times(1, 1)
    folder = poisoned(tmp_path, canary)
    assert "PyObjectWrapper" in (folder / FILE).read_text()
    settings = open_settings(folder)
    assert settings.value("theme") is None
    settings.setValue("theme", "dark")
    settings.sync()
    assert not canary.sang()
    assert (folder / ASIDE).exists()
    assert open_settings(folder).value("theme") == "dark"


@pytest.mark.parametrize(
    "value",
    [
        "@Variant(\\0\\0)",
        '"@Variant(\\0\\0)"',
        '"@Var"iant(x)',
        "\\x40Variant(x)",
        "@Vari\\141nt(x)",
        "@Var\\\niant(x)",
        "a, @Variant(x)",
        "@\\x0056\\x61riant(x)",
    ],
)
def test_that_no_way_to_write_it_hides_it(value: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"[General]\ntheme={value}\n")
    assert is_hostile(tmp_path / FILE)


def test_that_the_windows_own_settings_are_never_put_aside(
    window: MainWindow, tmp_path: Path
) -> None:
    settings = window.session.settings
    window.session.recent.add(tmp_path / "run.optlab", "run")
    window.session.preferences.set_value("theme", "dark")
    window.set_theme("dark")
    settings.setValue("shortcuts/words", ["Ctrl+A", "Ctrl+B"])
    settings.setValue("library/metric", None)
    window.close()
    settings.sync()
    file = Path(settings.fileName())
    assert file.stat().st_size > 50
    assert not is_hostile(file)
    assert settings.format() == QSettings.Format.IniFormat


@pytest.mark.promise(14, "workspaces run no code: refused by name, or taken as text")
def test_that_a_workspace_runs_nothing(
    tmp_path: Path, canary: Canary, times: Times
) -> None:
    path = tmp_path / "workspace.json"
    names = list(GADGETS)[: times(4, len(GADGETS))]
    for data in (*(pickled(canary, name) for name in names), *texts(canary)):
        path.write_bytes(data)
        with pytest.raises(InputError) as caught:
            read_workspace(path)
        assert str(path) in str(caught.value)
    for key in ("__class__", "__reduce__", "py/object", "__init__"):
        path.write_text(json.dumps({"format": 1, key: ["os.system", "x"]}))
        with pytest.raises(InputError):
            read_workspace(path)
    assert not canary.sang()
