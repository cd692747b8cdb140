import math

import pytest
import torch
from torch import nn

from optlab.problems.catalog_images import MODELS
from optlab.problems.models import (
    seed_cnn,
    seed_cnn_relu,
    three_conv_three_dense,
    weights,
)
from optlab.registry import ModelInfo, resolve

every_model = pytest.mark.parametrize("info", MODELS, ids=lambda info: info.name)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(info: ModelInfo, *, classes: int = 10, seed: int = 0) -> nn.Module:
    factory = resolve(info.factory)
    assert callable(factory)
    model = factory(classes, generator(seed))
    assert isinstance(model, nn.Module)
    return model


def size(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@every_model
def test_that_a_model_has_as_many_parameters_as_the_catalog_says(
    info: ModelInfo,
) -> None:
    assert size(made(info)) == info.n_parameters


def test_that_the_parameter_counts_are_the_published_ones() -> None:
    counts = {info.name: info.n_parameters for info in MODELS}
    assert counts == {"seed-cnn": 145_578, "seed-cnn-relu": 145_578, "3c3d": 895_210}


def test_that_the_seed_net_has_the_seed_s_shapes() -> None:
    shapes = [tuple(p.shape) for p in seed_cnn(10, generator()).parameters()]
    assert shapes == [
        (32, 3, 5, 5),
        (32,),
        (32, 32, 5, 5),
        (32,),
        (64, 32, 5, 5),
        (64,),
        (64, 1024),
        (64,),
        (10, 64),
        (10,),
    ]


def test_that_the_seed_net_has_no_activation_and_its_variant_has_four() -> None:
    def activations(model: nn.Module) -> int:
        return sum(isinstance(m, nn.ReLU) for m in model.modules())

    assert activations(seed_cnn(10, generator())) == 0
    assert activations(seed_cnn_relu(10, generator())) == 4


@every_model
@pytest.mark.parametrize("classes", [10, 100])
def test_that_a_model_scores_every_class(info: ModelInfo, classes: int) -> None:
    scores = made(info, classes=classes)(torch.zeros(2, 3, 32, 32))
    assert scores.shape == (2, classes)
    assert torch.isfinite(scores).all()


@every_model
def test_that_weights_follow_the_generator_and_nothing_else(info: ModelInfo) -> None:
    before = torch.get_rng_state()
    first, again, other = made(info), made(info), made(info, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    for p, q in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(p, q)
    assert any(
        not torch.equal(p, q)
        for p, q in zip(first.parameters(), other.parameters(), strict=True)
    )


def test_that_default_weights_are_bitwise_those_that_torch_draws() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(5)
        theirs = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.Linear(1024, 64),
            nn.Linear(64, 10),
        )
    mine = seed_cnn(10, generator(5))
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(p, q)


def test_that_the_deepobs_net_is_drawn_by_glorot_s_rule() -> None:
    model = three_conv_three_dense(10, generator())
    for layer in model.modules():
        if not isinstance(layer, nn.Conv2d | nn.Linear):
            continue
        assert layer.bias is not None
        assert (layer.bias == 0).all()
        area = layer.weight[0, 0].numel()
        fan_in, fan_out = layer.weight.shape[1] * area, layer.weight.shape[0] * area
        deviation = math.sqrt(2 / (fan_in + fan_out))
        assert layer.weight.std().item() == pytest.approx(deviation, rel=0.05)
        bound = math.sqrt(3) * deviation
        beyond = (layer.weight.abs() > bound).float().mean().item()
        # 8 % of a normal distribution lie beyond √3 deviations, none of a uniform.
        expected = 0.083 if isinstance(layer, nn.Conv2d) else 0.0
        assert beyond == pytest.approx(expected, abs=0.02)


def test_that_the_deepobs_net_pools_over_the_far_edge() -> None:
    model = three_conv_three_dense(10, generator())
    sizes = []
    x = torch.zeros(1, 3, 32, 32)
    for layer in model.children():
        x = layer(x)
        if isinstance(layer, nn.MaxPool2d):
            sizes.append(tuple(x.shape[1:]))
    assert sizes == [(64, 14, 14), (96, 6, 6), (128, 3, 3)]


@every_model
def test_that_a_penalty_speaks_of_weights_and_not_of_biases(info: ModelInfo) -> None:
    model = made(info)
    penalised = {id(p) for p in weights(model)}
    for name, parameter in model.named_parameters():
        assert (id(parameter) in penalised) == name.endswith(".weight")
