"""``optlab data``: the datasets that must be fetched before they can be used."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType
from typing import Final

from optlab.cli.output import complain, say, say_table
from optlab.cli.parsing import Parser, UsageError, Verb
from optlab.params import InputError
from optlab.registry import Catalog, DatasetInfo
from optlab.translate import tr

LINE_SECONDS: Final = 2.0


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
    rows = []
    for info in catalog.datasets:
        images = f"{info.train_size} + {info.test_size}"
        rows.append((info.name, tr(info.label), images, state_of(info)))
    say_table((tr("name"), tr("label"), tr("images"), tr("state")), rows)
    return 0


def state_of(info: DatasetInfo) -> str:
    """Return in words whether a dataset can be used here."""
    from optlab.runner import dataset_status

    if not info.download:
        return tr("ready; needs no download")
    status = dataset_status(info.name)
    if status.ready:
        return tr("ready")
    megabytes = f"{status.total / 1e6:.0f}"
    if status.partial:
        there = f"{status.partial / 1e6:.0f}"
        return tr("{there} of {megabytes} MB", there=there, megabytes=megabytes)
    text = "optlab data get {name} ({megabytes} MB)"
    return tr(text, name=info.name, megabytes=megabytes)


def _get(name: str, source: str | None, catalog: Catalog) -> int:
    info = catalog.datasets.get(name, "NAME")
    if not info.download:
        text = tr("a dataset that is downloaded; {name} needs nothing", name=name)
        raise InputError("NAME", name, text)
    from optlab.problems.datasets import DownloadCancelled
    from optlab.runner import get_dataset

    file = None if source is None else Path(source)
    try:
        with cancelling() as asked, byte_progress(name) as progress:
            path = get_dataset(
                name, source=file, progress=progress, cancelled=asked.is_set
            )
    except DownloadCancelled:
        complain(tr("cancelled; the next `optlab data get` goes on from here"))
        return 1
    say(tr("{name} is ready in {path}", name=name, path=path))
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
def byte_progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
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

        def show(done: int, total: int | None) -> None:
            progress.update(task, completed=done, total=total)

        yield show


class _ByteLines:
    """A line every few seconds; none where it is done at once."""

    def __init__(self, name: str) -> None:
        self._name, self._next = name, monotonic() + LINE_SECONDS

    def update(self, done: int, total: int | None) -> None:
        if monotonic() < self._next:
            return
        self._next = monotonic() + LINE_SECONDS
        there = f"{done / 1e6:.0f}"
        if total:
            text = "{name}: {there} of {total} MB"
            say(tr(text, name=self._name, there=there, total=f"{total / 1e6:.0f}"))
        else:
            say(tr("{name}: {there} MB", name=self._name, there=there))
        sys.stdout.flush()


VERB = Verb("data", "List the datasets, or get one of them.", add_arguments, act)
