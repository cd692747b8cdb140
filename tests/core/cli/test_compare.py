"""``optlab compare``: both answers for every cell, as a table and as JSON."""

import json
from pathlib import Path

import pytest

from optlab.cli.program import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_that_every_cell_has_time_to_target_and_final_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(
        [
            "compare",
            "--problems",
            "quadratic-1d,linear-regression,spirals",
            "--optimizers",
            "SGD,Adam",
            "--steps",
            "60",
            "--json",
        ]
    )
    assert code == 0
    told = json.loads(capsys.readouterr().out)["experiments"]
    assert [t["problem"] for t in told] == [
        "quadratic-1d",
        "linear-regression",
        "spirals",
    ]
    for table in told:
        assert [t["optimizer"] for t in table["trials"]] == ["SGD", "Adam"]
        for trial in table["trials"]:
            assert isinstance(trial["final"], float)
            assert "reach" in trial
        # The first one reaches what it ends at itself, if not before.
        assert table["trials"][0]["reach"]["step"] <= 60


def test_that_runs_are_read_and_experiments_are_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "seed-gd", "--out", "done", "--quiet"]) == 0
    assert main(["compare", "done/run.optlab", "seed-gd", "--target", "0.001"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("Gradient descent on x²") >= 2
    # 100·0.64^k ≤ 0.001 first at k = 26.
    assert sum(" 26 " in line for line in shown.splitlines()) == 2


def test_that_a_sweep_is_told_with_its_zones(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    entries = "".join(
        f'[[optimizers]]\nname = "SGD"\nlr = {lr}\n' for lr in (1e-3, 0.5, 0.99, 3.0)
    )
    (tmp_path / "rates.toml").write_text(
        f'[problem]\nname = "quadratic-1d"\n[training]\nsteps = 50\n{entries}'
    )
    assert main(["compare", "rates.toml"]) == 0
    shown = capsys.readouterr().out
    assert "SGD over lr: 0.001 too small, 0.5 good, 0.99 too large, 3 diverged" in shown


def test_that_many_seeds_are_told_by_optimizer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["compare", "basins-himmelblau", "--set", "training.seeds=0..35"]
    assert main([*words, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["experiments"]
    (entry,) = told["entries"]
    assert (entry["n"], entry["lasted"], entry["reached"]) == (36, 36, 36)
    reached = [trial["minimum"] for trial in told["trials"]]
    assert set(reached) == {0, 1, 2, 3}
    assert all(trial["came_near"] for trial in told["trials"])
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    (row,) = (line for line in lines if line.startswith("Gradient descent"))
    assert "36 of 36" in row
    for minimum in range(4):
        assert f"{minimum + 1}: {reached.count(minimum)}" in row


def test_that_values_of_optimizers_that_are_named_can_be_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["compare", "--problems", "booth", "--optimizers", "SGD,Adam"]
    words += ["--steps", "60", "--json"]
    assert main([*words, "--set", "optimizers.0.lr=1e9"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["experiments"]
    assert [t["state"] for t in told["trials"]] == ["diverged", "finished"]
    # A preset has other optimizers, which are gone when the values are set.
    words = ["compare", "seed-gd", "--optimizers", "SGD,Adam", "--steps", "60"]
    assert main([*words, "--json", "--set", "optimizers.1.lr=1e-9"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["experiments"]
    assert told["trials"][1]["final"] == pytest.approx(told["trials"][1]["start"])
    assert main([*words, "--set", "optimizers.2.lr=1"]) == 2


def test_that_a_target_that_nobody_reaches_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["compare", "seed-gd", "--steps", "2"]
    # 100·0.64^k after two steps.
    line = "Value 1 is reached by no trial; the best comes to 40.96."
    assert main([*words, "--target", "1"]) == 0
    assert line in capsys.readouterr().out.splitlines()
    assert main([*words, "--target", "41"]) == 0
    assert "reached by no trial" not in capsys.readouterr().out
