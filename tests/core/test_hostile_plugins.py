"""Plug-ins that mean harm, or know no better: one line each, and the program starts."""

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from optlab import cli, plugins
from optlab.plugins import load_plugins, untold_plugins
from optlab.registry import Catalog

Announce = Callable[..., None]


class Silent(BaseException):
    """Neither an Exception nor able to say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("not even this")


def raises(_catalog: Catalog) -> None:
    """Fail in a way that is no Exception."""
    raise Silent


def recurses(catalog: Catalog) -> None:
    """Never come back."""
    recurses(catalog)


def takes_nothing() -> None:
    """Be no plug-in at all."""


no_function = 7


def duplicate(catalog: Catalog) -> None:
    """Take a name that is there."""
    catalog.optimizers.add(catalog.optimizers.get("SGD"))


def another_kind(catalog: Catalog) -> None:
    """Add a problem where optimizers belong."""
    wrong: Any = replace(catalog.problems.get("quadratic"), name="Wrong")
    catalog.optimizers.add(wrong)


def no_info(catalog: Catalog) -> None:
    """Add what only has a name."""
    wrong: Any = SimpleNamespace(name="Wrong")
    catalog.problems.add(wrong)


def no_name(catalog: Catalog) -> None:
    """Add something whose name is a number."""
    wrong: Any = 7
    catalog.optimizers.add(replace(catalog.optimizers.get("SGD"), name=wrong))


def no_params(catalog: Catalog) -> None:
    """Add something whose parameters are none."""
    wrong: Any = ("lr",)
    info = replace(catalog.optimizers.get("SGD"), name="Wrong", params=wrong)
    catalog.optimizers.add(info)


def not_even_added(catalog: Catalog) -> None:
    """Add nothing of the kind."""
    wrong: Any = "SGD"
    catalog.optimizers.add(wrong)


def takes_away(catalog: Catalog) -> None:
    """Empty the catalog by the back door."""
    catalog.optimizers._infos.clear()


def replaces(catalog: Catalog) -> None:
    """Put something else under a known name."""
    adam = catalog.optimizers.get("Adam")
    catalog.optimizers._infos["SGD"] = replace(adam, name="SGD")


HOSTILE = (
    "raises",
    "recurses",
    "takes_nothing",
    "no_function",
    "not_there",
    "duplicate",
    "another_kind",
    "no_info",
    "no_name",
    "no_params",
    "not_even_added",
    "takes_away",
    "replaces",
)


@pytest.fixture
def announce(monkeypatch: pytest.MonkeyPatch) -> Announce:
    """Return a function that announces entry points as plug-ins."""

    def install(*values: str) -> None:
        found = [
            EntryPoint(name=value.rpartition(":")[2], value=value, group=plugins.GROUP)
            for value in values
        ]
        monkeypatch.setattr(plugins, "entry_points", lambda group: found)

    return install


@pytest.mark.promise(14, "a plug-in that fails gets one line, and the program starts")
def test_that_a_hostile_plugin_gets_one_line_and_adds_nothing(
    announce: Announce, tmp_path: Path
) -> None:
    builtins, _ = load_plugins(tmp_path)
    announce(*(f"{__name__}:{name}" for name in HOSTILE))
    catalog, found = load_plugins(tmp_path)
    assert {plugin.name for plugin in found} == set(HOSTILE)
    for plugin in found:
        assert plugin.error, plugin.name
        assert len(plugin.error.splitlines()) == 1
        assert plugin.adds == ()
    for old, new in zip(builtins.registries(), catalog.registries(), strict=True):
        assert list(old) == list(new)


@pytest.mark.parametrize(
    "code",
    ["raise ValueError", "raise SystemExit(3)", "1/0", "import nowhere", "x = (", "\0"],
)
def test_that_one_that_cannot_be_imported_stops_nobody(
    code: str,
    announce: Announce,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "hostile_import.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "hostile_import", raising=False)
    announce("hostile_import:plugin")
    _, (plugin,) = load_plugins(tmp_path)
    assert plugin.error
    assert cli.main(["list", "presets"]) == 0
    assert "Traceback" not in capfd.readouterr().err


def test_that_two_of_one_name_are_both_tried(
    announce: Announce, tmp_path: Path
) -> None:
    announce(f"{__name__}:adds", f"{__name__}:adds")
    catalog, (first, second) = load_plugins(tmp_path)
    assert "Added" in catalog.optimizers
    assert (first.error, "already" in second.error) == ("", True)


def adds(catalog: Catalog) -> None:
    """Add an optimizer."""
    catalog.optimizers.add(replace(catalog.optimizers.get("SGD"), name="Added"))


def test_that_a_new_plugin_is_told_before_it_runs_and_once(
    announce: Announce, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    announce(f"{__name__}:adds")
    assert cli.main(["list", "presets"]) == 0
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "the plug-in adds is code" in said
    assert cli.main(["list", "presets"]) == 0
    assert capfd.readouterr().err == ""
    told: list[str] = []
    load_plugins(tmp_path, tell=told.append)
    load_plugins(tmp_path, tell=told.append)
    assert told == ["adds"]


def test_that_safe_mode_tells_of_none(
    announce: Announce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(f"{__name__}:adds")
    monkeypatch.setenv(plugins.SAFE_MODE, "1")
    assert untold_plugins(tmp_path) == ()
    monkeypatch.setenv(plugins.SAFE_MODE, "0")
    assert [plugin.name for plugin in untold_plugins(tmp_path)] == ["adds"]
