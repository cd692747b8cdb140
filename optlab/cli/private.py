"""Taking out of a text whose it is: home folder, user name, name of the machine."""

import getpass
import json
import os
import platform
import re
import string
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

HOME: Final = "~"
USER: Final = "<user>"
HOST: Final = "<host>"
_EVERYBODYS: Final = ("localhost", "")


class Private:
    """Knows who is here, and takes that out of texts."""

    def text(self, text: str) -> str:
        """Return a text without home folder, user name and name of the machine.

        Names are taken out as whole words, so that one which is a part of usual words
        (``al`` of ``value``) leaves these as they are.
        """
        for pattern, word in self._patterns:
            text = pattern.sub(word, text)
        return text

    def value(self, value: Any) -> Any:
        """Return plain data without them; keys are the program's own and stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(part) for part in value]
        return value

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        found = []
        kinds = ((_homes(), HOME), (_users(), USER), (_hosts(), HOST))
        for names, word in kinds:
            spelled = {form for name in names for form in _spellings(name)}
            # The longest first: a home folder may lie in another one.
            longest_first = sorted(spelled, key=len, reverse=True)
            found += [(_pattern(form), word) for form in longest_first]
        return tuple(found)


def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds a name as a whole word: /home/al does not begin /home/alice."""
    before = r"(?<![^\W_])" if form[0].isalnum() else ""
    # Scripts without spaces have no such words; there it is found wherever it is.
    ends = (before, r"(?![^\W_])") if form.isascii() else ("", "")
    return re.compile(re.escape(form).join(ends), re.IGNORECASE)


def _spellings(name: str) -> Iterator[str]:
    """Yield how a name is written: plainly, in addresses, JSON and Qt's INI files."""
    yield name
    yield quote(name)
    escaped = name.replace("\\", "\\\\")
    yield escaped
    yield json.dumps(name)[1:-1]
    hidden, ini = False, ""
    for c in escaped:
        # Behind an escape Qt escapes what could be taken for one more digit of it.
        hidden = ord(c) > 126 or (hidden and c in string.hexdigits)
        ini += f"\\x{ord(c):x}" if hidden else c
    yield ini


def _homes() -> Iterator[str]:
    with suppress(RuntimeError, OSError):
        for home in (Path.home(), Path.home().resolve()):
            if home == Path(home.anchor):
                # All paths begin so; there is nothing to hide in that.
                continue
            yield from (str(home), home.as_posix())


def _users() -> Iterator[str]:
    names = [os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")]
    with suppress(OSError, KeyError, ImportError):
        names.append(getpass.getuser())
    with suppress(ImportError, KeyError, AttributeError):
        import pwd

        entry = pwd.getpwuid(os.getuid())
        names += [entry.pw_name, entry.pw_gecos.partition(",")[0]]
    with suppress(RuntimeError, OSError):
        names.append(Path.home().name)
    yield from filter(None, (name.strip() for name in names))


def _hosts() -> Iterator[str]:
    name = platform.node()
    for host in (name, name.partition(".")[0]):
        if host.lower() not in _EVERYBODYS:
            yield host
