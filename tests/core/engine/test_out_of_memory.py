"""A trial that has no memory left, or no GPU, ends alone and makes room."""

import gc
from pathlib import Path

import numpy as np
import pytest
import torch

from optlab import cli
from optlab.engine.trial import failure_reason, is_out_of_memory
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.runner import Runner
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData
from tests.promises import Note, Times

CATALOG = load_catalog()
# What is raised, and what the sentence has to offer.
ERRORS = {
    "torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')": "batch",
    "RuntimeError('CUDA out of memory.')": "batch",
    "RuntimeError('[enforce fail] DefaultCPUAllocator: not enough memory')": "batch",
    "RuntimeError('CUDA error: CUBLAS_STATUS_ALLOC_FAILED in cublasCreate')": "batch",
    "MemoryError()": "batch",
    "RuntimeError('CUDA error: device-side assert triggered\\nmore')": "train on the",
    "RuntimeError('CUDA error: unspecified launch failure')": "train on the CPU",
}
GREEDY = """
import weakref
import torch

HELD = []


class Greedy(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {{"lr": lr}})
        self.taken = 0

    def step(self, closure=None):
        self.taken += 1
        for group in self.param_groups:
            for p in group["params"]:
                if p not in self.state:
                    much = torch.zeros(1_000_000)
                    HELD.append(weakref.ref(much))
                    self.state[p]["much"] = much
                p.data.add_(p.grad, alpha=-group["lr"])
        if self.taken == {step}:
            raise {error}
"""
SPEC = """
format = 1
[problem]
name = "moons"
batch_size = 20
[training]
steps = 30
[[optimizers]]
name = "SGD"
{more}
[[optimizers]]
name = "Adam"
"""


def run_of(folder: Path, more: str = "") -> RunData:
    spec = spec_from_text(SPEC.format(more=more), CATALOG)
    runner = Runner(spec, CATALOG, folder=folder, device="cpu")
    for _ in runner.run():
        pass
    return RunData.open(runner.path)


def curves(data: RunData) -> dict[str, bytes]:
    return {
        start.label: np.concatenate(
            [data.series(start.trial, m).arrays()[1] for m in ("train_loss", "lr")]
        ).tobytes()
        for start in data.trials
        if "Greedy" not in start.optimizer
    }


@pytest.mark.promise(
    13, "no memory or no GPU: that trial fails with advice, others go on"
)
def test_that_others_go_on_and_the_memory_is_free(
    tmp_path: Path, times: Times, measured: Note
) -> None:
    alone = curves(run_of(tmp_path / "alone"))
    count = times(3, 15 * len(ERRORS))
    kinds = list(ERRORS.items())
    cases = [(*kinds[2 * i % len(kinds)], 1 + i // len(kinds)) for i in range(count)]
    for number, (error, says, step) in enumerate(cases):
        file = tmp_path / f"greedy{number}.py"
        file.write_text(GREEDY.format(error=error, step=step))
        entry = f'[[optimizers]]\nname = "{file}:Greedy"\nlabel = "Greedy"'
        data = run_of(tmp_path / str(number), entry)
        status = {s.label: data.status(s.trial) for s in data.trials}
        greedy = status.pop("Greedy")
        assert greedy.state is State.FAILED
        assert f"step {step}: " in greedy.reason
        assert says in greedy.reason, greedy.reason
        assert "\n" not in greedy.reason
        assert {s.state for s in status.values()} == {State.FINISHED}
        assert curves(data) == alone
    measured(f"{len(cases)} runs")


def test_that_what_a_failed_trial_held_is_free_while_the_others_go_on(
    tmp_path: Path,
) -> None:
    import sys

    file = tmp_path / "greedy_held.py"
    file.write_text(GREEDY.format(error="torch.OutOfMemoryError()", step=3))
    entry = f'[[optimizers]]\nname = "{file}:Greedy"'
    spec = spec_from_text(SPEC.format(more=entry).replace("30", "3000"), CATALOG)
    runner = Runner(spec, CATALOG, folder=tmp_path / "run", device="cpu")
    running = runner.run()
    for _ in running:
        held = sys.modules["optlab_own_greedy_held"].HELD
        if any(s.state is State.FAILED for s in map(runner.data.status, range(3))):
            break
    gc.collect()
    assert held
    assert all(reference() is None for reference in held)
    assert runner.data.state is State.RUNNING
    runner.control.stop()
    for _ in running:
        pass


def test_that_the_terminal_says_it_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "greedy_cli.py"
    file.write_text(GREEDY.format(error="torch.OutOfMemoryError()", step=3))
    spec = tmp_path / "spec.toml"
    entry = f'[[optimizers]]\nname = "{file}:Greedy"\nlabel = "Greedy"'
    spec.write_text(SPEC.format(more=entry))
    assert cli.main(["run", str(spec), "--out", str(tmp_path / "a"), "--quiet"]) == 1
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "Greedy, seed 0 failed: step 3: out of memory; use a smaller batch" in said


@pytest.mark.parametrize(
    "error", [ValueError("out of memory"), RuntimeError("shapes differ"), OSError()]
)
def test_that_other_errors_are_not_taken_for_it(error: Exception) -> None:
    assert not is_out_of_memory(error)
    assert type(error).__name__ in failure_reason(error)


def test_that_the_error_of_the_driver_is_known_by_its_words() -> None:
    for error in (torch.AcceleratorError, RuntimeError):
        said = failure_reason(error("CUDA error: an illegal memory access\nCompile"))
        assert "the GPU stopped working (CUDA error: an illegal memory access)" in said
