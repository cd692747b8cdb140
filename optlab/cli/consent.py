"""Asking before code of a person's own runs for the first time."""

import sys
from collections.abc import Iterable
from typing import Final

from optlab.cli.output import complain, one_line
from optlab.cli.parsing import Parser
from optlab.own_files import NotAllowed, OwnPlace, not_allowed
from optlab.spec import ExperimentSpec
from optlab.spec.own import named_in
from optlab.translate import tr

YES: Final = ("y", "yes", "j", "是")


def add_trust(parser: Parser) -> None:
    """Add ``--trust``."""
    text = tr(
        "Let files of Python that the experiment names run, and remember these files "
        "as they are now: code can do whatever you can."
    )
    parser.add_argument("--trust", action="store_true", help=text)


def need_consent(spec: ExperimentSpec, *, trust: bool) -> None:
    """Go on only if all code that an experiment names may run.

    Args:
        spec: The experiment.
        trust: Whether a person has said so beforehand.

    Raises:
        NotAllowed: It may not.
    """
    need_consent_to(named_in(spec), trust=trust)


def need_consent_to(given: Iterable[tuple[str, str]], *, trust: bool) -> None:
    """Go on only if all code that is named may run.

    Args:
        given: Place and name of whatever may be the user's own.
        trust: Whether a person has said so beforehand.

    Raises:
        NotAllowed: It may not.
    """
    for place in not_allowed(given):
        if not trust and not _asked(place):
            text = tr(
                "it is code, which can do whatever you can, and {path} has not been "
                "allowed to run as it is now; read it, then allow it with --trust",
                path=place.path,
            )
            raise NotAllowed(place.key, place.given, text)
        place.allow()


def tell_of_plugins(*, remember: bool = True) -> None:
    """Say which plug-ins are about to run for the first time.

    Args:
        remember: Whether they are told this once only.
    """
    from optlab.plugins import plugin_title, untold_plugins

    for plugin in untold_plugins(remember=remember):
        text = (
            "the plug-in {name} is code and runs from now on; optlab --safe-mode "
            "loads none"
        )
        complain(tr(text, name=plugin_title(plugin)))


def _asked(place: OwnPlace) -> bool:
    """Ask a person at a terminal; where there is none, the answer is no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    text = tr(
        "{path} is code, which can do whatever you can. It begins: {line}",
        path=place.path,
        line=place.first_line()[:200],
    )
    question = tr("Let it run, now and as long as it stays as it is? [y/N]")
    sys.stderr.write(f"optlab: {one_line(text)}\n{question} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in YES
