import copy
import pickle

import pytest
import torch
from torch import nn

from optlab.problems.dropout import KeyedDropout


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(*(shape or (4000,)))


def mask(layer: KeyedDropout, word: int) -> torch.Tensor:
    layer.reseed(word)
    found = layer(ones())
    assert isinstance(found, torch.Tensor)
    return found


def test_that_a_mask_is_a_function_of_word_and_number_alone() -> None:
    layer = KeyedDropout(0.5, index=1)
    first = mask(layer, 7)
    layer(ones(3))
    assert torch.equal(mask(layer, 7), first)
    assert torch.equal(mask(KeyedDropout(0.5, index=1), 7), first)
    for other in (mask(layer, 8), mask(KeyedDropout(0.5, index=2), 7)):
        # Masks of other words and numbers agree in half of their places.
        assert (other == first).float().mean().item() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("word", [0, 1, 2**31, 2**32, 2**62, 2**63 - 1])
def test_that_every_bit_of_a_word_counts(word: int) -> None:
    layer = KeyedDropout(0.5)
    for bit in (0, 1, 16, 31, 32, 33, 47, 61, 62):
        assert not torch.equal(mask(layer, word), mask(layer, word ^ (1 << bit)))


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_that_the_mean_is_kept(p: float) -> None:
    found = KeyedDropout(p)(ones(100_000))
    values = found.unique().tolist()
    assert values == [0.0, pytest.approx(1 / (1 - p))]
    assert (found == 0).float().mean().item() == pytest.approx(p, abs=0.01)
    assert found.mean().item() == pytest.approx(1, abs=0.05)


def test_that_what_is_dropped_has_no_gradient() -> None:
    x = ones(50).requires_grad_()
    y = KeyedDropout(0.5)(x)
    y.sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, y.detach())


def test_that_nothing_is_dropped_in_evaluation_or_with_probability_zero() -> None:
    x = ones()
    assert KeyedDropout(0.5).eval()(x) is x
    assert KeyedDropout(0.0)(x) is x
    assert (KeyedDropout(1.0)(x) == 0).all()


def test_that_an_evaluation_in_between_changes_no_mask() -> None:
    layer = KeyedDropout(0.5)
    layer.reseed(1)
    first, second = layer(ones()), layer(ones())
    layer.reseed(1)
    layer(ones())
    layer.eval()(ones())
    assert torch.equal(layer.train()(ones()), second)
    assert not torch.equal(first, second)


def test_that_channels_are_dropped_as_a_whole() -> None:
    layer = KeyedDropout(0.5, channels=True)
    found = layer(ones(20, 30, 4, 4))
    flat = found.flatten(2)
    assert (flat == flat[..., :1]).all()
    assert (flat[..., 0] == 0).float().mean().item() == pytest.approx(0.5, abs=0.1)


def test_that_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    mask(KeyedDropout(0.5), 1)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_that_a_copy_has_the_same_masks(copied: object) -> None:
    assert callable(copied)
    layer = KeyedDropout(0.5, index=3)
    first = mask(layer, 5)
    twin = copied(layer)
    assert torch.equal(twin(ones()), first)
    assert twin.state_dict() == {}


def masks_in_training(optimizer: str, *, start: int = 0) -> list[torch.Tensor]:
    """Train a bare loop with masks keyed by step, the data fixed."""
    draw = torch.Generator().manual_seed(0)
    x, y = torch.randn(32, 6, generator=draw), torch.randn(32, 1, generator=draw)
    model = nn.Sequential(
        nn.Linear(6, 8), KeyedDropout(0.5, index=1), nn.ReLU(), nn.Linear(8, 1)
    )
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=draw))
    made = getattr(torch.optim, optimizer)(model.parameters(), lr=0.01)
    found = []
    for step in range(start, 6):
        for module in model.modules():
            if isinstance(module, KeyedDropout):
                module.reseed(1000 + step)
        with torch.no_grad():
            hidden = model[1](torch.ones(32, 8))
        found.append(hidden)
        made.zero_grad()
        (model(x) - y).square().mean().backward()
        made.step()
    return found


def test_that_optimizers_share_masks_and_a_late_start_sees_the_same_ones() -> None:
    first, other = masks_in_training("SGD"), masks_in_training("Adam")
    assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))
    late = masks_in_training("SGD", start=3)
    assert all(torch.equal(a, b) for a, b in zip(first[3:], late, strict=True))
    assert not torch.equal(first[0], first[1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_that_masks_on_a_gpu_come_from_a_generator_there() -> None:
    layer = KeyedDropout(0.5)
    layer.reseed(3)
    x = torch.ones(4000, device="cuda")
    first = layer(x)
    layer.reseed(3)
    assert torch.equal(layer(x), first)
    assert (first == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
