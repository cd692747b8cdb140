"""`run`, `resume` and `export` from end to end."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from optlab import cli

FILES = {"run.optlab", "metrics.csv", "summary.csv", "curves.svg"}
TIMES = {"wall_time_s", "optimizer_time_s"}
LONG = """
title = "Long"
[problem]
name = "rosenbrock"
[training]
steps = 50000000
[[optimizers]]
name = "SGD"
lr = 1e-5
[[optimizers]]
name = "Adam"
lr = 1e-5
"""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def without_times(path: Path) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k not in TIMES} for row in rows(path)]


def run(*words: str) -> None:
    assert cli.main(["run", *words, "--quiet"]) == 0


def test_that_the_seed_program_ends_exactly_where_it_should(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert cli.main(["run", "seed-gd", "--out", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == FILES
    last = rows(out / "metrics.csv")[-1]
    assert last["step"] == "50"
    assert float(last["x0"]) == pytest.approx(1.4272476927059603e-04, rel=1e-12)
    assert float(last["value"]) == pytest.approx(2.0370359763344873e-08, rel=1e-12)
    printed = capsys.readouterr().out
    assert f"x0 = {float(last['x0'])!r}" in printed
    assert "Gradient descent" in printed
    assert str(out) in printed


def test_that_the_summary_has_one_row_for_each_trial(tmp_path: Path) -> None:
    run(
        "first-look",
        *("--set", "training.steps=30", "--set", "training.seeds=[0,1]"),
        *("--out", str(tmp_path / "out")),
    )
    summary = rows(tmp_path / "out" / "summary.csv")
    assert [row["trial"] for row in summary] == [str(i) for i in range(12)]
    assert {row["steps"] for row in summary} == {"30"}
    assert {row["status"] for row in summary} == {"finished"}


def test_that_a_run_without_a_folder_gets_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("seed-gd")
    run("seed-gd")
    folders = list((tmp_path / "runs").iterdir())
    assert len(folders) == 2
    assert all({file.name for file in folder.iterdir()} == FILES for folder in folders)


def test_that_an_experiment_without_a_title_is_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("seed-gd", "--set", "title=''", "--out", str(out))
    assert {file.name for file in out.iterdir()} == FILES


def test_that_a_quiet_run_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run("seed-gd", "--out", str(tmp_path / "out"))
    assert capfd.readouterr() == ("", "")


def test_that_a_diverged_trial_is_told_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    change = "optimizers.0.lr=1e6"
    assert cli.main(["run", "seed-gd", "--set", change, "--out", str(out)]) == 0
    assert "diverged" in capsys.readouterr().out
    assert rows(out / "summary.csv")[0]["status"] == "diverged"


def test_that_a_resumed_run_equals_one_that_was_not_interrupted(
    tmp_path: Path,
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run("first-look", "--set", "training.steps=60", "--out", str(whole))
    run("first-look", "--set", "training.steps=25", "--out", str(parts))
    file = str(parts / "run.optlab")
    assert cli.main(["resume", file, "--steps", "60", "--quiet"]) == 0
    assert without_times(parts / "metrics.csv") == without_times(whole / "metrics.csv")
    ends = [without_times(folder / "summary.csv") for folder in (parts, whole)]
    told = [{row.pop("certificate") for row in end} for end in ends]
    assert ends[0] == ends[1]
    assert told == [
        {"amber: one-seed, no-tuning, extended"},
        {"amber: one-seed, no-tuning"},
    ]


def test_that_only_files_beside_a_run_file_of_the_usual_name_are_renewed(
    tmp_path: Path,
) -> None:
    run("seed-gd", "--out", str(tmp_path / "out"))
    file = tmp_path / "elsewhere" / "mine.optlab"
    file.parent.mkdir()
    (tmp_path / "out" / "run.optlab").rename(file)
    (file.parent / "metrics.csv").write_text("precious")
    assert cli.main(["resume", str(file), "--steps", "55", "--quiet"]) == 0
    assert (file.parent / "metrics.csv").read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "what", "begins"),
    [
        ("metrics.csv", "metrics", b"trial,label,optimizer,seed,step,epoch,"),
        ("summary.csv", "summary", b"trial,label,optimizer,seed,status,"),
        ("curves.svg", "curves", b"<?xml"),
        ("curves.pdf", "curves", b"%PDF"),
        ("curves.png", "curves", b"\x89PNG"),
        ("surface.svg", "surface", b"<?xml"),
    ],
)
def test_that_a_run_is_exported(
    name: str, what: str, begins: bytes, tmp_path: Path
) -> None:
    run("first-look", "--set", "training.steps=20", "--out", str(tmp_path / "out"))
    file, target = str(tmp_path / "out" / "run.optlab"), tmp_path / name
    words = ["export", file, "--to", str(target), "--what", what]
    assert cli.main(words) == 0
    assert target.read_bytes().startswith(begins)
    assert cli.main(words) == 2
    assert cli.main([*words, "--force"]) == 0


def test_that_the_default_export_equals_what_the_run_wrote(tmp_path: Path) -> None:
    run("seed-sgd", "--out", str(tmp_path / "out"))
    file, target = str(tmp_path / "out" / "run.optlab"), tmp_path / "again.csv"
    assert cli.main(["export", file, "--to", str(target)]) == 0
    written = (tmp_path / "out" / "metrics.csv").read_bytes()
    assert target.read_bytes() == written


def interrupted(words: Sequence[str], folder: Path, number: int) -> tuple[int, str]:
    """Run until the first line is out, send a signal, and return code and errors."""
    with subprocess.Popen(
        [sys.executable, "-m", "optlab", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert " trials, " in process.stdout.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        return process.returncode, errors


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)],
)
def test_that_ctrl_c_leaves_a_valid_file_that_goes_on(
    number: int, tmp_path: Path
) -> None:
    (tmp_path / "long.toml").write_text(LONG)
    out = tmp_path / "out"
    code, errors = interrupted(["run", "long.toml", "--out", "out"], tmp_path, number)
    assert code == 1
    assert errors.count("\n") == 1
    assert "optlab resume" in errors
    assert {file.name for file in out.iterdir()} == FILES
    with closing(sqlite3.connect(out / "run.optlab")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    summary = rows(out / "summary.csv")
    assert {row["status"] for row in summary} == {"stopped"}
    steps = int(summary[0]["steps"])
    assert len(rows(out / "metrics.csv")) == sum(int(r["steps"]) + 1 for r in summary)
    words = ["resume", str(out / "run.optlab"), "--steps", str(steps + 7), "--quiet"]
    assert cli.main(words) == 0
    summary = rows(out / "summary.csv")
    assert {row["status"] for row in summary} == {"finished"}
    assert {row["steps"] for row in summary} == {str(steps + 7)}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
def test_that_a_terminal_gets_bars_and_a_framed_table(tmp_path: Path) -> None:
    import pty

    try:
        parent, child = pty.openpty()
    except OSError:
        pytest.skip("this machine gives no pty")
    out = str(tmp_path / "out")
    words = ["run", "first-look", "--set", "training.steps=3000", "--out", out]
    with subprocess.Popen(
        [sys.executable, "-m", "optlab", *words],
        env=os.environ
        | {
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "TERM": "xterm-256color",
            "COLUMNS": "110",
            "LINES": "30",
        },
        stdout=child,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(child)
        shown = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:  # how Linux says that the other end has closed
                break
            if not part:
                break
            shown += part
        os.close(parent)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0
    text = shown.decode()
    assert "━" in text
    assert "loss" in text
    assert "100%" in text
    assert "SGD + momentum" in text


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.parametrize("dataset", ["lobes-32", "digits"])
def test_that_images_are_learned_in_the_terminal(dataset: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    change = f"problem.dataset={json.dumps(dataset)}"
    run("seed-cnn-first-look", "--set", change, "--out", str(out))
    summary = rows(out / "summary.csv")
    assert max(float(row["final_val_accuracy"]) for row in summary) > 0.8
    assert len({row["init_hash"] for row in summary}) == 1
    assert len({row["batch_hash"] for row in summary}) == 1


def test_that_a_run_that_breaks_is_told_in_one_line_and_keeps_what_it_did(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from optlab.engine import surface_group

    evaluate = surface_group.SurfaceGroup.advance

    def advance(self: surface_group.SurfaceGroup, rows: int) -> object:
        if self.row > 5:
            raise RuntimeError("the floor\ngave way")
        return evaluate(self, rows)

    monkeypatch.setattr(surface_group.SurfaceGroup, "advance", advance)
    assert cli.main(["run", "seed-gd", "--out", str(tmp_path), "--quiet"]) == 1
    captured = capsys.readouterr()
    assert "the floor gave way" in captured.err
    assert "Traceback" not in captured.err
    assert rows(tmp_path / "metrics.csv")[5]["x0"]
