"""Muon with AdamW as one optimizer."""

import copy

import pytest
import torch

from optlab.optimizers.build import build_optimizer
from optlab.optimizers.muon_split import MuonSplit, split
from optlab.params import InputError, Values
from tests.core.optimizers.toy import (
    BY_NAME,
    NET,
    Named,
    advance,
    closure_for,
    make,
    parameters,
)

MUON = BY_NAME["Muon"]
SEED_CNN = {
    "conv1.weight": (32, 3, 5, 5),
    "conv1.bias": (32,),
    "conv2.weight": (32, 32, 5, 5),
    "conv2.bias": (32,),
    "conv3.weight": (64, 32, 5, 5),
    "conv3.bias": (64,),
    "linear1.weight": (64, 1024),
    "linear1.bias": (64,),
    "linear2.weight": (10, 64),
    "linear2.bias": (10,),
}


def names_of(named: Named, chosen: list[torch.nn.Parameter]) -> list[str]:
    ids = {id(p) for p in chosen}
    return [name for name, p in named if id(p) in ids]


def split_names(shapes: dict[str, tuple[int, ...]]) -> tuple[list[str], list[str]]:
    named = parameters(shapes)
    muon, rest = split(named)
    assert len(muon) + len(rest) == len(named)
    return names_of(named, muon), names_of(named, rest)


def test_that_the_seed_cnn_gives_muon_its_one_hidden_matrix() -> None:
    named = parameters(SEED_CNN)
    assert sum(p.numel() for _, p in named) == 145_578
    built = build_optimizer(MUON, Values(), named)
    groups = built.optimizer.param_groups
    assert [len(group["params"]) for group in groups] == [1, 9]
    numbers = [sum(p.numel() for p in group["params"]) for group in groups]
    assert numbers == [65_536, 80_042]
    assert built.notes == (
        "Muon trains 1 of 10 parameters, with 65,536 numbers",
        "AdamW trains the other 9, with 80,042 numbers",
    )


def test_that_every_hidden_matrix_but_no_embedding_or_output_goes_to_muon() -> None:
    shapes = {
        "tok_emb.weight": (50, 8),
        "pos_embedding": (20, 8),
        "wte.weight": (50, 8),
        "norm.weight": (8,),
        "member.weight": (8, 8),
        "block.fc.weight": (16, 8),
        "head.weight": (5, 16),
    }
    muon, rest = split_names(shapes)
    assert muon == ["member.weight", "block.fc.weight"]
    assert rest == [n for n in shapes if n not in muon]


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ({"weight": (1, 1), "bias": (1,)}, ["weight"]),
        ({"embedding.weight": (9, 3), "out.weight": (2, 3)}, ["out.weight"]),
        ({"embedding.weight": (9, 3), "bias": (2,)}, ["embedding.weight"]),
    ],
)
def test_that_muon_is_never_left_with_nothing_while_there_is_a_matrix(
    shapes: dict[str, tuple[int, ...]], expected: list[str]
) -> None:
    assert split_names(shapes)[0] == expected


def test_that_a_model_without_a_matrix_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="at least one weight matrix") as error:
        make(MUON, parameters({"conv.weight": (2, 3, 3, 3), "bias": (2,)}))
    assert "\n" not in str(error.value)


def test_that_a_model_of_one_matrix_needs_no_second_group() -> None:
    named = parameters({"w": (4, 3)})
    built = build_optimizer(MUON, Values(), named)
    assert len(built.optimizer.param_groups) == 1
    assert built.notes == ("Muon trains 1 of 1 parameters, with 12 numbers",)
    advance(MUON, named, built.optimizer, 2)


def test_that_group_0_is_muons_and_each_part_has_its_own_values() -> None:
    optimizer = make(
        MUON,
        parameters(NET),
        lr=0.02,
        rest_lr=0.003,
        weight_decay=0.2,
        rest_weight_decay=0.05,
        rest_betas=(0.8, 0.9),
        rest_eps=1e-6,
    )
    muon, rest = optimizer.param_groups
    assert (muon["lr"], muon["weight_decay"], muon["momentum"]) == (0.02, 0.2, 0.95)
    assert (rest["lr"], rest["weight_decay"]) == (0.003, 0.05)
    assert (rest["betas"], rest["eps"]) == ((0.8, 0.9), 1e-6)


def test_that_a_learning_rate_set_on_a_group_is_the_one_that_is_used() -> None:
    named = parameters(NET)
    optimizer = make(MUON, named)
    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    before = [p.detach().clone() for _, p in named]
    advance(MUON, named, optimizer, 2)
    assert all(torch.equal(a, b) for a, (_, b) in zip(before, named, strict=True))


def test_that_a_scheduler_reaches_both_groups() -> None:
    named = parameters(NET)
    optimizer = make(MUON, named, lr=0.02, rest_lr=0.004)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    advance(MUON, named, optimizer, 1)
    schedule.step()
    assert [g["lr"] for g in optimizer.param_groups] == [0.01, 0.002]


def test_that_the_update_of_a_matrix_is_nearly_orthogonal() -> None:
    named = parameters({"fc.weight": (12, 20), "out.weight": (4, 12)})
    matrix = named[0][1]
    before = matrix.detach().clone()
    optimizer = make(MUON, named, lr=0.01, weight_decay=0.0)
    advance(MUON, named, optimizer, 1)
    values = torch.linalg.svdvals((before - matrix.detach()) / 0.01)
    # Newton-Schulz with these coefficients leaves singular values around 1.
    assert float(values.min()) > 0.3
    assert float(values.max()) < 1.4


def test_that_gradients_are_cleared_and_the_loss_of_a_closure_is_returned() -> None:
    named = parameters(NET)
    optimizer = make(MUON, named)
    closure = closure_for(MUON, named)
    expected = closure()
    assert optimizer.step(closure) == expected
    optimizer.zero_grad()
    assert all(p.grad is None for _, p in named)
    assert isinstance(optimizer, MuonSplit)


def test_that_a_closure_is_called_once_and_may_use_autograd() -> None:
    named = parameters({"fc.weight": (3, 3), "fc.bias": (3,)})
    optimizer = make(MUON, named)
    calls = []

    def closure() -> float:
        optimizer.zero_grad()
        loss = torch.stack([(p**2).sum() for _, p in named]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        calls.append(float(loss.detach()))
        return calls[-1]

    with torch.no_grad():
        assert optimizer.step(closure) == calls[0]
    assert len(calls) == 1
