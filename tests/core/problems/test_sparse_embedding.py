import numpy as np
import pytest
import torch

from optlab.params import InputError, ParamValue, check_values
from optlab.problems.base import TaskContext
from optlab.problems.catalog_tasks import SPARSE_EMBEDDING
from optlab.problems.sparse_embedding import EmbeddingTask, family
from optlab.registry import broken_rule


def embedding(seed: int = 0, **values: ParamValue) -> EmbeddingTask:
    completed = SPARSE_EMBEDDING.complete(values)
    return family(completed, TaskContext(device="cpu")).for_seed(seed)


def first(count: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.arange(count, dtype=np.int64)


@pytest.mark.parametrize("sparse", [True, False])
def test_that_gradients_have_the_layout_that_was_asked_for(sparse: bool) -> None:
    task = embedding()
    model = task.build_model(torch.Generator().manual_seed(0), sparse=sparse)
    loss, extras = task.loss(model, task.batch(first(8)))
    loss.backward()  # type: ignore[no-untyped-call]
    gradient = model.embedding.weight.grad
    assert gradient is not None
    assert gradient.is_sparse == sparse
    assert not extras
    assert [p.dtype for p in model.parameters()] == [torch.float32]


def test_that_both_layouts_hold_the_same_numbers() -> None:
    task = embedding()
    gradients = []
    for sparse in (True, False):
        model = task.build_model(torch.Generator().manual_seed(0), sparse=sparse)
        loss, _ = task.loss(model, task.batch(first(64)))
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = model.embedding.weight.grad
        assert gradient is not None
        gradients.append(gradient.to_dense())
    assert torch.allclose(gradients[0], gradients[1], rtol=1e-6, atol=1e-8)


def test_that_a_batch_touches_a_few_rows_only() -> None:
    task = embedding()
    words, _, _ = task.batch(first(64))
    assert len(set(words.tolist())) < 64
    assert words.max() < 1000


def test_that_words_follow_zipf_s_law() -> None:
    task = embedding(samples=100_000)
    words, _, _ = task.batch(first(100_000))
    counts = torch.bincount(words, minlength=1000).double() / 100_000
    harmonic = (1 / torch.arange(1, 1001)).sum()
    for k in (1, 2, 5, 20):
        expected = (1 / k / harmonic).item()
        assert counts[k - 1].item() == pytest.approx(expected, rel=0.1)


def test_that_targets_are_explained_by_one_vector_for_each_word() -> None:
    task = embedding(dim=4, samples=4000)
    words, read_outs, targets = task.batch(first(4000))
    for word in range(3):
        mine = words == word
        rows, goals = read_outs[mine].double(), targets[mine].double()
        assert len(goals) > 4
        found = torch.linalg.lstsq(rows, goals[:, None]).solution
        assert torch.allclose(rows @ found, goals[:, None], atol=1e-4)
    assert targets.std().item() == pytest.approx(1, abs=0.4)


def test_that_the_held_out_loss_falls_when_the_table_is_learned() -> None:
    task = embedding(vocabulary=50, dim=4, samples=2000)
    model = task.build_model(torch.Generator().manual_seed(0), sparse=True)
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=0.1)
    order = np.random.default_rng(0)
    with torch.no_grad():
        before = task.evaluate(model)["val_loss"].item()
    for _ in range(150):
        optimizer.zero_grad()
        loss, _extras = task.loss(model, task.batch(order.integers(2000, size=64)))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        after = task.evaluate(model)["val_loss"].item()
    assert 0.3 < before < 3
    assert after < 0.05 * before


def test_that_evaluation_is_the_mean_over_the_samples_held_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = embedding(samples=400)
    model = task.build_model(torch.Generator().manual_seed(0), sparse=False)
    held_out = np.arange(400, 500, dtype=np.int64)
    with torch.no_grad():
        expected = task.loss(model, task.batch(held_out))[0].item()
        assert task.evaluate(model)["val_loss"].item() == pytest.approx(expected)
        monkeypatch.setattr("optlab.problems.sparse_embedding._CHUNK", 16 * 30)
        assert task.evaluate(model)["val_loss"].item() == pytest.approx(expected)


def test_that_data_follow_the_seed_and_weights_the_generator() -> None:
    before = torch.get_rng_state()
    one, again, other = embedding(3), embedding(3), embedding(4)
    for a, b, c in zip(
        one.batch(first(50)),
        again.batch(first(50)),
        other.batch(first(50)),
        strict=True,
    ):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)
    tables = [
        task.build_model(torch.Generator().manual_seed(seed), sparse=sparse)
        for task, seed, sparse in ((one, 7, True), (other, 7, False), (one, 8, True))
    ]
    weights = [model.embedding.weight for model in tables]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_that_a_batch_larger_than_the_samples_is_refused() -> None:
    values = SPARSE_EMBEDDING.complete({"samples": 10, "batch_size": 11})
    rule = broken_rule(SPARSE_EMBEDDING.rules, values)
    assert rule is not None
    assert rule.keys[0] == "batch_size"
    with pytest.raises(InputError, match=r"problem\.batch_size"):
        embedding(samples=10, batch_size=11)


def test_that_a_table_beyond_reason_is_refused() -> None:
    values = {"vocabulary": 1_000_000, "dim": 1024}
    completed = SPARSE_EMBEDDING.complete(
        check_values(SPARSE_EMBEDDING.params, values, "problem")
    )
    rule = broken_rule(SPARSE_EMBEDDING.rules, completed)
    assert rule is not None
    assert rule.keys == ("vocabulary", "dim")
