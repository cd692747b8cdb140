r"""Explainer cards: what a student should know of an optimizer, a schedule, a problem.

A card is data in ``resources/cards/<kind>/<file>.toml``; a file holds as many cards as
one likes, each in a table with the name of its entry in the catalog (of a topic: any
name in small letters). In short::

    [Adam]                                 # a name that TOML takes bare, or in "…"
    tex = [
        'm \leftarrow \beta_1 m + (1-\beta_1)\,g',
        '\theta \leftarrow \theta - \eta\,\hat m / (\sqrt{\hat v}+\epsilon)',
    ]
    link = "https://arxiv.org/abs/1412.6980"
    link_text = "Kingma & Ba 2015"

    [Adam.en]
    symbols = "η lr; β₁ decay of the mean; ε eps"
    idea = "…"                             # at most 60 words
    watch = "…"                            # at most 60 words
    fails = "…"                            # at most 50 words

    [Adam.zh]
    symbols = "η 学习率；β₁ …"
    idea = "…"
    watch = "…"
    fails = "…"

* ``tex``: one string per line, in mathtext (matplotlib's part of TeX) without dollar
  signs, in quotes of one stroke so that a backslash is a backslash. Words go into
  ``\mathrm{…}`` or ``\text{…}`` and are English; no ``\begin``, ``\tfrac`` or
  ``\bm`` (``\boldsymbol`` and ``\dfrac`` are there). The panel is narrow: a line that
  is wider than about 45 letters goes on in the next string. Topics may do without.
* ``link``: the paper or the primary source, https; ``link_text`` names it.
* ``symbols``: what the letters are, plain text; ``idea``: how it works; ``watch``:
  what to look for in OptLab's plots; ``fails``: when it does not work. Several lines
  (in quotes of three strokes) are one paragraph; an empty line parts paragraphs.
* ``title``: a heading other than the label in the catalog. Topics need it, and a
  Chinese card has it where there is a Chinese name.
* ``presets``: names of ready experiments that show it; the window offers to open them.
* ``table`` (rows of cells, the first one is the head; indented) and ``code`` are for
  topics. A line that begins with ``[`` in the first column is read as a new table.

Everything is checked when a card is read; a test reads all of them and typesets every
line. Imports nothing of OptLab, no torch and no Qt.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Literal, get_args

CardKind = Literal["optimizer", "scheduler", "problem", "topic"]
CardLanguage = Literal["en", "zh"]
KINDS: Final[tuple[CardKind, ...]] = get_args(CardKind)
LANGUAGES: Final[tuple[CardLanguage, ...]] = get_args(CardLanguage)

_HEAD: Final = re.compile(
    r"""^\[[ ]*(?:"([^"\n]+)"|'([^'\n]+)'|([A-Za-z0-9_-]+))"""
    r"""(?:[ ]*\.[ ]*(?:en|zh))?[ ]*\][ ]*(?:\#.*)?$""",
    re.MULTILINE,
)
_HEADINGS: Final[Mapping[CardLanguage, tuple[str, str, str, str]]] = {
    "en": ("Idea", "What to look for", "When it fails", "Common mistakes"),
    "zh": ("原理", "观察什么", "什么时候会失败", "常见误区"),
}
_KEYS: Final = ("tex", "link", "link_text", "presets", *LANGUAGES)
_TEXTS: Final = ("idea", "watch", "fails", "symbols", "title", "code")
_NEEDED: Final = ("idea", "watch", "fails")


@dataclass(frozen=True, kw_only=True)
class CardText:
    """The words of a card in one language; paragraphs are parted by an empty line.

    Attributes:
        idea: How it works.
        watch: What to look for in the plots.
        fails: When it does not work.
        symbols: What the letters of the formula are.
        title: The heading; empty for the label in the catalog.
        code: A few lines of program; empty for none.
        table: Rows of cells, the first one is the head; empty for none.
    """

    idea: str
    watch: str
    fails: str
    symbols: str = ""
    title: str = ""
    code: str = ""
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a student should know of one thing.

    Attributes:
        kind: What sort of thing it is.
        name: Its name in the catalog; of a topic, the name of the topic.
        tex: The formula, one string of mathtext per line, without dollar signs.
        link: Address of the paper or the primary source.
        link_text: What the link leads to.
        presets: Names of ready experiments that show it.
        en: The words in English.
        zh: The words in Chinese.
    """

    kind: CardKind
    name: str
    tex: tuple[str, ...]
    link: str
    link_text: str
    presets: tuple[str, ...]
    en: CardText
    zh: CardText

    def text(self, language: str) -> CardText:
        """Return the words in ``language``; in English where it is none of ours."""
        return self.zh if language == "zh" else self.en

    def sections(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return heading and text of each part, both in ``language``."""
        idea, watch, fails, mistakes = _HEADINGS["zh" if language == "zh" else "en"]
        text = self.text(language)
        return (
            (idea, text.idea),
            (watch, text.watch),
            (mistakes if self.kind == "topic" else fails, text.fails),
        )


def card(kind: CardKind, name: str) -> Card | None:
    """Return the card of one thing; None where there is none.

    Only the lines of that card are parsed.

    Args:
        kind: What sort of thing it is.
        name: Its name.

    Raises:
        ValueError: The card is not as it should be.
    """
    for file in _files(kind):
        source = file.read_text(encoding="utf-8")
        sections = _sections(source)
        if name in sections:
            return _read(kind, name, _only(source, sections[name]), file.name)
    return None


def card_names(kind: CardKind) -> tuple[str, ...]:
    """Return the names of all cards of a kind, file by file; nothing is parsed."""
    sources = (file.read_text(encoding="utf-8") for file in _files(kind))
    return tuple(name for source in sources for name in _sections(source))


def load_cards(kinds: Sequence[CardKind] = KINDS) -> tuple[Card, ...]:
    """Return every card of some kinds; this takes a while.

    Raises:
        ValueError: A card is not as it should be, or is there twice.
    """
    return tuple(card for kind in kinds for card in _load(kind))


def _load(kind: CardKind) -> Iterator[Card]:
    seen: dict[str, str] = {}
    for file in _files(kind):
        source = file.read_text(encoding="utf-8")
        whole = tomllib.loads(source)
        if set(whole) != set(_sections(source)):
            odd = ", ".join(sorted(set(whole) ^ set(_sections(source))))
            raise ValueError(f"{file.name}: {odd}: a head that is not a card's")
        for name, table in whole.items():
            if name in seen:
                raise ValueError(f"{file.name}: {name} is in {seen[name]} already")
            seen[name] = file.name
            yield _read(kind, name, table, file.name)


def _files(kind: CardKind) -> list[Traversable]:
    folder = resources.files("optlab").joinpath("resources/cards", kind)
    files = folder.iterdir() if folder.is_dir() else ()
    toml = [file for file in files if file.name.endswith(".toml")]
    return sorted(toml, key=lambda file: file.name)


def _sections(source: str) -> dict[str, list[tuple[int, int]]]:
    """Return where the lines of every card begin and end."""
    heads = list(_HEAD.finditer(source))
    ends = [*(head.start() for head in heads[1:]), len(source)]
    found: dict[str, list[tuple[int, int]]] = {}
    for head, end in zip(heads, ends, strict=True):
        name = head[1] or head[2] or head[3]
        found.setdefault(name, []).append((head.start(), end))
    return found


def _only(source: str, spans: Sequence[tuple[int, int]]) -> object:
    text = "".join(source[start:end] for start, end in spans)
    (table,) = tomllib.loads(text).values()
    return table


def _read(kind: CardKind, name: str, table: object, file: str) -> Card:
    where = f"{kind}/{file}: {name}"
    if not isinstance(table, Mapping):
        raise ValueError(f"{where}: is no table")
    _no_others(table, _KEYS, where)
    tex = table.get("tex", [])
    if not _are_words(tex) or not (tex or kind == "topic"):
        raise ValueError(f"{where}.tex: must be a list of lines")
    presets = table.get("presets", [])
    if not _are_words(presets):
        raise ValueError(f"{where}.presets: must be a list of names")
    link = table.get("link", "")
    if not isinstance(link, str) or not link.startswith("https://"):
        raise ValueError(f"{where}.link: must be an address that begins with https://")
    words = {lang: _read_text(table.get(lang), f"{where}.{lang}") for lang in LANGUAGES}
    if kind == "topic" and not all(text.title for text in words.values()):
        raise ValueError(f"{where}: a topic needs a title in every language")
    return Card(
        kind=kind,
        name=name,
        tex=tuple(tex),
        link=link,
        link_text=_word(table, "link_text", where),
        presets=tuple(presets),
        en=words["en"],
        zh=words["zh"],
    )


def _read_text(table: object, where: str) -> CardText:
    if not isinstance(table, Mapping):
        raise ValueError(f"{where}: is missing")
    _no_others(table, (*_TEXTS, "table"), where)
    rows = table.get("table", [])
    if not isinstance(rows, list) or not all(_are_words(row) for row in rows):
        raise ValueError(f"{where}.table: must be a list of rows of words")
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{where}.table: the rows must be equally long")
    words = {
        key: _word(table, key, where) if key in table or key in _NEEDED else ""
        for key in _TEXTS
    }
    code = words.pop("code").strip("\n")
    texts = {key: _paragraphs(text) for key, text in words.items()}
    return CardText(code=code, table=tuple(tuple(row) for row in rows), **texts)


def _paragraphs(text: str) -> str:
    """Return ``text`` with its lines joined, but for empty ones.

    Chinese needs no space where a line ends.
    """
    lines = re.sub(r"[ \t]*\n[ \t]*", "\n", text.strip())
    joined = re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?!\n)", "", lines)
    return re.sub(r"(?<!\n)\n(?!\n)", " ", joined)


def _no_others(table: Mapping[str, object], known: Sequence[str], where: str) -> None:
    others = ", ".join(sorted(set(table) - set(known)))
    if others:
        raise ValueError(f"{where}: {others}: unknown; known are {', '.join(known)}")


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _word(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}.{key}: is missing or empty")
    return value
