from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch.nn import functional

from optlab.params import InputError, ParamValue
from optlab.problems import lobes
from optlab.problems.base import TaskContext
from optlab.problems.catalog_images import DATASETS, IMAGE_CLASSIFICATION
from optlab.problems.catalog_models import MODELS
from optlab.problems.image_classification import ImageTask, family
from optlab.problems.images import ImageSet, LabelledImages
from optlab.problems.models import weights
from optlab.registry import broken_rule

SMALL = ImageSet(lobes.draw(120, seed=0), lobes.draw(60, seed=1), 10)


@pytest.fixture(autouse=True)
def _small_lobes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lobes, "load", lambda: SMALL)


def task(values: Mapping[str, ParamValue], *, split: str = "train") -> ImageTask:
    completed = IMAGE_CLASSIFICATION.complete(values)
    return family(completed, TaskContext(device="cpu", split=split)).for_seed(0)


def model_of(made: ImageTask) -> torch.nn.Module:
    return made.build_model(torch.Generator().manual_seed(0), sparse=False)


def test_that_a_batch_holds_the_images_at_its_indices() -> None:
    made = task({})
    indices = np.array([5, 0, 117, 5], dtype=np.int64)
    images, labels = made.batch(indices)
    expected = SMALL.train.images[indices].transpose(0, 3, 1, 2) / np.float32(255)
    assert images.dtype == torch.float32
    assert (images.numpy() == expected).all()
    assert labels.tolist() == SMALL.train.labels[indices].tolist()


def test_that_batches_and_convolutions_are_in_channels_last_order() -> None:
    made = task({})
    images, _ = made.batch(np.arange(4, dtype=np.int64))
    assert images.is_contiguous(memory_format=torch.channels_last)
    convolutions = [p for p in model_of(made).parameters() if p.ndim == 4]
    assert len(convolutions) == 3
    for weight in convolutions:
        assert weight.is_contiguous(memory_format=torch.channels_last)


def test_that_standard_normalisation_speaks_of_the_training_part() -> None:
    made = task({"normalize": "standard"})
    images, _ = made.batch(np.arange(120, dtype=np.int64))
    mean = images.mean(dim=(0, 2, 3), dtype=torch.float64)
    deviation = images.double().std(dim=(0, 2, 3), correction=0)
    np.testing.assert_allclose(mean.numpy(), 0, atol=1e-5)
    np.testing.assert_allclose(deviation.numpy(), 1, rtol=1e-5)


def test_that_the_loss_is_cross_entropy_with_the_accuracy_beside_it() -> None:
    made = task({})
    model = model_of(made)
    images, labels = made.batch(np.arange(50, dtype=np.int64))
    loss, extras = made.loss(model, (images, labels))
    scores = model(images)
    assert loss.item() == functional.cross_entropy(scores, labels).item()
    expected = (scores.argmax(1) == labels).float().mean().item()
    assert {k: v.item() for k, v in extras.items()} == {"train_accuracy": expected}
    assert not extras["train_accuracy"].requires_grad


@pytest.mark.parametrize(
    ("model", "given", "l2"),
    [("seed-cnn", None, 0.0), ("seed-cnn", 0.1, 0.1), ("3c3d", None, 0.002)],
)
def test_that_the_penalty_is_half_the_squared_weights_in_the_training_loss_only(
    model: str, given: float | None, l2: float
) -> None:
    made = task({"model": model, "l2": given})
    net = model_of(made)
    images, labels = made.batch(np.arange(8, dtype=np.int64))
    with torch.no_grad():
        loss, _ = made.loss(net, (images, labels))
        plain = functional.cross_entropy(net(images), labels)
        squares = sum(w.double().square().sum().item() for w in weights(net))
        assert loss.item() == pytest.approx(plain.item() + l2 / 2 * squares, rel=1e-6)
        held_out = made.evaluate(net)["val_loss"]
        assert held_out.item() == pytest.approx(2.3, abs=0.5)


def test_that_no_penalty_can_be_chosen() -> None:
    made = task({"model": "3c3d", "l2": 0.0})
    net = model_of(made)
    batch = made.batch(np.arange(8, dtype=np.int64))
    plain = functional.cross_entropy(net(batch[0]), batch[1])
    assert made.loss(net, batch)[0].item() == plain.item()


@pytest.mark.parametrize("limit", [7, 60, 1000])
def test_that_evaluation_looks_at_the_held_out_part(limit: int) -> None:
    made = task({"val_samples": limit})
    net = model_of(made)
    count = min(limit, 60)
    images = torch.from_numpy(SMALL.test.images[:count]).permute(0, 3, 1, 2) / 255
    labels = torch.from_numpy(SMALL.test.labels[:count])
    with torch.no_grad():
        scores = net(images)
        found = made.evaluate(net)
    expected = functional.cross_entropy(scores, labels).item()
    assert found["val_loss"].item() == pytest.approx(expected, rel=1e-6)
    share = (scores.argmax(1) == labels).double().mean().item()
    assert found["val_accuracy"].item() == share


def test_that_evaluation_in_chunks_is_evaluation_of_all() -> None:
    big = ImageSet(SMALL.train, lobes.draw(1100, seed=1), 10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lobes, "load", lambda: big)
        made = task({"val_samples": 1100})
    net = model_of(made)
    images = torch.from_numpy(big.test.images).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        expected = functional.cross_entropy(
            net(images), torch.from_numpy(big.test.labels)
        )
        found = made.evaluate(net)["val_loss"]
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)


def test_that_the_test_part_can_be_trained_on_and_the_other_is_then_held_out() -> None:
    made = task({"batch_size": 60}, split="test")
    assert made.train_size == 60
    images, labels = made.batch(np.arange(60, dtype=np.int64))
    assert labels.tolist() == SMALL.test.labels.tolist()
    assert (
        images.permute(0, 2, 3, 1).mul(255).round()
        == torch.from_numpy(SMALL.test.images)
    ).all()


def test_that_seeds_share_the_data() -> None:
    made = family(IMAGE_CLASSIFICATION.complete({}), TaskContext(device="cpu"))
    assert made.for_seed(0)._images.data_ptr() == made.for_seed(1)._images.data_ptr()
    assert made.for_seed(0).order(5, 64) is None


@pytest.mark.parametrize("name", [d.name for d in DATASETS])
def test_that_a_batch_larger_than_the_dataset_is_refused(name: str) -> None:
    rules, complete = IMAGE_CLASSIFICATION.rules, IMAGE_CLASSIFICATION.complete
    size = next(d.train_size for d in DATASETS if d.name == name)
    assert broken_rule(rules, complete({"dataset": name, "batch_size": size})) is None
    broken = broken_rule(rules, complete({"dataset": name, "batch_size": size + 1}))
    assert broken is not None
    assert broken.keys[0] == "batch_size"
    assert f"{size} for {name}" in broken.message


def test_that_a_batch_larger_than_the_part_trained_on_is_refused() -> None:
    with pytest.raises(InputError, match=r"problem\.batch_size = 61"):
        task({"batch_size": 61}, split="test")


@pytest.mark.parametrize("model", [m.name for m in MODELS])
def test_that_neither_building_nor_training_touches_the_global_generators(
    model: str,
) -> None:
    before = torch.get_rng_state()
    made = task({"model": model, "val_samples": 2})
    net = model_of(made)
    made.loss(net, made.batch(np.arange(2, dtype=np.int64)))[0].backward()  # type: ignore[no-untyped-call]
    made.evaluate(net)
    assert torch.equal(torch.get_rng_state(), before)


def test_that_a_net_learns_a_few_pictures_by_heart() -> None:
    made = task({"model": "seed-cnn-relu"})
    net = model_of(made)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    batch = made.batch(np.arange(10, dtype=np.int64))
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss, _extras = made.loss(net, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("model", ["all-cnn-c", "resnet-20"])
def test_that_an_evaluation_changes_no_bit_of_a_model(model: str) -> None:
    made = task({"model": model, "val_samples": 8})
    net = model_of(made)
    made.loss(net, made.batch(np.arange(4, dtype=np.int64)))
    before = {name: t.clone() for name, t in net.state_dict().items()}
    with torch.no_grad():
        first, again = made.evaluate(net), made.evaluate(net)
    assert first == again
    assert all(module.training for module in net.modules())
    assert all(torch.equal(before[n], t) for n, t in net.state_dict().items())


def test_that_dropout_and_norms_are_at_rest_in_an_evaluation() -> None:
    made = task({"model": "all-cnn-c", "val_samples": 8})
    net = model_of(made)
    images = torch.from_numpy(SMALL.test.images[:8]).permute(0, 3, 1, 2) / 255
    labels = torch.from_numpy(SMALL.test.labels[:8])
    with torch.no_grad():
        found = made.evaluate(net)["val_loss"].item()
        resting = functional.cross_entropy(net.eval()(images), labels).item()
        restless = functional.cross_entropy(net.train()(images), labels).item()
    assert found == pytest.approx(resting, rel=1e-6)
    assert found != pytest.approx(restless, rel=1e-6)


@pytest.mark.parametrize(
    ("model", "side", "fits"),
    [
        ("3c3d", 15, False),
        ("3c3d", 16, True),
        ("tiny-vit", 18, False),
        ("mlp", 3, True),
    ],
)
def test_that_a_model_refuses_images_that_it_cannot_take(
    model: str, side: int, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(part: LabelledImages) -> LabelledImages:
        return LabelledImages(part.images[:, :side, :side], part.labels)

    small = ImageSet(cut(SMALL.train), cut(SMALL.test), 10)
    monkeypatch.setattr(lobes, "load", lambda: small)
    if fits:
        model_of(task({"model": model}))
        return
    with pytest.raises(InputError, match=rf"problem\.model = '{model}': .*{side}"):
        task({"model": model})


def test_that_floats_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(3, 7, size=(64, 8, 8, 2)).astype(np.float32)
    part = LabelledImages(values, np.arange(64, dtype=np.int64) % 10)
    monkeypatch.setattr(lobes, "load", lambda: ImageSet(part, part, 10))
    images, _ = task({"model": "mlp"}).batch(np.array([5, 1], dtype=np.int64))
    assert (images.numpy() == values[[5, 1]].transpose(0, 3, 1, 2)).all()
    made = task({"model": "mlp", "normalize": "standard"})
    images, _ = made.batch(np.arange(64, dtype=np.int64))
    np.testing.assert_allclose(images.mean(dim=(0, 2, 3)).numpy(), 0, atol=1e-5)
    np.testing.assert_allclose(
        images.std(dim=(0, 2, 3), correction=0).numpy(), 1, rtol=1e-5
    )
    # What is held stays what it was.
    again, _ = made.batch(np.arange(64, dtype=np.int64))
    assert torch.equal(images, again)
