"""What a window and the process of its runs say to each other; all of it is pickled."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from optlab.control import Requests
from optlab.records import Record
from optlab.spec import ExperimentSpec
from optlab.translate import tr

NOTHING_ASKED: Final = Requests(stop=False, pause=False, steps=0, stop_trials=())


class RunFailedError(Exception):
    """A run in another process could not be done, or broke; says why in a sentence."""


@dataclass(frozen=True, kw_only=True)
class RunOrder:
    """One run that is to be done.

    Attributes:
        number: Number of the run in this process.
        language: Language of sentences.
        device: ``auto``, ``cpu`` or ``cuda``.
        slice_seconds: Time between two looks at what is asked, roughly.
        asked: What is asked from the beginning.
        spec: The experiment; None where a recorded run goes on.
        folder: Where the run file is written; None where a recorded run goes on.
        path: The run file that goes on.
        steps: New number of steps for a run that goes on; None to keep the old one.
    """

    number: int
    language: str
    device: str
    slice_seconds: float
    asked: Requests
    spec: ExperimentSpec | None = None
    folder: Path | None = None
    path: Path | None = None
    steps: int | None = None


@dataclass(frozen=True)
class Asked:
    """What is asked of the run of this number since the last word."""

    number: int
    requests: Requests


@dataclass(frozen=True)
class Records:
    """Records of the run, in order; none where there is only a sign of life."""

    records: tuple[Record, ...]


@dataclass(frozen=True)
class Done:
    """The run, or the question, is over.

    Attributes:
        reason: Why it failed, in a sentence; empty where it did not.
        answer: The answer to a question.
    """

    reason: str = ""
    answer: tuple[str, ...] = ()


@dataclass(frozen=True)
class Logged:
    """A record of the log, with its traceback."""

    name: str
    level: int
    text: str


Order: TypeAlias = RunOrder | Asked | Literal["devices"]
Answer: TypeAlias = Records | Done | Logged


def sentence_of(error: BaseException) -> str:
    """Return in one sentence why a run broke."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError):
        return tr("The run stopped: {reason}", reason=error.strerror or text)
    return tr("{kind}: {text}", kind=type(error).__name__, text=text)
