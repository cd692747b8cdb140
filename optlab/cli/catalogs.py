"""Finding things in the catalog by the words of the command line."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from optlab.cards import load_cards
from optlab.params import InputError, looks_like_path, unknown_name
from optlab.registry import Catalog, Info
from optlab.translate import current_language, tr

KINDS: Final[Mapping[str, Callable[[Catalog], Iterable[Info]]]] = {
    "problems": lambda catalog: catalog.problems,
    "models": lambda catalog: catalog.models,
    "datasets": lambda catalog: catalog.datasets,
    "optimizers": lambda catalog: catalog.optimizers,
    "schedulers": lambda catalog: catalog.schedulers,
    "diagnostics": lambda catalog: catalog.diagnostics,
    "metrics": lambda catalog: catalog.metrics,
    "presets": lambda catalog: catalog.presets,
    "topics": lambda _: topics(),
}


def topics() -> tuple[Info, ...]:
    """Return what is explained besides what the catalog holds."""
    language = current_language()
    told = [(found.name, found.text(language)) for found in load_cards(["topic"])]
    return tuple(
        Info(name=name, label=text.title, description=text.idea) for name, text in told
    )


def infos(catalog: Catalog, kind: str) -> tuple[Info, ...]:
    """Return the infos of a kind, ``optimizers`` say.

    Raises:
        InputError: There is no such kind.
    """
    if kind not in KINDS:
        raise unknown_name("KIND", kind, KINDS, value=kind)
    return tuple(KINDS[kind](catalog))


def find(catalog: Catalog, name: str) -> tuple[str, Info]:
    """Return what has that name, after its kind.

    Args:
        catalog: Where to look, in every kind.
        name: The name, in any case; ``optimizers/Adam`` where several kinds have it.

    Raises:
        InputError: Nothing has it, or more than one thing.
    """
    kind, slash, rest = name.partition("/")
    if looks_like_path(rest) if kind in KINDS else ".py" in name:
        return _own(catalog, name)
    kinds = (kind,) if slash else tuple(KINDS)
    wanted = rest if slash else name
    everything = [(k, info) for k in kinds for info in infos(catalog, k)]
    found = [hit for hit in everything if hit[1].name == wanted] or [
        hit for hit in everything if hit[1].name.casefold() == wanted.casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{kind}/{info.name}" for kind, info in found)
        raise InputError("NAME", name, tr("one of {choices}", choices=names))
    raise InputError("NAME", name, _nearest(wanted, [i.name for _, i in everything]))


def _own(catalog: Catalog, name: str) -> tuple[str, Info]:
    """Return what a file of the user's holds: an optimizer, if nothing else is said."""
    kind, _, rest = name.partition("/")
    if kind == "models":
        return kind, catalog.models.get(rest, "NAME")
    if kind == "datasets":
        return kind, catalog.datasets.get(rest, "NAME")
    given = rest if kind == "optimizers" else name
    return "optimizers", catalog.optimizers.get(given, "NAME")


def _nearest(name: str, known: list[str]) -> str:
    by_lower = {n.casefold(): n for n in known}
    near = get_close_matches(name.casefold(), by_lower, n=3, cutoff=0.5)
    if near:
        names = ", ".join(by_lower[n] for n in near)
        return tr("unknown; did you mean {names}?", names=names)
    kinds = "|".join(KINDS)
    return tr("unknown; `optlab list {kinds}` names what there is", kinds=kinds)
