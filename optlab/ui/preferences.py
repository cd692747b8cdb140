"""What a person prefers, for every experiment: a table of parameters and its values.

Each preference is a `ParamSpec`, so that the dialog is made of the table and what is
read from the settings file is checked like everything else that is typed. Where a
window is, which panels are open and what was last at work are not preferences; they
belong to the workspace.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QSettings, Signal

from optlab.params import InputError, Kind, ParamSpec, ParamValue

SYSTEM: Final = "system"


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
            return param.parse(str(kept), name)
        except InputError:
            return param.default

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
            self._settings.setValue(_place(name), param.show(checked))
        if checked != before:
            self.changed.emit(name)

    def reset(self) -> None:
        """Give every preference its default."""
        for name, param in self._known.items():
            self.set_value(name, param.default)


def _place(name: str) -> str:
    return f"preferences/{name}"
