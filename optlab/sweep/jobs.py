"""One job of a study: a run, or a further stretch of one, that may happen anywhere.

A job is idempotent: what comes out depends on what is in it alone, so that it may be
done again elsewhere when a machine is lost. It carries the run file that it goes on
with and returns the run file that it made; nothing is shared but these bytes. Whoever
runs jobs is an `Executor`; which one never changes a result.
"""

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Final, Protocol, TypeAlias

from optlab.control import RunControl
from optlab.params import InputError
from optlab.plugins import load_catalog
from optlab.records import State
from optlab.runner import RUN_FILE, Runner
from optlab.spec import spec_from_text
from optlab.translate import tr

REPORT_EVERY_S: Final = 0.5
MOST_ATTEMPTS: Final = 3
"""How often a job is begun whose worker is lost."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one worker is to do.

    Attributes:
        key: Its name, unique in a study: the place of its run file in the study's
            folder, without the ending, parts joined by slashes.
        spec_text: The experiment in TOML.
        until: Share of the steps after which it stops, in (0, 1].
        past: The run file that it goes on with; None to begin.
        cpus: Processor cores that it is to have.
        gpus: GPUs that it is to have; fractions share one.
        device: ``cpu``, ``cuda`` or ``auto``.
    """

    key: str
    spec_text: str
    until: float = 1.0
    past: bytes | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    device: str = "cpu"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is.

    Attributes:
        key: The job.
        step: Steps that its slowest living trial has taken.
        steps: Steps that it will take in this job.
    """

    key: str
    step: int
    steps: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """A job that is done.

    Attributes:
        key: The job.
        data: Its run file; trials that diverged or failed are in it as such.
        attempt: Which try this was, from 1.
    """

    key: str
    data: bytes
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A job that could not be done, and why in one sentence."""

    key: str
    reason: str


Message: TypeAlias = Progress | Result | Failure


class Executor(Protocol):
    """Where jobs are done."""

    @property
    def words(self) -> str:
        """Where that is, in words: ``2 processes``, ``Ray, 8 cores``."""
        ...

    def run(self, jobs: Sequence[Job], stop: Event) -> Iterator[Message]:
        """Do jobs, side by side as cores allow, and yield what is known of them.

        Each job ends with one `Result` or one `Failure`; which job comes first is not
        fixed. When ``stop`` is set, jobs that run end as stopped runs (their results
        still come), those that wait are left out, and the iterator ends.

        Raises:
            InputError: Jobs cannot be done there at all.
        """
        ...

    def close(self) -> None:
        """Give processes and connections back."""
        ...


def run_job(
    job: Job,
    report: Callable[[Progress], None],
    stopped: Callable[[], bool],
    *,
    attempt: int = 1,
    folder: Path | None = None,
) -> Result:
    """Do one job here and now.

    Args:
        job: The job.
        report: Is told now and then how far it is, for the first time at once.
        stopped: Asked now and then whether to stop.
        attempt: Which try this is.
        folder: Where the run file lies meanwhile; None for the system's own place.

    Raises:
        InputError: The experiment cannot be run here.
    """
    catalog = load_catalog()
    control = RunControl()
    with tempfile.TemporaryDirectory(prefix="optlab-job-", dir=folder) as own:
        path = Path(own) / RUN_FILE
        if job.past is None:
            spec = spec_from_text(job.spec_text, catalog, name=job.key)
            runner = Runner(
                spec,
                catalog,
                folder=path.parent,
                control=control,
                device=job.device,
                until=job.until,
            )
        else:
            path.write_bytes(job.past)
            runner = Runner.resume(
                path, catalog, control=control, device=job.device, until=job.until
            )
        told = -math.inf
        for _ in runner.run():
            if stopped():
                control.stop()
            if runner.waiting:
                # Here nobody sees that it waits; the study says why this job failed.
                raise InputError(job.key, None, runner.waiting)
            if monotonic() - told >= REPORT_EVERY_S:
                told = monotonic()
                report(_progress(job, runner))
        return Result(key=job.key, data=path.read_bytes(), attempt=attempt)


def attempt_job(
    job: Job,
    report: Callable[[Progress], None],
    stopped: Callable[[], bool],
    *,
    attempt: int = 1,
    folder: Path | None = None,
) -> Result | Failure:
    """Do one job as `run_job` does; where it cannot be done say why in one sentence."""
    try:
        return run_job(job, report, stopped, attempt=attempt, folder=folder)
    except InputError as error:
        return Failure(key=job.key, reason=str(error))
    except Exception as error:
        # A plug-in, or a model of one's own, may raise anything; other jobs go on.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Failure(key=job.key, reason=reason)


def gave_up() -> str:
    """Say why a job whose worker was lost again and again is not tried once more."""
    return tr(
        "its process was lost {n} times, perhaps for want of memory", n=MOST_ATTEMPTS
    )


def _progress(job: Job, runner: Runner) -> Progress:
    data = runner.data
    living = [t for t in data.trials if data.status(t.trial).state is State.RUNNING]
    trials = living or list(data.trials)
    slowest = min(trials, key=lambda t: data.status(t.trial).step / t.steps)
    return Progress(
        key=job.key,
        step=max(data.status(slowest.trial).step, 0),
        steps=max(1, round(job.until * slowest.steps)),
    )
