"""The worker that iterates a study in a thread of its own.

The trials run in other processes; this thread hands out jobs and keeps what comes back
in the study's folder. Must not touch widgets.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from optlab.params import InputError
from optlab.registry import Catalog
from optlab.spec import ExperimentSpec
from optlab.sweep.jobs import Executor
from optlab.sweep.study import Ended, Study, Working
from optlab.translate import tr

logger = logging.getLogger(__name__)

TELL_EVERY_S: Final = 0.2
"""Time between two words on how far jobs are; what is done is told at once."""


@dataclass(frozen=True, kw_only=True)
class StudyJob:
    """One study that is to be done, or to go on.

    Attributes:
        spec: The experiment.
        catalog: What it is made of.
        folder: Where it is kept.
        device: ``auto``, ``cpu`` or ``cuda``.
        executor: Returns what does its jobs.
        stop: Set to stop it.
    """

    spec: ExperimentSpec
    catalog: Catalog
    folder: Path
    device: str
    executor: Callable[[], Executor]
    stop: Event

    def study(self, executor: Executor) -> Study:
        """Return the study.

        Raises:
            InputError: Something in it cannot be done.
        """
        return Study(
            self.spec,
            self.catalog,
            self.folder,
            executor=executor,
            device=self.device,
            gpus=1.0 if self.device == "cuda" else 0.0,
            stop=self.stop,
        )


class StudyWorker(QObject):
    """Does one study after the other; lives in its own thread."""

    happened = Signal(object)
    """Something is done, or goes on; carries an event of the study."""
    unreachable = Signal(str)
    """The trials cannot be run where they should; carries one sentence."""
    failed = Signal(str)
    """The study could not be done, or broke; carries one sentence."""
    finished = Signal()
    """The study is over, however it ended; always the last signal."""

    @Slot(object)
    def execute(self, job: StudyJob) -> None:
        """Do one study."""
        try:
            executor = job.executor()
        except InputError as error:
            # Not with its key, which is an option of the command line.
            self.unreachable.emit(f"{error.value}: {error.allowed}")
            self.finished.emit()
            return
        except Exception as error:
            logger.exception("there is nothing to run trials in")
            self.unreachable.emit(_sentence(error))
            self.finished.emit()
            return
        try:
            self._iterate(job.study(executor))
        except InputError as error:
            self.failed.emit(str(error))
        except Exception as error:
            logger.exception("the study failed")
            self.failed.emit(_sentence(error))
        finally:
            executor.close()
            self.finished.emit()

    def _iterate(self, study: Study) -> None:
        told = -TELL_EVERY_S
        for event in study.run():
            if isinstance(event, Working):
                if monotonic() - told < TELL_EVERY_S:
                    continue
                told = monotonic()
            self.happened.emit(event)
            if not isinstance(event, Working | Ended):
                share = Working(key="", step=0, steps=1, share=study.share)
                self.happened.emit(share)


def _sentence(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, OSError):
        return tr("The study stopped: {reason}", reason=error.strerror or text)
    return tr("{kind}: {text}", kind=type(error).__name__, text=text)
