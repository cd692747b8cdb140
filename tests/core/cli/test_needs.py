"""Optimizers of different needs in one run, stopped and resumed, in all its files."""

from pathlib import Path

import pytest

from optlab import cli
from tests.core.cli.test_runs import FILES, rows, run, without_times

# Gradient evaluations of a step: uphill and down, an average beside, a product with the
# Hessian that counts two, random draws, four looks at the loss.
NEEDS = {"SAM": 2, "ScheduleFreeAdamW": 1, "AdaHessian": 3, "Kron": 1, "LBFGS": 4}
SPEC = """
title = "Needs"
[problem]
name = "moons"
[training]
eval_every = 10
seeds = [0, 1]
"""


def written(folder: Path) -> str:
    more = {"LBFGS": "lr = 0.1\nmax_iter = 4\n"}
    tables = (
        f'[[optimizers]]\nname = "{name}"\n{more.get(name, "")}' for name in NEEDS
    )
    path = folder / "needs.toml"
    path.write_text(SPEC + "".join(tables), encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_that_a_resumed_run_of_all_needs_equals_a_whole_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, whole, part = written(tmp_path), tmp_path / "whole", tmp_path / "part"
    run(spec, "--set", "training.steps=30", "--out", str(whole))
    run(spec, "--set", "training.steps=20", "--out", str(part))
    file = str(part / "run.optlab")
    assert cli.main(["resume", file, "--steps", "30", "--quiet"]) == 0
    for out in (whole, part):
        assert {path.name for path in out.iterdir()} == FILES
        summary = rows(out / "summary.csv")
        assert {row["status"] for row in summary} == {"finished"}
        assert len(summary) == 2 * len(NEEDS)
        for row in summary:
            assert int(row["grad_evals"]) == 30 * NEEDS[row["optimizer"]]
    metrics = [without_times(out / "metrics.csv") for out in (whole, part)]
    assert metrics[0] == metrics[1]
    capsys.readouterr()
    assert cli.main(["compare", str(whole / "run.optlab")]) == 0
    told = capsys.readouterr().out
    assert all(label in told for label in ("SAM", "Schedule-Free AdamW", "AdaHessian"))
    assert told.count("finished") == 2 * len(NEEDS)
