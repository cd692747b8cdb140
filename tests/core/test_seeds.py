"""docs/seeds.md: every row of the tutorials has a command, and every command runs."""

import json
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from optlab.cli.program import main
from optlab.plugins import load_catalog
from optlab.problems.cifar import FOLDER_VARIABLE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "seeds.md").read_text(encoding="utf-8")
ROWS = [f"S{number:02}" for number in range(1, 25)]
# R7 does not exist; R1 to R3 are O19.
RESULTS = {f"R{n}" for n in range(1, 11) if n != 7} | {f"O{n}" for n in range(1, 27)}

FEW_STEPS = 4
# Warm-ups and falls have to fit into a run.
LONGER = {"learning-rate-schedules": 250}


def cells(page: str, first: str) -> list[list[str]]:
    """Return the rows of all tables whose first cell matches."""
    found = []
    for line in page.splitlines():
        if line.startswith("|"):
            row = [cell.strip() for cell in line.strip("|").split("|")]
            if re.fullmatch(first, row[0]):
                found.append(row)
    return found


SEEDS = cells(PAGE, r"S\d\d")
COMMANDS = [
    (row[0], command)
    for row in SEEDS
    for command in re.findall(r"`optlab ([^`]+)`", row[2])
]


@cache
def epochs_of(preset: str) -> bool:
    return "epochs =" in load_catalog().presets.get(preset).text


def shortened(command: str) -> list[str]:
    """Return a command's words, with a few steps to take in place of all."""
    verb, *rest = shlex.split(command)
    if verb not in ("run", "compare"):
        return [verb, *rest]
    name = next((word for word in rest if word in load_catalog().presets), "")
    steps = LONGER.get(name, FEW_STEPS)
    words = [verb, *rest, "--set", "training.eval_every=4", "--out", "runs"]
    if verb == "compare":
        words += ["--steps", str(steps), "--json"]
    else:
        length = "epochs=0.2" if epochs_of(name) else f"steps={steps}"
        words += ["--set", f"training.{length}", "--quiet"]
    if name and '"0..' in load_catalog().presets.get(name).text:
        words += ["--set", "training.seeds=0..2"]
    if "seed-layer-wise" in rest:
        words += ["--set", "problem.val_samples=20"]
    return words


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "no-data"))


def test_that_every_row_is_there_with_a_command_and_what_to_see() -> None:
    assert [row[0] for row in SEEDS] == ROWS
    for name, says, command, see in SEEDS:
        assert "`optlab " in command, name
        assert says.endswith("."), name
        assert len(see) > 20, name
    assert len({says for _, says, _, _ in SEEDS}) == len(ROWS)


@pytest.mark.parametrize(("row", "command"), COMMANDS, ids=lambda word: str(word)[:50])
def test_that_the_command_of_a_row_does_what_it_says(
    row: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(shortened(command))
    told = capsys.readouterr()
    if "cifar10" in command:
        assert code == 2
        assert told.err.splitlines()[-1].endswith("optlab data get cifar10")
        return
    assert code == 0, told.err
    assert told.err == ""
    verb = command.split()[0]
    if verb == "run":
        made = {path.name for path in Path("runs").iterdir()}
        assert made == {"run.optlab", "metrics.csv", "summary.csv", "curves.svg"}
    elif verb == "compare":
        for experiment in json.loads(told.out)["experiments"]:
            for trial in experiment["trials"]:
                assert {"final", "reach", "noise"} <= trial.keys()
    else:
        assert len(told.out) > 400


def test_that_every_preset_is_on_the_page_and_every_one_there_exists() -> None:
    presets = {preset.name for preset in load_catalog().presets}
    listed = {row[0].strip("`") for row in cells(PAGE, r"`[a-z0-9-]+`")}
    named = {word for _, command in COMMANDS for word in command.split()}
    assert listed <= presets
    assert presets - named == listed - named
    assert not listed & named


def test_that_all_eight_names_of_row_s10_are_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["list", "optimizers", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    known = {entry["name"] for entry in entries}
    known |= {alias for entry in entries for alias in entry["aliases"]}
    (row,) = (row for row in SEEDS if row[0] == "S10")
    assert set(row[1].strip(".").split(", ")) <= known
    assert all(entry["family"] for entry in entries)


def test_that_a_sweep_over_batch_sizes_tells_loss_noise_and_speed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # S13 and S05.
    words = ["--steps", "200", "--set", "training.seeds=0", "--json"]
    assert main(["compare", "batch-sizes", *words]) == 0
    (told,) = json.loads(capsys.readouterr().out)["experiments"]
    (sweep,) = told["sweeps"]
    assert sweep["parameter"] == "batch_size"
    assert [point["value"] for point in sweep["points"]] == [1, 4, 10, 32, 100]
    for point in sweep["points"]:
        assert all(point[key] > 0 for key in ("final", "noise", "samples_per_s"))
    noise = [point["noise"] for point in sweep["points"]]
    assert noise == sorted(noise, reverse=True)


@pytest.mark.slow
def test_that_sensitivity_to_the_rate_is_told_in_decades(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # S20.
    assert main(["compare", "learning-rate-sensitivity", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["experiments"]
    widths = {sweep["optimizer"]: sweep["width"] for sweep in told["sweeps"]}
    assert widths.keys() == {"SGD", "Adam"}
    assert widths["Adam"] > 0


def test_that_every_exact_result_names_tests_that_exist() -> None:
    rows = cells(PAGE, r"[RO]\d+(, [RO]\d+)*")
    covered = {name for row in rows for name in row[0].split(", ")}
    assert covered == RESULTS
    for row in rows:
        found = re.findall(r"`(tests/[^:`]+)::(\w+)`", row[2])
        assert found or row[0] == "O24"
        for path, test in found:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert f"\ndef {test}(" in text, test
