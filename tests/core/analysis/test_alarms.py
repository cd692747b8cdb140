"""Alarms name what is wrong, with optimizer and numbers, and keep quiet otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from optlab.analysis.alarms import CLOSE, INCLUSIONS, METHODS, Alarm, alarms
from optlab.records import State
from optlab.store.run_data import RunData
from tests.core.analysis.fair_runs import (
    ADAM,
    CATALOG,
    IMAGES,
    SEEDS,
    SGD,
    STEPS,
    fair_study,
    final_run,
    found_in,
    run,
    tuning_runs,
)

RATES = (1e-3, 1e-2, 1e-1, 1.0)
FINALS = (1.8, 1.1, 1.2, 1.9)
MOMENTUM = {"name": "SGD", "label": "momentum", "lr": 0.1, "momentum": 0.9}
NESTEROV = MOMENTUM | {"label": "Nesterov", "nesterov": True}
NADAM = {"name": "NAdam", "label": "NAdam", "lr": 0.01}
ADAMW = {"name": "AdamW", "label": "AdamW", "lr": 0.01}


def raised(*runs: RunData) -> tuple[Alarm, ...]:
    return alarms(found_in(*runs))


def one(*runs: RunData, name: str) -> Alarm:
    (alarm,) = [alarm for alarm in raised(*runs) if alarm.name == name]
    return alarm


def study(*optimizers: dict[str, Any], **how: Any) -> list[RunData]:
    tuned = [r for o in optimizers for r in tuning_runs(o, RATES, finals=FINALS)]
    return [*tuned, final_run(*optimizers, **how)]


def test_that_a_fair_study_raises_nothing() -> None:
    assert raised(*fair_study()) == ()


@pytest.mark.parametrize(
    ("general", "special"),
    [
        (ADAM, MOMENTUM),
        (NADAM, ADAM),
        (ADAMW, ADAM),
        (MOMENTUM, SGD),
        (NESTEROV, SGD),
        (NADAM, NESTEROV),
    ],
    ids=lambda o: str(o["label"]),
)
def test_that_a_tuned_method_may_not_lose_to_what_it_includes(
    general: dict[str, Any], special: dict[str, Any]
) -> None:
    finals: dict[Any, float] = {
        (optimizer["label"], seed): end + 0.001 * (seed - 3.5)
        for optimizer, end in ((general, 1.25), (special, 1.125))
        for seed in SEEDS
    }
    finals[special["label"], 7] = 1.126
    alarm = one(*study(general, special, finals=finals), name="under-tuned")
    assert alarm.label == general["label"]
    assert f"{general['label']} is under-tuned" in alarm.text
    assert "at val_loss 1.25" in alarm.text
    assert f"{special['label']} at val_loss 1.125" in alarm.text
    won = {general["label"]: 1.125, special["label"]: 1.25}
    assert raised(*study(general, special, finals=won)) == ()


@pytest.mark.parametrize("ends", [[1.25], [1.25] * 8, [1.25, 1.3, 1.2, 1.27, 1.26]])
def test_that_seeds_that_show_nothing_are_no_proof_of_poor_tuning(
    ends: list[float],
) -> None:
    finals: dict[Any, float] = {("Adam", seed): end for seed, end in enumerate(ends)}
    finals["momentum"] = 1.125
    seeds = range(len(ends))
    runs = study(ADAM, MOMENTUM, finals=finals, seeds=seeds)
    (alarm,) = (found for found in raised(*runs) if found.name == "under-tuned")
    assert alarm.text.startswith("Adam may be under-tuned: it ended at val_loss 1.2")
    assert alarm.text.endswith("These seeds alone do not show that it is worse.")


def test_that_a_special_case_may_lose() -> None:
    finals = {"SGD": 1.5, "Adam": 1.2}
    assert raised(*study(SGD, ADAM, finals=finals)) == ()


def test_that_a_hundredth_worse_is_as_good() -> None:
    assert raised(*study(SGD, ADAM, finals={"SGD": 1.0, "Adam": 1.009})) == ()


def test_that_it_takes_most_seeds_to_lose() -> None:
    some: dict[Any, float] = {("Adam", seed): 1.5 for seed in range(5)}
    assert raised(*study(SGD, ADAM, finals=some)) == ()
    most = some | {("Adam", 5): 1.5}
    assert one(*study(SGD, ADAM, finals=most), name="under-tuned").label == "Adam"


def test_that_who_was_not_tuned_is_not_under_tuned() -> None:
    found = raised(run(ADAM, MOMENTUM, finals={"Adam": 1.5, "momentum": 1.2}))
    assert found == ()


def test_that_the_best_at_the_border_is_said_with_its_value() -> None:
    runs = [
        *tuning_runs(SGD, RATES, finals=(1.9, 1.5, 1.4, 1.1)),
        *tuning_runs(ADAM, RATES, finals=FINALS),
        final_run(),
    ]
    alarm = one(*runs, name="edge-of-grid")
    assert alarm.label == "SGD"
    assert "best lr of SGD, 1, is the largest of the 4" in alarm.text


def test_that_trials_of_early_rungs_are_not_the_best() -> None:
    """The largest rate leads after a quarter of the steps; who went on decides."""
    finals = (1.9, 1.1, 1.2, 0.5)
    shares = (0.25, 1.0, 1.0, 0.25)
    tuned = [
        r
        for o in (SGD, ADAM)
        for r in tuning_runs(o, RATES, finals=finals, shares=shares)
    ]
    assert raised(*tuned, final_run()) == ()


def test_that_unequal_budgets_are_red() -> None:
    runs = [
        *tuning_runs(SGD, RATES[:3], finals=(1.8, 1.1, 1.2)),
        *tuning_runs(ADAM, RATES, finals=FINALS),
        final_run(),
    ]
    alarm = one(*runs, name="unequal-budget")
    assert alarm.level == "red"
    assert raised(*runs)[0] is not None
    assert raised(*runs)[0].level == "red"


def test_that_one_seed_is_said() -> None:
    assert one(run(seeds=(0,)), name="one-seed").level == "amber"
    assert raised(run()) == ()


def paces(factors: Sequence[float]) -> list[float]:
    """Return step times of ten stretches, with two per cent of noise and a hiccup."""
    noise = np.random.default_rng(0).normal(1.0, 0.02, STEPS)
    seconds = 0.01 * np.repeat(factors, STEPS // len(factors)) * noise
    seconds[70] = 3.0
    return [float(s) for s in seconds]


QUIET = [1.0] * 10
BUSY = [1.0] * 6 + [1.6] * 4


@pytest.mark.parametrize(("factors", "loud"), [(QUIET, False), (BUSY, True)])
def test_that_steps_that_take_longer_for_a_while_are_told(
    factors: list[float], loud: bool
) -> None:
    found = raised(run(pace=dict.fromkeys(("SGD", "Adam"), paces(factors))))
    assert [alarm.name for alarm in found] == (["shared-machine"] if loud else [])
    if loud:
        assert "SGD took 9.89" in found[0].text
        assert "ms at one time and 16" in found[0].text


def test_that_optimizers_may_not_be_slower_in_another_run() -> None:
    slow = {"SGD": [0.015] * STEPS, "Adam": [0.02] * STEPS}
    runs = run(seeds=range(4)), run(seeds=range(4, 8), pace=slow)
    alarm = one(*runs, name="shared-machine")
    assert alarm.label == "Adam"
    assert "took 10 ms at one time and 20 ms at another" in alarm.text


def test_that_one_optimizer_may_slow_down_by_its_nature() -> None:
    assert raised(run(pace={"SGD": paces(BUSY)})) == ()


def test_that_an_optimizer_may_be_slower_than_another_one() -> None:
    assert raised(run(pace={"SGD": [0.01] * STEPS, "Adam": [0.03] * STEPS})) == ()


def test_that_a_loss_that_does_not_move_never_trained() -> None:
    alarm = one(run(finals={"SGD": 1.99}), name="never-trained")
    assert alarm.text.startswith("8 of 8 trials of SGD never trained")
    assert "(2, now 1.99)" in alarm.text
    assert raised(run(finals={"SGD": 1.97})) == ()


def test_that_who_comes_back_to_where_it_began_did_train() -> None:
    assert raised(run(finals={"SGD": 2.0, "Adam": 2.0}, hill=-1.0)) == ()


def test_that_a_fifth_of_the_steps_is_granted() -> None:
    keys = [("SGD", seed) for seed in SEEDS]
    early = dict.fromkeys(keys, 15)
    found = raised(run(finals={"SGD": 2.0}, steps=early, over=False))
    assert "never-trained" not in [alarm.name for alarm in found]
    late = dict.fromkeys(keys, 25)
    found = raised(run(finals={"SGD": 2.0}, steps=late, over=False))
    assert "never-trained" in [alarm.name for alarm in found]


def on_images(split: str) -> list[RunData]:
    how: Mapping[str, Any] = {"problem": IMAGES, "training": {"split": split}}
    tuned = [
        r for o in (SGD, ADAM) for r in tuning_runs(o, RATES, finals=FINALS, **how)
    ]
    return [*tuned, final_run(problem=IMAGES)]


def test_that_settings_are_not_picked_on_the_test_part() -> None:
    alarm = one(*on_images("train"), name="tuned-on-test")
    assert alarm.level == "red"
    assert "split = train while tuning" in alarm.text
    assert raised(*on_images("tune")) == ()


def test_that_trials_that_did_not_last_are_counted() -> None:
    keys = [("Adam", 2), ("Adam", 5)]
    ends = dict.fromkeys(keys, State.DIVERGED)
    alarm = one(run(states=ends, steps={keys[0]: 12, keys[1]: 40}), name="diverged")
    assert alarm.text.startswith("2 of 8 trials of Adam did not last (from step 12 on)")


def test_that_a_space_that_is_mostly_unusable_is_said() -> None:
    shares = (1.0, 0.1, 0.1, 0.1)
    broken = tuning_runs(ADAM, RATES, shares=shares, broken=[1, 2, 3])
    runs = [*tuning_runs(SGD, RATES, finals=FINALS), *broken, final_run()]
    text = one(*runs, name="space-too-wide").text
    assert text.startswith("3 of 4 tuning trials of Adam did not last")


def test_that_the_table_of_inclusions_is_of_known_methods() -> None:
    kinds = {*METHODS.values(), "momentum", "nesterov"}
    pairs = [(i.general, i.special) for i in INCLUSIONS]
    assert {kind for pair in (*pairs, *CLOSE) for kind in pair} <= kinds
    assert all(name in CATALOG.optimizers for name in METHODS)
    # Who includes whom is no circle.
    assert not {(b, a) for a, b in pairs} & {*pairs, *CLOSE}
