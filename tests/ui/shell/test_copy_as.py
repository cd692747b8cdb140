"""An experiment as TOML, command and script, and two of them side by side."""

import ast
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optlab.params import Values
from optlab.plugins import load_catalog
from optlab.registry import Catalog
from optlab.runner import Runner
from optlab.spec import (
    ExperimentSpec,
    GroupSpec,
    OptimizerSpec,
    SchedulerSpec,
    read_spec,
    resolved,
    spec_from_text,
)
from optlab.store.run_data import RunData
from optlab.ui.copy_as import copied
from optlab.ui.experiment_diff import Row, diff_text, experiment_diff


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def preset(name: str, catalog: Catalog) -> ExperimentSpec:
    return spec_from_text(catalog.presets.get(name).text, catalog)


def short(catalog: Catalog) -> ExperimentSpec:
    text = """
    title = 'A "short" one: it''s \\\\ short'
    [problem]
    name = "rosenbrock"
    [training]
    steps = 40
    seeds = [0, 1]
    [[optimizers]]
    name = "SGD"
    lr = 0.001
    scheduler = { name = "CosineAnnealingLR", T_max = 40 }
    [[optimizers]]
    name = "Adam"
    label = "Adam, mine"
    """.replace("it''s", "it s")
    return spec_from_text(text, catalog)


def run_command(command: str, catalog: Catalog) -> ExperimentSpec:
    """Return the experiment that a command of one line trains."""
    words = shlex.split(command)
    assert words[:2] == ["optlab", "run"]
    assert set(words[3::2]) <= {"--set"}
    text = catalog.presets.get(words[2]).text
    return spec_from_text(text, catalog, sets=words[4::2])


def test_that_toml_reads_back_to_the_experiment(catalog: Catalog) -> None:
    spec = short(catalog)
    assert spec_from_text(copied("toml", spec, catalog), catalog) == spec


def test_that_a_preset_is_a_short_command(catalog: Catalog) -> None:
    spec = preset("first-look", catalog)
    assert copied("command", spec, catalog) == "optlab run first-look"


def test_that_a_preset_with_changes_names_them(catalog: Catalog) -> None:
    spec = preset("first-look", catalog)
    entry = replace(spec.optimizers[0], label='it\'s "mine"', values=Values())
    changed = replace(
        spec,
        optimizers=(entry, *spec.optimizers[1:]),
        training=replace(spec.training, steps=77, seeds=(0, 1, 5)),
    )
    command = copied("command", changed, catalog)
    assert command.startswith("optlab run first-look --set ")
    assert "training.steps=77" in command
    made = run_command(command, catalog)
    assert resolved(made, catalog) == resolved(changed, catalog)


@pytest.mark.parametrize("name", load_catalog().presets.names())
def test_that_every_preset_is_a_command_that_trains_it(
    name: str, catalog: Catalog
) -> None:
    spec = preset(name, catalog)
    command = copied("command", spec, catalog)
    assert command == f"optlab run {name}"


def test_that_epochs_in_place_of_steps_can_be_said(catalog: Catalog) -> None:
    spec = preset("seed-cnn-first-look", catalog)
    assert spec.training.steps is not None
    training = replace(spec.training, steps=None, epochs=2.5)
    changed = replace(spec, training=training)
    made = run_command(copied("command", changed, catalog), catalog)
    assert made.training == training


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_that_another_experiment_is_a_here_document_that_runs(
    catalog: Catalog, tmp_path: Path
) -> None:
    spec = short(catalog)
    command = copied("command", spec, catalog)
    body, _, last = command.rstrip("\n").rpartition("\n")
    file = last.removeprefix("optlab run ")
    subprocess.run(["sh", "-c", body], cwd=tmp_path, check=True)
    assert read_spec(tmp_path / file, catalog) == spec


def test_that_an_optimizer_more_is_no_change_of_a_preset(catalog: Catalog) -> None:
    spec = preset("first-look", catalog)
    more = (*spec.optimizers, OptimizerSpec(name="Rprop"))
    command = copied("command", replace(spec, optimizers=more), catalog)
    assert command.startswith("cat > ")


def test_that_the_script_trains_to_the_same_bits(
    catalog: Catalog, tmp_path: Path
) -> None:
    spec = short(catalog)
    script = tmp_path / "script.py"
    script.write_text(copied("python", spec, catalog), "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    theirs = RunData.open(tmp_path / done.stdout.splitlines()[-1])
    runner = Runner(spec, catalog, folder=tmp_path / "mine")
    for _ in runner.run():
        pass
    assert len(theirs.trials) == 4
    for trial in theirs.trials:
        for metric in ("train_loss", "x0", "lr"):
            np.testing.assert_array_equal(
                theirs.series(trial.trial, metric).values,
                runner.data.series(trial.trial, metric).values,
            )


def test_that_a_script_says_what_the_run_was_made_with(catalog: Catalog) -> None:
    text = copied("python", short(catalog), catalog, versions={"torch": "9.9"})
    assert "Made with torch 9.9." in text


def test_that_a_run_of_somebody_else_puts_no_code_into_a_script(
    catalog: Catalog,
) -> None:
    bad = {"torch": '9"""\nraise SystemExit("taken over")\n"""', "x": "\\N{no}"}
    text = copied("python", short(catalog), catalog, versions=bad)
    tree = ast.parse(text)
    assert not [node for node in tree.body if isinstance(node, ast.Raise)]
    assert "taken over" in str(ast.get_docstring(tree))


# -- differences --------------------------------------------------------------------


def differing(
    left: ExperimentSpec, right: ExperimentSpec, catalog: Catalog
) -> list[tuple[str, str, str | None, str | None]]:
    rows = experiment_diff(left, right, catalog)
    return [(r.section, r.name, r.left, r.right) for r in rows if r.differs]


def test_that_an_experiment_does_not_differ_from_itself(catalog: Catalog) -> None:
    for info in catalog.presets:
        spec = preset(info.name, catalog)
        rows = experiment_diff(spec, resolved(spec, catalog), catalog)
        assert [row for row in rows if row.differs] == []
        keys = [(row.section, row.name) for row in rows]
        assert len(set(keys)) == len(keys), info.name


def test_that_every_parameter_has_its_row(catalog: Catalog) -> None:
    spec = short(catalog)
    rows = experiment_diff(spec, spec, catalog)
    adam = {row.name for row in rows if row.section == "Adam, mine"}
    assert {p.title for p in catalog.optimizers.get("Adam").params} <= adam


def test_that_changed_values_are_told_with_their_defaults(catalog: Catalog) -> None:
    left = short(catalog)
    adam = replace(left.optimizers[1], values=Values({"lr": 0.5}))
    right = replace(
        left,
        training=replace(left.training, steps=50),
        optimizers=(left.optimizers[0], adam),
    )
    assert differing(left, right, catalog) == [
        ("Training", "steps", "40", "50"),
        ("Adam, mine", "lr", "0.001", "0.5"),
    ]


def test_that_an_optimizer_only_one_has_is_told_whole(catalog: Catalog) -> None:
    left = short(catalog)
    right = replace(left, optimizers=left.optimizers[1:])
    found = differing(left, right, catalog)
    assert {row[3] for row in found} == {None}
    assert ("optimizer") in {row[1] for row in found}
    assert differing(right, left, catalog)[0][2] is None


def test_that_optimizers_of_one_kind_are_matched_in_spite_of_labels(
    catalog: Catalog,
) -> None:
    left = short(catalog)
    sgd = replace(left.optimizers[0], values=Values({"lr": 0.01}))
    right = replace(left, optimizers=(left.optimizers[1], sgd))
    found = differing(left, right, catalog)
    assert [row[1:] for row in found] == [("lr", "0.001", "0.01")]
    assert " → " in found[0][0]


def test_that_schedules_and_groups_are_compared(catalog: Catalog) -> None:
    left = short(catalog)
    entry = replace(
        left.optimizers[0],
        scheduler=SchedulerSpec(name="CosineAnnealingLR", values=Values({"T_max": 80})),
        groups=(GroupSpec(match="*.bias", values=Values({"lr": 0.5})),),
    )
    right = replace(left, optimizers=(entry, left.optimizers[1]))
    names = {row[1]: row[2:] for row in differing(left, right, catalog)}
    assert names["scheduler · T max"] == ("40", "80")
    assert names["group *.bias · lr"] == (None, "0.5")


def test_that_problems_of_other_kinds_are_compared(catalog: Catalog) -> None:
    found = differing(
        preset("first-look", catalog), preset("seed-cnn-first-look", catalog), catalog
    )
    problem = {row[1]: row[2:] for row in found if row[0] == "Problem"}
    assert problem["problem"][0] != problem["problem"][1]
    assert (None) in {row[0] for row in problem.values()}


def test_that_a_difference_is_copied_as_a_table() -> None:
    rows = [Row(section="Training", name="steps", left="1", right=None)]
    assert diff_text(rows, "A", "B") == "\t\tA\tB\nTraining\tsteps\t1\t\n"
