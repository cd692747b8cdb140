"""Schedules: what torch says, what their formulas say, and going on from the middle."""

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler, swa_utils

from optlab.optimizers.schedules.build import Schedule, build_schedule
from optlab.optimizers.schedules.catalog import SCHEDULERS
from optlab.optimizers.schedules.preview import preview
from optlab.params import InputError, Kind, ParamSpec
from optlab.registry import Registry, SchedulerInfo
from optlab.spec import SchedulerSpec
from tests.core.optimizers.schedule_cases import CASES, REGISTRY, Case, schedule
from tests.core.optimizers.toy import BY_NAME, make, net_for

BASES = (0.1, 0.02)
OWN = ("Constant", "Warmup", "WarmupCosine", "WSD")
EVERY_PARAM = [(info, spec) for info in SCHEDULERS for spec in info.params]
every_case = pytest.mark.parametrize("case", CASES, ids=[c.title for c in CASES])
every_scheduler = pytest.mark.parametrize("info", SCHEDULERS, ids=lambda i: str(i.name))
every_param = pytest.mark.parametrize(
    ("info", "spec"), EVERY_PARAM, ids=[f"{i.name}.{s.name}" for i, s in EVERY_PARAM]
)


def two_groups(bases: Sequence[float] = BASES) -> torch.optim.SGD:
    groups = [
        {"params": [torch.nn.Parameter(torch.zeros(1))], "lr": base} for base in bases
    ]
    return torch.optim.SGD(groups, momentum=0.5)


def attach(
    spec: SchedulerSpec,
    optimizer: torch.optim.Optimizer,
    *,
    steps: int = 300,
    steps_per_epoch: int = 0,
) -> Schedule:
    return build_schedule(
        REGISTRY,
        spec,
        optimizer,
        key="scheduler",
        steps=steps,
        steps_per_epoch=steps_per_epoch,
    )


def drive(
    plan: Schedule, optimizer: torch.optim.Optimizer, first: int, last: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the rates of the steps from ``first`` to ``last``, a column per group."""
    rows = []
    for step in range(first, last + 1):
        rows.append([float(group["lr"]) for group in optimizer.param_groups])
        optimizer.step()
        plan.after_step(step)
    return np.array(rows)


def rates(
    spec: SchedulerSpec,
    *,
    steps: int = 300,
    steps_per_epoch: int = 0,
    bases: Sequence[float] = BASES,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    optimizer = two_groups(bases)
    plan = attach(spec, optimizer, steps=steps, steps_per_epoch=steps_per_epoch)
    return drive(plan, optimizer, 1, steps)


def of_plain_loop(
    make_scheduler: Callable[[torch.optim.Optimizer], Any], steps: int
) -> np.ndarray[Any, np.dtype[np.float64]]:
    optimizer = two_groups()
    scheduler = make_scheduler(optimizer)
    rows = []
    for _ in range(steps):
        rows.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return np.array(rows)


def torch_class(name: str) -> Any:
    return getattr(lr_scheduler, name, None) or getattr(swa_utils, name)


def test_that_all_schedulers_of_torch_are_there() -> None:
    found = {*lr_scheduler.__all__, "SWALR"} - {"LRScheduler"}
    assert found == {info.name for info in SCHEDULERS} - set(OWN)
    assert set(REGISTRY.names()) == found | set(OWN)


@pytest.mark.parametrize("name", [i.name for i in SCHEDULERS if i.name not in OWN])
def test_that_names_and_defaults_equal_those_of_torch(name: str) -> None:
    left_out = ("optimizer", "last_epoch", "schedulers")
    signature = inspect.signature(torch_class(name)).parameters.items()
    theirs = {n: p.default for n, p in signature if n not in left_out}
    ours = {s.name: s.default for s in REGISTRY.get(name).params}
    ours.pop("every")
    if name == "ReduceLROnPlateau":
        assert ours.pop("metric") == "val_loss"
        assert ours.pop("mode") is None
        assert theirs.pop("mode") == "min"
    if name == "PolynomialLR":
        # The whole run, instead of torch's five steps.
        assert (ours.pop("total_iters"), theirs.pop("total_iters")) == (None, 5)
    assert list(ours) == list(theirs)
    missing = inspect.Parameter.empty
    assert ours == {n: None if d is missing else d for n, d in theirs.items()}


@every_param
def test_that_parameters_are_legal_and_described(
    info: SchedulerInfo, spec: ParamSpec
) -> None:
    assert spec.check(spec.to_toml(spec.default), spec.name) == spec.default
    assert spec.parse(spec.show(spec.default), spec.name) == spec.default
    assert spec.required == (spec.none_word == "required")
    assert not (spec.required and "required" in spec.allowed())
    assert spec.meaning.endswith(".")
    assert "\n" not in spec.meaning
    assert 10 < len(spec.meaning) < 160
    number = spec.kind in (Kind.FLOAT, Kind.INT, Kind.FLOATS, Kind.INTS)
    assert (spec.suggested is not None) == number
    for end in spec.suggested or ():
        value = int(end) if spec.kind in (Kind.INT, Kind.INTS) else float(end)
        whole = spec.kind in (Kind.FLOATS, Kind.INTS)
        assert spec.check([value] if whole else value, spec.name) is not None


@every_scheduler
def test_that_every_schedule_is_described_and_counts_steps_or_epochs(
    info: SchedulerInfo,
) -> None:
    assert info.description.endswith(".")
    assert info.formula
    assert info.source
    assert all(n.endswith(".") and "\n" not in n for n in info.notes)
    every = info.param("every")
    if info.needs_metric:
        assert every.choices == ("evaluation",)
    else:
        assert (every.default, every.choices) == ("step", ("step", "epoch"))


def test_that_every_schedule_has_a_formula_in_these_tests() -> None:
    assert {case.spec.name for case in CASES} == (
        set(REGISTRY.names()) - {"ReduceLROnPlateau"}
    )


@every_case
def test_that_rates_equal_the_formula_in_each_param_group(case: Case) -> None:
    found = rates(case.spec, steps=case.steps)
    for group, base in enumerate(BASES):
        expected = np.array([case.form(base, k, case.steps) for k in range(case.steps)])
        np.testing.assert_allclose(found[:, group], expected, rtol=1e-12, atol=0)
        assert (found >= 0).all()


@every_case
def test_that_the_preview_equals_the_rates(case: Case) -> None:
    curve = preview(REGISTRY, case.spec, lr=BASES[0], steps=case.steps)
    assert curve is not None
    assert curve.steps[0] == 1
    assert curve.steps[-1] == case.steps
    assert len(curve.steps) == min(case.steps, 400)
    found = rates(case.spec, steps=case.steps)[curve.steps - 1, 0]
    np.testing.assert_allclose(curve.lr, found, rtol=1e-12, atol=1e-17)


@every_case
def test_that_a_schedule_goes_on_bitwise_from_its_middle(case: Case) -> None:
    optimizer = two_groups()
    plan = attach(case.spec, optimizer, steps=case.steps)
    middle = case.steps // 3
    drive(plan, optimizer, 1, middle)
    saved = json.dumps(plan.state())
    rest = drive(plan, optimizer, middle + 1, case.steps)

    other = two_groups()
    again = attach(case.spec, other, steps=case.steps)
    again.restore(json.loads(saved))
    assert json.dumps(again.state()) == saved
    found = drive(again, other, middle + 1, case.steps)
    assert found.tobytes() == rest.tobytes()
    assert other.param_groups[0]["momentum"] == optimizer.param_groups[0]["momentum"]


O15 = [
    (schedule("StepLR", step_size=30, gamma=0.1), {30: 0.01}),
    (schedule("ExponentialLR", gamma=0.95), {10: 0.05987369, 50: 0.0076945}),
    (
        schedule("CosineAnnealingLR", T_max=100),
        {10: 0.09755283, 30: 0.07938926, 50: 0.05},
    ),
    (schedule("PolynomialLR", total_iters=100, power=2.0), {50: 0.025}),
    (schedule("LinearLR"), {0: 0.0333333, 1: 0.0466667}),
    (
        schedule("OneCycleLR", max_lr=0.1, total_steps=101),
        {0: 0.004, 10: 0.0290474, 30: 0.09997581, 100: 4e-7},
    ),
    (
        schedule("CosineAnnealingWarmRestarts", T_0=10, T_mult=2),
        {50: 0.05, 100: 0.06913417},
    ),
]


@pytest.mark.parametrize(("spec", "expected"), O15, ids=[s.name for s, _ in O15])
def test_that_published_values_come_out(
    spec: SchedulerSpec, expected: dict[int, float]
) -> None:
    found = rates(spec, steps=101)[:, 0]
    assert {k: found[k] for k in expected} == pytest.approx(expected, rel=0, abs=1e-7)


PLAIN: list[tuple[SchedulerSpec, Callable[[torch.optim.Optimizer], Any]]] = [
    (schedule("StepLR", step_size=7), lambda o: lr_scheduler.StepLR(o, 7)),
    (
        schedule("ExponentialLR", gamma=0.97),
        lambda o: lr_scheduler.ExponentialLR(o, 0.97),
    ),
    (schedule("LinearLR"), lambda o: lr_scheduler.LinearLR(o)),
    (
        schedule("PolynomialLR", power=2.0),
        lambda o: lr_scheduler.PolynomialLR(o, 300, 2.0),
    ),
    (
        schedule("CosineAnnealingLR"),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 300),
    ),
    (
        schedule("OneCycleLR", max_lr=[0.1, 0.5]),
        lambda o: lr_scheduler.OneCycleLR(o, [0.1, 0.5], total_steps=300),
    ),
    (
        schedule("CyclicLR", base_lr=0.001, max_lr=0.1, step_size_up=20),
        lambda o: lr_scheduler.CyclicLR(o, 0.001, 0.1, step_size_up=20),
    ),
    (schedule("SWALR", swa_lr=0.01), lambda o: swa_utils.SWALR(o, 0.01)),
    (
        schedule(
            "ChainedScheduler",
            schedule("ConstantLR"),
            schedule("StepLR", step_size=50),
            schedule("CosineAnnealingLR"),
        ),
        lambda o: lr_scheduler.ChainedScheduler(
            [
                lr_scheduler.ConstantLR(o),
                lr_scheduler.StepLR(o, 50),
                lr_scheduler.CosineAnnealingLR(o, 300),
            ]
        ),
    ),
    (
        schedule(
            "SequentialLR",
            schedule("ConstantLR"),
            schedule("ExponentialLR", gamma=0.99),
            milestones=[20],
        ),
        lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.ConstantLR(o), lr_scheduler.ExponentialLR(o, 0.99)],
            [20],
        ),
    ),
]


@pytest.mark.parametrize(
    ("spec", "theirs"), PLAIN, ids=[spec.name for spec, _ in PLAIN]
)
def test_that_rates_are_bitwise_those_of_a_plain_loop(
    spec: SchedulerSpec, theirs: Callable[[torch.optim.Optimizer], Any]
) -> None:
    assert rates(spec).tobytes() == of_plain_loop(theirs, 300).tobytes()


def test_that_a_cosine_beyond_its_length_is_not_the_drifting_one_of_torch() -> None:
    steps, length = 5000, 100
    k = np.arange(steps)
    formula = 0.1 * (1 + np.cos(np.pi * k / length)) / 2
    theirs = of_plain_loop(lambda o: lr_scheduler.CosineAnnealingLR(o, length), steps)[
        :, 0
    ]
    ours = rates(schedule("CosineAnnealingLR", T_max=length), steps=steps)[:, 0]
    # Where the rate is not zero; there torch is 1e-16 off.
    some = formula > 1e-10
    drift = np.abs(theirs - formula)[some] / formula[some]
    assert 5e-13 < drift.max() < 1e-11
    assert drift[: length - 1].max() < 1e-13
    assert ours[: length + 1].tobytes() == theirs[: length + 1].tobytes()
    assert (np.abs(ours - formula)[some] / formula[some]).max() < 1e-14


def test_that_a_line_to_zero_never_passes_it() -> None:
    spec = schedule("LinearLR", end_factor=0.0, total_iters=40)
    theirs = of_plain_loop(
        lambda o: lr_scheduler.LinearLR(o, end_factor=0.0, total_iters=40), 60
    )
    assert theirs.min() < 0
    ours = rates(spec, steps=60)
    assert ours[:40].tobytes() == theirs[:40].tobytes()
    assert not ours[40:].any()


def test_that_a_part_of_a_row_does_not_spoil_the_others() -> None:
    spec = schedule(
        "SequentialLR",
        schedule("Constant"),
        schedule("OneCycleLR", max_lr=0.5, cycle_momentum=False),
        milestones=[100],
    )
    found = rates(spec)
    assert (found[:100] == BASES).all()
    assert found[100:].max() == pytest.approx(0.5, rel=1e-3)


def test_that_epochs_are_counted_where_that_is_wanted() -> None:
    spec = schedule("StepLR", step_size=2, gamma=0.5, every="epoch")
    found = rates(spec, steps=45, steps_per_epoch=10)[:, 0]
    assert found.tolist() == [0.1] * 20 + [0.05] * 20 + [0.025] * 5
    # Five epochs begin, so a cosine over the whole run takes five.
    spec = schedule("CosineAnnealingLR", every="epoch")
    found = rates(spec, steps=45, steps_per_epoch=10)[:, 0]
    expected = [0.1 * (1 + np.cos(np.pi * (k // 10) / 5)) / 2 for k in range(45)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    curve = preview(REGISTRY, spec, lr=0.1, steps=45, steps_per_epoch=10)
    assert curve is not None
    np.testing.assert_allclose(curve.lr, expected, rtol=1e-12)


def test_that_a_run_that_goes_on_longer_keeps_the_last_rate() -> None:
    for spec in (
        schedule("OneCycleLR", max_lr=0.1),
        schedule("CosineAnnealingLR", eta_min=0.003),
        schedule("WSD", warmup=5, final_factor=0.1),
    ):
        optimizer = two_groups()
        plan = attach(spec, optimizer, steps=50)
        before = drive(plan, optimizer, 1, 50)
        longer = two_groups()
        again = attach(spec, longer, steps=80)
        again.restore(plan.state())
        after = drive(again, longer, 51, 80)
        assert (after == after[0]).all()
        assert (after[0] <= before[-1]).all()
        assert (after[0] > 0).all()


def test_that_nothing_is_added_to_the_optimizer() -> None:
    optimizer = two_groups()
    keys = [set(group) for group in optimizer.param_groups]
    step = optimizer.step
    attach(schedule("OneCycleLR", max_lr=0.1), optimizer)
    assert [set(group) for group in optimizer.param_groups] == keys
    assert optimizer.step == step
    assert not vars(optimizer).keys() & {"step", "_opt_called"}


def momenta(name: str, spec: SchedulerSpec, key: str) -> list[float]:
    info = BY_NAME[name]
    optimizer = make(info, net_for(info))
    plan = attach(spec, optimizer, steps=100)
    found = []
    for step in range(1, 101):
        value = optimizer.param_groups[0][key]
        found.append(value[0] if isinstance(value, tuple) else value)
        plan.after_step(step)
        if key == "betas":
            assert value[1:] == (0.999,)
    return found


@pytest.mark.parametrize(("name", "key"), [("SGD", "momentum"), ("AdamW", "betas")])
def test_that_momentum_moves_against_the_rate(name: str, key: str) -> None:
    found = momenta(name, schedule("OneCycleLR", max_lr=0.1), key)
    assert found[0] == pytest.approx(0.95, rel=1e-15)
    assert found[29] == pytest.approx(0.85, rel=1e-15)
    assert found[99] == pytest.approx(0.95, rel=1e-15)
    half = 0.85 + 0.1 * (1 + np.cos(np.pi * 10 / 29)) / 2
    assert found[10] == pytest.approx(half, rel=1e-12)
    spec = schedule("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=20)
    found = momenta(name, spec, key)
    expected = [0.9 - 0.1 * (1 - abs(k % 40 - 20) / 20) for k in range(100)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_that_momentum_is_left_alone_where_that_is_wanted() -> None:
    spec = schedule("OneCycleLR", max_lr=0.1, cycle_momentum=False)
    assert set(momenta("SGD", spec, "momentum")) == {0.0}
    assert set(momenta("Adam", spec, "betas")) == {0.9}


def test_that_each_group_of_a_split_optimizer_moves_the_momentum_that_it_has() -> None:
    info = BY_NAME["Muon"]
    optimizer = make(info, net_for(info))
    attach(schedule("OneCycleLR", max_lr=0.1), optimizer)
    muon, rest = optimizer.param_groups
    assert muon["momentum"] == pytest.approx(0.95)
    assert rest["betas"] == (pytest.approx(0.95), 0.999)


@pytest.mark.parametrize("name", ["OneCycleLR", "CyclicLR"])
def test_that_an_optimizer_without_momentum_is_refused_in_one_line(name: str) -> None:
    values = {"base_lr": 0.01} if name == "CyclicLR" else {}
    info = BY_NAME["Adagrad"]
    optimizer = make(info, net_for(info))
    with pytest.raises(InputError) as caught:
        attach(schedule(name, max_lr=0.1, **values), optimizer)
    assert str(caught.value) == (
        "scheduler.cycle_momentum = True: false: Adagrad has neither momentum nor "
        "betas to move"
    )
    attach(schedule(name, max_lr=0.1, cycle_momentum=False, **values), optimizer)


def test_that_an_optimizer_without_a_rate_is_refused_in_one_line() -> None:
    optimizer = two_groups()
    del optimizer.param_groups[1]["lr"]
    with pytest.raises(InputError) as caught:
        attach(schedule("Constant"), optimizer)
    message = "scheduler.name = 'Constant': SGD has no lr to move"
    assert str(caught.value) == message


def test_that_a_rate_in_a_tensor_is_written_in_place() -> None:
    optimizer = two_groups()
    tensor = torch.tensor(0.1, dtype=torch.float64)
    optimizer.param_groups[0]["lr"] = tensor
    plan = attach(schedule("ExponentialLR", gamma=0.5), optimizer)
    plan.after_step(1)
    assert optimizer.param_groups[0]["lr"] is tensor
    assert float(tensor) == 0.05


def test_that_a_schedule_of_a_plug_in_moves_the_rate_and_has_no_curve() -> None:
    registry: Registry[SchedulerInfo] = Registry("scheduler")
    own = replace(REGISTRY.get("StepLR"), name="Mine")
    registry.add(own)
    spec = schedule("Mine", step_size=2, gamma=0.5)
    optimizer = two_groups()
    plan = build_schedule(
        registry, spec, optimizer, key="scheduler", steps=4, steps_per_epoch=0
    )
    found = drive(plan, optimizer, 1, 4)[:, 0]
    assert found.tolist() == [0.1, 0.1, 0.05, 0.05]
    assert preview(registry, spec, lr=0.1, steps=4) is None


def watch(spec: SchedulerSpec, metric: str, values: Sequence[float]) -> list[float]:
    optimizer = two_groups()
    plan = attach(spec, optimizer)
    assert plan.needs_metric
    found = []
    for step, value in enumerate(values, 1):
        plan.after_step(step)
        saved = json.loads(json.dumps(plan.state()))
        plan = attach(spec, optimizer)
        plan.restore(saved)
        plan.after_evaluation({metric: value, "train_accuracy": 0.0})
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_that_the_rate_drops_on_a_plateau() -> None:
    spec = schedule("ReduceLROnPlateau", patience=2, factor=0.5)
    losses = [1.0, 0.5, 0.6, 0.5, 0.5, 0.4, 0.41, 0.42, 0.43, 0.44]
    # Three evaluations in a row without a gain, and each time anew.
    expected = [0.1] * 4 + [0.05] * 4 + [0.025] * 2
    assert watch(spec, "val_loss", losses) == expected
    spec = schedule("ReduceLROnPlateau", patience=0, metric="val_accuracy")
    assert watch(spec, "val_accuracy", [0.5, 0.6, 0.7, 0.7]) == pytest.approx(
        [0.1, 0.1, 0.1, 0.01]
    )
    spec = schedule("ReduceLROnPlateau", patience=0, mode="max", metric="train_loss")
    assert watch(spec, "train_loss", [0.5, 0.4]) == pytest.approx([0.1, 0.01])


def test_that_a_plateau_equals_that_of_torch_and_stops_at_its_floor() -> None:
    values = np.random.default_rng(0).normal(size=200).tolist()
    spec = schedule(
        "ReduceLROnPlateau",
        patience=3,
        cooldown=2,
        threshold=0.01,
        threshold_mode="abs",
        min_lr=1e-4,
        factor=0.3,
    )
    found = watch(spec, "val_loss", values)
    optimizer = two_groups()
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer,
        patience=3,
        cooldown=2,
        threshold=0.01,
        threshold_mode="abs",
        min_lr=1e-4,
        factor=0.3,
    )
    expected = []
    for value in values:
        theirs.step(value)
        expected.append(optimizer.param_groups[0]["lr"])
    assert found == expected
    assert found[-1] == 1e-4


def test_that_a_plateau_asks_for_its_metric() -> None:
    plan = attach(schedule("ReduceLROnPlateau", metric="val_accuracy"), two_groups())
    with pytest.raises(InputError, match="a metric that is measured here: val_loss"):
        plan.after_evaluation({"val_loss": 1.0})


def test_that_a_plateau_has_no_preview() -> None:
    assert preview(REGISTRY, schedule("ReduceLROnPlateau"), lr=0.1, steps=10) is None


LINKS = "StepLR, MultiStepLR, ConstantLR, LinearLR"
BAD = [
    (schedule("StepLR"), "scheduler.step_size: give step_size, the number of counts"),
    (schedule("MultiStepLR"), "scheduler.milestones: give milestones, the counts"),
    (schedule("ExponentialLR"), "scheduler.gamma: give gamma, the factor of each"),
    (schedule("LambdaLR"), "scheduler.lr_lambda: give lr_lambda, a factor as a"),
    (schedule("MultiplicativeLR"), "scheduler.lr_lambda: give lr_lambda, a factor as"),
    (schedule("CyclicLR"), "scheduler.base_lr: give base_lr, the lower bound"),
    (schedule("CyclicLR", base_lr=0.1), "scheduler.max_lr: give max_lr, the upper"),
    (schedule("OneCycleLR"), "scheduler.max_lr: give max_lr, the highest rate"),
    (schedule("CosineAnnealingWarmRestarts"), "scheduler.T_0: give T_0, the number"),
    (schedule("SWALR"), "scheduler.swa_lr: give swa_lr, the rate that stays"),
    (
        schedule("SequentialLR", schedule("Constant"), schedule("Constant")),
        "scheduler.milestones: give milestones, the counts at which the next",
    ),
    (schedule("SequentialLR", milestones=[5]), "scheduler.schedulers: a list of at"),
    (schedule("ChainedScheduler"), "scheduler.schedulers: a list of at least 1"),
    (
        schedule(
            "SequentialLR", schedule("Constant"), schedule("StepLR"), milestones=[5]
        ),
        "scheduler.schedulers.1.step_size: give step_size",
    ),
    (
        schedule(
            "SequentialLR",
            schedule("Constant"),
            schedule("Constant"),
            milestones=[5, 9],
        ),
        "scheduler.milestones = [5, 9]: one fewer than there are schedules, which is 2",
    ),
    (
        schedule(
            "SequentialLR",
            *[schedule("Constant")] * 3,
            milestones=[9, 9],
        ),
        "scheduler.milestones = [9, 9]: milestones that grow",
    ),
    (
        schedule("ChainedScheduler", schedule("LambdaLR", lr_lambda="1")),
        "scheduler.schedulers.0.name = 'LambdaLR': a schedule that multiplies the rate",
    ),
    (
        schedule("ChainedScheduler", schedule("ReduceLROnPlateau")),
        "scheduler.schedulers.0.name = 'ReduceLROnPlateau': a schedule that does not",
    ),
    (
        schedule("ChainedScheduler", schedule("CosineAnnealingLR", eta_min=0.1)),
        "scheduler.schedulers.0.eta_min = 0.1: 0 in a chain",
    ),
    (
        schedule("ChainedScheduler", schedule("CosineAnnealingLR", T_max=9)),
        "scheduler.schedulers.0.T_max = 9: at least 300 in a chain",
    ),
    (
        schedule("ChainedScheduler", schedule("Constant", every="epoch")),
        "scheduler.schedulers.0.every = 'epoch': \"step\", the unit of Chained",
    ),
    (
        schedule("StepLR", schedule("Constant"), step_size=3),
        "scheduler.schedulers: StepLR is not made of others",
    ),
    (
        schedule("StepLR", step_size=3, every="epoch"),
        "scheduler.every = 'epoch': \"step\": the problem has no epochs",
    ),
    (schedule("StepLR", step_size=0), "scheduler.step_size = 0: a whole number ≥ 1"),
    (schedule("StepLR", step=3), "scheduler.step: unknown; did you mean step_size"),
    (schedule("Step"), "scheduler.name = 'Step': unknown; did you mean"),
    (schedule("LinearLR", start_factor=0.0), "scheduler.start_factor = 0.0: a finite"),
    (
        schedule("LambdaLR", lr_lambda="__import__('os')"),
        "scheduler.lr_lambda = \"__import__('os')\": ",
    ),
    (
        schedule("LambdaLR", lr_lambda="1 - k/100"),
        "scheduler.lr_lambda = '1 - k/100': a number ≥ 0 at every k; at k = 101 it is",
    ),
    (
        schedule("MultiplicativeLR", lr_lambda="1/(k - 7)"),
        "scheduler.lr_lambda = '1/(k - 7)': a number ≥ 0 at every k; at k = 1 it is",
    ),
    (
        schedule("OneCycleLR", max_lr=0.1, epochs=3),
        "scheduler.epochs = 3: give epochs and steps_per_epoch together, or neither",
    ),
    (
        schedule("OneCycleLR", max_lr=0.1, epochs=3, steps_per_epoch=2, total_steps=6),
        "scheduler.total_steps = 6: give either total_steps or epochs and",
    ),
    (
        schedule("OneCycleLR", max_lr=0.1, total_steps=10, pct_start=0.1),
        "scheduler.pct_start = 0.1: another share: a rise of one count of 10",
    ),
    (
        schedule("OneCycleLR", max_lr=[0.1, 0.2, 0.3]),
        "scheduler.max_lr = [0.1, 0.2, 0.3]: one rate, or one for each of the 2",
    ),
    (
        schedule(
            "CyclicLR", base_lr=0.0, max_lr=1.0, step_size_up=1, mode="triangular2"
        ),
        "scheduler.step_size_up = 1: longer ways: with 1501 cycles",
    ),
    (
        schedule("WarmupCosine", warmup=300),
        "scheduler.warmup = 300: fewer than total, which is",
    ),
    (
        schedule("WSD", warmup=290),
        "scheduler.warmup = 290: warmup and decay together at most total: 290 + 30",
    ),
    (
        schedule("WSD", warmup=1, shape="exponential"),
        "scheduler.final_factor: a number > 0 for an exponential fall",
    ),
    (
        schedule("ReduceLROnPlateau", every="epoch"),
        "scheduler.every = 'epoch': it is fixed: it acts when the metric is measured",
    ),
]


@pytest.mark.parametrize(
    ("spec", "message"), BAD, ids=[f"{s.name}-{m.split(':')[0]}" for s, m in BAD]
)
def test_that_a_schedule_that_cannot_be_is_refused_in_one_line(
    spec: SchedulerSpec, message: str
) -> None:
    steps = 3000 if "1501" in message else 300
    with pytest.raises(InputError) as caught:
        attach(spec, two_groups(), steps=steps)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    if "param groups" not in str(caught.value):
        with pytest.raises(InputError) as previewed:
            preview(REGISTRY, spec, lr=0.1, steps=steps)
        assert str(previewed.value) == str(caught.value)


def test_that_a_preview_of_a_million_steps_is_thin_and_needs_no_torch() -> None:
    code = """
import sys
from optlab.optimizers.schedules.catalog import SCHEDULERS
from optlab.optimizers.schedules.preview import preview
from optlab.params import Values
from optlab.registry import Registry
from optlab.spec import SchedulerSpec
registry = Registry("scheduler")
registry.add(*SCHEDULERS)
values = Values({"lr_lambda": "0.999999 + 1e-9*cos(k)"})
spec = SchedulerSpec(name="MultiplicativeLR", values=values)
curve = preview(registry, spec, lr=0.1, steps=1_000_000)
assert len(curve.steps) == 400, len(curve.steps)
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
