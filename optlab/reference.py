"""The reference: everything that the catalog knows, in words, in the language in force.

Facts of one thing for `optlab show`, and whole pages as Markdown for the documentation
and the help of the window. Nothing is written twice: what a page says comes from the
infos, their parameters and the explainer cards.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from optlab.cards import CardKind, CardText, card
from optlab.params import ParamSpec, format_number
from optlab.registry import (
    Catalog,
    DatasetInfo,
    DiagnosticInfo,
    Info,
    MetricInfo,
    ModelInfo,
    OptimizerInfo,
    PresetInfo,
    ProblemInfo,
    SchedulerInfo,
)
from optlab.translate import current_language, tr, tr_n

CARD_KINDS: Final[Mapping[str, CardKind]] = {
    "optimizers": "optimizer",
    "schedulers": "scheduler",
    "problems": "problem",
    "topics": "topic",
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the reference.

    Attributes:
        name: Of the file, without suffix.
        title: Heading.
        text: Markdown, heading included.
    """

    name: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What one page is about; its text is written when somebody wants it.

    Attributes:
        name: Of the file, without suffix.
        title: Heading.
        infos: What the page tells of.
        kind: Which part of the catalog they are from.
    """

    name: str
    title: str
    infos: tuple[Info, ...]
    kind: str

    def page(self) -> Page:
        """Return the page, in the language in force."""
        parts = [f"# {self.title}\n"]
        for info in self.infos:
            parts += _section(info, self.kind)
        return Page(name=self.name, title=self.title, text="\n".join(parts))


def reference_pages(catalog: Catalog) -> tuple[Page, ...]:
    """Return all pages: optimizers by family, then everything else by kind."""
    return tuple(chapter.page() for chapter in reference_chapters(catalog))


def reference_chapters(catalog: Catalog) -> tuple[Chapter, ...]:
    """Return what all pages are about, in the order of the pages."""
    families: dict[str, list[OptimizerInfo]] = {}
    for info in catalog.optimizers:
        families.setdefault(info.family, []).append(info)
    chapters = [
        Chapter(
            name="optimizers-" + re.sub(r"[^a-z]+", "-", family.lower()),
            title=tr("Optimizers: {family}", family=tr(family)),
            infos=tuple(infos),
            kind="optimizers",
        )
        for family, infos in families.items()
    ]
    rest: tuple[tuple[str, str, Iterable[Info]], ...] = (
        ("schedulers", tr("Learning-rate schedules"), catalog.schedulers),
        ("problems", tr("Problems"), catalog.problems),
        ("models", tr("Models"), catalog.models),
        ("datasets", tr("Datasets"), catalog.datasets),
        ("metrics", tr("Metrics"), (*catalog.metrics, *catalog.diagnostics)),
        ("presets", tr("Ready experiments"), catalog.presets),
    )
    chapters += [
        Chapter(name=name, title=title, infos=tuple(infos), kind=name)
        for name, title, infos in rest
    ]
    return tuple(chapters)


def _section(info: Info, kind: str) -> Iterator[str]:
    yield f"## {info.name}\n"
    if info.label != info.name:
        yield f"**{tr(info.label)}**\n"
    yield f"{_plain(tr(info.description))}\n"
    if info.formula:
        yield f"```\n{info.formula}\n```\n"
    for title, text in facts(info):
        if text != info.formula:
            yield f"- **{title}**: {_plain(_one_line(text))}"
    yield ""
    yield from _card_words(info, kind)
    if info.params:
        yield from _parameters(info.params)
    for title, lines in ((tr("Rules"), rules_of(info)), (tr("Notes"), notes_of(info))):
        if lines:
            yield f"**{title}**\n"
            yield from (f"- {_plain(tr(line))}" for line in lines)
            yield ""
    if isinstance(info, PresetInfo):
        yield f"```toml\n{info.text.rstrip()}\n```\n"


def _card_words(info: Info, kind: str) -> Iterator[str]:
    found = card(CARD_KINDS[kind], info.name) if kind in CARD_KINDS else None
    if found is None:
        return
    language = "zh" if current_language().startswith("zh") else "en"
    text: CardText = found.text(language)
    if text.symbols:
        yield f"{_plain(text.symbols)}\n"
    for heading, words in found.sections(language):
        yield f"**{heading}**: {_plain(_one_line(words))}\n"
    yield f"[{found.link_text}]({found.link})\n"


def _parameters(params: Iterable[ParamSpec]) -> Iterator[str]:
    heads = (tr("parameter"), tr("default"), tr("allowed"), tr("usual"), tr("meaning"))
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for spec in params:
        usual = ""
        if spec.suggested is not None:
            low, high = map(format_number, spec.suggested)
            usual = tr("{low} to {high}", low=low, high=high)
        cells = (
            f"`{spec.name}`",
            f"`{spec.show(spec.default)}`",
            spec.allowed(),
            usual,
            tr(spec.meaning),
        )
        yield "| " + " | ".join(_plain(_one_line(cell)) for cell in cells) + " |"
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Return text in which nothing is markup by accident."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def facts(info: Info) -> Iterator[tuple[str, str]]:
    """Yield what is special to the kind of ``info``, as title and text."""
    if info.formula:
        yield tr("Formula"), info.formula
    if info.source:
        yield tr("Source"), info.source
    if isinstance(info, OptimizerInfo):
        yield tr("Family"), f"{tr(info.family)}, {info.year}"
        if info.typical_lr:
            low, high = map(format_number, info.typical_lr)
            yield tr("Usual lr"), tr("{low} to {high}", low=low, high=high)
        floats = tr_n(
            "{n:g} float per parameter",
            "{n:g} floats per parameter",
            n=info.state_floats,
        )
        yield tr("State"), floats
        evaluations = tr("{n} per step", n=format_number(info.grad_evals))
        yield tr("Gradient evaluations"), evaluations
        if info.constraints():
            yield tr("Constraints"), " ".join(info.constraints())
        code = f"{info.home} ({info.licence})" if info.licence else info.home
        yield tr("Code"), code
        if info.aliases:
            yield tr("Known as"), ", ".join(info.aliases)
    elif isinstance(info, SchedulerInfo):
        moved = tr("lr and momentum") if info.moves_momentum else tr("lr")
        yield tr("Moves"), moved
        yield tr("In an experiment"), _schedule_key(info)
    elif isinstance(info, MetricInfo):
        yield tr("Unit"), tr(info.unit) or tr("a plain number")
        yield tr("Measured"), tr("at every step") if info.dense else tr("at some steps")
        if isinstance(info, DiagnosticInfo):
            yield tr("Cost"), tr(info.cost)
    elif isinstance(info, ProblemInfo):
        yield tr("Metrics"), ", ".join((*_surface_metrics(info), *info.metrics))
    elif isinstance(info, ModelInfo):
        yield tr("Parameters"), tr("{n} for ten classes", n=info.n_parameters)
    elif isinstance(info, DatasetInfo):
        yield tr("Classes"), str(info.classes)
        text = "{train} to train on, {test} held out"
        yield tr("Images"), tr(text, train=info.train_size, test=info.test_size)
        fetched = tr("`optlab data get {name}` downloads it", name=info.name)
        yield tr("Files"), fetched if info.download else tr("nothing to download")


def _schedule_key(info: SchedulerInfo) -> str:
    """Return how a spec spells a schedule, with all that has to be given."""
    words = [f'name = "{info.name}"']
    words += [f"{spec.name} = …" for spec in info.params if spec.required]
    if info.composite:
        words.append("schedulers = [ { name = … }, … ]")
    return f"scheduler = {{ {', '.join(words)} }}"


def _surface_metrics(info: ProblemInfo) -> tuple[str, ...]:
    return ("value", "x0, x1, …") if info.kind == "surface" else ("train_loss",)


def rules_of(info: Info) -> tuple[str, ...]:
    """Return which values do not go together, one sentence each."""
    if isinstance(info, OptimizerInfo | SchedulerInfo | ProblemInfo):
        return tuple(f"{', '.join(r.keys)}: {tr(r.message)}" for r in info.rules)
    return ()


def notes_of(info: Info) -> tuple[str, ...]:
    """Return what else is to be known, in English."""
    return info.notes if isinstance(info, OptimizerInfo | SchedulerInfo) else ()
