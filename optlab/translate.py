"""The one door through which every visible string passes, in window and terminal.

English is the source language: a message is its own key. Other languages are JSON
files ``resources/translations/<code>.json`` that map English messages to theirs.
Imports nothing of OptLab.
"""

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Final

ENGLISH: Final = "en"
VARIABLES: Final = ("OPTLAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where an environment names a language; the first one that is set counts."""


class _Language:
    """The language in force: one for the process, set once by a front end."""

    def __init__(self) -> None:
        self.code: str = ENGLISH
        self.messages: dict[str, str] = {}


_LANGUAGE: Final = _Language()


def tr(message: str, /, **values: object) -> str:
    """Return ``message`` in the current language with ``{name}`` fields filled in."""
    return _told(message, values)


def tr_n(one: str, many: str, /, *, n: float, **values: object) -> str:
    """Return ``one`` if ``n`` is 1, otherwise ``many``, as `tr` does.

    Args:
        one: The message for one; it need not name ``{n}``.
        many: The message for none and for several.
        n: How many there are.
        **values: Further fields.
    """
    return _told(one if n == 1 else many, {"n": n, **values})


def _told(message: str, values: Mapping[str, object]) -> str:
    text = _LANGUAGE.messages.get(message, message)
    return text.format(**values) if values else text


def available_languages() -> tuple[str, ...]:
    """Return the codes that `set_language` takes, English first."""
    folder = resources.files("optlab").joinpath("resources/translations")
    files = folder.iterdir() if folder.is_dir() else ()  # git keeps no empty folder
    codes = sorted(file.name[:-5] for file in files if file.name.endswith(".json"))
    return (ENGLISH, *codes)


def originals() -> Mapping[str, str]:
    """Return the English of every translated message, so that it is found by both."""
    return {told: message for message, told in _LANGUAGE.messages.items()}


def language_of(environment: Mapping[str, str]) -> str:
    """Return the language that an environment asks for: ``zh`` for ``zh_CN.UTF-8``.

    English where it asks for none or for one that is not there.
    """
    asked = next((environment[n] for n in VARIABLES if environment.get(n)), "")
    code = re.split(r"[_.@-]", asked)[0].lower()
    return code if code in available_languages() else ENGLISH


def current_language() -> str:
    """Return the code of the language in force."""
    return _LANGUAGE.code


def set_language(code: str) -> None:
    """Use the language ``code`` for every string made from now on.

    Raises:
        ValueError: There is no such language; the message names those there are.
    """
    known = available_languages()
    if code not in known:
        raise ValueError(f"{code!r}; {', '.join(known)}")
    messages: dict[str, str] = {}
    if code != ENGLISH:
        folder = resources.files("optlab").joinpath("resources/translations")
        text = folder.joinpath(f"{code}.json").read_text(encoding="utf-8")
        messages = json.loads(text)
    _LANGUAGE.messages, _LANGUAGE.code = messages, code
