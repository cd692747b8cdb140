"""A download in every kind of trouble: it goes on where it stopped, or says so."""

import random
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from threading import enumerate as threads
from time import monotonic

import pytest

from optlab.params import InputError
from optlab.problems.datasets import DownloadCancelled
from optlab.problems.download import download, part_of
from tests.core.problems.cifar_archives import CIFAR10, archive, sha256
from tests.core.problems.file_server import PATH, Fault, FileServer, serving
from tests.promises import Note, Times

DATA = archive(CIFAR10, 20)
HASH = sha256(DATA)
HALF = len(DATA) // 2
NO_PAUSES = (0.0, 0.0, 0.0)
MOST_SECONDS = 1.0


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    before = set(threads())
    yield
    for thread in set(threads()) - before:
        thread.join(5)
    assert set(threads()) <= before


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file.tar.gz"


def fetch(server: FileServer, target: Path) -> None:
    download(server.url, target, sha256=HASH, limit=1 << 30, pauses=NO_PAUSES)


class Cancel:
    """Cancels as soon as the server is in the middle of its trouble."""

    def __init__(self, server: FileServer) -> None:
        self._server = server
        self.at = 0.0
        Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        self._server.stalled.wait(30)
        self.at = monotonic()

    def __call__(self) -> bool:
        return bool(self.at)


TROUBLES = (
    (Fault("status", status=404), "404"),
    (Fault("status", status=403), "403"),
    (Fault("status", status=500), ""),
    (Fault("status", status=503), ""),
    (Fault("reset", HALF), ""),
    (Fault("reset", 0), ""),
    (Fault("close", HALF), ""),
    (Fault("close", 1), ""),
    (Fault("no-range"), ""),
    (Fault("bad-range"), ""),
    (Fault("no-length"), ""),
    (Fault("page"), "web page"),
    (Fault("another"), "not the file it should be"),
    (Fault("redirect", location="file:///etc/passwd"), "redirects"),
    (Fault("redirect", location="ftp://127.0.0.1/x"), "redirects"),
)


@pytest.mark.promise(12, "each trouble is overcome or told in one line; no bad file")
def test_that_each_trouble_is_overcome_or_told(
    target: Path, times: Times, tmp_path: Path
) -> None:
    times(len(TROUBLES), len(TROUBLES))
    for number, (fault, says) in enumerate(TROUBLES):
        place = tmp_path / str(number) / target.name
        with serving(DATA, fault) as server:
            if says:
                with pytest.raises(InputError, match=says) as caught:
                    fetch(server, place)
                assert "\n" not in str(caught.value)
                assert not place.exists(), fault
            # What a fault leaves never keeps the next try from success.
            fetch(server, place)
        assert place.read_bytes() == DATA
        assert not part_of(place).exists()


@pytest.mark.promise(12, "resumed by Range wherever it was cut; a bad hash is no file")
def test_that_any_cut_is_resumed_by_range(
    target: Path, times: Times, measured: Note
) -> None:
    draw, kinds = random.Random(0), ("reset", "close")
    ranges = 0
    for _ in range(times(5, 100)):
        cuts = sorted(draw.sample(range(1, len(DATA)), 3))
        # Each after so many bytes of what is sent from there on.
        lengths = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
        faults = [Fault(draw.choice(kinds), length) for length in lengths]
        with serving(DATA, *faults) as server:
            fetch(server, target)
            asked = server.ranges
        assert target.read_bytes() == DATA
        assert asked[0] is None
        # A reset may take back bytes that have not been read yet, never all there is.
        ranges += sum(header is not None for header in asked)
        with (
            serving(DATA[::-1], Fault(draw.choice(kinds), cuts[0])) as server,
            pytest.raises(InputError, match="not the file it should be"),
        ):
            fetch(server, target)
        assert target.read_bytes() == DATA
        target.unlink()
    measured(f"{ranges} requests with Range")
    assert ranges > 0


@pytest.mark.promise(12, "cancelled within 1 s at any point; what arrived is kept")
@pytest.mark.parametrize("kind", ["stall", "slow", "silent"])
def test_that_a_cancel_takes_a_second_at_most(
    kind: str, target: Path, times: Times, measured: Note
) -> None:
    draw, waits = random.Random(1), []
    for _ in range(times(1, 20)):
        after = draw.randrange(len(DATA))
        with serving(DATA, Fault(kind, after)) as server:
            cancel = Cancel(server)
            with pytest.raises(DownloadCancelled):
                download(
                    server.url, target, sha256=HASH, limit=1 << 30, cancelled=cancel
                )
            waits.append(monotonic() - cancel.at)
            server.released.set()
            fetch(server, target)
        assert target.read_bytes() == DATA
        target.unlink()
    measured(f"{max(waits):.2f} s at most")
    assert max(waits) < MOST_SECONDS


def test_that_a_proxy_is_used_and_trusted_no_more_than_a_server(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://data.invalid{PATH}"
    with serving(DATA) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix(PATH))
        download(url, target, sha256=HASH, limit=1 << 30, pauses=())
        assert target.read_bytes() == DATA
        target.unlink()
        proxy.faults += [
            Fault("another"),
            Fault("page"),
            Fault("status", status=407),
            Fault("redirect", location="file:///etc/passwd"),
        ]
        for _ in range(4):
            with pytest.raises(InputError):
                download(url, target, sha256=HASH, limit=1 << 30, pauses=())
            assert not target.exists()
    # The proxy is gone; nobody goes around it.
    with pytest.raises(InputError, match="cannot be fetched"):
        download(url, target, sha256=HASH, limit=1 << 30, pauses=())


@pytest.mark.parametrize("proxy", ["127.0.0.1:x", "http://", "socks5://127.0.0.1:1"])
def test_that_a_proxy_that_is_none_gets_one_line(
    proxy: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(InputError) as caught:
        download("http://127.0.0.1:1/x", target, sha256=HASH, limit=9, pauses=())
    assert "\n" not in str(caught.value)
    assert not target.exists()
