"""Plug-ins: loaded by the same door, switched off, and never in the way of anybody."""

import errno
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from optlab import plugins
from optlab.cli import gui
from optlab.cli.program import main
from optlab.params import InputError
from optlab.plugins import load_plugins, switch_plugin, switched_off
from optlab.registry import Catalog

Install = Callable[..., None]


def good(catalog: Catalog) -> None:
    """Add an optimizer."""
    catalog.optimizers.add(replace(catalog.optimizers.get("SGD"), name="Added"))


def bad(catalog: Catalog) -> None:
    """Add one and then fail."""
    catalog.optimizers.add(replace(catalog.optimizers.get("SGD"), name="HalfWay"))
    raise RuntimeError("no such wheel")


def leaving(_catalog: Catalog) -> None:
    """Try to end the program."""
    raise SystemExit(7)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that announces functions of this module as plug-ins."""

    def announce(*names: str) -> None:
        found = [
            EntryPoint(name=name, value=f"{__name__}:{name}", group=plugins.GROUP)
            for name in names
        ]
        monkeypatch.setattr(plugins, "entry_points", lambda group: found)

    return announce


def test_that_what_a_plugin_adds_is_in_the_catalog_and_told(
    install: Install, tmp_path: Path
) -> None:
    install("good")
    catalog, (plugin,) = load_plugins(tmp_path)
    assert "Added" in catalog.optimizers
    assert plugin.adds == (("optimizer", "Added"),)
    assert (plugin.on, plugin.error) == (True, "")


@pytest.mark.parametrize(
    ("name", "told"), [("bad", "no such wheel"), ("leaving", "7"), ("none", "none")]
)
def test_that_one_that_fails_adds_nothing_and_stops_nobody(
    install: Install, tmp_path: Path, name: str, told: str
) -> None:
    install(name, "good")
    catalog, found = load_plugins(tmp_path)
    failed = next(plugin for plugin in found if plugin.name == name)
    assert told in failed.error
    assert failed.adds == ()
    assert "HalfWay" not in catalog.optimizers
    assert "Added" in catalog.optimizers


def test_that_one_that_is_switched_off_is_listed_and_not_loaded(
    install: Install, tmp_path: Path
) -> None:
    install("bad", "good")
    switch_plugin("bad", on=False, folder=tmp_path / "new")
    switch_plugin("good", on=False, folder=tmp_path / "new")
    catalog, found = load_plugins(tmp_path / "new")
    assert [(p.name, p.on, p.error) for p in found] == [
        ("bad", False, ""),
        ("good", False, ""),
    ]
    assert "Added" not in catalog.optimizers
    switch_plugin("good", on=True, folder=tmp_path / "new")
    assert switched_off(tmp_path / "new") == {"bad"}


def test_that_a_full_disk_leaves_the_list_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    switch_plugin("bad", on=False, folder=tmp_path)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        switch_plugin("good", on=False, folder=tmp_path)
    assert switched_off(tmp_path) == {"bad"}
    assert [path.name for path in tmp_path.iterdir()] == [plugins.OFF]


@pytest.mark.parametrize("text", ["", "{", "7", '{"a": 1}', "[" * 100_000])
def test_that_a_list_that_cannot_be_read_switches_nothing_off(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / plugins.OFF).write_text(text, encoding="utf-8")
    assert switched_off(tmp_path) == frozenset()


def test_that_safe_mode_loads_none(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("good")
    monkeypatch.setenv(plugins.SAFE_MODE, "1")
    catalog, (plugin,) = load_plugins(tmp_path)
    assert "Added" not in catalog.optimizers
    assert "safe mode" in plugin.error


@pytest.mark.parametrize(
    "words", [["--safe-mode"], ["gui", "--safe-mode"], ["--safe-mode", "gui"]]
)
def test_that_the_window_is_opened_in_safe_mode(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set, so that it is set back when the test is over.
    monkeypatch.setenv(plugins.SAFE_MODE, "0")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    seen: list[bool] = []

    def window(_options: gui.GuiOptions) -> int:
        seen.append(plugins.safe_mode())
        return 0

    assert main(words, window=window) == 0
    assert seen == [True]
    assert gui.SAFE_MODE == plugins.SAFE_MODE
