"""`data`: listing, progress and cancelling, with the download itself replaced."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from optlab import cli, runner
from optlab.cli.data import cancelling
from optlab.plugins import load_catalog
from optlab.problems.datasets import DatasetStatus, DownloadCancelled

Progress = Callable[[int, int | None], None]
Get = Callable[..., Path]


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Callable[[Get], None]:
    return lambda get: monkeypatch.setattr(runner, "get_dataset", get)


def test_that_the_list_says_what_each_dataset_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["data", "list"]) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line for line in out.splitlines()[1:]}
    assert list(rows) == list(load_catalog().datasets.names())
    assert "needs no download" in rows["digits"]
    assert "optlab data get cifar10 (170 MB)" in rows["cifar10"]


def test_that_the_list_tells_of_an_unfinished_download(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def status(name: str) -> DatasetStatus:
        return DatasetStatus(
            name=name, ready=False, download=True, partial=12_000_000, total=170_000_000
        )

    monkeypatch.setattr(runner, "dataset_status", status)
    assert cli.main(["data", "list"]) == 0
    assert "12 of 170 MB" in capsys.readouterr().out


def test_that_a_dataset_is_got_and_its_place_is_told(
    replace: Callable[[Get], None], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def get(
        name: str,
        *,
        source: Path | None,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> Path:
        asked.append((name, source, cancelled()))
        progress(1, None)
        progress(5, 10)
        return Path("folder") / name

    replace(get)
    assert cli.main(["data", "get", "cifar10"]) == 0
    assert cli.main(["data", "get", "cifar100", "--from", "file.tar.gz"]) == 0
    assert asked == [
        ("cifar10", None, False),
        ("cifar100", Path("file.tar.gz"), False),
    ]
    assert str(Path("folder") / "cifar10") in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_that_ctrl_c_cancels_a_download(
    replace: Callable[[Get], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def get(
        name: str,
        *,
        source: Path | None,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        assert cancelled()
        raise DownloadCancelled

    replace(get)
    assert cli.main(["data", "get", "cifar10"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_that_a_second_ctrl_c_insists() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), cancelling():
        interrupt(times=2)
    assert signal.getsignal(signal.SIGINT) is before


def interrupt(times: int) -> None:
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)
