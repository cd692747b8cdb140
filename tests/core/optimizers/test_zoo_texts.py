"""What a person reads of the zoo: every optimizer has all of it."""

import pytest

from optlab.optimizers.zoo.compose import missing, read, read_texts
from optlab.registry import FAMILIES

TEXTS = read_texts()
OPTIONAL = {"typical_lr", "notes", "aliases", "meanings"}
REQUIRED = {"label", "family", "year", "description", "formula", "source"}


@pytest.mark.parametrize("name", TEXTS)
def test_that_an_entry_is_complete(name: str) -> None:
    text = TEXTS[name]
    assert missing(text) == ()
    assert set(text) <= REQUIRED | OPTIONAL
    assert text["family"] in FAMILIES
    assert text["description"].endswith(".")
    assert "code:" not in text["source"]
    assert all(note.endswith(".") for note in text.get("notes", ()))
    low, high = text.get("typical_lr", (1.0, 1.0))
    assert 0 < low <= high


def test_that_labels_and_descriptions_are_different_for_all() -> None:
    for key in ("label", "description"):
        said = [text[key] for text in TEXTS.values()]
        assert len(said) == len(set(said))


def test_that_every_optimizer_has_its_texts() -> None:
    names = set(read("signatures.json")["optimizers"])
    assert set(TEXTS) == names
