"""The log: small files, one line a record, never in the way."""

import logging
from pathlib import Path

import pytest

from optlab import cli, log
from optlab.cli import program
from optlab.log import FILE, MOST_BYTES, last_lines, log_file, logging_to_file
from tests.promises import Note, Times

logger = logging.getLogger("optlab.tests")


@pytest.mark.promise(14, "the log takes 50 MB at most")
def test_that_all_files_together_stay_small(
    tmp_path: Path, times: Times, measured: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = times(300, 12_000)
    if count < 1_000:
        monkeypatch.setattr(log, "FILE_BYTES", 50_000)
    bound = min(MOST_BYTES, log.FILES * (log.FILE_BYTES + 10_000))
    with logging_to_file(tmp_path):
        for number in range(count):
            logger.warning("%d %s", number, "x" * 8_000)
    files = list(tmp_path.iterdir())
    size = sum(file.stat().st_size for file in files)
    measured(f"{size / 1e6:.1f} MB after {count * 8_000 / 1e6:.0f} MB")
    assert size <= bound
    assert len(files) == log.FILES
    assert f" {count - 1} xxx" in last_lines(1, tmp_path)[0]


def test_that_a_record_is_a_line_and_a_traceback_is_indented(tmp_path: Path) -> None:
    with logging_to_file(tmp_path, start="a test"):
        logger.warning("one\n2026-01-01 00:00:00,000 1 INFO optlab: forged")
        try:
            raise ValueError("why")
        except ValueError:
            logger.exception("two")
    text = log_file(tmp_path).read_text()
    heads = [line for line in text.splitlines() if not line.startswith("    ")]
    assert len(heads) == 3
    assert "optlab" in heads[0]
    assert "    ValueError: why" in text


def test_that_a_record_without_end_is_cut(tmp_path: Path) -> None:
    with logging_to_file(tmp_path):
        logger.warning("x" * 10_000_000)
    assert log_file(tmp_path).stat().st_size < 200_000


@pytest.mark.parametrize("kind", ["a file", "a folder"])
def test_that_where_nothing_can_be_written_the_program_goes_on(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "log"
    if kind == "a file":
        folder.touch()
    else:
        (folder / FILE).mkdir(parents=True)
    with logging_to_file(folder):
        logger.warning("lost")
    assert capfd.readouterr().err == ""
    assert last_lines(10, folder) == ()


def test_that_nothing_stays_behind_and_nesting_writes_once(tmp_path: Path) -> None:
    root = logging.getLogger("optlab")
    before, level = list(root.handlers), root.level
    with logging_to_file(tmp_path), logging_to_file(tmp_path):
        logger.warning("once")
    assert (root.handlers, root.level) == (before, level)
    assert log_file(tmp_path).read_text().count("once") == 1


def test_that_an_error_inside_the_program_is_one_line_and_stands_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("a bug\nof ours")

    monkeypatch.setattr(program, "_dispatch", broken)
    assert cli.main(["list"]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: a bug" in said
    assert str(log_file()) in said
    assert "ZeroDivisionError: a bug" in "\n".join(last_lines(20))
