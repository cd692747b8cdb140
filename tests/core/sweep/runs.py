"""What tests of sweeps share: small jobs, and run files held against each other."""

from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from optlab.records import State
from optlab.store.run_data import RunData
from optlab.sweep.jobs import (
    Executor,
    Failure,
    Job,
    Message,
    Progress,
    Result,
    run_job,
)

SURFACE = """
[problem]
name = "rosenbrock"
noise = 0.01
[training]
steps = {steps}
seeds = [{seed}]
[[optimizers]]
name = "{optimizer}"
lr = {lr}
"""
NET = """
[problem]
name = "spirals"
[training]
steps = {steps}
seeds = [{seed}]
eval_every = 50
[[optimizers]]
name = "{optimizer}"
lr = {lr}
"""


def job(
    key: str,
    text: str = SURFACE,
    *,
    steps: int = 300,
    seed: int = 0,
    optimizer: str = "Adam",
    lr: float = 0.01,
    **more: Any,
) -> Job:
    """Return a job of one trial."""
    spec = text.format(steps=steps, seed=seed, optimizer=optimizer, lr=lr)
    return Job(key=key, spec_text=spec, **more)


def here(jobs: Iterable[Job]) -> dict[str, Result]:
    """Do jobs one after the other in this process."""
    return {j.key: run_job(j, lambda _: None, lambda: False) for j in jobs}


def done(messages: Iterable[Message]) -> dict[str, Result | Failure]:
    """Return how jobs ended, by key; each may end once."""
    ends: dict[str, Result | Failure] = {}
    for message in messages:
        if not isinstance(message, Progress):
            assert message.key not in ends
            ends[message.key] = message
    return ends


def do_all(executor: Executor, jobs: list[Job]) -> dict[str, Result | Failure]:
    """Do jobs somewhere and return how they ended."""
    return done(executor.run(jobs, Event()))


def opened(result: Result | Failure, folder: Path) -> RunData:
    """Return the run that a job made."""
    assert isinstance(result, Result), result
    path = folder / f"{result.key.replace('/', '-')}.optlab"
    path.write_bytes(result.data)
    return RunData.open(path)


def assert_same_runs(
    ours: dict[str, Result | Failure],
    theirs: dict[str, Result | Failure] | dict[str, Result],
    folder: Path,
) -> None:
    """Hold two result sets against each other, bit for bit, times left out."""
    assert ours.keys() == theirs.keys()
    for key in ours:
        (left := folder / "left").mkdir(exist_ok=True)
        (right := folder / "right").mkdir(exist_ok=True)
        _assert_same_run(opened(ours[key], left), opened(theirs[key], right))


def _assert_same_run(ours: RunData, theirs: RunData) -> None:
    assert ours.spec_text == theirs.spec_text
    assert ours.trials == theirs.trials
    assert ours.metrics == theirs.metrics
    assert ours.state is theirs.state
    for start in ours.trials:
        a, b = ours.status(start.trial), theirs.status(start.trial)
        assert a.state is b.state is not State.FAILED
        assert (a.step, a.grad_evals, a.batch_hash, a.reason) == (
            b.step,
            b.grad_evals,
            b.batch_hash,
            b.reason,
        )
        for metric in ours.metrics:
            if not metric.endswith("_time_s"):
                left = ours.series(start.trial, metric).arrays()
                right = theirs.series(start.trial, metric).arrays()
                for one, other in zip(left, right, strict=True):
                    assert np.array_equal(one, other, equal_nan=True), metric
                    assert len(one) > 0
