"""Every ready experiment can be read, shown, and run for a few steps."""

import tomllib
from pathlib import Path

import pytest

from optlab.analysis.replayed import hold_against
from optlab.export.csv_files import write_metrics_csv
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.problems.cifar import FOLDER_VARIABLE
from optlab.records import State
from optlab.registry import PresetInfo
from optlab.runner import Runner
from optlab.spec import dump_spec, spec_from_text, spec_warnings
from optlab.store.run_data import RunData
from tests.core.cli.test_runs import without_times

CATALOG = load_catalog()
PRESETS = list(CATALOG.presets)
NEEDS_DATA = {"cifar10-corrected", "cifar10-literal", "deepobs-3c3d"}
HERE = [preset for preset in PRESETS if preset.name not in NEEDS_DATA]
IMAGES = 'name = "image-classification"'
SMALL = [
    pytest.param(p, marks=pytest.mark.slow if IMAGES in p.text else ()) for p in HERE
]

FEW = ("training.steps=4", "training.eval_every=2")
# What fits beside the curves and into the table of the window.
LONGEST_LABEL = 24
LONGEST_TITLE = 52

every_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda p: str(p.name))


def few_steps(preset: PresetInfo, folder: Path) -> RunData:
    sets = [*FEW]
    if "warmup" in preset.text:
        # A warm-up has to end before the run does.
        sets[0] = "training.steps=250"
    if "epochs" in tomllib.loads(preset.text)["training"]:
        sets = ["training.epochs=0.2", "training.eval_every=2"]
    if len(tomllib.loads(preset.text)["training"].get("seeds", "")) > 3:
        sets.append("training.seeds=0..2")
    if "image" in tomllib.loads(preset.text)["problem"]["name"]:
        sets.append("problem.val_samples=20")
    spec = spec_from_text(preset.text, CATALOG, sets=sets)
    runner = Runner(spec, CATALOG, folder=folder, device="cpu")
    for _ in runner.run():
        pass
    return runner.data


@pytest.mark.parametrize("preset", HERE, ids=lambda p: str(p.name))
def test_that_a_preset_runs(preset: PresetInfo, tmp_path: Path) -> None:
    data = few_steps(preset, tmp_path)
    spec = spec_from_text(data.spec_text, CATALOG)
    assert len(data.trials) == len(spec.optimizers) * len(spec.training.seeds)
    assert {row.status for row in data.summary()} == {State.FINISHED}
    assert all(row.steps >= 1 for row in data.summary())


@pytest.mark.parametrize("preset", SMALL, ids=[p.name for p in HERE])
def test_that_a_preset_run_twice_differs_in_times_alone(
    preset: PresetInfo, tmp_path: Path
) -> None:
    once, again = (few_steps(preset, tmp_path / name) for name in ("once", "again"))
    found = hold_against(once, again)
    assert found.first is None
    assert found.values > 4 * len(once.trials)
    tables = []
    for data, name in ((once, "once.csv"), (again, "again.csv")):
        write_metrics_csv(data, tmp_path / name)
        tables.append(without_times(tmp_path / name))
    assert tables[0] == tables[1]


@pytest.mark.parametrize("name", sorted(NEEDS_DATA))
def test_that_a_preset_whose_images_are_missing_says_how_to_get_them(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(InputError, match="optlab data get cifar10"):
        few_steps(CATALOG.presets.get(name), tmp_path / "run")


@every_preset
def test_that_a_preset_is_told_in_a_few_words(preset: PresetInfo) -> None:
    spec = spec_from_text(preset.text, CATALOG, name=preset.name)
    assert spec.title == preset.label
    assert len(preset.label) <= LONGEST_TITLE
    assert preset.description.endswith(".")
    assert 40 < len(preset.description) < 600
    labels = [entry.label or entry.name for entry in spec.optimizers]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= LONGEST_LABEL + 6 * (preset.name in NEEDS_DATA)
    assert preset.name == "cifar10-literal" or not spec_warnings(spec, CATALOG)


def test_that_titles_of_presets_differ() -> None:
    assert len({preset.label for preset in PRESETS}) == len(PRESETS)


@every_preset
def test_that_a_preset_survives_being_saved(preset: PresetInfo) -> None:
    spec = spec_from_text(preset.text, CATALOG, name=preset.name)
    assert spec_from_text(dump_spec(spec, CATALOG), CATALOG) == spec


@every_preset
def test_that_a_preset_has_no_name_of_another_thing(preset: PresetInfo) -> None:
    others = (
        *CATALOG.problems,
        *CATALOG.optimizers,
        *CATALOG.schedulers,
        *CATALOG.diagnostics,
        *CATALOG.metrics,
    )
    assert preset.name not in {info.name for info in others}
