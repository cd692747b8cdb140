"""The program: what it imports, its help, its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from optlab import __version__, cli
from optlab.cli.gui import GuiOptions
from optlab.cli.program import VERBS
from tests.core.cli.cases import run_process

HEAVY = ("torch", "PySide6", "pyqtgraph", "matplotlib", "scipy", "sklearn", "rich")


def imported_by(statement: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", statement],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    lines = [line for line in done.stderr.splitlines() if "|" in line]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_that_importing_the_command_line_imports_nothing_heavy() -> None:
    assert not imported_by("import optlab.cli") & set(HEAVY)


def test_that_the_program_starts_without_anything_heavy() -> None:
    statement = "import optlab.__main__ as m; m.main(['--version'])"
    assert not imported_by(statement) & set(HEAVY)


def test_that_listing_and_showing_need_no_torch() -> None:
    statement = (
        "from optlab.cli import main; main(['list', 'optimizers', '--json']); "
        "main(['show', 'rosenbrock'])"
    )
    assert not imported_by(statement) & {"torch", "PySide6", "matplotlib"}


def test_that_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"optlab {__version__}\n"


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_that_the_overview_names_every_verb(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([word]) == 0
    out = capsys.readouterr().out
    assert all(f"    {name} " in out for name in VERBS)
    assert "    gui " in out


@pytest.mark.parametrize("name", [*VERBS, "gui"])
def test_that_the_help_of_a_verb_explains_each_of_its_options(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: optlab {name} ")
    assert "Show this help and exit." in out


def test_that_a_line_of_complaint_stays_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["run", "two\nlines\x1b[31m.toml"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "two\\nlines\\x1b[31m.toml" in err


def test_that_a_name_that_is_no_utf8_is_answered_in_one_line(tmp_path: Path) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("names of files are text there")
    done = subprocess.run(
        [sys.executable, "-m", "optlab", "run", b"\xff\xfe.toml"],
        capture_output=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1


def test_that_a_reader_that_goes_away_causes_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "optlab", "list", "metrics", "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == b""


def test_that_no_verb_opens_the_window() -> None:
    opened: list[GuiOptions] = []

    def window(options: GuiOptions) -> int:
        opened.append(options)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        assert cli.main([], window=window) == 0
    assert opened == [GuiOptions()]


def test_that_options_of_the_window_reach_it(tmp_path: Path) -> None:
    opened: list[GuiOptions] = []
    picture = tmp_path / "window.png"
    words = ["gui", "--preset", "first-look", "--start", "--screenshot", str(picture)]
    words += ["--screenshot-at-step", "400", "--size", "1440x900", "--theme", "dark"]
    words += ["--lang", "en", "--quit-after", "30", "--device", "cpu"]

    def window(options: GuiOptions) -> int:
        opened.append(options)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        assert cli.main(words, window=window) == 0
    expected = GuiOptions(
        preset="first-look",
        start=True,
        screenshot=picture,
        screenshot_at_step=400,
        size=(1440, 900),
        theme="dark",
        lang="en",
        quit_after=30.0,
        device="cpu",
    )
    assert opened == [expected]


def test_that_a_program_without_a_window_names_the_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["gui", "--preset", "seed-gd"]) == 2
    err = capsys.readouterr().err
    assert "optlab run seed-gd" in err
    assert err.count("\n") == 1


def test_that_no_display_is_said_in_one_line(tmp_path: Path) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("there is always a display")
    away = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    answer = run_process([], tmp_path, env=away)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "optlab run" in answer.err


def test_that_doctor_reports_as_json_without_naming_a_person(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "homes" / "ada"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data" / "ada"))
    cli.main(["doctor", "--json"])
    out = capsys.readouterr().out
    report = json.loads(out)
    assert report["versions"]["optlab"] == __version__
    assert report["versions"]["torch"].startswith("2.")
    assert report["devices"][0] == "cpu"
    assert str(home) not in out
    assert "ada" not in report["data folder"].replace("data", "").split("/")


def test_that_doctor_prints_what_it_reports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.main(["doctor"])
    out = capsys.readouterr().out
    assert "torch" in out
    assert "sqlite" in out
    assert "data folder" in out


def test_that_the_window_takes_every_option_of_the_command_line() -> None:
    from optlab.__main__ import window_options

    options = GuiOptions(
        preset="p",
        spec_path=Path("s"),
        run_path=Path("r"),
        start=True,
        screenshot=Path("w.png"),
        screenshot_at_step=1,
        size=(800, 600),
        theme="dark",
        lang="en",
        quit_after=2.0,
        device="cpu",
    )
    assert vars(window_options(options)) == vars(options)
    assert vars(window_options(GuiOptions())) == vars(GuiOptions())
