"""Requests to a running engine, from another thread."""

import threading

from optlab.control import Requests, RunControl

NOTHING = Requests(stop=False, pause=False, steps=0, stop_trials=())
LONG = 30.0


def paused(control: RunControl) -> bool:
    return control.paused


def test_that_nothing_is_asked_at_first() -> None:
    control = RunControl()
    assert control.take() == NOTHING
    assert not paused(control)


def test_that_a_pause_lasts_until_resume() -> None:
    control = RunControl()
    control.pause()
    assert paused(control)
    assert control.take().pause
    assert control.take().pause
    control.resume()
    assert not paused(control)
    assert control.take() == NOTHING


def test_that_steps_are_counted_and_taken_once() -> None:
    control = RunControl()
    control.step()
    control.step()
    assert control.take() == Requests(stop=False, pause=True, steps=2, stop_trials=())
    assert control.take() == Requests(stop=False, pause=True, steps=0, stop_trials=())


def test_that_a_step_out_of_a_run_pauses_it_afterwards() -> None:
    control = RunControl()
    control.step()
    assert paused(control)


def test_that_resume_forgets_steps_that_were_not_taken() -> None:
    control = RunControl()
    control.step()
    control.resume()
    assert control.take() == NOTHING


def test_that_stop_is_final_and_ends_a_pause() -> None:
    control = RunControl()
    control.pause()
    control.stop()
    assert not paused(control)
    assert control.take().stop
    control.resume()
    assert control.take().stop


def test_that_single_trials_stop_once_each_in_order() -> None:
    control = RunControl()
    control.stop_trial(3)
    control.stop_trial(1)
    assert control.take().stop_trials == (3, 1)
    assert control.take().stop_trials == ()


def test_that_waiting_returns_at_once_unless_paused() -> None:
    control = RunControl()
    control.wait(LONG)
    control.stop()
    control.pause()
    control.wait(LONG)


def test_that_waiting_ends_after_its_time_when_nothing_is_asked() -> None:
    control = RunControl()
    control.pause()
    control.wait(0.001)
    assert paused(control)


def test_that_each_request_wakes_a_paused_engine() -> None:
    requests = (
        RunControl.resume,
        RunControl.step,
        RunControl.stop,
        lambda control: control.stop_trial(0),
    )
    for request in requests:
        control = RunControl()
        control.pause()
        waiting = threading.Event()
        woken = threading.Event()

        def engine(
            control: RunControl = control,
            waiting: threading.Event = waiting,
            woken: threading.Event = woken,
        ) -> None:
            waiting.set()
            control.wait(LONG)
            woken.set()

        thread = threading.Thread(target=engine)
        thread.start()
        assert waiting.wait(LONG)
        request(control)
        assert woken.wait(LONG / 10)
        thread.join()


def test_that_a_second_pause_does_not_wake_a_paused_engine() -> None:
    control = RunControl()
    control.pause()
    woken = threading.Event()

    def engine() -> None:
        control.wait(LONG)
        woken.set()

    thread = threading.Thread(target=engine)
    thread.start()
    control.pause()
    assert not woken.wait(0.05)
    control.resume()
    thread.join(LONG)
    assert woken.is_set()


def test_that_no_step_is_lost_between_many_threads() -> None:
    control = RunControl()

    def front_end() -> None:
        for _ in range(50):
            control.step()

    threads = [threading.Thread(target=front_end) for _ in range(4)]
    for thread in threads:
        thread.start()
    taken = 0
    while taken < 200:
        control.wait(LONG)
        taken += control.take().steps
    for thread in threads:
        thread.join()
    assert taken == 200
    assert control.take().steps == 0
