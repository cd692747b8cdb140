"""The tutorials' CIFAR-10 program: what OptLab trains against the program itself."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from optlab.engine.streams import Stream, word
from optlab.params import InputError
from optlab.problems.cifar import FOLDER_VARIABLE
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec, spec_from_text, spec_warnings
from tests.core.engine.conftest import Collected, collect, experiment
from tests.core.problems.cifar_archives import CIFAR10, members, packed, put

COUNT = 40


@pytest.fixture(scope="module")
def archive() -> dict[str, bytes]:
    return members(CIFAR10, COUNT)


@pytest.fixture(autouse=True)
def _small_cifar(
    archive: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, CIFAR10, packed(archive))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    # As many as a trial has: how a sum is shared out decides its last bits.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def preset(catalog: Catalog, name: str, *sets: str) -> ExperimentSpec:
    return spec_from_text(catalog.presets.get(name).text, catalog, sets=sets)


def run_of(catalog: Catalog, spec: ExperimentSpec) -> Collected:
    from optlab.control import RunControl
    from optlab.engine.loop import run

    return collect(run(spec, catalog, RunControl(), device="cpu"))


class SeedNet(nn.Module):
    """The program's net."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1024, 64),
            nn.Linear(64, 10),
        )

    def forward(self, x: torch.Tensor) -> Any:
        return self.model(x)


def program(
    archive: dict[str, bytes], layout: torch.memory_format, *, epochs: int
) -> list[list[float]]:
    """Run the program; return the loss of each batch of each epoch."""
    raw = np.frombuffer(archive[CIFAR10.test[0]], np.uint8).reshape(-1, 3073)
    # ToTensor: bytes as floats in 0 … 1.
    images = torch.from_numpy(raw[:, 1:].copy()).reshape(-1, 3, 32, 32).float().div(255)
    labels = torch.from_numpy(raw[:, 0].astype(np.int64))
    loader = DataLoader(TensorDataset(images, labels), batch_size=1)
    with torch.random.fork_rng():
        torch.manual_seed(word(0, Stream.INIT))
        net = SeedNet()
    for weight in net.parameters():
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=layout)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    torch.optim.Adam(net.parameters(), lr=0.01)
    losses = []
    for _ in range(epochs):
        of_epoch = []
        for batch, targets in loader:
            loss = loss_function(net(batch.contiguous(memory_format=layout)), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            of_epoch.append(loss.item())
        losses.append(of_epoch)
    return losses


def test_that_the_literal_preset_is_the_program_bit_for_bit(
    catalog: Catalog, archive: dict[str, bytes]
) -> None:
    spec = preset(catalog, "cifar10-literal", "training.epochs=2")
    found = run_of(catalog, spec)
    (trial,) = found.columns
    losses = found.column(trial, "train_loss")[1:]
    assert len(losses) == 2 * COUNT
    # OptLab keeps the numbers of a pixel side by side, which is faster. Where they lie
    # decides in which order a convolution adds: the last bits of a float32.
    same = program(archive, torch.channels_last, epochs=2)
    np.testing.assert_array_equal(losses, np.concatenate(same))
    plain = program(archive, torch.contiguous_format, epochs=2)
    np.testing.assert_allclose(losses, np.concatenate(plain), rtol=1e-6)
    assert found.column(trial, "samples").tolist() == list(range(2 * COUNT + 1))
    assert found.stops[trial].grad_evals == 2 * COUNT


def test_that_the_losses_of_an_epoch_at_chance_add_up_to_ln_10_each(
    catalog: Catalog,
) -> None:
    sets = ("training.epochs=1", "optimizers.0.lr=1e-9")
    found = run_of(catalog, preset(catalog, "cifar10-literal", *sets))
    total = found.column(0, "train_loss")[1:].sum()
    assert total == pytest.approx(COUNT * math.log(10), rel=0.01)
    assert 10_000 * math.log(10) == pytest.approx(23_026, abs=0.5)


def test_that_the_literal_preset_has_every_oddity_of_the_program(
    catalog: Catalog,
) -> None:
    spec = preset(catalog, "cifar10-literal")
    training, values = spec.training, spec.problem.values
    assert (training.split, training.shuffle, training.loss) == ("test", False, "sum")
    assert (training.epochs, values["batch_size"]) == (20, 1)
    assert (values["model"], values["normalize"]) == ("seed-cnn", "unit")
    assert [(o.name, o.values["lr"]) for o in spec.optimizers] == [("SGD", 0.01)]
    (warning,) = spec_warnings(spec, catalog)
    assert warning.startswith("trained on the test split")


def test_that_the_corrected_preset_has_none_of_them(catalog: Catalog) -> None:
    spec = preset(catalog, "cifar10-corrected")
    training, values = spec.training, spec.problem.values
    assert (training.split, training.shuffle, training.loss) == ("train", True, "mean")
    assert values["batch_size"] == 64
    lanes = [(o.name, o.values["lr"]) for o in spec.optimizers]
    assert lanes[:2] == [("SGD", 0.01), ("Adam", 0.01)]
    assert spec_warnings(spec, catalog) == ()


@pytest.mark.parametrize("name", ["cifar10-corrected", "deepobs-3c3d"])
def test_that_presets_on_photographs_train_fairly(catalog: Catalog, name: str) -> None:
    sets = ("training.steps=2", "problem.val_samples=8", "problem.batch_size=16")
    text = catalog.presets.get(name).text.replace("epochs", "#")
    found = run_of(catalog, spec_from_text(text, catalog, sets=sets))
    starts = found.start.trials
    assert len(starts) == len(preset(catalog, name).optimizers)
    assert len({start.init_hash for start in starts}) == 1
    assert len({stop.batch_hash for stop in found.stops.values()}) == 1
    for trial in found.columns:
        assert np.isfinite(found.column(trial, "train_loss")[1:]).all()
        assert [e.step for e in found.evaluations[trial]] == [0, 2]


# ---- nets that draw and remember ----------------------------------------------------


def tree(model: str, *optimizers: dict[str, Any], **training: Any) -> dict[str, Any]:
    return {
        "problem": {
            "name": "image-classification",
            "dataset": "cifar10",
            "model": model,
            "batch_size": 2,
            "val_samples": 2,
        },
        "training": {"steps": 4, "eval_every": 2} | training,
        "optimizers": list(optimizers),
    }


@pytest.mark.parametrize("model", ["all-cnn-c", "resnet-20"])
def test_that_evaluating_more_often_changes_no_bit_of_the_training(
    model: str, catalog: Catalog
) -> None:
    runs = [
        run_of(catalog, experiment(catalog, tree(model, {"name": "SGD"}, eval_every=n)))
        for n in (1, 100)
    ]
    for name in ("train_loss", "grad_norm", "param_norm"):
        often, once = (run.column(0, name) for run in runs)
        np.testing.assert_array_equal(often, once)


@pytest.mark.parametrize("model", ["all-cnn-c", "resnet-20"])
def test_that_optimizers_share_masks_and_a_resumed_run_goes_on_bitwise(
    model: str, catalog: Catalog
) -> None:
    from optlab.control import RunControl
    from optlab.engine.loop import Past, run

    # A rate of nearly nothing: what differs is what the net draws.
    still = [{"name": "SGD", "lr": 1e-12}, {"name": "Adam", "lr": 1e-12}]
    spec = experiment(catalog, tree(model, *still))
    whole = run_of(catalog, spec)
    np.testing.assert_allclose(
        whole.column(0, "train_loss")[1:], whole.column(1, "train_loss")[1:], rtol=1e-4
    )
    lively = ({"name": "SGD", "lr": 0.01}, {"name": "Adam"})
    whole = run_of(catalog, experiment(catalog, tree(model, *lively)))
    half = run_of(catalog, experiment(catalog, tree(model, *lively, steps=2)))
    past = Past(checkpoints={t: c.data for t, c in half.checkpoints.items()})
    records = run(
        experiment(catalog, tree(model, *lively)),
        catalog,
        RunControl(),
        device="cpu",
        past=past,
    )
    rest = collect(records)
    for trial in (0, 1):
        for name in ("train_loss", "grad_norm", "param_norm"):
            np.testing.assert_array_equal(
                whole.column(trial, name)[3:], rest.column(trial, name)
            )
        assert whole.evaluations[trial][-1] == rest.evaluations[trial][-1]


def test_that_a_batch_larger_than_the_part_is_refused(catalog: Catalog) -> None:
    spec = preset(catalog, "cifar10-literal", f"problem.batch_size={COUNT + 1}")
    with pytest.raises(InputError, match=r"problem\.batch_size"):
        run_of(catalog, spec)
