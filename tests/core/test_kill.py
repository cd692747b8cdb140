"""A run that is killed at any moment leaves a file that opens and goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from optlab.plugins import load_catalog
from optlab.records import State
from optlab.runner import Runner
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData

SPEC = """
[problem]
name = "rosenbrock"
noise = 0.01
[training]
steps = 15000
[[optimizers]]
name = "Adam"
lr = 0.01
[[optimizers]]
name = "SGD"
lr = 0.0001
"""
PATIENCE = 60.0


def rows_on_disk(path: Path) -> int:
    """Return how many steps another program has committed so far."""
    data = RunData.open(path) if path.exists() else RunData()
    return data.status(0).step if data.trials else -1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_that_a_killed_run_opens_and_goes_on_with_the_same_bits(tmp_path: Path) -> None:
    experiment = tmp_path / "spec.toml"
    experiment.write_text(SPEC)
    path = tmp_path / "out" / "run.optlab"
    command = [sys.executable, "-m", "optlab", "run", str(experiment)]
    process = subprocess.Popen([*command, "--out", str(path.parent), "--quiet"])
    deadline = time.monotonic() + PATIENCE
    try:
        while rows_on_disk(path) < 1000:
            assert process.poll() is None
            assert time.monotonic() < deadline
    finally:
        process.kill()
        process.wait()
    found = RunData.open(path)
    assert found.state is State.STOPPED
    killed_at = found.status(0).step
    assert 1000 <= killed_at < 15_000
    assert len(found.series(0, "train_loss")) == killed_at + 1

    catalog = load_catalog()
    for _ in (again := Runner.resume(path, catalog)).run():
        pass
    spec = spec_from_text(SPEC, catalog)
    for _ in (whole := Runner(spec, catalog, folder=tmp_path / "whole")).run():
        pass
    for trial in (0, 1):
        assert again.data.status(trial).state is State.FINISHED
        for metric in ("train_loss", "grad_norm", "x0", "x1"):
            ours = RunData.open(path).series(trial, metric).arrays()[1]
            theirs = whole.data.series(trial, metric).arrays()[1]
            np.testing.assert_array_equal(ours, theirs)
