"""Jobs on a Ray cluster, held against the processes of this machine."""

import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from optlab.params import InputError
from optlab.records import State
from optlab.sweep import ray_cluster
from optlab.sweep.executors import executor
from optlab.sweep.jobs import Failure, Job, Progress, Result
from optlab.sweep.local import LocalExecutor
from optlab.sweep.ray_cluster import RayExecutor
from optlab.sweep.ray_driver import mismatch, versions_here
from tests.core.sweep.runs import NET, assert_same_runs, do_all, done, here, job, opened

pytest.importorskip("ray")


@pytest.fixture
def one_at_a_time() -> Iterator[None]:
    """Let tests that start Ray wait for each other, in whatever process they are."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    path = Path(tempfile.gettempdir()) / f"optlab-tests-ray-{os.getuid()}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture
def cluster(one_at_a_time: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start two nodes of one core each on this machine."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    import ray.cluster_utils

    start: Any = ray.cluster_utils.Cluster
    # The path of a socket may be a hundred letters long; a test's own folder is longer.
    folder = tempfile.mkdtemp(prefix="ray-")
    node = {"num_cpus": 1, "include_dashboard": False}
    # The cluster's address is written where Ray has its things, even if it has none.
    import ray._private.utils

    utils: Any = ray._private.utils
    Path(utils.get_ray_address_file(None)).parent.mkdir(parents=True, exist_ok=True)
    both = start(head_node_args={**node, "temp_dir": folder}, initialize_head=True)
    try:
        both.add_node(**node)
        yield both
    finally:
        both.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> list[Job]:
    """Return 24 trials: surfaces and nets, one gone on with, one that diverges."""
    nets = [job(f"net/{n}", NET, seed=n, steps=250) for n in range(11)]
    valleys = [job(f"valley/{n}", seed=n, steps=1000) for n in range(11)]
    half = here([job("half", NET, seed=9, steps=100, until=0.3)])["half"]
    more = [
        job("whole", NET, seed=9, steps=100, past=half.data),
        job("diverges", optimizer="SGD", lr=1e3),
    ]
    return [j for pair in zip(nets, valleys, strict=True) for j in pair] + more


@pytest.mark.timeout(400)
@pytest.mark.promise(24, "a node of a cluster is killed: the results are those of here")
def test_that_a_cluster_that_loses_a_node_gives_what_this_machine_gives(
    cluster: Any, tmp_path: Path
) -> None:
    jobs = _sweep()
    assert len(jobs) == len({j.key for j in jobs}) == 24
    far = RayExecutor(f"127.0.0.1:{cluster.address.rpartition(':')[2]}")
    assert far.words == "Ray, 2 cores on 2 machines"
    messages, lost = [], False
    try:
        for message in far.run(jobs, Event()):
            messages.append(message)
            ended = {m.key for m in messages if isinstance(m, Result)}
            begun = {m.key for m in messages if isinstance(m, Progress)}
            # Both nodes are at work, and half of it is done.
            if not lost and len(ended) >= 12 and len(begun - ended) >= 2:
                (other,) = cluster.worker_nodes
                cluster.remove_node(other, allow_graceful=False)
                lost = True
    finally:
        far.close()
    assert lost
    ends = done(messages)
    near = LocalExecutor(2)
    try:
        assert_same_runs(ends, do_all(near, jobs), tmp_path)
    finally:
        near.close()
    assert opened(ends["diverges"], tmp_path).status(0).state is State.DIVERGED
    assert opened(ends["whole"], tmp_path).status(0).state is State.FINISHED


@pytest.mark.timeout(400)
def test_that_ray_on_this_machine_stops_and_says_what_cannot_be_done(
    one_at_a_time: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(multiprocessing.active_children())
    far = executor(ray="local")
    try:
        found = do_all(
            far,
            [job("bad", optimizer="Adxm"), job("huge", cpus=10_000), job("good")],
        )
        bad, huge = found["bad"], found["huge"]
        assert isinstance(bad, Failure)
        assert bad.reason.startswith("optimizers.0.name = 'Adxm': unknown")
        assert isinstance(huge, Failure)
        assert huge.reason.startswith("no machine of the cluster has 10000 cores")
        assert isinstance(found["good"], Result)

        # As many as are handed to Ray at once, and more.
        jobs = [job(f"long/{n:03}", seed=n, steps=10_000_000) for n in range(200)]
        stop, begun, ends = Event(), set[str](), dict[str, Result]()
        for message in far.run(jobs, stop):
            if isinstance(message, Progress):
                begun.add(message.key)
                if message.step > 0:
                    stop.set()
            else:
                assert isinstance(message, Result)
                ends[message.key] = message
        assert begun <= ends.keys() < {j.key for j in jobs}
        key = min(begun)
        data = opened(ends[key], tmp_path)
        assert data.state is State.STOPPED
        assert len(data.series(0, "train_loss")) == data.status(0).step + 1

        # It can be used again afterwards, and left in the middle.
        again = replace(jobs[0], until=0.00001)
        (tmp_path / "again").mkdir()
        assert_same_runs(do_all(far, [again]), here([again]), tmp_path / "again")
        rest = far.run([job("endless", steps=10_000_000)], Event())
        assert isinstance(next(rest), Progress)
        rest.close()  # type: ignore[attr-defined]
    finally:
        far.close()
    assert set(multiprocessing.active_children()) == before


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("nonsense", "host:port, ray://host:port, auto or local"),
        ("127.0.0.1:99999", "host:port, ray://host:port, auto or local"),
        ("127.0.0.1:{closed}", "nothing answers there: Connection refused"),
        ("ray://127.0.0.1:{closed}", "nothing answers there: Connection refused"),
        ("127.0.0.1:{silent}", "nothing answers there: timed out"),
    ],
)
def test_that_an_address_that_does_not_answer_is_told_in_one_line_at_once(
    address: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_cluster, "KNOCK_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            closed = gone.getsockname()[1]
        address = address.format(closed=closed, silent=silent.getsockname()[1])
        began = time.monotonic()
        with pytest.raises(InputError) as refusal:
            executor(ray=address)
        assert time.monotonic() - began < 10
    assert str(refusal.value) == f"--ray = '{address}': {text}"


def test_that_a_missing_ray_is_told_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ray_cluster, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"type pip install optlab\[ray\]$"):
        executor(ray="auto")


def test_that_other_versions_on_the_cluster_are_named() -> None:
    mine = versions_here()
    assert mine["torch"] != "none"
    assert mismatch(mine, mine) == ""
    theirs = {**mine, "torch": "1.0"}
    text = f"torch is 1.0 on the cluster and {mine['torch']} here; install the same one"
    assert mismatch(mine, theirs) == text
