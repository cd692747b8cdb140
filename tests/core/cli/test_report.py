"""``optlab report``: run files in, one file out, and nothing is overwritten."""

import csv
import html
import re
import shlex
import shutil
from pathlib import Path

import pytest

from optlab.cli.program import main
from optlab.sweep import unit_tests

SPEC = """
format = 1
title = "Two on a line"
[problem]
name = "linear-regression"
[training]
steps = 30
seeds = [0, 1, 2]
eval_every = 10
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.03
[[optimizers]]
name = "Adam"
label = "Adam"
lr = 0.01
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run in it."""
    spec = tmp_path_factory.mktemp("spec") / "two.toml"
    spec.write_text(SPEC, encoding="utf-8")
    out = spec.parent / "out"
    assert main(["run", str(spec), "--out", str(out), "--quiet"]) == 0
    return out


def test_that_a_report_lies_in_the_folder_of_its_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "report.html"
    assert main(["report", str(folder)]) == 0
    assert str(path) in capsys.readouterr().out
    before = path.read_bytes()
    assert main(["report", str(folder / "run.optlab")]) == 2
    assert "--force replaces it" in capsys.readouterr().err
    assert main(["report", str(folder / "run.optlab"), "--force"]) == 0
    assert path.read_bytes() == before
    path.unlink()


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.html", "<!DOCTYPE html>"),
        ("a.md", "# Two on a line"),
        ("a.TEX", "% \\usepackage"),
    ],
)
def test_that_the_ending_chooses_the_format(
    folder: Path, tmp_path: Path, name: str, begins: str
) -> None:
    assert main(["report", str(folder), "--to", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_that_baseline_and_target_can_be_given(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    words = ["report", str(folder), "--to", str(path)]
    assert main([*words, "--baseline", "Adam", "--target", "1e-30"]) == 0
    text = path.read_text("utf-8")
    assert "| SGD | Adam |" in text
    assert "is reached by no trial" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--to", "a.pdf"], "ends in one of .html, .md, .tex"),
        (["--to", "nowhere/a.html"], "no such folder"),
        (["--baseline", "Adm"], "'Adm'"),
        (["--target", "low"], "--target"),
    ],
)
def test_that_bad_input_gets_one_line_and_leaves_nothing(
    folder: Path,
    tmp_path: Path,
    words: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    given = words if "--to" in words else [*words, "--to", "a.html"]
    assert main(["report", str(folder), *given]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_without_runs_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "a run file, or a folder that holds some" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "none.optlab")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_that_the_command_in_a_report_makes_it_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = folder / "report.html"
    assert main(["report", str(folder)]) == 0
    (command,) = re.findall(r"optlab (report .*)", page.read_text("utf-8"))
    monkeypatch.chdir(folder)
    try:
        assert main(command.split()) == 0
        assert (folder / "again.html").read_bytes() == page.read_bytes()
    finally:
        page.unlink()
        (folder / "again.html").unlink(missing_ok=True)


def test_that_the_command_names_the_runs_that_were_asked_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b b", "c"):
        (tmp_path / name).mkdir()
        shutil.copy(folder / "run.optlab", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert main(["report", "a", "b b", "--to", "one.html"]) == 0
    text = html.unescape((tmp_path / "one.html").read_text("utf-8"))
    (command,) = re.findall(r"optlab (report .*)", text)
    assert command == 'report a "b b" --to again.html'
    assert main(shlex.split(command)) == 0
    again = html.unescape((tmp_path / "again.html").read_text("utf-8"))
    assert again == text


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two unit tests that Adam and plain descent took."""
    few = unit_tests.unit_tests()[:2]
    monkeypatch.setattr(unit_tests, "unit_tests", lambda: few)
    words = ["grade", "--optimizers", "Adam", "--steps", "20", "--jobs", "1"]
    assert main([*words, "--out", str(tmp_path / "out"), "--quiet"]) == 0
    return tmp_path / "out"


def test_that_of_unit_tests_the_grades_are_reported(graded: Path) -> None:
    assert main(["report", str(graded)]) == 0
    page = (graded / "report.html").read_text("utf-8")
    text = (graded / "unit-tests.csv").read_text("utf-8")
    recorded = list(csv.DictReader(text.splitlines()))
    (body,) = re.findall(r'<table id="grades">.*?</table>', page, re.DOTALL)
    cells = re.findall(r"<td>(\w+)</td>", body)
    by_test = sorted(recorded, key=lambda row: row["test"] != recorded[0]["test"])
    assert cells == [row["grade"] for row in by_test]
    passed = sum(r["grade"] == "good" for r in recorded if r["optimizer"] == "Adam")
    assert re.search(rf"Adam \(lr [^)]*\) passes {passed} of 2 tests", page)
    assert '<figure id="grades-figure">' in page
    assert "Fairness" not in page
    assert "optlab grade --optimizers SGD,Adam --steps 20" in page


def test_that_unit_tests_have_no_baseline(
    graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(graded), "--baseline", "SGD"]) == 2
    said = capsys.readouterr().err
    assert "unit tests are graded, not compared" in said
    assert said.count("\n") == 1
    assert not (graded / "report.html").exists()
