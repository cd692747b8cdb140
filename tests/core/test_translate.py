"""Every visible string passes through `tr`, in a form that can be translated."""

import ast
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest

import optlab
from optlab.translate import (
    available_languages,
    current_language,
    language_of,
    set_language,
    tr,
    tr_n,
)

PACKAGE = Path(optlab.__file__).parent


@pytest.fixture
def pirate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the code of a language that is there for one test."""
    folder = tmp_path / "resources" / "translations"
    folder.mkdir(parents=True)
    messages = {"Start": "Arr", "{n} steps": "{n} paces"}
    (folder / "pir.json").write_text(json.dumps(messages), encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    return "pir"


def test_that_english_is_its_own_key() -> None:
    assert tr("Start") == "Start"
    assert tr("{n} steps of {name}", n=3, name="SGD") == "3 steps of SGD"


def test_that_one_is_told_from_several(pirate: str) -> None:
    told = [tr_n("{n} step", "{n:,} steps", n=n) for n in (0, 1, 1200)]
    assert told == ["0 steps", "1 step", "1,200 steps"]
    set_language(pirate)
    assert tr_n("{n} step", "{n} steps", n=2) == "2 paces"
    assert tr_n("{n} step", "{n} steps", n=1) == "1 step"


def test_that_a_text_without_fields_may_hold_braces() -> None:
    assert tr("{x | x > 0}") == "{x | x > 0}"


def test_that_a_value_may_hold_braces() -> None:
    assert tr("title {title}", title="{lr}") == "title {lr}"


def test_that_a_known_language_is_used_from_then_on(pirate: str) -> None:
    set_language(pirate)
    assert current_language() == "pir"
    assert tr("Start") == "Arr"
    assert tr("{n} steps", n=2) == "2 paces"
    assert tr("Stop") == "Stop"
    set_language("en")
    assert tr("Start") == "Start"


def test_that_an_unknown_language_is_refused_and_changes_nothing(pirate: str) -> None:
    set_language(pirate)
    with pytest.raises(ValueError, match="'xx'; en, pir"):
        set_language("xx")
    assert current_language() == "pir"
    assert tr("Start") == "Arr"


def test_that_english_is_always_there() -> None:
    assert available_languages()[0] == "en"
    assert current_language() == "en"


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE@euro"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "", "LC_MESSAGES": "en_GB"}, "en"),
        ({"LANG": "en_US.UTF-8", "OPTLAB_LANG": "zh"}, "zh"),
    ],
)
def test_that_the_environment_names_a_language(
    environment: dict[str, str], code: str
) -> None:
    assert language_of(environment) == code


def calls_of_tr() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("tr", "tr_n")
            ):
                place = f"{file.relative_to(PACKAGE)}:{node.lineno}"
                yield place, node


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def fault_of(call: ast.Call) -> str:
    """Return what is wrong with a call of `tr` or `tr_n`; empty if nothing is."""
    given = {keyword.arg for keyword in call.keywords}
    plural = isinstance(call.func, ast.Name) and call.func.id == "tr_n"
    if plural and (len(call.args) != 2 or None in given or "n" not in given):
        return "takes two texts, n, and values by their names"
    if not plural and (len(call.args) != 1 or None in given):
        return "takes one text, and values by their names"
    # How many decides between two texts, and need not be told in them; what is named in
    # one text need not be in the other.
    spare = given if plural else set()
    faults = [fault_of_text(text, given, spare) for text in call.args]
    texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
    if plural and len(texts) == 2:
        told = {"n"}.union(*(fields_of(str(text)) for text in texts))
        faults += [f"has fields {sorted(told)}"] if told != given else []
    return next((fault for fault in faults if fault), "")


def fault_of_text(
    text: ast.expr, given: set[str | None], spare: set[str | None]
) -> str:
    """Return what is wrong with one text that is given these fields."""
    if isinstance(text, ast.Name | ast.Attribute):
        return ""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        return "needs a literal: nothing else can be collected for translation"
    named = fields_of(text.value) if given or "{" in text.value else set()
    if not all(name.isidentifier() for name in named):
        return "needs named fields"
    if named | spare != given:
        return f"has fields {sorted(named)} but is given {sorted(map(str, given))}"
    return ""


def test_that_every_visible_string_can_be_translated() -> None:
    faults = [f"{place} {fault_of(call)}" for place, call in calls_of_tr()]
    assert len(faults) > 100
    assert [fault for fault in faults if not fault.endswith(" ")] == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("tr('a {n}', n=1)", ""),
        ("tr('a')", ""),
        ("tr(spec.meaning)", ""),
        ("tr(f'a {n}')", "needs a literal"),
        ("tr('a' + b)", "needs a literal"),
        ("tr('a {n}')", "has fields ['n'] but is given []"),
        ("tr('a', n=1)", "has fields [] but is given ['n']"),
        ("tr('a {}', n=1)", "needs named fields"),
        ("tr('a {n.real}', n=1)", "needs named fields"),
        ("tr('a', *b)", "takes one text"),
        ("tr('a', **b)", "takes one text"),
        ("tr_n('{n} step', '{n:,} steps', n=3)", ""),
        ("tr_n('a step', '{n} steps', n=3)", ""),
        ("tr_n('open {name}', 'open {n} runs', n=3, name='a')", ""),
        ("tr_n('{n} step', '{n} steps', n=3, name='a')", "has fields ['n']"),
        ("tr_n('{n} step', n=3)", "takes two texts"),
        ("tr_n('step', 'steps', k=3)", "takes two texts"),
        ("tr_n('{k} step', '{n} steps', n=3)", "has fields ['k']"),
    ],
)
def test_that_a_string_that_cannot_be_translated_would_be_found(
    code: str, fault: str
) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    found = fault_of(call)
    assert found.startswith(fault)
    assert bool(found) is bool(fault)


def test_that_translations_keep_the_fields_of_their_messages() -> None:
    for file in (PACKAGE / "resources" / "translations").glob("*.json"):
        messages = json.loads(file.read_text(encoding="utf-8"))
        for english, other in messages.items():
            assert fields_of(english) == fields_of(other), file.name
