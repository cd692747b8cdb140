"""The command line speaks the language of the environment, wholly."""

import re

import pytest

from optlab import cli
from scripts.translations import CHINESE, messages, read


@pytest.mark.parametrize("language", ["en", "zh"])
def test_that_help_is_in_the_language_of_the_environment(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTLAB_LANG", language)
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert ("\n选项:" in said) is (language == "zh")
    assert ("usage: " in said) is (language == "en")


@pytest.mark.parametrize(
    "name", ["Adam", "rosenbrock", "digits", "WSD", "learning-rate", "sharpness"]
)
def test_that_all_that_is_known_can_be_had_in_chinese(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", name, "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert re.search(f"[{CHINESE}]", said)
    told = read("zh")
    english = [
        m
        for m in messages()
        if len(m.split()) > 1 and "{" not in m and told.get(m) != m
    ]
    assert [m for m in english if m in said] == []


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("show Adma", "没有这个名称；是不是指"),
        ("show", "缺少以下参数：NAME；见"),
        ("run first-look --out", "选项 --out：需要一个值；见"),
        ("gui --preset seed-gd --spec a.toml", "选项 --spec：不能与 --preset 同用；见"),
    ],
)
def test_that_a_complaint_is_in_the_language_of_the_environment(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    complaint: str,
) -> None:
    monkeypatch.setenv("OPTLAB_LANG", "zh")
    assert cli.main(command.split()) == 2
    assert complaint in capsys.readouterr().err
