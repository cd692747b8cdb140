"""Live progress: bars on a terminal, a line now and then elsewhere, or silence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from optlab.cli.output import number, say
from optlab.records import State
from optlab.translate import tr, tr_n

if TYPE_CHECKING:
    from rich.progress import TaskID

    from optlab.records import TrialStart
    from optlab.store.run_data import RunData

BAR_SECONDS: Final = 0.1
LINE_SECONDS: Final = 10.0
# Rows of a terminal that the overall bar and the prompt need.
OTHER_ROWS: Final = 4
CUT_SHORT: Final = (State.STOPPED, State.DIVERGED, State.FAILED)


class ProgressView(Protocol):
    """Something that shows how far a run is."""

    def update(self) -> None:
        """Look at the run; cheap when nothing is due."""

    def close(self) -> None:
        """Show the end."""


@contextmanager
def progress_view(data: "RunData", *, quiet: bool) -> Iterator[ProgressView]:
    """Show the progress of ``data`` for as long as the context lasts."""
    view: ProgressView
    if quiet:
        view = _Silence()
    elif sys.stdout.isatty():
        view = _Bars(data)
    else:
        view = _Lines(data)
    try:
        yield view
    finally:
        view.close()


def loss_of(data: "RunData", trial: int) -> float | None:
    """Return the newest training loss of a trial."""
    series = data.series(trial, "train_loss")
    return series.last if len(series) else None


def steps_done(data: "RunData") -> tuple[int, int]:
    """Return the steps taken and the steps to take, of all trials together."""
    done = total = 0
    for trial in data.trials:
        status = data.status(trial.trial)
        taken = max(status.step, 0)
        done += taken
        total += taken if status.state in CUT_SHORT else trial.steps
    return done, total


def steps_planned(data: "RunData") -> int:
    """Return the steps of all trials as a run begins or goes on.

    What was stopped goes on with it; what diverged or failed does not.
    """
    total = 0
    for trial in data.trials:
        status = data.status(trial.trial)
        over = status.state in (State.DIVERGED, State.FAILED)
        total += max(status.step, 0) if over else trial.steps
    return total


class _Silence:
    def update(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Lines:
    """One line at the start, then at most one each `LINE_SECONDS`."""

    def __init__(self, data: "RunData") -> None:
        self._data = data
        self._next = 0.0
        self._said = False

    def update(self) -> None:
        now = monotonic()
        if now < self._next:
            return
        self._next = now + LINE_SECONDS
        done, total = steps_done(self._data)
        if not self._said:
            trials = len(self._data.trials)
            text = tr(
                "{title} on {device}: {trials}, {steps} in all",
                title=tr(self._data.title) or tr("Untitled"),
                device=self._data.device,
                trials=tr_n("{n} trial", "{n} trials", n=trials),
                steps=tr_n("{n} step", "{n} steps", n=steps_planned(self._data)),
            )
            say(text)
        else:
            losses = ", ".join(
                f"{_name(trial, self._data)} {number(loss)}"
                for trial in self._data.trials
                if (loss := loss_of(self._data, trial.trial)) is not None
            )
            share = 100 * done // max(total, 1)
            text = "{share} %: step {done} of {total}; loss {losses}"
            say(tr(text, share=share, done=done, total=total, losses=losses))
        self._said = True
        sys.stdout.flush()

    def close(self) -> None:
        pass


class _Bars:
    """A bar for all and one for each trial, as many as fit on the terminal."""

    def __init__(self, data: "RunData") -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        self._data = data
        self._next = 0.0
        self._console = Console(file=sys.stdout)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,
        )
        self._overall = self._progress.add_task(tr(data.title), total=None, note="")
        self._bars: dict[int, TaskID] = {}
        self._progress.start()

    def update(self) -> None:
        now = monotonic()
        if now >= self._next:
            self._next = now + BAR_SECONDS
            self._draw()

    def close(self) -> None:
        self._draw()
        self._progress.stop()

    def _draw(self) -> None:
        if not self._data.trials:
            return
        if not self._bars:
            self._add_bars()
        done, total = steps_done(self._data)
        self._progress.update(
            self._overall,
            description=tr(self._data.title) or tr("All trials"),
            completed=done,
            total=total,
        )
        for number_, bar in self._bars.items():
            status = self._data.status(number_)
            loss = tr("loss {loss}", loss=number(loss_of(self._data, number_)))
            note = f"{loss}  {tr(status.state)}" if status.state.ended else loss
            self._progress.update(bar, completed=max(status.step, 0), note=note)
        self._progress.refresh()

    def _add_bars(self) -> None:
        room = max(1, self._console.height - OTHER_ROWS)
        for trial in self._data.trials[:room]:
            name = _name(trial, self._data)
            self._bars[trial.trial] = self._progress.add_task(
                name, total=trial.steps, note=""
            )


def _name(trial: "TrialStart", data: "RunData") -> str:
    several = len({t.seed for t in data.trials}) > 1
    if not several:
        return trial.label
    return tr("{label}, seed {seed}", label=trial.label, seed=trial.seed)
