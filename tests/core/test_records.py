"""Records: frozen, and whole after a trip to another process."""

import pickle
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from optlab.params import Values
from optlab.records import (
    Checkpoint,
    Columns,
    Evaluation,
    Event,
    Record,
    RunStart,
    RunStop,
    State,
    TrialMemory,
    TrialStart,
    TrialStop,
)
from optlab.spec import ExperimentSpec, OptimizerSpec, ProblemSpec, TrainingSpec

SPEC = ExperimentSpec(
    title="Two",
    problem=ProblemSpec(name="beale", values=Values({"start": (1.0, 1.0)})),
    training=TrainingSpec(steps=5, seeds=(0, 3)),
    optimizers=(OptimizerSpec(name="SGD", values=Values({"lr": 0.1})),),
)
TRIAL = TrialStart(
    trial=0,
    entry=0,
    label="SGD (lr 0.1)",
    optimizer="SGD",
    seed=3,
    batch_size=0,
    steps=5,
    steps_per_epoch=0,
    init_hash="ab",
    n_parameters=2,
    notes=("A note",),
)
RECORDS: list[Record] = [
    RunStart(
        spec=SPEC,
        trials=(TRIAL,),
        metrics=("train_loss", "val_loss"),
        sparse=("val_loss",),
        device="cpu",
        versions={"torch": "2.13.0"},
    ),
    Columns(trial=0, first=0, values={"train_loss": np.array([np.nan, 1.0, np.inf])}),
    Evaluation(trial=0, step=5, values={"val_loss": 0.5}),
    Event(trial=None, step=2, name="pause"),
    TrialMemory(trial=0, state_floats_per_param=2.0),
    Checkpoint(trial=0, step=5, data=b"\x00\x01"),
    TrialStop(
        trial=0,
        state=State.DIVERGED,
        step=4,
        reason="loss is not finite",
        grad_evals=4,
        wall_time_s=0.1,
        optimizer_time_s=0.05,
        state_floats_per_param=0.0,
        batch_hash="",
    ),
    RunStop(state=State.FINISHED),
]
every_record = pytest.mark.parametrize(
    "record", RECORDS, ids=lambda r: str(type(r).__name__)
)


def test_that_every_kind_of_record_is_tested() -> None:
    assert {type(record) for record in RECORDS} == set(Record.__args__)


@every_record
def test_that_a_record_crosses_processes(record: Record) -> None:
    copy = pickle.loads(pickle.dumps(record))
    assert type(copy) is type(record)
    for field in fields(record):
        one, other = getattr(record, field.name), getattr(copy, field.name)
        if isinstance(record, Columns) and field.name == "values":
            assert list(one) == list(other)
            for name in one:
                assert np.array_equal(one[name], other[name], equal_nan=True)
                assert other[name].dtype == np.float64
        else:
            assert one == other


@every_record
def test_that_a_record_cannot_be_changed(record: Record) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(record, fields(record)[0].name, None)


def test_that_three_states_go_on_and_four_have_ended() -> None:
    going = {State.QUEUED, State.RUNNING, State.PAUSED}
    assert {state for state in State if not state.ended} == going
    assert len(State) == 7
    assert State("diverged") is State.DIVERGED
    assert str(State.DIVERGED) == "diverged"
