"""How far a run is and how long it will take."""

import numpy as np
import pytest

from optlab.store.run_data import RunData
from optlab.ui.progress import ProgressMeter, duration, progress_words
from tests.ui.views.runs import Valley, race, surface_columns

TWO = ("SGD", "Adam")


def grow(data: RunData, first: int, last: int) -> None:
    """Let both trials of a race take more steps."""
    for trial in range(len(TWO)):
        xs = np.zeros((last - first, 2))
        data.append(surface_columns(trial, xs, Valley(), first=first))


def test_that_nothing_is_promised_before_a_second_has_been_watched() -> None:
    data, meter = race(TWO, steps=10, planned=1000), ProgressMeter()
    meter.look(data, 100.0)
    grow(data, 11, 12)
    progress = meter.look(data, 100.9)
    assert progress.seconds_left is None
    assert "left" not in progress_words(progress)


def test_that_the_time_left_follows_from_the_steps_of_all_trials() -> None:
    data, meter = race(TWO, steps=10, planned=1000), ProgressMeter()
    meter.look(data, 100.0)
    grow(data, 11, 201)
    progress = meter.look(data, 102.0)
    assert progress.step == 200
    assert progress.steps == 1000
    assert progress.fraction == pytest.approx(0.2)
    assert progress.speed == pytest.approx(2 * 190 / 2)
    assert progress.seconds_left == pytest.approx(2 * 800 / progress.speed)
    assert progress_words(progress) == "step 200 of 1,000 · 0:08 left"


@pytest.mark.parametrize(
    ("seconds", "words"), [(42, "0:42"), (725, "12:05"), (11_220, "3:07:00")]
)
def test_that_times_are_written_as_clocks_show_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
