"""A study: tuned on some seeds, compared on new ones, and never done twice."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from optlab.analysis.evidence import gather
from optlab.analysis.tuning import tunings
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.runner import Runner
from optlab.spec import ExperimentSpec, spec_from_text
from optlab.store.run_data import RunData
from optlab.store.run_file import read_resume
from optlab.sweep import study
from optlab.sweep.jobs import Job, Message, run_job
from optlab.sweep.study import (
    Ended,
    JobFailed,
    ProblemDone,
    RungDone,
    SeedDone,
    Study,
    StudyEvent,
    WinnersKnown,
)
from tests.core.sweep.here import Here

CATALOG = load_catalog()
VALLEY = """
format = 1
title = "A valley"
[problem]
name = "rosenbrock"
noise = 1.0
[training]
steps = 60
seeds = [0, 1, 2]
[tuning]
trials = 6
rungs = 2
eta = 3
refine = 1
seeds = [10, 11]
[[optimizers]]
name = "SGD"
lr = 0.0005
[[optimizers]]
name = "Adam"
lr = 0.01
"""
DIGITS = """
format = 1
title = "Digits"
[problem]
name = "image-classification"
model = "mlp"
dataset = "digits"
val_samples = 50
[training]
steps = 12
eval_every = 2
seeds = [0, 1]
[tuning]
trials = 2
rungs = 2
eta = 2
[[optimizers]]
name = "SGD"
label = "SGD"
lr = 0.1
[[optimizers]]
name = "Adam"
label = "Adam"
"""
# Each column that a clock fills.
TIMES = ("wall_time_s", "optimizer_time_s")


def spec_of(text: str, *sets: str) -> ExperimentSpec:
    return spec_from_text(text, CATALOG, sets=sets)


def carried_out(
    spec: ExperimentSpec, folder: Path, executor: Here | None = None
) -> list[StudyEvent]:
    one = Study(spec, CATALOG, folder, executor=executor or Here(), stop=Event())
    return list(one.run())


def content(folder: Path) -> dict[str, list[object]]:
    """Return everything in all run files but times, exactly."""
    return {
        path.relative_to(folder).as_posix(): values_of(RunData.open(path))
        for path in sorted(folder.rglob("*.optlab"))
    }


def values_of(run: RunData) -> list[object]:
    found: list[object] = [run.spec_text, run.trials, run.metrics]
    for trial in run.trials:
        status = run.status(trial.trial)
        found.append((status.state, status.step, status.batch_hash))
        for metric in run.metrics:
            if metric not in TIMES:
                steps, values = run.series(trial.trial, metric).arrays()
                found.append((metric, steps.tobytes(), values.tobytes()))
    return found


def only(events: Sequence[StudyEvent], kind: type) -> list[StudyEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_that_winners_are_compared_on_new_seeds(tmp_path: Path) -> None:
    events = carried_out(spec_of(VALLEY), tmp_path)
    assert events[-1] == Ended(stopped=False, failures=0)
    (known,) = only(events, WinnersKnown)
    assert isinstance(known, WinnersKnown)
    (done,) = only(events, ProblemDone)
    assert isinstance(done, ProblemDone)
    final = RunData.open(done.path)
    spec = spec_from_text(final.spec_text, CATALOG)
    assert [t.seed for t in final.trials] == [0, 1, 2, 0, 1, 2]
    for entry, winner in zip(spec.optimizers, known.winners, strict=True):
        assert entry.label == winner.label
        assert entry.values["lr"] == dict(winner.values)["lr"]
    tuned = [p for p in tmp_path.rglob("*.optlab") if "tuning" in p.parts]
    assert len(tuned) == 12
    for path in tuned:
        run = RunData.open(path)
        assert [t.seed for t in run.trials] == [10, 11]


def test_that_the_winner_is_the_best_trial_of_its_optimizer(tmp_path: Path) -> None:
    carried_out(spec_of(VALLEY), tmp_path)
    (findings,) = gather([tmp_path], CATALOG).findings
    for tuning in tunings(findings):
        assert tuning.trials == tuning.planned == 6
        assert tuning.cost == min(p.cost for p in tuning.finalists)
        assert tuning.default in {p.number for p in tuning.finalists}
    # 6 trials to a third, 1 + ceil(5 / 3) to the end, two seeds each; those of SGD
    # with the largest rate ended before.
    sgd, adam = tunings(findings)
    assert sgd.steps < adam.steps == 2 * (6 * 20 + 3 * 40)


def test_that_a_study_can_be_stopped_after_any_job(tmp_path: Path) -> None:
    spec = spec_of(VALLEY)
    carried_out(spec, tmp_path / "whole")
    whole = content(tmp_path / "whole")
    jobs = 0
    for _ in range(40):
        events = carried_out(spec, tmp_path / "pieces", Here(most=2, backwards=True))
        jobs += 1
        if events[-1] == Ended(stopped=False, failures=0):
            break
    assert jobs > 8
    assert content(tmp_path / "pieces") == whole


def test_that_large_run_files_are_gone_on_with_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of(VALLEY, "training.seeds=[0]", "tuning.trials=4")
    carried_out(spec, tmp_path / "whole")
    monkeypatch.setattr(study, "MOST_BYTES", 1)
    carried_out(spec, tmp_path / "portions")
    assert content(tmp_path / "portions") == content(tmp_path / "whole")


def test_that_only_what_may_go_on_keeps_its_checkpoints(tmp_path: Path) -> None:
    spec = spec_of(VALLEY, "training.seeds=[0, 1]", "tuning.trials=4")
    carried_out(spec, tmp_path, Here(most=6))
    paths = tmp_path.rglob("*.optlab")
    held = [read_resume(path).trials[0].checkpoint for path in paths]
    assert None not in held
    carried_out(spec, tmp_path)
    for path in tmp_path.rglob("*.optlab"):
        trials = read_resume(path).trials
        assert {t.checkpoint is None for t in trials} == {"tuning" in path.parts}


def test_that_nothing_is_done_twice(tmp_path: Path) -> None:
    spec = spec_of(VALLEY)
    first, second = Here(), Here()
    carried_out(spec, tmp_path, first)
    assert len(first.done) == 2 * (6 + 3) + 3
    events = carried_out(spec, tmp_path, second)
    assert not second.done
    assert events[-1] == Ended(stopped=False, failures=0)


def test_that_a_job_that_was_cut_short_goes_on_where_it_was(tmp_path: Path) -> None:
    class Impatient(Here):
        def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
            # Whoever stops now stops in the middle of the first job.
            stop.set()
            asked = iter([False, False, True])
            yield run_job(jobs[0], lambda _: None, lambda: next(asked, True))

    spec = spec_of(VALLEY, "training.steps=40000", "tuning.trials=2", "tuning.refine=0")
    carried_out(spec, tmp_path, Impatient())
    (path,) = tmp_path.rglob("*.optlab")
    step = RunData.open(path).status(0).step
    assert 0 < step < 13_333
    again = Here(most=1)
    carried_out(spec, tmp_path, again)
    assert again.done[0].past is not None
    assert RunData.open(path).status(0).step == 13_334


def test_that_an_optimizer_of_which_nothing_lasts_stays_in_as_diverged(
    tmp_path: Path,
) -> None:
    sets = ("optimizers.0.space.lr=[10.0, 100.0]", "optimizers.0.lr=20.0")
    events = carried_out(spec_of(VALLEY, *sets), tmp_path)
    (known,) = only(events, WinnersKnown)
    assert isinstance(known, WinnersKnown)
    assert known.winners[0].number is None
    assert dict(known.winners[0].values) == {"lr": 20.0}
    (findings,) = gather([tmp_path], CATALOG).findings
    # It had as many trials at each rung as the others.
    rungs = {(e.rung, e.trials) for e in events if isinstance(e, RungDone)}
    assert rungs == {(0, 6), (1, 3)}
    lost = findings.of(findings.labels[0])
    assert {m.outcome.state for m in lost} == {State.DIVERGED}
    assert len(lost) == 3
    (tuning, _) = tunings(findings)
    assert tuning.best is None
    assert tuning.trials == 6


def test_that_a_job_that_cannot_be_done_does_not_end_the_study(tmp_path: Path) -> None:
    executor = Here(fails=lambda key: key.endswith("003"))
    events = carried_out(spec_of(VALLEY), tmp_path, executor)
    assert {e.key.rpartition("/")[2] for e in events if isinstance(e, JobFailed)} == {
        "003"
    }
    assert events[-1] == Ended(stopped=False, failures=2)
    assert len(only(events, SeedDone)) == 3
    # Another time it may be done.
    again = carried_out(spec_of(VALLEY), tmp_path)
    assert not only(again, JobFailed)


def test_that_images_are_tuned_on_a_part_that_the_comparison_does_not_see(
    tmp_path: Path,
) -> None:
    sets = ("further_problems=[{name = 'moons'}]",)
    carried_out(spec_of(DIGITS, *sets), tmp_path)
    splits = {}
    for path in sorted(tmp_path.rglob("*.optlab")):
        spec = spec_from_text(RunData.open(path).spec_text, CATALOG)
        assert spec.part is not None
        splits[spec.part.part, spec.part.problem] = spec.training.split
    assert splits == {
        ("tuning", 0): "tune",
        ("tuning", 1): "train",
        ("final", 0): "train",
        ("final", 1): "train",
    }


def test_that_a_trial_on_images_goes_on_bitwise_from_rung_to_rung(
    tmp_path: Path,
) -> None:
    carried_out(spec_of(DIGITS), tmp_path / "study")
    path = tmp_path / "study" / "tuning" / "0-digits" / "1-Adam" / "000.optlab"
    halved = RunData.open(path)
    assert halved.status(0).state is State.FINISHED
    spec = spec_from_text(halved.spec_text, CATALOG)
    runner = Runner(spec, CATALOG, folder=tmp_path / "once", device="cpu")
    for _ in runner.run():
        pass
    assert values_of(runner.data)[2:] == values_of(halved)[2:]


def test_that_seeds_apart_make_the_same_run_file_as_together(tmp_path: Path) -> None:
    carried_out(spec_of(DIGITS), tmp_path / "study")
    merged = RunData.open(tmp_path / "study" / "final" / "0-digits.optlab")
    assert not (tmp_path / "study" / "final" / "0-digits").exists()
    spec = spec_from_text(merged.spec_text, CATALOG)
    runner = Runner(spec, CATALOG, folder=tmp_path / "once", device="cpu")
    for _ in runner.run():
        pass
    once = RunData.open(runner.path)
    assert values_of(merged) == values_of(once)
    assert merged.state is State.FINISHED
    assert merged.resolved_text == once.resolved_text
    assert [r.final_val_loss for r in merged.summary()] == [
        r.final_val_loss for r in once.summary()
    ]
    assert np.isfinite(merged.series(0, "wall_time_s").values).all()


def test_that_a_folder_holds_one_study(tmp_path: Path) -> None:
    carried_out(spec_of(VALLEY), tmp_path, Here(most=1))
    with pytest.raises(InputError, match="another study"):
        carried_out(spec_of(VALLEY, "training.steps=61"), tmp_path)
    (tmp_path / "study.toml").unlink()
    with pytest.raises(InputError, match="run files"):
        carried_out(spec_of(VALLEY), tmp_path)


def test_that_two_programs_do_not_do_the_same_study(tmp_path: Path) -> None:
    first = Study(spec_of(VALLEY), CATALOG, tmp_path, executor=Here())
    events = first.run()
    next(events)
    with pytest.raises(InputError, match="another program"):
        carried_out(spec_of(VALLEY), tmp_path)
    events.close()
    carried_out(spec_of(VALLEY), tmp_path, Here(most=1))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("tuning.trials=0", "tuning.trials = 0"),
        ("tuning.refine=6", "tuning.refine = 6: fewer than tuning.trials, 6"),
        ("comparison.baseline=Lion", "comparison.baseline = .Lion.: the label"),
        ("tuning.rungs=8", "training.steps = 60: at least 2187"),
        ("optimizers.0.space.lr=[0.1, 0.2, 0.3, 0.4, 0.5]", "tuning.trials = 6"),
        ("tuning.seeds=[1]", "tuning.seeds"),
    ],
)
def test_that_a_study_that_cannot_be_is_refused(
    change: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says):
        carried_out(spec_of(VALLEY, change), tmp_path)


def test_that_a_rung_that_is_never_measured_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"training.eval_every = 7: at most 6"):
        carried_out(spec_of(DIGITS, "training.eval_every=7"), tmp_path)


def test_that_without_tuning_all_seeds_meet_on_all_problems(tmp_path: Path) -> None:
    spec = spec_of(
        VALLEY.replace("[tuning]", "[not]").split("[not]")[0]
        + "[[optimizers]]\nname='SGD'\n",
        "further_problems=[{name = 'saddle'}]",
    )
    events = carried_out(spec, tmp_path)
    assert len(only(events, SeedDone)) == 6
    assert len(only(events, ProblemDone)) == 2
    assert not only(events, WinnersKnown)


def test_that_epochs_and_batch_sizes_of_ones_own_come_to_their_rungs(
    tmp_path: Path,
) -> None:
    text = DIGITS.replace("steps = 12", "epochs = 0.21").replace("seeds = [0, 1]", "")
    sets = ("optimizers.1.batch_size=20", "tuning.eta=3")
    events = carried_out(spec_of(text, *sets), tmp_path)
    assert events[-1] == Ended(stopped=False, failures=0)
    (findings,) = gather([tmp_path], CATALOG).findings
    assert {t.trials for t in tunings(findings)} == {2}
    assert all(m.outcome.state is State.FINISHED for m in findings.measured)


def test_that_a_job_that_ends_early_by_itself_is_not_done_for_ever(
    tmp_path: Path,
) -> None:
    class Lame(Here):
        def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
            yield from super().run([replace(j, until=0.1) for j in jobs], stop)

    sets = ("tuning.trials=2", "tuning.refine=0", "training.seeds=[0]")
    events = carried_out(spec_of(VALLEY, *sets), tmp_path, Lame())
    # Four tuning trials and a seed.
    assert events[-1] == Ended(stopped=False, failures=5)


def test_that_what_a_killed_program_left_half_written_is_no_run(tmp_path: Path) -> None:
    spec = spec_of(VALLEY, "tuning.trials=2", "tuning.refine=0", "training.seeds=[0]")
    carried_out(spec, tmp_path, Here(most=1))
    (path,) = tmp_path.rglob("*.optlab")
    path.rename(path.with_name(f".{path.name}.part"))
    executor = Here()
    assert carried_out(spec, tmp_path, executor)[-1] == Ended(stopped=False, failures=0)
    assert executor.done[0].past is None
    assert not list(tmp_path.rglob("*.part"))


def test_that_tuning_is_done_when_nothing_is_left_to_try(tmp_path: Path) -> None:
    spec = spec_of(VALLEY)
    done = []
    for _ in range(20):
        events = carried_out(spec, tmp_path, Here(most=4))
        (findings,) = gather([tmp_path], CATALOG).findings
        done.append([tuning.done for tuning in tunings(findings)])
        if only(events, WinnersKnown):
            break
        assert not all(done[-1])
    # 10 first trials, 2 of the second round, 6 that go on: 4, 4, 2 + 2 + ...
    assert len(done) > 3
    carried_out(spec, tmp_path)
    (findings,) = gather([tmp_path], CATALOG).findings
    assert all(tuning.done for tuning in tunings(findings))
