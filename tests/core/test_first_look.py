"""The ready experiments do what they promise, from preset to summary."""

from pathlib import Path

import pytest

from optlab.plugins import load_catalog
from optlab.records import State
from optlab.runner import Runner
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData


def finished(preset: str, folder: Path, *sets: str) -> RunData:
    catalog = load_catalog()
    spec = spec_from_text(catalog.presets.get(preset).text, catalog, sets=sets)
    runner = Runner(spec, catalog, folder=folder)
    for _ in runner.run():
        pass
    return runner.data


def assert_paired(data: RunData) -> None:
    for column in ("init_hash", "batch_hash"):
        by_seed: dict[int, set[str]] = {}
        for row in data.summary():
            by_seed.setdefault(row.seed, set()).add(getattr(row, column))
        assert all(len(hashes) == 1 for hashes in by_seed.values())


def best_accuracy(data: RunData) -> float:
    return max(row.final_val_accuracy or 0.0 for row in data.summary())


def test_that_the_race_on_rosenbrock_gets_everybody_down_the_valley(
    tmp_path: Path,
) -> None:
    data = finished("first-look", tmp_path)
    assert {row.status for row in data.summary()} == {State.FINISHED}
    assert all((row.final_train_loss or 9) < 1 for row in data.summary())
    assert_paired(data)


def test_that_images_are_learned_within_fifty_steps_of_digits(
    tmp_path: Path,
) -> None:
    sets = ("problem.dataset=digits", "training.steps=50", "training.seeds=[0,1]")
    data = finished("seed-cnn-first-look", tmp_path, *sets)
    assert best_accuracy(data) > 0.8
    assert len({row.init_hash for row in data.summary()}) == 2
    assert_paired(data)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("dataset", ["lobes-32", "digits"])
def test_that_the_first_look_at_images_ends_above_80_percent(
    tmp_path: Path, dataset: str
) -> None:
    data = finished("seed-cnn-first-look", tmp_path, f"problem.dataset={dataset}")
    assert best_accuracy(data) > 0.8
    assert_paired(data)


def test_that_the_sparse_optimizer_has_a_home(tmp_path: Path) -> None:
    data = finished("sparse-first-look", tmp_path)
    assert {row.status for row in data.summary()} == {State.FINISHED}
    assert all((row.final_val_loss or 9) < 4 for row in data.summary())
    assert_paired(data)
