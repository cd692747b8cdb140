"""The zip for a bug report: what it holds, and whose name it does not."""

import getpass
import json
import logging
import platform
import zipfile
from pathlib import Path

import pytest
from platformdirs import user_config_path

from optlab import cli
from optlab.cli.private import Private
from optlab.log import logging_to_file

logger = logging.getLogger("optlab.tests")
NAMES = ("alice", "al", "log", "optlab", "Ann-Marie O'Neil", "张伟", "x.y+z", "python")


@pytest.fixture(params=NAMES)
def person(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A person with a home of that name on a machine of another."""
    name: str = request.param
    home = tmp_path / "homes" / name
    home.mkdir(parents=True)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(home))
    for variable in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(variable, name)
    monkeypatch.setattr(getpass, "getuser", lambda: name)
    monkeypatch.setattr(platform, "node", lambda: "tower.example.org")
    monkeypatch.setenv("OPTLAB_DATA", str(home / "data"))
    return name


def made(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "bundle.zip"
    assert cli.main(["doctor", "--bundle", str(path)]) in (0, 1)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_that_neither_home_nor_name_nor_machine_is_in_it(
    person: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = str(Path.home())
    config = user_config_path("optlab", appauthor=False)
    config.mkdir(parents=True)
    # As Qt writes an INI file: what is not ASCII as \x and hexadecimal digits.
    ini = "".join(c if ord(c) < 127 else f"\\x{ord(c):x}" for c in f"{home}/runs")
    (config / "window.ini").write_text(
        f"[General]\nruns_folder={ini}\ntheme=dark\n"
        f'[recent]\nfiles="secret-plan.toml"\n[other]\nvalue=1\n'
    )
    with logging_to_file():
        logger.warning("cannot read %s/x.toml of %s@tower", home, person)
        logger.warning("%s", json.dumps({"path": f"{home}/y", "who": person}))
    found = made(tmp_path)
    assert {"report.json", "plug-ins.json", "log.txt", "settings/window.ini"} == set(
        found
    )
    everything = "\n".join(found.values())
    assert home not in everything
    assert ini not in everything
    assert json.dumps(home)[1:-1] not in everything
    assert "tower" not in everything
    assert "secret-plan" not in everything
    assert "cannot read ~/x.toml of <user>@<host>" in found["log.txt"]
    assert "runs_folder=~/runs" in found["settings/window.ini"]
    assert "theme=dark" in found["settings/window.ini"]
    assert "value=1" in found["settings/window.ini"]
    report = json.loads(found["report.json"])
    assert report["data folder"] == "~/data"
    assert report["versions"]["torch"]
    assert report["devices"][0] == "cpu"
    capfd.readouterr()


def test_that_a_name_that_is_part_of_usual_words_leaves_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "al")
    for variable in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(variable, "al")
    said = Private().text("the value of al, al_2 and Al's final /home/al/x")
    assert said.startswith("the value of <user>, <user>_2 and <user>'s final /home/")
    assert said.endswith("/<user>/x")


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("there.zip", "there already"),
        ("report.txt", "ends in .zip"),
        ("folder/bundle.zip", "a folder that is there"),
        ("there.zip/bundle.zip", "a folder that is there"),
        ("dangling.zip", "there already"),
    ],
)
def test_that_a_bad_place_gets_one_line_and_nothing_is_overwritten(
    place: str, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there.zip").write_text("mine")
    (tmp_path / "dangling.zip").symlink_to(tmp_path / "nowhere")
    assert cli.main(["doctor", "--bundle", str(tmp_path / place)]) == 2
    answer = capfd.readouterr()
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert says in answer.err
    assert (tmp_path / "there.zip").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()
