"""``optlab tune`` and ``optlab sweep``: from a file to verdicts and a report."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from optlab.analysis.evidence import gather
from optlab.cli.program import main
from optlab.plugins import load_catalog
from optlab.spec import read_spec
from optlab.store.run_data import RunData

MINIATURE = """
format = 1
title = "Miniature"
[problem]
name = "image-classification"
model = "mlp"
dataset = "digits"
val_samples = 100
[training]
steps = 12
eval_every = 3
seeds = [0, 1]
[tuning]
trials = 2
rungs = 2
eta = 2
[comparison]
baseline = "Adam"
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.1
[[optimizers]]
name = "Adam"
label = "Adam"
"""
VALLEY = """
format = 1
title = "Valley"
[problem]
name = "rosenbrock"
[training]
steps = 20
seeds = [0, 1]
[tuning]
trials = 2
[[optimizers]]
name = "SGD"
lr = 0.0005
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "spec.toml"
    path.write_text(MINIATURE, encoding="utf-8")
    return str(path)


@pytest.fixture
def valley(tmp_path: Path) -> str:
    path = tmp_path / "valley.toml"
    path.write_text(VALLEY, encoding="utf-8")
    return str(path)


def test_that_a_miniature_goes_from_a_file_to_verdicts_and_a_report(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "study"
    assert main(["tune", spec, "--out", str(folder), "--jobs", "2"]) == 0
    out = capsys.readouterr().out
    assert "digits, tuned by val_loss" in out
    assert "baseline Adam" in out
    assert (folder / "report.html").stat().st_size > 1000
    (findings,) = gather([folder], load_catalog()).findings
    assert len(findings.tuned) == 4
    assert len(findings.measured) == 4
    # Going on with it has nothing to do, and says the same.
    before = (folder / "report.html").read_bytes()
    assert main(["tune", str(folder)]) == 0
    table = out[out.index("digits, tuned by") :]
    assert table in capsys.readouterr().out
    assert (folder / "report.html").read_bytes() == before


def test_that_too_few_seeds_are_said_before_anything_is_tuned(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--set", "training.steps=2", "--jobs", "1", "--quiet"]
    line = "2 seeds are too few for one comparison at 5 %: it takes 6."
    assert main(["sweep", spec, *words, "--out", str(tmp_path / "few")]) == 0
    assert line in capsys.readouterr().err
    enough = ["--set", "training.seeds=0..5", "--out", str(tmp_path / "enough")]
    assert main(["sweep", spec, *words, *enough]) == 0
    assert "too few" not in capsys.readouterr().err


def test_that_the_answer_can_be_had_as_json(
    valley: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "study")
    assert main(["tune", valley, "--out", folder, "--jobs", "1", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    (problem,) = tree["problems"]
    (tuning,) = problem["tuning"]
    assert tuning["trials"] == 2
    assert tree["judged"]["problems"][0]["problem"] == "rosenbrock"


def test_that_a_sweep_runs_all_seeds_on_all_problems(
    valley: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "study"
    more = "further_problems=[{name = 'beale'}]"
    words = ["sweep", valley, "--out", str(folder), "--set", more, "--jobs", "1"]
    assert main([*words, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    files = sorted(path.name for path in folder.rglob("*.optlab"))
    assert files == ["0-rosenbrock.optlab", "1-beale.optlab"]
    assert [t.seed for t in RunData.open(next(folder.rglob("1-*"))).trials] == [0, 1]
    assert read_spec(folder / "study.toml", load_catalog()).tuning is None


def test_that_an_experiment_without_tuning_gets_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sets = ["--set", "training.steps=3", "--set", "training.seeds=[0]"]
    assert main(["tune", "seed-gd", *sets, "--jobs", "1", "--quiet"]) == 0
    (folder,) = (tmp_path / "runs").iterdir()
    spec = read_spec(folder / "study.toml", load_catalog())
    assert spec.tuning is not None
    assert spec.tuning.trials == 25
    assert len(list((folder / "tuning").rglob("*.optlab"))) == 25


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_that_ctrl_c_leaves_a_study_that_goes_on(valley: str, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    long = ["--set", "training.steps=3000000", "--out", str(folder), "--jobs", "1"]
    command = [sys.executable, "-m", "optlab", "tune", valley, *long]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"stopped; `optlab tune {folder}` goes on" in err
    assert "Traceback" not in err
    assert (folder / "study.toml").is_file()
    for path in folder.rglob("*.optlab"):
        assert RunData.open(path).state.ended
