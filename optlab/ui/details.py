"""What there is to say about an optimizer, a problem or a schedule, in plain words.

Pure functions from the catalog's data to texts; knows nothing of Qt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from optlab.cards import CardKind, load_cards
from optlab.params import format_number
from optlab.registry import OptimizerInfo, ProblemInfo, SchedulerInfo
from optlab.translate import tr, tr_n

OWN: Final = "own"
_HOMES: Final = {"torch": "torch.optim", "optlab": "OptLab"}


@dataclass(frozen=True, kw_only=True)
class Details:
    """The texts of one entry of a catalog.

    Attributes:
        name: Its name in the catalog.
        title: Its label.
        note: The short line beside the title: year and family.
        group: Heading under which it stands in a list.
        words: What a search looks through, without case.
        names: What it is called; a search for one of them means this entry.
        description: What it is.
        formula: Plain text; may have several lines.
        facts: Pairs of a caption and a value.
        sentences: What it needs and what it cannot do.
        source: Paper and code.
        reason: Why it cannot be used now; empty if it can.
    """

    name: str
    title: str
    note: str = ""
    group: str = ""
    words: str = ""
    names: tuple[str, ...] = ()
    description: str = ""
    formula: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()
    source: str = ""
    reason: str = ""


def optimizer_details(info: OptimizerInfo, *, reason: str = "") -> Details:
    """Return what there is to say about an optimizer.

    Args:
        info: The optimizer.
        reason: Why it cannot work on the problem at hand; empty if it can.
    """
    family = tr(info.family)
    names = (info.name, tr(info.label), *info.aliases)
    searched = (
        *names,
        info.family,
        family,
        str(info.year),
        info.description,
        info.home,
        home_words(info.home),
    )
    return Details(
        name=info.name,
        title=tr(info.label),
        note=f"{info.year} · {family}" if info.year else family,
        group=heading(family),
        words=_searched(searched, tr(info.description)),
        names=tuple(name.casefold() for name in names),
        description=tr(info.description),
        formula=info.formula,
        facts=_optimizer_facts(info),
        sentences=(*info.constraints(), *(tr(note) for note in info.notes)),
        source=info.source,
        reason=reason,
    )


def memory_words(state_floats: float) -> str:
    """Return how much an optimizer keeps for each parameter, in words."""
    if not state_floats:
        return tr("nothing")
    number = format_number(float(f"{state_floats:.3g}"))
    return tr_n(
        "{number} float per parameter",
        "{number} floats per parameter",
        n=state_floats,
        number=number,
    )


def home_words(home: str) -> str:
    """Return whose code an optimizer is."""
    return tr("own file") if home == OWN else _HOMES.get(home, home)


def problem_details(info: ProblemInfo, *, group: str) -> Details:
    """Return what there is to say about a problem, under a heading of a list."""
    names = (info.name, tr(info.label))
    sentences: list[str] = []
    if info.stochastic:
        sentences.append(tr("Trains on batches of its data."))
    if info.matrices:
        sentences.append(tr("Has weights of two dimensions (for matrix optimizers)."))
    if info.sparse:
        sentences.append(tr("Its gradients can come in a sparse layout."))
    return Details(
        name=info.name,
        title=tr(info.label),
        group=group,
        words=_searched((*names, group, info.description, info.formula), info.kind),
        names=tuple(name.casefold() for name in names),
        description=tr(info.description),
        formula=info.formula,
        sentences=tuple(sentences),
        source=info.source,
    )


def problem_groups(
    problems: Iterable[ProblemInfo],
) -> dict[str, tuple[ProblemInfo, ...]]:
    """Return the problems under the headings of a list, in the order of the list."""
    groups: dict[str, list[ProblemInfo]] = {
        tr("Surfaces: classic"): [],
        tr("Surfaces: quadratic"): [],
        tr("Surfaces: noisy"): [],
        tr("Learning tasks"): [],
        tr("Images and text"): [],
        tr("Your own"): [],
    }
    classic, quadratic, noisy, tasks, media, own = groups.values()
    for info in problems:
        params = {spec.name: spec.default for spec in info.params}
        if info.name.startswith("own-"):
            own.append(info)
        elif info.kind == "surface" and params.get("noise"):
            noisy.append(info)
        elif info.kind == "surface":
            (quadratic if "quadratic" in info.name else classic).append(info)
        else:
            (media if "model" in params else tasks).append(info)
    return {title: tuple(infos) for title, infos in groups.items() if infos}


def schedule_details(info: SchedulerInfo, *, group: str) -> Details:
    """Return what there is to say about a schedule, under a heading of a list."""
    names = (info.name, tr(info.label))
    sentences = [tr(note) for note in info.notes]
    if info.needs_metric:
        sentences.insert(0, tr("Acts on the validation metric, at evaluations."))
    if info.moves_momentum:
        sentences.insert(0, tr("Moves the momentum (or betas), too."))
    return Details(
        name=info.name,
        title=tr(info.label),
        note=info.name,
        group=group,
        words=_searched((*names, info.description)),
        names=tuple(name.casefold() for name in names),
        description=tr(info.description),
        formula=info.formula,
        sentences=tuple(sentences),
        source=info.source,
    )


def heading(text: str) -> str:
    """Return ``text`` with a capital letter at its beginning; the rest as it is."""
    return text[:1].upper() + text[1:]


def fitting(entries: Iterable[Details], text: str) -> tuple[Details, ...]:
    """Return the entries in which all words of ``text`` occur, in their order."""
    needles = text.casefold().split()
    return tuple(e for e in entries if all(n in e.words for n in needles))


def card_titles(kind: CardKind) -> Mapping[str, str]:
    """Return what the explainer calls things of a kind, in all its languages."""
    return {
        card.name: " ".join(filter(None, (card.en.title, card.zh.title)))
        for card in load_cards((kind,))
    }


def with_titles(
    entries: Iterable[Details], titles: Mapping[str, str]
) -> tuple[Details, ...]:
    """Return entries that are found by what the explainer calls them, too."""
    return tuple(
        replace(entry, words=_searched((entry.words, titles.get(entry.name, ""))))
        for entry in entries
    )


def meant(entries: Iterable[Details], text: str) -> Details | None:
    """Return the entry that a person means who types ``text``: the best one.

    Who types the name of one means that one, wherever else the word occurs.
    """
    found = fitting(entries, text)
    needle = " ".join(text.casefold().split())
    exact = [e for e in found if needle in e.names]
    begun = [e for e in found if any(name.startswith(needle) for name in e.names)]
    usable = [e for e in (*exact, *begun, *found) if not e.reason]
    return next(iter((*usable, *exact, *begun, *found)), None)


def _optimizer_facts(info: OptimizerInfo) -> tuple[tuple[str, str], ...]:
    code = home_words(info.home)
    if info.licence and info.home != OWN:
        code = f"{code} ({info.licence})"
    facts = [
        (tr("Memory"), memory_words(info.state_floats)),
        (
            tr("Gradient evaluations"),
            tr("{n} per step", n=format_number(info.grad_evals)),
        ),
    ]
    if info.typical_lr:
        low, high = map(format_number, info.typical_lr)
        usual = low if low == high else tr("{low} to {high}", low=low, high=high)
        facts.append((tr("Usual lr"), usual))
    facts.append((tr("Code"), code))
    if info.aliases:
        facts.append((tr("Known as"), ", ".join(info.aliases)))
    return tuple(facts)


def _searched(texts: Iterable[str], *more: str) -> str:
    return " ".join((*texts, *more)).casefold()
