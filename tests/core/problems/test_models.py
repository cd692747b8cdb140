import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from optlab.problems.catalog_models import MODELS
from optlab.problems.images import ImageFormat
from optlab.problems.models import (
    all_cnn_c,
    seed_cnn,
    seed_cnn_relu,
    three_conv_three_dense,
    weights,
)
from optlab.problems.residual import Thinned, resnet_18, resnet_20
from optlab.problems.transformer import Attention, VisionTransformer, tiny_vit
from optlab.registry import ModelInfo, resolve

TEN = ImageFormat()

every_model = pytest.mark.parametrize("info", MODELS, ids=lambda info: info.name)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(info: ModelInfo, images: ImageFormat = TEN, *, seed: int = 0) -> nn.Module:
    factory = resolve(info.factory)
    assert callable(factory)
    model = factory(images, generator(seed))
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
    assert counts == {
        "seed-cnn": 145_578,
        "seed-cnn-relu": 145_578,
        "3c3d": 895_210,
        "all-cnn-c": 1_369_738,
        # 0.27 M in table 6 of the paper.
        "resnet-20": 269_722,
        "resnet-18": 11_173_962,
        "tiny-vit": 810_890,
        "mlp": 394_634,
    }
    hundred = ImageFormat(classes=100)
    assert size(all_cnn_c(hundred, generator())) == 1_387_108


def test_that_the_seed_net_has_the_seed_s_shapes() -> None:
    shapes = [tuple(p.shape) for p in seed_cnn(TEN, generator()).parameters()]
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

    assert activations(seed_cnn(TEN, generator())) == 0
    assert activations(seed_cnn_relu(TEN, generator())) == 4


@every_model
@pytest.mark.parametrize(
    "images", [TEN, ImageFormat(classes=100, channels=1, size=24)], ids=str
)
def test_that_a_model_scores_every_class(info: ModelInfo, images: ImageFormat) -> None:
    sample = torch.zeros(2, images.channels, images.size, images.size)
    scores = made(info, images)(sample)
    assert scores.shape == (2, images.classes)
    assert torch.isfinite(scores).all()


@every_model
def test_that_a_model_takes_the_smallest_images_that_the_catalog_says(
    info: ModelInfo,
) -> None:
    side = info.min_size
    scores = made(info, ImageFormat(size=side))(torch.zeros(2, 3, side, side))
    assert scores.shape == (2, 10)
    assert side % info.size_step == 0


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
    mine = seed_cnn(TEN, generator(5))
    for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(p, q)


def test_that_the_deepobs_net_is_drawn_by_glorot_s_rule() -> None:
    model = three_conv_three_dense(TEN, generator())
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
    model = three_conv_three_dense(TEN, generator())
    sizes = []
    x = torch.zeros(1, 3, 32, 32)
    for layer in model.children():
        x = layer(x)
        if isinstance(layer, nn.MaxPool2d):
            sizes.append(tuple(x.shape[1:]))
    assert sizes == [(64, 14, 14), (96, 6, 6), (128, 3, 3)]


@every_model
def test_that_a_penalty_speaks_of_weights_and_not_of_biases_or_norms(
    info: ModelInfo,
) -> None:
    model = made(info)
    penalised = {id(p) for p in weights(model)}
    for module in model.modules():
        plain = not isinstance(module, nn.BatchNorm2d | nn.LayerNorm)
        for name, parameter in module.named_parameters(recurse=False):
            expected = plain and name != "bias"
            assert (id(parameter) in penalised) == expected


@every_model
def test_that_each_parameter_of_a_model_has_a_gradient(info: ModelInfo) -> None:
    side = info.min_size
    model = made(info, ImageFormat(size=side))
    images = torch.rand(2, 3, side, side, generator=generator())
    model(images).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_that_all_cnn_c_starts_as_in_deepobs() -> None:
    model = all_cnn_c(TEN, generator())
    convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 9
    for layer in convolutions:
        assert layer.bias is not None
        assert (layer.bias == torch.tensor(0.1)).all()
        area = layer.weight[0, 0].numel()
        fans = (layer.weight.shape[1] + layer.weight.shape[0]) * area
        assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / fans), rel=0.05)


def test_that_all_cnn_c_halves_as_tensorflow_does() -> None:
    model = all_cnn_c(TEN, generator()).eval()
    sides = []
    x = torch.rand(1, 3, 32, 32, generator=generator())
    for layer in model.children():
        if isinstance(layer, nn.Conv2d) and layer.stride == (2, 2):
            # One row and column of zeros, at the far edges.
            assert (x[..., -1, :] == 0).all()
            assert (x[..., -1] == 0).all()
            assert (x[..., 0, :] != 0).any()
        x = layer(x)
        if isinstance(layer, nn.Conv2d):
            sides.append(x.shape[-1])
    assert sides == [32, 32, 16, 16, 16, 8, 6, 6, 6]


def test_that_the_small_residual_net_has_shortcuts_without_parameters() -> None:
    small, large = resnet_20(TEN, generator()), resnet_18(TEN, generator())
    assert not [n for n, _ in small.named_parameters() if "shortcut" in n]
    assert [n for n, _ in large.named_parameters() if "shortcut" in n]
    x = torch.rand(1, 2, 4, 4, generator=generator())
    thin = Thinned(2, 3)(x)
    assert torch.equal(thin[:, :2], x[:, :, ::2, ::2])
    assert (thin[:, 2:] == 0).all()
    assert thin.shape == (1, 5, 2, 2)


@pytest.mark.parametrize(("make", "depth"), [(resnet_20, 20), (resnet_18, 18)])
def test_that_a_residual_net_is_as_deep_as_its_name_says(
    make: Callable[[ImageFormat, torch.Generator], nn.Module], depth: int
) -> None:
    layers = [
        m
        for name, m in make(TEN, generator()).named_modules()
        if isinstance(m, nn.Conv2d | nn.Linear) and "shortcut" not in name
    ]
    assert len(layers) == depth


def test_that_residual_nets_learn_running_means_in_training_only() -> None:
    model = resnet_20(TEN, generator())
    before = {name: b.clone() for name, b in model.named_buffers()}
    images = torch.rand(4, 3, 32, 32, generator=generator())
    model.eval()(images)
    assert all(torch.equal(before[n], b) for n, b in model.named_buffers())
    model.train()(images)
    assert all(not torch.equal(before[n], b) for n, b in model.named_buffers())


def test_that_attention_is_torch_s() -> None:
    model = tiny_vit(TEN, generator())
    attention = next(m for m in model.modules() if isinstance(m, Attention))
    theirs = nn.MultiheadAttention(128, 4, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(attention.inward.weight)
        theirs.in_proj_bias.copy_(attention.inward.bias)
        theirs.out_proj.weight.copy_(attention.outward.weight)
        theirs.out_proj.bias.copy_(attention.outward.bias)
        x = torch.randn(2, 9, 128, generator=generator())
        expected, _ = theirs(x, x, x)
        torch.testing.assert_close(attention(x), expected)


def test_that_patches_know_their_places() -> None:
    model = tiny_vit(TEN, generator())
    assert isinstance(model, VisionTransformer)
    assert model.places.shape == (64, 128)
    assert model.places.std().item() == pytest.approx(0.02, rel=0.05)
    image = torch.rand(1, 3, 32, 32, generator=generator())
    turned = image.flip(-1)
    with torch.no_grad():
        assert not torch.equal(model(image), model(turned))
        model.places.zero_()
        swapped = torch.cat((image[..., 16:], image[..., :16]), dim=-1)
        torch.testing.assert_close(model(image), model(swapped))
