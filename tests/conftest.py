"""What every test gets: a home of its own, and no network but this machine."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from optlab.translate import set_language

pytest_plugins = ["tests.promises"]

settings.register_profile("optlab", deadline=None, derandomize=True, database=None)
settings.load_profile("optlab")


@pytest.fixture(scope="session", autouse=True)
def _home_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what libraries cache (matplotlib its fonts) for all tests of a session."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        patch.setenv("USERPROFILE", str(home))
        patch.setenv("MPLCONFIGDIR", str(home / "matplotlib"))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield


@pytest.fixture(autouse=True)
def _own_settings_and_data(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give each test empty folders for settings and data, apart from a person's."""
    folder = tmp_path_factory.mktemp("person")
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    # Tests of consent take this away again.
    monkeypatch.setenv("OPTLAB_TRUST", "all")
    monkeypatch.setenv("APPDATA", str(folder / "config"))
    monkeypatch.setenv("LOCALAPPDATA", str(folder / "data"))
    return folder


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak English, whatever the machine speaks and the last test spoke."""
    monkeypatch.setenv("OPTLAB_LANG", "en")
    yield
    set_language("en")


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections that would leave this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_elsewhere(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_elsewhere(self.family, address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_here(host):
            raise AssertionError(f"a test looks up {host}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


def _refuse_elsewhere(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
        raise AssertionError(f"a test connects to {address[0]}")


def is_here(host: object) -> bool:
    """Say whether a host is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
