"""The pages of the help: where they lie, in which order, and what is found in them.

The user guide and the pages about plots are Markdown files under ``docs``, one folder
for each other language; the reference is written from the catalog, and the list of
commands by the window, when somebody wants to read it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from optlab.reference import Chapter, reference_chapters
from optlab.registry import Catalog
from optlab.translate import current_language, tr
from optlab.ui.run_cards import BASINS, SPEEDUP, SURFACE, VERDICT

HOME: Final = "index"
COMMANDS: Final = "reference/commands"
GUIDE: Final = (
    HOME,
    "guide/experiments",
    "guide/running",
    "guide/plots",
    "guide/surfaces",
    "guide/library",
    "guide/comparing",
    "guide/many-cores",
    "guide/exporting",
    "guide/keyboard",
    "guide/preferences",
    "guide/command-line",
    "guide/troubleshooting",
)
PLOTS: Final = (
    "plots/training-loss",
    "plots/validation-loss",
    "plots/accuracy",
    "plots/gradient-norm",
    "plots/update-norm",
    "plots/parameter-norm",
    "plots/learning-rate",
    "plots/value",
    "plots/surface",
    "plots/basins",
    "plots/sweep",
    "plots/verdict",
    "plots/speed-up",
    "plots/sharpness",
    "plots/other-metrics",
)
"""One page for every kind of plot; the last one for all that have none of their own."""
_PAGE_OF: Final[Mapping[str, str]] = {
    SURFACE: "plots/surface",
    BASINS: "plots/basins",
    VERDICT: "plots/verdict",
    SPEEDUP: "plots/speed-up",
    "train_loss": "plots/training-loss",
    "val_loss": "plots/validation-loss",
    "val_accuracy": "plots/accuracy",
    "train_accuracy": "plots/accuracy",
    "grad_norm": "plots/gradient-norm",
    "update_norm": "plots/update-norm",
    "param_norm": "plots/parameter-norm",
    "lr": "plots/learning-rate",
    "value": "plots/value",
    "sharpness": "plots/sharpness",
}
_MARKUP: Final = re.compile(
    r"!?\[([^\]]*)\]\([^)]*\)|^[#>\s-]+|^\|[-|: ]+\|$|[*`|]|\\(?=[*|<_])"
)
_BEFORE: Final = 30
_LONGEST: Final = 160
_MOST: Final = 80


def help_folder() -> Path:
    """Return the folder of the pages: that of an installed OptLab or the repository."""
    package = Path(str(resources.files("optlab")))
    installed = package / "resources" / "help"
    return installed if installed.is_dir() else package.parent / "docs"


def page_of_plot(name: str) -> str:
    """Return the page that tells how to read a plot.

    Args:
        name: Name of the plot, as in `optlab.ui.arrangement`.
    """
    metric, _, _ = name.partition("#")
    if metric.startswith("sweep-"):
        return "plots/sweep"
    if metric.startswith("lr:"):
        return _PAGE_OF["lr"]
    return _PAGE_OF.get(metric, PLOTS[-1])


@dataclass(frozen=True, kw_only=True)
class Found:
    """One place that has what was searched for.

    Attributes:
        page: Name of the page.
        title: Of the page.
        heading: Over the place; empty where that is the title.
        snippet: Words around it.
    """

    page: str
    title: str
    heading: str
    snippet: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A piece of a page, from one heading to the next, without markup."""

    page: str
    title: str
    heading: str
    text: str


class HelpPages:
    """All pages in the language in force.

    Args:
        catalog: What the reference tells of.
        commands: Returns the page of commands and shortcuts.
        folder: Where the written pages lie.
    """

    def __init__(
        self, catalog: Catalog, *, commands: Callable[[], str], folder: Path
    ) -> None:
        code = current_language()
        other = code != "en" and (folder / code).is_dir()
        self._prefix = f"{code}/" if other else ""
        self._folder = folder
        self._commands = commands
        self._chapters: dict[str, Chapter] = {
            f"reference/{chapter.name}": chapter
            for chapter in reference_chapters(catalog)
        }
        self._titles: dict[str, str] = {}

    @property
    def reference(self) -> tuple[str, ...]:
        """Names of the pages of the reference."""
        return (COMMANDS, *self._chapters)

    def path(self, name: str) -> str:
        """Return where a page would lie in the built documentation."""
        return f"{self._prefix}{name}.md"

    def name(self, path: str) -> str:
        """Return the name of the page at a path."""
        return path.removeprefix(self._prefix).removesuffix(".md")

    def file(self, path: str) -> Path:
        """Return the file, such as a picture, at a path."""
        return self._folder / path

    def __contains__(self, name: str) -> bool:
        """Return whether there is such a page."""
        return name in (*GUIDE, *PLOTS, *self.reference)

    def text(self, name: str) -> str:
        """Return a page as Markdown; a word of regret where there is none."""
        if name == COMMANDS:
            return self._commands()
        if name in self._chapters:
            return self._chapters[name].page().text
        try:
            return self.file(self.path(name)).read_text(encoding="utf-8")
        except OSError:
            return "# " + tr("There is no such page")

    def title(self, name: str) -> str:
        """Return the heading of a page."""
        if name in self._chapters:
            return self._chapters[name].title
        if name not in self._titles:
            first, _, _ = self.text(name).partition("\n")
            self._titles[name] = first.lstrip("# ")
        return self._titles[name]

    def sections(self, name: str) -> tuple[Section, ...]:
        """Return what can be found in a page, piece by piece."""
        title = self.title(name)
        heading, lines = "", list[str]()
        found: list[Section] = []

        def end() -> None:
            text = " ".join(" ".join(lines).split())
            if text or heading:
                found.append(
                    Section(page=name, title=title, heading=heading, text=text)
                )
            lines.clear()

        for line in self.text(name).splitlines()[1:]:
            if line.startswith("## "):
                end()
                heading = line.removeprefix("## ").strip()
            else:
                lines.append(_MARKUP.sub(r"\1", line))
        end()
        return tuple(found)


def search(sections: tuple[Section, ...], wanted: str) -> tuple[Found, ...]:
    """Return where all wanted words stand, the best places first.

    Args:
        sections: What is searched, the most important first.
        wanted: Words, with spaces between.
    """
    words = wanted.casefold().split()
    if not words:
        return ()
    ranked = []
    for number, section in enumerate(sections):
        named = f"{section.heading} {section.title}".casefold()
        text = section.text.casefold()
        if all(word in named or word in text for word in words):
            missed = sum(word not in section.heading.casefold() for word in words)
            missed += sum(word not in named for word in words)
            ranked.append((missed, number, section))
    ranked.sort(key=lambda found: found[:2])
    return tuple(
        Found(
            page=section.page,
            title=section.title,
            heading=section.heading,
            snippet=_snippet(section.text, words),
        )
        for _, _, section in ranked[:_MOST]
    )


def _snippet(text: str, words: list[str]) -> str:
    """Return the words around the first of those that were searched for."""
    lower = text.casefold()
    places = [lower.find(word) for word in words]
    first = min((place for place in places if place >= 0), default=0)
    begin = max(0, first - _BEFORE)
    if begin:
        # Not from the middle of a word.
        begin = text.find(" ", begin, first) + 1 or begin
    cut = text[begin : begin + _LONGEST]
    return ("… " if begin else "") + cut
