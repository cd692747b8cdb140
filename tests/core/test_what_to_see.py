"""What the ready experiments say is to be seen in them is to be seen."""

from pathlib import Path

import numpy as np
import pytest

from optlab.analysis.basins import overshoots, path_of
from optlab.plugins import load_catalog
from optlab.records import Floats
from optlab.runner import surface_of
from optlab.spec import spec_from_text
from optlab.store.run_data import RunData
from tests.core.test_first_look import finished


def column(data: RunData, trial: int, name: str) -> Floats:
    return data.series(trial, name).values


def ends(data: RunData, name: str) -> list[float]:
    """Return the last value of a metric of every trial."""
    return [float(data.series(trial.trial, name).values[-1]) for trial in data.trials]


def test_that_without_zero_grad_x_swings_for_ever(tmp_path: Path) -> None:
    data = finished("seed-forgot-zero-grad", tmp_path)
    x = column(data, 0, "x0")
    np.testing.assert_allclose(x[:4], [10, 8, 4.4, -0.08], rtol=1e-12)
    for trial in (0, 1):
        late = column(data, trial, "x0")[50:]
        assert late.min() < -9.5 < 9.5 < late.max()


def test_that_the_average_is_a_tenth_as_fast_as_the_sum(tmp_path: Path) -> None:
    data = finished("seed-momenta", tmp_path)
    average, sum_, nesterov, from_first, velocity = (
        column(data, trial, "x0") for trial in range(5)
    )
    assert 10 - average[1] == pytest.approx((10 - sum_[1]) / 10)
    np.testing.assert_allclose(velocity, sum_, rtol=0, atol=1e-12)
    assert average[50] == pytest.approx(0.7393761812965604, rel=1e-12)
    assert from_first[50] == pytest.approx(0.267191494780, rel=1e-9)
    assert abs(nesterov[100]) < 1e-5 < abs(sum_[100])


def test_that_momentum_is_faster_and_overshoots(tmp_path: Path) -> None:
    data = finished("momentum-overshoot", tmp_path)
    values = [column(data, trial, "value") for trial in range(4)]
    steps = [int(np.argmax(value < 1e-6 * value[0])) for value in values]
    assert steps[:3] == [346, 58, 62]
    catalog = load_catalog()
    spec = spec_from_text(data.spec_text, catalog)
    surface = surface_of(spec, catalog)
    assert surface is not None
    crossings = [overshoots(path_of(data, trial), surface) for trial in range(4)]
    assert [flat for flat, _ in crossings[:3]] == [0, 0, 0]
    assert crossings[3][0] >= 3


def test_that_a_large_eps_shows_where_it_stands(tmp_path: Path) -> None:
    inside, outside, far_inside, far_outside = ends(
        finished("seed-adagrad-eps", tmp_path / "adagrad"), "x0"
    )
    assert inside == pytest.approx(outside, rel=1e-11)
    assert far_inside == pytest.approx(8.782810229770, rel=1e-12)
    assert far_outside == pytest.approx(9.482057487978, rel=1e-12)
    data = finished("adam-eps-forms", tmp_path / "adam")
    first = [column(data, trial, "x0")[1] for trial in range(4)]
    assert first[1] == pytest.approx(9.904761904762, abs=6e-13)
    assert first[2] == pytest.approx(9.961257411328, abs=6e-13)
    assert first[0] == pytest.approx(first[3], abs=1e-6)


def test_that_noise_helps_some_seeds_out_and_its_absence_none(tmp_path: Path) -> None:
    # S04: the barrier is at 0.0754, 24 seeds of each rate.
    escaped = {}
    for noise in (0.0, 3.0):
        folder = tmp_path / str(noise)
        sets = (f"problem.noise={noise}",)
        data = finished("noise-leaves-a-minimum", folder, *sets)
        end = np.array(ends(data, "x0")).reshape(2, 24)
        escaped[noise] = (end < 0.0754).sum(axis=1).tolist()
    assert escaped[0.0] == [0, 0]
    assert escaped[3.0][0] <= 1
    assert 5 <= escaped[3.0][1] <= 15


def test_that_adam_ends_at_the_worst_place_and_amsgrad_at_the_best(
    tmp_path: Path,
) -> None:
    data = finished("adam-walks-the-wrong-way", tmp_path, "training.steps=1400")
    short, amsgrad, usual, plain = ends(data, "position")
    assert short > 0.95
    assert amsgrad < -0.95
    assert usual < -0.95
    assert plain < -0.9


@pytest.mark.slow
def test_that_rates_that_fall_come_to_rest(tmp_path: Path) -> None:
    data = finished("learning-rate-schedules", tmp_path / "schedules")
    constant, *others = ends(data, "val_loss")
    assert max(others) < constant
    free = finished("schedule-free", tmp_path / "free")
    sgd, cosine, schedule_free, adamw, adamw_cosine, free_adamw = ends(free, "val_loss")
    assert max(cosine, schedule_free) < 0.1 < sgd
    assert max(adamw_cosine, free_adamw) < 0.1 < adamw


@pytest.mark.slow
def test_that_groups_of_parameters_learn_at_their_own_pace(tmp_path: Path) -> None:
    data = finished("seed-layer-wise", tmp_path)
    one, slow, mixed = ends(data, "val_loss")
    assert mixed < one < slow
    rates = [column(data, trial, "lr:convolutions")[-1] for trial in (1, 2)]
    assert rates == [0.001, 0.001]
    assert column(data, 2, "lr")[-1] == 0.01


@pytest.mark.slow
def test_that_matrix_methods_and_adam_learn_the_weak_directions(
    tmp_path: Path,
) -> None:
    data = finished("muon-on-matrices", tmp_path)
    sgd, momentum, *others = ends(data, "val_loss")
    assert max(others) < 1e-6 < momentum < sgd


@pytest.mark.slow
def test_that_sam_ends_where_it_is_flat(tmp_path: Path) -> None:
    data = finished("sharpness-aware", tmp_path)
    momentum, _, sam = ends(data, "sharpness")
    assert sam < 0.6 * momentum
    losses = ends(data, "val_loss")
    assert max(losses) < 1.15 * min(losses)
    evaluations = [row.grad_evals for row in data.summary()]
    assert evaluations == [400, 800, 800]


@pytest.mark.slow
def test_that_keras_adadelta_hardly_moves(tmp_path: Path) -> None:
    data = finished("keras-and-pytorch-defaults", tmp_path)
    labels = [trial.label for trial in data.trials]
    losses = dict(zip(labels, ends(data, "val_loss"), strict=True))
    start = column(data, 0, "val_loss")[0]
    assert losses["Adadelta (Keras)"] > 0.9 * start
    assert losses["Adadelta (PyTorch)"] < 0.5 * start
    assert losses["Adam (Keras)"] == pytest.approx(losses["Adam (PyTorch)"], rel=1e-3)
