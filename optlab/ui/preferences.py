"""What a person prefers, for every experiment: a table of parameters and its values.

Each preference is a `ParamSpec`, so that the dialog is made of the table and what is
read from the settings file is checked like everything else that is typed. Where a
window is, which panels are open and what was last at work are not preferences; they
belong to the workspace.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import tomli_w
from PySide6.QtCore import QLocale, QObject, QSettings, Signal

from optlab import translate
from optlab.params import InputError, Kind, ParamSpec, ParamValue, unknown_name
from optlab.translate import ENGLISH, available_languages, tr

SYSTEM: Final = "system"
PROCESS: Final = "process"


@dataclass(frozen=True, kw_only=True)
class Preference:
    """One preference.

    Attributes:
        group: Heading under which it stands.
        param: Its name, kind, default and meaning.
        restart: Whether it takes effect at the next start only.
    """

    group: str
    param: ParamSpec
    restart: bool = False


def _choice(
    name: str, label: str, *, choices: tuple[str, ...], meaning: str
) -> ParamSpec:
    return ParamSpec(
        name=name,
        kind=Kind.CHOICE,
        default=choices[0],
        choices=choices,
        label=label,
        meaning=meaning,
    )


PREFERENCES: Final[tuple[Preference, ...]] = (
    Preference(
        group="Appearance",
        param=_choice(
            "theme",
            "Theme",
            choices=(SYSTEM, "light", "dark"),
            meaning="Colours of the window; system follows those of the desktop.",
        ),
    ),
    Preference(
        group="Appearance",
        param=_choice(
            "language",
            "Language",
            choices=(SYSTEM, "en", "zh"),
            meaning="Language of the window; system follows that of the desktop.",
        ),
    ),
    Preference(
        group="Appearance",
        param=ParamSpec(
            name="scale",
            kind=Kind.INT,
            default=100,
            low=100,
            high=300,
            label="Scale",
            unit="%",
            meaning="Size of everything in the window, on top of that of the desktop.",
        ),
        restart=True,
    ),
    Preference(
        group="Appearance",
        param=ParamSpec(
            name="animations",
            kind=Kind.BOOL,
            default=True,
            label="Animations",
            meaning="Whether pictures move by themselves, such as the samples.",
        ),
    ),
    Preference(
        group="Beginning",
        param=ParamSpec(
            name="welcome",
            kind=Kind.BOOL,
            default=True,
            label="Welcome page",
            meaning="Whether the window opens with the welcome page.",
        ),
    ),
    Preference(
        group="Beginning",
        param=ParamSpec(
            name="autosave",
            kind=Kind.BOOL,
            default=True,
            label="Keep what is open",
            meaning="Whether what is open is kept within seconds of every change; if "
            "not, only as the window closes.",
        ),
    ),
    Preference(
        group="Runs",
        param=_choice(
            "train_in",
            label="Train in",
            choices=(PROCESS, "window"),
            meaning="Where runs train: in a process of their own, where they are "
            "faster and harm nobody if they crash, or in that of the window.",
        ),
    ),
    Preference(
        group="Messages",
        param=ParamSpec(
            name="notice_seconds",
            kind=Kind.INT,
            default=8,
            low=2,
            high=60,
            label="Good news stays for",
            unit="s",
            meaning="After so many seconds good news leaves; problems stay.",
        ),
    ),
    Preference(
        group="Files",
        param=ParamSpec(
            name="csv_mark",
            kind=Kind.BOOL,
            default=False,
            label="CSV with a byte-order mark",
            meaning="Whether exported tables begin with the mark by which some "
            "spreadsheets recognise UTF-8.",
        ),
    ),
    Preference(
        group="Files",
        param=ParamSpec(
            name="csv_guard",
            kind=Kind.BOOL,
            default=True,
            label="CSV without formulas",
            meaning="Whether names in exported tables that a spreadsheet would take "
            "for a formula get an apostrophe.",
        ),
    ),
    Preference(
        group="Files",
        param=ParamSpec(
            name="runs_folder",
            kind=Kind.TEXT,
            default="",
            label="Folder of the runs",
            meaning="Where new runs are saved; empty for the usual place.",
        ),
        restart=True,
    ),
)


class Preferences(QObject):
    """The values of all preferences, kept in a settings file.

    `changed` carries the name of what has become another value.
    """

    changed = Signal(str)

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._known = {p.param.name: p.param for p in PREFERENCES}

    def value(self, name: str) -> ParamValue:
        """Return a preference; its default where nothing usable is kept."""
        param = self._known[name]
        kept = self._settings.value(_place(name))
        if kept is None:
            return param.default
        try:
            return param.check(json.loads(str(kept)), name)
        except (InputError, ValueError, RecursionError):
            return param.default

    def number(self, name: str) -> float:
        """Return a preference that is a number."""
        value = self.value(name)
        return float(value) if isinstance(value, int | float) else 0.0

    def text(self, name: str) -> str:
        """Return a preference as it is shown."""
        return self._known[name].show(self.value(name))

    def set_value(self, name: str, value: ParamValue) -> None:
        """Keep another value.

        Raises:
            InputError: It is not allowed.
        """
        param = self._known[name]
        checked = param.check(value, name)
        before = self.value(name)
        if checked == param.default:
            self._settings.remove(_place(name))
        else:
            # Not as it is shown: that may be in another language next time.
            kept = json.dumps(param.to_toml(checked))
            self._settings.setValue(_place(name), kept)
        if checked != before:
            self.changed.emit(name)

    def set_text(self, name: str, text: str) -> None:
        """Keep what is typed.

        Raises:
            InputError: It is not allowed.
        """
        self.set_value(name, self._known[name].parse(text, name))

    def differs(self, name: str) -> bool:
        """Return whether a preference is another one than its default."""
        return self.value(name) != self._known[name].default

    def as_toml(self) -> str:
        """Return all preferences as TOML, each below what it means."""
        lines = []
        for name, param in self._known.items():
            value = param.to_toml(self.value(name))
            lines.append(f"# {tr(param.meaning)} {param.allowed()}")
            lines.append(tomli_w.dumps({name: value}))
        return "\n".join(lines)

    def take_toml(self, text: str) -> None:
        """Take preferences from TOML; those that are not in it get their defaults.

        Raises:
            InputError: It is no TOML, or something in it is not allowed; then nothing
                is taken.
        """
        for name, value in self._checked(_table(text)).items():
            self.set_value(name, value)

    def _checked(self, table: Mapping[str, object]) -> dict[str, ParamValue]:
        for name in table:
            if name not in self._known:
                raise unknown_name(name, name, self._known)
        return {
            name: param.check(table.get(name, param.default), name)
            for name, param in self._known.items()
        }

    def reset(self) -> None:
        """Give every preference its default."""
        for name, param in self._known.items():
            self.set_value(name, param.default)


def language_of(preferences: Preferences) -> str:
    """Return the code of the language that a person prefers, of those there are."""
    code = preferences.text("language")
    if code == SYSTEM:
        # On some systems the desktop names a language that no variable holds.
        asked = os.environ.get("OPTLAB_LANG") or QLocale.system().name()
        code = translate.language_of({"LANG": asked})
    return code if code in available_languages() else ENGLISH


def trains_apart(preferences: Preferences) -> bool:
    """Return whether a person wants runs to train in a process of their own."""
    return preferences.value("train_in") == PROCESS


def _table(text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        allowed = tr("valid TOML: {reason}", reason=error)
        raise InputError(tr("preferences"), None, allowed) from None


def group_title(group: str) -> str:
    """Return the heading of a group that people read."""
    titles = {
        "Appearance": tr("Appearance"),
        "Beginning": tr("Beginning"),
        "Runs": tr("Runs"),
        "Messages": tr("Messages"),
        "Files": tr("Files"),
    }
    return titles.get(group, group)


def _place(name: str) -> str:
    return f"preferences/{name}"
