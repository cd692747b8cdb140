"""Questions whose answers need a model or torch, asked off the GUI thread.

Names and shapes of parameters, the curve of a schedule. One question is worked on at
a time; of each topic the latest waits. Answers are kept, so that asking again is free.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from optlab.ui.background import BackgroundTask, Report

KEPT: Final = 64
# A person who types does not want an answer to each letter.
PAUSE_MS: Final = 120
# Importing torch takes seconds on a busy machine, and cannot be interrupted.
WAIT_MS: Final = 15_000


@dataclass(frozen=True)
class Answer:
    """What came of a question.

    Attributes:
        value: The answer; None where there is none.
        reason: Why there is none, as a sentence.
    """

    value: object = None
    reason: str = ""


@dataclass(frozen=True)
class _Question:
    key: Hashable
    work: Callable[[], object]


class Inquiry(QObject):
    """Finds answers in the background and keeps the latest of them."""

    answered = Signal()
    """There is one more answer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._waiting: dict[str, _Question] = {}
        self._task: BackgroundTask | None = None
        self._asked: _Question | None = None
        self._found: list[object] = []
        self._open = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._begin)

    def ask(
        self, topic: str, key: Hashable, work: Callable[[], object]
    ) -> Answer | None:
        """Return the answer to a question; None while it has to be found.

        Args:
            topic: Of what it is; a later question of the same topic replaces it.
            key: What the answer depends on, the topic apart.
            work: Finds the answer, in another thread; an `InputError` is an answer.
        """
        known = self._answers.get((topic, key))
        if known is not None:
            self._answers.move_to_end((topic, key))
            self._waiting.pop(topic, None)
            return known
        question = _Question((topic, key), work)
        if self._asked is None or self._asked.key != question.key:
            self._waiting[topic] = question
            if self._open and not self._timer.isActive():
                self._timer.start()
        return None

    def forget(self) -> None:
        """Forget the answers: what they depended on has changed."""
        self._answers.clear()
        if self._open:
            self.answered.emit()

    def begin(self) -> None:
        """Work on questions from now on, also on those that were asked already."""
        self._open = True
        if self._waiting:
            self._timer.start()

    def shutdown(self) -> bool:
        """Ask nothing more, and wait, bounded, for what is being worked on.

        Returns:
            Whether its thread has ended. One that has not must outlive the window: a
            thread is never terminated.
        """
        self._open = False
        self._timer.stop()
        self._waiting.clear()
        task = self._task
        if task is None or task.shutdown(wait_ms=WAIT_MS):
            return True
        task.setParent(None)
        task.ended.connect(partial(_let_go, task))
        return False

    @Slot()
    def _begin(self) -> None:
        if self._task is not None or not self._open or not self._waiting:
            return
        topic = next(iter(self._waiting))
        question = self._waiting.pop(topic)
        found: list[object] = []

        def work(_: Report) -> None:
            found.append(question.work())

        self._asked, self._found = question, found
        self._task = BackgroundTask(work, parent=self)
        self._task.ended.connect(self._finish)
        self._task.start()

    @Slot(bool, str)
    def _finish(self, well: bool, reason: str) -> None:
        if self._asked is not None:
            value = self._found[0] if well and self._found else None
            self._answers[self._asked.key] = Answer(value, "" if well else reason)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        if self._task is not None:
            self._task.deleteLater()
        self._task = self._asked = None
        if self._open:
            self.answered.emit()
            if self._waiting:
                self._timer.start()


def _let_go(task: BackgroundTask, _well: bool, _reason: str) -> None:
    task.deleteLater()
