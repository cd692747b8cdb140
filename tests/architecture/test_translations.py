"""Every message has its words in Chinese, and they are sound."""

from functools import cache

import pytest

from scripts import translations
from scripts.translations import as_text, complaints, fault, read, unseen

messages = cache(translations.messages)

# What the collector must not lose: one message of each source.
TELLING = (
    ("a literal", "Start"),
    ("one of two for a number", "{n} seeds"),
    ("a literal by a name", "{label}, seed {seed} failed: {reason}"),
    ("a summary", "Train an experiment in the terminal."),
    ("the label of a parameter", "Condition number"),
    ("the meaning of an option", "Colours of the window."),
    (
        "a note of the zoo",
        "It has no learning rate: none is recorded, and schedules do nothing.",
    ),
    ("a rule", "nesterov needs momentum > 0 and dampening = 0"),
    ("the label of a translation", "As AdamW"),
    ("a family", "gradient descent"),
    ("a preset", "Forgot zero_grad"),
    ("a unit", "degrees"),
    ("a state", "diverged"),
    ("a kind of parameters", "biases"),
    ("why a parameter is fixed", "Keras has 1"),
)


@pytest.mark.parametrize(("what", "message"), TELLING, ids=[w for w, _ in TELLING])
def test_that_messages_are_collected_from_everywhere(what: str, message: str) -> None:
    assert message in messages()


@pytest.mark.parametrize("name", ["AdaBelief", "AdamW", "weight_decay", ""])
def test_that_names_are_no_messages(name: str) -> None:
    assert name not in messages()


def test_that_everything_that_is_shown_can_be_collected() -> None:
    assert list(unseen()) == []


def test_that_every_message_is_there_in_chinese() -> None:
    assert list(complaints(read("zh"), messages())) == []


def test_that_a_missing_and_a_stale_message_are_found() -> None:
    found = list(complaints({"Sart": "开始"}, {"Start": ["bar.py:1"]}))
    assert found == ["missing: 'Start' (bar.py:1)", "shown no more: 'Sart'"]


def test_that_a_translation_is_sorted_with_one_message_to_a_line() -> None:
    texts = {"b": "乙", "a": "甲"}
    assert as_text(texts) == '{\n "a": "甲",\n "b": "乙"\n}\n'
    text = as_text(read("zh"))
    assert text.count("\n") == len(read("zh")) + 2


@pytest.mark.parametrize(
    ("english", "chinese", "wrong"),
    [
        ("Start", "开始", ""),
        ("Start", "", "no Chinese"),
        ("Start", "Start", "no Chinese"),
        ("10 %", "10 %", ""),
        ("10 %", "百分之十", "should be the same"),
        ("{n} of {total}", "{n} / {total}", ""),
        ("{n:,} steps", "{n:,} 步", ""),
        ("{n:,} steps", "{n} 步", "other fields"),
        ("{word!r} is too much", "{word} 是多余的", "other fields"),
        ("{n} steps", "{m} 步", "other fields"),
        ("Loss, mean", "损失,均值", "half-width"),
        ("Loss (mean)", "损失(均值)", "half-width"),
        ("Loss of Adam", "Adam的损失", "half-width"),
        ("see `optlab run(x)`", "见`optlab run(x)`", ""),
        ("It ends.", "结束", "no full stop"),
        ("It ends.", "结束。", ""),
    ],
)
def test_that_a_faulty_text_is_found(english: str, chinese: str, wrong: str) -> None:
    found = fault(english, chinese)
    assert wrong in found
    assert bool(found) is bool(wrong)
