"""The verdict: what is said, what is refused, and how often it is wrong."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import verdicts
from benchmarks.verdicts import findings_of
from optlab.analysis.evidence import Findings, evidence, seeds_repeat
from optlab.analysis.verdict import Verdict, judge, summaries
from optlab.plugins import load_catalog
from optlab.records import State, TrialStop
from optlab.registry import Catalog
from optlab.runner import Runner
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData

# Costs of the baseline in eight seeds, and what A costs less in each.
BASE = (3.0, 2.0, 2.5, 3.5, 2.2, 2.8, 3.1, 2.6)
LESS = (0.7, 0.5, 0.6, 0.9, 0.4, 0.8, 0.75, 0.55)
APART = tuple(b - d for b, d in zip(BASE, LESS, strict=True))
# Differences of both signs, which tell nothing.
NEAR = tuple(
    b + d
    for b, d in zip(BASE, (0.3, -0.2, 0.1, -0.4, 0.2, -0.1, 0.3, -0.3), strict=True)
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def only(findings: Findings) -> Verdict:
    (verdict,) = judge(findings).verdicts
    return verdict


def pair(
    catalog: Catalog,
    mine: Sequence[float],
    theirs: Sequence[float] = BASE,
    **more: object,
) -> Findings:
    return findings_of({"B": theirs, "A": mine}, catalog, **more)  # type: ignore[arg-type]


def test_that_what_stands_up_is_called_better_with_effect_first_and_p_last(
    catalog: Catalog,
) -> None:
    verdict = only(pair(catalog, APART))
    assert verdict.better is True
    assert verdict.missing == ()
    assert not verdict.provisional
    assert (verdict.label, verdict.baseline, verdict.n) == ("A", "B", 8)
    assert verdict.effect == pytest.approx(-np.mean(LESS))
    assert verdict.share == pytest.approx(-np.mean(LESS) / np.mean(BASE))
    assert verdict.p == verdict.adjusted_p == 2 / 2**8
    assert verdict.kind == "exact"
    assert verdict.more_seeds is None
    # The sixth of the 255 sorted means of subsets on either side.
    means = sorted(
        np.mean([d for d, kept in zip(LESS, bits(i), strict=True) if kept])
        for i in range(1, 256)
    )
    assert verdict.interval == pytest.approx((-means[-6], -means[5]))
    assert verdict.sentence == (
        "A is better than B: its value is lower by 0.65 (24 %), 95 % interval "
        f"{means[5]:.3g} to {means[-6]:.3g}, 8 seeds, both tuned with 4 trials, "
        "p = 0.0078."
    )


def test_that_the_other_one_is_called_better_where_it_is(catalog: Catalog) -> None:
    verdict = only(findings_of({"A": APART, "B": BASE}, catalog))
    # The experiment names B first, so A is held against it; here the runs say A first.
    assert {verdict.label, verdict.baseline} == {"A", "B"}
    worse = only(pair(catalog, BASE, APART))
    assert worse.better is False
    assert worse.direction == 1
    assert worse.sentence.startswith("B is better than A: its value is lower by 0.65")


def test_that_more_of_an_accuracy_is_better(catalog: Catalog) -> None:
    findings = replace(
        pair(catalog, [-a for a in APART], [-b for b in BASE]),
        metric="val_accuracy",
        higher_is_better=True,
    )
    verdict = only(findings)
    assert verdict.better is False
    assert verdict.share is None
    assert verdict.sentence.startswith(
        "B is better than A: its validation accuracy is higher by 0.65, 95 % interval "
        "0.5"
    )
    unsure = only(replace(pair(catalog, NEAR), higher_is_better=True))
    assert "less that of B is 0.0125 on average" in unsure.sentence


def test_that_data_that_do_not_tell_say_about_how_many_seeds_would(
    catalog: Catalog,
) -> None:
    apart = (0.9, -0.2, 0.6, -0.3, 0.8, 0.1, 0.7, 0.2)
    verdict = only(pair(catalog, [b - d for b, d in zip(BASE, apart, strict=True)]))
    assert verdict.better is None
    assert verdict.missing == ()
    assert verdict.interval is not None
    assert verdict.interval[0] < 0 < verdict.interval[1]
    # The table of the t test at 80 %: 16 seeds in all for an effect of 0.75.
    size = np.mean(apart) / np.std(apart, ddof=1)
    assert size == pytest.approx(0.75, abs=0.01)
    assert verdict.more_seeds == 8
    assert verdict.sentence.startswith(
        "These data do not tell A from B: the value of A less that of B is -0.35 on "
        "average, 95 % interval"
    )
    assert verdict.sentence.endswith("; about 8 more seeds would.")


@pytest.mark.parametrize("n", [1, 2, 5])
def test_that_better_is_refused_with_too_few_seeds(catalog: Catalog, n: int) -> None:
    findings = pair(catalog, APART[:n], BASE[:n])
    verdict = only(replace(findings, repeats=False))
    assert verdict.better is None
    assert verdict.missing == (f"at least 6 seeds for one comparison ({n} so far)",)
    assert verdict.interval is None
    assert "better" not in verdict.sentence


def test_that_more_comparisons_take_more_seeds(catalog: Catalog) -> None:
    def third(n: int) -> Findings:
        more = '[[optimizers]]\nname = "SGD"\nlabel = "C"\nlr = 0.3\n'
        costs = {"B": BASE[:n], "A": APART[:n], "C": NEAR[:n]}
        return findings_of(costs, catalog, tuned=("A", "B", "C"), extra=more)

    six = judge(third(6)).verdicts
    assert [v.better for v in six] == [None, None]
    assert six[0].missing == ("at least 7 seeds for 2 comparisons (6 so far)",)
    eight = judge(third(8)).verdicts
    assert [(v.label, v.baseline, v.better) for v in eight] == [
        ("A", "B", True),
        ("C", "B", None),
    ]
    # Holm: the smaller of two p values is doubled.
    assert eight[0].adjusted_p == 2 * 2 / 2**8
    assert eight[0].sentence.endswith("p = 0.016 for 2 comparisons.")
    findings = third(8)
    every = replace(findings.spec.comparison, all_pairs=True)
    spec = replace(findings.spec, comparison=every)
    found = judge(replace(findings, spec=spec)).verdicts
    assert [(v.label, v.baseline) for v in found] == [
        ("A", "B"),
        ("C", "B"),
        ("C", "A"),
    ]
    assert found[0].adjusted_p == 3 * 2 / 2**8


def test_that_better_is_refused_without_tuning(catalog: Catalog) -> None:
    verdict = only(pair(catalog, APART, tuned=()))
    assert verdict.better is None
    assert verdict.told
    assert verdict.missing == ("the run files of the tuning",)
    alone = pair(catalog, APART, tuned=())
    own = replace(alone, spec=replace(alone.spec, part=None))
    assert only(own).missing == ("tuning with equal budgets (`optlab tune` does it)",)
    assert only(own).sentence == (
        "A ended at a lower value than B, by 0.65 (24 %), 95 % interval 0.5 to 0.8, 8 "
        "seeds, p = 0.0078; for a verdict there is missing: tuning with equal budgets "
        "(`optlab tune` does it)."
    )
    # A sweep has the parts of a study, and nothing was to be tuned.
    swept = replace(alone, spec=replace(alone.spec, tuning=None))
    assert only(swept).missing == only(own).missing
    half = only(pair(catalog, APART, tuned=("A",)))
    assert half.missing == ("tuning of B with the budget of the other",)


def test_that_better_is_refused_with_unequal_budgets(catalog: Catalog) -> None:
    findings = pair(catalog, APART)
    fewer = tuple(
        t for t in findings.tuned if not (t.start.label == "B" and t.number == 3)
    )
    verdict = only(replace(findings, tuned=fewer))
    assert verdict.better is None
    assert verdict.missing == ("tuning with the same budget (A had 4 trials, B had 3)",)
    short = tuple(
        replace(t, share=0.1) if t.start.label == "B" else t for t in findings.tuned
    )
    (text,) = only(replace(findings, tuned=short)).missing
    assert text.startswith("tuning with the same budget (A had 160 steps")


def test_that_better_is_refused_on_seeds_that_settings_were_picked_by(
    catalog: Catalog,
) -> None:
    findings = pair(catalog, APART)
    picked = tuple(replace(t, start=replace(t.start, seed=3)) for t in findings.tuned)
    verdict = only(replace(findings, tuned=picked))
    assert verdict.better is None
    assert verdict.missing == ("seeds that settings were not picked by",)


def test_that_better_is_refused_before_the_fixed_number_is_reached(
    catalog: Catalog,
) -> None:
    verdict = only(pair(catalog, APART, seeds=10))
    assert verdict.better is None
    assert verdict.anytime
    assert verdict.kind == "sequence"
    assert verdict.provisional
    assert verdict.missing == (
        "all 10 seeds that were fixed beforehand (8 have ended)",
    )
    assert verdict.sentence.startswith("Provisional: ")
    # A run file of a study that goes on names the number, though it holds one seed.
    findings = pair(catalog, APART)
    part = findings.spec.part
    assert part is not None
    going_on = replace(findings.spec, part=replace(part, seeds=12))
    assert only(replace(findings, spec=going_on)).missing == (
        "all 12 seeds that were fixed beforehand (8 have ended)",
    )
    assert only(pair(catalog, APART)).better is True
    (stated,) = judge(findings, declared=9).verdicts
    assert stated.better is None


def test_that_somebody_who_looks_hears_the_confidence_sequence_alone(
    catalog: Catalog,
) -> None:
    findings = pair(catalog, APART, looks="any")
    verdict = only(findings)
    assert verdict.anytime
    assert verdict.kind == "sequence"
    assert verdict.p is not None
    assert verdict.p > 2 / 2**8
    assert verdict.better is True
    assert verdict.sentence.endswith(" at any time.")
    # What it may say early, it need not take back: no number of seeds is waited for.
    early = pair(catalog, APART, looks="any", seeds=20)
    assert only(early).better is True
    assert only(early).provisional
    unsure = only(pair(catalog, NEAR, looks="any"))
    assert unsure.better is None
    assert unsure.missing == ()


def test_that_seeds_that_were_added_leave_the_confidence_sequence_alone(
    catalog: Catalog,
) -> None:
    def run(seeds: range) -> RunData:
        text = (
            '[problem]\nname = "quadratic"\n[training]\nsteps = 40\n'
            f"seeds = {list(seeds)}\n"
            '[[optimizers]]\nname = "SGD"\nlabel = "B"\nlr = 0.1\n'
            '[[optimizers]]\nname = "SGD"\nlabel = "A"\nlr = 0.2\n'
        )
        ends = [("B", s, BASE[s]) for s in seeds] + [("A", s, APART[s]) for s in seeds]
        return verdicts.recorded(text, ends, catalog)

    (two,) = evidence([run(range(4)), run(range(4, 8))], catalog).findings
    judgement = judge(two)
    assert judgement.verdicts[0].anytime
    assert judgement.verdicts[0].n == 8
    assert judgement.notes == (
        "Seeds are in several runs that were not planned as one: only intervals that "
        "hold at any time speak.",
    )
    (one,) = evidence([run(range(8))], catalog).findings
    assert not only(one).anytime
    assert judge(one).notes == ()


def test_that_trials_with_other_weights_are_not_compared(catalog: Catalog) -> None:
    findings = pair(catalog, APART)
    spoilt = tuple(
        replace(m, start=replace(m.start, init_hash="ffff"))
        if (m.start.label, m.start.seed) == ("A", 2)
        else m
        for m in findings.measured
    )
    verdict = only(replace(findings, measured=spoilt))
    assert verdict.better is None
    assert verdict.p is None
    assert verdict.missing == (
        "trials that are known to be paired (Not paired: trials of one seed began with "
        "different weights)",
    )
    # What can be said is said.
    assert verdict.effect == pytest.approx(-np.mean(LESS))


def test_that_a_difference_of_many_times_is_not_told_in_per_cent(
    catalog: Catalog,
) -> None:
    verdict = only(pair(catalog, [4.0] * 8, [0.05] * 8))
    assert verdict.share == pytest.approx(79)
    assert "by 3.95, 8 seeds" in verdict.sentence
    assert "7900 %" not in verdict.sentence


def test_that_seeds_that_change_nothing_prove_nothing(catalog: Catalog) -> None:
    verdict = only(pair(catalog, [1.0] * 8, [4.0] * 8))
    assert verdict.alike
    assert verdict.better is None
    assert verdict.p is None
    assert verdict.sentence.startswith("A ended at a lower value than B, by 3 (75 %)")
    assert "seeds that change something" in verdict.sentence
    told = summaries(pair(catalog, [1.0] * 8, [4.0] * 7 + [3.0]))
    assert [found.interval is None for _, found in told] == [False, True]


def test_that_diverged_seeds_count_as_infinitely_bad(catalog: Catalog) -> None:
    broken = [math.inf, *APART[1:]]
    findings = pair(catalog, broken)
    verdict = only(findings)
    assert verdict.lasted == (7, 8)
    assert verdict.differences[0] == math.inf
    assert verdict.better is None
    assert verdict.kind == "median"
    assert verdict.effect == pytest.approx(-0.575)
    assert "A lasted in 7 of 8 seeds, B in 8; there is no mean" in verdict.sentence
    told = dict(summaries(findings))
    assert (told["A"].mean, told["A"].interval, told["A"].n) == (None, None, 8)
    assert math.isfinite(told["A"].median)
    all_of_them = only(pair(catalog, [math.inf] * 8))
    assert all_of_them.better is False
    assert all_of_them.sentence == (
        "B is better than A: A lasted in 0 of 8 seeds, B in 8, both tuned with 4 "
        "trials, p = 0.0078."
    )


def test_that_where_neither_lasted_there_is_nothing_to_tell(catalog: Catalog) -> None:
    verdict = only(pair(catalog, [math.inf] * 8, [math.inf] * 8))
    assert verdict.better is None
    assert verdict.effect is None
    assert verdict.sentence == (
        "Neither A nor B lasted in any of their 8 seeds: there is nothing to tell them "
        "by."
    )


def test_that_no_common_seed_is_said_in_one_line(catalog: Catalog) -> None:
    findings = pair(catalog, APART)
    apart = tuple(
        m for m in findings.measured if (m.start.label == "A") == (m.start.seed < 4)
    )
    verdict = only(replace(findings, measured=apart))
    assert verdict.n == 0
    assert verdict.sentence == (
        "Nothing can be said of A against B: A and B have no seed in common."
    )
    begun = only(replace(findings, measured=()))
    assert begun.sentence == (
        "Nothing can be said of A against B: the comparison has not begun."
    )
    alone = replace(findings, measured=findings.of("A"), labels=("A",))
    assert judge(alone).verdicts == ()
    assert judge(alone).notes == ("There is one optimizer only: nothing is compared.",)


def test_that_a_trial_that_was_stopped_is_left_out_and_said(catalog: Catalog) -> None:
    findings = pair(catalog, APART)
    findings.runs[0].append(
        TrialStop(
            trial=15,
            state=State.STOPPED,
            step=3,
            grad_evals=3,
            wall_time_s=1.0,
            optimizer_time_s=0.1,
            state_floats_per_param=0.0,
            batch_hash="",
        )
    )
    verdict = only(findings)
    assert [told.n for _, told in summaries(findings)] == [8, 7]
    assert verdict.n == 7
    assert verdict.provisional
    assert verdict.better is None
    assert verdict.missing == ("all 8 seeds that were fixed beforehand (7 have ended)",)


def test_that_one_seed_is_told_as_one(catalog: Catalog) -> None:
    alone = pair(catalog, APART[:1], BASE[:1])
    verdict = only(replace(alone, repeats=False))
    assert verdict.sentence == (
        "These data do not tell A from B: the value of A less that of B is -0.7, one "
        "seed, both tuned with 4 trials; for a verdict there is missing: at least 6 "
        "seeds for one comparison (1 so far)."
    )
    # Where nothing is drawn further seeds are not asked for.
    assert alone.repeats
    assert only(alone).sentence == (
        "A ended at a lower value than B, by 0.7 (23 %), one seed, both tuned with 4 "
        "trials; for a verdict there is missing: seeds that change something (here "
        "there is no noise, and one start)."
    )


@pytest.mark.parametrize(
    ("problem", "optimizer", "repeats"),
    [
        ('name = "booth"', "Adam", True),
        ('name = "booth"\nnoise = 0.1', "Adam", False),
        ('name = "booth"\nstarts = "random"', "Adam", False),
        ('name = "booth"', "AdaHessian", False),
        ('name = "linear-regression"', "Adam", False),
    ],
)
def test_that_seeds_repeat_where_nothing_is_drawn(
    catalog: Catalog, problem: str, optimizer: str, repeats: bool
) -> None:
    text = (
        f"[problem]\n{problem}\n[training]\nsteps = 3\n"
        f'[[optimizers]]\nname = "{optimizer}"\n'
    )
    assert seeds_repeat(spec_from_text(text, catalog), catalog) is repeats


LIVE = """
[problem]
name = "linear-regression"
data = "noisy-line"
batch_size = 5
[training]
steps = 40
eval_every = 4
seeds = [0, 1, 2, 3, 4, 5]
[[optimizers]]
name = "SGD"
lr = 0.01
{schedule}
[[optimizers]]
name = "Adam"
lr = 0.1
"""


def live(catalog: Catalog, folder: Path, schedule: str = "", *, whole: bool) -> Verdict:
    spec = spec_from_text(LIVE.format(schedule=schedule), catalog)
    runner = Runner(spec, catalog, folder=folder, device="cpu")
    steps = runner.run()
    for _ in steps:
        if not whole and len(runner.data.series(11, "val_loss")) > 1:
            break
    (findings,) = evidence([runner.data], catalog).findings
    verdict = only(findings)
    steps.close()  # type: ignore[attr-defined]
    return verdict


def test_that_everything_before_the_end_is_provisional(
    catalog: Catalog, tmp_path: Path
) -> None:
    verdict = live(catalog, tmp_path / "part", whole=False)
    assert verdict.provisional
    assert verdict.better is None
    assert (verdict.n, verdict.running) == (0, 6)
    assert verdict.sentence.startswith(
        "Provisional: no seed of Adam (lr 0.1) and SGD (lr 0.01) has come to its end; "
        "so far the validation loss of Adam (lr 0.1) less that of SGD (lr 0.01) is "
    )
    assert verdict.so_far is not None
    assert verdict.so_far > 1
    ended = live(catalog, tmp_path / "whole", whole=True)
    assert not ended.provisional
    assert ended.n == 6


@pytest.mark.parametrize(("length", "provisional"), [(40, False), (160, True)])
def test_that_everything_is_provisional_before_the_rate_has_decayed(
    catalog: Catalog, tmp_path: Path, length: int, provisional: bool
) -> None:
    schedule = f'scheduler = {{ name = "CosineAnnealingLR", T_max = {length} }}'
    verdict = live(catalog, tmp_path, schedule, whole=True)
    assert verdict.provisional is provisional


def test_that_an_optimizer_is_rarely_called_better_than_itself(
    catalog: Catalog,
) -> None:
    found = verdicts.compare_with_itself(catalog, 36)
    assert sum(c.of for c in found) == 36
    # At 5 % two are expected; seven would be seen once in three hundred times.
    for said in ("fixed", "any_time", "both"):
        assert sum(getattr(c, said) for c in found) <= 6


def test_that_a_clear_effect_is_nearly_always_found(catalog: Catalog) -> None:
    found = verdicts.compare_with_worse(catalog, 12, sample=300)
    assert sum(c.fixed for c in found) >= 10
    assert sum(c.any_time for c in found) >= 8
    assert sum(c.wrong for c in found) == 0


@pytest.mark.parametrize("looks", ["end", "any"])
@pytest.mark.parametrize("scale", [1e-310, 1e-9, 1e9, 1e300, 5e307])
def test_that_the_size_of_a_loss_makes_no_difference(
    catalog: Catalog, scale: float, looks: str
) -> None:
    costs = [scale * a for a in APART], [scale * b for b in BASE]
    verdict = only(pair(catalog, *costs, looks=looks))
    assert verdict.better is True
    assert verdict.n == 8
    assert verdict.sentence


def test_that_a_broken_bound_is_seen() -> None:
    def counted(fixed: int, any_time: int, both: int, wrong: int = 0) -> verdicts.Count:
        return verdicts.Count("normal", 400, fixed, any_time, both, wrong, 1.0)

    assert verdicts.rarely_wrong([counted(28, 28, 28)])
    for broken in ((29, 0, 0), (0, 29, 0), (0, 0, 29)):
        assert not verdicts.rarely_wrong([counted(*broken)])
    assert verdicts.mostly_right([counted(320, 0, 0)])
    assert not verdicts.mostly_right([counted(319, 400, 400)])
    assert not verdicts.mostly_right([counted(400, 400, 400, wrong=29)])


def bits(i: int) -> list[bool]:
    return [bool(i >> k & 1) for k in range(8)]
