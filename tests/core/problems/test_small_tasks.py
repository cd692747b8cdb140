"""What the data and losses of the small learning tasks are, by their formulas."""

from typing import TypeVar, cast

import numpy as np
import pytest
import torch

from optlab.params import InputError, ParamValue
from optlab.problems.base import Ints, TaskContext
from optlab.problems.catalog_matrices import (
    DEEP_LINEAR,
    MATRIX_FACTORISATION,
    entries_seen,
)
from optlab.problems.catalog_points import EDGE_OF_STABILITY, MOONS, SPIRALS
from optlab.problems.catalog_rare import (
    CHARACTERS,
    RARE_FEATURES,
    TRAIN_TEXT,
    ZIPF_SOFTMAX,
)
from optlab.problems.characters import Characters, shipped_text
from optlab.problems.chebyshev import Chebyshev
from optlab.problems.deep_linear import DeepLinear, DeepLinearModel
from optlab.problems.matrix_factorisation import Factorisation, FactorModel
from optlab.problems.points import Points, draw_moons, draw_spirals
from optlab.problems.rare_features import RareFeatures, RareModel
from optlab.problems.zipf_softmax import ZipfSoftmax
from optlab.registry import ProblemInfo, broken_rule, resolve

T = TypeVar("T")


def task_of(info: ProblemInfo, kind: type[T], seed: int = 0, **values: ParamValue) -> T:
    factory = resolve(info.factory)
    assert callable(factory)
    family = factory(info.complete(values), TaskContext(device="cpu"))
    return cast(T, family.for_seed(seed))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def first(count: int) -> Ints:
    return np.arange(count, dtype=np.int64)


def broken(info: ProblemInfo, **values: ParamValue) -> str:
    rule = broken_rule(info.rules, info.complete(values))
    return "" if rule is None else rule.keys[0]


# ---- moons and spirals


def test_that_moons_without_noise_lie_on_their_half_circles() -> None:
    points, classes = draw_moons(1000, noise=0.0, seed=3, part=0)
    centre = torch.where(classes[:, None] == 0, torch.tensor([0.0, 0.0]), 1.0)
    centre[:, 1] *= 0.5
    away = points - centre
    assert torch.allclose(away.norm(dim=1), torch.ones(1000), atol=1e-5)
    above = away[:, 1] >= -1e-6
    assert torch.equal(above, classes == 0)
    assert torch.bincount(classes).tolist() == [500, 500]


def test_that_the_noise_of_moons_is_as_strong_as_asked_for() -> None:
    clean, _ = draw_moons(4000, noise=0.0, seed=0, part=0)
    noisy, _ = draw_moons(4000, noise=0.2, seed=0, part=0)
    assert (noisy - clean).std(dim=0).tolist() == pytest.approx([0.2, 0.2], rel=0.05)


def test_that_spirals_wind_as_their_formula_says() -> None:
    points, classes = draw_spirals(900, noise=0.0, seed=0, part=0)
    r = (torch.arange(900) // 3) / 300
    angle = 4 * r + 2 * torch.pi * classes / 3
    expected = r[:, None] * torch.stack([angle.sin(), angle.cos()], dim=1)
    assert torch.allclose(points, expected.float(), atol=1e-5)
    assert torch.bincount(classes).tolist() == [300, 300, 300]
    noisy, _ = draw_spirals(900, noise=0.2, seed=0, part=0)
    assert torch.allclose(noisy.norm(dim=1), r.float(), atol=1e-5)


@pytest.mark.parametrize("draw", [draw_moons, draw_spirals])
def test_that_held_out_points_are_others(draw: object) -> None:
    assert callable(draw)
    train, _ = draw(100, noise=0.1, seed=0, part=0)
    held_out, _ = draw(100, noise=0.1, seed=0, part=1)
    # All arms of the spirals begin in the middle.
    assert not np.isclose(train, held_out).all(axis=1)[3:].any()


def test_that_a_quarter_as_many_points_again_are_held_out() -> None:
    task = task_of(MOONS, Points, samples=80)
    assert task.train_size == 80
    assert len(task._val_y) == 20


@pytest.mark.parametrize(("info", "classes"), [(MOONS, 2), (SPIRALS, 3)])
def test_that_a_net_without_knowledge_is_as_good_as_chance(
    info: ProblemInfo, classes: int
) -> None:
    task = task_of(info, Points)
    model = task.build_model(generator(), sparse=False)
    loss, extras = task.loss(model, task.batch(first(500)))
    assert loss.item() == pytest.approx(np.log(classes), abs=0.15)
    assert 0 <= extras["train_accuracy"].item() <= 1


# ---- deep linear net


def test_that_the_deep_linear_loss_is_half_the_squared_distance() -> None:
    task = task_of(DEEP_LINEAR, DeepLinear, depth=2, size=3)
    left = torch.tensor([[1.0, 2, 0], [0, 1, 0], [0, 0, 3]], dtype=torch.float64)
    right = torch.tensor([[2.0, 0, 1], [0, 1, 0], [1, 0, 0]], dtype=torch.float64)
    model = DeepLinearModel(right, left)
    loss, modes = task.loss(model, task.batch(first(1)))
    product = left @ right
    target = torch.diag(torch.tensor([3.0, 2, 1], dtype=torch.float64))
    assert loss.item() == 0.5 * ((product - target) ** 2).sum().item()
    found = {name: value.item() for name, value in modes.items()}
    assert found == {
        "train_mode_first": pytest.approx(2 / 3),
        "train_mode_middle": 0.5,
        "train_mode_last": 0.0,
    }


def test_that_a_deep_linear_net_starts_at_the_scale_asked_for() -> None:
    task = task_of(DEEP_LINEAR, DeepLinear, size=40, init_scale=1e-3)
    model = task.build_model(generator(), sparse=False)
    assert [name for name, _ in model.named_parameters()] == ["W1", "W2", "W3"]
    for parameter in model.parameters():
        assert parameter.std().item() == pytest.approx(1e-3, rel=0.1)


# ---- matrix factorisation


@pytest.mark.parametrize(("rank", "condition"), [(1, 10.0), (3, 1.0), (5, 1e4)])
def test_that_the_matrix_has_the_rank_and_condition_asked_for(
    rank: int, condition: float
) -> None:
    task = task_of(MATRIX_FACTORISATION, Factorisation, rank=rank, condition=condition)
    singular = torch.linalg.svdvals(task._matrix)
    smallest = 1.0 if rank == 1 else 1 / condition
    assert singular[0].item() == pytest.approx(1.0)
    assert singular[rank - 1].item() == pytest.approx(smallest)
    assert singular[rank:].max().item() < 1e-12


def test_that_batches_estimate_the_loss_over_all_entries() -> None:
    task = task_of(MATRIX_FACTORISATION, Factorisation, observed=0.5, batch_size=60)
    assert task.train_size == 600
    model = task.build_model(generator(), sparse=False)
    assert isinstance(model, FactorModel)
    whole, _ = task.loss(model, task.batch(first(600)))
    parts = [task.loss(model, task.batch(first(600)[i::10]))[0] for i in range(10)]
    assert torch.stack(parts).mean().item() == pytest.approx(whole.item(), rel=1e-12)
    errors = (model() - task._matrix) * task._mask
    assert whole.item() == pytest.approx(errors.square().sum().item(), rel=1e-12)
    everything = (model() - task._matrix).square().sum().item()
    assert task.evaluate(model)["val_loss"].item() == pytest.approx(everything)


def test_that_a_factorisation_beyond_its_matrix_is_refused() -> None:
    info = MATRIX_FACTORISATION
    assert broken(info, rank=31) == "rank"
    assert broken(info, rank=30) == ""
    assert broken(info, batch_size=1201) == "batch_size"
    assert broken(info, batch_size=601, observed=0.5) == "batch_size"
    assert broken(info, batch_size=600, observed=0.5) == ""
    assert entries_seen(info.complete({"observed": 1e-9})) == 1
    with pytest.raises(InputError, match=r"problem\.batch_size = 1201"):
        task_of(info, Factorisation, batch_size=1201)


# ---- Zipf softmax


def test_that_classes_follow_zipf_s_law_and_start_alike() -> None:
    task = task_of(ZIPF_SOFTMAX, ZipfSoftmax, samples=50_000)
    _, classes = task.batch(first(50_000))
    shares = torch.bincount(classes, minlength=100) / 50_000
    harmonic = float(np.sum(1 / np.arange(1, 101)))
    for c in (1, 2, 10):
        assert shares[c - 1].item() == pytest.approx(1 / c / harmonic, rel=0.1)
    model = task.build_model(generator(), sparse=False)
    with torch.no_grad():
        found = task.evaluate(model)
    for name in ("val_loss", "val_head_loss", "val_tail_loss"):
        assert found[name].item() == pytest.approx(np.log(100), rel=1e-6)


def test_that_head_and_tail_are_the_first_tenth_and_the_last_half() -> None:
    task = task_of(ZIPF_SOFTMAX, ZipfSoftmax, classes=20, dim=4)
    model = task.build_model(generator(), sparse=False)
    # Scores that do not look at the samples: loss c for class c, but for a constant.
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name == "bias":
                parameter.copy_(-torch.arange(20.0))
        found = task.evaluate(model)
    rest = torch.logsumexp(-torch.arange(20.0), dim=0).item()
    classes = task._val_y.double()
    head, tail = classes[classes < 2].mean(), classes[classes >= 10].mean()
    assert found["val_head_loss"].item() == pytest.approx(head.item() + rest, rel=1e-5)
    assert found["val_tail_loss"].item() == pytest.approx(tail.item() + rest, rel=1e-5)
    assert found["val_loss"].item() == pytest.approx(classes.mean().item() + rest)


def test_that_more_numbers_than_memory_holds_are_refused() -> None:
    assert broken(ZIPF_SOFTMAX, samples=200_000, dim=2000) == "samples"


# ---- rare features


def test_that_features_are_on_as_often_as_asked_for() -> None:
    task = task_of(RARE_FEATURES, RareFeatures, samples=50_000, noise=0.5)
    x, y = task.batch(first(50_000))
    assert set(x.ravel().tolist()) == {-1.0, 0.0, 1.0}
    assert x.abs().mean(dim=0).tolist() == pytest.approx([1, 0.1, 0.01], rel=0.1)
    assert (y - x.sum(dim=1)).std().item() == pytest.approx(0.5, rel=0.02)
    assert (x.T @ x / 50_000).fill_diagonal_(0).abs().max() < 0.02


def test_that_rates_are_change_over_gradient_where_there_was_one() -> None:
    task = task_of(RARE_FEATURES, RareFeatures)
    model = task.build_model(generator(), sparse=False)
    assert isinstance(model, RareModel)
    ones = torch.ones(1, dtype=torch.float64)
    x = torch.tensor([[1.0, -1.0, 0.0]], dtype=torch.float64)
    loss, rates = task.loss(model, (x, ones))
    assert all(rate.isnan() for rate in rates.values())
    (gradient,) = torch.autograd.grad(loss, model.w)
    with torch.no_grad():
        model.w.sub_(torch.tensor([0.1, 0.2, 0.3]) * gradient)
    _, rates = task.loss(model, (x * 0.0, ones))
    found = [rate.item() for rate in rates.values()]
    assert found[:2] == pytest.approx([0.1, 0.2])
    assert np.isnan(found[2])
    with torch.no_grad():
        model.w.add_(1.0)
    _, kept = task.loss(model, (x, ones))
    assert [rate.item() for rate in kept.values()][:2] == pytest.approx([0.1, 0.2])


# ---- edge of stability


def test_that_the_net_is_to_learn_a_chebyshev_polynomial() -> None:
    task = task_of(EDGE_OF_STABILITY, Chebyshev)
    x, y = task.batch(first(3))
    assert len(x) == len(y) == 20
    t5 = 16 * x.pow(5) - 20 * x.pow(3) + 5 * x
    assert torch.allclose(y, t5, atol=1e-12)
    model = torch.nn.Linear(1, 1, dtype=torch.float64)
    loss, _ = task.loss(model, (x, y))
    assert loss.item() == pytest.approx(0.5 * (model(x) - y).square().mean().item())


# ---- characters


def test_that_the_text_is_plain_and_as_long_as_the_catalog_says() -> None:
    text = shipped_text()
    assert text.isascii()
    assert len(text) * 9 // 10 == TRAIN_TEXT
    assert text.startswith("Alice was beginning to get very tired")


def test_that_the_next_characters_are_to_be_guessed() -> None:
    text = shipped_text()
    task = task_of(CHARACTERS, Characters, context=8)
    given, wanted = task.batch(np.array([0, 100, task.train_size - 1], dtype=np.int64))
    symbols = sorted(set(text))
    for row, start in enumerate((0, 100, task.train_size - 1)):
        seen = "".join(symbols[i] for i in given[row].tolist())
        said = "".join(symbols[i] for i in wanted[row].tolist())
        assert seen == text[start : start + 8]
        assert said == text[start + 1 : start + 9]
    assert task.train_size - 1 + 8 == TRAIN_TEXT - 1


def test_that_the_held_out_text_is_the_end_and_guessed_once() -> None:
    text = shipped_text()
    task = task_of(CHARACTERS, Characters)
    symbols = sorted(set(text))
    said = "".join(symbols[i] for i in task._val_y.ravel().tolist())
    assert text[TRAIN_TEXT + 1 :].startswith(said)
    assert len(said) > 1900


@pytest.mark.parametrize("model", ["gru", "transformer"])
def test_that_no_net_sees_the_character_that_it_guesses(model: str) -> None:
    task = task_of(CHARACTERS, Characters, model=model, context=16)
    net = task.build_model(generator(), sparse=False)
    given, _ = task.batch(first(2))
    other = given.clone()
    other[:, 9:] = 3
    with torch.no_grad():
        one, two = net(given), net(other)
    assert torch.equal(one[:, :9], two[:, :9])
    assert not torch.allclose(one[:, 9:], two[:, 9:])


def test_that_the_recurrent_net_is_that_of_torch() -> None:
    task = task_of(CHARACTERS, Characters, width=12)
    net = task.build_model(generator(), sparse=False)
    mine = dict(net.named_parameters())
    theirs = torch.nn.GRU(12, 12, batch_first=True)
    names = {"weight_ih": "input.weight", "bias_ih": "input.bias"}
    names |= {"weight_hh": "hidden.weight", "bias_hh": "hidden.bias"}
    theirs.load_state_dict({f"{name}_l0": mine[own] for name, own in names.items()})
    with torch.no_grad():
        given, _ = task.batch(first(4))
        states, _ = theirs(mine["embedding.weight"][given])
        expected = states @ mine["output.weight"].T + mine["output.bias"]
        assert torch.allclose(net(given), expected, atol=1e-5)


def test_that_attention_is_that_of_torch() -> None:
    task = task_of(CHARACTERS, Characters, model="transformer", width=12, context=6)
    net = task.build_model(generator(), sparse=False)
    parts = dict(net.named_modules())
    block = parts["blocks.0"]
    theirs = torch.nn.TransformerEncoderLayer(
        12, 4, 48, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    names = {
        "self_attn.in_proj_weight": "attention.weight",
        "self_attn.in_proj_bias": "attention.bias",
        "self_attn.out_proj.weight": "join.weight",
        "self_attn.out_proj.bias": "join.bias",
        "linear1.weight": "up.weight",
        "linear1.bias": "up.bias",
        "linear2.weight": "down.weight",
        "linear2.bias": "down.bias",
        "norm1.weight": "norm1.weight",
        "norm1.bias": "norm1.bias",
        "norm2.weight": "norm2.weight",
        "norm2.bias": "norm2.bias",
    }
    own = block.state_dict()
    theirs.load_state_dict({name: own[mine] for name, mine in names.items()})
    mask = torch.nn.Transformer.generate_square_subsequent_mask(6)
    x = torch.randn(3, 6, 12, generator=generator(1))
    with torch.no_grad():
        expected = theirs(x, src_mask=mask, is_causal=True)
        assert torch.allclose(block(x, mask), expected, atol=1e-5)


def test_that_a_transformer_needs_a_width_that_its_heads_share() -> None:
    assert broken(CHARACTERS, model="transformer", width=30) == "width"
    assert broken(CHARACTERS, model="gru", width=30) == ""


@pytest.mark.parametrize("info", [MOONS, SPIRALS, ZIPF_SOFTMAX, RARE_FEATURES])
def test_that_a_batch_beyond_the_samples_is_refused(info: ProblemInfo) -> None:
    assert broken(info, samples=20, batch_size=21) == "batch_size"
    with pytest.raises(InputError, match=r"problem\.batch_size = 21"):
        task_of(info, Points, samples=20, batch_size=21)
