"""``optlab data``: the datasets that must be fetched before they can be used."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from optlab.cli.output import complain, say, say_table
from optlab.cli.parsing import Parser, UsageError, Verb
from optlab.params import InputError
from optlab.registry import Catalog
from optlab.translate import tr


def add_arguments(parser: Parser) -> None:
    """Add the arguments of ``data``."""
    parser.add_argument(
        "what", metavar="list|get", help=tr("list them, or get one of them")
    )
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help=tr("The dataset to get.")
    )
    text = tr("Take the official archive from this file instead of downloading it.")
    parser.add_argument("--from", metavar="FILE", dest="source", help=text)


def act(args: argparse.Namespace) -> int:
    """List the datasets, or get one."""
    from optlab.plugins import load_catalog

    catalog = load_catalog()
    if args.what == "list":
        if args.name is not None or args.source is not None:
            raise UsageError("data", tr("list takes nothing more"))
        return _list(catalog)
    if args.what != "get":
        raise InputError("data", args.what, tr("one of {choices}", choices="list, get"))
    if args.name is None:
        raise UsageError("data", tr("get needs the NAME of a dataset"))
    return _get(args.name, args.source, catalog)


def _list(catalog: Catalog) -> int:
    from optlab.runner import dataset_status

    rows = []
    for info in catalog.datasets:
        images = f"{info.train_size} + {info.test_size}"
        state = tr("ready") if not info.download else dataset_status(info.name).text
        rows.append((info.name, tr(info.label), images, state))
    say_table((tr("name"), tr("label"), tr("images"), tr("state")), rows)
    return 0


def _get(name: str, source: str | None, catalog: Catalog) -> int:
    info = catalog.datasets.get(name, "NAME")
    if not info.download:
        text = tr("a dataset that is downloaded; {name} needs nothing", name=name)
        raise InputError("NAME", name, text)
    from optlab.runner import get_dataset

    with cancelling() as cancel, byte_progress(name) as progress:
        get_dataset(name, source=source, progress=progress, cancel=cancel)
    if cancel.is_set():
        complain(tr("cancelled; the next `optlab data get` goes on from here"))
        return 1
    return 0


@contextmanager
def cancelling() -> Iterator[Event]:
    """Turn Ctrl-C into a request to cancel; a second one insists."""
    asked = Event()

    def cancel(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def byte_progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many bytes of how many are there: a bar on a terminal, or lines."""
    if not sys.stdout.isatty():
        yield _ByteLines(name).update
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        console=Console(file=sys.stdout),
    )
    with progress:
        task = progress.add_task(name, total=None)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        yield show


class _ByteLines:
    """A line at each tenth of the way."""

    def __init__(self, name: str) -> None:
        self._name, self._tenth = name, 0

    def update(self, done: int, total: int) -> None:
        tenth = 10 * done // total if total else 0
        if tenth > self._tenth:
            self._tenth = tenth
            text = tr("{name}: {share} %", name=self._name, share=10 * tenth)
            say(text)
            sys.stdout.flush()


VERB = Verb("data", "List the datasets, or get one of them.", add_arguments, act)
