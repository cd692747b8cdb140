"""Tests of what noise does to the gradient of a unit shape."""

from pathlib import Path

import numpy as np
import pytest

from optlab.params import InputError, Values
from optlab.plugins import load_catalog
from optlab.problems.noise_kinds import NOISE_KINDS
from optlab.problems.surface import Floats
from optlab.runner import Runner
from optlab.spec import ExperimentSpec, OptimizerSpec, ProblemSpec, TrainingSpec
from optlab.store.run_data import RunData

STEPS, RATE, STRENGTH = 600, 0.05, 0.4
# Of the draws: the key is (seed, 3), the third word of the counter counts blocks.
SEED, BLOCK = 7, 256


def _run(folder: Path, kind: str, *, optimizer: str = "SGD") -> RunData:
    values = Values([("shape", "quadratic"), ("noise", STRENGTH), ("noise_kind", kind)])
    spec = ExperimentSpec(
        title="noise",
        problem=ProblemSpec(name="unit-shape", values=values),
        training=TrainingSpec(steps=STEPS, seeds=(SEED,)),
        optimizers=(OptimizerSpec(name=optimizer, values=Values({"lr": RATE})),),
    )
    runner = Runner(spec, load_catalog(), folder=folder)
    for _ in runner.run():
        pass
    return runner.data


def _gradients(kind: str, x: Floats) -> Floats:
    """Return ½x²'s gradients with their noise, drawn by NumPy alone."""
    draws: list[Floats] = []
    for block in range(-(-len(x) // BLOCK)):
        philox = np.random.Philox(key=[SEED, 3], counter=[0, 0, block, 0])
        draw = np.random.Generator(philox)
        if kind == "cauchy":
            draws.append(draw.standard_cauchy(BLOCK))
        elif kind == "mask":
            draws.append(draw.random(BLOCK))
        else:
            draws.append(draw.standard_normal(BLOCK))
    z = np.concatenate(draws)[: len(x)]
    if kind == "multiplicative":
        return x * (1 + STRENGTH * z)
    if kind == "mask":
        return np.where(z < STRENGTH, 0.0, x)
    return x + STRENGTH * z


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_that_every_step_follows_the_gradient_with_its_noise(
    kind: str, tmp_path: Path
) -> None:
    data = _run(tmp_path, kind)
    x = data.series(0, "x0").arrays()[1]
    expected = x[:-1] - RATE * _gradients(kind, x[:-1])
    np.testing.assert_allclose(x[1:], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", NOISE_KINDS)
def test_that_the_loss_is_that_of_the_noisy_gradient(kind: str, tmp_path: Path) -> None:
    data = _run(tmp_path, kind)
    x = data.series(0, "x0").arrays()[1][:-1]
    loss = data.series(0, "train_loss").arrays()[1][1:]
    gradient = _gradients(kind, x)
    whole = 0.5 * x * x
    if kind in ("multiplicative", "mask"):
        expected = whole * np.divide(gradient, x)
    else:
        expected = whole + (gradient - x) * x
    np.testing.assert_allclose(loss, expected, rtol=1e-9, atol=1e-12)


def test_that_a_mask_hides_the_share_of_gradients_that_it_says(
    tmp_path: Path,
) -> None:
    norms = _run(tmp_path, "mask").series(0, "grad_norm").arrays()[1][1:]
    hidden = float(np.mean(norms == 0.0))
    assert hidden == pytest.approx(STRENGTH, abs=3 * np.sqrt(0.24 / STEPS))


def test_that_a_mask_that_hides_everything_is_refused(tmp_path: Path) -> None:
    values = Values({"noise": 1.0, "noise_kind": "mask"})
    spec = ExperimentSpec(
        title="",
        problem=ProblemSpec(name="unit-shape", values=values),
        training=TrainingSpec(steps=1),
        optimizers=(OptimizerSpec(name="SGD"),),
    )
    with pytest.raises(InputError, match=r"problem\.noise = 1\.0: a probability < 1"):
        Runner(spec, load_catalog(), folder=tmp_path)
