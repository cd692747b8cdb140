"""What the learning problems teach, through the engine."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from optlab.engine.loop import Past
from optlab.records import State
from optlab.registry import Catalog
from tests.core.engine.conftest import Collected, collect_run


def trained(
    catalog: Catalog, problem: dict[str, Any], *optimizers: dict[str, Any], **rest: Any
) -> Collected:
    """Return a run that is evaluated at its end, if nothing else is asked for."""
    training = {"eval_every": rest.get("steps", 1)} | rest
    tree = {"problem": problem, "training": training, "optimizers": list(optimizers)}
    found = collect_run(catalog, tree, slice_seconds=0.05)
    assert all(stop.state is State.FINISHED for stop in found.stops.values())
    return found


def last(found: Collected, trial: int, name: str) -> float:
    return found.evaluations[trial][-1].values[name]


def loss_of(found: Collected, trial: int) -> npt.NDArray[np.float64]:
    return found.column(trial, "train_loss")[1:]


# ---- learnability: what a sensible optimizer reaches in a second or two


def test_that_adam_tells_the_moons_apart(catalog: Catalog) -> None:
    found = trained(catalog, {"name": "moons"}, {"name": "Adam", "lr": 0.01}, steps=300)
    assert last(found, 0, "val_accuracy") > 0.94
    assert last(found, 0, "val_loss") < 0.2


def test_that_the_learning_rate_decides_over_the_spirals(catalog: Catalog) -> None:
    small, large = {"name": "SGD", "lr": 0.03}, {"name": "SGD", "lr": 0.5}
    found = trained(catalog, {"name": "spirals"}, small, large, steps=500)
    assert last(found, 0, "val_accuracy") < 0.7
    assert last(found, 1, "val_accuracy") > 0.93


@pytest.mark.parametrize(
    ("model", "steps", "level"), [("gru", 120, 2.5), ("transformer", 150, 2.8)]
)
def test_that_nets_learn_which_characters_follow(
    catalog: Catalog, model: str, steps: int, level: float
) -> None:
    problem = {"name": "characters", "model": model, "context": 16}
    adam = {"name": "Adam", "lr": 0.005}
    found = trained(catalog, problem, adam, steps=steps)
    start = found.evaluations[0][0].values["val_loss"]
    # 65 characters: a net that knows nothing has log 65 = 4.17 nats.
    assert start == pytest.approx(np.log(65), abs=0.1)
    assert last(found, 0, "val_loss") < level


def test_that_a_net_learns_the_glyphs(catalog: Catalog) -> None:
    problem = {"name": "image-classification", "dataset": "glyphs", "batch_size": 32}
    problem |= {"model": "seed-cnn-relu", "val_samples": 100}
    found = trained(catalog, problem, {"name": "Adam", "lr": 2e-3}, steps=80)
    assert last(found, 0, "val_accuracy") > 0.5


def test_that_a_half_observed_matrix_is_completed(catalog: Catalog) -> None:
    problem = {"name": "matrix-factorisation", "condition": 2.0, "observed": 0.5}
    problem |= {"batch_size": 60, "rank": 2}
    found = trained(catalog, problem, {"name": "Adam", "lr": 0.02}, steps=600)
    # Over the whole matrix, whose other half is never seen.
    start = found.evaluations[0][0].values["val_loss"]
    assert last(found, 0, "val_loss") < 0.05 * start


# ---- facts


def test_that_a_bad_condition_slows_gradient_descent_and_adam_less(
    catalog: Catalog,
) -> None:
    losses = {}
    for condition in (2.0, 100.0):
        problem = {"name": "matrix-factorisation", "condition": condition}
        sgd, adam = {"name": "SGD", "lr": 0.1}, {"name": "Adam", "lr": 0.03}
        found = trained(catalog, problem, sgd, adam, steps=300)
        losses[condition] = loss_of(found, 0)[-1], loss_of(found, 1)[-1]
    assert losses[2.0][0] < 1e-12
    assert losses[100.0][0] > 1e-4
    assert losses[100.0][1] < 1e-3 * losses[100.0][0]


def test_that_modes_are_learned_in_the_order_of_their_singular_values(
    catalog: Catalog,
) -> None:
    sgd = {"name": "SGD", "lr": 0.01}
    found = trained(catalog, {"name": "deep-linear"}, sgd, steps=1500, seeds=[0, 1, 2])
    for trial in range(3):
        first, middle, last = (
            np.append(found.column(trial, f"train_mode_{name}") > 0.5, True).argmax()
            for name in ("first", "middle", "last")
        )
        assert 50 < first < middle - 50 < 1500
        # From some starts the smallest waits at its saddle until after the end.
        assert last > middle + 300
    assert loss_of(found, 0)[-1] < 1e-6


def test_that_a_start_by_the_saddle_is_a_plateau(catalog: Catalog) -> None:
    sgd = {"name": "SGD", "lr": 0.01}
    far = trained(catalog, {"name": "deep-linear"}, sgd, steps=300)
    near = trained(catalog, {"name": "deep-linear", "init_scale": 1e-3}, sgd, steps=300)
    assert loss_of(far, 0)[-1] < 0.2 * loss_of(far, 0)[0]
    assert loss_of(near, 0)[-1] > 0.9999 * loss_of(near, 0)[0]
    assert far.column(0, "grad_norm")[1] > 100 * near.column(0, "grad_norm")[1]


def test_that_adam_learns_the_tail_that_gradient_descent_leaves(
    catalog: Catalog,
) -> None:
    rates = (0.03, 0.1, 0.15, 0.3)
    descents = [{"name": "SGD", "lr": lr} for lr in rates]
    adam = {"name": "Adam", "lr": 0.01}
    found = trained(catalog, {"name": "zipf-softmax"}, *descents, adam, steps=100)
    tails = [last(found, trial, "val_tail_loss") for trial in range(5)]
    heads = [last(found, trial, "val_head_loss") for trial in range(5)]
    # Whatever its rate; and though the best of them are ahead on the head.
    assert min(tails[:4]) > 1.5 * tails[4]
    assert heads[1] < heads[4]
    assert tails[1] > 1.9 * tails[4]


# science.md S08: per-coordinate effective rates go as 1 / √frequency.
@pytest.mark.parametrize("batch_size", [10, 50])
def test_that_adagrad_gives_rare_features_larger_steps(
    catalog: Catalog, batch_size: int
) -> None:
    problem = {"name": "rare-features", "batch_size": batch_size}
    adagrad, sgd = {"name": "Adagrad", "lr": 0.3}, {"name": "SGD", "lr": 0.05}
    found = trained(catalog, problem, adagrad, sgd, steps=1500)
    rates = [
        [found.column(t, f"train_rate_{name}")[-1] for t in (0, 1)]
        for name in ("frequent", "occasional", "rare")
    ]
    assert rates[1][0] / rates[0][0] == pytest.approx(np.sqrt(10), rel=0.15)
    assert rates[2][0] / rates[0][0] == pytest.approx(np.sqrt(100), rel=0.15)
    assert [rate[1] for rate in rates] == pytest.approx([0.05] * 3, rel=1e-9)


def test_that_a_rate_is_the_change_over_the_gradient_of_the_row_before(
    catalog: Catalog,
) -> None:
    problem = {"name": "rare-features", "batch_size": 1}
    found = trained(catalog, problem, {"name": "SGD", "lr": 0.01}, steps=400)
    column = found.column(0, "train_rate_rare")
    known = ~np.isnan(column)
    first = int(np.argmax(known))
    assert first > 2
    assert not known[:first].any()
    assert known[first:].all()
    assert column[first:] == pytest.approx(0.01, rel=1e-9)


# science.md O20, its part that is quick.
def test_that_sharpness_starts_as_published_and_changes_no_bit(
    catalog: Catalog,
) -> None:
    problem = {"name": "edge-of-stability", "init": "torch-seed"}
    sgd = {"name": "SGD", "lr": 0.1}
    plain = trained(catalog, problem, sgd, steps=60, eval_every=20)
    seen = trained(
        catalog, problem, sgd, steps=60, eval_every=20, diagnostics=["sharpness"]
    )
    values = {e.step: e.values["sharpness"] for e in seen.evaluations[0]}
    assert list(values) == [0, 20, 40, 60]
    assert values[0] == pytest.approx(11.844, abs=2e-3)
    assert loss_of(seen, 0)[0] == pytest.approx(0.29338, abs=5e-6)
    for name in ("train_loss", "param_norm", "grad_norm", "update_norm"):
        np.testing.assert_array_equal(plain.column(0, name), seen.column(0, name))


# science.md O20. At the edge each rounding is amplified: another way to sum moves
# these numbers by half a per cent.
@pytest.mark.slow
def test_that_gradient_descent_trains_at_the_edge_of_stability(
    catalog: Catalog,
) -> None:
    problem = {"name": "edge-of-stability", "init": "torch-seed"}
    rates = [{"name": "SGD", "lr": 0.1}, {"name": "SGD", "lr": 0.05}]
    found = trained(
        catalog,
        problem,
        *rates,
        steps=20_000,
        eval_every=2000,
        diagnostics=["sharpness"],
    )
    edge, below = (
        {e.step: e.values["sharpness"] for e in found.evaluations[trial]}
        for trial in (0, 1)
    )
    late = [edge[step] for step in range(12_000, 20_001, 2000)]
    assert late == pytest.approx([19.50, 19.92, 20.08, 20.04, 19.90], rel=0.02)
    assert np.mean(late) == pytest.approx(2 / 0.1, rel=0.03)
    # Far below 2 / 0.05 = 40 it still rises, and the loss has never risen.
    assert below[20_000] == pytest.approx(24.88, rel=1e-3)
    assert list(below.values())[5:] == sorted(list(below.values())[5:])
    assert (np.diff(loss_of(found, 1)) < 0).all()
    assert (np.diff(loss_of(found, 0)) > 0).any()


@pytest.mark.parametrize(
    "problem",
    [
        {"name": "rare-features"},
        {"name": "moons"},
        {"name": "characters", "context": 8, "model": "transformer"},
        {"name": "matrix-factorisation", "observed": 0.5, "batch_size": 50},
        {"name": "deep-linear"},
    ],
    ids=lambda problem: str(problem["name"]),
)
def test_that_a_run_goes_on_exactly_where_it_stopped(
    catalog: Catalog, problem: dict[str, Any]
) -> None:
    tree = {"problem": problem, "optimizers": [{"name": "Adam", "lr": 0.01}]}
    every = {"eval_every": 5}
    short = collect_run(catalog, tree | {"training": {"steps": 10} | every})
    whole = collect_run(catalog, tree | {"training": {"steps": 20} | every})
    past = Past(checkpoints={0: short.checkpoints[0].data})
    rest = collect_run(catalog, tree | {"training": {"steps": 20} | every}, past=past)
    for name, values in rest.columns[0].items():
        if "time" not in name:
            np.testing.assert_array_equal(values, whole.column(0, name)[11:])
    if problem["name"] != "deep-linear":
        end, expected = rest.evaluations[0][-1], whole.evaluations[0][-1]
        assert (end.step, dict(end.values)) == (20, dict(expected.values))
