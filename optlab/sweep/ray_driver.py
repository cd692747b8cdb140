"""What speaks to Ray, in a process of its own, and what Ray does on the cluster.

Jobs are Ray's remote tasks, so Ray places them, counts their cores and GPUs, and does
them again when a worker or a node is lost. Progress, and the word to stop, go over one
small actor, the board. Only jobs and results travel; data sets lie on each node.
"""

import os
import shutil
import signal
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any, Final

from optlab.engine.cores import CORES
from optlab.params import InputError
from optlab.sweep.jobs import (
    MOST_ATTEMPTS,
    REPORT_EVERY_S,
    Failure,
    Job,
    Message,
    Progress,
    Result,
    attempt_job,
    gave_up,
)
from optlab.translate import current_language, set_language, tr, tr_n
from optlab.trust import VARIABLE, handed_on

LOOK_EVERY_S: Final = 0.1
ANSWER_S: Final = 10.0
"""How long the nodes may take to say their versions."""
AHEAD: Final = 2
"""Jobs handed to Ray, per core of the cluster; what they go on with fills its store."""
SAME: Final = ("optlab", "torch", "numpy")
"""Packages whose version is to be the same everywhere."""


def the_ray() -> Any:
    """Return Ray, which is imported where it is used only and has few types."""
    import ray

    return ray


class Words(str):
    """Where jobs are done, in words."""

    __slots__ = ()


class Board:
    """What is known of running jobs, and whether they are to stop: an actor."""

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()
        self._news: dict[str, Progress | None] = {}
        self._stop = False

    def begin(self, key: str) -> int:
        """Say that a job begins; return which attempt it is."""
        self._begun[key] += 1
        self._news.setdefault(key, None)
        return self._begun[key]

    def tell(self, progress: Progress) -> None:
        """Say how far a job is."""
        self._news[progress.key] = progress

    def stopping(self) -> bool:
        """Return whether jobs are to stop."""
        return self._stop

    def halt(self) -> None:
        """Have all jobs stop."""
        self._stop = True

    def take(self) -> dict[str, Progress | None]:
        """Return the last word of each job that has begun or moved since last time."""
        news, self._news = self._news, {}
        return news


def do_job(
    job: Job, board: Any, wanted: Mapping[str, str], language: str, trusted: str
) -> Result | Failure:
    """Do one job on a node of the cluster.

    Args:
        job: The job.
        board: The actor that hears of it.
        wanted: Versions that are asked for.
        language: Language of sentences.
        trusted: Which code of a person's own may run, as `optlab.trust` says it.
    """
    ray = the_ray()
    os.environ[VARIABLE] = trusted
    if language != current_language():
        set_language(language)
    if problem := mismatch(wanted, versions_here()):
        return Failure(key=job.key, reason=problem)
    os.environ[CORES] = str(max(1, int(job.cpus)))
    # Never waited for: who waits in a task gives its core to the next one meanwhile.
    begun = board.begin.remote(job.key).future()
    asked, answer = monotonic(), board.stopping.remote().future()
    stop = False

    def stopped() -> bool:
        nonlocal stop, asked, answer
        if answer.done():
            with suppress(ray.exceptions.RayError):
                stop = stop or answer.result()
            if monotonic() - asked >= REPORT_EVERY_S:
                asked, answer = monotonic(), board.stopping.remote().future()
        return stop

    # What a lost worker leaves lies among Ray's own things and goes with them.
    place = getattr(ray.get_runtime_context(), "get_temp_dir", None)
    folder = Path(place()) if place else None
    outcome = attempt_job(job, board.tell.remote, stopped, folder=folder)
    if isinstance(outcome, Result) and begun.done():
        with suppress(ray.exceptions.RayError):
            return replace(outcome, attempt=begun.result())
    return outcome


def versions_here() -> Mapping[str, str]:
    """Return the versions of what must be the same on all machines."""
    found = {}
    for name in SAME:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def mismatch(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Say what is another version on a machine; empty where nothing is."""
    return "; ".join(
        tr(
            "{name} is {found} on the cluster and {wanted} here; install the same one",
            name=name,
            found=found[name],
            wanted=wanted[name],
        )
        for name in wanted
        if found[name] != wanted[name]
    )


def drive(
    pipe: Connection,
    address: str,
    folder: str | None,
    cores: int | None,
    language: str,
) -> None:
    """Speak to Ray for an executor in another process, until it says no more.

    Args:
        pipe: Where orders come from and messages go to; first where the jobs are done,
            in words, or an InputError.
        address: As in `optlab.sweep.ray_cluster.RayExecutor`.
        folder: Where Ray keeps its things if it is started here.
        cores: How many cores it takes then; None for all.
        language: Language of sentences.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_language(language)
    # What Ray says of its inner life goes to its own files, and nothing to its makers.
    _be_quiet()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    try:
        with suppress(EOFError, OSError):
            try:
                pipe.send(_connect(address, folder, cores))
            except InputError as error:
                pipe.send(error)
                return
            while (order := pipe.recv()) is not None:
                if order == "stop":
                    continue
                for message in _do(order, pipe):
                    pipe.send(message)
                pipe.send(None)
    finally:
        the_ray().shutdown()


def _be_quiet() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _end_with_parent(folder: str | None) -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _connect(address: str, folder: str | None, cores: int | None) -> Words:
    """Join a cluster, look at its versions, and say how large it is."""
    ray = the_ray()
    more: dict[str, Any] = {}
    if folder is not None:
        more = {"include_dashboard": False, "_temp_dir": folder, "num_cpus": cores}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **more)
    except Exception as error:
        reason = " ".join(str(error).split())
        if address == "auto" and isinstance(error, ConnectionError):
            reason = tr("no Ray cluster runs on this machine")
        raise InputError("--ray", address, reason) from None
    _check_nodes(address)
    nodes = [node for node in ray.nodes() if node["Alive"]]
    size = tr_n("{n} core", "{n} cores", n=_cores())
    if len(nodes) == 1:
        return Words(tr("Ray, {cores}", cores=size))
    return Words(tr("Ray, {cores} on {n} machines", cores=size, n=len(nodes)))


def _cores() -> int:
    ray = the_ray()
    return int(ray.cluster_resources().get("CPU", 0))


def _check_nodes(address: str) -> None:
    """Raise an InputError where a node has other versions than this machine."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray = the_ray()
    names = SAME

    # Defined in here it travels with its code, so a node without OptLab can answer.
    def found() -> dict[str, str]:
        import importlib.metadata

        versions = {}
        for name in names:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = "none"
        return versions

    ask = ray.remote(num_cpus=0, max_retries=0)(found)
    answers = [
        ask.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(
                node["NodeID"], soft=False
            )
        ).remote()
        for node in ray.nodes()
        if node["Alive"]
    ]
    # A node that is too busy to answer now is looked at by each job once more.
    ready, late = ray.wait(answers, num_returns=len(answers), timeout=ANSWER_S)
    for answer in late:
        ray.cancel(answer, force=True)
    for answer in ready:
        with suppress(ray.exceptions.RayError):
            if problem := mismatch(versions_here(), ray.get(answer)):
                raise InputError("--ray", address, problem)


def _do(jobs: Sequence[Job], pipe: Connection) -> Iterator[Message]:
    """Do jobs on the cluster; whatever comes through the pipe stops them."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray = the_ray()
    here = ray.get_runtime_context().get_node_id()
    board = (
        ray.remote(Board)
        .options(
            num_cpus=0,
            max_restarts=-1,
            # Beside whoever listens: a lost node elsewhere does not take it along.
            scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=True),
        )
        .remote()
    )
    task = ray.remote(do_job)
    waiting, running = deque(jobs), dict[Any, Job]()
    begun, stopping, taking = set[str](), False, None
    while waiting or running:
        while waiting and len(running) < max(1, AHEAD * _cores()):
            job = waiting.popleft()
            if reason := _impossible(job):
                yield Failure(key=job.key, reason=reason)
                continue
            ref = task.options(
                num_cpus=job.cpus,
                num_gpus=job.gpus,
                max_retries=MOST_ATTEMPTS - 1,
                name=job.key,
            ).remote(job, board, versions_here(), current_language(), handed_on())
            running[ref] = job
        if not stopping and pipe.poll():
            stopping = True
            waiting.clear()
        ready = ray.wait(list(running), timeout=LOOK_EVERY_S)[0] if running else []
        news: Mapping[str, Progress | None] = {}
        if taking is None:
            taking = board.take.remote()
        elif ray.wait([taking], timeout=0)[0]:
            # A board that is being made anew has no news.
            with suppress(ray.exceptions.RayError):
                news = ray.get(taking)
            taking = None
        begun.update(news)
        if stopping:
            # Said again and again: the board may have been made anew.
            board.halt.remote()
            for ref, job in running.items():
                if job.key not in begun:
                    ray.cancel(ref)
        alive = {job.key for job in running.values()}
        yield from (p for key, p in news.items() if p is not None and key in alive)
        for ref in ready:
            message = _outcome(ref, running.pop(ref))
            if message is not None:
                yield message
    ray.kill(board)


def _impossible(job: Job) -> str:
    """Say why no machine of the cluster can do a job; empty where one can."""
    ray = the_ray()
    for node in ray.nodes():
        has = node["Resources"]
        if (
            node["Alive"]
            and has.get("CPU", 0) >= job.cpus
            and has.get("GPU", 0) >= job.gpus
        ):
            return ""
    return tr(
        "no machine of the cluster has {cpus:g} cores and {gpus:g} GPUs",
        cpus=job.cpus,
        gpus=job.gpus,
    )


def _outcome(ref: Any, job: Job) -> Result | Failure | None:
    """Return how a job ended; None where it was left out."""
    ray = the_ray()
    try:
        outcome: Result | Failure = ray.get(ref)
    except ray.exceptions.TaskCancelledError:
        return None
    except ray.exceptions.RayTaskError as error:
        return Failure(key=job.key, reason=" ".join(str(error.cause).split()))
    except ray.exceptions.RayError:
        return Failure(key=job.key, reason=gave_up())
    return outcome
