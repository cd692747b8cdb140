"""What the engine promises of resumed runs, of divergence and of fair starts."""

from collections import defaultdict
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest
import torch

from optlab.control import RunControl
from optlab.engine.loop import Past, run
from optlab.engine.surface_group import SurfaceGroup
from optlab.engine.task_trial import TaskTrial
from optlab.records import State
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect, collect_run, experiment
from tests.promises import Times

BITWISE = (
    "epoch",
    "samples",
    "grad_evals",
    "train_loss",
    "param_norm",
    "grad_norm",
    "update_norm",
    "lr",
    "value",
    "x0",
    "x1",
    "train_accuracy",
)
FIVE: list[dict[str, Any]] = [
    {"name": "SGD", "lr": 1e-4},
    {"name": "SGD", "lr": 1e-4, "momentum": 0.9},
    {"name": "Adam", "lr": 1e-3},
    {"name": "RMSprop", "lr": 1e-4},
    {"name": "NAdam", "lr": 1e-3},
]
DROPPING = {"name": "StepLR", "step_size": 7}
SIX = [*FIVE, {"name": "Adagrad", "lr": 1e-3, "scheduler": DROPPING}]
SURFACE: dict[str, Any] = {
    "problem": {"name": "rosenbrock", "noise": 0.1},
    "training": {"steps": 60},
    "optimizers": SIX,
}
NET: dict[str, Any] = {
    "problem": {
        "name": "image-classification",
        "model": "mlp",
        "dataset": "digits",
        "batch_size": 4,
        "val_samples": 4,
    },
    "training": {"steps": 16, "eval_every": 5},
    "optimizers": SIX,
}
TREES = {"surface": SURFACE, "net": NET}
# Without an activation that could die, so that a large step goes on to larger ones.
STEEP = NET | {"problem": NET["problem"] | {"model": "seed-cnn"}}


def with_training(tree: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return tree | {"training": tree["training"] | changes}


def assert_equal_bits(
    one: Collected, other: Collected, pairs: dict[int, int], *, first: int = 0
) -> None:
    """Hold what ``one`` measured from row ``first`` on against all of ``other``."""
    for a, b in pairs.items():
        for name in BITWISE:
            if name in one.start.metrics:
                np.testing.assert_array_equal(
                    one.column(a, name)[first:], other.column(b, name), err_msg=name
                )
        mine = [e for e in one.evaluations.get(a, []) if e.step >= first]
        theirs = other.evaluations.get(b, [])
        assert [(e.step, e.values) for e in mine] == [
            (e.step, e.values) for e in theirs
        ]
        assert one.stops[a].batch_hash == other.stops[b].batch_hash


@pytest.mark.promise(8, "stopped at random steps and resumed: equal to the last bit")
@pytest.mark.parametrize("name", TREES)
def test_that_a_run_stopped_at_any_step_goes_on_bitwise(
    catalog: Catalog, times: Times, name: str
) -> None:
    tree = TREES[name]
    steps = tree["training"]["steps"]
    whole, spec = collect_run(catalog, tree), experiment(catalog, tree)
    draw = np.random.default_rng(8)
    count = times(3 if name == "surface" else 1, 50)
    for at in draw.integers(1, steps, count).tolist():
        stopped = run(spec, catalog, RunControl(), device="cpu", until=at / steps)
        half = collect(stopped)
        assert {s.step for s in half.stops.values()} == {at}
        past = Past(checkpoints={t: c.data for t, c in half.checkpoints.items()})
        rest = collect(run(spec, catalog, RunControl(), device="cpu", past=past))
        assert_equal_bits(whole, rest, {t: t for t in whole.columns}, first=at + 1)


def poison(monkeypatch: pytest.MonkeyPatch, wild: int, value: float) -> None:
    """Let the gradient of one trial be ``value`` from its fifth step on."""
    of_net, of_surface = TaskTrial._backward, SurfaceGroup._write_gradients

    def net(self: TaskTrial, batch: Any) -> Any:
        found = of_net(self, batch)
        if self.start.trial == wild and self.step >= 4:
            gradient = self.parameters[0][1].grad
            assert gradient is not None
            # The largest number that there is in float32 for one of float64.
            most = torch.finfo(gradient.dtype).max
            gradient.fill_(value if np.isinf(value) else min(value, most))
        return found

    def surface(self: SurfaceGroup, step: int, lanes: list[int]) -> None:
        of_surface(self, step, lanes)
        if wild in lanes and step >= 4:
            self._gradients[wild] = value

    monkeypatch.setattr(TaskTrial, "_backward", net)
    monkeypatch.setattr(SurfaceGroup, "_write_gradients", surface)


@pytest.mark.promise(9, "one optimizer of six diverges: the others keep every bit")
@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("way", ["lr 1e6", "lr 1e300", "inf gradient", "1e300"])
def test_that_one_diverging_optimizer_of_six_disturbs_nobody(
    catalog: Catalog, times: Times, monkeypatch: pytest.MonkeyPatch, way: str, name: str
) -> None:
    steps = 8
    for seed in range(times(1, 10)):
        wild = seed % 6
        base = STEEP if name == "net" else SURFACE
        tree = with_training(base, steps=steps, seeds=[seed])
        calm = collect_run(catalog, tree | {"optimizers": FIVE})
        rate = float(way.removeprefix("lr ")) if way.startswith("lr") else 1e-4
        six = [*FIVE[:wild], {"name": "SGD", "lr": rate, "label": "x"}, *FIVE[wild:]]
        with monkeypatch.context() as patch:
            if not way.startswith("lr"):
                poison(patch, wild, 1e300 if way == "1e300" else np.inf)
            hurt = collect_run(catalog, tree | {"optimizers": six})
        stop = hurt.stops[wild]
        if (name, way) == ("net", "lr 1e300"):
            # No number of float32: torch refuses it.
            assert stop.state is State.FAILED
        else:
            assert stop.state is State.DIVERGED
            assert f"step {stop.step}" in stop.reason
            assert 0 < stop.step <= steps
        others = [t for t in range(6) if t != wild]
        assert_equal_bits(calm, hurt, dict(enumerate(others)))


@pytest.mark.promise(
    10, "one seed: the same weights at first, the same batch each step"
)
def test_that_optimizers_of_a_seed_start_alike_and_see_each_batch_alike(
    catalog: Catalog, times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[int, list[tuple[str, str]]] = defaultdict(list)
    plain = TaskTrial._step_and_measure

    def looked_at(self: TaskTrial, batch: Any) -> None:
        digest = blake2b()
        for tensor in batch:
            digest.update(torch.as_tensor(tensor).contiguous().numpy().tobytes())
        seen[self.start.trial].append((self.batch_hash.hex(), digest.hexdigest()))
        plain(self, batch)

    monkeypatch.setattr(TaskTrial, "_step_and_measure", looked_at)
    of_seeds = set()
    for seed in range(times(2, 20)):
        seen.clear()
        found = collect_run(catalog, with_training(NET, seeds=[seed], steps=8))
        assert len({start.init_hash for start in found.start.trials}) == 1
        assert len({stop.batch_hash for stop in found.stops.values()}) == 1
        assert len(seen) == len(SIX)
        assert all(rows == seen[0] for rows in seen.values())
        assert len({batch for _, batch in seen[0]}) == 8
        of_seeds.add((found.start.trials[0].init_hash, found.stops[0].batch_hash))
    assert len(of_seeds) == seed + 1
    assert len({init for init, _ in of_seeds}) == seed + 1
