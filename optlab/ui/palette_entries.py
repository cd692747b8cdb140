"""What the palette offers: commands, experiments, optimizers, plots and more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from optlab.spec import incompatible
from optlab.translate import originals, tr
from optlab.ui.commands import group_title, shortcut_words
from optlab.ui.details import optimizer_details
from optlab.ui.pages import LAB
from optlab.ui.preferences import PREFERENCES

if TYPE_CHECKING:
    from optlab.ui.main_window import MainWindow


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that the palette offers.

    Attributes:
        name: Its lasting name, unique in the palette.
        title: What it says.
        group: What kind of thing it is.
        act: What it does.
        keys: Its shortcut, in words.
        reason: Why it cannot be done now; empty if it can.
        tip: More in words.
        names: What it is found by before all else, in English, too.
        words: What it is found by, too.
    """

    name: str
    title: str
    group: str
    act: Callable[[], object]
    keys: str = ""
    reason: str = ""
    tip: str = ""
    names: tuple[str, ...] = ()
    words: str = ""


def entries(window: MainWindow) -> tuple[Entry, ...]:
    """Return everything that can be done now, commands first."""
    english = originals()

    def both(*texts: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(t for x in texts for t in (x, english.get(x, x))))

    found = (
        *_commands(window, both),
        *_recent(window),
        *_presets(window, both),
        *_plots(window, both),
        *_optimizers(window, both),
        *_problems(window, both),
        *_preferences(window, both),
    )
    return tuple(found)


_Both = Callable[..., tuple[str, ...]]


def _commands(window: MainWindow, both: _Both) -> Iterator[Entry]:
    window.commands.refresh()
    for command in window.commands.all():
        if command.name == "palette":
            continue
        group = group_title(command.group)
        yield Entry(
            name=f"command:{command.name}",
            title=command.text,
            group=group,
            act=command.action.trigger,
            keys=shortcut_words(command.keys),
            reason=command.reason(),
            tip=command.tip,
            names=both(command.text, f"{command.text}…"),
            words=" ".join((*both(group, command.tip), _plain(command.name))),
        )


def _recent(window: MainWindow) -> Iterator[Entry]:
    for file in window.session.recent.files():
        run = file.kind == "run"
        open_file = window.runs.load_run if run else window.specs.load_spec
        yield Entry(
            name=f"recent:{file.path}",
            title=file.label,
            group=tr("Recent run") if run else tr("Recent experiment"),
            act=_in_lab(window, partial(open_file, file.path)),
            reason=tr("The file is there no more") if file.missing else "",
            tip=str(file.path),
            names=(file.label,),
            words=f"{file.path} open run experiment",
        )


def _presets(window: MainWindow, both: _Both) -> Iterator[Entry]:
    for preset in window.session.catalog.presets:
        label, told = tr(preset.label), tr(preset.description)
        yield Entry(
            name=f"preset:{preset.name}",
            title=label,
            group=tr("Ready experiment"),
            act=_in_lab(window, partial(window.specs.load_preset, preset.name)),
            tip=told,
            names=(*both(label), preset.name),
            words=" ".join((*both(told, tr("Ready experiment")), "preset open")),
        )


def _plots(window: MainWindow, both: _Both) -> Iterator[Entry]:
    for card in window.grid.cards():
        title = tr("Show plot: {title}", title=card.title)
        yield Entry(
            name=f"plot:{card.name}",
            title=title,
            group=tr("Plots"),
            act=_in_lab(window, partial(window.grid.show_card, card.name, True)),
            names=(title, *both(card.title)),
            words=f"{_plain(card.name)} show plot",
        )


def _optimizers(window: MainWindow, both: _Both) -> Iterator[Entry]:
    problem = window.editor.problem
    for info in window.session.catalog.optimizers:
        details = optimizer_details(info, reason=incompatible(info, problem))
        yield Entry(
            name=f"optimizer:{info.name}",
            title=tr("Add optimizer: {name}", name=details.title),
            group=tr("Optimizer"),
            act=_in_lab(window, partial(window.optimizers_panel.add, info.name)),
            reason=details.reason,
            tip=details.description,
            names=(*both(details.title), info.name, *info.aliases),
            words=f"{details.words} {tr('Optimizer')} add optimizer",
        )


def _problems(window: MainWindow, both: _Both) -> Iterator[Entry]:
    for info in window.session.catalog.problems:
        label, told = tr(info.label), tr(info.description)
        yield Entry(
            name=f"problem:{info.name}",
            title=tr("Choose problem: {name}", name=label),
            group=tr("Problem"),
            act=_in_lab(window, partial(window.editor.set_problem, info.name)),
            tip=told,
            names=(*both(label), info.name),
            words=" ".join((*both(told, tr("Problem")), "choose problem")),
        )


def _preferences(window: MainWindow, both: _Both) -> Iterator[Entry]:
    for preference in PREFERENCES:
        param = preference.param
        yield Entry(
            name=f"preference:{param.name}",
            title=tr("Preference: {name}", name=param.title),
            group=tr("Preferences"),
            act=partial(window.front.show_preferences, param.name),
            tip=tr(param.meaning),
            names=both(param.title),
            words=" ".join((*both(tr(param.meaning)), _plain(param.name))),
        )


def _in_lab(window: MainWindow, act: Callable[[], object]) -> Callable[[], object]:
    """Return ``act``, which is seen on the page of the lab."""

    def run() -> None:
        window.show_page(LAB)
        act()

    return run


def _plain(name: str) -> str:
    return re.sub(r"[._-]+", " ", name)
