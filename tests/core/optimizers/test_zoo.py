"""The zoo's data against the installed package, the adapter against its contract."""

import inspect
import json
import math
import pickle
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest
import pytorch_optimizer
import torch

from optlab.engine.checkpoints import pack, unpack
from optlab.optimizers.form import spec_of
from optlab.optimizers.zoo.adapter import ZooOptimizer
from optlab.optimizers.zoo.catalog import zoo_optimizers
from optlab.optimizers.zoo.compose import compose, read, read_texts
from optlab.optimizers.zoo.corrections import CORRECTIONS
from optlab.optimizers.zoo.recipes import RECIPES, recipe
from optlab.optimizers.zoo.rules import RULES
from optlab.params import Kind
from optlab.registry import FAMILIES, OptimizerInfo, broken_rule
from tests.core.optimizers.toy import Named, parameters, same_bits

SIGNATURES: dict[str, Any] = read("signatures.json")["optimizers"]
EXCLUDED: dict[str, str] = read("excluded.toml")
ZOO = zoo_optimizers()
BY_NAME = {info.name: info for info in ZOO}
NET = {"fc0.weight": (6, 8), "fc0.bias": (6,), "fc1.weight": (8, 6), "out.bias": (8,)}
NOT_OF_THE_CLASS = ("base", "base_momentum", "base_betas", "base_weight_decay")

every_name = pytest.mark.parametrize("name", SIGNATURES)
every_entry = pytest.mark.parametrize("info", ZOO, ids=lambda i: str(i.name))


def class_of(name: str) -> type:
    found = getattr(pytorch_optimizer, recipe(name).cls or name)
    assert isinstance(found, type)
    return found


def defaults(name: str) -> dict[str, Any]:
    tables = SIGNATURES[name]["params"]
    specs = (spec_of({**without_elements(table), "meaning": ""}) for table in tables)
    return {spec.name: spec.default for spec in specs}


def without_elements(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "elements"}


def test_that_the_data_are_of_the_installed_version() -> None:
    assert read("signatures.json")["version"] == version("pytorch_optimizer")


def test_that_every_optimizer_of_the_package_is_in_the_zoo_or_has_a_reason() -> None:
    public = {
        name
        for name in pytorch_optimizer.optimizer.__all__
        if isinstance(getattr(pytorch_optimizer, name), type)
    }
    inside = {recipe(name).cls or name for name in SIGNATURES}
    assert inside | set(EXCLUDED) == public
    assert not inside & set(EXCLUDED)
    assert len(SIGNATURES) >= 80
    for reason in EXCLUDED.values():
        assert reason.endswith(".")
        assert len(reason) > 20


def test_that_tables_name_nothing_that_is_not_in_the_zoo() -> None:
    assert set(RECIPES) | set(CORRECTIONS) | set(RULES) <= set(SIGNATURES)
    meanings = set(read("meanings.toml")) - {"shared"}
    texts = set(read_texts())
    assert meanings | texts <= set(SIGNATURES)


@every_name
def test_that_parameters_and_defaults_are_those_of_the_class(name: str) -> None:
    how = recipe(name)
    taken = inspect.signature(class_of(name)).parameters
    changed = CORRECTIONS[name].defaults if name in CORRECTIONS else {}
    for key, default in defaults(name).items():
        theirs = how.lr_key if key == "lr" and how.lr_key else key
        if theirs not in taken:
            assert key in (*NOT_OF_THE_CLASS, "lr", *how.extra)
        elif key in changed:
            assert default == changed[key] != taken[theirs].default
        elif key in how.numbers:
            assert how.numbers[key].index(default) == taken[theirs].default
        else:
            assert default == taken[theirs].default


@every_name
def test_that_no_parameter_of_the_class_is_forgotten(name: str) -> None:
    how = recipe(name)
    own = {how.lr_key if key == "lr" else key for key in defaults(name)}
    hidden = {"self", "params", "kwargs", "model", "optimizer", "base_optimizer"}
    hidden |= {"rho_scheduler", *how.drop, *how.dtypes, *how.fixed}
    assert set(inspect.signature(class_of(name)).parameters) <= own | hidden


def test_that_the_catalog_file_is_what_its_sources_make() -> None:
    assert read("catalog.json") == json.loads(json.dumps(compose()))


def test_that_every_parameter_has_a_meaning() -> None:
    meanings = read("meanings.toml")
    for name, signature in SIGNATURES.items():
        for table in signature["params"]:
            own = meanings.get(name, {}).get(table["name"])
            written = own or meanings["shared"].get(table["name"])
            assert written, f"{name}.{table['name']}"
            meaning = written["meaning"]
            assert meaning.endswith(".")
            assert "\n" not in meaning
            assert 10 < len(meaning) < 160


def test_that_the_zoo_is_read_without_torch() -> None:
    code = (
        "import sys, optlab.optimizers.zoo.catalog as z, optlab.optimizers.own; "
        "z.zoo_optimizers(); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@every_entry
def test_that_an_entry_is_described_and_crosses_processes(info: OptimizerInfo) -> None:
    assert pickle.loads(pickle.dumps(info)) == info
    assert info.family in FAMILIES
    assert 1950 < info.year < 2030
    assert info.description.endswith(".")
    assert info.formula
    assert info.source.endswith(
        f"code: pytorch_optimizer.{class_of(info.name).__name__}"
    )
    assert all(note.endswith(".") and "\n" not in note for note in info.notes)
    assert broken_rule(info.rules, info.complete({})) is None
    has_rate = any(spec.name == "lr" for spec in info.params)
    assert has_rate == (info.typical_lr is not None)
    low, high = info.typical_lr or (1.0, 1.0)
    assert 0 < low <= high


@every_entry
def test_that_defaults_and_suggestions_are_legal(info: OptimizerInfo) -> None:
    for spec in info.params:
        assert spec.check(spec.to_toml(spec.default), spec.name) == spec.default
        if spec.kind in (Kind.FLOAT, Kind.INT):
            assert spec.suggested is not None
            low, high = spec.suggested
            assert low < high
            for end in spec.suggested:
                value = end if spec.kind is Kind.FLOAT else int(end)
                assert spec.check(value, spec.name) == value
    for name in info.group_params or ():
        assert info.param(name).name == name


def loss_for(name: str, named: Named) -> Any:
    graph = recipe(name).second_derivatives

    def closure() -> torch.Tensor:
        weights = [p for _, p in named]
        with torch.enable_grad():
            loss = sum((p.square() / 2 + 0.3 * p.sin()).sum() for p in weights)
        assert isinstance(loss, torch.Tensor)
        gradients = torch.autograd.grad(loss, weights, create_graph=graph)
        for p, gradient in zip(weights, gradients, strict=True):
            p.grad = gradient
        return loss.detach()

    return closure


def drive(name: str, optimizer: Any, named: Named, steps: range) -> None:
    closure = loss_for(name, named)
    for step in steps:
        torch.manual_seed(step)
        if recipe(name).step == "plain":
            closure()
            optimizer.step()
        else:
            optimizer.step(closure)


def build(name: str, named: Named) -> ZooOptimizer:
    return ZooOptimizer(name, named, defaults(name))


@pytest.mark.parametrize(
    "dtype",
    # The engine's tests go on from a stop on surfaces, which are float64.
    [torch.float32, pytest.param(torch.float64, marks=pytest.mark.slow)],
    ids=str,
)
@pytest.mark.parametrize("name", [n for n in SIGNATURES if n != "SpectralSphere"])
def test_that_nets_go_on_bitwise_from_a_packed_state(
    name: str, dtype: torch.dtype
) -> None:
    named, copy = parameters(NET, dtype), parameters(NET, dtype)
    optimizer, other = build(name, named), build(name, copy)
    drive(name, optimizer, named, range(6))
    data = pack({"o": optimizer.state_dict(), "w": [p.detach() for _, p in named]})
    drive(name, optimizer, named, range(6, 14))
    tree = unpack(data)
    with torch.no_grad():
        for (_, p), saved in zip(copy, tree["w"], strict=True):
            p.copy_(saved)
    other.load_state_dict(tree["o"])
    drive(name, other, copy, range(6, 14))
    assert same_bits(named, copy)


def test_that_without_its_state_one_would_go_elsewhere() -> None:
    named, copy = parameters(NET), parameters(NET)
    optimizer = build("StableSPAM", named)
    drive("StableSPAM", optimizer, named, range(6))
    with torch.no_grad():
        for (_, p), (_, trained) in zip(copy, named, strict=True):
            p.copy_(trained)
    drive("StableSPAM", optimizer, named, range(6, 14))
    drive("StableSPAM", build("StableSPAM", copy), copy, range(6, 14))
    assert not same_bits(named, copy)


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_that_state_is_as_large_as_was_measured(name: str) -> None:
    # Oracle O21's matrix.
    named = parameters({"fc.weight": (100, 100)})
    optimizer = build(name, named)
    drive(name, optimizer, named, range(12))
    floats = sum(t.numel() for t in optimizer.tensors() if t.ndim)
    assert floats / 10_000 == pytest.approx(SIGNATURES[name]["state_floats"], rel=1e-3)


def test_that_looksam_climbs_in_one_step_of_ten() -> None:
    named = parameters(NET)
    optimizer, calls = build("LookSAM", named), 0
    closure = loss_for("LookSAM", named)

    def counted() -> Any:
        nonlocal calls
        calls += 1
        return closure()

    found = []
    for _ in range(20):
        calls = 0
        optimizer.step(counted)
        found.append(calls)
    assert found == [2, *[1] * 9] * 2


def test_that_sam_takes_the_gradient_uphill() -> None:
    x = torch.nn.Parameter(torch.tensor([3.0, 4.0], dtype=torch.float64))
    values = defaults("SAM") | {"base": "SGD", "lr": 0.1, "rho": 0.5}
    optimizer = ZooOptimizer("SAM", [x], values)

    def closure() -> float:
        x.grad = 2 * x.detach()
        return float((x.detach() ** 2).sum())

    assert optimizer.step(closure) == 25.0
    # Uphill along (3, 4)/5 by 0.5, where the gradient is twice (3.3, 4.4).
    expected = torch.tensor([3 - 0.66, 4 - 0.88], dtype=torch.float64)
    assert torch.allclose(x.detach(), expected, rtol=1e-6)


def test_that_schedules_reach_rates_that_are_kept_elsewhere() -> None:
    x = torch.nn.Parameter(torch.tensor([10.0], dtype=torch.float64))
    optimizer = ZooOptimizer("AliG", [x], defaults("AliG"))
    assert optimizer.param_groups[0]["lr"] == 0.1

    def closure() -> float:
        x.grad = 2 * x.detach()
        return float((x.detach() ** 2).sum())

    optimizer.step(closure)
    assert float(x.detach()) == pytest.approx(8.0)
    optimizer.param_groups[0]["lr"] = 0.01
    optimizer.step(closure)
    assert float(x.detach()) == pytest.approx(8.0 * 0.98)


def test_that_no_learning_rate_is_recorded_where_there_is_none() -> None:
    named = parameters(NET)
    assert math.isnan(build("A2Grad", named).param_groups[0]["lr"])


def test_that_adam_mini_shows_one_rate_for_its_groups() -> None:
    named = parameters(NET)
    optimizer = build("AdamMini", named)
    assert len(optimizer.param_groups) == 1
    optimizer.param_groups[0]["lr"] = 0.0
    before = [p.detach().clone() for _, p in named]
    drive("AdamMini", optimizer, named, range(3))
    assert all(torch.equal(a, p) for a, (_, p) in zip(before, named, strict=True))


def test_that_the_rest_of_a_net_is_not_left_alone() -> None:
    named = parameters(NET)
    for name in ("NorMuon", "GaLore", "SpectralSphere"):
        before = [p.detach().clone() for _, p in named]
        optimizer = build(name, named)
        drive(name, optimizer, named, range(2))
        moved = [not torch.equal(a, p) for a, (_, p) in zip(before, named, strict=True)]
        assert all(moved)
        assert optimizer.group_names == ("", "rest")
        assert optimizer.notes()[0].startswith("1 of 4 parameters")


@pytest.mark.parametrize("name", ["Ranger", "SRMM"])
def test_that_corrected_ones_descend_from_the_first_step(name: str) -> None:
    x = torch.nn.Parameter(torch.tensor([[3.0, 1.0], [2.0, 5.0]], dtype=torch.float64))
    optimizer, lengths = ZooOptimizer(name, [x], defaults(name)), []
    for _ in range(6):
        lengths.append(float(x.detach().norm()))
        x.grad = x.detach().clone()
        optimizer.step()
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[1] > 0.95 * lengths[0]


def test_that_simplified_ademamix_steps_as_its_notes_say() -> None:
    values = defaults("SimplifiedAdEMAMix")
    x = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer, places = ZooOptimizer("SimplifiedAdEMAMix", [x], values), [0.0]
    for _ in range(2000):
        x.grad = torch.full((1,), 7.0, dtype=torch.float64)
        optimizer.step()
        places.append(float(x.detach()))
    lr, alpha = float(values["lr"]), float(values["alpha"])
    assert places[0] - places[1] == pytest.approx((alpha + 0.01) / 0.05 * lr)
    assert places[-2] - places[-1] == pytest.approx((1 + alpha) * lr)


def test_that_random_draws_come_from_torchs_generator_alone() -> None:
    import numpy as np

    ends = []
    for seed in (1, 2):
        np.random.seed(seed)
        named = parameters(NET)
        drive("Kron", build("Kron", named), named, range(40))
        ends.append(named)
    assert same_bits(*ends)


def test_that_kron_multiplies_wide_matrices_in_an_order_that_fits() -> None:
    named = parameters({"fc.weight": (64, 3072)}, torch.float32)
    drive("Kron", build("Kron", named), named, range(2))
    assert all(p.isfinite().all() for _, p in named)


def test_that_schedule_free_is_evaluated_at_the_average() -> None:
    named = parameters(NET)
    optimizer = build("ScheduleFreeAdamW", named)
    drive("ScheduleFreeAdamW", optimizer, named, range(5))
    trained = [p.detach().clone() for _, p in named]
    optimizer.eval()
    assert not torch.equal(trained[0], named[0][1].detach())
    optimizer.train()
    for a, (_, p) in zip(trained, named, strict=True):
        assert torch.allclose(a, p, rtol=1e-12)
