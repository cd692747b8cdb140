"""What ``run`` and ``resume`` share: train, stop cleanly, write, report."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from optlab.cli.closing import say_report
from optlab.cli.output import cannot_write, complain, say
from optlab.cli.progress import progress_view
from optlab.params import InputError
from optlab.records import State
from optlab.translate import tr

if TYPE_CHECKING:
    from optlab.runner import Runner
    from optlab.store.run_data import RunData

METRICS_CSV: Final = "metrics.csv"
SUMMARY_CSV: Final = "summary.csv"
CURVES_SVG: Final = "curves.svg"
DERIVED: Final = (METRICS_CSV, SUMMARY_CSV, CURVES_SVG)


def train(runner: "Runner", *, quiet: bool) -> None:
    """Run to the end, or to the step at which a person interrupts.

    Raises:
        InputError: The experiment cannot be run here, or nothing can be written.
    """
    with stopping(runner.control.stop), progress_view(runner.data, quiet=quiet) as view:
        try:
            said = ""
            for _ in runner.run():
                view.update()
                if runner.waiting != said:
                    said = runner.waiting
                    complain(said or tr("there is room again; the run goes on"))
        except Exception:
            # What broke in mid-run ended the record with its reason, which `finish`
            # says; anything else is not known to the run and is the caller's.
            if not _broke(runner.data):
                raise


def _broke(data: "RunData") -> bool:
    return bool(data.trials) and data.state is State.FAILED


@contextmanager
def stopping(request: Callable[[], None]) -> Iterator[None]:
    """Turn Ctrl-C and a polite kill into a request to stop; a second one insists."""
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        request()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def write_outputs(data: "RunData", folder: Path, *, overwrite: bool) -> None:
    """Write the tables and the figure of a run beside its run file.

    Raises:
        InputError: A file is there already, or cannot be written.
    """
    from optlab.export.exporter import export

    for name in DERIVED:
        path = folder / name
        if path.exists() and not overwrite:
            raise exists(path)
        try:
            export(data, path, overwrite=overwrite)
        except OSError as error:
            raise cannot_write(path, error) from None


def exists(path: Path) -> InputError:
    """Return the complaint about a file that would be overwritten."""
    text = tr("is there already and is not overwritten; choose another place")
    return InputError(str(path), None, text)


def finish(data: "RunData", path: Path, *, quiet: bool) -> int:
    """Report how a run ended and return the exit code."""
    if not quiet:
        say_report(data)
        say(tr("Written to {folder}", folder=path.parent))
    sys.stdout.flush()
    failed = [
        (trial, data.status(trial.trial).reason)
        for trial in data.trials
        if data.status(trial.trial).state is State.FAILED
    ]
    for trial, reason in failed:
        text = "{label}, seed {seed} failed: {reason}"
        complain(tr(text, label=trial.label, seed=trial.seed, reason=reason))
    if data.state is State.FAILED and not failed:
        complain(tr("the run failed: {reason}", reason=data.reason))
    if data.state is State.STOPPED:
        complain(tr("stopped; `optlab resume {path}` goes on", path=path))
        return 1
    return 1 if failed or data.state is State.FAILED else 0
