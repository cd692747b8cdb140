"""Jobs in processes of this machine."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest

from optlab.engine.cores import CORES, available_cores
from optlab.records import State
from optlab.sweep.executors import executor
from optlab.sweep.jobs import Failure, Job, Progress, Result
from optlab.sweep.local import LocalExecutor
from tests.core.sweep.runs import (
    NET,
    assert_same_runs,
    do_all,
    done,
    here,
    job,
    opened,
)

# Starting a process that imports torch takes long where the machine is busy.
pytestmark = pytest.mark.timeout(400)
PATIENCE = 300.0
FOREVER = 10_000_000
needs_signals = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="needs signals of POSIX"
)


@pytest.fixture(scope="module")
def two() -> Iterator[LocalExecutor]:
    """Two processes that stay for all tests, as they do for a study."""
    both = LocalExecutor(2)
    yield both
    both.close()


def _processes() -> set[int]:
    return {p.pid for p in multiprocessing.active_children() if p.pid is not None}


def test_that_processes_give_the_bits_that_one_process_gives(
    two: LocalExecutor, tmp_path: Path
) -> None:
    jobs = [job(f"surface/{n}", seed=n) for n in range(2)]
    jobs += [job(f"net/{n}", NET, seed=n, steps=60) for n in range(2)]
    half = here([job("half", NET, steps=60, until=0.5)])["half"]
    jobs += [job("whole", NET, steps=60, past=half.data)]
    found = do_all(two, jobs)
    assert_same_runs(found, here(jobs), tmp_path)
    assert opened(found["whole"], tmp_path).state is State.FINISHED
    before = _processes()
    # In another order, by the processes that are there already.
    assert_same_runs(do_all(two, jobs[::-1]), found, tmp_path)
    assert _processes() == before


def test_that_progress_comes_while_a_job_runs(two: LocalExecutor) -> None:
    jobs = [job("slow", NET, steps=1000), job("other")]
    told = list(two.run(jobs, Event()))
    steps = [m.step for m in told if isinstance(m, Progress) and m.key == "slow"]
    assert len(steps) > 1
    assert steps == sorted(steps)
    assert all(
        m.steps == 1000 for m in told if isinstance(m, Progress) and m.key[0] == "s"
    )
    assert {m.key for m in told if isinstance(m, Result)} == {"slow", "other"}


def test_that_a_job_that_cannot_be_run_costs_no_other(two: LocalExecutor) -> None:
    jobs = [job("bad", optimizer="Adxm"), job("worse", "no TOML"), job("good")]
    found = do_all(two, [*jobs, job("gpu", NET, device="cuda9")])
    assert isinstance(found["good"], Result)
    bad = found["bad"]
    assert isinstance(bad, Failure)
    assert bad.reason.startswith("optimizers.0.name = 'Adxm': unknown")
    for key in ("worse", "gpu"):
        failure = found[key]
        assert isinstance(failure, Failure)
        assert "\n" not in failure.reason


def test_that_a_stop_ends_running_jobs_with_good_files_and_leaves_the_others_out(
    two: LocalExecutor, tmp_path: Path
) -> None:
    jobs = [job(f"long/{n}", seed=n, steps=FOREVER) for n in range(4)]
    stop, begun, ends = Event(), set[str](), dict[str, Result]()
    for message in two.run(jobs, stop):
        if isinstance(message, Progress):
            begun.add(message.key)
        else:
            assert isinstance(message, Result)
            ends[message.key] = message
        if len(begun) == 2:
            stop.set()
    assert begun == ends.keys() == {"long/0", "long/1"}
    data = opened(ends["long/0"], tmp_path)
    assert data.state is State.STOPPED
    assert len(data.series(0, "train_loss")) == data.status(0).step + 1
    # It goes on as if nothing had been, to just behind where it was.
    until = (data.status(0).step + 20) / FOREVER
    again = [replace(jobs[0], past=ends["long/0"].data, until=until)]
    whole = here([replace(jobs[0], until=until)])
    assert_same_series(do_all(two, again)["long/0"], whole["long/0"], tmp_path)


def assert_same_series(ours: Result | Failure, theirs: Result, folder: Path) -> None:
    (other := folder / "other").mkdir()
    left, right = opened(ours, folder), opened(theirs, other)
    for metric in ("train_loss", "grad_norm", "param_norm"):
        a, b = left.series(0, metric).arrays(), right.series(0, metric).arrays()
        assert a[1].tobytes() == b[1].tobytes()


def test_that_a_stop_before_the_start_does_nothing(two: LocalExecutor) -> None:
    stop = Event()
    stop.set()
    assert list(two.run([job("never")], stop)) == []


def test_that_a_job_waits_until_its_cores_are_free(two: LocalExecutor) -> None:
    jobs = [job("one", NET, steps=60, cpus=2), job("two", cpus=1), job("all", cpus=8)]
    keys = [m.key for m in two.run(jobs, Event())]
    assert keys == sorted(keys, key=["one", "two", "all"].index)


def test_that_jobs_are_done_from_a_thread_too(two: LocalExecutor) -> None:
    found: dict[str, Result | Failure] = {}
    thread = Thread(target=lambda: found.update(do_all(two, [job("a"), job("b")])))
    thread.start()
    thread.join(PATIENCE)
    assert all(isinstance(end, Result) for end in found.values())
    assert found.keys() == {"a", "b"}


@needs_signals
def test_that_a_killed_process_costs_only_its_running_job(tmp_path: Path) -> None:
    jobs = [job(f"net/{n}", NET, seed=n, steps=300) for n in range(3)]
    both = LocalExecutor(2)
    before, killed, messages = _processes(), False, []
    try:
        for message in both.run(jobs, Event()):
            messages.append(message)
            mine = sorted(_processes() - before)
            if not killed and isinstance(message, Progress):
                os.kill(mine[0], signal.SIGKILL)
                killed = True
    finally:
        both.close()
    ends = done(messages)
    assert_same_runs(ends, here(jobs), tmp_path)
    attempts = [end.attempt for end in ends.values() if isinstance(end, Result)]
    assert sorted(attempts) == [1, 1, 2]
    assert _processes() == before


@needs_signals
def test_that_a_job_whose_process_dies_each_time_fails_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    one, before = LocalExecutor(1), _processes()
    ends = []
    for message in one.run([job("doomed", steps=FOREVER), job("next")], Event()):
        if isinstance(message, Progress) and message.key == "doomed":
            (mine,) = _processes() - before
            os.kill(mine, signal.SIGKILL)
        elif not isinstance(message, Progress):
            ends.append(message)
    assert ends[0] == Failure(
        key="doomed",
        reason="its process was lost 3 times, perhaps for want of memory",
    )
    assert isinstance(ends[1], Result)
    one.close()
    assert _processes() == before
    assert list(tmp_path.iterdir()) == []


def test_that_who_stops_listening_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    one, before = LocalExecutor(1), _processes()
    messages = one.run([job("endless", steps=FOREVER)], Event())
    assert isinstance(next(messages), Progress)
    messages.close()  # type: ignore[attr-defined]
    assert _processes() == before
    assert isinstance(do_all(one, [job("next")])["next"], Result)
    one.close()
    assert _processes() == before
    assert list(tmp_path.iterdir()) == []


PARENT = """
import multiprocessing, sys
from threading import Event
from optlab.sweep.jobs import Job
from optlab.sweep.local import LocalExecutor
if __name__ == "__main__":
    job = Job(key="endless", spec_text=sys.argv[1])
    for message in LocalExecutor(1).run([job], Event()):
        print(*(p.pid for p in multiprocessing.active_children()), flush=True)
"""


@needs_signals
def test_that_ctrl_c_does_not_reach_processes_and_the_end_of_the_parent_does(
    tmp_path: Path,
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    (folder := tmp_path / "tmp").mkdir()
    command = [sys.executable, str(script), job("", steps=FOREVER).spec_text]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(Path.cwd())},
        text=True,
    ) as parent:
        try:
            assert parent.stdout is not None
            worker = int(parent.stdout.readline())
            os.kill(worker, signal.SIGINT)
            for _ in range(2):
                assert int(parent.stdout.readline()) == worker
        finally:
            parent.kill()
    late = time.monotonic() + PATIENCE
    while _runs(worker) or list(folder.iterdir()):
        assert time.monotonic() < late, list(folder.rglob("*"))
        # Another program's processes tell nobody here when they end.
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody collects orphans they stay as zombies.
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and ") Z " in state.read_text())


def test_that_a_process_takes_no_more_cores_than_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(CORES, raising=False)
    all_cores = available_cores()
    for given, cores in (
        ("1", 1),
        ("1000", all_cores),
        ("", all_cores),
        ("x", all_cores),
    ):
        monkeypatch.setenv(CORES, given)
        assert available_cores() == cores


def test_that_all_usable_cores_are_taken_unless_a_number_is_given() -> None:
    everything, three = executor(), executor(3)
    assert three.words == "3 processes"
    assert str(available_cores()) in everything.words
    assert executor(1).words == "1 process"


def test_that_no_jobs_are_done_at_once(two: LocalExecutor) -> None:
    nothing: list[Job] = []
    assert list(two.run(nothing, Event())) == []
