"""The program behind ``optlab``: find the verb, do it, answer with an exit code.

0 is done, 1 something failed or was stopped, 2 bad input. Bad input is one line on
standard error, never a traceback.
"""

import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import current_thread, main_thread
from typing import Final

from optlab import __version__
from optlab.cli import gui
from optlab.cli.consent import tell_of_plugins
from optlab.cli.output import cannot_write, complain, one_line
from optlab.cli.parsing import Parser, UsageError, Verb, add_help
from optlab.log import log_file, logging_to_file
from optlab.params import InputError, unknown_name
from optlab.translate import language_of, set_language, tr

logger = logging.getLogger(__name__)

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2

# They need none; the window tells of them itself.
WITHOUT_PLUGINS: Final = ("doctor", "export", "gui")
VERBS: Final = (
    "run",
    "resume",
    "replay",
    "compare",
    "tune",
    "sweep",
    "grade",
    "basins",
    "list",
    "show",
    "export",
    "report",
    "data",
    "doctor",
)
_MODULES: Final = {"list": "listing"}
"""Of verbs whose module has another name: ``list`` is a word of Python's."""


def main(
    argv: Sequence[str] | None = None,
    *,
    window: Callable[[gui.GuiOptions], int] | None = None,
) -> int:
    """Run the command line and return its exit code.

    Args:
        argv: The words after ``optlab``; those of the process if None. What they
            write is in the language of the environment.
        window: Opens the window and returns an exit code; None where there is none.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _make_streams_tolerant()
    set_language(language_of(os.environ))
    # The verb alone: what follows may be anybody's, and long.
    with logging_to_file(start=one_line(words[0][:20]) if words else "gui"):
        return _answered(words, window)


def _answered(words: list[str], window: Callable[[gui.GuiOptions], int] | None) -> int:
    """Do what was asked and return an exit code, whatever happens."""
    try:
        code = _dispatch(words or ["gui"], window)
        sys.stdout.flush()
        return code
    except InputError as error:
        complain(error)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader (``head``, say) has gone; Python must not flush into it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        complain(cannot_write(error.filename or tr("standard output"), error))
        return BAD_INPUT
    except sqlite3.OperationalError as error:
        text = tr("the run file cannot be read or written: {error}", error=error)
        complain(text)
        return BAD_INPUT
    except KeyboardInterrupt:
        complain(tr("interrupted"))
        return FAILED
    except Exception as error:
        logger.exception("an error inside the program")
        text = tr(
            "an error inside the program: {error}; what was recorded is kept, and "
            "{log} tells more",
            error=f"{type(error).__name__}: {error}",
            log=log_file(),
        )
        complain(text)
        return FAILED


def _dispatch(words: list[str], window: Callable[[gui.GuiOptions], int] | None) -> int:
    first = words[0]
    if first == "--safe-mode":
        os.environ[gui.SAFE_MODE] = "1"
        return _dispatch(words[1:] or ["gui"], window)
    if first in ("-h", "--help", "help"):
        sys.stdout.write(_overview().format_help())
        return DONE
    if first == "--version":
        sys.stdout.write(f"optlab {__version__}\n")
        return DONE
    if first.startswith("-"):
        text = tr("no option can stand before the verb")
        raise UsageError("", f"{one_line(first)}: {text}")
    if first not in (*VERBS, "gui"):
        raise unknown_name("optlab", first, (*VERBS, "gui"), value=first)
    verb = gui.verb(window) if first == "gui" else verb_named(first)
    if first not in WITHOUT_PLUGINS:
        tell_of_plugins()
    return _act(verb, words[1:])


def verb_named(name: str) -> Verb:
    """Return one of `VERBS`; it alone is imported, as the others take their time."""
    module = import_module(f"optlab.cli.{_MODULES.get(name, name)}")
    verb: Verb = module.VERB
    return verb


def _act(verb: Verb, words: list[str]) -> int:
    try:
        args = verb.parse(words)
    except SystemExit as leaving:  # argparse ends ``--help`` so
        return DONE if leaving.code in (None, 0) else BAD_INPUT
    if verb.name == "gui":
        return verb.act(args)
    with _interruptible():
        return verb.act(args)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a polite kill interrupt as Ctrl-C does, so that nothing is left half done."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _overview() -> Parser:
    text = tr(
        "A laboratory that trains a model or a surface with several optimizers side "
        "by side. Without a verb it opens its window."
    )
    parser = Parser("optlab", text)
    verbs = parser.add_subparsers(title=tr("verbs"), metavar=tr("VERB"))
    for verb in (*map(verb_named, VERBS), gui.verb(None)):
        verbs.add_parser(
            verb.name,
            prog=f"optlab {verb.name}",
            help=tr(verb.summary),
            description=tr(verb.summary),
        )
    add_help(parser)
    parser.add_argument(
        "--version", action="store_true", help=tr("Show the version and exit.")
    )
    parser.add_argument(
        "--safe-mode", action="store_true", help=tr("Load no plug-in; before a verb.")
    )
    return parser


def _make_streams_tolerant() -> None:
    """Let a terminal that lacks a character show a question mark for it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
