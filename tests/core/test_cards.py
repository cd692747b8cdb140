"""Explainer cards: every one can be read, typeset and understood, in two languages."""

import re
import subprocess
import sys
import timeit
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pytest

from optlab.cards import KINDS, Card, CardKind, card, card_names, load_cards
from optlab.export.formula import FormulaStyle, formula_pixels
from optlab.plugins import load_catalog
from optlab.registry import Info

CATALOG = load_catalog()
CARDS = load_cards()
IDS = [f"{card.kind}/{card.name}" for card in CARDS]
MOST_WIDTH = 430
"""A formula may be set at three quarters of its size in a panel of 320 pixels."""
MOST_WORDS = {"idea": 60, "watch": 60, "fails": 50}
MOST_LETTERS = {"idea": 130, "watch": 130, "fails": 110}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FORBIDDEN_MARKS = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")


@pytest.mark.parametrize("card", CARDS, ids=IDS)
def test_that_every_formula_is_typeset_and_fits(card: Card) -> None:
    if card.tex:
        pixels = formula_pixels(card.tex, FormulaStyle(size=15))
        assert 0 < pixels.shape[1] <= MOST_WIDTH
        assert pixels[..., 3].any()


@pytest.mark.parametrize("card", CARDS, ids=IDS)
def test_that_english_is_short_enough_for_a_panel(card: Card) -> None:
    counts = {key: len(getattr(card.en, key).split()) for key in MOST_WORDS}
    assert {k: n for k, n in counts.items() if n > MOST_WORDS[k]} == {}


@pytest.mark.parametrize("card", CARDS, ids=IDS)
def test_that_chinese_is_short_enough_for_a_panel(card: Card) -> None:
    counts = {key: _letters(getattr(card.zh, key)) for key in MOST_LETTERS}
    assert {k: n for k, n in counts.items() if n > MOST_LETTERS[k]} == {}


def _letters(text: str) -> int:
    """Count as a Chinese reader does: a sign, a foreign word and a number are one."""
    return len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z0-9.θηβε_]+", text))


@pytest.mark.parametrize("card", CARDS, ids=IDS)
def test_that_each_language_is_what_it_says(card: Card) -> None:
    for key in MOST_WORDS:
        assert not CHINESE.search(getattr(card.en, key)), key
        assert CHINESE.search(getattr(card.zh, key)), key
        assert not FORBIDDEN_MARKS.search(getattr(card.zh, key)), key


def test_that_a_card_read_alone_is_the_card_read_with_all() -> None:
    for each in CARDS:
        assert card(each.kind, each.name) == each


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_index_names_exactly_the_cards(kind: CardKind) -> None:
    assert card_names(kind) == tuple(c.name for c in load_cards([kind]))


def test_that_a_thing_without_a_card_has_none() -> None:
    assert card("optimizer", "no such optimizer") is None


def test_that_reading_cards_needs_neither_torch_nor_qt() -> None:
    code = (
        "import sys; from optlab.cards import card, card_names;"
        "card('optimizer', 'Adam'), card_names('topic');"
        "print({'torch', 'PySide6', 'matplotlib', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


GOOD = """
[Bold]
tex = ['x']
link = "https://example.org"
link_text = "A paper"
[Bold.en]
idea = "One\\ntwo η\\n\\nthree"
watch = "See"
fails = "Never"
[Bold.zh]
idea = "一\\n二"
watch = "看"
fails = "无"
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of cards of optimizers that is there for one test."""
    folder = tmp_path / "resources" / "cards" / "optimizer"
    folder.mkdir(parents=True)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    return folder


def test_that_lines_are_joined_as_their_language_needs(shelf: Path) -> None:
    (shelf / "one.toml").write_text(GOOD, encoding="utf-8")
    found = card("optimizer", "Bold")
    assert found is not None
    assert found.en.idea == "One two η\n\nthree"
    assert found.zh.idea == "一二"
    assert found.text("zh") is found.zh
    assert found.text("fr") is found.en


def test_that_only_the_asked_card_is_parsed(shelf: Path) -> None:
    (shelf / "one.toml").write_text(GOOD + "[Broken]\nnonsense\n", encoding="utf-8")
    assert card("optimizer", "Bold") is not None
    with pytest.raises(ValueError, match=r"Expected"):
        card("optimizer", "Broken")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tex = ['x']", "tex = []", "Bold.tex: must be a list of lines"),
        ("tex = ['x']", "tex = 'x'", "Bold.tex: must be a list of lines"),
        ("https:", "http:", "Bold.link: must be an address"),
        ('link_text = "A paper"', "", "Bold.link_text: is missing"),
        ('watch = "看"', "", "Bold.zh.watch: is missing"),
        ('watch = "看"', 'watch = "看"\nlook = "看"', "Bold.zh: look: unknown"),
        ("[Bold.zh]", "[Bold.fr]", "a head that is not a card's|Bold: fr: unknown"),
        ('fails = "无"', 'fails = "无"\ntable = [["a"], []]', "equally long"),
        (
            'link_text = "A paper"',
            'link_text = "A"\npresets = "a"',
            "Bold.presets: must",
        ),
        ("[Bold]", "[Bald]", "Bald.en: is missing"),
    ],
)
def test_that_a_wrong_card_is_refused_by_name(
    shelf: Path, old: str, new: str, message: str
) -> None:
    (shelf / "one.toml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_cards(["optimizer"])


def test_that_two_cards_of_one_name_are_refused(shelf: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (shelf / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(ValueError, match=r"Bold is in one\.toml already"):
        load_cards(["optimizer"])


def test_that_a_line_of_a_table_is_not_taken_for_a_head(shelf: Path) -> None:
    (shelf / "one.toml").write_text(GOOD + "[[Bold.zh.table]]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="table: must be a list of rows"):
        load_cards(["optimizer"])


WRITTEN: Mapping[CardKind, tuple[Info, ...]] = {
    "optimizer": tuple(CATALOG.optimizers),
    "scheduler": tuple(CATALOG.schedulers),
    "problem": tuple(CATALOG.problems),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_that_every_entry_of_the_catalog_has_a_card(kind: CardKind) -> None:
    names = {info.name for info in WRITTEN[kind]}
    assert names
    assert names - set(card_names(kind)) == set()


def test_that_every_card_is_that_of_an_entry() -> None:
    known: dict[CardKind, set[str]] = {
        "optimizer": set(CATALOG.optimizers.names()),
        "scheduler": set(CATALOG.schedulers.names()),
        "problem": set(CATALOG.problems.names()),
    }
    strays = {kind: set(card_names(kind)) - names for kind, names in known.items()}
    assert strays == {kind: set() for kind in known}


@pytest.mark.parametrize("card", CARDS, ids=IDS)
def test_that_every_preset_of_a_card_is_there(card: Card) -> None:
    assert set(card.presets) <= set(CATALOG.presets.names())


@pytest.mark.slow
def test_that_the_index_of_all_cards_is_quick() -> None:
    def look() -> None:
        for kind in KINDS:
            card(kind, "no such thing")

    look()
    assert min(timeit.repeat(look, number=1, repeat=10)) < 0.03
