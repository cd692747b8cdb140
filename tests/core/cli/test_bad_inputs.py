"""Holds the command line against the table of bad inputs."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from optlab import cli
from tests.core.cli.cases import (
    Answer,
    make_files,
    needs_process,
    needs_run,
    run_process,
    snapshot,
    table,
    words_of,
)

CASES = table()["case"]


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "run"
    assert cli.main(["run", "seed-gd", "--quiet", "--out", str(folder)]) == 0
    return folder / "run.optlab"


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A small disk of its own, mounted in the folder of the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = f"size={request.param}k"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("case", "disk"),
    [(case, case.get("disk")) for case in CASES if "disk" in case],
    indirect=["disk"],
    ids=[case["name"] for case in CASES if "disk" in case],
)
def test_that_bad_input_is_answered_on_a_small_disk(
    case: Mapping[str, Any], disk: Path, tmp_path: Path
) -> None:
    before = snapshot(tmp_path)
    check(case, run_process(words_of(case), tmp_path))
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case["name"]) for case in CASES if "disk" not in case],
)
def test_that_bad_input_is_answered_in_one_line(
    case: Mapping[str, Any],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run = request.getfixturevalue("finished_run") if needs_run(case) else None
    make_files(case, tmp_path, run)
    before = snapshot(tmp_path)
    capfd.readouterr()
    if needs_process(case):
        answer = answer_of_process(case, tmp_path)
    else:
        monkeypatch.chdir(tmp_path)
        code = cli.main(words_of(case))
        answer = Answer(code, *capfd.readouterr())
    check(case, answer)
    assert snapshot(tmp_path) == before


def answer_of_process(case: Mapping[str, Any], folder: Path) -> Answer:
    restricted = "bound" in case or "limit" in case
    if restricted and not sys.platform.startswith("linux"):
        pytest.skip("the restrictions of this case are those of Linux")
    try:
        return run_process(
            words_of(case),
            folder,
            env=case.get("env"),
            bound=case.get("bound", False),
            limit=case.get("limit"),
        )
    except subprocess.SubprocessError as error:
        if not restricted:
            raise
        pytest.skip(f"a process cannot be restricted here: {error}")


def check(case: Mapping[str, Any], answer: Answer) -> None:
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("optlab: "), answer.err
    assert answer.err.endswith("\n")
    assert answer.err.count("\n") == 1, answer.err
    assert "Traceback" not in answer.err
    missing = [text for text in case["says"] if text not in answer.err]
    assert not missing, answer.err


def test_that_the_table_holds_at_least_75_different_cases() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) >= 75
    assert len({(case["command"], str(case.get("files"))) for case in CASES}) > 75


def test_that_a_good_experiment_passes_the_same_checks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "spec.toml").write_text(table()["texts"]["good"])
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "spec.toml", "--quiet", "--out", "out"]) == 0
    assert capsys.readouterr() == ("", "")
