"""``optlab grade``: a table, a figure and run files."""

from pathlib import Path

import pytest

from optlab.cli.program import main
from optlab.sweep import unit_tests

HEADER = "optimizer,lr,test,share,grade"


def _run(*words: str) -> int:
    return main(["grade", *words])


def test_that_unit_tests_leave_a_table_a_figure_and_run_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = unit_tests.unit_tests()[:2]
    monkeypatch.setattr(unit_tests, "unit_tests", lambda: few)
    out = tmp_path / "out"
    words = ("--optimizers", "Adam", "--steps", "20", "--jobs", "1")
    assert _run(*words, "--out", str(out)) == 0
    said = capsys.readouterr().out
    assert "2 of 2 unit tests" in said
    lines = (out / "unit-tests.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == HEADER
    assert [line.split(",")[0] for line in lines[1:]] == ["SGD", "SGD", "Adam", "Adam"]
    assert "quadratic" in (out / "unit-tests.svg").read_text(encoding="utf-8")
    assert len(list(out.rglob("*.optlab"))) == 2
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert _run(*words, "--out", str(out)) == 2
    assert "is not overwritten" in capsys.readouterr().err
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--optimizers", "Adm"), "did you mean Adam"),
        (("--optimizers", "Muon"), "updates matrices only"),
        (("--steps", "1"), "a whole number ≥ 10"),
        (("--jobs", "0"), "a whole number ≥ 1"),
    ],
)
def test_that_what_cannot_be_tested_is_refused_in_one_line(
    words: tuple[str, ...],
    complaint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run(*words, "--out", str(tmp_path / "out")) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
