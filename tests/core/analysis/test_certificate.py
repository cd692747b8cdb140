"""A certificate is green only where nothing speaks against it, and says what does."""

from dataclasses import replace
from typing import Any

import pytest

from optlab.analysis.certificate import across, certify, certify_run, least_seeds
from optlab.analysis.evidence import evidence
from optlab.records import Event, State
from optlab.store.run_data import RunData
from tests.core.analysis.fair_runs import (
    ADAM,
    CATALOG,
    LINE,
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
RATE_EVENT = Event(trial=1, step=5, name="lr", text="0.1 → 0.2")
LONGER = Event(trial=None, step=100, name="steps", text="100 → 200")


def names(*runs: RunData) -> list[str]:
    return [reason.name for reason in certify(found_in(*runs)).why]


def test_that_a_tuned_paired_comparison_with_enough_seeds_is_green() -> None:
    found = certify(found_in(*fair_study()))
    assert (found.level, found.paired, found.why) == ("green", True, ())
    assert found.word == "green"
    assert found.sentence.startswith("Paired")


@pytest.mark.parametrize(
    ("how", "level", "name"),
    [
        ({"weights": {("Adam", 3): "other"}}, "red", "not-paired"),
        ({"batches": {("Adam", 3): "other"}}, "red", "not-paired"),
        ({"sizes": {"Adam": 2}}, "amber", "batch-sizes"),
        ({"seeds": (0,)}, "amber", "one-seed"),
        ({"seeds": range(5)}, "amber", "few-seeds"),
        ({"events": [RATE_EVENT]}, "amber", "rate-by-hand"),
        ({"events": [LONGER]}, "amber", "extended"),
        ({"states": {("SGD", 2): State.STOPPED}}, "amber", "stopped"),
        ({"states": {("SGD", 2): State.FAILED}}, "amber", "failed"),
        ({"problem": LINE | {"rng": "numpy-legacy"}}, "amber", "generator"),
        ({"over": False}, "amber", "running"),
    ],
)
def test_that_one_thing_amiss_is_named(
    how: dict[str, Any], level: str, name: str
) -> None:
    found = certify(found_in(final_run(**how)))
    expected = {name, "tuning-elsewhere"}
    assert {reason.name for reason in found.why} == expected
    assert found.level == level
    assert found.paired is (name not in ("not-paired", "running"))
    assert all(text.endswith(".") for text in found.reasons)


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ({"versions": {"optlab": "1", "torch": "3"}}, "versions"),
        ({"device": "cuda:0 (H200)"}, "devices"),
        ({"training": {"threads": 2}}, "threads"),
        ({"training": {"eval_every": 7}}, "eval-every"),
    ],
)
def test_that_what_differs_between_runs_is_named(
    how: dict[str, Any], name: str
) -> None:
    runs = run(SGD), run(ADAM, **how)
    assert names(*runs) == [name, "no-tuning"] or names(*runs) == ["no-tuning", name]
    assert names(run(SGD), run(ADAM)) == ["no-tuning"]


def test_that_a_reason_names_the_numbers() -> None:
    text = " ".join(certify(found_in(run(sizes={"Adam": 2}, seeds=range(3)))).reasons)
    assert "SGD 4, Adam 2" in text
    assert "3 seeds are too few for one comparison at 5 %: it takes 6" in text


def test_that_all_pairs_take_more_seeds() -> None:
    four = SGD, ADAM, SGD | {"label": "SGD again"}, ADAM | {"label": "Adam again"}
    found = found_in(run(*four, seeds=range(7)))
    assert "few-seeds" not in certify(found).word
    comparison = replace(found.spec.comparison, all_pairs=True)
    found = replace(found, spec=replace(found.spec, comparison=comparison))
    (reason,) = [r for r in certify(found).why if r.name == "few-seeds"]
    assert reason.text.startswith("7 seeds are too few for 6 comparisons")


def test_that_a_trial_that_diverged_has_a_hash_of_fewer_batches() -> None:
    """The rolling hash of 12 batches cannot equal that of 100; that is no fault."""
    key = "Adam", 2
    found = certify_run(run(states={key: State.DIVERGED}, steps={key: 12}))
    assert found.paired
    assert "not-paired" not in found.word
    assert found.hashes[2].compared == 0
    assert found.hashes[1].compared == 2


def test_that_batches_at_equal_steps_are_compared_however_trials_ended() -> None:
    keys = [("SGD", 2), ("Adam", 2)]
    found = certify_run(
        run(
            states=dict.fromkeys(keys, State.DIVERGED),
            steps=dict.fromkeys(keys, 12),
            batches={keys[0]: "other"},
        )
    )
    assert not found.paired
    assert found.level == "red"


def test_that_lasting_trials_of_other_lengths_are_not_called_paired() -> None:
    steps = {("Adam", seed): 50 for seed in SEEDS}
    states = dict.fromkeys(steps, State.STOPPED)
    found = certify_run(run(steps=steps, states=states))
    assert not found.paired
    assert {"batches-unknown", "stopped"} <= {reason.name for reason in found.why}


def test_that_optimizers_without_a_common_seed_are_red() -> None:
    found = certify(found_in(run(SGD, seeds=range(6)), run(ADAM, seeds=range(6, 12))))
    assert found.level == "red"
    assert found.why[0].name == "no-common-seed"
    assert not found.paired


def test_that_seeds_that_one_optimizer_lacks_are_counted() -> None:
    found = certify(found_in(run(SGD), run(ADAM, seeds=range(6))))
    (reason,) = [r for r in found.why if r.name == "seeds-missing"]
    assert reason.text == "Not every optimizer has all 8 seeds: Adam 6."


def test_that_budgets_are_what_was_really_spent() -> None:
    sgd, adam = certify(found_in(*fair_study())).budgets
    assert (sgd.trials, sgd.steps, sgd.granted) == (4, 4 * STEPS, 4.0)
    assert adam.space == ("lr 0.0001 to 1",)


def test_that_more_trials_for_one_optimizer_are_red() -> None:
    runs = [*tuning_runs(SGD, RATES[:3]), *tuning_runs(ADAM, RATES), final_run()]
    found = certify(found_in(*runs))
    assert found.level == "red"
    assert found.reasons == ("Tuning trials differ: SGD 3, Adam 4.",)


def test_that_more_steps_for_one_optimizer_are_red() -> None:
    halved = tuning_runs(SGD, RATES, shares=(0.25, 0.25, 0.25, 1.0))
    runs = [*halved, *tuning_runs(ADAM, RATES), final_run()]
    assert certify(found_in(*runs)).reasons == (
        "Steps spent on tuning differ: SGD 175, Adam 400.",
    )


def test_that_a_tuning_trial_that_diverged_cost_no_less() -> None:
    """It gave its steps back; nobody else could have had them."""
    shares = (0.25, 0.25, 0.25, 1.0)
    broken = tuning_runs(ADAM, RATES, shares=(0.1, 0.25, 0.25, 1.0), broken=[0])
    runs = [*tuning_runs(SGD, RATES, shares=shares), *broken, final_run()]
    found = certify(found_in(*runs))
    assert found.level == "green"
    assert [b.steps for b in found.budgets] == [175, 160]
    assert [b.granted for b in found.budgets] == [1.75, 1.75]


def test_that_tuning_that_goes_on_is_not_unequal_yet() -> None:
    runs = [*tuning_runs(SGD, RATES), *tuning_runs(ADAM, RATES[:2])]
    found = certify(found_in(*runs))
    assert {r.name for r in found.why} == {"not-begun", "tuning-unfinished"}
    assert found.level == "amber"


def test_that_one_optimizer_alone_tuned_is_red() -> None:
    runs = [*tuning_runs(SGD, RATES), final_run()]
    assert (
        certify(found_in(*runs)).why[0].text == "Tuning trials differ: SGD 4, Adam 0."
    )


def test_that_seeds_of_the_tuning_are_none_of_the_comparison() -> None:
    runs = [r for o in (SGD, ADAM) for r in tuning_runs(o, RATES, seed=3)]
    assert names(*runs, final_run()) == ["tuned-on-same-seeds"]


def test_that_facts_hold_hashes_generator_device_and_versions() -> None:
    facts = dict(certify(found_in(*fair_study())).facts)
    assert facts["Seeds"] == "8"
    assert facts["Initial weights"] == "w0; w1; w2 and 5 more"
    assert facts["Batches"].startswith("b0-4-100")
    assert facts["Random numbers"].startswith("Philox")
    assert facts["Device"] == "cpu"
    assert facts["Threads"] == "1"
    assert facts["Versions"] == "optlab 1, torch 2"
    assert "4 settings, 400 steps in all; lr 0.0001 to 1" in facts["Tuning of Adam"]


def test_that_runs_of_different_problems_are_not_compared() -> None:
    hill = run(SGD, problem={"name": "rosenbrock"}, seeds=(0,))
    (reason,) = across(evidence([run(ADAM), hill], CATALOG))
    assert reason.level == "red"
    assert "linear-regression, rosenbrock" in reason.text
    assert across(evidence([run()], CATALOG)) == ()


@pytest.mark.parametrize(("comparisons", "least"), [(1, 6), (2, 7), (5, 8)])
def test_that_seeds_suffice_where_the_least_p_does(
    comparisons: int, least: int
) -> None:
    assert least_seeds(comparisons) == least
    assert 2 * comparisons / 2**least <= 0.05 < 2 * comparisons / 2 ** (least - 1)


@pytest.mark.parametrize("n", [1, 8])
def test_that_no_further_seeds_are_asked_for_where_they_change_nothing(n: int) -> None:
    found = replace(found_in(run(seeds=range(n))), repeats=True)
    (reason,) = [r for r in certify(found).why if "seed" in r.name]
    assert reason.name == "repeated-seeds"
    assert reason.text.startswith("Seeds change nothing here")
