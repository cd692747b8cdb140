"""Time to target: first measurement past it, censored where it is not reached."""

import math
from dataclasses import replace

import pytest

from optlab.analysis.outcomes import usual_target
from optlab.analysis.targets import (
    default_target,
    targets,
    time_sentence,
)
from optlab.analysis.waiting import kaplan_meier
from optlab.spec import PartSpec
from tests.core.analysis.recorded import findings, recorded

# Freireich et al. 1963: weeks of remission under 6-MP, a + for censored, and under
# placebo; in every textbook on survival (Klein & Moeschberger, Cox & Oakes).
UNDER_6MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def weeks(text: str) -> tuple[list[float], list[bool]]:
    words = text.split()
    return [float(t.rstrip("+")) for t in words], ["+" not in t for t in words]


def test_that_kaplan_meier_agrees_with_the_remission_data() -> None:
    treated = kaplan_meier(*weeks(UNDER_6MP))
    # SAS LIFETEST and R with conf.type="log-log" print these.
    assert (treated.n, treated.reached) == (21, 9)
    assert (treated.median, treated.low, treated.high) == (23, 13, math.inf)
    placebo = kaplan_meier(*weeks(PLACEBO))
    assert (placebo.median, placebo.low, placebo.high) == (8, 4, 11)


def test_that_without_censoring_it_is_when_half_have_arrived() -> None:
    assert kaplan_meier([4.0, 1.0, 3.0, 2.0], [True] * 4).median == 2
    assert kaplan_meier([5.0, 1.0, 3.0], [True] * 3).median == 3


def test_that_what_never_arrives_holds_the_median_up() -> None:
    times = [10.0, 20.0, math.inf, math.inf]
    assert kaplan_meier(times, [True, True, False, False]).median == 20
    # Two that were only last seen at 5 say nothing of what came after.
    times = [10.0, 20.0, 5.0, 5.0]
    assert kaplan_meier(times, [True, True, False, False]).median == 10
    none = kaplan_meier([5.0, math.inf], [False, False])
    assert (none.n, none.reached, none.median) == (2, 0, math.inf)


def test_that_a_target_counts_on_five_axes_from_the_first_measurement_past_it() -> None:
    run = recorded(
        {"A": {0: [8.0, 4.0, 1.0, 2.0]}, "B": {0: [8.0, 6.0, 5.0, 3.0]}},
        seconds={"A": 0.5},
        target=3.5,
    )
    found = targets(findings(run))
    assert (found.target, found.declared, found.metric) == (3.5, True, "val_loss")
    assert found.axes == (
        "step",
        "samples",
        "grad_evals",
        "optimizer_time_s",
        "wall_time_s",
    )
    # Between 4 at step 10 and 1 at step 20; of four samples and half a second each.
    own = [row.waiting.median for row in found.rows if row.label == "A"]
    assert own == [20, 80, 20, 5, 10]
    slow = found.of("B", "step")
    assert slow is not None
    assert slow.waiting.median == 30
    assert list(slow.times) == [30]
    assert found.sentences == ()


def test_that_accuracy_is_reached_from_below() -> None:
    curves = {"A": {0: [0.1, 0.5, 0.9]}, "B": {0: [0.1, 0.2, 0.6]}}
    run = recorded(curves, metric="val_accuracy")
    found = replace(findings(run), metric="val_accuracy", higher_is_better=True)
    row = targets(found, 0.5).of("A", "step")
    assert row is not None
    assert row.waiting.median == 10
    other = targets(found, 0.5).of("B", "step")
    assert other is not None
    assert other.waiting.median == 20


def test_that_diverged_trials_stay_in_and_the_stopped_are_censored() -> None:
    curves = {"A": {s: [9.0, 5.0, 1.0] for s in range(2)} | {2: [9.0, 8.0]}}
    censored = targets(findings(recorded(curves)), 2.0).of("A", "step")
    lost = targets(findings(recorded(curves, diverged=[("A", 2)])), 2.0)
    row = lost.of("A", "step")
    assert censored is not None
    assert row is not None
    assert (censored.lost, row.lost) == (0, 1)
    assert (censored.waiting.n, censored.waiting.reached) == (3, 2)
    # Censored at 10 it leaves the two others, and both are there at 20; lost it counts
    # among three, of which two are there at 20.
    assert (censored.waiting.median, row.waiting.median) == (20, 20)
    early = {"A": {0: [9.0, 1.0, 1.0], 1: [9.0, 5.0, 1.0], 2: [9.0], 3: [9.0]}}
    seen = targets(findings(recorded(early)), 2.0).of("A", "step")
    gone = targets(findings(recorded(early, diverged=[("A", 2), ("A", 3)])), 2.0).of(
        "A", "step"
    )
    assert seen is not None
    assert gone is not None
    assert (seen.waiting.median, gone.waiting.median) == (10, 20)


def test_that_the_usual_target_is_taken_where_none_is_declared() -> None:
    run = recorded(
        {
            "A": {0: [8.0, 1.0], 1: [8.0, 2.0], 2: [8.0, 3.0]},
            "B": {0: [8.0, 5.0], 1: [8.0, 6.0], 2: [8.0, 7.0]},
            "C": {0: [8.0, 4.0], 1: [8.0, 4.0], 2: [8.0, 4.5]},
        }
    )
    found = findings(run)
    assert default_target(found) == usual_target(run) == 4.0
    assert not targets(found).declared
    better = replace(found, higher_is_better=True)
    flipped = replace(
        better, measured=tuple(replace(m, cost=-m.value) for m in better.measured)
    )
    assert default_target(flipped) == 4.0


def test_that_a_declared_target_is_none_of_the_further_problems() -> None:
    curves = {"A": {0: [8.0, 2.0]}, "B": {0: [8.0, 3.0]}}
    found = findings(recorded(curves, target=7.0))
    assert targets(found).target == 7.0
    part = PartSpec(study="s", part="final", problem=1)
    other = replace(found, spec=replace(found.spec, part=part))
    assert targets(other).target == 3.0


def test_that_a_target_that_nobody_reaches_is_said_in_one_sentence() -> None:
    found = findings(recorded({"A": {0: [8.0, 2.0]}, "B": {0: [8.0, 3.0]}}))
    (sentence,) = targets(found, 0.5).sentences
    assert sentence == (
        "Validation loss 0.5 is reached by no trial; the best comes to 2."
    )
    row = targets(found, 0.5).of("A", "step")
    assert row is not None
    assert row.waiting.median == math.inf
    assert time_sentence(row) == "A: 0 of 1 seeds reach the target, fewer than half."


def test_that_without_a_trial_that_lasts_there_is_no_target() -> None:
    run = recorded({"A": {0: [8.0, 9.0]}}, diverged=[("A", 0)])
    found = targets(findings(run))
    assert (found.target, found.rows) == (None, ())
    (sentence,) = found.sentences
    assert sentence == "No trial lasted to its end, so there is no target to reach."
    # One that is given is still looked for.
    assert targets(findings(run), 8.5).rows[0].waiting.reached == 1


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        (1, "A: half of the seeds are there after 10 steps "
            "(95 % interval from 10 on; 1 of 1 seeds)."),
        (8, "A: half of the seeds are there after 10 steps "
            "(95 % interval 10 to 20; 8 of 8 seeds)."),
    ],
)  # fmt: skip
def test_that_a_median_is_told_with_its_interval(seeds: int, words: str) -> None:
    curves = {s: [8.0, 1.0 if s < 6 else 5.0, 1.0] for s in range(seeds)}
    row = targets(findings(recorded({"A": curves})), 2.0).of("A", "step")
    assert row is not None
    assert time_sentence(row) == words


def test_that_seeds_that_change_nothing_have_no_interval() -> None:
    curves = {"A": {seed: [8.0, 1.0, 0.5] for seed in range(8)}}
    found = findings(recorded(curves))
    row = targets(found, 2.0).of("A", "step")
    assert row is not None
    assert time_sentence(row) == (
        "A: all 8 seeds are there after 10 steps; they change nothing."
    )
    one = replace(findings(recorded({"A": {0: [8.0, 1.0]}})), repeats=True)
    row = targets(one, 2.0).of("A", "step")
    assert row is not None
    assert time_sentence(row) == (
        "A: the one seed is there after 10 steps; others would change nothing."
    )
