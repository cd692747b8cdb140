"""What ``optlab compare`` says below its tables, whatever it is given."""

import json
from pathlib import Path
from typing import Any

import pytest

from optlab.cli.program import main
from optlab.plugins import load_catalog
from optlab.runner import Runner
from optlab.spec import spec_from_text

NOISY = """
title = "{title}"
[problem]
name = "linear-regression"
data = "noisy-line"
batch_size = 4
[training]
steps = 12
seeds = [{seeds}]
[[optimizers]]
name = "SGD"
label = "slow"
lr = {slow}
[[optimizers]]
name = "SGD"
label = "fast"
lr = {fast}
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(
    name: str,
    *,
    seeds: str = "0, 1, 2, 3, 4, 5",
    slow: float = 1e-3,
    fast: float = 0.03,
) -> str:
    """Run an experiment and return its run file."""
    return ran(name, NOISY.format(title=name, seeds=seeds, slow=slow, fast=fast))


def ran(name: str, text: str) -> str:
    catalog = load_catalog()
    spec = spec_from_text(text, catalog)
    runner = Runner(spec, catalog, folder=Path(name), device="cpu")
    for _ in runner.run():
        pass
    return f"{name}/run.optlab"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(["compare", *words]) == 0
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return shown.out


def told_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(told(capsys, *words, "--json"))
    return tree


def test_that_a_verdict_is_refused_with_its_reason_and_what_was_seen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = made("plain")
    lines = told(capsys, file).splitlines()
    start = lines.index(
        "Verdict on linear-regression, by val_loss (2 optimizers, baseline slow)"
    )
    assert lines[start + 1].split()[:6] == [
        "label", "seeds", "lasted", "median", "quartiles", "mean",
    ]  # fmt: skip
    (line,) = [line for line in lines if line.startswith("fast ended at a lower")]
    assert "6 seeds, p = 0.031; for a verdict there is missing:" in line
    assert line.endswith("missing: tuning with equal budgets (`optlab tune` does it).")
    tree = told_json(capsys, file)
    (problem,) = tree["verdicts"]["problems"]
    (verdict,) = problem["verdicts"]
    assert verdict["sentence"] == line
    assert verdict["better"] is None
    assert verdict["missing"] == ["tuning with equal budgets (`optlab tune` does it)"]
    ends = {
        (t["label"], t["seed"]): t["final"] for t in tree["experiments"][0]["trials"]
    }
    apart = [ends["fast", seed] - ends["slow", seed] for seed in range(6)]
    assert verdict["effect"] == pytest.approx(sum(apart) / 6, rel=1e-12)
    assert verdict["interval"] == pytest.approx([min(apart), max(apart)], rel=1e-12)
    assert [row["n"] for row in problem["optimizers"]] == [6, 6]
    turned = told_json(capsys, file, "--baseline", "fast")
    (verdict,) = turned["verdicts"]["problems"][0]["verdicts"]
    assert (verdict["label"], verdict["baseline"]) == ("slow", "fast")


def test_that_runs_of_different_problems_are_told_apart_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = ran("other", load_catalog().presets.get("seed-gd").text)
    shown = told(capsys, made("plain"), other)
    assert shown.count("These runs are of different problems") == 1
    assert "fast ended at a lower validation loss than slow" in shown
    assert "Gradient descent on x²" in shown


def test_that_runs_without_a_common_seed_are_told_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one, two = made("one"), made("two", seeds="10, 11, 12, 13, 14, 15")
    text = NOISY.format(title="three", seeds="10, 11", slow=1e-3, fast=0.03)
    text = text.replace('"slow"', '"late"').replace('"fast"', '"later"')
    shown = told(capsys, one, ran("three", text))
    line = "Nothing can be said of late against slow: late and slow have no seed in"
    assert sum(line in text for text in shown.splitlines()) == 1
    # The same optimizers with further seeds are one comparison, at any time only.
    shown = told(capsys, one, two)
    assert "Seeds are in several runs that were not planned as one" in shown
    assert "12 seeds" in shown
    assert "at any time" in shown
    # Seeds that one of them has alone were fixed beforehand for nobody else.
    entries = NOISY.split("[[optimizers]]")
    alone = f"{entries[0]}[[optimizers]]{entries[2]}"
    alone = alone.format(title="four", seeds="10, 11, 12", fast=0.03)
    shown = told(capsys, made("five", seeds="0, 1, 2"), ran("four", alone))
    assert "(3 so far), more seeds in common (3 of 6), tuning with" in shown
    assert "fixed beforehand" not in shown
    assert "Provisional" not in shown


def test_that_one_trial_is_told_without_a_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = told(capsys, "seed-gd")
    assert "Verdict" not in shown
    assert "Gradient descent" in shown
    assert shown.count("There is one optimizer only: nothing is compared.") == 1
    shown = told(capsys, made("one", seeds="3"))
    assert (
        "These data do not tell fast from slow: the validation loss of fast less"
        in shown
    )
    assert "one seed; for a verdict there is missing: at least 6 seeds" in shown


def test_that_where_all_diverged_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = made("broken", slow=1e6, fast=1e7)
    line = "Neither fast nor slow lasted in any of their 6 seeds: there is nothing to"
    assert line in told(capsys, file)
    (problem,) = told_json(capsys, file)["verdicts"]["problems"]
    assert [row["lasted"] for row in problem["optimizers"]] == [0, 0]
    assert problem["optimizers"][0]["median"] == "inf"
    assert problem["verdicts"][0]["better"] is None


def test_that_every_pair_is_judged_on_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = NOISY.format(title="three", seeds="0, 1", slow=1e-3, fast=0.03)
    ran("three", f'{text}[[optimizers]]\nname = "Adam"\n')
    (problem,) = told_json(capsys, "three/run.optlab")["verdicts"]["problems"]
    assert len(problem["verdicts"]) == 2
    tree = told_json(capsys, "three", "--all-pairs", "--baseline", "Adam")
    (problem,) = tree["verdicts"]["problems"]
    assert [(v["label"], v["baseline"]) for v in problem["verdicts"]] == [
        ("slow", "Adam"),
        ("fast", "Adam"),
        ("fast", "slow"),
    ]


def test_that_many_refusals_for_one_reason_are_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    entries = "".join(
        f'[[optimizers]]\nname = "SGD"\nlr = {10.0**-k}\n' for k in range(2, 9)
    )
    Path("rates.toml").write_text(
        f'[problem]\nname = "quadratic-1d"\n[training]\nsteps = 5\n{entries}'
    )
    shown = told(capsys, "rates.toml")
    (line,) = [line for line in shown.splitlines() if line.startswith("No verdict")]
    assert line == (
        "No verdict on 6 comparisons; for one there is missing: seeds that change "
        "something (here there is no noise, and one start), tuning with equal budgets "
        "(`optlab tune` does it)."
    )


def test_that_an_unknown_baseline_is_refused_before_anything_is_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["compare", "first-look", "--baseline", "nobody"]) == 2
    shown = capsys.readouterr()
    assert "--baseline = 'nobody': one of " in shown.err
    assert not Path("runs").exists()
