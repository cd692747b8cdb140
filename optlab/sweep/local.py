"""Jobs in processes of this machine, by the standard library.

Every worker is a process of its own with a pipe of its own, so that one that dies takes
its running job with it and nothing else; in a pool of processes or in joblib's loky the
first death ends all jobs. A worker imports torch once and does job after job. Processes
are spawned, never forked: the caller may have threads, and torch or Qt loaded.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Final, Literal, TypeAlias
from weakref import finalize

from optlab.engine.cores import CORES, available_cores
from optlab.run_process.remote import no_interrupts
from optlab.sweep.jobs import (
    MOST_ATTEMPTS,
    Failure,
    Job,
    Message,
    Result,
    attempt_job,
    gave_up,
)
from optlab.translate import current_language, set_language, tr_n

LOOK_EVERY_S: Final = 0.1
"""Time between two looks at whether to stop."""
STOP_SECONDS: Final = 2.5
"""How long a job may take to stop and save; what takes longer is given up."""

Order: TypeAlias = "tuple[Job, int] | Literal['stop']"
"""What a worker is told: a job with its attempt, or to stop that job."""


@dataclass(eq=False)
class _Worker:
    """A process, the pipe to it, the folder that it writes in, and what it does."""

    process: SpawnProcess
    pipe: Connection
    folder: Path
    job: Job | None = None
    attempt: int = 0

    def tell(self, order: Order) -> None:
        """Say something to the process; if it is dead, its pipe will tell."""
        with suppress(OSError):
            self.pipe.send(order)

    def begin(self, job: Job, attempt: int) -> None:
        """Give the process a job."""
        self.job, self.attempt = job, attempt
        self.tell((job, attempt))

    def hear(self) -> Message | None:
        """Return what the process says; None where it died."""
        try:
            message: Message = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return message

    def end(self) -> None:
        """End the process, and remove what it left."""
        # It holds nothing that anybody needs; to leave by itself it takes seconds, as
        # torch clears up.
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class LocalExecutor:
    """Does jobs in processes of this machine; not for two threads at a time.

    Processes start when they are needed and stay for later calls. A job waits until as
    many cores as it asks for are free, or until nothing else runs. All GPUs count as
    the one that OptLab takes here.

    Args:
        cores: How many cores jobs may take together; None for all usable ones.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or available_cores()
        self._workers: list[_Worker] = []
        self._folder: Path | None = None
        self._made = 0

    @property
    def words(self) -> str:
        """Where jobs are done, in words."""
        return tr_n("{n} process", "{n} processes", n=self._cores)

    def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
        """Do jobs as `optlab.sweep.jobs.Executor` says."""
        waiting = deque((job, 1) for job in jobs)
        told: set[_Worker] = set()
        asked = 0.0
        try:
            while True:
                if not stop.is_set():
                    self._hand_out(waiting)
                busy = [w for w in self._workers if w.job is not None]
                if not busy:
                    return
                if stop.is_set():
                    asked = asked or monotonic()
                    if monotonic() > asked + STOP_SECONDS:
                        return
                    for worker in set(busy) - told:
                        worker.tell("stop")
                    told.update(busy)
                ready = wait([w.pipe for w in busy], LOOK_EVERY_S)
                for worker in busy:
                    if worker.pipe in ready:
                        yield from self._take(worker, waiting)
        finally:
            # Who stops listening wants no more results: what runs is given up at once.
            for worker in [w for w in self._workers if w.job is not None]:
                self._drop(worker)

    def close(self) -> None:
        """End all processes."""
        for worker in list(self._workers):
            self._drop(worker)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _hand_out(self, waiting: deque[tuple[Job, int]]) -> None:
        """Begin the jobs that there is room for, those that wait longest first."""
        while waiting:
            job, attempt = waiting[0]
            running = [w.job for w in self._workers if w.job is not None]
            cpus = sum(other.cpus for other in running) + job.cpus
            gpus = sum(other.gpus for other in running) + job.gpus
            if running and (cpus > self._cores or (job.gpus and gpus > 1)):
                return
            waiting.popleft()
            free = (w for w in self._workers if w.job is None)
            (next(free, None) or self._hire()).begin(job, attempt)

    def _take(
        self, worker: _Worker, waiting: deque[tuple[Job, int]]
    ) -> Iterator[Message]:
        """Yield what a worker says; after its death its job waits again, or is lost."""
        job, attempt = worker.job, worker.attempt
        assert job is not None
        message = worker.hear()
        if message is None:
            self._drop(worker)
            if attempt < MOST_ATTEMPTS:
                waiting.appendleft((job, attempt + 1))
            else:
                yield Failure(key=job.key, reason=gave_up())
            return
        if isinstance(message, Result | Failure):
            worker.job = None
        yield message

    def _hire(self) -> _Worker:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="optlab-jobs-"))
            # Where nobody calls close, at the end of the program.
            finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._made += 1
        folder = self._folder / str(self._made)
        folder.mkdir()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=work,
            args=(theirs, folder, current_language()),
            name=f"optlab-job-{self._made}",
            daemon=True,
        )
        with no_interrupts(), theirs:
            process.start()
        worker = _Worker(process, ours, folder)
        self._workers.append(worker)
        return worker

    def _drop(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()


def work(pipe: Connection, folder: Path, language: str) -> None:
    """Do the jobs that come out of a pipe, until nobody is at its other end.

    Args:
        pipe: Where orders come from and what is known of jobs goes to.
        folder: Where run files are written meanwhile.
        language: Language of sentences.
    """
    # Ctrl-C in a terminal reaches every process; what becomes of jobs the parent says.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    set_language(language)
    halted = False

    def stopped() -> bool:
        nonlocal halted
        # Whatever comes while a job runs ends it: "stop", or that nobody is there.
        halted = halted or pipe.poll()
        return halted

    with suppress(EOFError, OSError):
        while True:
            order: Order = pipe.recv()
            if order == "stop":
                # The job had ended by itself in the meantime.
                continue
            job, attempt = order
            halted = False
            os.environ[CORES] = str(max(1, int(job.cpus)))
            # Read when torch is imported, by the first job: what is not of a trial's
            # own threads would take all cores, too.
            os.environ.setdefault("OMP_NUM_THREADS", os.environ[CORES])
            pipe.send(
                attempt_job(job, pipe.send, stopped, attempt=attempt, folder=folder)
            )


def _end_with_parent(folder: Path) -> None:
    """Wait until the parent is gone, remove what is half done, and end."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()
    os._exit(1)
